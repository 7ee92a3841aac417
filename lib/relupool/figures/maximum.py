"""What a maximum looks like: a sheet with one fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool.figures import marks, style
from relupool.figures.figure import Figure

REACH = 2.0
"""How far the two numbers run, to both sides of zero."""


@style.scoped()
def fold() -> Figure:
    """The sheet max(a, b) from above and in profile, with three points at which sums fail."""
    points = pd.DataFrame({"name": ["p", "q", "p + q"], "a": [1, 0, 1], "b": [0, 1, 1]})
    points["max"] = points[["a", "b"]].max(axis=1)
    plot, (plan, profile) = style.canvas(3.0, ncols=2)
    _plan(plan, points)
    _profile(profile)
    total, largest = points["max"].iloc[:2].sum(), points["max"].iloc[2]
    return Figure(
        id="fig-max-folds",
        plot=plot,
        frame=points,
        caption="The maximum of two numbers is a sheet with one fold. Left, from above: thin lines join pairs with the "
        f"same maximum. At p and q it is 1; at p + q it is {largest}, and not {total}. Right, a walk from q to p.",
        alt="Left, a square cut by its diagonal: below it the maximum is a and level lines are upright, above it is b "
        f"and they lie flat. At p = (1, 0), q = (0, 1) and p + q = (1, 1) the maximum is {largest}. Right, a V: from q "
        "to p the maximum falls to one half and rises again.",
        basis="Computed from the definition; nothing was trained.",
    )


def _plan(axes: Axes, points: pd.DataFrame) -> None:
    axes.fill([-REACH, REACH, REACH], [-REACH, -REACH, REACH], color=style.PALE, lw=0)
    axes.fill([-REACH, -REACH, REACH], [-REACH, REACH, REACH], color=style.PALE_BLUE, lw=0)
    for level in np.arange(-1.5, REACH, 0.5):
        axes.plot([-REACH, level, level], [level, level, -REACH], color=style.MUTED, lw=0.8)
    axes.plot([-REACH, REACH], [-REACH, REACH], color=style.MAX, lw=2.6)
    for a, b, name, ground in ((1.0, -1.25, "a", style.PALE), (-1.0, 0.25, "b", style.PALE_BLUE)):
        axes.text(a, b, f"max = {name}", ha="center", va="center", bbox={"fc": ground, "ec": "none", "pad": 2})
    beside = {"p": ((0, -13), "center"), "q": ((-9, 0), "right"), "p + q": ((0, 13), "center")}
    for point in points.itertuples():
        shift, side = beside[point.name]
        axes.plot(point.a, point.b, "o", color=style.INK, ms=8, zorder=3)
        around = {"fc": style.PALE_BLUE if point.b >= point.a else style.PALE, "ec": "none", "pad": 1}
        look = {"ha": side, "va": "center", "weight": "bold", "bbox": around}
        marks.note(axes, f"{point.name}: {point.max}", (point.a, point.b), shift, **look)
    ticks = [-2, -1, 0, 1, 2]
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="a", ylabel="b", aspect="equal")
    axes.set(xticks=ticks, yticks=ticks)


def _profile(axes: Axes) -> None:
    """The maximum on the way from q to p, where a rises from 0 to 1 and b falls from 1 to 0."""
    way = np.linspace(-0.25, 1.25, 61)
    axes.plot(way, np.maximum(way, 1 - way), color=style.MAX)
    axes.plot([0, 1], [1, 1], "o", color=style.INK, ms=8, zorder=3)
    marks.note(axes, "fold", (0.5, 0.5), (0, -10), color=style.MAX, weight="bold", ha="center", va="top")
    axes.set(xlim=(-0.3, 1.3), ylim=(0, 1.5), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1, 1.5], ylabel="maximum")
    axes.set_xticklabels(["q", "halfway", "p"])
