"""The second question's result, judged: how far do the accuracies agree, and how much does removing ReLU cost?

Frames are those of the result store (one row per evaluation and kind of weights). Every rule is a number below, so that
a reader can disagree with it in one place.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from attrs import frozen

from relupool.experiments.statistics import intervals, paired_differences
from relupool.verdicts.documented import QUESTION, REPORTED
from relupool.verdicts.verdict import Verdict

LONG = 60_000
"""Steps from which on the length of a run, which the question does not state, is no longer held against it."""

POINT = 0.01
"""Levels agree if they come this close, beside the interval of what was measured."""

LARGE, SMALL = 0.25, 0.02
"""Accuracy that a change must cost to count as making the network fall apart, and may cost to count as nothing."""

ONE_SEED = 0.02
"""What is allowed to either side of a single seed's difference, in place of an interval."""

LITERAL, LINEAR, AFFINE = "average pool, linear dense", "average pool, all linear", "all linear, no LRN"
UNTOUCHED, MAX_ONLY = "untouched", "max pool, no conv ReLU"


@frozen(kw_only=True)
class Difference:
    """Accuracy of one network minus that of another, seed by seed; ``low`` to ``high`` is what the rules reckon with.

    With one seed there is no interval, and :data:`ONE_SEED` is allowed to either side.
    """

    mean: float
    low: float
    high: float
    n: int
    steps: int

    @property
    def condition(self) -> str:
        """What limits whatever is concluded: "one seed, 10,000 steps"; "" for long runs of several seeds."""
        limits = (["one seed"] if self.n == 1 else []) + ([f"{self.steps:,} steps"] if self.steps < LONG else [])
        return ", ".join(limits)

    @property
    def words(self) -> str:
        """"38.1 points (one seed, for which 2 points are allowed)", signless."""
        if self.n == 1:
            allowed = f"{100 * ONE_SEED:g}"
            return f"{100 * abs(self.mean):.1f} points (one seed, so no interval; the rule allows {allowed} points for it)"
        half = 50 * (self.high - self.low)
        return f"{100 * abs(self.mean):.1f} ± {half:.1f} points ({self.n} seeds, 95 % interval)"


def at_the_end(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """One row for each run that came to its last step; those that diverged are left out."""
    return frame[(frame["step"] == frame["steps"]) & (frame["weights"] == weights) & frame["diverged_at"].isna()]


def difference(frame: pd.DataFrame, network: str, baseline: str) -> Difference | None:
    """Final accuracy of ``network`` minus that of ``baseline``; None where no seed has finished with both."""
    both = at_the_end(frame)
    both = both[both["network"].isin([network, baseline])]
    if not set(both.loc[both["network"] == network, "seed"]) & set(both.loc[both["network"] == baseline, "seed"]):
        return None
    row = paired_differences(both, baseline=baseline).iloc[0]
    half = ONE_SEED if row["n"] == 1 else row["high"] - row["mean"]
    steps = int(both["steps"].min())
    return Difference(mean=row["mean"], low=row["mean"] - half, high=row["mean"] + half, n=int(row["n"]), steps=steps)


def level(frame: pd.DataFrame, *, reported: dict[str, float] = REPORTED) -> Verdict:
    """Are the accuracies those that the question reports? Not decided below :data:`LONG` steps."""
    claim = f"The accuracies are {' and '.join(_percent(value) for value in reported.values())}."
    there = at_the_end(frame)
    there = there[there["network"].isin(reported)]
    if set(there["network"]) != set(reported):
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=_not_trained(reported, there))
    table = intervals(there).set_index("network")
    steps, n = int(there["steps"].min()), int(table["n"].min())
    half = (table["high"] - table["mean"]).fillna(ONE_SEED)
    off = {name: table.loc[name, "mean"] - value for name, value in reported.items()}
    found = "; ".join(f"{name}: {_percent(table.loc[name, 'mean'])}, {_points(off[name])}" for name in reported)
    reason = f"Measured after {steps:,} steps with {_seeds(n)}: {found}."
    if steps < LONG:
        said = f"{reason} The question does not say how long it trained, and these runs are shorter than {LONG:,} steps."
        return Verdict(claim=claim, verdict="not decided", condition="run length", reason=said)
    agrees = all(abs(off[name]) <= POINT + half[name] for name in reported)
    rule = f"The rule is one point beside the {'interval' if n > 1 else 'allowance for one seed'}."
    return Verdict(claim=claim, verdict="holds" if agrees else "fails", reason=f"{reason} {rule}")


def drop(frame: pd.DataFrame, *, reported: dict[str, float] = REPORTED) -> Verdict:
    """Does the network with average-pools and linear dense layers fall apart without its conv ReLUs?"""
    claim = "With average-pools and linear dense layers, removing the conv ReLUs makes the network fall apart."
    found = difference(frame, LINEAR, LITERAL)
    if found is None:
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=_not_trained((LITERAL, LINEAR)))
    told = 100 * (reported[LITERAL] - reported[LINEAR])
    reason = (
        f"It {'costs' if found.mean <= 0 else 'gains'} {found.words}; {QUESTION} has {told:.1f}. "
        f"To count as falling apart it must cost {100 * LARGE:g} points."
    )
    return _judge(claim, reason, found, sure=found.high <= -LARGE, excluded=found.low > -LARGE)


def almost_nothing(frame: pd.DataFrame) -> Verdict:
    """Does removing the conv ReLUs from the untouched network, whose max-pools stay, do almost nothing?"""
    claim = "With max-pools and ReLU in the dense layers, removing the conv ReLUs does almost nothing."
    found = difference(frame, MAX_ONLY, UNTOUCHED)
    if found is None:
        missing = _not_trained((UNTOUCHED, MAX_ONLY))
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=missing)
    reason = (
        f"It {'costs' if found.mean <= 0 else 'gains'} {found.words}. To count as almost nothing it must change the "
        f"accuracy by less than {100 * SMALL:g} points for certain."
    )
    inside = -SMALL <= found.low and found.high <= SMALL
    return _judge(claim, reason, found, sure=inside, excluded=found.high < -SMALL or found.low > SMALL)


def less_than_with_average_pools(frame: pd.DataFrame) -> Verdict:
    """Does removing the conv ReLUs cost less where the max-pools stay than where they are average-pools?"""
    claim = "Removing the conv ReLUs costs less where the max-pools stay."
    kept, gone = difference(frame, MAX_ONLY, UNTOUCHED), difference(frame, LINEAR, LITERAL)
    if kept is None or gone is None:
        four = (UNTOUCHED, MAX_ONLY, LITERAL, LINEAR)
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=_not_trained(four))
    saved = kept.mean - gone.mean
    half = math.hypot(kept.high - kept.mean, gone.high - gone.mean)
    low, high = saved - half, saved + half
    least = kept if kept.n <= gone.n else gone
    both = Difference(mean=saved, low=low, high=high, n=least.n, steps=min(kept.steps, gone.steps))
    reason = (
        f"It changes the accuracy by {_signed(kept.mean)} points with max-pools and ReLU in the dense layers, and by "
        f"{_signed(gone.mean)} points with average-pools and linear dense layers. The two differ in their dense layers "
        "too, as the question's networks do."
    )
    return _judge(claim, reason, both, sure=low > 0, excluded=high < 0)


def judge(frame: pd.DataFrame) -> tuple[Verdict, ...]:
    """Every verdict of this module, in the order of the text."""
    return level(frame), drop(frame), almost_nothing(frame), less_than_with_average_pools(frame)


def _judge(claim: str, reason: str, found: Difference, *, sure: bool, excluded: bool) -> Verdict:
    if not sure and not excluded:
        return Verdict(claim=claim, verdict="not decided", condition=found.condition or "too close", reason=reason)
    if excluded:
        condition = found.condition and f"with {found.condition}"
        return Verdict(claim=claim, verdict="fails", condition=condition, reason=reason)
    kind = "holds under a condition" if found.condition else "holds"
    return Verdict(claim=claim, verdict=kind, condition=found.condition, reason=reason)


def _not_trained(wanted: Any, there: pd.DataFrame | None = None) -> str:
    finished = set() if there is None else set(there["network"])
    return f"This set of runs holds no finished pair of: {', '.join(n for n in wanted if n not in finished)}."


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _signed(fraction: float) -> str:
    return f"{100 * fraction:+.1f}".replace("-", "−")


def _points(off: float) -> str:
    return f"{_signed(off)} points from the report"


def _seeds(n: int) -> str:
    return "one seed" if n == 1 else f"{n} seeds"
