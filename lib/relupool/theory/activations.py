"""The elementwise activations of Keras in float64, each with its derivative, from their textbook definitions.

Where a graph has a corner, the derivative is one of its two one-sided slopes, and ``corners`` names the place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen
from scipy.special import expit, ndtr

Array = np.ndarray
Function = Callable[[Array], Array]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""Klambauer, Unterthiner, Mayr and Hochreiter 2017: the fixed point at mean 0 and variance 1."""


@frozen
class Activation:
    """A function of one number: itself, its derivative, and the places where that does not exist.

    ``piecewise_linear``: made of straight pieces, so that a computer evaluates it without any rounding that could
    put neighbouring numbers in the wrong order.
    """

    name: str
    function: Function
    derivative: Function
    corners: tuple[float, ...] = ()
    piecewise_linear: bool = False

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


def _smooth(name: str, function: Function, derivative: Function, *corners: float) -> Activation:
    return Activation(name, function, derivative, corners)


def _straight(name: str, function: Function, derivative: Function, *corners: float) -> Activation:
    return Activation(name, function, derivative, corners, piecewise_linear=True)


def _between(x: Array, low: float, high: float, slope: float) -> Array:
    return np.where((x > low) & (x < high), slope, 0.0)


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _elu_slope(x: Array) -> Array:
    return np.exp(np.minimum(x, 0))


def _mish_slope(x: Array) -> Array:
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2) * expit(x)


_ALL = (
    _smooth("celu", _elu, _elu_slope),
    _smooth("elu", _elu, _elu_slope),
    _smooth("exponential", np.exp, np.exp),
    _smooth("gelu", lambda x: x * ndtr(x), lambda x: ndtr(x) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)),
    _straight("hard_shrink", lambda x: np.where(np.abs(x) > 0.5, x, 0), lambda x: (np.abs(x) > 0.5) * 1.0, -0.5, 0.5),
    _straight("hard_sigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1), lambda x: _between(x, -3, 3, 1 / 6), -3, 3),
    _smooth(
        "hard_silu",
        lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
        lambda x: np.where(x >= 3, 1, np.where(x <= -3, 0, x / 3 + 0.5)),
        -3,
        3,
    ),
    _straight("hard_tanh", lambda x: np.clip(x, -1, 1), lambda x: _between(x, -1, 1, 1), -1, 1),
    _straight("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.where(x > 0, 1, 0.2), 0),
    _straight("linear", lambda x: x, lambda x: np.ones_like(x)),
    _smooth("log_sigmoid", lambda x: -softplus(-x), lambda x: expit(-x)),
    _smooth("mish", lambda x: x * np.tanh(softplus(x)), _mish_slope),
    _straight("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, 0),
    _straight("relu6", lambda x: np.clip(x, 0, 6), lambda x: _between(x, 0, 6, 1), 0, 6),
    _smooth(
        "selu",
        lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0))),
        lambda x: SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(np.minimum(x, 0))),
        0,
    ),
    _smooth("sigmoid", expit, lambda x: expit(x) * expit(-x)),
    _smooth("silu", lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
    _straight(
        "soft_shrink",
        lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
        lambda x: (np.abs(x) > 0.5) * 1.0,
        -0.5,
        0.5,
    ),
    _smooth("softplus", softplus, expit),
    _smooth("softsign", lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    _smooth(
        "sparse_plus",
        lambda x: np.where(x >= 1, x, np.maximum(x + 1, 0) ** 2 / 4),
        lambda x: np.clip((x + 1) / 2, 0, 1),
    ),
    _straight("sparse_sigmoid", lambda x: np.clip((x + 1) / 2, 0, 1), lambda x: _between(x, -1, 1, 0.5), -1, 1),
    _smooth("squareplus", squareplus, lambda x: (1 + x / np.sqrt(x**2 + 4)) / 2),
    _smooth("tanh", np.tanh, lambda x: 1 / np.cosh(np.clip(x, -700, 700)) ** 2),
    _smooth("tanh_shrink", tanh_shrink, lambda x: np.tanh(x) ** 2),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({activation.name: activation for activation in _ALL})
"""Every activation of ``keras.activations`` that acts on each number by itself and needs no argument."""

STRAIGHT = tuple(activation.name for activation in _ALL if activation.piecewise_linear)
"""The names of the piecewise-linear ones, none of which ever falls."""

ON_VECTORS = ("glu", "log_softmax", "softmax", "sparsemax")
"""Those of Keras that take a whole vector: the order of activation and pooling is no question for them."""

WITH_ARGUMENTS = ("threshold",)
"""threshold(x, t, v) is x above t and v elsewhere: non-decreasing exactly if v <= t."""

KINDS = ("elementwise", "on vectors", "with arguments")


def kinds(functions: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The activations among ``functions``, such as ``vars(keras.activations)``, by :data:`KINDS`, sorted by name.

    An activation is a function whose first parameter is ``x``. One with a parameter ``axis`` acts on vectors, one whose
    other parameters have no default needs arguments, and the others act on each number by itself. Second names of the
    same function are left out.
    """
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for name, function in functions.items():
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        first, *others = inspect.signature(function).parameters.values()
        if first.name == "x":
            vectors = any(parameter.name == "axis" for parameter in others)
            needs = any(parameter.default is inspect.Parameter.empty for parameter in others)
            found[KINDS[1 if vectors else 2 if needs else 0]].add(function.__name__)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}
