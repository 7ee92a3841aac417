"""What a maximum looks like: its fold, the ReLUs that it takes, and maxout."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from relupool.figures import style, words
from relupool.figures.figure import Figure

EXACT = 1e-9
"""A fit that is off by less is called exact: rounding is far below this, and every other misfit far above."""

CALCULATED = "Calculated in float64; nothing was trained."


@style.scoped()
def fold(*, reach: float = 2.0) -> Figure:
    """The level lines of max(a, b), which break on the diagonal, and three points that superposition fails at."""
    plot, ax = style.canvas(4.2)
    halves = {"a is larger: max = a": (style.PALE_ORANGE, -reach), "b is larger: max = b": (style.PALE_BLUE, reach)}
    for label, (colour, side) in halves.items():
        ax.fill([-reach, reach, -side], [-reach, reach, side], color=colour, lw=0)
        around = {"fc": colour, "ec": "none", "pad": 2}
        ax.text(-side * 0.12, side * 0.88, label, ha="center", va="center", bbox=around, zorder=3)
    levels = np.arange(-1.5, reach, 0.5)
    for level in levels:
        ax.plot([-reach, level, level], [level, level, -reach], color=style.MUTED, lw=0.8)
    ax.plot([-reach, reach], [-reach, reach], color=style.INK, lw=2.4)
    points = pd.DataFrame({"name": ["x", "y", "x + y"], "a": [1, 0, 1], "b": [0, 1, 1]})
    points["max"] = points[["a", "b"]].max(axis=1)
    for point, (dx, dy) in zip(points.itertuples(), [(0, -14), (0, -14), (-31, 15)], strict=True):
        ax.plot(point.a, point.b, "o", color=style.PINK, ms=9, zorder=3)
        ax.annotate(
            f"max({point.name}) = {point.max}",
            (point.a, point.b),
            (dx, dy),
            textcoords="offset points",
            ha="center",
            va="center",
            color=style.PINK,
            weight="bold",
            bbox={"fc": style.PALE_ORANGE if point.a > point.b else style.PALE_BLUE, "ec": "none", "pad": 0},
        )
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="a", ylabel="b", aspect="equal")
    sums = points.set_index("name")["max"]
    return Figure(
        id="fig-max-folds",
        plot=plot,
        frame=points,
        caption="The maximum of two numbers is a sheet with one fold. Thin lines join pairs (a, b) with the same "
        f"maximum; all break on the diagonal. At x and y the maximum is {sums['x']} and {sums['y']}, at x + y "
        f"it is {sums['x + y']}, not {sums['x'] + sums['y']}.",
        alt="A square cut by its diagonal. Below, the maximum is a and its level lines are upright; above, it is b and "
        f"they lie flat. Marked are x = (1, 0), y = (0, 1) and their sum (1, 1), all with maximum {sums['x + y']}.",
        basis=CALCULATED,
    )


@style.scoped()
def few_relus(frame: pd.DataFrame, residuals: Mapping[str, float], *, directions: int) -> Figure:
    """The maximum around the circle, and the best sums of so many ReLUs.

    ``frame`` has columns degrees, fit ("maximum" and the names in ``residuals``) and value; ``residuals`` are root mean
    squares.
    """
    plot, axes = style.canvas(4.6, nrows=2, ncols=2, sharex=True, sharey=True)
    wide = frame.pivot(index="degrees", columns="fit", values="value")
    wide.loc[360.0] = wide.loc[0.0]  # once around
    colours = (style.ORANGE, style.PINK, style.GREEN, style.GREEN)
    for ax, (name, residual), colour in zip(axes.flat, residuals.items(), colours, strict=True):
        ax.plot(wide.index, wide["maximum"], color=style.GRID, lw=6)
        ax.fill_between(wide.index, wide["maximum"], wide[name], color=colour, alpha=0.25, lw=0)
        ax.plot(wide.index, wide[name], color=colour)
        ax.set_title(name, color=colour)
        text = "exact" if residual < EXACT else f"off by {residual:.2g}"
        ax.text(0.54, 0.88, text, transform=ax.transAxes, ha="center", color=colour)
        ax.set_xticks([0, 90, 180, 270, 360], ["0°", "90°", "180°", "270°", "360°"])
    for ax in axes[-1]:
        ax.set_xlabel("direction of (a, b)")
    told = words.pairs({n: "exact" if r < EXACT else f"off by {words.scientific(r)}" for n, r in residuals.items()})
    return Figure(
        id="fig-few-relus",
        plot=plot,
        frame=frame,
        caption="How many ReLUs a maximum takes. Grey: max(a, b) for the pairs on a circle; coloured: the best sum "
        f"found among all choices from {directions} directions. Root mean square of the misfit: {told}.",
        alt=f"Four panels, each with the maximum of two numbers around a circle and a best fit to it. {told}.",
        basis=CALCULATED,
    )


@style.scoped()
def maxout(frame: pd.DataFrame, *, pieces: tuple[int, int], misfit: float) -> Figure:
    """A curve, and the two maxout units whose difference follows it.

    ``frame`` has columns x, curve ("goal", "difference", "first unit", "second unit") and value.
    """
    plot, axes = style.canvas(3.4, ncols=2)
    wide = frame.pivot(index="x", columns="curve", values="value")
    units, goal = axes
    for name, colour in (("first unit", style.BLUE), ("second unit", style.ORANGE)):
        units.plot(wide.index, wide[name], color=colour, label=name)
    units.set_title("two maxout units")
    units.legend(loc="upper center")
    goal.plot(wide.index, wide["goal"], color=style.GRID, lw=6, label="goal")
    goal.plot(wide.index, wide["difference"], color=style.GREEN, label="first − second")
    goal.set_title("their difference")
    goal.set_ylim(-1.15, 1.9)
    goal.legend(loc="upper center")
    for ax in axes:
        ax.set_xlabel("x")
    first, second = pieces
    off = words.scientific(misfit)
    return Figure(
        id="fig-maxout",
        plot=plot,
        frame=frame,
        caption=f"Two maxout units follow a curve. The first is the largest of {first} straight lines, the second of "
        f"{second}; both bend upward only. Their difference is off by at most {off}.",
        alt="Left, two broken lines that bend upward only. Right, their difference on top of a wave, off by at most "
        f"{off}.",
        basis=CALCULATED,
    )
