"""The table of activations: which of them commute with a pool, in mathematics and as computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from relupool.theory import checks, reference
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array, Evidence, Function, deviations, to_array

VERDICTS = ("bit for bit", "but for rounding", "no")
"""Commutes as computed, commutes in mathematics and is not computed exactly, does not commute."""

FEWEST = 210
"""Trials that find a counterexample wherever there is one: thirty of each kind that is drawn."""


def survey(
    activation: Callable[[str], Function], max_pool: Callable[..., Any], *, pool_size: int, trials: int, seed: int = 0
) -> pd.DataFrame:
    """Columns activation and verdict, one of :data:`VERDICTS`, for the functions ``activation(name)`` under test.

    The pool has stride 2 and padding "same".
    """

    def pool(x: Array) -> Array:
        return max_pool(x, pool_size, 2, "same")

    def verdict(name: str) -> str:
        if not commutes_in_mathematics(name, pool_size=pool_size, trials=trials, seed=seed).holds:
            return VERDICTS[2]
        computed = checks.commutes(activation(name), pool, trials=trials, seed=seed)
        return VERDICTS[0] if computed.exact else VERDICTS[1]

    return pd.DataFrame({"activation": list(ACTIVATIONS), "verdict": [verdict(name) for name in ACTIVATIONS]})


def commutes_in_mathematics(name: str, *, pool_size: int = 3, trials: int = 1000, seed: int = 0) -> Evidence:
    """Whether the activation's float64 reference commutes with max-pooling on float32 inputs, at least :data:`FEWEST`.

    Between neighbouring float32 numbers there is room for half a billion float64 numbers, so the rounding of the
    reference puts none of them in the wrong order: what fails here fails in mathematics.
    """

    def pool(x: Array) -> Array:
        return reference.max_pool(x, pool_size, 2, "same")

    return checks.commutes(ACTIVATIONS[name], pool, trials=max(trials, FEWEST), seed=seed)


def is_non_decreasing(name: str) -> bool:
    """Whether the float64 reference of the activation never falls, by the sign of its derivative on a fine grid."""
    x = np.linspace(-30, 30, 60_001) + 1 / 7  # misses the corners
    return bool((ACTIVATIONS[name].slope(x) >= 0).all())


def graphs(names: Iterable[str], *, low: float = -6.0, high: float = 3.0) -> pd.DataFrame:
    """The graphs of activations between ``low`` and ``high``: activation, x, y, and falling, where the slope is < 0."""
    x = np.linspace(low, high, 901)
    curves = [
        pd.DataFrame({"activation": name, "x": x, "y": ACTIVATIONS[name](x), "falling": ACTIVATIONS[name].slope(x) < 0})
        for name in names
    ]
    return pd.concat(curves, ignore_index=True)


def dips(names: Iterable[str] = tuple(ACTIVATIONS)) -> pd.DataFrame:
    """The lowest points of those activations that fall before they rise: columns activation, at and value."""
    falling = [name for name in names if not is_non_decreasing(name)]
    lowest = {name: minimize_scalar(ACTIVATIONS[name], bounds=(-6, 3), method="bounded") for name in falling}
    rows = [(name, float(point.x), float(point.fun)) for name, point in lowest.items()]
    return pd.DataFrame(rows, columns=["activation", "at", "value"])


def both_orders(activation: Function, pool: Function, row: Array, *, pool_size: int, stride: int) -> pd.DataFrame:
    """Every number on the way of ``row``, ``(width,)``, through pool and activation in both orders, as a tidy frame.

    ``pool`` takes ``(1, 1, width, 1)``, padding "same". Columns: order, step (0 the input), position, value, and the
    positions first to last in the step before that each number is made from.
    """
    x = np.asarray(row)[None, None, :, None]
    spans = reference.spans(len(row), size=pool_size, stride=stride, padding="same")
    pooled, activated = to_array(pool(x)), to_array(activation(x))
    paths = {
        "pool first": (x, pooled, to_array(activation(pooled))),
        "activation first": (x, activated, to_array(pool(activated))),
    }
    rows = []
    for order, steps in paths.items():
        pooling = 1 if order == "pool first" else 2
        for step, values in enumerate(steps):
            for position, value in enumerate(np.ravel(values).tolist()):
                span = spans[position] if step == pooling else slice(position, position + 1)
                rows.append((order, step, position, value, span.start, span.stop - 1))
    return pd.DataFrame(rows, columns=["order", "step", "position", "value", "first", "last"])


EDGE_CASES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "two equal numbers": (1.0, 1.0),
        "the two zeros": (-0.0, 0.0),
        "infinity": (math.inf, 1.0),
        "minus infinity": (-math.inf, 1.0),
        "nothing but minus infinity": (-math.inf, -math.inf),
        "NaN": (math.nan, 1.0),
        "nothing but NaN": (math.nan, math.nan),
    }
)
"""Windows of two numbers at the edges of what floating-point numbers can express."""


def edge_cases(activation: Function, pool: Function) -> pd.DataFrame:
    """What both orders make of :data:`EDGE_CASES`, as columns case, window, pool first, activation first, same.

    ``pool`` takes ``(1, 1, 2, 1)`` to one number.
    """
    rows = []
    for case, window in EDGE_CASES.items():
        x = np.array(window, dtype=np.float32).reshape(1, 1, 2, 1)
        pool_first = to_array(activation(pool(x)))
        activation_first = to_array(pool(activation(x)))
        same = bool(deviations(pool_first, activation_first)[0].max() == 0)
        rows.append((case, window, pool_first.item(), activation_first.item(), same))
    return pd.DataFrame(rows, columns=["case", "window", "pool first", "activation first", "same"])
