"""What a few seeds say: means with their intervals, paired differences, the error of a finite test set.

Frame in, frame out: one row per observation in, one row per group out. A single seed has a mean and no interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from relupool.thresholds import LEVEL
from relupool.validation import is_real, refuse


def intervals(
    frame: pd.DataFrame,
    *,
    value: str = "accuracy",
    by: Sequence[str] = ("network",),
    level: float = LEVEL,
) -> pd.DataFrame:
    """Mean of ``value`` in each group with Student's t interval, mean +- t((1 + level)/2, n - 1) * sd / sqrt(n).

    Args:
        frame: one row per observation, usually per seed; the columns ``by`` and ``value``.
        value: column of finite numbers.
        by: columns that make the groups; their order of appearance is kept.
        level: coverage of the interval, between 0 and 1.

    Returns:
        The columns ``by``, n, mean, sd (of the sample), low, high. With n = 1 the last three are NaN: one seed says
        nothing about the others.

    Raises:
        ValueError: a column is missing, ``value`` is not finite somewhere, or ``level`` is not between 0 and 1.
    """
    _check_level(level)
    by = list(by)
    _check_columns(frame, [*by, value])
    if not np.isfinite(frame[value].astype(float)).all():
        refuse(value, "not finite in some rows", "a finite number in every row; leave out what diverged and count it")
    groups = frame.groupby(by, sort=False, dropna=False)[value]
    table = groups.agg(n="count", mean="mean", sd="std").reset_index()
    half = stats.t.ppf((1 + level) / 2, (table["n"] - 1).where(table["n"] > 1)) * table["sd"] / np.sqrt(table["n"])
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)


def _check_level(level: Any) -> None:
    if not (is_real(level) and 0 < level < 1):
        refuse("level", level, "between 0 and 1")


def _check_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    if missing := [name for name in columns if name not in frame.columns]:
        refuse("frame", list(frame.columns), f"a frame with the columns {', '.join(missing)} too")
