"""Effects in a full factorial design: 2 x 2 x ... networks, each with a change or without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from math import prod
from typing import Any

from relupool.experiments.networks import Architecture
from relupool.experiments.studies import FACTORIAL, FIRST_ABLATIONS, changes
from relupool.validation import refuse

TIMES = " × "
"""Between the names of two factors whose interaction is meant."""

FACTORS = {
    "conv ReLU": lambda a: a.conv_activation is not None,
    "dense ReLU": lambda a: a.dense_activation is not None,
    "max pool": lambda a: a.pool.kind == "max",
    "LRN": lambda a: a.lrn,
}
"""The grid's factors; each is there in the untouched example."""


def label(a: Architecture) -> str:
    """What the studies call a network of the grid: the first ablations have names of their own."""
    own = {network: name for name, network in FIRST_ABLATIONS.networks.items()}
    return own.get(a, changes(a))


def architectures(networks: Sequence[Architecture] = FACTORIAL) -> dict[Architecture, tuple[int, ...]]:
    """Each network of the grid -> +1 or -1 for each of :data:`FACTORS`: there, or changed."""
    return {a: tuple(1 if there(a) else -1 for there in FACTORS.values()) for a in networks}


def levels(networks: Sequence[Architecture] = FACTORIAL) -> dict[str, tuple[int, ...]]:
    """The same by the networks' labels."""
    return {label(a): signs for a, signs in architectures(networks).items()}


def effects(design: Mapping[Any, Sequence[int]], factors: Sequence[str]) -> dict[str, dict[Any, float]]:
    """Main effects and two-way interactions of a full factorial design, as contrasts of its networks.

    ``design`` maps each network to its levels, +1 or -1 for each of ``factors``, every combination once. The main
    effect of a factor is the mean of the networks that have it minus the mean of those that do not. The interaction of
    two is the effect of the first where the second is there minus its effect where it is not, both averaged over the
    other factors; it is the same with the two exchanged. Raises ValueError if the design is not full.
    """
    wanted = set(product((1, -1), repeat=len(factors)))
    found = [tuple(signs) for signs in design.values()]
    if set(found) != wanted or len(found) != len(wanted):
        refuse("design", f"{len(set(found))} combinations of {len(factors)} factors", f"each of the {len(wanted)} once")
    terms = [(i,) for i in range(len(factors))] + list(combinations(range(len(factors)), 2))
    return {
        TIMES.join(factors[i] for i in term): {
            network: prod(signs[i] for i in term) * len(term) / (len(wanted) / 2) for network, signs in design.items()
        }
        for term in terms
    }
