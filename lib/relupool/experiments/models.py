"""The networks as Keras models, in forward order: the example and its kin, ResNet-20 and a VGG.

A part is a Keras layer or, where a network is no chain, a function of tensors. Every kernel is drawn by a seed of its
own. The last layer computes in float32, so that the softmax is not taken of rounded logits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import initializers, ops

from relupool.experiments import settings
from relupool.experiments.layers import BatchNormalization, LocalResponseNormalization, activation, pooling
from relupool.experiments.networks import (
    BIG,
    IMAGE,
    SIDE,
    VGG,
    Architecture,
    Deeper,
    Maxout,
    Network,
    Pool,
    ResNet20,
    SoftmaxRegression,
)

STAGES = (16, 32, 64)
"""Channels of the three stages of ResNet-20, each of :data:`BLOCKS` blocks; the second and third halve the image."""

BLOCKS = 3
CLASSES = 10

Part = Callable[[Any], Any]


def build(
    network: Network | None = None,
    *,
    weight_decay: float = 0.004,
    dtype: str = "float32",
    seed: int = 0,
) -> keras.Model:
    """The network as a Keras model from ``(batch, 24, 24, 3)`` standardized crops to ``(batch, 10)`` float32 logits.

    ``build()`` is the untouched example. ``weight_decay`` times half the squared kernels of local3 and local4 is added
    to the model's losses; ``dtype`` is "float32" or "mixed_bfloat16"; ``seed`` draws the initial weights. ResNet20 and
    VGG take normalized images ``(batch, 32, 32, 3)``, and the weight decay is on all of their kernels.

    Raises ValueError where settings from outside would make another network of it, see :func:`settings.check`.
    """
    settings.check()
    network = Architecture() if network is None else network
    make = {SoftmaxRegression: softmax_regression, ResNet20: resnet20, VGG: vgg}.get(type(network), example)
    parts = make(network, keras.regularizers.L2(weight_decay / 2), dtype, seed)  # Keras' L2(l) is l * sum(w^2)
    if not isinstance(network, BIG):
        return keras.Sequential([keras.Input((SIDE, SIDE, 3)), *parts])
    images = keras.Input((IMAGE, IMAGE, 3))
    return keras.Model(images, through(parts, images))


def softmax_regression(*_: Any) -> list[Part]:
    """One dense layer on the pixels; the loss is convex, so it starts at zero."""
    return [
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(CLASSES, kernel_initializer="zeros", dtype="float32", name="softmax_linear"),
    ]


def example(network: Architecture | Deeper, decay: Any, dtype: str, seed: int) -> list[Part]:
    """The TensorFlow CIFAR-10 example (tensorflow/models 78007443, tutorials/image/cifar10), in forward order.

    A deeper one has more convolutions in front of its dense layers; what the two share starts alike.
    """
    a, last = (network.example, network.convolutions) if isinstance(network, Deeper) else (network, 2)
    seeds = states(seed, 5)
    act = a.conv_activation
    filters = act.pieces * act.channels if isinstance(act, Maxout) else 64

    def normal(stddev: float, seed: int) -> Any:
        return initializers.TruncatedNormal(stddev=stddev, seed=seed)

    def conv(name: str, bias: float, seed: int) -> keras.layers.Layer:
        start = {"kernel_initializer": normal(0.05, seed), "bias_initializer": constant(bias)}
        return keras.layers.Conv2D(filters, 5, padding="same", name=name, dtype=dtype, **start)

    def dense(name: str, units: int, seed: int) -> keras.layers.Layer:
        start = {"kernel_initializer": normal(0.04, seed), "bias_initializer": constant(0.1)}
        return keras.layers.Dense(units, name=name, dtype=dtype, kernel_regularizer=decay, **start)

    def conv_act(name: str) -> list[Part]:
        return activation(act, name, dtype, seed)

    def dense_act(name: str) -> list[Part]:
        return activation(a.dense_activation, name, dtype, seed)

    def norm(name: str) -> list[Part]:
        return [LocalResponseNormalization(name=name, dtype=dtype)] if a.lrn else []

    pool1, act1 = [pooling(a.pool, "pool1", dtype)], conv_act("activation1")
    pool2, act2 = [*norm("norm2"), pooling(a.pool, "pool2", dtype)], conv_act("activation2")
    further = list(enumerate(states(seed, 5 + last)[7:], start=3))
    return [
        conv("conv1", 0.0, seeds[0]),
        *(act1 + pool1 if a.order[0] == "conv-act-pool" else pool1 + act1),
        *norm("norm1"),
        conv("conv2", 0.1, seeds[1]),
        *(act2 + pool2 if a.order[1] == "conv-act-pool" else pool2 + act2),
        *(part for i, s in further for part in (conv(f"conv{i}", 0.1, s), *conv_act(f"activation_conv{i}"))),
        keras.layers.Flatten(name="flatten", dtype=dtype),
        dense("local3", 384, seeds[2]),
        *dense_act("activation3"),
        dense("local4", 192, seeds[3]),
        *dense_act("activation4"),
        keras.layers.Dense(
            CLASSES, name="softmax_linear", dtype="float32", kernel_initializer=normal(1 / 192, seeds[4])
        ),
    ]


def resnet20(network: ResNet20, decay: Any, dtype: str, seed: int) -> list[Part]:
    """The residual network of 20 layers of He et al. (2016, sec. 4.2), shortcuts of option A, in forward order."""
    make = _Normalized(network.activation, decay, dtype, seed)
    return [
        *make.convolution("conv1", STAGES[0]),
        *make.activation("activation1"),
        *(
            make.block(f"stage{stage}_block{block}", channels, strides=2 if stage > 1 and block == 1 else 1)
            for stage, channels in enumerate(STAGES, start=1)
            for block in range(1, BLOCKS + 1)
        ),
        keras.layers.GlobalAveragePooling2D(name="pool", dtype=dtype),
        make.logits(),
    ]


def vgg(network: VGG, decay: Any, dtype: str, seed: int) -> list[Part]:
    """Three times two convolutions and a pooling of 2x2 windows, then a mean and a dense layer, in forward order."""
    make = _Normalized(network.activation, decay, dtype, seed)
    parts: list[Part] = []
    for block, channels in enumerate((32, 64, 128), start=1):
        for i in (2 * block - 1, 2 * block):
            parts += [*make.convolution(f"conv{i}", channels), *make.activation(f"activation{i}")]
        parts.append(pooling(Pool(network.pool, size=2, stride=2, padding="valid"), f"pool{block}", dtype))
    # not Flatten: a dense layer of 2,048 inputs stays at chance for hundreds of steps at ResNet-20's learning rate
    return [*parts, keras.layers.GlobalAveragePooling2D(name="global_pool", dtype=dtype), make.logits()]


class _Normalized:
    """Makes the parts of one batch-normalized network.

    Batch normalization uses the batch's mean and variance in training and its running ones at evaluation, where it is
    an affine map of each channel.
    """

    def __init__(self, which: Any, decay: Any, dtype: str, seed: int) -> None:
        self.which, self.decay, self.dtype, self.seed = which, decay, dtype, seed
        self.seeds = iter(states(seed, 32))

    def _kernel(self) -> dict[str, Any]:
        start = initializers.HeNormal(seed=next(self.seeds))
        return {"kernel_initializer": start, "kernel_regularizer": self.decay}

    def convolution(self, name: str, filters: int, strides: int = 1) -> list[Part]:
        """A 3x3 convolution and its batch normalization, whose shift makes a bias superfluous."""
        shape = {"padding": "same", "use_bias": False, "name": name, "dtype": self.dtype}
        conv = keras.layers.Conv2D(filters, 3, strides, **shape, **self._kernel())
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
        add = keras.layers.Add(name=f"{name}_add", dtype=self.dtype)
        last = self.activation(f"{name}_activation2")
        return lambda x: through(last, add([through(branch, x), shortcut(x, channels, strides)]))

    def logits(self) -> Part:
        return keras.layers.Dense(CLASSES, name="softmax_linear", dtype="float32", **self._kernel())


def through(parts: Sequence[Part], x: Any) -> Any:
    """What the parts, one after the other, make of ``x``."""
    for part in parts:
        x = part(x)
    return x


def shortcut(x: Any, channels: int, strides: int) -> Any:
    """Option A, without parameters: every ``strides``-th pixel, and zeros for the channels that ``x`` has not."""
    x = x[:, ::strides, ::strides] if strides > 1 else x
    more = channels - x.shape[-1]
    return ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, more)]) if more else x


def constant(value: float) -> Any:
    return initializers.Constant(value)


def states(seed: int, count: int) -> list[int]:
    """Seeds for ``count`` kernels."""
    return np.random.SeedSequence(seed).generate_state(count).tolist()
