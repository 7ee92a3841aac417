"""The scale from nothing to ReLU: rows of the result store in, :class:`Figure` out.

Networks are called "average pool, slope 0.2": the pooling, then the activation of the convolutional layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure
from relupool.measures import runs
from relupool.measures.estimate import ALPHA, estimated
from relupool.measures.scale import NOTHING, RELU, activations, slope_of, written

SURROUNDINGS = {"average": "average-pools, linear dense layers", "max": "max-pools, ReLU in the dense layers"}
POOL = "average"
"""Where there is a scale."""

POOL_HUES = {"average": style.AVERAGE, "max": style.MAX}

LEFT, RIGHT = -1.0, 2.5
"""No ruler is longer than from here to there; what lies beyond is an arrow at its end."""


@style.scoped()
def by_slope(frame: pd.DataFrame) -> Figure:
    """Final accuracy against the slope for negative numbers, at each pooling; every seed is a dot."""
    ends = runs.ends(frame)
    ends = ends.assign(slope=[slope_of(activation) for activation in ends["conv_activation"]]).dropna(subset=["slope"])
    means = ends.groupby(["pool", "slope", "network"], as_index=False)["accuracy"].mean()
    table = means.sort_values("slope", ascending=False)
    lines = {pool: table[table["pool"] == pool] for pool in SURROUNDINGS if pool in set(table["pool"])}
    plot, axes = style.canvas(3.4)
    for pool, means in lines.items():
        dots, hue = ends[ends["pool"] == pool], POOL_HUES[pool]
        axes.plot(means["slope"], means["accuracy"], color=hue)
        axes.plot(dots["slope"], dots["accuracy"], "o", color=hue, markersize=5, alpha=0.6, markeredgewidth=0)
    top = float(np.ceil(10 * ends["accuracy"].max() + 0.2)) / 10
    edges = max(table["slope"].max(), 1) + 0.06, min(table["slope"].min(), -1) - 0.06
    axes.set(xlim=edges, ylim=(0, min(1.0, top)), xlabel="slope for negative numbers")
    axes.set_xticks([1, 0.5, 0, -0.5, -1], ["1\nnothing", "0.5", "0\nReLU", "−0.5", "−1\nabsolute\nvalue"])
    axes.set_title("test accuracy", weight="normal")
    marks.percent_axis(axes, "y")
    marks.grid(axes, "y")
    heights = [means["accuracy"].iloc[-1] for means in lines.values()]
    names, hues = [SURROUNDINGS[pool] for pool in lines], [POOL_HUES[pool] for pool in lines]
    marks.end_labels(axes, names, heights=heights, colours=hues, width=15)
    said = {
        f"{SURROUNDINGS[pool]}, slope {words.number(row.slope)}": accuracy.per_cent
        for pool, means in lines.items()
        for row in means.itertuples()
        if (accuracy := estimated(frame, {row.network: 1}))
    }
    return Figure.of_runs(
        frame,
        drawn=ends,
        id="fig-slopes",
        plot=plot,
        frame=ends[["network", "pool", "slope", "seed", "accuracy", "key"]].reset_index(drop=True),
        caption=f"{_along(frame, lines)} Accuracy against the slope that the activation in the convolutional layers "
        "has for negative numbers. Each dot is one seed; lines join the means.",
        alt=f"Line chart of test accuracy against slope. {words.pairs(said)}.",
    )


def _along(frame: pd.DataFrame, lines: dict[str, pd.DataFrame]) -> str:
    """What the absolute value is worth at each pooling, beside ReLU, as the title of :func:`by_slope`."""
    said = []
    for pool, means in lines.items():
        label = dict(zip(means["slope"], means["network"], strict=True))
        if not {-1.0, 0.0} <= label.keys() or not (worth := estimated(frame, {label[-1.0]: 1, label[0.0]: -1})):
            continue
        if worth.differs > ALPHA:
            said.append(f"shows no significant difference from ReLU with {pool}-pools")
        else:
            verb = "gains" if worth.mean > 0 else "loses"
            said.append(f"{verb} {words.hundredfold(abs(worth.mean))} points to it with {pool}-pools")
    return f"The absolute value {words.listing(said)}." if said else "How much accuracy a slope brings."


@style.scoped()
def ruler(frame: pd.DataFrame, scores: pd.DataFrame, bends: pd.Series) -> Figure:
    """The scale from 0, nothing, to 1, ReLU, with a row for each activation, the highest score first, and its bend.

    ``scores`` has the columns activation, n, score, low, high and shape, as :func:`relupool.measures.scale.scores`
    makes them from ``frame`` at average-pools; ``bends`` are parts of 1, by activation.
    """
    ends = activations(runs.ends(frame)).query("pool == @POOL")
    ends = ends.pivot(index="seed", columns="activation", values="accuracy")
    table = scores.assign(bend=scores["activation"].map(bends))
    table = table.sort_values("score", ascending=False, na_position="last", kind="stable").reset_index(drop=True)
    sure = table[table["shape"] == "interval"]
    reach = pd.concat([sure["score"], sure["low"], sure["high"]]).dropna()
    edges = max(LEFT, min(-0.15, reach.min() - 0.08)), min(RIGHT, max(1.2, reach.max() + 0.08))
    said = {written(row.activation): _said(row) for row in table.itertuples()}
    ratios = {"width_ratios": (3, 1)}
    plot, (axes, beside) = style.canvas(0.95 + 0.31 * len(table), ncols=2, sharey=True, gridspec_kw=ratios)
    for value in (0, 1):
        axes.axvline(value, color=style.INK, linewidth=1.2, zorder=0.5)
    for place, row in enumerate(table.itertuples()):
        hue = style.MAX if row.activation.startswith("maxout") else style.INK
        axes.plot([0, 1], [place, place], color=style.PALE, linewidth=7, zorder=0, solid_capstyle="butt")
        if row.shape == "interval":
            dots = (ends[row.activation] - ends[NOTHING]) / (ends[RELU] - ends[NOTHING])
            marks.estimate(axes, place, row.score, (row.low, row.high), hue, seeds=dots.dropna(), edges=edges)
        else:
            axes.text(0.5, place, said[written(row.activation)], ha="center", va="center", color=style.MUTED)
        beside.barh(place, row.bend, height=0.5, color=hue, alpha=0.75)
        beside.text(row.bend + 0.04, place, words.percent(row.bend, 0), va="center", color=hue)
    axes.set(xlim=edges, ylim=(len(table) - 0.4, -0.7))
    axes.set_yticks(range(len(table)), table["activation"].map(written))
    axes.set_xticks([0, 0.5, 1], ["0\nnothing", "0.5", "1\nReLU"])
    axes.set_title("score", weight="normal")
    beside.set(xlim=(0, 1.45), xticks=[])
    beside.set_title("bend", weight="normal")
    for each in (axes, beside):
        each.tick_params(axis="y", length=0, labelleft=each is axes)
        each.spines[["left", "bottom"]].set_visible(False)
    dots = "Large dots: {over} together, bars: Fieller’s {level} intervals, small dots: single seeds."
    return Figure.of_runs(
        frame,
        id="fig-ruler",
        plot=plot,
        frame=table,
        caption=f"{_highest(table)} Where activations lie between no activation (0) and ReLU (1), with "
        f"{SURROUNDINGS[POOL].replace(', ', ' and ')}, and how much each bends. "
        f"{marks.what_dots_are(table['n'], dots)}",
        alt=f"Dot chart of scores between 0, no activation, and 1, ReLU, beside bars of bends. {words.pairs(said)}.",
    )


def _highest(table: pd.DataFrame) -> str:
    """Who lies highest, and how much that bends, as the title of :func:`ruler`."""
    there = table.dropna(subset=["score"])
    if there.empty or (there["shape"] != "interval").any():
        return "Here there is no scale."
    first, most = there.iloc[0], there.loc[there["bend"].idxmax()]
    name, other = (written(str(row["activation"]).split(",")[0]) for row in (first, most))
    start = f"{words.capital(name)} lies highest, at {_score(first['score'])}"
    if first["activation"] == most["activation"]:
        return f"{start}, and bends most."
    return f"{start}, though {other.replace('absolute', 'the absolute')} bends most."


def _said(row: Any) -> str:
    """A row of the ruler in words: "0.61 (0.55 to 0.67)"."""
    if row.n == 0:
        return "not finished"
    if row.shape != "interval":
        return "no scale" if row.n == 1 else "no bounds"
    return _score(row.score) if row.n == 1 else f"{_score(row.score)} ({_score(row.low)} to {_score(row.high)})"


def _score(value: float) -> str:
    return words.number(np.round(value, 2) + 0.0, ".2f")  # adding 0 makes of -0 a 0
