"""A stopwatch for functions that take turns: medians and ratios with their intervals, and what else the machine did.

Readings on a shared machine drift within seconds. So all functions are timed once in every round, in a new random
order, and are compared within rounds. Nothing here knows what is timed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import psutil
from attrs import field, frozen
from scipy import stats

from relupool.thresholds import DISTURBED, HIGH_LOAD, LEVEL
from relupool.validation import is_whole, real, refuse, whole

FEWEST = 6
"""Rounds that such an interval needs: of 5 readings, all lie on one side of the median once in 16 times."""

SHORTEST = 2e-3
"""Seconds that a reading lasts at least; what is quicker is called several times for one reading."""

WARM_UP = 2
"""Calls of each function before its first reading; the first one may compile."""

Call = Callable[[], Any]
"""A function that returns only when its work is done."""


@frozen(kw_only=True)
class Load:
    """What else the machine had to do.

    ``average`` is the load average of the minute before, everything counted, so what this process did then as well;
    ``others`` is how many of the ``cores`` other processes kept busy while the readings were taken.
    """

    cores: int = field(validator=whole(1))
    average: float = field(validator=real(0))
    others: float = field(default=0.0, validator=real(0))

    @property
    def high(self) -> bool:
        """Whether the load average says that the machine was busy before."""
        return self.average > HIGH_LOAD * self.cores

    @property
    def disturbed(self) -> bool:
        """Whether other processes took enough of the machine, while it measured, to make times worthless."""
        return self.others > DISTURBED * self.cores

    @property
    def words(self) -> str:
        """Both numbers as the end of a sentence."""
        return (
            f"load average {self.average:.1f} before, other processes on {self.others:.2f} of {self.cores} cores "
            "meanwhile"
        )


def load(*frames: pd.DataFrame, average: float | None = None) -> Load:
    """The load now, or that under which ``frames`` of :func:`alternate` were measured: the worst of them counts.

    ``average`` is a load average noted earlier, before this process had much to do.
    """
    seen = [frame.attrs["others"] for frame in frames]
    average = os.getloadavg()[0] if average is None else average
    return Load(cores=os.cpu_count() or 1, average=average, others=max(seen, default=0.0))


def alternate(calls: Mapping[tuple[str, ...], Call], *, names: Sequence[str], rounds: int) -> pd.DataFrame:
    """Seconds for each call: one row for each of ``calls`` and each of ``rounds``, timed in random order.

    The keys of ``calls`` become columns ``names``, beside them ``round`` and ``seconds``. Each call is warmed up and
    then repeated so often that a reading lasts :data:`SHORTEST`; seconds are for one call. The frame's attrs hold
    ``others``, the cores that other processes kept busy. Raises ValueError for fewer than :data:`FEWEST` rounds.
    """
    if not is_whole(rounds) or rounds < FEWEST:
        refuse("rounds", rounds, f"a whole number of at least {FEWEST}")
    times = {key: _warmed_up(call) for key, call in calls.items()}
    order, keys, rows = np.random.default_rng(0), list(calls), []
    start, busy = _worked()
    for round in range(rounds):
        seconds = {keys[k]: _seconds(calls[keys[k]], times[keys[k]]) for k in order.permutation(len(keys))}
        rows += [{**dict(zip(names, key, strict=True)), "round": round, "seconds": seconds[key]} for key in keys]
    end, busier = _worked()
    frame = pd.DataFrame(rows)
    frame.attrs = {"others": max(0.0, (busier - busy) / (end - start))}
    return frame


def _warmed_up(call: Call) -> int:
    """How many calls make a reading, found on a warm function."""
    for _ in range(WARM_UP):
        call()
    return max(1, ceil(SHORTEST / max(_seconds(call, 1), 1e-9)))


def _seconds(call: Call, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def _worked() -> tuple[float, float]:
    """The time on the wall, and seconds for which cores have been busy with other processes."""
    all_, own = psutil.cpu_times(), os.times()
    waiting = all_.idle + getattr(all_, "iowait", 0.0)
    # guests are counted among the users already
    counted = sum(all_) - getattr(all_, "guest", 0.0) - getattr(all_, "guest_nice", 0.0)
    return time.perf_counter(), counted - waiting - own.user - own.system


def median(values: Any) -> tuple[float, float, float]:
    """The median with its interval from order statistics, which assumes independent readings and nothing else.

    Conover 1999, *Practical Nonparametric Statistics*, sec. 3.2, as SciPy has it: it covers at LEVEL or above.
    """
    values = np.asarray(values, dtype=float)
    if len(values) < FEWEST or not np.isfinite(values).all():
        refuse("values", values, f"at least {FEWEST} finite numbers")
    low, high = stats.quantile_test(values, p=0.5).confidence_interval(LEVEL)
    return float(np.median(values)), float(low), float(high)


def medians(frame: pd.DataFrame, *, by: Sequence[str], value: str = "seconds") -> pd.DataFrame:
    """Median of ``value`` in each group: columns ``by``, median, low, high, rounds; order is kept."""
    groups = [
        {**dict(zip(by, key, strict=True)), **_described(group[value])}
        for key, group in frame.groupby(list(by), sort=False)
    ]
    return pd.DataFrame(groups)


def _described(values: pd.Series) -> dict[str, float]:
    middle, low, high = median(values)
    return {"median": middle, "low": low, "high": high, "rounds": len(values)}


def ratios(frame: pd.DataFrame, *, column: str, over: str, under: str) -> pd.DataFrame:
    """How many times as long ``over`` takes as ``under``, two values of ``column``, round by round.

    A row for each combination of the other columns that has both: those columns, then median, low, high, rounds.
    """
    others = [name for name in frame.columns if name not in (column, "round", "seconds")]
    first, second = (frame[frame[column] == name].drop(columns=column) for name in (over, under))
    pairs = first.merge(second, on=[*others, "round"], suffixes=("", "_under"), validate="one_to_one")
    pairs["ratio"] = pairs["seconds"] / pairs["seconds_under"]
    return medians(pairs, by=others, value="ratio") if others else pd.DataFrame([_described(pairs["ratio"])])
