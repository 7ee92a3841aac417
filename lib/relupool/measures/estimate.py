"""From runs to one number with its interval: contrasts of networks, seed by seed; all statistics over seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from attrs import field, frozen
from scipy import stats
from scipy.optimize import brentq
from scipy.special import logit

from relupool.experiments.run import comparable
from relupool.measures.runs import compared
from relupool.thresholds import LEVEL, ONE_SEED
from relupool.words import count, hundredfold

Contrast = Mapping[Any, float]
"""Networks, by their values or labels, with the factors by which their accuracies are added up.

``{with_it: 1, without: -1}`` is a difference.
"""

ALPHA = 1 - LEVEL
"""Risk of each of the two one-sided tests of an equivalence; its interval covers 1 - 2 * ALPHA."""

LEAST = 4 * float(np.finfo(float).eps)
"""The smallest risk that can be told from none."""


@frozen(kw_only=True)
class Estimate:
    """A number seed by seed, and what is known of its mean.

    ``images`` is the standard error that the choice of the test images adds to the mean, 0 where it is not known;
    ``steps`` is how long the networks were trained.
    """

    values: tuple[float, ...] = field(converter=tuple)
    steps: int
    images: float = 0.0

    @property
    def n(self) -> int:
        """How many seeds there are."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(np.mean(self.values))

    def half(self, level: float = LEVEL) -> float:
        """Half of the interval of the mean that covers ``level``: Student's over seeds, and normal over test images.

        The two are independent, so their squares add up. For one seed :data:`~relupool.thresholds.ONE_SEED` is assumed.
        """
        return ONE_SEED if self.n == 1 else math.hypot(*self.halves(level))

    def halves(self, level: float = LEVEL) -> tuple[float, float]:
        """What :meth:`half` is made of, for several seeds: half of the interval over seeds, and over test images."""
        seeds = float(stats.t.ppf((1 + level) / 2, self.n - 1)) * float(np.std(self.values, ddof=1)) / math.sqrt(self.n)
        return seeds, float(stats.norm.ppf((1 + level) / 2)) * self.images

    @property
    def low(self) -> float:
        """The lower end of the interval that the rules reckon with."""
        return self.mean - self.half()

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.mean + self.half()

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends as figures and tables show them: missing (NaN) for one seed, of which nothing is measured."""
        return (math.nan, math.nan) if self.n == 1 else (self.low, self.high)

    @property
    def differs(self) -> float:
        """p of the two-sided test that the mean is 0: the risk at which the interval reaches just to it."""
        return self._risk(abs(self.mean))

    def equivalent(self, margin: float) -> float:
        """p of two one-sided tests that the mean lies within ``margin`` of 0 (Schuirmann 1987)."""
        left = margin - abs(self.mean)
        return self._risk(left) / 2 if left > 0 else 1 - self._risk(-left) / 2

    def _risk(self, distance: float) -> float:
        """The risk at which half of the interval is just ``distance``; missing for one seed."""
        if self.n == 1:
            return math.nan
        if self.half() == 0:  # no spread at all
            return float(distance == 0)
        if self.half(1 - LEAST) <= distance:
            return 0.0
        return float(brentq(lambda risk: self.half(1 - risk) - distance, LEAST, 1, xtol=LEAST))

    @property
    def seeds(self) -> str:
        """How many there are: "one seed", "3 seeds"."""
        return count(self.n, "seed")

    @property
    def basis(self) -> str:
        """What limits whatever is concluded: "3 seeds, 10,000 steps"; of one seed, what is assumed of its spread."""
        spread = f", ± {hundredfold(ONE_SEED, 0)} points assumed" if self.n == 1 else ""
        return f"{self.seeds}, {self.steps:,} steps{spread}"

    @property
    def points(self) -> str:
        """The size without its sign: "38.6 ± 0.6 points", or "38.1 points" of one seed."""
        return f"{hundredfold(abs(self.mean))}{self._half} points"

    @property
    def signed_points(self) -> str:
        """The size with its sign: "−38.6 ± 0.6 points"."""
        return f"{signed(self.mean)}{self._half} points"

    @property
    def per_cent(self) -> str:
        """A share or an accuracy: "81.8 ± 0.6 %"."""
        return f"{hundredfold(self.mean)}{self._half} %"

    @property
    def _half(self) -> str:
        return "" if self.n == 1 else half_words(self.half())


def half_words(half: float, digits: int = 1) -> str:
    """Half an interval, to follow a number in points or per cent: " ± 0.6"; "" where there is none (NaN)."""
    return "" if pd.isna(half) else f" ± {hundredfold(half, digits)}"


def signed(fraction: float) -> str:
    """A difference in points with its sign: "−38.6"."""
    return hundredfold(fraction, sign="+")


def difference(with_it: Any, without: Any) -> Contrast:
    """One network's accuracy less another's: what is there in the first and not in the second is worth it."""
    return {with_it: 1.0, without: -1.0}


def estimated(
    frame: pd.DataFrame,
    contrast: Contrast,
    *,
    step: int = 0,
    weights: str = "averaged",
    minus: float = 0.0,
    scale: str = "points",
) -> Estimate | None:
    """A contrast of networks less ``minus``, over the seeds that all of them have; None where no seed has all.

    Which runs answer, and at which step if it is 0, says :func:`~relupool.measures.runs.compared`; by the ``hits`` at
    their ends, those that have them, the error over test images is known. ``scale`` is "points" (fractions of the test
    images) or "log-odds".
    """
    rows = compared(frame, contrast, step=step, weights=weights)
    if rows.empty:
        return None
    steps, factors = int(rows["step"].iloc[0]), list(contrast.values())
    if scale == "log-odds":
        rows = rows.assign(accuracy=log_odds(rows["accuracy"], test_images=rows["test_images"]))
    wide = rows.pivot(index="seed", columns="place", values="accuracy").dropna()
    hits = rows.pivot(index="seed", columns="place", values="hits").loc[wide.index]
    values = sum(factor * wide[place] for place, factor in enumerate(factors)) - minus
    return Estimate(values=values, steps=steps, images=_images(hits, factors, odds=scale == "log-odds"))


def _images(hits: pd.DataFrame, factors: list[float], *, odds: bool) -> float:
    """Standard error of the contrast over test images, by which of them the runs got right at their ends."""
    if hits.isna().to_numpy().any():
        return 0.0
    total = np.zeros(1)
    for place, factor in enumerate(factors):
        right = np.mean([comparable(packed) for packed in hits[place]], axis=0)
        total = total + factor * right / (right.mean() * (1 - right.mean()) if odds else 1)
    return float(np.std(total, ddof=1) / math.sqrt(len(total)))


def log_odds(accuracy: Any, *, test_images: Any) -> Any:
    """ln(right / wrong), with half an image added to both, so that it is finite for 0 and 100 % too."""
    return logit((accuracy * test_images + 0.5) / (test_images + 1))
