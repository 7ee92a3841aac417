"""Networks with and without their ReLUs: what bigger ones lose, how long runs take that show it, and linear ones.

Frames are those of the result store. Networks are compared at one ``step``, 0 standing for the last that enough seeds
have reached.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve

from relupool.experiments.experiment import Study
from relupool.experiments.networks import VGG, Activation, Network, PartialReLU, columns
from relupool.experiments.studies import BIGGER
from relupool.measures.estimate import Estimate, difference, estimated
from relupool.measures.networks import FAMILIES, PAIRS, RESNET, VGG_AVERAGE, VGG_MAX
from relupool.measures.runs import compared, lengths, looks
from relupool.thresholds import NOTICEABLE

LINEAR = {
    "softmax regression": ("softmax regression", None),
    "all linear, no LRN": ("the example", "untouched"),
    "VGG with average-pools, no ReLU": (VGG_AVERAGE, f"{VGG_AVERAGE}, all ReLUs"),
    "ResNet-20, no ReLU": (RESNET, f"{RESNET}, all ReLUs"),
}
"""Labels of networks without nonlinearities: what a figure calls each, and the same network with them."""

FRACTIONS = ["family", "fraction", "network", "step", "n", "mean", "low", "high", "lost"]


def families(complete: Callable[[Study], object]) -> list[Study]:
    """Each family as a study of its own, as far as it is ``complete``: all of it, or else all ReLUs and none."""
    studies = []
    for family in FAMILIES:
        whole = of_family(family)
        ends = evolve(whole, networks={k: n for k, n in whole.networks.items() if n in PAIRS[family]})
        studies.append(ends if not complete(whole) and complete(ends) else whole)
    return studies


def of_family(family: str) -> Study:
    """The study BIGGER, of one family only."""
    return evolve(BIGGER, networks={k: n for k, n in BIGGER.networks.items() if family_of(n) == family})


def family_of(network: Network) -> str:
    """What figures and tables call the family of a bigger network."""
    return f"VGG with {network.pool}-pools" if isinstance(network, VGG) else RESNET


def fraction_of(activation: Activation) -> float:
    """The part of the channels in which there is ReLU."""
    return activation.fraction if isinstance(activation, PartialReLU) else float(activation is not None)


def fractions(frame: pd.DataFrame, *, step: int = 0) -> pd.DataFrame:
    """Accuracy by family and fraction of ReLUs, most first, with the columns :data:`FRACTIONS`.

    Each family at the last step that all of its networks share, or at ``step``; ``lost`` is the accuracy below that
    with all ReLUs, averaged over the seeds that have both, missing where there is none.
    """
    rows = []
    for family in FAMILIES:
        whole, _ = PAIRS[family]  # the first of its family
        finished = set(frame.loc[frame["diverged_at"].isna(), "architecture"])
        own = {name: network for name, network in of_family(family).networks.items() if network in finished}
        if not own or (at := compared(frame, own.values(), step=step)).empty:
            continue
        shared = int(at["step"].iloc[0])
        accuracies = at.pivot(index="seed", columns="place", values="accuracy")
        for place, (name, network) in enumerate(own.items()):
            mean = estimated(frame, {network: 1.0}, step=shared)
            assert mean is not None
            lost = (accuracies[0] - accuracies[place]).mean() if whole in finished else math.nan
            fraction = fraction_of(columns(network)["conv_activation"])
            rows.append((family, fraction, name, shared, mean.n, mean.mean, *mean.ends, lost))
    return pd.DataFrame(rows, columns=FRACTIONS)


def by_pool(frame: pd.DataFrame, *, step: int = 0) -> Estimate | None:
    """What the VGG's ReLUs are worth with average-pools minus what they are worth with max-pools."""
    (average, without), (maximum, none) = PAIRS[VGG_AVERAGE], PAIRS[VGG_MAX]
    return estimated(frame, {average: 1.0, without: -1.0, maximum: -1.0, none: 1.0}, step=step)


def costs(frame: pd.DataFrame) -> pd.DataFrame:
    """What is lost without ReLU and how long that takes at best: a row for each of the PAIRS.

    Columns pair, n, steps, lost, half (of the interval, missing for one seed), device, hours (of one run of those
    steps on it: of the slower network its fastest run, for others shared the machine), least_steps and least_hours (of
    the shortest run that surely shows a large effect, missing where none does). Of several devices the quickest is
    told. Pairs without results have no row.
    """
    rows: list[tuple[Any, ...]] = []
    for pair, networks in PAIRS.items():
        worth = difference(*networks)
        runs = looks(frame, worth)
        if (steps := lengths(runs, worth)["step"].astype(int)).empty:
            continue
        losses = {step: e for step in sorted(steps) if (e := estimated(runs, worth, step=step))}
        shown = [step for step, loss in losses.items() if loss.low >= NOTICEABLE]
        longest, least = int(steps.iloc[0]), min(shown, default=None)
        loss = losses[longest]
        half = math.nan if loss.n == 1 else loss.half()
        own = runs[runs["step"] == longest]
        fastest = (own["seconds"] / own["steps"]).groupby([own["device"], own["place"]]).min()
        slower = fastest.groupby("device").max()[fastest.groupby("device").size() == len(networks)]
        if slower.empty:  # its networks were trained on different devices
            slower = fastest.groupby("device").max()
        hours, device = float(slower.min()) / 3600, str(slower.idxmin())
        early = None if least is None else least * hours
        rows.append((pair, loss.n, longest, loss.mean, half, device, longest * hours, least, early))
    columns = ["pair", "n", "steps", "lost", "half", "device", "hours", "least_steps", "least_hours"]
    return pd.DataFrame(rows, columns=columns).astype({"least_steps": "Int64", "least_hours": float})


def linear_networks(frame: pd.DataFrame, models: Mapping[str, Any]) -> pd.DataFrame:
    """What each of :data:`LINEAR` ended with, and what the same network did with its nonlinearities.

    ``models`` are the networks as Keras models. Columns network, label, layers (with weights), parameters, steps, n,
    mean, low, high, with (the other's label), bent (its mean); networks that are not stored are left out.
    """
    rows = [
        {
            "network": name,
            "label": called,
            "layers": sum(hasattr(layer, "kernel") for layer in models[name].layers),
            "parameters": sum(int(np.prod(v.shape)) for v in models[name].trainable_variables),
            **dict(zip(("steps", "n", "mean", "low", "high"), (end.steps, end.n, end.mean, *end.ends), strict=True)),
            "with": other,
            "bent": bent.mean if other and (bent := estimated(frame, {other: 1})) else math.nan,
        }
        for name, (called, other) in LINEAR.items()
        if (end := estimated(frame, {name: 1}))
    ]
    columns = ["network", "label", "layers", "parameters", "steps", "n", "mean", "low", "high", "with", "bent"]
    return pd.DataFrame(rows, columns=columns).astype({"bent": float})
