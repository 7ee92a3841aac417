"""From a difference of accuracies to a verdict: what all claims about trained networks share.

The thresholds stand in :mod:`relupool.verdicts.rules`; here is how they are applied.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from attrs import frozen

from relupool.figures.words import count, hundredfold
from relupool.verdicts.rules import ENOUGH, LONG, ONE_SEED
from relupool.verdicts.verdict import Verdict


@frozen(kw_only=True)
class Difference:
    """Accuracy of one network minus that of another, seed by seed; ``low`` to ``high`` is what the rules reckon with.

    With one seed there is no interval, and :data:`~relupool.verdicts.rules.ONE_SEED` is allowed to either side.
    """

    mean: float
    low: float
    high: float
    n: int
    steps: int

    @classmethod
    def of(cls, row: Any, *, steps: int) -> Difference:
        """From a row of :func:`~relupool.experiments.statistics.intervals`, of runs with so many steps."""
        half = ONE_SEED if row["n"] == 1 else row["high"] - row["mean"]
        return cls(mean=row["mean"], low=row["mean"] - half, high=row["mean"] + half, n=int(row["n"]), steps=steps)

    @property
    def condition(self) -> str:
        """What limits whatever is concluded: "one seed, 10,000 steps"; "" for long runs of several seeds."""
        limits = (["one seed"] if self.n == 1 else []) + ([f"{self.steps:,} steps"] if self.steps < LONG else [])
        return ", ".join(limits)

    @property
    def seeds(self) -> str:
        """How many there are: "one seed", "3 seeds"."""
        return count(self.n, "seed")

    @property
    def points(self) -> str:
        """The size without its sign: "38.6 ± 0.6 points", or "38.1 points" of one seed."""
        return f"{hundredfold(abs(self.mean))}{self._half} points"

    @property
    def signed_points(self) -> str:
        """The size with its sign: "−38.6 ± 0.6 points"."""
        return f"{signed(self.mean)}{self._half} points"

    @property
    def basis(self) -> str:
        """Where the numbers come from: "3 seeds, 95 % interval"."""
        one = f"one seed, so no interval; the rule allows {100 * ONE_SEED:g} points for it"
        return one if self.n == 1 else f"{self.seeds}, 95 % interval"

    @property
    def _half(self) -> str:
        return half_words(float("nan") if self.n == 1 else (self.high - self.low) / 2)


def half_words(half: float) -> str:
    """Half an interval, as it stands behind a number in points or per cent: " ± 0.6"; "" where there is none (NaN)."""
    return "" if pd.isna(half) else f" ± {hundredfold(half)}"


def signed(fraction: float) -> str:
    """A difference in points with its sign: "−38.6"."""
    return hundredfold(fraction, sign="+")


def unfit(frame: pd.DataFrame, steps: int | None = None, *, enough: int = ENOUGH) -> str:
    """Why these runs can decide nothing, in a few words; "" if they can decide something.

    ``steps`` is the step they are judged at, by default the last of the shortest.
    """
    if set(frame["dataset"]) != {"cifar10"}:
        return "not trained on CIFAR-10"
    return "too few steps" if (frame["steps"].min() if steps is None else steps) < enough else ""


def judged(
    claim: str, reason: str, found: Difference, unfit: str, *, sure: bool, excluded: bool, open: str = "too close"
) -> Verdict:
    """The verdict on ``claim``: it fails if it is ``excluded``, holds if it is ``sure``, else ``open`` says why not.

    What limits ``found`` becomes a condition, and runs that are ``unfit`` decide nothing.
    """
    limits = found.condition
    if unfit:
        verdict, condition = "not decided", unfit
    elif excluded:
        verdict, condition = "fails", limits and f"with {limits}"
    elif sure:
        verdict, condition = "holds under a condition" if limits else "holds", limits
    else:
        verdict, condition = "not decided", ", ".join(filter(None, (open, limits)))
    return Verdict(claim=claim, verdict=verdict, condition=condition, reason=reason)


def no_answer(unfit: str) -> str:
    """What a chapter says in place of an answer when its runs are ``unfit``."""
    return f"These runs {'have' if unfit.startswith('too') else 'were'} {unfit}, so this build has no answer."
