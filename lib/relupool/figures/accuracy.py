"""What accuracy networks end with, beside what others have reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure
from relupool.measures.estimate import estimated


@style.scoped()
def claims_vs_measured(frame: pd.DataFrame, documented: pd.DataFrame, *, network: str) -> Figure:
    """What documents say of ``network``'s accuracy, and what was measured here, a row each.

    ``documented`` has the columns kind (heading of a group of rows), place, steps (NaN where not stated) and accuracy.
    Measured are the averaged and the raw weights at the last step, and at every step that a document names.
    """
    ours = frame[frame["network"] == network]
    ours = ours[ours["step"].isin({*documented["steps"].dropna(), ours["step"].max()})]
    measured = _measured(ours, network)
    table = pd.concat([documented, measured], ignore_index=True)
    low = np.floor(20 * table["accuracy"].min() - 0.5) / 20
    high = np.ceil(20 * table["accuracy"].max() + 0.2) / 20
    plot, axes = style.canvas(0.8 + 0.25 * (len(table) + table["kind"].nunique()))
    for place, row in marks.grouped_rows(axes, table, _label, gap=0.3):
        axes.plot([low, high], [place, place], color=style.PALE, linewidth=5, zorder=0)
        if pd.isna(row.n):
            look = {"markerfacecolor": style.PAPER, "markersize": 7, "markeredgewidth": 1.8}
            axes.plot(row.accuracy, place, "D", color=style.MUTED, **look)
            marks.beside(axes, words.percent(row.accuracy), place, colour=style.MUTED)
        else:
            seeds = ours.loc[(ours["step"] == row.steps) & (ours["weights"] == row.weights), "accuracy"]
            marks.estimate(axes, place, row.accuracy, (row.low, row.high), style.INK, seeds=seeds)
            value = words.with_interval(row.accuracy, row.low, row.high)
            marks.beside(axes, value, place, colour=style.INK)
    axes.set(xlim=(low, high), xlabel="test accuracy")
    axes.xaxis.set_major_locator(MultipleLocator(0.05))
    marks.percent_axis(axes, "x")
    values = documented["accuracy"]
    ends = [
        f"{words.percent(row.accuracy)} with {row.weights} weights after {row.steps:,} steps"
        for row in measured.itertuples()
    ]
    return Figure.of_runs(
        ours,
        id="fig-claims-vs-measured",
        plot=plot,
        frame=table[["kind", "place", "steps", "accuracy", "n", "low", "high"]],
        caption=f"{_title(documented)} Hollow: what others have published; full: runs of this book. "
        f"{marks.what_dots_are(measured['n'])}",
        alt=f"Dot chart. {len(values)} published accuracies reach from {words.percent(values.min())} to "
        f"{words.percent(values.max())}; measured here are {words.listing(ends)}.",
    )


def _title(documented: pd.DataFrame) -> str:
    """How far apart two accuracies for the same number of steps are, at most."""
    by_steps = documented.dropna(subset=["steps"]).groupby("steps")["accuracy"]
    apart = by_steps.max() - by_steps.min()
    if apart.empty or apart.max() == 0:
        return "Published accuracies of one network."
    steps = int(apart.idxmax())
    return (
        f"After {steps:,} steps one network has, as published, from {words.percent(by_steps.min()[steps])} to "
        f"{words.percent(by_steps.max()[steps])}."
    )


def _measured(ours: pd.DataFrame, network: str) -> pd.DataFrame:
    """A row for each step and each kind of weights."""
    looks = [(step, weights) for step in sorted(ours["step"].unique()) for weights in ("averaged", "raw")]
    rows = [
        ("measured here", f"{weights} weights", step, e.mean, e.n, *e.ends, weights)
        for step, weights in looks
        if (e := estimated(ours, {network: 1.0}, step=step, weights=weights))
    ]
    return pd.DataFrame(rows, columns=["kind", "place", "steps", "accuracy", "n", "low", "high", "weights"])


def _label(row: Any) -> str:
    return row.place if pd.isna(row.steps) else f"{row.place}, {int(row.steps):,} steps"
