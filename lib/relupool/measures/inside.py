"""What the probes of stored runs say about the inside of the networks, as frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from relupool.experiments.networks import SIDE, Architecture
from relupool.experiments.run import Run
from relupool.experiments.store import ResultSet


def windows(results: ResultSet) -> pd.DataFrame:
    """Fraction of all-negative pooling windows: one row per network, seed, step, layer, channel and window size.

    Columns network, seed, step, layer ("conv1", "conv2"), values (real values in the window), channel, all_negative.
    """
    rows = [
        {**where, "values": int(values), "channel": channel, "all_negative": fraction}
        for where, probe in _probes(results)
        for values, fractions in probe["all_negative"].items()
        for channel, fraction in enumerate(fractions)
    ]
    return pd.DataFrame(rows)


def layers(results: ResultSet) -> pd.DataFrame:
    """One row per network, seed, step and layer: positive, pool_gap (means over channels), dead, rms, lrn_gain.

    ``dead`` is the fraction of channels without a positive value on the probed images; ``lrn_gain`` is missing where
    the network has no local response normalization.
    """
    rows = [
        {
            **where,
            "positive": _mean(probe["positive"]),
            "dead": _mean([value == 0 for value in probe["positive"]]),
            "pool_gap": _mean(probe["pool_gap"]),
            "rms": probe["rms"],
            "lrn_gain": probe["lrn_gain"],
        }
        for where, probe in _probes(results)
    ]
    return pd.DataFrame(rows).astype({"lrn_gain": float})


def channels(results: ResultSet) -> pd.DataFrame:
    """One row per network, seed, step, layer and channel: the share of its pre-activations that is ``positive``."""
    return pd.DataFrame(
        [
            {**where, "channel": channel, "positive": share}
            for where, probe in _probes(results)
            for channel, share in enumerate(probe["positive"])
        ]
    )


def last(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step that each run of ``frame`` was looked at."""
    return frame[frame["step"] == frame.groupby(["network", "seed"])["step"].transform("max")]


def all_negative(runs: Iterable[Run]) -> pd.DataFrame:
    """Share of whole windows whose values are all negative: one row per run, step and place; no rows without probes.

    Columns backend, dtype, seed, step, windows ("after conv1", "after conv2", "over all windows") and all_negative. A
    step that several runs of a seed were looked at counts once, by the shortest of them.
    """
    rows = []
    for run in sorted(runs, key=lambda run: run.experiment.schedule.steps):
        a = run.experiment.network
        assert isinstance(a, Architecture)  # the only kind of network that is probed
        for evaluation in run.evaluations:
            shares, whole, side = [], [], SIDE
            for layer in ("conv1", "conv2"):
                by_size = evaluation.probes[layer]["all_negative"]
                shares.append(_mean(by_size[max(by_size, key=int)]))
                whole.append(((side - a.pool.size) // a.pool.stride + 1) ** 2)
                side = -(-side // a.pool.stride)
            over_all = sum(s * n for s, n in zip(shares, whole, strict=True)) / sum(whole)
            places = {"after conv1": shares[0], "after conv2": shares[1], "over all windows": over_all}
            e, step = run.experiment, evaluation.step
            rows += [(e.backend, e.dtype, e.seed, step, place, share) for place, share in places.items()]
    found = pd.DataFrame(rows, columns=["backend", "dtype", "seed", "step", "windows", "all_negative"])
    return found.drop_duplicates(["backend", "dtype", "seed", "step", "windows"]).reset_index(drop=True)


def losses(results: ResultSet) -> pd.DataFrame:
    """The training losses, weight decay included: one row per network, seed and entry; columns step and loss."""
    return pd.DataFrame(
        [
            {"network": _label(results, run), "seed": run.experiment.seed, "step": step, "loss": loss}
            for run in results.runs
            for step, loss in run.losses
        ]
    )


def _probes(results: ResultSet) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Where a probe was taken, and what it measured."""
    for run in results.runs:
        for evaluation in run.evaluations:
            for layer, probe in evaluation.probes.items():
                seed = run.experiment.seed
                yield {"network": _label(results, run), "seed": seed, "step": evaluation.step, "layer": layer}, probe


def _label(results: ResultSet, run: Run) -> str:
    return results.study.label(run.experiment.network)


def _mean(values: Any) -> float:
    return float(pd.Series(values, dtype=float).mean())
