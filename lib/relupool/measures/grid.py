"""The grid of sixteen networks: what each part is worth alone and beside others, and accuracies during training.

A worth is an accuracy with something minus that without it. Frames are those of the result store, of several studies
put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import prod
from typing import Any

import pandas as pd
from attrs import evolve, frozen

from relupool.experiments.networks import Architecture
from relupool.experiments.studies import FACTORIAL
from relupool.measures import networks
from relupool.measures.estimate import Estimate, difference, estimated

TIMES = " × "
"""Between the names of two factors whose interaction is meant."""

FACTORS = {
    "conv ReLU": lambda network: network.conv_activation is not None,
    "dense ReLU": lambda network: network.dense_activation is not None,
    "max pool": lambda network: network.pool.kind == "max",
    "LRN": lambda network: network.lrn,
}
"""What is there or not; the untouched example has all of it."""

DESIGN: dict[Architecture, tuple[int, ...]] = {
    network: tuple(1 if there(network) else -1 for there in FACTORS.values()) for network in FACTORIAL
}
"""Each network of the grid, and +1 or -1 for each of :data:`FACTORS`: there, or changed."""

LEVELS = {networks.label(network): signs for network, signs in DESIGN.items()}
"""The same by the networks' labels."""

UNTOUCHED, NO_CONV_RELU, LITERAL, LINEAR, AFFINE = map(
    networks.label,
    (networks.UNTOUCHED, networks.NO_CONV_RELU, networks.LITERAL, networks.ALL_LINEAR, networks.AFFINE),
)
"""Labels of the networks that the second question is about."""

PARTS = {
    "ReLU in the convolutional layers": NO_CONV_RELU,
    "ReLU between the dense layers": networks.label(networks.LINEAR_DENSE),
    "max-pools, not average-pools": networks.label(networks.AVERAGE_POOL),
    "normalization": networks.label(networks.NO_LRN),
}
"""The parts of the untouched network, each with the label of the network that lacks it alone."""

READ_AT = (1_000, 3_000, 10_000, 30_000, 60_000, 100_000)
"""Steps at which accuracies are read off."""


def effects(design: Mapping[Any, Sequence[int]], factors: Sequence[str]) -> dict[str, dict[Any, float]]:
    """Main effects and two-way interactions of a full factorial design, as contrasts of its networks.

    ``design`` maps each network to its levels, +1 or -1 for each of ``factors``, every combination once. The main
    effect of a factor is the mean of the networks that have it minus the mean of those that do not. The interaction of
    two is the effect of the first where the second is there minus its effect where it is not, both averaged over the
    other factors; it is the same with the two exchanged.
    """
    terms = [(i,) for i in range(len(factors))] + list(combinations(range(len(factors)), 2))
    return {
        TIMES.join(factors[i] for i in term): {
            network: prod(signs[i] for i in term) * len(term) / (len(design) / 2) for network, signs in design.items()
        }
        for term in terms
    }


EFFECTS = effects(DESIGN, list(FACTORS))
"""Those of the grid."""


@frozen(kw_only=True)
class Part:
    """A part of the untouched network, the label of the network ``without`` it, and what it is ``worth``."""

    name: str
    without: str
    worth: Estimate


def parts(frame: pd.DataFrame, *, weights: str = "averaged") -> list[Part]:
    """What each of :data:`PARTS` that is there is worth, at the last step that enough seeds have reached."""
    worths = {
        name: estimated(frame, difference(UNTOUCHED, without), weights=weights) for name, without in PARTS.items()
    }
    return [Part(name=name, without=PARTS[name], worth=worth) for name, worth in worths.items() if worth is not None]


def relu_by_pool(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> dict[str, Estimate | None]:
    """What the conv ReLUs are worth on average over the grid, where the pools are "max" and where they are "average".

    None where a network is missing.
    """
    effect = EFFECTS["conv ReLU"]
    contrasts = {
        kind: {network: 2 * factor for network, factor in effect.items() if network.pool.kind == kind}
        for kind in ("max", "average")
    }
    return {kind: estimated(frame, own, step=step, weights=weights) for kind, own in contrasts.items()}


def without_normalization(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> list[float]:
    """Each network of the grid with normalization minus the same without, as far as both are there."""
    pairs = [difference(network, evolve(network, lrn=False)) for network in DESIGN if network.lrn]
    worths = [estimated(frame, pair, step=step, weights=weights) for pair in pairs]
    return [worth.mean for worth in worths if worth]


def read_off(frame: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Accuracies during training, in per cent: rows by network and kind of weights, columns by :data:`READ_AT`.

    "83.6 ± 0.4" has half of its interval, "83.6" is of a single seed; missing where nobody looked.
    """
    rows = []
    for network in labels:
        for weights in ("averaged", "raw"):
            read = {step: estimated(frame, {network: 1.0}, step=step, weights=weights) for step in READ_AT}
            cells = {f"{step:,}": e.per_cent.removesuffix(" %") for step, e in read.items() if e}
            rows.append({"network": network, "weights": weights, **cells})
    columns = [f"{step:,}" for step in READ_AT if any(f"{step:,}" in row for row in rows)]
    return pd.DataFrame(rows, columns=["network", "weights", *columns])
