"""What the probes of stored runs say about the inside of the networks, as frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

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


def last(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step that each run of ``frame`` was looked at."""
    return frame[frame["step"] == frame.groupby(["network", "seed"])["step"].transform("max")]


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
