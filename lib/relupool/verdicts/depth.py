"""What more convolutions give the example, with ReLU in them and without: the study DEPTH as a table and a sentence."""

from __future__ import annotations

import pandas as pd

from relupool.experiments.experiment import Schedule
from relupool.experiments.statistics import intervals
from relupool.experiments.studies import DEPTH
from relupool.experiments.together import at_step
from relupool.verdicts.estimate import Estimate, estimated, unfit

KINDS = ("ReLU", "linear")
"""What the convolutions of a network have, as the study's labels end."""

GLIMPSE = Schedule(steps=10, evaluate_at=(0, 10), batch_size=32)
"""Of a network trained while a page is made: enough to draw, too little to decide anything."""


def label(convolutions: int, kind: str) -> str:
    """The study's name of the network with so many convolutions."""
    return f"{convolutions} convolutions, {kind}"


def depths(frame: pd.DataFrame, *, step: int = 0) -> pd.DataFrame:
    """Accuracy by depth: convolutions, kind, network, step, n, mean, low, high; all at the last step that all share."""
    there = [network for network in DEPTH.networks if network in set(frame["network"])]
    alive = frame.loc[frame["diverged_at"].isna(), "network"].unique()
    ends = at_step(frame, [network for network in there if network in alive], step=step)
    kinds = [KINDS[0] if activation else KINDS[1] for activation in ends["conv_activation"]]
    by = ("convolutions", "kind", "network")
    return (
        intervals(ends.assign(kind=kinds), by=by)
        .drop(columns="sd")
        .assign(step=int(ends["step"].iloc[0]) if len(ends) else 0)
    )


def deepest(frame: pd.DataFrame, *, step: int = 0) -> int:
    """The largest number of convolutions at which networks of both kinds have an accuracy; 0 where there is none."""
    kinds = depths(frame, step=step).groupby("convolutions")["kind"].nunique()
    return max((convolutions for convolutions, n in kinds.items() if n == len(KINDS)), default=0)


def gain(frame: pd.DataFrame, kind: str, *, step: int = 0) -> Estimate | None:
    """What the network of a kind has more at :func:`deepest` than with two convolutions; None where one is missing."""
    convolutions = deepest(frame, step=step)
    if convolutions <= 2:
        return None
    return estimated(frame, {label(convolutions, kind): 1.0, label(2, kind): -1.0}, step=step)


def sentence(frame: pd.DataFrame, *, step: int = 0) -> str:
    """What depth gives with ReLU and without, in plain words; what is lacking where it cannot be said."""
    gains = {kind: gain(frame, kind, step=step) for kind in KINDS}
    if any(found is None for found in gains.values()):
        return "The networks of several depths have not been trained, so nothing can be said here of what depth gives."
    found = {kind: each for kind, each in gains.items() if each is not None}
    first = found[KINDS[0]]
    if why := unfit(frame, first.steps):
        return f"These runs decide nothing about depth: {why}."
    said = {kind: f"{'gains' if each.mean >= 0 else 'loses'} {each.points}" for kind, each in found.items()}
    diverged = frame.loc[frame["diverged_at"].notna(), "network"].unique()
    lost = f" Training diverged with {' and with '.join(diverged)}." if len(diverged) else ""
    return (
        f"From 2 to {deepest(frame, step=step)} convolutions, the network with ReLU {said['ReLU']} and the one without "
        f"{said['linear']}, after {first.steps:,} steps ({first.basis}).{lost}"
    )
