"""The elementwise activations of Keras in float64, each with its derivative, from their textbook definitions.

Where a graph has a corner, the derivative is one of its two one-sided slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from attrs import frozen
from scipy.special import expit, ndtr

Array = np.ndarray
Function = Callable[[Array], Array]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""Klambauer, Unterthiner, Mayr and Hochreiter 2017: the fixed point at mean 0 and variance 1."""


@frozen
class Activation:
    """A function of one number, and its derivative."""

    name: str
    function: Function
    derivative: Function

    def __call__(self, x: Array) -> Array:
        """The value at each number of ``x``, float64."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.function(np.asarray(x, dtype=np.float64))

    def slope(self, x: Array) -> Array:
        """The derivative at each number of ``x``, float64."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.derivative(np.asarray(x, dtype=np.float64))


def softplus(x: Array) -> Array:
    """log(1 + e^x), by a form that neither overflows nor cancels."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def tanh_shrink(x: Array) -> Array:
    """x - tanh(x), near zero by its series, since there the difference of two close numbers has no digits left."""
    series = x**3 / 3 - 2 * x**5 / 15 + 17 * x**7 / 315 - 62 * x**9 / 2835 + 1382 * x**11 / 155925
    return np.where(np.abs(x) < 0.05, series, x - np.tanh(x))


def squareplus(x: Array) -> Array:
    """(x + sqrt(x^2 + 4)) / 2, for negative x as 2 / (sqrt(x^2 + 4) - x), which does not cancel."""
    root = np.sqrt(x**2 + 4)
    return np.where(x < 0, 2 / (root - np.minimum(x, 0)), (x + root) / 2)


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _elu_slope(x: Array) -> Array:
    return np.exp(np.minimum(x, 0))


def _selu(x: Array) -> Array:
    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))


def _selu_slope(x: Array) -> Array:
    return SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(np.minimum(x, 0)))


def _mish_slope(x: Array) -> Array:
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2) * expit(x)


def _hard_silu_slope(x: Array) -> Array:
    return np.where(x >= 3, 1, np.where(x <= -3, 0, x / 3 + 0.5))


def _outside(x: Array) -> Array:
    return (np.abs(x) > 0.5) * 1.0


def _between(x: Array, low: float, high: float, slope: float) -> Array:
    return np.where((x > low) & (x < high), slope, 0.0)


_ALL = (
    Activation("celu", _elu, _elu_slope),
    Activation("elu", _elu, _elu_slope),
    Activation("exponential", np.exp, np.exp),
    Activation("gelu", lambda x: x * ndtr(x), lambda x: ndtr(x) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)),
    Activation("hard_shrink", lambda x: np.where(np.abs(x) > 0.5, x, 0), _outside),
    Activation("hard_sigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1), lambda x: _between(x, -3, 3, 1 / 6)),
    Activation("hard_silu", lambda x: x * np.clip(x / 6 + 0.5, 0, 1), _hard_silu_slope),
    Activation("hard_tanh", lambda x: np.clip(x, -1, 1), lambda x: _between(x, -1, 1, 1)),
    Activation("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.where(x > 0, 1, 0.2)),
    Activation("linear", lambda x: x, np.ones_like),
    Activation("log_sigmoid", lambda x: -softplus(-x), lambda x: expit(-x)),
    Activation("mish", lambda x: x * np.tanh(softplus(x)), _mish_slope),
    Activation("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    Activation("relu6", lambda x: np.clip(x, 0, 6), lambda x: _between(x, 0, 6, 1)),
    Activation("selu", _selu, _selu_slope),
    Activation("sigmoid", expit, lambda x: expit(x) * expit(-x)),
    Activation("silu", lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
    Activation("soft_shrink", lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), _outside),
    Activation("softplus", softplus, expit),
    Activation("softsign", lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    Activation(
        "sparse_plus",
        lambda x: np.where(x >= 1, x, np.maximum(x + 1, 0) ** 2 / 4),
        lambda x: np.clip((x + 1) / 2, 0, 1),
    ),
    Activation("sparse_sigmoid", lambda x: np.clip((x + 1) / 2, 0, 1), lambda x: _between(x, -1, 1, 0.5)),
    Activation("squareplus", squareplus, lambda x: (1 + x / np.sqrt(x**2 + 4)) / 2),
    Activation("tanh", np.tanh, lambda x: 1 / np.cosh(np.clip(x, -700, 700)) ** 2),
    Activation("tanh_shrink", tanh_shrink, lambda x: np.tanh(x) ** 2),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({activation.name: activation for activation in _ALL})
"""Every activation of ``keras.activations`` that acts on each number by itself and needs no argument."""

STRAIGHT = tuple("hard_shrink hard_sigmoid hard_tanh leaky_relu linear relu relu6 soft_shrink sparse_sigmoid".split())
"""The piecewise-linear ones. None ever falls, and a computer's rounding puts no two of their results in wrong order."""
