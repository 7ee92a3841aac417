"""How few ReLUs make the maximum of two numbers: a search over all sums of so many of them.

Looked for are sums c1 relu(l1(x)) + ... + cn relu(ln(x)), each l a linear function of the pair x = (a, b), given by its
direction; beside a linear path there is also a term p a + q b. For every choice of directions the best c are those of
least squares.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import gcd

import numpy as np
from attrs import frozen

Array = np.ndarray


@frozen(eq=False)
class Fit:
    """The best sum found: ``directions`` ``(n, 2)``, ``values`` at the points, root-mean-square ``residual``."""

    directions: Array
    values: Array
    residual: float


def circle(count: int) -> Array:
    """``count`` pairs ``(count, 2)`` around the unit circle, from (1, 0) on.

    For sums as above, as for the maximum, f(s x) = s f(x) for s > 0, so what holds on the circle holds everywhere.
    """
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def lattice(reach: int) -> Array:
    """The whole-number directions with both numbers from -``reach`` to ``reach``, each once, ``(count, 2)``."""
    numbers = range(-reach, reach + 1)
    return np.array([(p, q) for p in numbers for q in numbers if gcd(p, q) == 1], dtype=float)


def best(
    points: Array,
    values: Array,
    *,
    relus: int,
    directions: Array,
    linear_path: bool = False,
    activation: Callable[[Array], Array] = lambda x: np.maximum(x, 0),
) -> Fit:
    """The sum of ``relus`` ReLUs closest to ``values`` ``(n,)`` at ``points`` ``(n, 2)``, all choices tried."""
    bent = np.asarray(activation(points @ directions.T), dtype=np.float64)
    chosen = np.array(list(combinations(range(len(directions)), relus)), dtype=int)
    terms = bent.T[chosen]  # (choices, relus, points)
    if linear_path:
        terms = np.concatenate([terms, np.broadcast_to(points.T, (len(chosen), 2, len(points)))], axis=1)
    q, _ = np.linalg.qr(np.swapaxes(terms, 1, 2))
    fitted = (q @ (np.swapaxes(q, 1, 2) @ values)[..., None])[..., 0] if terms.shape[1] else np.zeros((1, len(points)))
    residual = np.sqrt(((fitted - values) ** 2).mean(axis=1))
    k = int(residual.argmin())
    return Fit(directions[chosen[k]], fitted[k], float(residual[k]))
