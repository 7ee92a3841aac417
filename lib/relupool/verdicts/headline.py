"""What networks end with: the last row of each run, differences of two networks, and a table of them.

Frames are those of the result store (one row per evaluation and kind of weights).
"""

from __future__ import annotations

import pandas as pd

from relupool.experiments.comparisons import contrasts
from relupool.experiments.statistics import intervals, paired_differences
from relupool.verdicts.estimate import Estimate

LITERAL, LINEAR, AFFINE = "average pool, linear dense", "average pool, all linear", "all linear, no LRN"
UNTOUCHED, MAX_ONLY = "untouched", "max pool, no conv ReLU"


FORMATS = {"accuracy (%)": "{:.1f}", "±": "{:.1f}", "minus untouched (points)": "{:+.1f}", "± of that": "{:.1f}"}
"""How the numbers of :func:`accuracies` are written."""


def at_the_end(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """One row for each run that came to its last step; those that diverged are left out."""
    return frame[(frame["step"] == frame["steps"]) & (frame["weights"] == weights) & frame["diverged_at"].isna()]


def difference(frame: pd.DataFrame, network: str, baseline: str) -> Estimate | None:
    """Final accuracy of ``network`` minus that of ``baseline``; None where no seed has finished with both."""
    both = at_the_end(frame)
    both = both[both["network"].isin([network, baseline])]
    if not set(both.loc[both["network"] == network, "seed"]) & set(both.loc[both["network"] == baseline, "seed"]):
        return None
    values = contrasts(both, {network: {network: 1.0, baseline: -1.0}})["accuracy"]
    return Estimate(values=values, steps=int(both["steps"].min()))


def accuracies(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracy of each network in per cent, and minus the untouched one's, seed by seed, in points.

    The columns after these two are half-widths of 95 % intervals, missing with one seed. A network of which no run came
    to its end has n = 0 and no numbers.
    """
    networks = list(frame["network"].unique())
    ends = at_the_end(frame, weights=weights)
    table = intervals(ends).set_index("network").reindex(networks)
    shown = pd.DataFrame({"network": networks, "n": table["n"].fillna(0).astype(int).to_numpy()})
    apart = _apart(ends).reindex(networks)
    for column, values in zip(FORMATS, (*_mean_and_half(table), *_mean_and_half(apart)), strict=True):
        shown[column] = 100 * values.to_numpy(float)
    return shown


def _mean_and_half(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return table["mean"], table["high"] - table["mean"]


def _apart(ends: pd.DataFrame) -> pd.DataFrame:
    shared = ends[ends["seed"].isin(ends.loc[ends["network"] == UNTOUCHED, "seed"])]
    if shared["network"].nunique() < 2:
        return pd.DataFrame(columns=["mean", "low", "high"], dtype=float)
    return paired_differences(shared, baseline=UNTOUCHED).set_index("network")
