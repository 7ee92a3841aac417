"""A record of what the order costs, measured once on a quiet machine: what decides A4, A5, A15 and A16.

``relupool bench order`` writes it. It holds the readings themselves, so the rules may be read another way later. The
verdicts are those of chapter 6, which measures anew each time that it runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from attrs import asdict, frozen

from relupool.experiments import timing
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.timing import Load
from relupool.validation import refuse
from relupool.verdicts import cost
from relupool.verdicts.conditions import Conditions
from relupool.verdicts.verdict import Verdict

RECORD = ROOT / "data" / "order_times.json"
"""The one that the book shows."""

COMMAND = "`relupool bench order`"

READINGS = ("alone", "steps", "layers")


@frozen(eq=False, kw_only=True)
class OrderTimes:
    """Readings of both orders: ``alone``, ``steps`` and ``layers`` as chapter 6 takes them, of ReLU and ``activation``.

    ``usual`` is the way of running a training step that people use.
    """

    conditions: Conditions
    activation: str
    usual: str
    alone: pd.DataFrame
    steps: pd.DataFrame
    layers: pd.DataFrame

    def ratios(self, readings: str) -> pd.DataFrame:
        """How many times as long it takes with the activation first, of "alone" or "steps"."""
        return timing.ratios(getattr(self, readings), column="order", over="activation first", under="pool first")

    def step(self, activation: str) -> pd.Series:
        """That ratio in a training step, run as usual."""
        found = self.ratios("steps")
        return found[found["way"] == self.usual].set_index("activation").loc[activation]


def write(times: OrderTimes, path: Path = RECORD) -> None:
    """Write the record as JSON."""
    record = {
        "device": times.conditions.device,
        "backend": times.conditions.backend,
        "load": asdict(times.conditions.load),
        "activation": times.activation,
        "usual": times.usual,
        **{name: getattr(times, name).to_dict("list") for name in READINGS},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


def read(path: Path = RECORD) -> OrderTimes | None:
    """The record, or None if there is none; raises ValueError for a file that is not one."""
    if not path.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        frames = {name: pd.DataFrame(record[name]) for name in READINGS}
        where = Conditions(device=record["device"], backend=record["backend"], load=Load(**record["load"]))
    except (KeyError, TypeError, ValueError) as error:
        refuse(str(path), error, f"what {COMMAND} writes")
    return OrderTimes(conditions=where, activation=record["activation"], usual=record["usual"], **frames)


def judge(times: OrderTimes) -> dict[str, Verdict]:
    """A4, A5, the speed of A15, and A16, by the rules of chapter 6."""
    alone, relu, where = times.ratios("alone"), times.step("relu"), times.conditions
    ours = times.layers[times.layers["activation"] == "relu"]
    return {
        "A4": cost.worthwhile(alone, times.step(times.activation), where, activation=times.activation),
        "A5": cost.small(relu, where, activation="relu"),
        "A15": cost.faster(alone, where, activation="relu"),
        "A16": cost.negligible(cost.shares(ours), relu, where),
    }


def saving(row: pd.Series) -> str:
    """What the pool first saves, with its interval."""
    return cost.saving_words(row)


def times_as_long(ratios: pd.DataFrame) -> str:
    """How many times as long it takes with the activation first, way by way."""
    return "; ".join(f"{cost.interval(row)} {cost.WAYS[row['way']]}" for _, row in ratios.iterrows())


def convolutions(times: OrderTimes) -> str:
    """The part of a training step with ReLU that convolutions take, with its interval."""
    shares = cost.shares(times.layers[times.layers["activation"] == "relu"]).set_index("type").loc["convolution"]
    return f"{100 * shares['median']:.0f} % ({100 * shares['low']:.0f} to {100 * shares['high']:.0f} %)"
