"""What the grid of networks says: the worth of one part, of ReLU by the kind of pool, and readings during training.

Frames are those of the result store, of several studies put together (``experiments.together``). A worth is an
accuracy with something minus that without it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from attrs import frozen

from relupool.experiments.networks import Architecture, Pool
from relupool.measures.estimate import Estimate, estimated
from relupool.measures.factorial import FACTORS, effects, label, levels
from relupool.measures.headline import UNTOUCHED

SOFTMAX = "softmax regression"

PARTS = {
    "ReLU in the convolutional layers": label(Architecture(conv_activation=None)),
    "ReLU between the dense layers": label(Architecture(dense_activation=None)),
    "max-pools, not average-pools": label(Architecture(pool=Pool("average"))),
    "normalization": label(Architecture(lrn=False)),
}
"""The parts of the untouched network, each with the network that lacks it alone."""

READ_AT = (1_000, 3_000, 10_000, 30_000, 60_000, 100_000)
"""Steps at which accuracies are read off."""


@frozen(kw_only=True)
class Part:
    """A part of the untouched network, the network ``without`` it, and what it is ``worth``."""

    name: str
    without: str
    worth: Estimate


def parts(frame: pd.DataFrame, *, weights: str = "averaged") -> list[Part]:
    """What each of :data:`PARTS` that is there is worth, at the last step that enough seeds have reached."""
    found = []
    for name, without in PARTS.items():
        worth = estimated(frame, {UNTOUCHED: 1.0, without: -1.0}, weights=weights)
        if worth is not None:
            found.append(Part(name=name, without=without, worth=worth))
    return found


def relu_by_pool(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> dict[str, Estimate | None]:
    """What the conv ReLUs are worth on average over the grid, where the pools are "max" and where they are "average".

    None where a network is missing.
    """
    effect, pool = effects(levels(), list(FACTORS))["conv ReLU"], list(FACTORS).index("max pool")
    where = {"max": 1, "average": -1}
    return {
        kind: estimated(
            frame,
            {network: 2 * factor for network, factor in effect.items() if levels()[network][pool] == sign},
            step=step,
            weights=weights,
        )
        for kind, sign in where.items()
    }


def without_normalization(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> pd.DataFrame:
    """Each network of the grid with normalization minus the same without: columns network, n, mean (a fraction)."""
    by_levels = {signs: network for network, signs in levels().items()}
    rows = []
    for network, (*others, lrn) in levels().items():
        if lrn > 0:
            bare = by_levels[(*others, -1)]
            found = estimated(frame, {network: 1.0, bare: -1.0}, step=step, weights=weights)
            rows += [(network, found.n, found.mean)] if found is not None else []
    return pd.DataFrame(rows, columns=["network", "n", "mean"])


def read_off(frame: pd.DataFrame, networks: Sequence[str], *, at: Sequence[int] = READ_AT) -> pd.DataFrame:
    """Accuracies during training, in per cent: a row per network and kind of weights, a column per step of ``at``.

    "83.6 ± 0.4" has half of its interval, "83.6" is of a single seed; missing where nobody looked.
    """
    rows = []
    for network in networks:
        for weights in ("averaged", "raw"):
            found = {step: estimated(frame, {network: 1.0}, step=step, weights=weights) for step in at}
            cells = {f"{step:,}": e.per_cent.removesuffix(" %") for step, e in found.items() if e is not None}
            rows.append({"network": network, "weights": weights, **cells})
    columns = [f"{step:,}" for step in at if any(f"{step:,}" in row for row in rows)]
    return pd.DataFrame(rows, columns=["network", "weights", *columns])
