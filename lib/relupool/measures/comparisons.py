"""Comparisons over a few seeds: contrasts of networks, on two scales, and many tests at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from relupool.thresholds import LEVEL
from relupool.validation import refuse

ALPHA = 1 - LEVEL
"""Risk of each of the two one-sided tests of an equivalence; its interval covers 1 - 2 * ALPHA."""

Contrast = Mapping[str, float]
"""Networks with the factors by which their values are added up: {"with": 1, "without": -1} is a difference."""


def log_odds(accuracy: Any, *, test_images: Any) -> Any:
    """ln(right / wrong), with half an image added to both, so that it is finite for 0 and 100 % too."""
    p = np.asarray(accuracy, float)
    if not ((p >= 0) & (p <= 1)).all():
        refuse("accuracy", accuracy, "from 0 to 1")
    return logit((accuracy * test_images + 0.5) / (test_images + 1))


def contrasts(
    frame: pd.DataFrame, wanted: Mapping[str, Contrast], *, value: str = "accuracy", pair: str = "seed"
) -> pd.DataFrame:
    """Each contrast of networks, seed by seed: columns contrast, ``pair``, ``value``.

    ``frame`` has one row per network and seed. A seed counts for a contrast if all of its networks have it; raises
    ValueError where none does, and where a network has a seed twice.
    """
    if frame.duplicated(["network", pair]).any():
        refuse("frame", f"a network twice with the same {pair}", f"one with each network and {pair} once")
    wide = frame.pivot(index=pair, columns="network", values=value)
    parts = []
    for name, factors in wanted.items():
        if missing := [network for network in factors if network not in wide]:
            refuse("frame", list(wide.columns), f"a frame with the networks {', '.join(missing)} too")
        whole = wide[list(factors)].dropna()
        if whole.empty:
            refuse("frame", name, f"contrasts whose networks share a {pair}")
        sums = whole.mul(pd.Series(factors)).sum(axis=1)
        parts.append(pd.DataFrame({"contrast": name, pair: sums.index, value: sums.to_numpy()}))
    return pd.concat(parts, ignore_index=True)
