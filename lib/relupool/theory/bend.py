"""How much of what an activation puts out no straight line follows: the size of its bend."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from relupool.theory.activations import Activation, Function

REACH, POINTS = 9.0, 180_001
"""Inputs are looked at up to so many standard deviations, at so many points; beyond, there is less than 1e-18."""

SPREAD_OF_ABSOLUTE = 1 - 2 / np.pi
"""The variance of the absolute value of a standard normal number."""


@frozen
class Line:
    """The straight line ``slope * x + offset`` that comes closest to an activation, and the ``bend`` that it leaves."""

    slope: float
    offset: float
    bend: float


def leaky(slope: float) -> Activation:
    """max(x, 0) + slope * min(x, 0): the identity at slope 1, ReLU at 0, the absolute value at -1."""
    return Activation(
        f"slope {slope:g}", lambda x: np.where(x > 0, x, slope * x), lambda x: np.where(x > 0, 1.0, slope)
    )


def closest_line(function: Function, *, scale: float = 1.0) -> Line:
    """The straight line that is nearest to ``function`` (least squares) over normal inputs of mean 0.

    Its bend is the share of the variance of ``function`` that the line does not explain, from 0 (the function is
    straight) to 1 (no line is any better than a constant). ``scale`` is the standard deviation of the inputs.
    """
    z = np.linspace(-REACH, REACH, POINTS)
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    y = function(scale * z)
    offset = weight @ y
    slope = weight @ (z * (y - offset))
    left, variance = weight @ (y - offset - slope * z) ** 2, weight @ (y - offset) ** 2
    return Line(slope=float(slope / scale), offset=float(offset), bend=float(left / variance))


def bend_of_slope(slope: float) -> float:
    """The bend of a leaky slope over normal inputs of mean 0, in closed form: it does not depend on their scale."""
    bent = (1 - slope) ** 2 * SPREAD_OF_ABSOLUTE
    return float(bent / ((1 + slope) ** 2 + bent))


def bend_of_maxout() -> float:
    """The bend of the larger of two independent standard normal numbers, in closed form: exactly that of ReLU.

    max(a, b) = (a + b)/2 + |a - b|/2. The two terms are uncorrelated, the first is linear, and the variance of the
    second is half of :data:`SPREAD_OF_ABSOLUTE`.
    """
    return SPREAD_OF_ABSOLUTE / (1 + SPREAD_OF_ABSOLUTE)
