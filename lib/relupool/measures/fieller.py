"""Fieller's interval: which ratios of two paired means do the data leave open? There may be no end to them."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from attrs import frozen
from scipy import stats

from relupool.thresholds import LEVEL
from relupool.validation import refuse

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


def fieller(numerator: Any, denominator: Any, *, half: float | None = None) -> Ratio:
    """The mean of ``numerator`` over that of ``denominator``, pair by pair, with Fieller's set (1940, 1954).

    A ratio r belongs to the set if Student's t test does not reject that the mean of ``numerator - r * denominator`` is
    zero. That covers the true ratio with probability :data:`~relupool.thresholds.LEVEL` if the pairs are normally
    distributed, whatever the denominator, and it is a quadratic condition on r.

    ``half`` is allowed to either side of both means in place of an interval over pairs; needed where there is one pair.
    Then the set is what the ratio r = (numerator +- half) / denominator covers, and "all" where the denominator is no
    larger than ``half``. Numbers that are not finite raise ValueError.
    """
    y, x = (np.asarray(v, float) for v in (numerator, denominator))
    if not np.isfinite([y, x]).all():
        refuse("denominator", denominator, "finite numbers, as numerator")
    mean = float(y.mean() / x.mean()) if x.mean() else math.nan
    everything = Ratio(mean=mean, low=-math.inf, high=math.inf, shape="all")
    if half is not None:
        if abs(x.mean()) <= half:
            return everything
        low, high = sorted(float((y.mean() + off) / x.mean()) for off in (-half, half))
        return Ratio(mean=mean, low=low, high=high, shape="interval")
    (syy, sxy), (_, sxx) = np.cov(y, x) / len(y) * stats.t.ppf((1 + LEVEL) / 2, len(y) - 1) ** 2
    # mean(y - r x)^2 <= t^2 var(y - r x) / n, sorted by powers of r: a r^2 - 2 b r + c <= 0
    a, b, c = x.mean() ** 2 - sxx, x.mean() * y.mean() - sxy, y.mean() ** 2 - syy
    inside = b * b - a * c
    if a == 0 or (a < 0 and inside <= 0):
        return everything
    root = math.sqrt(max(inside, 0.0))  # below zero only by rounding: the mean itself is in the set
    low, high = sorted((float((b - root) / a), float((b + root) / a)))
    return Ratio(mean=mean, low=low, high=high, shape="interval" if a > 0 else "outside")
