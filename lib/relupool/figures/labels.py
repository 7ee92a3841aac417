"""Labels that stand beside what they name, instead of a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.optimize import isotonic_regression

LINE = 1.25
"""Distance between lines of text, in font sizes."""


def spread(positions: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """The positions nearest to ``positions`` (least squares) of which neighbours are far enough apart.

    ``gaps[i]`` is the room that label i needs around its centre; order is kept.
    """
    order = np.argsort(positions, kind="stable")
    room = np.asarray(gaps, float)[order]
    least = np.concatenate([[0], np.cumsum((room[1:] + room[:-1]) / 2)])
    moved = np.empty(len(order))
    moved[order] = isotonic_regression(np.asarray(positions, float)[order] - least).x + least
    return moved


def end_labels(
    axes: Axes, labels: Sequence[str], *, heights: Sequence[float], colours: Sequence[str], width: int = 19
) -> None:
    """Write ``labels`` at their heights on the right of ``axes``, wrapped to ``width`` characters.

    Call it last: it reads the limits of the y axis. Labels that would overlap are moved apart.
    """
    texts = [textwrap.fill(label, width, break_on_hyphens=False) for label in labels]
    low, high = axes.get_ylim()
    figure = axes.get_figure(root=True)
    assert figure is not None
    points = 72 * axes.get_position().height * figure.get_figheight()
    line = (high - low) * LINE * float(axes.xaxis.label.get_fontsize()) / points
    gaps = np.array([line * (text.count("\n") + 1.35) for text in texts])
    for text, height, colour in zip(texts, spread(np.asarray(heights), gaps), colours, strict=True):
        beside(axes, text, height, colour=colour)


def beside(axes: Axes, text: str, height: float, *, colour: str) -> None:
    """Write ``text`` to the right of ``axes``, at a height in data coordinates."""
    axes.annotate(
        text,
        (1, height),
        xycoords=axes.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        linespacing=1.1,
        annotation_clip=False,
    )


def percent_axis(axes: Axes, axis: str, *, sign: str = " %") -> None:
    """Tick labels of the x or y ``axis`` in per cent; differences of percentages are in points and have no ``sign``."""
    getattr(axes, f"{axis}axis").set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}{sign}"))


def count_axis(axes: Axes, axis: str) -> None:
    """Tick labels of the x or y ``axis`` as whole numbers, thousands apart; none at minor ticks."""
    getattr(axes, f"{axis}axis").set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    getattr(axes, f"{axis}axis").set_minor_formatter(NullFormatter())
