"""How much bigger networks lose without their ReLUs, and what a small budget can show of it (claims B12 and B13).

Frames are those of the result store. Every function compares at one ``step``, 0 standing for the last that both
networks of a pair have been evaluated at.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from attrs import evolve

from relupool.experiments.experiment import Study
from relupool.experiments.networks import VGG, Activation, Network, PartialReLU
from relupool.experiments.studies import BIGGER
from relupool.measures.estimate import Estimate, estimated
from relupool.measures.statistics import intervals
from relupool.measures.together import at_step

RESNET, VGG_MAX, VGG_AVERAGE = FAMILIES = ("ResNet-20", "VGG with max-pools", "VGG with average-pools")
"""What figures and tables call the networks of the study BIGGER; behind it, how many of its ReLUs one has."""

ALL, NONE = "all ReLUs", "no ReLU"

BY_POOL = {
    f"{VGG_AVERAGE}, {ALL}": 1.0,
    f"{VGG_AVERAGE}, {NONE}": -1.0,
    f"{VGG_MAX}, {ALL}": -1.0,
    f"{VGG_MAX}, {NONE}": 1.0,
}
"""What the VGG's ReLUs are worth with average-pools minus what they are worth with max-pools."""

PAIRS = {family: (f"{family}, {ALL}", f"{family}, {NONE}") for family in FAMILIES}
"""Of each family the network with all of its ReLUs, and the one with none."""


def of_family(family: str) -> Study:
    """The study BIGGER, of one family only."""
    return evolve(BIGGER, networks={k: n for k, n in BIGGER.networks.items() if family_of(n) == family})


def families(complete: Callable[[Study], object]) -> list[Study]:
    """Each family as a study of its own, as far as it is ``complete``: all of it, or else all ReLUs and none."""
    found = []
    for family in FAMILIES:
        whole = of_family(family)
        ends = evolve(whole, networks={label: whole.networks[label] for label in PAIRS[family]})
        found.append(ends if not complete(whole) and complete(ends) else whole)
    return found


def family_of(network: Network) -> str:
    """What figures and tables call the family of a bigger network."""
    return f"VGG with {network.pool}-pools" if isinstance(network, VGG) else RESNET


def fraction_of(activation: Activation) -> float:
    """The part of the channels in which there is ReLU."""
    return activation.fraction if isinstance(activation, PartialReLU) else float(activation is not None)


def fractions(frame: pd.DataFrame, *, step: int = 0) -> pd.DataFrame:
    """Accuracy by family and fraction of ReLUs: family, fraction, network, step, n, mean, low, high, lost.

    Each family at the last step that all of its networks share, or at ``step``; ``lost`` is the accuracy below that
    with all ReLUs, averaged over the seeds that have both, missing where there is none.
    """
    parts = []
    for family, rows in frame.groupby(frame["architecture"].map(family_of), sort=False):
        ends = at_step(rows, rows.loc[rows["diverged_at"].isna(), "network"].unique(), step=step)
        if ends.empty:
            continue
        wide = ends.pivot(index="seed", columns="network", values="accuracy")
        whole = wide.get(f"{family}, {ALL}", pd.Series(float("nan"), wide.index))
        ends = ends.assign(fraction=ends["conv_activation"].map(fraction_of))
        table = intervals(ends, by=("network", "fraction")).drop(columns="sd")
        table["lost"] = [float((whole - wide[network]).mean()) for network in table["network"]]
        parts.append(table.assign(family=family, step=int(ends["step"].iloc[0])))
    columns = ["family", "fraction", "network", "step", "n", "mean", "low", "high", "lost"]
    found = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    order = {family: place for place, family in enumerate(FAMILIES)}
    return found.sort_values(["family", "fraction"], key=lambda c: c.map(order) if c.name == "family" else -c)


def by_pool(frame: pd.DataFrame, *, step: int = 0) -> Estimate | None:
    """What the VGG's ReLUs are worth with average-pools minus what they are worth with max-pools."""
    return estimated(frame, BY_POOL, step=step)


def lost(frame: pd.DataFrame, family: str, *, step: int = 0) -> Estimate | None:
    """What a family has with all of its ReLUs more than with none; None where one of the two is missing."""
    whole, none = PAIRS[family]
    return estimated(frame, {whole: 1.0, none: -1.0}, step=step)
