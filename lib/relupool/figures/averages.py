"""The figures on averages: the gap that they leave between both orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull, QhullError

from relupool import words
from relupool.figures import style
from relupool.figures.figure import Figure

DEFINITIONS = "Computed from the definitions in float64; nothing was trained."


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


def _digits(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
