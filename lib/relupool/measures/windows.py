"""All-negative windows of stored runs: the runs that *How often does ReLU act?* looks at, and what they have."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from attrs import evolve

from relupool.experiments.store import ResultSet
from relupool.measures import inside
from relupool.measures.estimate import Estimate
from relupool.thresholds import SEEDS


def longest(sets: Iterable[ResultSet], network: str) -> ResultSet:
    """The runs of ``network`` to look at: of the sets that have it one with enough seeds, then the longest, largest."""
    best = max(
        (found for found in sets if network in found.study.networks),
        key=lambda found: (min(found.seeds, SEEDS), found.runs[0].experiment.schedule.steps, found.seeds),
    )
    value = best.study.networks[network]
    own = tuple(run for run in best.runs if run.experiment.network == value and run.diverged_at is None)
    return ResultSet(evolve(best.study, networks={network: value}), best.preset, own)


def shares(found: ResultSet) -> dict[str, Estimate]:
    """The share of all-negative windows at the last step, "after conv1", "after conv2" and "over all windows"."""
    rows = inside.all_negative(found.runs)
    step = int(rows["step"].max())
    return {
        str(place): Estimate(values=part.sort_values("seed")["all_negative"], steps=step)
        for place, part in rows[rows["step"] == step].groupby("windows", sort=False)
    }


def channels(found: ResultSet) -> pd.DataFrame:
    """Every channel at every look: network, seed, step, layer, channel, negative (values) and all_negative (windows).

    ``independent`` is the share of all-negative windows if each value were negative by chance, as often as it is.
    """
    windows = inside.windows(found)
    values = int(windows["values"].max())
    whole = windows[windows["values"] == values].drop(columns="values")
    both = whole.merge(inside.channels(found), on=["network", "seed", "step", "layer", "channel"])
    both = both.assign(negative=1 - both["positive"]).drop(columns="positive")
    return both.assign(independent=both["negative"] ** values)
