"""From nothing to ReLU: where other activations lie on the second question's scale, and when there is no such scale.

Frames are those of the result store; a network of the study is called "average pool, slope 0.2". At each pooling the
score of an activation is (its accuracy - that of no activation) / (that of ReLU - that of no activation): 0 is nothing,
1 is ReLU. Seeds are paired, and the score has Fieller's interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from relupool.experiments.comparisons import holm
from relupool.experiments.fieller import Ratio, fieller
from relupool.experiments.scale import NOTHING, RELU, activations, network, written
from relupool.experiments.statistics import intervals
from relupool.figures.words import Format, hundredfold, listing, p_value
from relupool.thresholds import HALF, ONE_SEED, STRONG
from relupool.verdicts.estimate import Estimate, estimated, no_answer, signed, unfit
from relupool.verdicts.grid import READ_AT
from relupool.verdicts.headline import MAX_ONLY, UNTOUCHED, at_the_end, difference

POOLS = {
    "average": "average-pools and linear dense layers",
    "max": "max-pools and ReLU in the dense layers",
}
"""What surrounds the convolutional activations in the two halves of the study."""

FORMATS: dict[str, Format] = {
    "accuracy (%)": "{:.1f}",
    "±": "{:.1f}",
    "minus ReLU (points)": "{:+.1f}",
    "± of that": "{:.1f}",
    "p (Holm)": p_value,
}
"""How the numbers of :func:`in_points` are written."""


def length(frame: pd.DataFrame, *, pool: str, weights: str = "averaged") -> Estimate | None:
    """How long the scale is: accuracy with ReLU minus that without, at ``pool``; None if no seed has both."""
    return difference(frame, network(pool, RELU), network(pool, NOTHING), weights=weights)


def scores(frame: pd.DataFrame, *, pool: str = "average", weights: str = "averaged") -> pd.DataFrame:
    """Score of each activation at ``pool``, in the study's order, without the two that make the scale.

    Columns activation, n, accuracy (mean), score, low, high, shape (see :class:`~relupool.experiments.fieller.Ratio`).
    With one seed low and high are missing, and with a scale shorter than what is allowed for one seed the score too.
    Where no seed has the activation and both ends of the scale, n = 0 and the score is missing.
    """
    ends = _ends(frame, pool, weights)
    others = [name for name in _trained(frame, pool) if name not in (NOTHING, RELU)]
    rows = [{"activation": name, **_row(_ratio(ends, name), ends.get(name))} for name in others]
    return pd.DataFrame(rows, columns=["activation", "n", "accuracy", "score", "low", "high", "shape"])


def _row(found: Ratio | None, accuracies: pd.Series | None) -> dict[str, object]:
    accuracy = math.nan if accuracies is None else accuracies.mean()
    if found is None:
        return {"n": 0, "accuracy": accuracy, "score": math.nan, "low": math.nan, "high": math.nan, "shape": "none"}
    one = found.n == 1
    return {
        "n": found.n,
        "accuracy": accuracy,
        "score": math.nan if one and not found.bounded else found.mean,
        "low": math.nan if one else found.low,
        "high": math.nan if one else found.high,
        "shape": found.shape,
    }


def _ratio(ends: pd.DataFrame, name: str) -> Ratio | None:
    if not {name, NOTHING, RELU} <= set(ends):
        return None
    shared = ends[[name, NOTHING, RELU]].dropna()
    if shared.empty:
        return None
    above, whole = shared[name] - shared[NOTHING], shared[RELU] - shared[NOTHING]
    return fieller(above, whole, half=ONE_SEED if len(shared) == 1 else None)


def _trained(frame: pd.DataFrame, pool: str) -> list[str]:
    """The activations at ``pool``, in the study's order, those of runs that diverged too."""
    labels = activations(frame.drop_duplicates("network"))
    return labels.loc[labels["pool"] == pool, "activation"].tolist()


def _ends(frame: pd.DataFrame, pool: str, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracies at ``pool``: a row for each seed, a column for each activation."""
    last = activations(at_the_end(frame, weights=weights))
    return last[last["pool"] == pool].pivot(index="seed", columns="activation", values="accuracy")


def in_points(frame: pd.DataFrame, *, pool: str = "max", weights: str = "averaged") -> pd.DataFrame:
    """Accuracy of each activation at ``pool``, and minus that of ReLU seed by seed, in points: no ratio is needed.

    Columns activation, n and those of :data:`FORMATS`; "p (Holm)" is that of a paired t test against ReLU, corrected
    for the number of activations. What takes several seeds is missing with one.
    """
    ends = _ends(frame, pool, weights)
    rows, p = [], []
    for name in _trained(frame, pool):
        values = ends[name].dropna() if name in ends else pd.Series(dtype=float)
        gaps = (ends[name] - ends[RELU]).dropna() if {name, RELU} <= set(ends) and name != RELU else values[:0]
        rows.append([name, len(values), *_mean_and_half(values), *_mean_and_half(gaps)])
        p.append(stats.ttest_1samp(gaps, 0).pvalue if len(gaps) > 1 and gaps.std() > 0 else math.nan)
    table = pd.DataFrame(rows, columns=["activation", "n", *list(FORMATS)[:-1]])
    return table.assign(**{"p (Holm)": holm(p)})


def _mean_and_half(values: pd.Series) -> tuple[float, float]:
    if values.empty:
        return math.nan, math.nan
    row = intervals(pd.DataFrame({"network": "it", "accuracy": values})).iloc[0]
    return 100 * row["mean"], 100 * (row["high"] - row["mean"])


def answer(frame: pd.DataFrame) -> str:
    """The chapter's answer in plain words, as the verdicts leave it."""
    scale, short = length(frame, pool="average"), length(frame, pool="max")
    if scale is None:
        return "This build has no finished runs with and without ReLU at average-pools, so it has no answer."
    if why := unfit(frame):
        return no_answer(why)
    size = f"{_is_worth(scale)} over no activation ({scale.seeds}, {scale.steps:,} steps)"
    start = f"With {POOLS['average']}, ReLU {size}"
    if scale.low <= 0:
        said = f"{start}: too little to measure anything by."
    else:
        said = f"{start}. {_who_lies_where(scores(frame))}"
    if short is None:
        return said
    beside = f"{abs(short.mean / scale.mean):.0%} of that".replace("%", " %")
    verdict = "worse than nothing" if short.high < 0 else "too little to divide by" if short.low <= 0 else beside
    return f"{said} With {POOLS['max']} it {_is_worth(short)}: {verdict}."


def _who_lies_where(table: pd.DataFrame) -> str:
    there = table.dropna(subset=["score"]).sort_values("score")
    if there.empty:
        return "Nothing else was trained."
    lowest, highest = there.iloc[0], there.iloc[-1]
    half = (there["score"] >= HALF).sum()
    return (
        f"On that scale, from 0 to 1, the {len(there)} others lie between {_number(lowest['score'])} "
        f"({written(lowest['activation'])}) and {_number(highest['score'])} ({written(highest['activation'])}); "
        f"{half} of them come at least half of the way."
    )


def placed(frame: pd.DataFrame, name: str, *, pool: str) -> str:
    """Where one activation lies between the two ends, as a sentence; one seed is enough, and proves nothing."""
    ends = _ends(frame, pool)
    found = _ratio(ends, name)
    if found is None:
        return f"Not all of the three networks came to their end, so “{name}” has no place on the scale."
    there = {label: f"{hundredfold(ends[label].mean())} %" for label in (NOTHING, name, RELU)}
    start = f"No activation: {there[NOTHING]}; {name}: {there[name]}; ReLU: {there[RELU]}."
    if not found.bounded:
        return f"{start} The two ends lie so close together that there is no scale to place “{name}” on."
    if ends[RELU].mean() < ends[NOTHING].mean():
        return f"{start} ReLU is worse than nothing here, so there is no scale to place “{name}” on."
    return f"{start} On the scale from 0 to 1, “{name}” has the score {_number(found.mean)}."


def denominator(frame: pd.DataFrame, *, pool: str) -> str:
    """What the length of the scale at ``pool`` means for the ratios that are taken by it, in two sentences."""
    found, table = length(frame, pool=pool), scores(frame, pool=pool)
    if found is None:
        return f"With {POOLS[pool]} no seed has finished with and without ReLU, so nothing is divided here."
    free, all_of_them = table["shape"].isin(["outside", "all"]).sum(), (table["n"] > 0).sum()
    start = f"With {POOLS[pool]} the denominator is {signed(found.mean)} points"
    if found.n == 1:
        holds = "less" if abs(found.mean) <= ONE_SEED else "more"
        middle = f"{start}, {holds} than the {100 * ONE_SEED:g} that one seed is allowed."
    else:
        zero = "zero is among them" if found.low <= 0 <= found.high else "zero is not among them"
        middle = f"{start}; its interval reaches from {signed(found.low)} to {signed(found.high)}, and {zero}."
    if free:
        return f"{middle} So {free} of {all_of_them} scores have no bounds."
    upside_down = ", but ReLU is worse than nothing there, and a high score is a low accuracy"
    return f"{middle} So the scores have bounds{upside_down if found.high < 0 else ''}."


def over_training(frame: pd.DataFrame, *, at: Sequence[int] = READ_AT) -> str:
    """What ReLU is worth in the untouched network after more and more steps of the same runs, in a sentence.

    ``frame`` has the untouched network and the one without conv ReLUs, as the first ablations have.
    """
    found = {step: estimated(frame, {UNTOUCHED: 1.0, MAX_ONLY: -1.0}, step=step) for step in at}
    there = [f"{d.signed_points} after {step:,} steps" for step, d in found.items() if d is not None]
    seeds = {d.seeds for d in found.values() if d is not None}
    if not there:
        return "Of the untouched network, and of the same one without conv ReLUs, no longer runs are stored."
    return f"In longer runs of the untouched network, ReLU is worth {listing(there)} ({listing(sorted(seeds))})."


def agreement(bends: pd.Series, table: pd.DataFrame) -> float:
    """Spearman's rank correlation of bend and score, over the activations that have both; missing for fewer than three.

    ``bends`` has the activations as index.
    """
    both = table.set_index("activation")["score"].to_frame().join(bends.rename("bend"), how="inner").dropna()
    return float(stats.spearmanr(both["bend"], both["score"]).statistic) if len(both) > 2 else math.nan


def bend_and_score(bends: pd.Series, table: pd.DataFrame) -> str:
    """Do activations that bend more lie higher? As a sentence, from :func:`agreement`."""
    found = agreement(bends, table)
    if math.isnan(found):
        return "These runs have too few scores to be held against the bends."
    both = table.dropna(subset=["score"])["activation"].isin(bends.index).sum()
    start = f"Over {both} activations the rank correlation of bend and score is {_number(found)}"
    if found >= STRONG:
        return f"{start}: by and large, what bends more lies higher."
    return f"{start}: the bend alone does not say where an activation lies."


def _is_worth(found: Estimate) -> str:
    return f"is worth {found.signed_points.removeprefix('+')}"


def _number(score: float) -> str:
    return f"{np.round(score, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")
