"""Fieller's interval: which ratios of two paired means do the data leave open? There may be no end to them."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from attrs import frozen
from scipy import stats

from relupool.thresholds import LEVEL
from relupool.validation import is_real, refuse

Shape = Literal["interval", "outside", "all"]
"""What a set of ratios looks like: all from ``low`` to ``high``, all but those between the two, or all there are."""


@frozen(kw_only=True)
class Ratio:
    """A ratio of means and the ratios that are consistent with the data.

    ``shape`` is "interval" (``low`` to ``high``) exactly if the denominator surely differs from zero; "outside" (up to
    ``low``, and from ``high`` on) or "all" if it may be zero. The ends of "all" are minus and plus infinity.
    """

    mean: float
    low: float
    high: float
    shape: Shape
    n: int

    @property
    def bounded(self) -> bool:
        """Whether the data bound the ratio at all."""
        return self.shape == "interval"

    def __contains__(self, ratio: float) -> bool:
        inside = self.low <= ratio <= self.high
        return inside if self.bounded else self.shape == "all" or not self.low < ratio < self.high


def fieller(numerator: Any, denominator: Any, *, level: float = LEVEL, half: float | None = None) -> Ratio:
    """The mean of ``numerator`` over that of ``denominator``, pair by pair, with Fieller's set (1940, 1954).

    A ratio r belongs to the set if Student's t test does not reject that the mean of ``numerator - r * denominator`` is
    zero. That covers the true ratio with probability ``level`` if the pairs are normally distributed, whatever the
    denominator, and it is a quadratic condition on r.

    Args:
        numerator, denominator: ``(n,)`` finite numbers, one pair for each seed.
        level: coverage, between 0 and 1.
        half: allowed to either side of the numerator's mean and of the denominator's in place of an interval over
            pairs; needed where n = 1. Then the set is what the ratio r = (numerator +- half) / denominator covers, and
            it is "all" where the denominator is no larger than ``half``.

    Raises:
        ValueError: not as many numbers in both, one that is not finite, or n = 1 without ``half``.
    """
    y, x = (np.asarray(v, float) for v in (numerator, denominator))
    if y.ndim != 1 or y.shape != x.shape or not len(y) or not np.isfinite([y, x]).all():
        refuse("denominator", denominator, "as many finite numbers as numerator has, at least one")
    if not (is_real(level) and 0 < level < 1):
        refuse("level", level, "between 0 and 1")
    if half is not None:
        return _allowed(float(y.mean()), float(x.mean()), half, len(y))
    if len(y) == 1:
        refuse("numerator", numerator, "several numbers, or half has to say what is allowed for one")
    (syy, sxy), (_, sxx) = np.cov(y, x) / len(y) * stats.t.ppf((1 + level) / 2, len(y) - 1) ** 2
    # mean(y - r x)^2 <= t^2 var(y - r x) / n, sorted by powers of r: a r^2 - 2 b r + c <= 0
    a, b, c = x.mean() ** 2 - sxx, x.mean() * y.mean() - sxy, y.mean() ** 2 - syy
    mean, inside = _over(y.mean(), x.mean()), b * b - a * c
    if a == 0 or (a < 0 and inside <= 0):
        return Ratio(mean=mean, low=-math.inf, high=math.inf, shape="all", n=len(y))
    root = math.sqrt(max(inside, 0.0))  # below zero only by rounding: the mean itself is in the set
    low, high = sorted((float((b - root) / a), float((b + root) / a)))
    return Ratio(mean=mean, low=low, high=high, shape="interval" if a > 0 else "outside", n=len(y))


def _allowed(y: float, x: float, half: float, n: int) -> Ratio:
    if abs(x) <= half:
        return Ratio(mean=_over(y, x), low=-math.inf, high=math.inf, shape="all", n=n)
    low, high = sorted(((y - half) / x, (y + half) / x))
    return Ratio(mean=y / x, low=low, high=high, shape="interval", n=n)


def _over(y: float, x: float) -> float:
    return float(y / x) if x else math.nan
