"""What average-pooling does to the order, in words made from evidence, and how large the gap is in stored runs."""

from __future__ import annotations

import pandas as pd

from relupool.experiments.store import ResultSet
from relupool.figures.words import count, percent, scientific
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array, Evidence
from relupool.theory.jensen import gap_in_sizes
from relupool.verdicts import inside
from relupool.verdicts.order import with_minus

MORE_OR_LESS = {
    "convex": "{} is convex, so averaging last never gives less",
    "concave": "{} is concave, so averaging last never gives more",
    "both ways": "{} bends both ways, so averaging last can give more or less",
}


def answer(activation: str, evidence: Evidence, bend: str, smallest: Array | None) -> str:
    """Whether average-pooling commutes with ``activation``: from both orders in Keras and the smallest window found."""
    numbers = f"{count(evidence.compared, 'pooled number')} in {count(evidence.trials, 'random image')}"
    if bend == "straight":
        return (
            f"Yes, with {activation} it does, and with no other of Keras' {len(ACTIVATIONS)} activations: the graph of "
            f"{activation} is one straight line. Of {numbers}, {evidence.differing or 'none'} differed."
        )
    assert smallest is not None
    function = ACTIVATIONS[activation]
    first, last = float(function(smallest.mean())), float(function(smallest).mean())
    window = ", ".join(f"{value:.9g}" for value in sorted(smallest))
    return with_minus(
        f"No, not with {activation}: only straight lines commute with averages, and the graph of {activation} is none. "
        f"Of {numbers}, {evidence.differing:,} differed. The smallest window found that shows it is {window}: "
        f"averaging first gives {first:.3g}, averaging last {last:.3g}. {MORE_OR_LESS[bend].format(activation)}."
    )


def sign_told(row: pd.Series) -> str:
    """One row of :func:`relupool.theory.jensen.signs` as a sentence on how often averaging last gives more or less."""
    parts = f"more in {percent(row['above'])} of the windows, the same in {percent(row['level'])}"
    parts += f" and less in {percent(row['below'])}"
    kind = {
        "straight": "is a straight line: there is no gap",
        "convex": "is convex: less must not occur",
        "concave": "is concave: more must not occur",
        "both ways": "bends both ways: the theorem says nothing about the sign",
    }[row["bend"]]
    return f"{row['activation']} {kind}. Averaging last gave {parts}."


def channel_gaps(results: ResultSet) -> pd.DataFrame:
    """The gap channel by channel: network, seed, step, layer, channel, pool_gap."""
    return pd.DataFrame(
        [
            {"network": results.study.label(run.experiment.network), "seed": run.experiment.seed,
             "step": evaluation.step, "layer": layer, "channel": channel, "pool_gap": gap}
            for run in results.runs
            for evaluation in run.evaluations
            for layer, probe in evaluation.probes.items()
            for channel, gap in enumerate(probe["pool_gap"])
        ]
    )  # fmt: skip


def yardstick(results: ResultSet, *, n: int = 9) -> pd.DataFrame:
    """The gap behind conv2 at the end of training, beside that of ``n`` independent normal values; networks with ReLU.

    Columns network, gap, rms (of the activated values), ratio, positive (fraction of positive values), and independent,
    the ratio for independent normal values of which as many are positive. Only behind conv2 the size of the activated
    values is stored; behind conv1 it is that of the pooled ones.
    """
    found = inside.last(inside.layers(results)).query("layer == 'conv2' and pool_gap != 0 and 0 < positive < 1")
    means = found.groupby("network", sort=False)[["pool_gap", "rms", "positive"]].mean().reset_index()
    means["ratio"] = means["pool_gap"] / means["rms"]
    means["independent"] = [gap_in_sizes(n, positive=share) for share in means["positive"]]
    columns = ["network", "gap", "rms", "ratio", "positive", "independent"]
    return means.rename(columns={"pool_gap": "gap"})[columns]


def size_told(table: pd.DataFrame) -> str:
    """:func:`yardstick` in one sentence: how the trained gap compares with that of independent values."""
    if table.empty:
        return "No network with ReLU has finished, so there is no gap to speak of."
    share = (table["ratio"] / table["independent"]).to_numpy()
    low, high = percent(share.min(), 0), percent(share.max(), 0)
    spread = low if low == high else f"between {low} and {high}"
    return (
        f"Behind conv2 the gap is {percent(table['ratio'].min(), 0)} to {percent(table['ratio'].max(), 0)} of the size "
        f"of the activated values: {spread} of what independent normal values would give."
    )


def within_told(name: str, found: pd.DataFrame) -> str:
    """How much of its bound the gap of an activation takes up: its rows of ``theory.soft_maximum.largest_gaps``."""
    share = float((found["gap"] / found["bound"]).max())
    kept = "within" if share <= 1 + 1e-9 else "beyond"  # a gap that equals the bound may be rounded above it
    said = f"{name}: the largest gap is {scientific(share)} times the bound, {kept} it."
    beside = " The theorem does not speak of it: it falls, jumps or is steeper than 1."
    return said if found["bounded"].all() else said + beside
