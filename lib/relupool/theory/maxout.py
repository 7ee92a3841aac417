"""Maxout in one dimension: the largest of some straight lines, and broken lines as the difference of two of them."""

from __future__ import annotations

import numpy as np

from relupool.validation import refuse

Array = np.ndarray


def maxout(x: Array, lines: Array) -> Array:
    """The largest of ``lines``, rows (slope, offset), at each of ``x`` ``(n,)``: a maxout unit with one input."""
    return (x[:, None] * lines[:, 0] + lines[:, 1]).max(axis=1)


def difference_of_maxouts(x: Array, y: Array) -> tuple[Array, Array]:
    """The lines ``(pieces, 2)`` of two maxout units whose difference is the broken line through the points (x, y).

    Where the broken line turns upward the first unit turns, where it turns downward the second; beyond its ends it goes
    straight on. ``x`` must rise.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(x) < 2 or len(x) != len(y) or (np.diff(x) <= 0).any():
        refuse("x", x.tolist(), "two or more rising numbers, as many as y has")
    slope = np.diff(y) / np.diff(x)
    turn = np.diff(slope)
    up, down = np.maximum(turn, 0), np.maximum(-turn, 0)
    tilt = -down.sum() / 2  # a line taken from both, which makes the second as steep on the left as on the right
    return _convex(x, slope[0] + tilt, y[0], up), _convex(x, tilt, 0.0, down)


def _convex(x: Array, slope: float, start: float, turns: Array) -> Array:
    """The lines of the broken line that leaves (x[0], start) with ``slope`` and turns upward at x[1], x[2], ..."""
    slopes = slope + np.concatenate([[0], np.cumsum(turns)])
    heights = start + np.concatenate([[0], np.cumsum(slopes * np.diff(x))])[:-1]
    lines = np.stack([slopes, heights - slopes * x[:-1]], axis=1)
    return lines[np.concatenate([[True], turns > 0])]
