"""What networks end with: the last row of each run, differences of two networks, and a table of them.

Frames are those of the result store (one row per evaluation and kind of weights).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from relupool.measures.estimate import Estimate, estimated
from relupool.measures.statistics import intervals

LITERAL, LINEAR, AFFINE = "average pool, linear dense", "average pool, all linear", "all linear, no LRN"
UNTOUCHED, MAX_ONLY = "untouched", "max pool, no conv ReLU"


FORMATS = {"accuracy (%)": "{:.1f}", "±": "{:.1f}", "minus untouched (points)": "{:+.1f}", "± of that": "{:.1f}"}
"""How the numbers of :func:`accuracies` are written."""


def at_the_end(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """One row for each run that came to its last step; those that diverged are left out."""
    return frame[(frame["step"] == frame["steps"]) & (frame["weights"] == weights) & frame["diverged_at"].isna()]


def difference(frame: pd.DataFrame, network: str, baseline: str, *, weights: str = "averaged") -> Estimate | None:
    """Accuracy of ``network`` minus that of ``baseline``, where both ended; None where no seed has finished both."""
    return estimated(at_the_end(frame, weights=weights), {network: 1.0, baseline: -1.0}, weights=weights)


def accuracies(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracy of each network in per cent, and minus the untouched one's, seed by seed, in points.

    The columns after these two are half-widths of 95 % intervals, missing with one seed. A network of which no run came
    to its end has n = 0 and no numbers.
    """
    networks = list(frame["network"].unique())
    ends = at_the_end(frame, weights=weights)
    table = intervals(ends).set_index("network").reindex(networks)
    shown = pd.DataFrame({"network": networks, "n": table["n"].fillna(0).astype(int).to_numpy()})
    apart = {name: difference(frame, name, UNTOUCHED, weights=weights) for name in networks if name != UNTOUCHED}
    mean, half = table["mean"], table["high"] - table["mean"]
    gaps = [apart.get(name) for name in networks]
    minus = [math.nan if gap is None else gap.mean for gap in gaps]
    halves = [math.nan if gap is None or gap.n == 1 else gap.half() for gap in gaps]
    for column, values in zip(FORMATS, (mean, half, minus, halves), strict=True):
        shown[column] = 100 * np.asarray(values, float)
    return shown
