"""The same for every rank: minimum, median and the ranks between them commute with what never falls.

Serra 1982 and Maragos and Schafer 1987 have it in full: flat filters commute with changes of contrast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from relupool.theory import reference
from relupool.theory.activations import STRAIGHT
from relupool.theory.evidence import Array, Function
from relupool.theory.proposition import Check, Layers, Proposition, Sides, agree, all_of, commuting


def rank_pool(rank: int, size: int) -> Function:
    """The pool of whole ``size`` by ``size`` windows, side by side, that takes the value with ``rank``, 0 the least."""

    def pool(x: Array) -> Array:
        return reference.pool(x, lambda values: np.sort(values, axis=1)[:, rank], size).astype(np.asarray(x).dtype)

    return pool


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


def _minimum(layers: Layers) -> Function:
    return lambda x: -layers.largest(-np.asarray(x))


def _fixed(pool: Function) -> Callable[[Layers], Function]:
    """A pool that is not under test."""
    return lambda layers: pool


def _each(*pools: Function) -> Check:
    """That each of the ``pools`` commutes with each piecewise-linear activation; a fifth of the trials for a pair."""
    return all_of(commuting(name, _fixed(pool), fewer=5) for name in STRAIGHT for pool in pools)


def _falling(name: str) -> Sides:
    """max(s(x)) = s(min(x)) for s(x) = f(-x), f one of the activations that never fall."""

    def sides(layers: Layers) -> tuple[Function, Function]:
        activation, least = layers.activation(name), rank_pool(0, 3)
        return (
            lambda x: layers.max_pool(activation(-np.asarray(x)), 3, 3, "valid"),
            lambda x: activation(-np.asarray(least(x))),
        )

    return sides


RANKS = "Theorem thm-order-statistics"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("falling-activations-turn-max-into-min",
                "For an activation that never rises, the maximum of the results is the result of the minimum.",
                RANKS, all_of(agree(_falling(name)) for name in STRAIGHT)),
    Proposition("min-pooling-commutes",
                "Min-pooling commutes with every non-decreasing, piecewise-linear activation, bit for bit.",
                RANKS, all_of(commuting(name, _minimum, fewer=5) for name in STRAIGHT)),
    Proposition("every-rank-commutes", "So does each of the nine ranks of 3 by 3 values.",
                RANKS, _each(*(rank_pool(rank, 3) for rank in range(9)))),
    Proposition("median-of-nine-commutes", "The median of nine values commutes with ReLU.",
                RANKS, commuting("relu", _fixed(rank_pool(4, 3)))),
    Proposition("lower-and-upper-median-commute",
                "The lower and the upper median of four values commute with every such activation.",
                RANKS, _each(rank_pool(1, 2), rank_pool(2, 2))),
    Proposition("average-of-the-two-in-the-middle-commutes",
                "The average of the two middle ones of four values commutes with ReLU.",
                RANKS, commuting("relu", _fixed(lambda x: middle_average(x).astype("float32"))), true=False),
)  # fmt: skip
