"""What is lost without ReLU in pairs of networks, and how long runs take that show it (B12)."""

from __future__ import annotations

import pandas as pd

from relupool.claims.claim import minus
from relupool.claims.grounds import Grounds
from relupool.claims.networks import PAIRS
from relupool.claims.rules import TRUE, AtLeast
from relupool.experiments.studies import BIGGER, FIRST_ABLATIONS, LONG, RUN_LENGTH, SEEDS
from relupool.measures.estimate import at, estimated, lengths
from relupool.thresholds import NOTICEABLE

STUDIES = (FIRST_ABLATIONS, BIGGER, LONG, RUN_LENGTH, SEEDS)

COLUMNS = ["pair", "n", "steps", "lost", "half", "device", "hours", "least_steps", "least_hours"]


def costs(grounds: Grounds) -> pd.DataFrame:
    """B12's table, a row for each pair of networks and device: what is lost without ReLU, and how long that takes.

    Columns pair, n, steps, lost, half (of the interval, missing for one seed), device, hours (of one run of those
    steps, the slower network of the pair), least_steps and least_hours (of the shortest run that surely shows a large
    effect). Pairs without results have no row.
    """
    frame, rows = grounds.of(*STUDIES), []
    for pair, networks in PAIRS.items():
        of = minus(*networks)
        there = lengths(frame, of)
        if there.empty:
            continue
        found = {int(s): estimated(frame, of, step=int(s)) for s in sorted(there["step"])}
        shown = [s for s, each in found.items() if each and AtLeast(NOTICEABLE).decide(each) == TRUE]
        steps = int(there.iloc[0]["step"])
        most, least = found[steps], min(shown, default=None)
        assert most is not None
        half = float("nan") if most.n == 1 else most.half()
        for device, ours in at(frame, of).groupby("device", sort=False):
            each = (ours["seconds"] / ours["steps"]).groupby(ours["place"]).median() / 3600
            early = None if least is None else least * each.max()
            rows.append((pair, most.n, steps, most.mean, half, device, steps * each.max(), least, early))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"least_steps": "Int64", "least_hours": float})
