"""Grounds that were never gathered: made-up runs, times and theorems by which claims come out as a test wants."""

from __future__ import annotations

import numpy as np
import pandas as pd

import frames
from relupool.claims.grounds import Grounds
from relupool.experiments.studies import (
    AT_BEST_RATE,
    DTYPE,
    FIRST_ABLATIONS,
    GATING_WHERE_IT_GAINS,
    LONG,
    NORMALIZATION,
    ORDER,
    SEEDS,
)
from relupool.instruments.timing import Load
from relupool.measures.order_times import Conditions, OrderTimes
from relupool.theory.propositions import PROPOSITIONS


def propositions() -> pd.DataFrame:
    """The table as it comes out when all is as the book says."""
    rows = [(p.name, p.statement, p.true, 10, 100) for p in PROPOSITIONS]
    return pd.DataFrame(rows, columns=["name", "statement", "holds", "trials", "compared"])


def turned(*names: str) -> pd.DataFrame:
    """The same, but for some propositions."""
    table = propositions()
    return table.assign(holds=table["holds"] ^ table["name"].isin(names))


def activations(commuting: int, all_: int = 25) -> pd.DataFrame:
    fine = np.arange(all_) < commuting
    return pd.DataFrame({"activation": [f"f{i}" for i in range(all_)], "rises": fine, "commutes": fine})


def runs(study, ends, **how) -> Grounds:
    return Grounds(runs=frames.frame(study, ends, **how))


def grid(conv=0.0, average=0.07, dense=0.03, extra=0.2, alone=0.3) -> Grounds:
    """What each change costs: the conv ReLUs with max-pools, averages, linear dense layers.

    Without max-pools the conv ReLUs cost ``extra`` more, and max-pools alone leave ``alone`` more than nothing does.
    """

    def accuracy(c, d, p, lrn):
        if (c, d, p) == (-1, -1, -1):
            return 0.8 - average - conv - extra - dense - alone
        return 0.8 - conv * (c < 0) - average * (p < 0) - dense * (d < 0) - extra * (c < 0 and p < 0)

    return Grounds(runs=frames.grid(accuracy, softmax=accuracy(-1, -1, -1, -1), spread=0.0005))


def gate(relu, gated, ungated, identity) -> Grounds:
    return runs(GATING_WHERE_IT_GAINS, dict(zip(GATING_WHERE_IT_GAINS.networks, (relu, gated, ungated, identity),
                                                strict=True)), steps=10_000)  # fmt: skip


def maxout(accuracy, relu=0.6) -> Grounds:
    return Grounds(
        runs=frames.scale(frames.AVERAGE | {"maxout, equal parameters": accuracy, "ReLU": relu}, spread=0.001)
    )


def windows(first, second, seeds=3) -> Grounds:
    probes = {"conv1": {"all_negative": {"9": [first, first], "6": [1.0, 1.0]}},
              "conv2": {"all_negative": {"9": [second, second], "4": [0.0, 0.0]}}}  # fmt: skip
    looks = LONG.presets["standard"].schedule.evaluate_at
    return Grounds(probed=tuple(frames.runs(LONG, {"untouched": 0.8}, seeds=seeds, looks=looks, probes=probes)))


def lrn(worth: float) -> Grounds:
    return runs(NORMALIZATION, {label: 0.7 + worth * bool(network.lrn)
                                for label, network in NORMALIZATION.networks.items()}, dtype="float32",
                off=lambda place, seed: 0.001 * seed)  # fmt: skip


def orders(pair: str, gap: float) -> Grounds:
    ends = {label: 0.6 + gap * label.endswith("first") for label in ORDER.networks if label.startswith(pair)}
    return runs(ORDER, ends, steps=2_000)


def families(lost: float) -> Grounds:
    return Grounds(runs=frames.bigger(dict.fromkeys(frames.LOST, lost)))


def formats(gap: float) -> Grounds:
    parts = [frames.frame(DTYPE, dict.fromkeys(DTYPE.networks, 0.7 + gap * (dtype != "float32")), steps=3_000,
                          dtype=dtype, off=lambda place, seed: 0.001 * seed)
             for dtype in ("float32", "mixed_bfloat16")]  # fmt: skip
    return Grounds(runs=pd.concat(parts))


def times(*, relu=1.01, costly=1.01, alone=1.5, convolutions=0.7, others=0.0, names=("relu", "sigmoid")) -> OrderTimes:
    """Readings in which the activation first takes so many times as long as the pool first, in a step and alone."""

    def readings(ratios, ways):
        rows = [
            (name, order, way, round, (ratio if order == "activation first" else 1.0) + 1e-5 * round)
            for name, ratio in ratios.items()
            for order in ("activation first", "pool first")
            for way in ways
            for round in range(7)
        ]
        return pd.DataFrame(rows, columns=["activation", "order", "way", "round", "seconds"])

    of_step = {name: relu if name == "relu" else costly for name in names}
    parts = {"whole step": 1.0, "convolution": convolutions,
             **dict.fromkeys(("pooling", "activation", "normalization", "dense"), 0.02)}  # fmt: skip
    layers = pd.DataFrame(
        [("relu", kind, kind, "both ways", round, s) for kind, s in parts.items() for round in range(7)],
        columns=["activation", "layer", "type", "direction", "round", "seconds"],
    )
    where = Conditions(device="a chip", backend="Pen", load=Load(cores=2, average=0.1, others=others))
    return OrderTimes(
        conditions=where, usual="graph", layers=layers,
        alone=readings(dict.fromkeys(names, alone), ("eager", "graph", "XLA")), steps=readings(of_step, ("graph",)),
    )  # fmt: skip


def at_best_rates(ends: dict[str, float], **how) -> Grounds:
    """The four networks at a rate of 0.1, and two of them better at 0.3, where they end so."""
    at = [(FIRST_ABLATIONS, dict.fromkeys([*TWO, *ends], 0.8)), (AT_BEST_RATE[0.3], ends)]
    frame = pd.concat(frames.frame(study, own, steps=10_000, **how) for study, own in at)
    return Grounds(runs=frame, rates=dict.fromkeys(TWO, 0.1) | dict.fromkeys(ends, 0.3))


def timed(**how) -> Grounds:
    return Grounds(times=times(**how), propositions=propositions())


PAIR = {"average pool, linear dense": 0.834, "average pool, all linear": 0.372}
TWO = dict.fromkeys(("untouched", "max pool, no conv ReLU"), 0.8)
WIDE = {"off": lambda place, seed: 0.02 * seed * (-1) ** place}

NEARLY = {
    "LEVEL": ("B4b", lambda: runs(LONG, PAIR | {"average pool, all linear": 0.577},
                                  off=lambda place, seed: 0.004 * seed * (-1) ** place)),
    "POINT": ("B2", lambda: runs(SEEDS, TWO | {"untouched": 0.812})),
    "NOTICEABLE": ("B13", lambda: families(0.13)),
    "LARGE": ("B4b", lambda: runs(LONG, PAIR | {"average pool, all linear": 0.55})),
    "HALF": ("B9", lambda: windows(0.46, 0.46)),
    "MOST": ("A13", lambda: Grounds(activations=activations(21))),
    "ENOUGH": ("B4b", lambda: runs(LONG, PAIR, steps=1_200, looks=())),
    "LONG": ("B4a", lambda: runs(LONG, PAIR, steps=50_000)),
    "SEEDS": ("B2", lambda: Grounds(runs=pd.concat([runs(SEEDS, TWO, steps=10_000).runs,
                                                    runs(LONG, TWO | {"untouched": 0.9}, seeds=2).runs]))),
    "ONE_SEED": ("B4b", lambda: runs(LONG, PAIR | {"average pool, all linear": 0.554}, seeds=1)),
    "DAY": ("B12", lambda: runs(LONG, PAIR, seconds=21 * 3600.0, looks=())),
    "SMALL_SHARE": ("A5", lambda: timed(relu=1.065)),
    "DISTURBED": ("A5", lambda: timed(relu=1.01, others=0.3)),
}  # fmt: skip
"""Data near a threshold: the claim whose verdict turns when it takes its value of OTHERS."""
