"""The figures on averages: the gap that they leave between both orders, and the road from average to maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull, QhullError

from relupool.figures import style, words
from relupool.figures.figure import Figure

FIRST, LAST = style.ORANGE, style.GREEN
"""Colours of what is pooled first and of what is pooled last, in all figures of the chapter."""

DEFINITIONS = "Computed from the definitions in float64; nothing was trained."
CURVES = (style.BLUE, style.ORANGE, style.GREEN, style.PINK)
DASHES = ("-", (0, (6, 2)), (0, (1, 1.4)), (0, (6, 2, 1, 2)))


@style.scoped()
def jensen(graph: pd.DataFrame, *, activation: str, window: Sequence[float], values: Sequence[float]) -> Figure:
    """A window on the graph of an activation: the average of the points, and the point of the average.

    ``graph`` has columns x and y; ``values`` are what the activation makes of the numbers in ``window``.
    """
    mean, last = float(np.mean(window)), float(np.mean(values))
    first = float(np.interp(mean, graph["x"], graph["y"]))
    gap = last - first
    level = abs(gap) < 1e-12 * (1 + abs(last))
    plot, ax = style.canvas(3.3)
    ax.axhline(0, color=style.GRID, lw=0.8)
    _hull(ax, window, values)
    ax.plot(graph["x"], graph["y"], color=style.INK)
    ax.plot(window, values, "o", color=style.INK, ms=7, zorder=3)
    ax.plot([mean, mean], [first, last], color=style.INK, lw=1.2, zorder=3)
    if not level:
        side: dict[str, Any] = {"xytext": (-6, 0), "textcoords": "offset points", "va": "center", "ha": "right"}
        ax.annotate(f"gap {_digits(abs(gap))}", (mean, (first + last) / 2), **side)
    # the upper name stands to the left and the lower one to the right, where a rising graph leaves room
    up = last >= first
    for y, colour, text, above in (
        (last, style.RELU, f"{activation} first", up),
        (first, style.AVERAGE, "average first", not up),
    ):
        ax.plot([mean], [y], "D", color=colour, ms=8, zorder=4)
        ax.annotate(
            f"{text}: {_digits(y)}",
            (mean, y),
            xytext=(-9 if above else 9, 9 if above else -9),
            textcoords="offset points",
            ha="right" if above else "left",
            va="bottom" if above else "top",
            color=colour,
            fontweight="bold",
        )
    ax.margins(y=0.22)
    ax.set(xlabel="number in the window", ylabel=f"{activation} of it")
    outcome = (
        "On a straight line both orders meet."
        if level
        else f"Where the graph bends, averaging last gives {'more' if gap > 0 else 'less'}."
    )
    shown = words.listing(_digits(value) for value in window)
    return Figure(
        id="fig-jensen",
        plot=plot,
        frame=graph,
        caption=f"{outcome} The numbers {shown} on the graph of {activation}. Their average is {_digits(mean)}; the "
        "average of their points lies somewhere in the shaded region that they span.",
        alt=f"The graph of {activation} with {len(window)} points on it, and the region between them. At the average "
        f"{_digits(mean)} the graph is at {_digits(first)} and the average of the points at {_digits(last)}.",
        basis=DEFINITIONS,
    )


def _hull(axes: Axes, window: Sequence[float], values: Sequence[float]) -> None:
    points = np.column_stack([window, values])
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:  # all points on one straight line span no region
        corners = points[[int(np.argmin(window)), int(np.argmax(window))]]
    axes.add_patch(Polygon(corners, closed=True, fc=style.PALE, lw=0, zorder=1))


@style.scoped()
def average_to_max(frame: pd.DataFrame, *, activation: str, window: Sequence[float], beta: float) -> Figure:
    """One window on the road from average to maximum, in both orders.

    ``frame`` has columns beta, order ("pool first", "activation first") and value; the value at ``beta`` is marked.
    """
    curves = {order: part.set_index("beta")["value"] for order, part in frame.groupby("order", sort=False)}
    plot, ax = style.canvas(3.5)
    at, ends = {}, {}
    looks = {"activation first": (LAST, "-", f"{activation} first"), "pool first": (FIRST, (0, (5, 2)), "pool first")}
    for order, (colour, dash, label) in looks.items():
        curve = curves[order]
        ax.plot(curve, color=colour, ls=dash, label=label, zorder=3)
        at[order] = float(np.interp(np.log(beta), np.log(curve.index), curve))
        ends[order] = curve.iloc[0], curve.iloc[-1]
        ax.plot([beta], [at[order]], "D", color=colour, ms=7, zorder=4)
    ax.fill_between(curves["pool first"].index, curves["pool first"], curves["activation first"].to_numpy(),
                    color=style.PALE, lw=0)  # fmt: skip
    ax.axvline(beta, color=style.GRID, lw=0.8, zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(frame["beta"].min(), frame["beta"].max())
    ax.margins(y=0.12)
    ax.set(xlabel="beta (to the left the average, to the right the maximum)", ylabel="pooled value")
    ax.legend(loc="best")
    left, right = (abs(ends["activation first"][k] - ends["pool first"][k]) for k in (0, 1))
    gap = abs(at["activation first"] - at["pool first"])
    shown = words.listing(_digits(value) for value in window)
    return Figure(
        id="fig-average-to-max",
        plot=plot,
        frame=frame,
        caption=f"From average to maximum. Log-mean-exp pooling of the window {shown}, with {activation} before or "
        f"behind it. At beta {_digits(frame['beta'].min())}, nearly the average, the orders are "
        f"{words.scientific(left)} apart; at {_digits(beta)} (marked) {words.scientific(gap)}; at "
        f"{_digits(frame['beta'].max())}, nearly the maximum, {words.scientific(right)}.",
        alt=f"Two curves of the pooled value against beta, for {activation} first and for the pool first. They are "
        f"{words.scientific(left)} apart on the left and {words.scientific(right)} on the right.",
        basis=DEFINITIONS,
    )


@style.scoped()
def log_mean_exp_gap(frame: pd.DataFrame, *, n: int, trials: int) -> Figure:
    """The largest gap against beta with the bound log(n)/beta: a frame as of ``theory.soft_maximum.largest_gaps``."""
    floor = 1e-3
    plot, ax = style.canvas(4.0)
    bound = frame.drop_duplicates("beta").set_index("beta")["bound"]
    ax.plot(bound, color=style.INK, lw=1.2, ls=":", label="log(n)/beta")
    at_end, absent, over = {}, [], []
    for (name, part), colour, dash in zip(frame.groupby("activation", sort=False), CURVES, DASHES, strict=False):
        curve = part.set_index("beta")["gap"]
        if (curve < floor).all():
            absent.append(name)
            continue
        ax.plot(curve.clip(lower=floor / 10), color=colour, ls=dash, label=name)
        at_end[name] = words.scientific(curve.iloc[-1])
        # rounding may lift a gap that is equal to the bound a last digit above it
        if (part["gap"] > part["bound"] * (1 + 1e-9)).any():
            over.append(name)
    ax.set(xscale="log", yscale="log", xlim=(frame["beta"].min(), frame["beta"].max()), xlabel="beta",
           ylabel="largest gap of the two orders")  # fmt: skip
    ax.set_ylim(floor, max(3.0, 1.5 * frame["gap"].max()))
    style.grid(ax, "y")
    ax.tick_params(axis="y", which="minor", length=0)
    ax.legend(loc="lower left", handlelength=3)
    within = [name for name in at_end if name not in over]
    told = f"{words.listing(within)} stay{'s' if len(within) == 1 else ''} within the bound" if within else ""
    told += f"{', ' if told else ''}{words.listing(over)} do{'es' if len(over) == 1 else ''} not" if over else ""
    nothing = f" {words.listing(absent)} has no gap at all." if absent else ""
    return Figure(
        id="fig-log-mean-exp-gap",
        plot=plot,
        frame=frame,
        caption=f"How far apart the orders are between average and maximum. The largest gap in {trials:,} windows of "
        f"{n} numbers, and the bound log(n)/beta, dotted: {told}. At beta {_digits(frame['beta'].max())}, "
        f"{words.pairs(at_end)}.{nothing}",
        alt=f"Curves of the largest gap against beta on logarithmic axes, with the falling line log(n)/beta: {told}. "
        f"At the right end, {words.pairs(at_end)}.",
        basis=DEFINITIONS,
    )


def _digits(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
