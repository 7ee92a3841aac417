"""A record of what the order costs, measured once on a quiet machine: what decides A4, A5, A15 and A16.

``relupool bench order`` writes it, and the note on what the order costs shows it. It holds the readings themselves, so
the rules may be read another way later.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from attrs import asdict, frozen

from relupool.experiments.cifar10 import ROOT
from relupool.instruments import timing
from relupool.instruments.timing import Load
from relupool.measures import cost
from relupool.measures.conditions import MADE, Conditions
from relupool.validation import refuse

RECORD = ROOT / "data" / "order_times.json"
"""The one that the book shows."""

COMMAND = "`relupool bench order`"

READINGS = ("alone", "steps", "layers")

TIMED = ("relu", "sigmoid", "softplus")
"""Whose order is timed: the sigmoid is the source's example of a costly activation."""


@frozen(eq=False, kw_only=True)
class OrderTimes:
    """Readings of both orders: ``alone``, ``steps`` and ``layers`` of ReLU and others.

    ``usual`` is the way of running a training step that people use.
    """

    conditions: Conditions
    usual: str
    alone: pd.DataFrame
    steps: pd.DataFrame
    layers: pd.DataFrame

    @property
    def activations(self) -> tuple[str, ...]:
        """Those that were timed in a training step, ReLU among them."""
        return tuple(dict.fromkeys(self.steps["activation"]))

    def ratios(self, readings: str) -> pd.DataFrame:
        """How many times as long it takes with the activation first, of "alone" or "steps"."""
        return timing.ratios(getattr(self, readings), column="order", over="activation first", under="pool first")

    @property
    def saved(self) -> dict[str, dict[str, float]]:
        """The part of a training step that pooling first saves, by activation: its mean, and its interval's ends."""
        ends = ("mean", "low", "high")
        return {name: dict(zip(ends, cost.saved(self.step(name)), strict=True)) for name in self.activations}

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
        "made": times.conditions.made,
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
        where = Conditions(
            device=record["device"],
            backend=record["backend"],
            load=Load(**record["load"]),
            made={name: record["made"][name] for name in MADE},
        )
    except (KeyError, TypeError, ValueError) as error:
        refuse(str(path), error, f"what {COMMAND} writes")
    return OrderTimes(conditions=where, usual=record["usual"], **frames)


def times_as_long(ratios: pd.DataFrame) -> str:
    """How many times as long it takes with the activation first, way by way."""
    return "; ".join(f"{cost.interval(row)} {cost.WAYS[row['way']]}" for _, row in ratios.iterrows())
