"""The layers of the networks: pooling, activations, and those that Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from relupool.experiments.networks import Activation, GradientGate, LeakyReLU, Maxout, PartialReLU, Pool
from relupool.validation import refuse


class LocalResponseNormalization(keras.layers.Layer):
    """Divide each value by a power of the energy in the channels beside it (Krizhevsky et al. 2012, sec. 3.3).

    y = x / d^beta, with d[c] = bias + alpha * (sum of x[k]^2 over the channels k from c - depth_radius to
    c + depth_radius). Input and output: ``(batch, height, width, channels)``. The sum is one product with a band matrix
    of ones, and the gradient is written out: dx = g d^-beta - 2 alpha beta x band(g x d^(-beta - 1)).
    """

    def __init__(
        self, depth_radius: int = 4, bias: float = 1.0, alpha: float = 0.001 / 9, beta: float = 0.75, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def call(self, inputs: Any) -> Any:
        channel = np.arange(inputs.shape[-1])
        near = np.abs(channel[:, None] - channel[None, :]) <= self.depth_radius
        band = ops.convert_to_tensor(near, dtype=inputs.dtype)

        @ops.custom_gradient
        def normalize(x: Any) -> tuple[Any, Any]:
            d = self.bias + self.alpha * ops.matmul(x * x, band)
            scale = self._scale(d)

            def gradient(*upstream: Any) -> Any:
                g = upstream[-1]
                neighbours = ops.matmul(g * x * scale / d, band)
                return g * scale - (2 * self.alpha * self.beta) * x * neighbours

            return x * scale, gradient

        return normalize(inputs)

    def _scale(self, d: Any) -> Any:
        if self.beta == 0.75:  # the example's: two square roots take a fraction of the time of a general power
            root = ops.rsqrt(d)
            return root * ops.sqrt(root)
        return ops.power(d, -self.beta)


class BlurPooling2D(keras.layers.Layer):
    """Weighs 3x3 windows by (1, 2, 1) in each direction, divided by 16 (BlurPool, Zhang 2019), ``"same"`` padding.

    Two averages of 2x2 windows in a row, the second with the stride; each divides by the real values of its windows.
    """

    def __init__(self, strides: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strides = strides

    def call(self, inputs: Any) -> Any:
        return ops.average_pool(ops.average_pool(inputs, 2, 1, "same"), 2, self.strides, "same")


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer over the last axis; on TensorFlow as one operation, which halves the time of a training step.

    That operation reads bfloat16 and reckons in float32. The variance that enters the running one is the unbiased one,
    n / (n - 1) times the batch's.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        from tensorflow import raw_ops

        now = bool(training) and self.trainable
        outputs, mean, variance, *_ = raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=[] if now else self.moving_mean,
            variance=[] if now else self.moving_variance,
            epsilon=self.epsilon,
            is_training=now,
        )
        if now:
            for running, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
                running.assign(self.momentum * running + (1 - self.momentum) * new)
        return outputs


def pooling(pool: Pool, name: str, dtype: str) -> keras.layers.Layer:
    """The Keras layer of a :class:`Pool`."""
    if pool.kind == "blur":
        return BlurPooling2D(pool.stride, name=name, dtype=dtype)
    layer = keras.layers.AveragePooling2D if pool.kind == "average" else keras.layers.MaxPooling2D
    if pool.kind == "max" and keras.backend.backend() == "jax":
        from relupool.experiments.jax_max_pool import MaxPooling2D as layer
    return layer(pool.size, pool.stride, pool.padding, name=name, dtype=dtype)


def activation(which: Activation, name: str, dtype: str, seed: int = 0) -> list[keras.layers.Layer]:
    """No layer for None, else one that applies the activation; ``seed`` and ``name`` draw a partial ReLU's channels."""
    if which is None:
        return []
    if isinstance(which, PartialReLU):
        return [ReLUSomewhere(which.fraction, seed, name=name, dtype=dtype)]
    if isinstance(which, Maxout):
        return [MaxoutUnits(which.pieces, name=name, dtype=dtype)]
    return [keras.layers.Activation(activation_function(which), name=name, dtype=dtype)]


class ReLUSomewhere(keras.layers.Layer):
    """ReLU in a random ``fraction`` of the channels (last axis), the identity in the others: a :class:`PartialReLU`.

    Which channels, is drawn from ``seed`` and the layer's name, so each layer of a network has its own.
    """

    def __init__(self, fraction: float, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fraction, self.seed = fraction, seed

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        random = np.random.default_rng([self.seed, *self.name.encode()])
        self.linear = np.ones(channels, bool)
        self.linear[random.permutation(channels)[: round(self.fraction * channels)]] = False

    def call(self, inputs: Any) -> Any:
        return ops.where(self.linear, inputs, ops.relu(inputs))


class MaxoutUnits(keras.layers.Layer):
    """The largest of every ``pieces`` successive channels (last axis): a :class:`Maxout`."""

    def __init__(self, pieces: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pieces = pieces

    def call(self, inputs: Any) -> Any:
        return largest_of(inputs, self.pieces)


def largest_of(x: Any, pieces: int) -> Any:
    """The largest of every ``pieces`` successive numbers along the last axis; two that tie share the gradient."""
    largest, *others = ops.unstack(ops.reshape(x, (-1, *x.shape[1:-1], x.shape[-1] // pieces, pieces)), pieces, axis=-1)
    for other in others:  # a maximum over an axis of two numbers takes TensorFlow three times as long
        largest = ops.where(largest == other, (largest + other) / 2, ops.maximum(largest, other))
    return largest


def activation_function(which: Activation) -> Any:
    """The activation as a function of tensors whose last axis is that of the channels; None is the identity.

    A :class:`PartialReLU` has channels of its own in each layer, so it is none, and raises ValueError.
    """
    if isinstance(which, LeakyReLU):
        return lambda x: ops.where(x > 0, x, which.slope * x)  # Keras' own refuses negative slopes
    if isinstance(which, GradientGate):
        return lambda x: gated(x, which)
    if isinstance(which, Maxout):
        return lambda x: largest_of(x, which.pieces)
    if isinstance(which, PartialReLU):
        refuse("activation", which, "the same for every channel")
    return keras.activations.get(which)


def gated(x: Any, gate: GradientGate) -> Any:
    """ReLU or the identity of ``x``; backward, the gradient passes where x > 0 or, ungated, everywhere."""
    forward = ops.relu(x) if gate.forward == "relu" else x
    if gate.gated == (gate.forward == "relu"):
        return forward
    backward = ops.relu(x) if gate.gated else x  # the function whose gradient is wanted
    return backward + ops.stop_gradient(forward - backward)
