"""What the probes of stored runs say about the inside of the networks: frames, and shares of all-negative windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from attrs import evolve

from relupool.experiments.networks import Architecture
from relupool.experiments.run import Run
from relupool.experiments.store import ResultSet
from relupool.measures.estimate import Estimate
from relupool.measures.runs import ARITHMETIC, preference


def layers(results: ResultSet) -> pd.DataFrame:
    """What each layer was at the last look at each run: one row per network, seed and layer.

    Columns network, seed, step, layer, positive and pool_gap (means over channels), rms, lrn_gain, which is missing
    where the network has no local response normalization.
    """
    rows = [
        {
            **where,
            "positive": np.mean(probe["positive"]),
            "pool_gap": np.mean(probe["pool_gap"]),
            "rms": probe["rms"],
            "lrn_gain": probe["lrn_gain"],
        }
        for where, probe in _probes(results)
    ]
    frame = pd.DataFrame(rows).astype({"lrn_gain": float})
    return frame[frame["step"] == frame.groupby(["network", "seed"])["step"].transform("max")]


def channels(results: ResultSet) -> pd.DataFrame:
    """Every channel at every look: network, seed, step, layer, channel, all_negative (windows), negative (values).

    Both are shares, the former of whole windows. ``independent`` is what it would be if each value were negative by
    chance, as often as it is.
    """
    rows = [
        (*where.values(), channel, *shares)
        for where, probe in _probes(results)
        for n, all_negative in [_whole_windows(probe)]
        for negative in [1 - np.array(probe["positive"])]
        for channel, shares in enumerate(zip(all_negative, negative, negative**n, strict=True))
    ]
    columns = ["network", "seed", "step", "layer", "channel", "all_negative", "negative", "independent"]
    return pd.DataFrame(rows, columns=columns)


def losses(results: ResultSet) -> pd.DataFrame:
    """The training losses, weight decay included: one row per network, seed and entry; columns step and loss."""
    rows = [
        (results.study.label(run.experiment.network), run.experiment.seed, step, loss)
        for run in results.runs
        for step, loss in run.losses
    ]
    return pd.DataFrame(rows, columns=["network", "seed", "step", "loss"])


def longest(sets: Iterable[ResultSet], network: str) -> ResultSet:
    """The finished runs of ``network``, a label, in that of the ``sets`` which decides first."""
    best = max(
        (results for results in sets if network in results.study.networks),
        key=lambda results: preference(results.seeds, results.runs[0].experiment.schedule.steps),
    )
    value = best.study.networks[network]
    own = tuple(run for run in best.runs if run.experiment.network == value and run.diverged_at is None)
    return ResultSet(evolve(best.study, networks={network: value}), best.preset, own)


def negative_windows(runs: Iterable[Run], *, step: int = 0) -> dict[str, Estimate]:
    """The share of whole windows whose values are all negative, "after conv1", "after conv2" and "over all windows".

    At the step, backend and dtype that decide first, or at ``step``; empty without a look at one. A step that several
    runs of a seed were looked at counts once, by the shortest of them.
    """
    rows = [
        (run.experiment.backend, run.experiment.dtype, look.step, run.experiment.seed, *_shares(run, look.probes))
        for run in sorted(runs, key=lambda run: run.experiment.schedule.steps)
        for look in run.evaluations
        if step in (0, look.step)
    ]
    at, places = [*ARITHMETIC, "step"], ["after conv1", "after conv2", "over all windows"]
    looks = pd.DataFrame(rows, columns=[*at, "seed", *places]).drop_duplicates([*at, "seed"])
    if looks.empty:
        return {}
    seeds = looks.groupby(at)["seed"].count()
    best = max(seeds.index, key=lambda where: preference(seeds[where], where[2]))
    own = looks[(looks[at] == list(best)).all(axis=1)].sort_values("seed")
    return {place: Estimate(values=own[place], steps=int(best[2])) for place in places}


def _shares(run: Run, probes: dict[str, Any]) -> tuple[float, float, float]:
    """Shares of all-negative windows after either convolution and over both, by how many whole windows each has."""
    network = run.experiment.network
    assert isinstance(network, Architecture)  # the only kind of network that is probed
    first, second = (float(np.mean(_whole_windows(probes[layer])[1])) for layer in ("conv1", "conv2"))
    whole = evolve(network.pool, padding="valid")
    windows = [whole.places(side) ** 2 for side in network.sides[:2]]
    return first, second, float(np.average([first, second], weights=windows))


def _whole_windows(probe: dict[str, Any]) -> tuple[int, list[float]]:
    """How many values the windows have that no border cuts, and by channel the share of them that are all negative."""
    most = max(probe["all_negative"], key=int)
    return int(most), probe["all_negative"][most]


def _probes(results: ResultSet) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Where a probe was taken, and what it measured."""
    for run in results.runs:
        for look in run.evaluations:
            for layer, probe in look.probes.items():
                network = results.study.label(run.experiment.network)
                yield {"network": network, "seed": run.experiment.seed, "step": look.step, "layer": layer}, probe
