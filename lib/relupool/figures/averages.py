"""Averages: the gap that they leave between both orders, and the road from average to maximum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull, QhullError

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure

DEFINITIONS = "Computed from the definitions in float64; nothing was trained."

LOOKS = {
    "relu": ("ReLU", style.RELU, "-"),
    "softplus": ("softplus", style.INK, (0, (6, 2))),
    "gelu": ("GELU", style.MUTED, (0, (6, 2, 1, 2))),
}
"""Name, colour and dashes of the activations whose gaps are drawn."""

FLOOR = 1e-3
"""Gaps below this are drawn at the foot of the picture."""

BETA = "\N{GREEK SMALL LETTER BETA}"
TICKS = ("0.01", "0.1", "1", "10", "100")


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
        marks.note(ax, f"gap {_digits(abs(gap))}", (mean, (first + last) / 2), (-6, 0), va="center", ha="right")
    # the upper name stands to the left and the lower one to the right, where a rising graph leaves room
    for y, name, hue, up in (
        (last, f"{activation} first", style.RELU, last >= first),
        (first, "average first", style.AVERAGE, last < first),
    ):
        ax.plot([mean], [y], "D", color=hue, ms=8, zorder=4)
        shift, ha, va = ((-9, 9), "right", "bottom") if up else ((9, -9), "left", "top")
        marks.note(ax, f"{name}: {_digits(y)}", (mean, y), shift, ha=ha, va=va, color=hue, fontweight="bold")
    ax.margins(y=0.22)
    ax.set(xlabel="number in the window", ylabel=f"{activation} of it")
    outcome = (
        "On a straight line both orders meet."
        if level
        else f"Where the graph bends, averaging last gives {'more' if gap > 0 else 'less'}."
    )
    return Figure(
        id="fig-jensen",
        plot=plot,
        frame=graph,
        caption=f"{outcome} The numbers {words.listing(map(_digits, window))} on the graph of {activation}. Their "
        f"average is {_digits(mean)}; the average of their points lies somewhere in the shaded region that they span.",
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


def _digits(value: float) -> str:
    return words.number(value, ".3g")


@style.scoped()
def average_to_max(frame: pd.DataFrame, *, window: Sequence[float]) -> Figure:
    """One window on the road from average to maximum, with ReLU before the pool and after it.

    ``frame`` has columns beta, order ("pool first", "activation first") and value.
    """
    curves = {order: rows.set_index("beta")["value"] for order, rows in frame.groupby("order")}
    first, last = curves["activation first"], curves["pool first"]
    plot, ax = style.canvas(2.9)
    ax.fill_between(first.index, last, first.to_numpy(), color=style.PALE_ORANGE, lw=0)
    above, below = ((0, 8), "bottom"), ((0, -8), "top")
    for curve, name, dash, (shift, va) in (
        (first, "ReLU, then pool", "-", above),
        (last, "pool, then ReLU", (0, (5, 2)), below),
    ):
        ax.plot(curve, color=style.RELU, ls=dash)
        beta = curve.index[len(curve) // 4]
        marks.note(ax, name, (beta, curve[beta]), shift, ha="center", va=va, color=style.RELU, weight="bold")
    ax.set(xscale="log", xlim=(first.index[0], first.index[-1]), ylabel="pooled value")
    ax.set_xticks([float(tick) for tick in TICKS], ["0.01\naverage", *TICKS[1:-1], "100\nmaximum"])
    ax.set_xlabel(BETA, labelpad=-12)
    ax.margins(y=0.2)
    left, right = (words.scientific(abs(first.iloc[end] - last.iloc[end])) for end in (0, -1))
    return Figure(
        id="fig-average-to-max",
        plot=plot,
        frame=frame,
        caption="The nearer to the maximum, the less the order matters. Log-mean-exp pooling of one window, "
        f"{words.listing(map(words.number, window))}: near the average the two orders are {left} apart, near the "
        f"maximum {right}.",
        alt="Two curves of the pooled value against beta, for ReLU before the pool and after it. They are "
        f"{left} apart on the left and {right} on the right.",
        basis=DEFINITIONS,
    )


@style.scoped()
def log_mean_exp_gap(frame: pd.DataFrame, *, n: int, trials: int) -> Figure:
    """The largest gap against beta, with the bound: a frame as of ``theory.soft_maximum.largest_gaps``."""
    bound = frame.drop_duplicates("beta").set_index("beta")["bound"]
    gaps = {name: rows.set_index("beta")["gap"] for name, rows in frame.groupby("activation", sort=False)}
    plot, ax = style.canvas(3.6)
    ax.plot(bound, color=style.MUTED, lw=1.2, ls=":")
    _name(ax, f"log(n)/{BETA}", bound, 0.62, style.MUTED, up=True)
    for activation, gap in gaps.items():
        _, colour, dash = LOOKS[activation]
        ax.plot(gap.clip(lower=FLOOR / 10), color=colour, ls=dash)
    for activation, place, up in (("relu", 0.85, False), ("gelu", 0.88, True)):
        name, colour, _ = LOOKS[activation]
        _name(ax, name, gaps[activation], place, colour, up=up)
    name, colour, _ = LOOKS["softplus"]
    text = f"{name}: no gap\nat all at {BETA} = 1"
    marks.note(ax, text, (1, 2 * FLOOR), (-14, 6), color=colour, ha="right", weight="bold")
    ax.set(xscale="log", yscale="log", xlim=(bound.index[0], bound.index[-1]), ylim=(FLOOR, 300))
    ax.set(xlabel=BETA, ylabel="largest gap of the orders")
    ax.set_xticks([float(tick) for tick in TICKS], TICKS)
    ax.set_yticks([float(tick) for tick in ("0.001", *TICKS)], ("0.001", *TICKS))
    ax.tick_params(which="minor", length=0)
    marks.grid(ax, "y")
    at_end = {LOOKS[name][0]: words.scientific(gap.iloc[-1]) for name, gap in sorted(gaps.items())}
    over = [name for name, gap in gaps.items() if (gap > bound * (1 + 1e-9)).any()]
    title = "The gap closes for ReLU, and not for GELU" if over == ["gelu"] else "How far apart the two orders can be"
    return Figure(
        id="fig-log-mean-exp-gap",
        plot=plot,
        frame=frame,
        caption=f"{title}. The largest gap found in {trials:,} windows of {n} numbers; dotted, the bound.",
        alt="Curves of the largest gap against beta on logarithmic axes, with the falling line log(n)/beta. At the "
        f"right end, {words.pairs(at_end)}. The curve of softplus drops to nothing at beta 1.",
        basis=DEFINITIONS,
    )


def _name(axes: Axes, text: str, curve: pd.Series, place: float, colour: str, *, up: bool) -> None:
    """``text`` beside a curve, above it or below, at this part of its way."""
    x = curve.index[int(place * (len(curve) - 1))]
    shift, ha, va = ((4, 5), "left", "bottom") if up else ((-4, -5), "right", "top")
    marks.note(axes, text, (x, curve[x]), shift, color=colour, weight="bold", ha=ha, va=va)
