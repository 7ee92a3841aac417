"""Figures of the scale from nothing to ReLU: rows of the result store in, :class:`Figure` out.

Networks are called "average pool, slope 0.2": the pooling, then the activation of the convolutional layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool import words
from relupool.figures import style
from relupool.figures.accuracy import evaluations, final, top_of
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import end_labels, percent_axis
from relupool.measures.estimate import over_seeds
from relupool.measures.scale import NOTHING, RELU, activations, slope_of, written
from relupool.validation import refuse

SURROUNDINGS = {"average": "average-pools, linear dense layers", "max": "max-pools, ReLU in the dense layers"}
POOL = "average"
"""Where there is a scale."""

POOL_HUES = {"average": style.AVERAGE, "max": style.MAX}

LEFT, RIGHT = -1.0, 2.5
"""No ruler is longer than from here to there; what lies beyond is an arrow at its end."""


def by_slope(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-slopes") -> Figure:
    """Final accuracy against the slope for negative numbers, at each pooling; every seed is a dot."""
    last = final_of(frame, weights)
    last = last.assign(slope=[slope_of(activation) for activation in last["conv_activation"]]).dropna(subset=["slope"])
    if last.empty:
        refuse("frame", sorted(frame["network"].unique()), "a frame with finished runs of a leaky slope")
    table = over_seeds(last, by=("pool", "slope")).sort_values("slope", ascending=False)
    lines = {pool: table[table["pool"] == pool] for pool in SURROUNDINGS if pool in set(table["pool"])}
    with style.scoped():
        plot, axes = style.canvas(3.4)
        for pool, means in lines.items():
            dots = last[last["pool"] == pool]
            axes.plot(means["slope"], means["mean"], color=POOL_HUES[pool])
            axes.plot(
                dots["slope"], dots["accuracy"], "o", color=POOL_HUES[pool], markersize=5, alpha=0.6, markeredgewidth=0
            )
        edges = max(table["slope"].max(), 1) + 0.06, min(table["slope"].min(), -1) - 0.06
        axes.set(xlim=edges, ylim=(0, top_of(last["accuracy"])), xlabel="slope for negative numbers")
        axes.set_xticks([1, 0.5, 0, -0.5, -1], ["1\nnothing", "0.5", "0\nReLU", "−0.5", "−1\nabsolute\nvalue"])
        axes.set_title("test accuracy", weight="normal")
        percent_axis(axes, "y")
        style.grid(axes, "y")
        heights = [means["mean"].iloc[-1] for means in lines.values()]
        names, hues = [f"{pool}-pools" for pool in lines], [POOL_HUES[pool] for pool in lines]
        end_labels(axes, names, heights=heights, colours=hues, width=15)
    said = {
        f"{SURROUNDINGS[row.pool]}, slope {_signed(row.slope)}": words.with_interval(row.mean, row.low, row.high)
        for pool in lines
        for row in lines[pool][["pool", "slope", "mean", "low", "high"]].itertuples(index=False, name="Row")
    }
    return Figure(
        id=id,
        plot=plot,
        frame=last[["network", "pool", "slope", "seed", "accuracy", "key"]].reset_index(drop=True),
        caption=f"{_along(lines)} Accuracy against the slope that the activation in the convolutional layers has "
        f"for negative numbers. Each dot is one seed; lines join the means.{words.diverged(frame)}",
        alt=f"Line chart of test accuracy against slope. {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(last["key"].unique()),
    )


def _along(lines: dict[str, pd.DataFrame]) -> str:
    """What the whole road is worth at each pooling, as the title of :func:`by_slope`."""
    gains = {pool: rows["mean"].iloc[-1] - rows["mean"].iloc[0] for pool, rows in lines.items()}
    said = [
        f"{'gains' if g >= 0 else 'loses'} {words.hundredfold(abs(g))} points with {p}-pools" for p, g in gains.items()
    ]
    return f"From a line to the absolute value, accuracy {words.listing(said)}."


def ruler(
    frame: pd.DataFrame,
    scores: pd.DataFrame,
    bends: pd.Series,
    *,
    weights: str = "averaged",
    id: str = "fig-ruler",
) -> Figure:
    """The scale from 0, nothing, to 1, ReLU, with a row for each activation, the highest score first, and its bend.

    ``scores`` has the columns activation, n, score, low, high and shape, as ``verdicts.scale.scores`` makes them from
    ``frame`` at average-pools; ``bends`` are parts of 1, by activation.
    """
    ends = final_of(frame, weights)
    ends = ends[ends["pool"] == POOL].pivot(index="seed", columns="activation", values="accuracy")
    table = scores.assign(bend=scores["activation"].map(bends))
    table = table.sort_values("score", ascending=False, na_position="last", kind="stable").reset_index(drop=True)
    sure = table[table["shape"] == "interval"]
    reach = pd.concat([sure["score"], sure["low"], sure["high"]]).dropna()
    edges = max(LEFT, min(-0.15, reach.min() - 0.08)), min(RIGHT, max(1.2, reach.max() + 0.08))
    said = {written(row.activation): _said(row) for row in table.itertuples()}
    with style.scoped():
        plot, (axes, beside) = style.canvas(
            0.95 + 0.31 * len(table), ncols=2, sharey=True, gridspec_kw={"width_ratios": (3, 1)}
        )
        for value in (0, 1):
            axes.axvline(value, color=style.INK, linewidth=1.2, zorder=0.5)
        for place, (name, row) in enumerate(table.set_index("activation").iterrows()):
            hue = style.MAX if str(name).startswith("maxout") else style.INK
            axes.plot([0, 1], [place, place], color=style.PALE, linewidth=7, zorder=0, solid_capstyle="butt")
            if row["shape"] == "interval":
                dots = (ends[name] - ends[NOTHING]) / (ends[RELU] - ends[NOTHING])
                _seeds_and_interval(axes, place, row.rename({"score": "mean"}), dots.dropna(), hue, edges=edges)
            else:
                axes.text(0.5, place, said[written(str(name))], ha="center", va="center", color=style.MUTED)
            beside.barh(place, row["bend"], height=0.5, color=hue, alpha=0.75)
            beside.text(row["bend"] + 0.04, place, words.percent(row["bend"], 0), va="center", color=hue)
        axes.set(xlim=edges, ylim=(len(table) - 0.4, -0.7))
        axes.set_yticks(range(len(table)), table["activation"].map(written))
        axes.set_xticks([0, 0.5, 1], ["0\nnothing", "0.5", "1\nReLU"])
        axes.set_title("score", weight="normal")
        beside.set(xlim=(0, 1.45), xticks=[])
        beside.set_title("bend", weight="normal")
        for each in (axes, beside):
            each.tick_params(axis="y", length=0, labelleft=each is axes)
            for side in ("left", "bottom"):
                each.spines[side].set_visible(False)
    bars = f"Fieller’s {words.LEVEL_WORDS} intervals"
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption=f"{_highest(table)} Where activations lie between no activation (0) and ReLU (1), with "
        f"{SURROUNDINGS[POOL]}, and how much each bends. {_what_is_drawn(table['n'], interval=bars)}"
        f"{words.diverged(frame)}",
        alt=f"Dot chart of scores between 0, no activation, and 1, ReLU, beside bars of bends. {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def _highest(table: pd.DataFrame) -> str:
    """Who lies highest, and how much that bends, as the title of :func:`ruler`."""
    there = table.dropna(subset=["score"])
    if there.empty or (there["shape"] != "interval").any():
        return "Here there is no scale."
    first, most = there.iloc[0], there.loc[there["bend"].idxmax()]
    name, other = (written(str(row["activation"]).split(",")[0]) for row in (first, most))
    other = other.replace("absolute", "the absolute")
    start = f"{words.capital(name)} lies highest, at {_number(first['score'])}"
    return (
        f"{start}, though {other} bends most."
        if first["activation"] != most["activation"]
        else f"{start}, and bends most."
    )


def final_of(frame: pd.DataFrame, weights: str) -> pd.DataFrame:
    """The last evaluation of each run that came so far, with its pool and activation."""
    return activations(final(evaluations(frame, weights)))


def _seeds_and_interval(
    axes: Axes, place: float, row: pd.Series, seeds: pd.Series, hue: str, *, edges: tuple[float, float]
) -> None:
    """A dot for the mean, a bar for its interval, a small dot for each seed; an arrow for a mean beyond the edges."""
    if row["n"] > 1:
        axes.plot(np.clip([row["low"], row["high"]], *edges), [place, place], color=hue, linewidth=2.5)
        axes.plot(seeds, [place] * len(seeds), "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
    at = float(np.clip(row["mean"], *edges))
    marker = "o" if at == row["mean"] else "<" if row["mean"] < at else ">"
    axes.plot(
        at, place, marker, color=hue, markersize=8, markeredgecolor=style.PAPER, markeredgewidth=1.2, clip_on=False
    )


def _said(row: Any) -> str:
    """A row of the ruler in words: "0.61 (0.55 to 0.67)"."""
    if row.n == 0:
        return "not finished"
    if row.shape != "interval":
        return "no scale" if row.n == 1 else "no bounds"
    score, low, high = (_number(getattr(row, name)) for name in ("score", "low", "high"))
    return score if row.n == 1 else f"{score} ({low} to {high})"


def _number(value: float) -> str:
    return f"{np.round(value, 2) + 0.0:.2f}".replace("-", "−")


def _signed(slope: float) -> str:
    return f"{slope:g}".replace("-", "−")


def _what_is_drawn(n: pd.Series, *, interval: str) -> str:
    seeds = [int(count) for count in n if count > 0]
    if not seeds:
        return "No run came to its end."
    if max(seeds) == 1:
        return "One seed each, so there are no intervals."
    return f"Large dots: {words.counts(seeds, 'seed')} together, bars: {interval}, small dots: single seeds."
