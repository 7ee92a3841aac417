"""The gap between the average of activated numbers and the activated average: its sign, and its size.

A window is the last axis of an array ``(..., n)``. Everything is in float64, from the book's own activations.
"""

from __future__ import annotations

import numpy as np

from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array

BENDS = ("straight", "convex", "concave", "both ways")
"""How a graph bends: not at all, only upwards (its chords lie above it), only downwards, or here so and there so."""

EPS = float(np.finfo(np.float64).eps)


def bend(name: str) -> str:
    """How the graph of an activation bends, one of :data:`BENDS`, by comparing midpoints of chords with the graph.

    The chords end on multiples of 1/16 between -20 and 20, which float64 adds without rounding. A midpoint counts as
    off the graph if it is so by more than eight roundings of the numbers that it is computed from.
    """
    activation = ACTIVATIONS[name]
    up = down = False
    for half in (1 / 16, 1 / 2, 4):
        middle = np.arange(-20 + half, 20 - half + 1 / 32, 1 / 16)
        left, centre, right = (activation(middle + shift) for shift in (-half, 0, half))
        rise = left + right - 2 * centre
        rounding = 8 * EPS * (np.abs(left) + 2 * np.abs(centre) + np.abs(right))
        up, down = up or bool((rise > rounding).any()), down or bool((rise < -rounding).any())
    return BENDS[up + 2 * down]


def windows(trials: int, *, n: int, seed: int = 0) -> Array:
    """``(trials, n)`` normal numbers, each window about a centre of its own and with a spread of its own.

    Centres have mean 0 and standard deviation 3, spreads run from 0.1 to 3, so that every bend of an activation is met.
    """
    rng = np.random.default_rng(seed)
    centre, spread = rng.normal(0, 3, (trials, 1)), 10 ** rng.uniform(-1, 0.5, (trials, 1))
    return centre + spread * rng.normal(size=(trials, n))


def gap(name: str, x: Array) -> Array:
    """mean(activation(x)) - activation(mean(x)) over the last axis."""
    activation = ACTIVATIONS[name]
    return activation(x).mean(axis=-1) - activation(x.mean(axis=-1))


def rounding(name: str, x: Array) -> Array:
    """How far :func:`gap` may be off: n roundings of each of the numbers that are added up in it.

    The error of the average reaches the result through the activation's slope there.
    """
    activation, n = ACTIVATIONS[name], x.shape[-1]
    mean = x.mean(axis=-1)
    sizes = np.abs(activation(x)).mean(axis=-1) + np.abs(activation(mean))
    return 2 * n * EPS * (sizes + np.abs(activation.slope(mean)) * np.abs(x).mean(axis=-1))


def has_gap(name: str, x: Array) -> bool:
    """Whether the average of some window in ``x`` does not commute with an activation, rounding aside."""
    return bool((np.abs(gap(name, x)) > rounding(name, x)).any())
