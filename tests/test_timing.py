"""The stopwatch: who is timed when, what its intervals cover, and what it says of a busy machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from relupool.instruments import bench, timing
from relupool.instruments.timing import FEWEST, Load, alternate, load, median, medians, ratios


def asleep(seconds: float):
    return lambda: time.sleep(seconds)


def test_each_call_is_timed_once_in_each_round_and_within_rounds_in_another_order():
    done: list[str] = []

    def call(name: str):
        def run() -> None:
            done.append(name)
            time.sleep(timing.SHORTEST * 2)  # long enough to be a reading by itself

        return run

    names = "abcde"
    frame = alternate({(n,): call(n) for n in names}, names=("which",), rounds=6)
    assert frame.groupby("round")["which"].agg("".join).tolist() == [names] * 6
    measured = done[-6 * len(names) :]
    turns = ["".join(measured[k : k + 5]) for k in range(0, 30, 5)]
    assert all(sorted(turn) == list(names) for turn in turns)
    assert len(set(turns)) > 3
    assert len(done) == len(names) * (6 + timing.WARM_UP + 1)


def test_seconds_are_seconds_of_one_call():
    frame = alternate({("one",): asleep(0.004), ("short",): asleep(1e-4)}, names=("which",), rounds=7)
    middle = frame.groupby("which")["seconds"].median()
    assert 0.004 <= middle["one"] < 0.04
    assert 1e-4 <= middle["short"] < 0.004


def test_the_interval_is_made_of_readings():
    """With 6 readings only the interval from the least to the largest covers 95 %: 1 - 2/64."""
    assert median([3, 1, 4, 1.5, 9, 2.6]) == (2.8, 1, 9)
    for values in ([1.0] * (FEWEST - 1), [1.0] * 9 + [np.nan]):
        with pytest.raises(ValueError, match=r"values is .* must be at least 6 finite numbers"):
            median(values)


def readings(**seconds: list[float]) -> pd.DataFrame:
    rows = [
        {"order": order, "way": "eager", "round": k, "seconds": value}
        for order, values in seconds.items()
        for k, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_ratios_are_taken_within_rounds():
    """The machine gets slower from round to round; the ratio does not."""
    slow = np.array([1, 5, 2, 9, 4, 7.0])
    found = ratios(readings(first=list(3 * slow), second=list(slow)), column="order", over="first", under="second")
    assert found.to_dict("records") == [{"way": "eager", "median": 3, "low": 3, "high": 3, "rounds": 6}]


def test_groups_keep_their_order():
    assert medians(readings(b=[1.0] * 6, a=[2.0] * 6), by=("order",))["order"].tolist() == ["b", "a"]


def test_too_few_rounds_are_refused_before_anything_is_timed():
    with pytest.raises(ValueError, match="rounds is 5"):
        alternate({("one",): asleep(0)}, names=("which",), rounds=5)


@pytest.mark.parametrize(
    ("average", "others", "high", "disturbed"),
    [(0.1, 0.05, False, False), (0.7, 0.0, True, False), (0.1, 0.3, False, True), (1.9, 1.5, True, True)],
)
def test_a_busy_machine_is_called_busy(average, others, high, disturbed):
    now = Load(cores=2, average=average, others=others)
    assert (now.high, now.disturbed) == (high, disturbed)
    assert f"{others:.2f} of 2 cores" in now.words


def test_nothing_is_compared_on_a_busy_machine(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (0.4 * os.cpu_count(), 0, 0))
    with pytest.raises(ValueError, match=r"load average is .* at most 0\.3 for each core"):
        bench.training()


def test_other_processes_are_noticed():
    """A process that spins takes a good part of a core; of this one's own work nothing counts as others'."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as spinning:
        try:
            frame = alternate({("sleep",): asleep(0.1)}, names=("which",), rounds=8)
        finally:
            spinning.kill()
    assert frame.attrs["others"] > 0.2
    assert load(frame, average=0.0).others == frame.attrs["others"]
    assert load().others == 0
    assert load().cores == os.cpu_count()
