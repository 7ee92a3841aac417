"""The networks as Keras models, each a list of layers in forward order."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from relupool.experiments import settings
from relupool.experiments.big import chain, resnet20, vgg
from relupool.experiments.data import SIDE
from relupool.experiments.layers import LocalResponseNormalization, activation, pooling
from relupool.experiments.networks import VGG, Architecture, Deeper, Maxout, Network, ResNet20, SoftmaxRegression


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
    match network:
        case SoftmaxRegression():
            layers = softmax_regression()
        case Architecture():
            layers = example(network, weight_decay, dtype, seed)
        case Deeper():
            layers = deeper(network, weight_decay, dtype, seed)
        case ResNet20():
            return chain(resnet20(network, weight_decay, dtype, seed))
        case VGG():
            return chain(vgg(network, weight_decay, dtype, seed))
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])


def softmax_regression() -> list[keras.layers.Layer]:
    """One dense layer on the pixels; the loss is convex, so it starts at zero."""
    return [
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(10, kernel_initializer="zeros", dtype="float32", name="softmax_linear"),
    ]


def example(a: Architecture, weight_decay: float, dtype: str, seed: int) -> list[keras.layers.Layer]:
    """The TensorFlow CIFAR-10 example (tensorflow/models 78007443, tutorials/image/cifar10), in forward order."""
    seeds = iter(np.random.SeedSequence(seed).generate_state(5).tolist())
    act = a.conv_activation
    filters = act.pieces * act.channels if isinstance(act, Maxout) else 64

    def conv(name: str, bias: float) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            filters,
            5,
            padding="same",
            name=name,
            dtype=dtype,
            kernel_initializer=normal(0.05),
            bias_initializer=constant(bias),
        )

    def dense(name: str, units: int) -> keras.layers.Layer:
        return keras.layers.Dense(
            units,
            name=name,
            dtype=dtype,
            kernel_initializer=normal(0.04),
            bias_initializer=constant(0.1),
            kernel_regularizer=keras.regularizers.L2(weight_decay / 2),  # Keras' L2(l) is l * sum(w^2)
        )

    def normal(stddev: float) -> Any:
        return keras.initializers.TruncatedNormal(stddev=stddev, seed=next(seeds))

    def conv_act(name: str) -> list[keras.layers.Layer]:
        return activation(a.conv_activation, name, dtype, seed)

    def dense_act(name: str) -> list[keras.layers.Layer]:
        return activation(a.dense_activation, name, dtype, seed)

    def norm(name: str) -> list[keras.layers.Layer]:
        return [LocalResponseNormalization(name=name, dtype=dtype)] if a.lrn else []

    conv1, pool1, norm1 = conv("conv1", 0.0), pooling(a.pool, "pool1", dtype), norm("norm1")
    conv2, norm2, pool2 = conv("conv2", 0.1), norm("norm2"), pooling(a.pool, "pool2", dtype)
    act1, act2 = conv_act("activation1"), conv_act("activation2")
    stage1 = [*act1, pool1] if a.order[0] == "conv-act-pool" else [pool1, *act1]
    stage2 = [*act2, *norm2, pool2] if a.order[1] == "conv-act-pool" else [*norm2, pool2, *act2]
    return [
        conv1,
        *stage1,
        *norm1,
        conv2,
        *stage2,
        keras.layers.Flatten(name="flatten", dtype=dtype),
        dense("local3", 384),
        *dense_act("activation3"),
        dense("local4", 192),
        *dense_act("activation4"),
        # float32, so that the softmax is not taken of rounded logits
        keras.layers.Dense(10, name="softmax_linear", dtype="float32", kernel_initializer=normal(1 / 192)),
    ]


def deeper(d: Deeper, weight_decay: float, dtype: str, seed: int) -> list[keras.layers.Layer]:
    """The example with more convolutions in front of its dense layers; what the two share starts alike."""
    layers = example(d.example, weight_decay, dtype, seed)
    dense = [layer.name for layer in layers].index("flatten")
    seeds = np.random.SeedSequence(seed).generate_state(5 + d.convolutions)[5:].tolist()
    more = [
        layer
        for i in range(3, d.convolutions + 1)
        for layer in (
            keras.layers.Conv2D(
                64,
                5,
                padding="same",
                name=f"conv{i}",
                dtype=dtype,
                kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.05, seed=seeds[i - 1]),
                bias_initializer=constant(0.1),
            ),
            *activation(d.example.conv_activation, f"activation_conv{i}", dtype, seed),
        )
    ]
    return [*layers[:dense], *more, *layers[dense:]]


def constant(value: float) -> Any:
    return keras.initializers.Constant(value)
