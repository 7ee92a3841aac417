"""The networks as Keras models, each a list of layers in forward order, and the one layer that Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from relupool.experiments.crops import SIDE
from relupool.experiments.experiment import (
    Activation,
    Architecture,
    LeakyReLU,
    Network,
    Pool,
    SoftmaxRegression,
)


@keras.saving.register_keras_serializable("relupool")
class LocalResponseNormalization(keras.layers.Layer):
    """Divide each value by a power of the energy in the channels beside it (Krizhevsky et al. 2012, sec. 3.3).

    y = x / d^beta, with d[c] = bias + alpha * (sum of x[k]^2 over the channels k from c - depth_radius to
    c + depth_radius). Input and output: ``(batch, height, width, channels)``. The sum is one product with a band matrix
    of ones, and the gradient is written out: dx = g d^-beta - 2 alpha beta x band(g x d^(-beta - 1)).
    """

    def __init__(
        self,
        depth_radius: int = 4,
        bias: float = 1.0,
        alpha: float = 0.001 / 9,
        beta: float = 0.75,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("depth_radius", "bias", "alpha", "beta")}
        return {**super().get_config(), **own}

    def call(self, inputs: Any) -> Any:
        channel = np.arange(inputs.shape[-1])
        near = np.abs(channel[:, None] - channel[None, :]) <= self.depth_radius
        band = ops.convert_to_tensor(near, dtype=inputs.dtype)

        @ops.custom_gradient
        def normalize(x: Any) -> tuple[Any, Any]:
            d = self.bias + self.alpha * ops.matmul(x * x, band)
            scale = _power(d, -self.beta)

            def gradient(*upstream: Any) -> Any:
                g = upstream[-1]
                neighbours = ops.matmul(g * x * scale / d, band)
                return g * scale - (2 * self.alpha * self.beta) * x * neighbours

            return x * scale, gradient

        return normalize(inputs)


def _power(d: Any, exponent: float) -> Any:
    if exponent == -0.75:  # the example's: two square roots take a fraction of the time of a general power
        root = ops.rsqrt(d)
        return root * ops.sqrt(root)
    return ops.power(d, exponent)


def build(
    network: Network | None = None,
    *,
    weight_decay: float = 0.004,
    dtype: str = "float32",
    seed: int = 0,
) -> keras.Model:
    """The network as a Keras model from ``(batch, 24, 24, 3)`` standardized crops to ``(batch, 10)`` float32 logits.

    ``build()`` is the untouched example. ``weight_decay`` times half the squared kernels of local3 and local4 is added
    to the model's losses; ``dtype`` is "float32" or "mixed_bfloat16"; ``seed`` draws the initial weights.
    """
    network = Architecture() if network is None else network
    layers = (
        softmax_regression() if isinstance(network, SoftmaxRegression) else example(network, weight_decay, dtype, seed)
    )
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

    def conv(name: str, bias: float) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            64,
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
        return activation(a.conv_activation, name, dtype)

    def dense_act(name: str) -> list[keras.layers.Layer]:
        return activation(a.dense_activation, name, dtype)

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


def constant(value: float) -> Any:
    return keras.initializers.Constant(value)


def pooling(pool: Pool, name: str, dtype: str) -> keras.layers.Layer:
    """The Keras layer of a :class:`Pool`."""
    layer = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[pool.kind]
    return layer(pool.size, pool.stride, pool.padding, name=name, dtype=dtype)


def activation(which: Activation, name: str, dtype: str) -> list[keras.layers.Layer]:
    """No layer for None, else one that applies the activation to each number."""
    if which is None:
        return []
    return [keras.layers.Activation(activation_function(which), name=name, dtype=dtype)]


def activation_function(which: Activation) -> Any:
    """The activation as a function of tensors; None is the identity."""
    if isinstance(which, LeakyReLU):
        return lambda x: ops.where(x > 0, x, which.slope * x)  # Keras' own refuses negative slopes
    return keras.activations.get(which)
