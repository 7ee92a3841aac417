"""Marks and labels that several figures draw: estimates with their seeds, rows, and names beside what they name."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.optimize import isotonic_regression

from relupool import words
from relupool.figures import style

LINE = 1.25
"""Distance between lines of text, in font sizes."""


def estimate(
    axes: Axes,
    place: float,
    mean: float,
    interval: tuple[float, float],
    hue: str,
    *,
    seeds: Iterable[float] = (),
    edges: tuple[float, float] = (-np.inf, np.inf),
) -> None:
    """A row of a dot chart: a dot for the mean, a bar for its interval (NaN: none), small ones for several seeds.

    Bars end at ``edges``, and a mean beyond them is an arrow there.
    """
    values = list(seeds)
    if not np.isnan(interval[0]):
        axes.plot(np.clip(interval, *edges), [place, place], color=hue, linewidth=2.5)
    if len(values) > 1:
        axes.plot(values, [place] * len(values), "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
    at = float(np.clip(mean, *edges))
    marker = "o" if at == mean else "<" if mean < at else ">"
    axes.plot(
        at, place, marker, color=hue, markersize=8, markeredgecolor=style.PAPER, markeredgewidth=1.2,
        clip_on=edges[1] == np.inf,
    )  # fmt: skip


DOTS = "Large dots: means over {over}, bars: their {level} intervals, small dots: single seeds."


def what_dots_are(n: Iterable[float], several: str = DOTS) -> str:
    """What a caption says of :func:`estimate` with ``n`` seeds a row; ``several`` where rows have more than one."""
    seeds = [int(count) for count in n if count > 0]
    if not seeds:
        return "No run came to its end."
    if max(seeds) == 1:
        return "One seed each, so there are no intervals."
    return several.format(over=words.counts(seeds, "seed"), level=words.LEVEL_WORDS)


def rows(axes: Axes, labels: Sequence[str] | None = None) -> None:
    """Name the rows of a chart, from the top, without an axis; without ``labels``, leave those that are there."""
    if labels is not None:
        axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def grouped_rows(
    axes: Axes, table: pd.DataFrame, label: Callable[[Any], str], *, gap: float
) -> Iterator[tuple[float, Any]]:
    """Each row of ``table`` with its place below the heading of its group, column kind; at last the names of all."""
    place, headings = 0.0, []
    labels: dict[float, str] = {}
    for kind, group in table.groupby("kind", sort=False):
        headings.append(len(labels))
        labels[place] = str(kind)
        for row in group.itertuples(name="Row"):
            place += 1
            labels[place] = label(row)
            yield place, row
        place += 1 + gap
    axes.set(ylim=(place - 0.5, -0.6))
    rows(axes)
    axes.set_yticks(list(labels), list(labels.values()))
    axes.spines["bottom"].set_visible(False)
    for number in headings:
        axes.get_yticklabels()[number].set_fontweight("bold")


def note(axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **look: Any) -> None:
    """``text`` beside the point ``at``, moved by ``shift``, in points."""
    axes.annotate(text, at, shift, textcoords="offset points", **look)


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
    across = axes.get_yaxis_transform()
    look = {"va": "center", "color": colour, "linespacing": 1.1, "annotation_clip": False}
    note(axes, text, (1, height), (8, 0), xycoords=across, **look)


def percent_axis(axes: Axes, axis: Literal["x", "y"], *, sign: str = " %") -> None:
    """Tick labels in per cent; differences of percentages are in points and have no ``sign``."""
    formatter = FuncFormatter(lambda value, _: f"{100 * value:g}{sign}")
    getattr(axes, f"{axis}axis").set_major_formatter(formatter)


def count_axis(axes: Axes, axis: Literal["x", "y"]) -> None:
    """Tick labels as whole numbers, thousands apart; none at minor ticks."""
    getattr(axes, f"{axis}axis").set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    getattr(axes, f"{axis}axis").set_minor_formatter(NullFormatter())


def grid(axes: Axes, axis: Literal["x", "y"]) -> None:
    """Thin lines across ``axes`` at the ticks of one axis, whose own ticks and spine they replace."""
    axes.grid(axis=axis)
    axes.tick_params(axis=axis, length=0)
    axes.spines["left" if axis == "y" else "bottom"].set_visible(False)
