"""How much less an activation has to do after a pool: the statements of the chapter *What the order costs*."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from relupool.theory.evidence import Array, Evidence, compare, draw, to_array, together
from relupool.theory.proposition import Layers, Proposition
from relupool.theory.reference import spans

POOLS = ((2, 2), (3, 2), (2, 3), (3, 3), (3, 1), (5, 4))
"""Pools to try, as (size, stride)."""

SIZES = ((9, 10), (8, 12), (5, 7), (24, 3), (1, 6))
"""Height and width of the images to try them on."""


def positions(side: int, *, size: int, stride: int) -> int:
    """How many padded windows there are along a side of ``side`` positions: ceil(side / stride), whatever the size."""
    return len(spans(side, size=size, stride=stride, padding="same"))


def saving(share: float, factor: float) -> float:
    """Part of the whole time that is saved if a part that takes ``share`` of it gets ``factor`` times as fast.

    share * (1 - 1 / factor), never more than ``share``: Amdahl's law (1967).
    """
    return share * (1 - 1 / factor)


Rule = Callable[[int, int, int], int]
"""``(side, size, stride)`` -> positions along a side after the pool."""


def leaves(rule: Rule, pool: Callable[..., Any], *, size: int, stride: int, seed: int = 0) -> Evidence:
    """``pool`` leaves as many positions as ``rule`` says, on random images of :data:`SIZES`.

    What is compared are two counts for each image.
    """

    def counted(x: Array) -> Array:
        return np.full((len(x), 1), to_array(pool(x, size, stride, "same"))[0, :, :, 0].size, dtype=np.float64)

    def by_rule(x: Array) -> Array:
        return np.full((len(x), 1), rule(x.shape[1], size, stride) * rule(x.shape[2], size, stride), dtype=np.float64)

    return together(compare(counted, by_rule, draw(2, shape=(*sides, 1), seed=seed)) for sides in SIZES)


def by_stride(side: int, size: int, stride: int) -> int:
    """The rule that is right: one window for every ``stride``-th position."""
    return positions(side, size=size, stride=stride)


def by_size(side: int, size: int, stride: int) -> int:
    """The rule of thumb, "k^2 times less": one window for every ``size``-th position, rounded up in its favour."""
    return positions(side, size=size, stride=size)


def _worst(rule: Rule, layers: Layers, trials: int, seed: int) -> Evidence:
    searches = (leaves(rule, layers.max_pool, size=size, stride=stride, seed=seed) for size, stride in POOLS)
    return max(searches, key=lambda evidence: evidence.largest_deviation)


POSITIONS = "Theorem thm-positions"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("pooling-divides-by-the-stride-squared", "Padded pooling leaves one position for every s-th along each "
                "side, whatever the window: s^2 times fewer.", POSITIONS, partial(_worst, by_stride)),
    Proposition("pooling-divides-by-the-window-squared", "Pooling with a window of side k leaves k^2 times fewer "
                "positions, so k^2 times fewer calls of an activation.",
                POSITIONS, partial(_worst, by_size), true=False),
)  # fmt: skip
