"""The second question's result, judged: how far do the accuracies agree, and how much does removing ReLU cost?

Frames are those of the result store (one row per evaluation and kind of weights). The thresholds are those of
``rules``, and two of this chapter's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from relupool.experiments.statistics import intervals, paired_differences
from relupool.figures.words import count, hundredfold
from relupool.verdicts import judging
from relupool.verdicts.documented import QUESTION, REPORTED
from relupool.verdicts.judging import Difference, judged, no_answer, signed
from relupool.verdicts.rules import LARGE, LONG, ONE_SEED, POINT
from relupool.verdicts.verdict import Verdict

ENOUGH = 5_000
"""Steps below which nothing is decided at all, because the networks have hardly begun to learn."""

SMALL = 0.02
"""Accuracy that a change may cost to count as nothing, in this chapter of few runs; the ledger asks for one point."""

LITERAL, LINEAR, AFFINE = "average pool, linear dense", "average pool, all linear", "all linear, no LRN"
UNTOUCHED, MAX_ONLY = "untouched", "max pool, no conv ReLU"


FORMATS = {"accuracy (%)": "{:.1f}", "±": "{:.1f}", "minus untouched (points)": "{:+.1f}", "± of that": "{:.1f}"}
"""How the numbers of :func:`accuracies` are written."""


def at_the_end(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """One row for each run that came to its last step; those that diverged are left out."""
    return frame[(frame["step"] == frame["steps"]) & (frame["weights"] == weights) & frame["diverged_at"].isna()]


def difference(frame: pd.DataFrame, network: str, baseline: str) -> Difference | None:
    """Final accuracy of ``network`` minus that of ``baseline``; None where no seed has finished with both."""
    both = at_the_end(frame)
    both = both[both["network"].isin([network, baseline])]
    if not set(both.loc[both["network"] == network, "seed"]) & set(both.loc[both["network"] == baseline, "seed"]):
        return None
    return Difference.of(paired_differences(both, baseline=baseline).iloc[0], steps=int(both["steps"].min()))


def unfit(frame: pd.DataFrame) -> str:
    """Why these runs can decide nothing about the question, in a few words; "" if they can decide something."""
    return judging.unfit(frame, enough=ENOUGH)


def level(frame: pd.DataFrame, *, reported: dict[str, float] = REPORTED) -> Verdict:
    """Are both accuracies those that the question reports? Of each network the longest runs are asked.

    One that is off after :data:`LONG` steps or more refutes it; to confirm it, both must agree after as many.
    """
    claim = f"The accuracies are {' and '.join(_percent(value) for value in reported.values())}."
    ends = at_the_end(frame)
    ends = ends[ends["network"].isin(reported)]
    if set(ends["network"]) != set(reported):
        return _not_trained(claim, reported, ends)
    longest = ends[ends["steps"] == ends.groupby("network")["steps"].transform("max")]
    table = intervals(longest).set_index("network").assign(steps=longest.groupby("network")["steps"].first())
    table["off"] = table["mean"] - pd.Series(reported)
    table["agrees"] = table["off"].abs() <= POINT + (table["high"] - table["mean"]).fillna(ONE_SEED)
    table["long"] = table["steps"] >= LONG
    found = "; ".join(
        f"{row.Index} {_percent(row.mean)} after {row.steps:,} steps ({count(row.n, 'seed')}), {_points(row.off)}"
        for row in table.loc[list(reported)].itertuples()
    )
    rule = f"The rule is one point beside the interval, or beside {100 * ONE_SEED:g} points for one seed"
    reason = f"Measured: {found}. {rule}, after at least {LONG:,} steps."
    if why := judging.unfit(longest, enough=ENOUGH):
        return Verdict(claim=claim, verdict="not decided", condition=why, reason=reason)
    refuting, single = table["long"] & ~table["agrees"], table["n"] == 1
    if refuting.any():
        limits = "with one seed" if single[refuting].all() else ""
        return Verdict(claim=claim, verdict="fails", condition=limits, reason=reason)
    if not table["long"].all():
        return Verdict(claim=claim, verdict="not decided", condition="run length", reason=reason)
    if single.any():
        return Verdict(claim=claim, verdict="holds under a condition", condition="one seed", reason=reason)
    return Verdict(claim=claim, verdict="holds", reason=reason)


def drop(frame: pd.DataFrame, *, reported: dict[str, float] = REPORTED) -> Verdict:
    """Does the network with average-pools and linear dense layers fall apart without its conv ReLUs?"""
    claim = "With average-pools and linear dense layers, removing the conv ReLUs makes the network fall apart."
    found = difference(frame, LINEAR, LITERAL)
    if found is None:
        return _not_trained(claim, (LITERAL, LINEAR), at_the_end(frame))
    told = 100 * (reported[LITERAL] - reported[LINEAR])
    reason = (
        f"It {_costs(found)} ({found.basis}); {QUESTION} has {told:.1f}. The rule is at least {100 * LARGE:g} points."
    )
    return judged(claim, reason, found, unfit(frame), sure=found.high <= -LARGE, excluded=found.low > -LARGE)


def almost_nothing(frame: pd.DataFrame) -> Verdict:
    """Does removing the conv ReLUs from the untouched network, whose max-pools stay, do almost nothing?"""
    claim = "With max-pools and ReLU in the dense layers, removing the conv ReLUs does almost nothing."
    found = difference(frame, MAX_ONLY, UNTOUCHED)
    if found is None:
        return _not_trained(claim, (UNTOUCHED, MAX_ONLY), at_the_end(frame))
    reason = (
        f"It {_costs(found)} ({found.basis}). The rule is less than {100 * SMALL:g} points either way, for certain."
    )
    inside = found.low >= -SMALL and found.high <= SMALL
    outside = found.high < -SMALL or found.low > SMALL
    return judged(claim, reason, found, unfit(frame), sure=inside, excluded=outside)


def less_than_with_average_pools(frame: pd.DataFrame) -> Verdict:
    """Does removing the conv ReLUs cost less where the max-pools stay than where they are average-pools?"""
    claim = "Removing the conv ReLUs costs less where the max-pools stay."
    kept, gone = difference(frame, MAX_ONLY, UNTOUCHED), difference(frame, LINEAR, LITERAL)
    if kept is None or gone is None:
        return _not_trained(claim, (UNTOUCHED, MAX_ONLY, LITERAL, LINEAR), at_the_end(frame))
    saved = kept.mean - gone.mean
    half = math.hypot(kept.high - kept.mean, gone.high - gone.mean)
    low, high = saved - half, saved + half
    least = kept if kept.n <= gone.n else gone
    both = Difference(mean=saved, low=low, high=high, n=least.n, steps=min(kept.steps, gone.steps))
    reason = (
        f"It changes the accuracy by {signed(kept.mean)} points with max-pools and ReLU in the dense layers, and by "
        f"{signed(gone.mean)} points with average-pools and linear dense layers. The two differ in their dense layers "
        "too, as the question's networks do."
    )
    return judged(claim, reason, both, unfit(frame), sure=low > 0, excluded=high < 0)


def answer(frame: pd.DataFrame, *, longest: pd.DataFrame | None = None) -> str:
    """The chapter's answer in plain words, as the verdicts of :func:`judge` leave it."""
    kept, gone = difference(frame, MAX_ONLY, UNTOUCHED), difference(frame, LINEAR, LITERAL)
    if kept is None or gone is None:
        return "This build has no finished runs of all the networks in question, so it has no answer."
    if unfit(frame):
        return no_answer(unfit(frame))
    bends = (
        "So a network can do without them as long as something else in it bends, here max-pools and dense ReLUs; where "
        "nothing else does, it falls apart."
    )
    otherwise = "So these runs do not bear out what the question saw."
    as_seen = all(v.verdict.startswith("holds") for v in (drop(frame), less_than_with_average_pools(frame)))
    reported = level(frame if longest is None else longest)
    return (
        f"Removing the convolutional ReLUs {_costs(gone)} with average-pools and linear dense layers, and "
        f"{_costs(kept)} with max-pools and dense ReLUs ({gone.seeds}, {gone.steps:,} steps). "
        f"{bends if as_seen else otherwise} Are the accuracies as reported? {reported.words.capitalize()}."
    )


def accuracies(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracy of each network in per cent, and minus the untouched one's, seed by seed, in points.

    The columns after these two are half-widths of 95 % intervals, missing with one seed. A network of which no run came
    to its end has n = 0 and no numbers.
    """
    networks = list(frame["network"].unique())
    ends = at_the_end(frame, weights=weights)
    table = intervals(ends).set_index("network").reindex(networks)
    shown = pd.DataFrame({"network": networks, "n": table["n"].fillna(0).astype(int).to_numpy()})
    apart = _apart(ends).reindex(networks)
    for column, values in zip(FORMATS, (*_mean_and_half(table), *_mean_and_half(apart)), strict=True):
        shown[column] = 100 * values.to_numpy(float)
    return shown


def _mean_and_half(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return table["mean"], table["high"] - table["mean"]


def _apart(ends: pd.DataFrame) -> pd.DataFrame:
    shared = ends[ends["seed"].isin(ends.loc[ends["network"] == UNTOUCHED, "seed"])]
    if shared["network"].nunique() < 2:
        return pd.DataFrame(columns=["mean", "low", "high"], dtype=float)
    return paired_differences(shared, baseline=UNTOUCHED).set_index("network")


def judge(frame: pd.DataFrame, *, longest: pd.DataFrame | None = None) -> tuple[Verdict, ...]:
    """Every verdict of this module, in the order of the text.

    ``longest`` holds the longest runs of these networks, if there are longer ones: :func:`level` takes them.
    """
    reported = level(frame if longest is None else longest)
    return reported, drop(frame), almost_nothing(frame), less_than_with_average_pools(frame)


def _not_trained(claim: str, wanted: Iterable[str], there: pd.DataFrame) -> Verdict:
    missing = ", ".join(name for name in wanted if name not in set(there["network"]))
    reason = f"These runs hold no finished one of: {missing}." if missing else "No seed has finished with all of them."
    return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=reason)


def _costs(found: Difference) -> str:
    return f"{'costs' if found.mean <= 0 else 'gains'} {found.points}"


def _percent(fraction: float) -> str:
    return f"{hundredfold(fraction)} %"


def _points(off: float) -> str:
    return f"{signed(off)} points from the report"
