"""The window of chapter 2 for readers who switch parts of its network: its panes as paths, small enough for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from relupool.figures.regions import SHADES, SHAPE, colouring
from relupool.theory.regions import Piece, different

PARTS = {"conv": "conv ReLU", "dense": "dense ReLU", "max": "max-pooling"}
"""What can be switched; without max-pooling, the pools are averages."""

WIDTH, HEIGHT = 440, round(440 / SHAPE)
"""The window's own units, in which corners are rounded to whole numbers."""


def window(pieces: Sequence[Piece], *, on: Sequence[str]) -> dict[str, Any]:
    """What a page needs to draw the ``pieces`` of a network that has ``on``: some of :data:`PARTS`.

    ``panes`` are rows of a colour ("relu", "max" or "none"), how opaque it is, and the path of all panes of its kind.
    """
    hues = [hue for hue, parts in {"relu": {"conv", "dense"}, "max": {"max"}}.items() if parts & set(on)] or ["none"]
    glass = [(hue, shade) for shade in SHADES for hue in hues]
    corners = [piece.corners for piece in pieces]
    paths: dict[tuple[str, float], str] = {}
    for polygon, colour in zip(corners, colouring(corners, len(glass)), strict=True):
        kind = glass[colour % len(glass)]
        paths[kind] = paths.get(kind, "") + path(polygon)
    panes = [(*kind, paths[kind]) for kind in sorted(paths)]
    off = [name for part, name in PARTS.items() if part not in on]
    alone = "".join(PARTS[part] for part in on)
    network = ("all three", f"without {''.join(off)}", f"{alone} alone", "nothing bends")
    return {
        "on": " ".join(on),
        "network": network[len(off)],
        "pieces": different(pieces),
        "panes": panes,
        "size": [WIDTH, HEIGHT],
    }


def path(polygon: np.ndarray) -> str:
    """A polygon ``(corners, 2)`` of the unit square, whose y points upwards, as an SVG path with relative steps."""
    points = np.rint([[WIDTH, -HEIGHT]] * polygon + [0, HEIGHT]).astype(int)
    steps = np.diff(points[:-1] if (points[0] == points[-1]).all() else points, axis=0)
    return f"M{points[0, 0]} {points[0, 1]}l{' '.join(f'{x} {y}' for x, y in steps).replace(' -', '-')}z"
