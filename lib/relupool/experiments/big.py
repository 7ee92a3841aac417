"""The networks for whole images of 32 x 32 pixels, in forward order: a ResNet-20 and a VGG, both batch-normalized.

A part is a Keras layer or, where a network is no chain, a function of tensors; :func:`chain` puts them one behind the
other. Batch normalization uses the batch's mean and variance in training and its running ones at evaluation, where it
is an affine map of each channel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from relupool.experiments.layers import BatchNormalization, activation, pooling
from relupool.experiments.networks import VGG, Pool, ResNet20

SIDE = 32
"""Height and width in pixels of the images that these networks see."""

STAGES = (16, 32, 64)
"""Channels of the three stages of ResNet-20, each of :data:`BLOCKS` blocks; the second and third halve the image."""

BLOCKS = 3
CLASSES = 10

Part = Callable[[Any], Any]


def resnet20(n: ResNet20, weight_decay: float, dtype: str, seed: int) -> list[Part]:
    """The residual network of 20 layers of He et al. (2016, sec. 4.2), shortcuts of option A, in forward order."""
    make = _Parts(n.activation, weight_decay, dtype, seed)
    return [
        *make.convolution("conv1", STAGES[0]),
        *make.activation("activation1"),
        *(
            make.block(f"stage{stage}_block{block}", channels, strides=2 if stage > 1 and block == 1 else 1)
            for stage, channels in enumerate(STAGES, start=1)
            for block in range(1, BLOCKS + 1)
        ),
        layers.GlobalAveragePooling2D(name="pool", dtype=dtype),
        make.logits(),
    ]


def vgg(n: VGG, weight_decay: float, dtype: str, seed: int) -> list[Part]:
    """Three times two convolutions and a pooling of 2x2 windows, then a mean and a dense layer, in forward order."""
    make = _Parts(n.activation, weight_decay, dtype, seed)
    pool = Pool(n.pool, size=2, stride=2, padding="valid")
    return [
        *make.convolution("conv1", 32),
        *make.activation("activation1"),
        *make.convolution("conv2", 32),
        *make.activation("activation2"),
        pooling(pool, "pool1", dtype),
        *make.convolution("conv3", 64),
        *make.activation("activation3"),
        *make.convolution("conv4", 64),
        *make.activation("activation4"),
        pooling(pool, "pool2", dtype),
        *make.convolution("conv5", 128),
        *make.activation("activation5"),
        *make.convolution("conv6", 128),
        *make.activation("activation6"),
        pooling(pool, "pool3", dtype),
        # not Flatten: a dense layer of 2,048 inputs stays at chance for hundreds of steps at ResNet-20's learning rate
        layers.GlobalAveragePooling2D(name="global_pool", dtype=dtype),
        make.logits(),
    ]


def chain(parts: Sequence[Part]) -> keras.Model:
    """The parts, one behind the other, as a model of images ``(batch, 32, 32, 3)``."""
    images = keras.Input((SIDE, SIDE, 3))
    return keras.Model(images, through(parts, images))


def through(parts: Sequence[Part], x: Any) -> Any:
    """What the parts, one after the other, make of ``x``."""
    for part in parts:
        x = part(x)
    return x


def shortcut(x: Any, channels: int, strides: int) -> Any:
    """Option A, without parameters: every ``strides``-th pixel, and zeros for the channels that ``x`` has not."""
    if strides > 1:
        x = x[:, ::strides, ::strides]
    if more := channels - x.shape[-1]:
        x = ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, more)])
    return x


class _Parts:
    """Makes the parts of one network: what they share is said once, and each kernel is drawn by a seed of its own."""

    def __init__(self, which: Any, weight_decay: float, dtype: str, seed: int) -> None:
        self.which, self.dtype, self.seed = which, dtype, seed
        self.seeds = iter(np.random.SeedSequence(seed).generate_state(32).tolist())
        self.regularizer = keras.regularizers.L2(weight_decay / 2)  # Keras' L2(l) is l * sum(w^2)

    def convolution(self, name: str, filters: int, strides: int = 1) -> list[Part]:
        """A 3x3 convolution and its batch normalization, whose shift makes a bias superfluous."""
        conv = layers.Conv2D(
            filters,
            3,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer=self._he(),
            kernel_regularizer=self.regularizer,
            name=name,
            dtype=self.dtype,
        )
        return [conv, BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm", dtype=self.dtype)]

    def activation(self, name: str) -> list[Part]:
        """The network's activation, if it has one; a partial ReLU draws its channels by ``name``."""
        return activation(self.which, name, self.dtype, self.seed)

    def block(self, name: str, channels: int, strides: int) -> Part:
        """A residual block: two convolutions added to a shortcut, then the second activation."""
        branch = [
            *self.convolution(f"{name}_conv1", channels, strides),
            *self.activation(f"{name}_activation1"),
            *self.convolution(f"{name}_conv2", channels),
        ]
        add = layers.Add(name=f"{name}_add", dtype=self.dtype)
        last = self.activation(f"{name}_activation2")
        return lambda x: through(last, add([through(branch, x), shortcut(x, channels, strides)]))

    def logits(self) -> Part:
        """The dense layer at the end, in float32 so that the softmax is not taken of rounded logits."""
        return layers.Dense(
            CLASSES,
            kernel_initializer=self._he(),
            kernel_regularizer=self.regularizer,
            name="softmax_linear",
            dtype="float32",
        )

    def _he(self) -> Any:
        return keras.initializers.HeNormal(seed=next(self.seeds))
