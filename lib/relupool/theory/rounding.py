"""What rounding does: computed functions that fall by a last digit, results that tie, and lines that bend.

The computed functions come in as arguments; they take and return arrays of any shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd

from relupool.theory import checks
from relupool.theory.checks import Pullback
from relupool.theory.evidence import Array, Function, compare, draw, to_array

SMOOTH = ("tanh", "sigmoid", "elu", "softplus")
"""Activations that never fall, but for rounding."""


def falls(
    activation: Callable[[str], Function],
    pool: Function,
    *,
    numbers: int = 70_000,
    seed: int = 0,
) -> pd.DataFrame:
    """How often float32 versions of :data:`SMOOTH` do fall, and what a pool makes of it.

    Neighbours are ``numbers`` pairs of float32 numbers next to each other, normal with standard deviation 3. Pooled are
    as many images as give at least ``numbers`` values: standard normal ones, and those of
    :func:`~relupool.theory.evidence.draw`, which are made to break things. Columns: activation; pairs, out_of_order;
    compared, ordinary (how many values of normal images differ between the two orders), differing, largest_deviation
    (of the others); low, the lower number of a pair out of order (NaN if there is none).
    """
    rng = np.random.default_rng(seed)
    low = (3 * rng.standard_normal(numbers)).astype("float32")
    neighbours = np.stack([low, np.nextafter(low, np.float32(np.inf))], axis=1)
    each = to_array(pool(np.zeros((1, *checks.SHAPE), "float32"))).size
    count = -(-numbers // each)
    images = rng.standard_normal((count, *checks.SHAPE)).astype("float32"), draw(count, shape=checks.SHAPE, seed=seed)
    rows = []
    for name in SMOOTH:
        function = activation(name)
        results = to_array(function(neighbours))
        wrong = np.flatnonzero(results[:, 0] > results[:, 1])
        shown = float(low[wrong[0]]) if len(wrong) else np.nan
        first, last = (lambda x, f=function: f(pool(x))), (lambda x, f=function: pool(f(x)))
        ordinary, hard = (compare(first, last, x) for x in images)
        found = (hard.compared, ordinary.differing, hard.differing, hard.largest_deviation)
        rows.append((name, numbers, len(wrong), *found, shown))
    columns = ["activation", "pairs", "out_of_order", "compared", "ordinary", "differing", "largest_deviation", "low"]
    return pd.DataFrame(rows, columns=columns)


def zoom(function: Function, truth: Function, *, around: float, numbers: int = 48) -> pd.DataFrame:
    """``function`` at float32 numbers next to each other about ``around``, and the ``truth`` in float64.

    Columns x; computed and true, both in float32's last places at ``around``, above the first of the true ones; and
    falls, whether the number before has a larger result.
    """
    spacing = float(np.spacing(np.float32(around)))
    x = (np.float32(around) + spacing * (np.arange(numbers) - numbers // 2)).astype("float32")
    computed, exact = to_array(function(x)).astype(float), to_array(truth(x.astype(float)))
    unit = float(np.spacing(np.float32(abs(exact[0]))))
    falls = np.diff(computed, prepend=computed[0]) < 0
    columns = {"computed": (computed - exact[0]) / unit, "true": (exact - exact[0]) / unit}
    return pd.DataFrame({"x": x, **columns, "falls": falls})


def off_the_chord(function: Function, ends: Sequence[Array], *, points: int = 401) -> pd.DataFrame:
    """How far ``function`` is off a straight line between two inputs, in units of its change from one to the other.

    Its first output counts, in float64; columns way (from 0 to 1) and off, which of a straight line is 0 throughout.
    """
    way = np.linspace(0, 1, points)
    start, end = (np.asarray(x, dtype=np.float64) for x in ends)
    inputs = np.stack([start + t * (end - start) for t in way]).astype("float32")
    y = to_array(function(inputs)).astype(float).reshape(points, -1)[:, 0]
    return pd.DataFrame({"way": way, "off": (y - (y[0] + way * (y[-1] - y[0]))) / abs(y[-1] - y[0])})


def positive(dtype: str) -> Array:
    """Every positive finite number of a format with 16 bits, "float16" or "bfloat16", in rising order."""
    format = np.dtype(getattr(ml_dtypes, dtype, dtype))  # NumPy lacks bfloat16
    largest = np.asarray(ml_dtypes.finfo(format).max, dtype=format).view(np.uint16)
    return np.arange(1, int(largest) + 1, dtype=np.uint16).view(format)


def saturation(function: Function, pool: Function, pullback: Pullback) -> pd.DataFrame:
    """Numbers that an activation with the upper limit 1, such as the sigmoid, no longer tells apart with 16 bits.

    Two rows for each format, each a window of two numbers with one result: the least and the largest number with the
    largest ``result`` below 1, and the number from which on every result is 1 beside its double. Columns: format,
    result, low, high and the gradients of both numbers, pool first (first_low, first_high) and activation first
    (last_low, last_high). ``pool`` takes ``(1, 1, 2, 1)`` to one number.
    """
    rows = []
    for dtype in ("float16", "bfloat16"):
        x = positive(dtype)
        results = to_array(function(x)).astype(float)
        below = results[results < 1].max()
        shared, ones = x[results == below], x[np.flatnonzero(results < 1)[-1] + 1 :]
        for result, low, high in ((below, shared[0], shared[-1]), (1.0, ones[0], 2 * ones[0])):
            window = np.array([low, high], dtype=x.dtype).reshape(1, 1, 2, 1)
            rows.append((dtype, result, float(low), float(high), *_gradients(function, pool, pullback, window)))
    columns = ["first_low", "first_high", "last_low", "last_high"]
    return pd.DataFrame(rows, columns=["format", "result", "low", "high", *columns])


def _gradients(function: Function, pool: Function, pullback: Pullback, window: Array) -> list[float]:
    upstream = np.ones((1, 1, 1, 1), dtype=window.dtype)
    orders: tuple[Callable[[Any], Any], ...] = (lambda x: function(pool(x)), lambda x: pool(function(x)))
    return [float(g) for order in orders for g in np.ravel(to_array(pullback(order, window, upstream)).astype(float))]
