"""What the probes of stored runs say about the inside of the networks, as frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from relupool.experiments.run import Run
from relupool.experiments.store import ResultSet
from relupool.verdicts import headline
from relupool.verdicts.rules import HALF
from relupool.verdicts.verdict import Verdict


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


def worth_of_normalization(frame: pd.DataFrame) -> str:
    """A sentence on what the normalization adds to the question's linear network, from a frame of the result store."""
    found = headline.difference(frame, headline.LINEAR, headline.AFFINE)
    if found is None:
        return "What the normalization is worth cannot be said here: not both networks have finished."
    more = "more" if found.mean >= 0 else "less"
    undecided = "" if found.low > 0 or found.high < 0 else ", which may be nothing at all"
    ends = f"{found.points} {more} accurate than without ({found.basis})"
    return f"With normalization the otherwise linear network ends {ends}{undecided}."


def seldom_all_negative(results: ResultSet, *, network: str = headline.UNTOUCHED) -> Verdict:
    """Is the answer to the question right that in most windows a value is positive, so that ReLU changes nothing?"""
    claim = "In most windows at least one value is positive, so that ReLU in front of a max-pool changes nothing."
    of_network = windows(results).query("network == @network")
    if of_network.empty:
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=f"No run of {network}.")
    found = last(of_network[of_network["values"] == of_network["values"].max()])
    shares = found.groupby("layer")["all_negative"].mean()
    few, steps = found["seed"].nunique() == 1, int(found["step"].max())
    said = " and ".join(f"{100 * share:.0f} % behind {layer}" for layer, share in shares.items())
    reason = f"At the end, all values are negative in {said} of the whole windows. The rule is less than half in both."
    condition = ", ".join((["one seed"] if few else []) + [f"{steps:,} steps"])
    if unfit := headline.unfit(results.frame):
        return Verdict(claim=claim, verdict="not decided", condition=unfit, reason=reason)
    if (shares < HALF).all():
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    return Verdict(claim=claim, verdict="fails", condition=f"with {condition}", reason=reason)


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
