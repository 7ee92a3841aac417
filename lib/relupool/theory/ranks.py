"""The same for every rank: minimum, median and the ranks between them commute with what never falls.

Serra 1982 and Maragos and Schafer 1987 have it in full: flat filters commute with changes of contrast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from relupool.theory import checks, reference
from relupool.theory.activations import STRAIGHT
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array, together
from relupool.theory.proposition import Layers, Proposition
from relupool.theory.survey import spelled


def rank_pool(rank: int, size: int) -> Function:
    """The pool of whole ``size`` by ``size`` windows, side by side, that takes the value with ``rank``, 0 the least."""
    pool = reference.order_pool(rank)
    return lambda x: pool(x, size).astype(np.asarray(x).dtype)


def middle_average(x: Array) -> Array:
    """The average of the two middle values of every 2 by 2 window, float64: what is commonly called their median."""
    return reference.pool(x, lambda values: np.median(values, axis=1), 2)


STATISTICS: Mapping[str, Function] = MappingProxyType(
    {
        "minimum of 9": rank_pool(0, 3),
        "median of 9": rank_pool(4, 3),
        "maximum of 9": rank_pool(8, 3),
        "lower median of 4": rank_pool(1, 2),
        "upper median of 4": rank_pool(2, 2),
        "average of the two middle ones of 4": middle_average,
    }
)
"""Pools by what they take of a window; all but the last are order statistics."""


def table(activation: Function, *, trials: int = 210, seed: int = 0) -> pd.DataFrame:
    """Whether a float64 ``activation`` commutes with each of :data:`STATISTICS`, on float32 images.

    Columns: statistic, compared, differing, and counterexample, the smallest that was found, "" if there is none.
    """
    rows = []
    for name, pool in STATISTICS.items():
        found = checks.commutes(activation, pool, trials=trials, seed=seed)
        rows.append((name, found.compared, found.differing, spelled(found)))
    return pd.DataFrame(rows, columns=["statistic", "compared", "differing", "counterexample"])


def negated(function: Callable[..., Any]) -> Callable[..., Array]:
    """-function(-x): of a max-pool it makes a min-pool."""
    return lambda x, *arguments: -to_array(function(-np.asarray(x), *arguments))


def _each(pools: Iterable[Function], layers: Layers, trials: int, seed: int) -> Evidence:
    """The evidence that each of the ``pools`` commutes with each piecewise-linear activation."""
    pools = tuple(pools)
    few = max(trials // 5, 1)  # there are many pairs of a pool and an activation
    return together(
        checks.commutes(layers.activation(name), pool, trials=few, seed=seed) for name in STRAIGHT for pool in pools
    )


def _relu_and(pool: Function, layers: Layers, trials: int, seed: int) -> Evidence:
    return checks.commutes(layers.activation("relu"), pool, trials=trials, seed=seed)


def _minimum(layers: Layers, trials: int, seed: int) -> Evidence:
    min_pool = negated(layers.max_pool)
    return _each([lambda x: min_pool(x, 3, 2, "same")], layers, trials, seed)


def _falling(layers: Layers, trials: int, seed: int) -> Evidence:
    """max(s(x)) = s(min(x)) for s(x) = f(-x), f each of the piecewise-linear activations that never fall."""

    def of(name: str) -> Evidence:
        activation = layers.activation(name)

        def falls(x: Array) -> Array:
            return to_array(activation(-np.asarray(x)))

        return compare(
            lambda x: to_array(layers.max_pool(falls(x), 3, 3, "valid")),
            lambda x: falls(rank_pool(0, 3)(x)),
            draw(trials, shape=checks.SHAPE, seed=seed),
        )

    return together(of(name) for name in STRAIGHT)


RANKS = "Theorem thm-order-statistics"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "falling-activations-turn-max-into-min",
        "For an activation that never rises, the maximum of the results is the result of the minimum.",
        RANKS,
        _falling,
    ),
    Proposition(
        "min-pooling-commutes",
        "Min-pooling commutes with every non-decreasing, piecewise-linear activation, bit for bit.",
        RANKS,
        _minimum,
    ),
    Proposition(
        "every-rank-commutes",
        "So does each of the nine ranks of 3 by 3 values.",
        RANKS,
        partial(_each, [rank_pool(rank, 3) for rank in range(9)]),
    ),
    Proposition(
        "median-of-nine-commutes",
        "The median of nine values commutes with ReLU.",
        RANKS,
        partial(_relu_and, rank_pool(4, 3)),
    ),
    Proposition(
        "lower-and-upper-median-commute",
        "The lower and the upper median of four values commute with every such activation.",
        RANKS,
        partial(_each, [rank_pool(1, 2), rank_pool(2, 2)]),
    ),
    Proposition(
        "average-of-the-two-in-the-middle-commutes",
        "The average of the two middle ones of four values commutes with ReLU.",
        RANKS,
        partial(_relu_and, lambda x: middle_average(x).astype("float32")),
        true=False,
    ),
)
