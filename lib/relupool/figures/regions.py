"""Linear regions: the pieces of a plane in colours, and the pieces along a line counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool.figures import style, words
from relupool.figures.figure import Figure

FILLS = (
    (style.BLUE, 0.55), (style.ORANGE, 0.5), (style.GREEN, 0.5), (style.GOLD, 0.5), (style.PINK, 0.5),
    (style.BLUE, 0.2), (style.ORANGE, 0.2), (style.GREEN, 0.2), (style.GOLD, 0.2), (style.PINK, 0.2),
)  # fmt: skip
"""Colours of cells, with how opaque each is."""

Cells = Sequence[np.ndarray]
"""Polygons ``(corners, 2)`` that fill the unit square."""


def cells_frame(cells: dict[str, Cells]) -> pd.DataFrame:
    """The corners of all cells, one a row: network, cell, x, y; the square has side 1."""
    rows = [
        {"network": network, "cell": number, "x": x, "y": y}
        for network, polygons in cells.items()
        for number, polygon in enumerate(polygons)
        for x, y in polygon
    ]
    return pd.DataFrame(rows)


def stretches_frame(starts: dict[str, Sequence[float]], *, reach: float) -> pd.DataFrame:
    """Where the regions of a line begin, one a row: network, percent of the way, regions so far."""
    return pd.DataFrame(
        [
            {"network": network, "percent": 100 * reach * start, "regions": k + 1}
            for network, places in starts.items()
            for k, start in enumerate(sorted(places))
        ]
    )


@style.scoped()
def plane(frame: pd.DataFrame, *, counts: dict[str, int], side: float, images: str, basis: str) -> Figure:
    """The linear regions of networks in a small square of a plane through three crops.

    ``frame`` is a :func:`cells_frame`; ``counts`` the regions of each network; ``side`` the square's, as a part of the
    distance of the first two crops; ``images`` names them.
    """
    plot, axes = style.canvas(7.3, nrows=2, ncols=2)
    for ax, (network, count) in zip(axes.flat, counts.items(), strict=True):
        own = frame[frame["network"] == network]
        _cells(ax, [group[["x", "y"]].to_numpy() for _, group in own.groupby("cell")])
        ax.set_title(f"{network}: {words.count(count, 'region')}")
    told = _told(counts)
    return Figure(
        id="fig-regions-plane",
        plot=plot,
        frame=frame,
        caption="The pieces that networks are made of. Each cell is a set of inputs on which all ten logits are one "
        f"affine map; the square lies in the plane through {images}, with a corner at the first of them, and its side "
        f"is {words.percent(side, 2)} of the distance of the first two. {told}.",
        alt=f"Four squares cut into coloured polygons. {told}. Long straight edges run through many cells; others bend "
        "where they cross them.",
        basis=basis,
    )  # fmt: skip


def _told(counts: dict[str, int]) -> str:
    return "Regions: " + ", ".join(f"{count:,} ({network})" for network, count in counts.items())


def _cells(axes: Axes, polygons: Cells) -> None:
    for polygon, colour in zip(polygons, colouring(polygons), strict=True):
        fill, opacity = FILLS[colour % len(FILLS)]
        axes.fill(*polygon.T, facecolor=fill, alpha=opacity, lw=0)
    for polygon in polygons:
        axes.plot(*np.vstack([polygon, polygon[:1]]).T, color=style.PAPER, lw=0.9)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.axis("off")


def colouring(polygons: Cells) -> list[int]:
    """A number for each of ``polygons`` so that no two that share an edge have the same, given to large ones first."""
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
        free = [colour for colour in range(len(FILLS)) if colour not in taken]
        colours[k] = free[turn % len(free)] if free else min(set(range(len(taken) + 1)) - taken)
    return colours


def _inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether each of ``points`` ``(n, 2)`` lies in a convex polygon, whichever way round its corners are listed."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    offset = points[:, None] - polygon[None]
    cross = edges[:, 0] * offset[..., 1] - edges[:, 1] * offset[..., 0]
    return (cross >= 0).all(axis=1) | (cross <= 0).all(axis=1)


@style.scoped()
def line(frame: pd.DataFrame, *, counts: dict[str, int], reach: float, images: str, basis: str) -> Figure:
    """The regions passed on the way from one crop towards another; ``frame`` is a :func:`stretches_frame`."""
    plot, ax = style.canvas(3.8)
    end = 100 * reach
    looks = zip(style.HUES, ("-", "--", "-", "-"), strict=False)
    for (network, count), (colour, dash) in zip(counts.items(), looks, strict=False):
        own = frame[frame["network"] == network]
        x, y = [*own["percent"], end], [*own["regions"], count]
        ax.plot(x, y, color=colour, ls=dash, drawstyle="steps-post", label=f"{network} ({count:,})")
    ax.set(xlim=(0, end), ylim=(0, None), xlabel="percent of the way", ylabel="regions so far")
    style.grid(ax, "y")
    ax.legend(loc="upper left")
    told = _told(counts)
    return Figure(
        id="fig-regions-line",
        plot=plot,
        frame=frame,
        caption=f"Linear regions on the way from one image to another. On the first {words.percent(reach)} of the "
        f"straight line between {images}, each step up is a bend of the logits. {told}.",
        alt=f"Stairs that rise evenly with the way gone, one for each network; one without a maximum stays level. "
        f"{told}.",
        basis=basis,
    )
