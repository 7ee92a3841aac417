"""Linear regions: the pieces of a plane as stained glass, and the folds along a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure

RELU, MAX, BOTH, NEITHER = "ReLU alone", "max alone", "both", "neither"
"""The four networks whose pieces are counted."""

HUES = {RELU: (style.RELU,), MAX: (style.MAX,), BOTH: (style.RELU, style.MAX), NEITHER: (style.AVERAGE,)}
"""The glass of each network: the colours of what bends in it."""

SHADES = (0.4, 0.8, 0.28, 0.6, 0.2, 0.7)
"""How opaque panes of one colour are."""

SHAPE = 2.2
"""How many times wider than high the rectangle is in which pieces are drawn."""

Cells = Sequence[np.ndarray]
"""Polygons ``(corners, 2)`` that fill the unit square."""


@style.scoped()
def plane(cells: Mapping[str, Cells], *, counts: Mapping[str, int], images: str, basis: str, tag: str) -> Figure:
    """The pieces of networks in a small rectangle of the plane through three pictures.

    ``cells`` and ``counts`` are the pieces of each network, drawn and different; ``images`` names the pictures.
    """
    plot, axes = style.canvas(3.2, nrows=2, ncols=2)
    for ax, (network, count) in zip(axes.flat, counts.items(), strict=True):
        _panes(ax, cells[network], HUES[network])
        ax.set_title(f"{network}: {words.count(count, 'piece')}", pad=4)
    said = words.listing(f"{count:,} ({network})" for network, count in counts.items())
    rows = [
        (network, number, *corner)
        for network, polygons in cells.items()
        for number, polygon in enumerate(polygons)
        for corner in polygon
    ]
    return Figure(
        id="fig-regions-plane",
        plot=plot,
        frame=pd.DataFrame(rows, columns=["network", "cell", "x", "y"]),
        caption="A network that bends is stained glass. In each pane the whole network is one affine map. The window "
        f"lies in the plane through {images}, with a corner at the first.",
        alt=f"Four windows of stained glass, cut into polygons. Pieces: {said}. Long straight edges run through many "
        "panes; others change direction where they cross them.",
        basis=basis,
        tag=tag,
    )


def _panes(axes: Axes, polygons: Cells, hues: Sequence[str]) -> None:
    glass = [(hue, shade) for shade in SHADES for hue in hues]
    for polygon, colour in zip(polygons, colouring(polygons, len(glass)), strict=True):
        hue, shade = glass[colour % len(glass)]
        axes.fill(*polygon.T, facecolor=hue, alpha=shade, lw=0)
    for polygon in polygons:
        axes.plot(*np.vstack([polygon, polygon[:1]]).T, color=style.PAPER, lw=1.1)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect=1 / SHAPE)
    axes.axis("off")


def colouring(polygons: Cells, colours_there_are: int) -> list[int]:
    """A number for each of ``polygons``, other than those of the neighbours that it shares an edge with."""
    corners = [np.asarray(polygon) for polygon in polygons]
    beside: list[set[int]] = [set() for _ in corners]
    for k, polygon in enumerate(corners):
        ends = np.roll(polygon, -1, axis=0)
        out = np.stack([ends[:, 1] - polygon[:, 1], polygon[:, 0] - ends[:, 0]], axis=1)
        out *= np.sign((((polygon + ends) / 2 - polygon.mean(axis=0)) * out).sum(axis=1, keepdims=True))
        length = np.linalg.norm(out, axis=1, keepdims=True)
        just_out = 1e-6 * out / np.where(length > 0, length, 1)
        along = [polygon + share * (ends - polygon) + just_out for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
        beyond = np.concatenate([points[length[:, 0] > 0] for points in along])
        for other, candidate in enumerate(corners):
            if other != k and _inside(beyond, candidate).any():
                beside[k].add(other)
                beside[other].add(k)
    colours = [-1] * len(corners)
    for turn, k in enumerate(sorted(range(len(corners)), key=lambda k: -len(beside[k]))):
        taken = {colours[other] for other in beside[k]}
        free = [colour for colour in range(colours_there_are) if colour not in taken]
        colours[k] = free[turn % len(free)] if free else min(set(range(len(taken) + 1)) - taken)
    return colours


def _inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether each of ``points`` ``(n, 2)`` lies in a convex polygon, whichever way round its corners are listed."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    offset = points[:, None] - polygon[None]
    cross = edges[:, 0] * offset[..., 1] - edges[:, 1] * offset[..., 0]
    return (cross >= 0).all(axis=1) | (cross <= 0).all(axis=1)


def folds_frame(places: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Where layer 1 folds along a line: network, place, and whether it also does so where both are.

    ``places`` has those of :data:`RELU`, :data:`MAX` and :data:`BOTH`.
    """
    rows = [
        (network, place, bool(np.isclose(places[BOTH], place, rtol=0, atol=1e-9).any()))
        for network in (RELU, BOTH, MAX)
        for place in places[network]
    ]
    return pd.DataFrame(rows, columns=["network", "place", "kept"])


@style.scoped()
def line(frame: pd.DataFrame, *, images: str, basis: str, tag: str) -> Figure:
    """Which folds of ReLU alone and of max alone are left where both are; ``frame`` is a :func:`folds_frame`."""
    folds = frame.groupby("network")["kept"].agg(total="count", kept="sum")
    total, kept, lost = folds["total"], folds["kept"], folds["total"] - folds["kept"]
    plot, ax = style.canvas(2.9)
    for network, start, short, end, hue in ((RELU, 3.0, 2.25, 1.0, style.RELU), (MAX, 0.0, 0.75, 2.0, style.MAX)):
        own = frame[frame["network"] == network]
        for stays, stop, width in ((False, short, 0.7), (True, end, 1.5)):
            ax.vlines(own[own["kept"] == stays]["place"], start, stop, color=hue, lw=width)
    ax.axhspan(1, 2, color=style.PALE, lw=0, zorder=0)
    rows = {
        RELU: (2.5, f"{lost[RELU]} hidden:\nnot the largest\nin a window", style.RELU),
        BOTH: (1.5, f"{kept[RELU]} + {kept[MAX]} stay", style.INK),
        MAX: (0.5, f"{lost[MAX]} flattened:\na window\nbelow zero", style.MAX),
    }
    labels = [f"{network}\n{words.count(total[network], 'fold')}" for network in rows]
    ax.set_yticks([height for height, *_ in rows.values()], labels)
    marks.rows(ax)
    for height, text, hue in (rows[RELU], rows[MAX], rows[BOTH]):
        marks.beside(ax, text, height, colour=hue)
    ax.set(ylim=(0, 3), xlim=(0, 1), xlabel="on the way from one picture to the next", xticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    fewer = total[BOTH] < total[RELU], total[BOTH] < total[MAX]
    title = {
        (True, True): "Together they fold less than either alone",
        (True, False): "Together they fold less than ReLU alone",
        (False, True): "Together they fold less than max alone",
        (False, False): "Not every fold is left where both are",
    }[fewer]
    return Figure(
        id="fig-regions-line",
        plot=plot,
        frame=frame,
        caption=f"{title}. Each tick is a place at which the first layer folds, on a short walk between {images}. "
        "Long ticks are folds that stay when ReLU and max are used together.",
        alt=f"Three rows of ticks. ReLU alone has {total[RELU]}, of which {kept[RELU]} reach into the middle row; max "
        f"alone has {total[MAX]}, of which {kept[MAX]} do. The middle row, both, has {total[BOTH]}.",
        basis=basis,
        tag=tag,
    )
