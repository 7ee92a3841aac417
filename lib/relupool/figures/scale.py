"""Figures of the scale from nothing to ReLU: rows of the result store in, :class:`Figure` out.

Networks are called "average pool, slope 0.2": the pooling, then the activation of the convolutional layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool.experiments.scale import NOTHING, RELU, activations, slope_of, written
from relupool.experiments.statistics import intervals
from relupool.figures import style, words
from relupool.figures.accuracy import evaluations, final, top_of
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import beside, end_labels, percent_axis
from relupool.thresholds import CHANCE
from relupool.validation import refuse
from relupool.verdicts.estimate import half_words

SURROUNDINGS = {"average": "average-pools, linear dense", "max": "max-pools, dense ReLU"}
POOL_HUES = {"average": style.BLUE, "max": style.ORANGE}

LEFT, RIGHT = -1.0, 2.5
"""No ruler is longer than from here to there; what lies beyond is an arrow at its end."""


def by_slope(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-slopes") -> Figure:
    """Final accuracy against the slope on the negative side, at each pooling; every seed is a dot."""
    last = final_of(frame, weights)
    last = last.assign(slope=last["activation"].map(slope_of)).dropna(subset=["slope"])
    if last.empty:
        refuse("frame", sorted(frame["network"].unique()), "a frame with finished runs of a leaky slope")
    table = intervals(last, by=("pool", "slope")).sort_values("slope", ascending=False)
    lines = {pool: table[table["pool"] == pool] for pool in SURROUNDINGS if pool in set(table["pool"])}
    with style.scoped():
        plot, axes = style.canvas(4.2)
        for pool, means in lines.items():
            dots = last[last["pool"] == pool]
            axes.plot(means["slope"], means["mean"], color=POOL_HUES[pool])
            axes.plot(
                dots["slope"], dots["accuracy"], "o", color=POOL_HUES[pool], markersize=5, alpha=0.6, markeredgewidth=0
            )
        edges = max(table["slope"].max(), 1) + 0.06, min(table["slope"].min(), -1) - 0.06
        axes.set(xlim=edges, ylim=(0, top_of(last["accuracy"])), xlabel="slope on the negative side")
        axes.axhline(CHANCE, color=style.MUTED, linewidth=1, linestyle=":")
        axes.set_xticks([1, 0.5, 0, -0.5, -1], ["1\nnothing", "0.5", "0\nReLU", "−0.5", "−1\nabsolute value"])
        axes.set_title(f"test accuracy after {_steps(frame)} steps", weight="normal")
        percent_axis(axes, "y")
        style.grid(axes, "y")
        heights = [means["mean"].iloc[-1] for means in lines.values()]
        names, hues = [SURROUNDINGS[pool] for pool in lines], [POOL_HUES[pool] for pool in lines]
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
        caption="From nothing to ReLU, and on to the absolute value. Accuracy against the slope that the activation of "
        "the convolutional layers has for negative numbers. Each dot is one seed, lines join the means. Dotted: "
        f"guessing among ten classes.{words.diverged(frame)}",
        alt=f"Line chart of test accuracy against slope. {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(last["key"].unique()),
    )


def lengths(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-length") -> Figure:
    """How long the scale is at each pooling: accuracy with ReLU minus that with nothing, seed by seed."""
    ends = final_of(frame, weights).pivot(index=["pool", "seed"], columns="activation", values="accuracy")
    if not {NOTHING, RELU} <= set(ends):
        refuse("frame", sorted(frame["network"].unique()), f"a frame with finished runs of {NOTHING} and {RELU}")
    gaps = (ends[RELU] - ends[NOTHING]).dropna().rename("accuracy").reset_index()
    if gaps.empty:
        refuse("frame", "no seed with both ends of the scale", "one that has some")
    table = intervals(gaps, by=("pool",)).set_index("pool")
    pools = [pool for pool in SURROUNDINGS if pool in table.index]
    said = {}
    with style.scoped():
        plot, axes = style.canvas(1.1 + 0.75 * len(pools))
        for place, pool in enumerate(pools):
            row, hue = table.loc[pool], POOL_HUES[pool]
            half = half_words((row["high"] - row["low"]) / 2)
            said[SURROUNDINGS[pool]] = f"{words.hundredfold(row['mean'])}{half}{words.NBSP}points"
            axes.plot([0, row["mean"]], [place, place], color=hue, alpha=0.25, linewidth=9, solid_capstyle="butt")
            _seeds_and_interval(axes, place, row, gaps.loc[gaps["pool"] == pool, "accuracy"], hue)
            above = place - 0.2
            axes.annotate(SURROUNDINGS[pool], (0, above), xytext=(7, 0), textcoords="offset points", va="bottom")
            at_the_right = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "bottom"}
            axes.text(1, above, said[SURROUNDINGS[pool]], color=hue, weight="bold", **at_the_right)
        axes.axvline(0, color=style.INK, linewidth=1)
        reach = pd.concat([gaps["accuracy"], table["low"], table["high"]])
        edges = min(-0.02, reach.min() - 0.01), max(0.05, reach.max() + 0.01)
        axes.set(xlim=edges, ylim=(len(pools) - 0.5, -0.75), yticks=[])
        axes.set_xticks([tick for tick in axes.get_xticks() if edges[0] <= tick <= edges[1]])
        axes.set_xlabel("accuracy with ReLU minus that with nothing, points")
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}".replace("-", "−"))
        axes.spines["left"].set_visible(False)
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index(),
        caption="How long the scale is. What ReLU in the convolutional layers adds to the accuracy, which is the "
        f"denominator of every score. {_what_is_drawn(table['n'])}{words.diverged(frame)}",
        alt=f"Dot chart of the accuracy with ReLU minus that with nothing. {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def ruler(
    frame: pd.DataFrame, scores: pd.DataFrame, *, pool: str, weights: str = "averaged", id: str = "fig-ruler"
) -> Figure:
    """The scale from 0, nothing, to 1, ReLU, with a row for each activation, the highest score first.

    ``scores`` has the columns activation, n, score, low, high and shape, as ``verdicts.scale.scores`` makes them from
    ``frame`` at ``pool``.
    """
    ends = final_of(frame, weights)
    ends = ends[ends["pool"] == pool].pivot(index="seed", columns="activation", values="accuracy")
    table = scores.sort_values("score", ascending=False, na_position="last", kind="stable").reset_index(drop=True)
    sure = table[table["shape"] == "interval"]
    reach = pd.concat([sure["score"], sure["low"], sure["high"]]).dropna()
    edges = max(LEFT, min(-0.15, reach.min() - 0.08)), min(RIGHT, max(1.2, reach.max() + 0.08))
    said = {written(row.activation): _said(row) for row in table.itertuples()}
    with style.scoped():
        plot, axes = style.canvas(1.1 + 0.36 * len(table))
        for value in (0, 1):
            axes.axvline(value, color=style.INK, linewidth=1.2, zorder=0.5)
        for place, (name, row) in enumerate(table.set_index("activation").iterrows()):
            axes.plot([0, 1], [place, place], color=style.PALE, linewidth=7, zorder=0, solid_capstyle="butt")
            if row["shape"] == "interval":
                dots = (ends[name] - ends[NOTHING]) / (ends[RELU] - ends[NOTHING])
                row = row.rename({"score": "mean"})
                _seeds_and_interval(axes, place, row, dots.dropna(), POOL_HUES[pool], edges=edges)
            colour = POOL_HUES[pool] if row["shape"] == "interval" else style.MUTED
            beside(axes, said[written(name)], place, colour=colour)
        axes.set(xlim=edges, ylim=(len(table) - 0.4, -0.7))
        axes.set_yticks(range(len(table)), table["activation"].map(written))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0\nnothing", "", "", "", "1\nReLU"])
        axes.tick_params(axis="y", length=0)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption=f"The scale from nothing to ReLU, with {SURROUNDINGS[pool]} layers. Score of each activation in the "
        f"convolutional layers. {_what_is_drawn(table['n'], interval='Fieller’s ' + words.LEVEL_WORDS + ' intervals')}"
        f"{words.diverged(frame)}",
        alt=f"Dot chart of scores between 0, no activation, and 1, ReLU. {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def final_of(frame: pd.DataFrame, weights: str) -> pd.DataFrame:
    """The last evaluation of each run that came so far, with its pool and activation."""
    return activations(final(evaluations(frame, weights)))


def _seeds_and_interval(
    axes: Axes,
    place: float,
    row: pd.Series,
    seeds: pd.Series,
    hue: str,
    *,
    edges: tuple[float, float] = (-np.inf, np.inf),
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


def _steps(frame: pd.DataFrame) -> str:
    return words.listing(f"{n:,}" for n in sorted(frame["steps"].unique()))


def _what_is_drawn(n: Iterable[int], *, interval: str = f"their {words.LEVEL_WORDS} intervals") -> str:
    seeds = [int(count) for count in n if count > 0]
    if not seeds:
        return "No run came to its end."
    if max(seeds) == 1:
        return "One seed each, so there are no intervals."
    return f"Large dots: {words.counts(seeds, 'seed')} together, bars: {interval}, small dots: single seeds."
