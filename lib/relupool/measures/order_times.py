"""What the order of activation and pooling costs: readings of both, what is saved, and the record that decides.

``relupool bench order`` writes the record, measured once on a quiet machine, and the note on what the order costs shows
it. It holds the readings themselves, so the rules of A4, A5, A15 and A16 may be read another way later. A *saving* is
the part of the time that goes away when the pool comes first: 1 - 1 / ratio.
"""

from __future__ import annotations

from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import pandas as pd
from attrs import asdict, field, frozen

from relupool import files
from relupool.experiments.cifar10 import ROOT
from relupool.instruments import timing
from relupool.instruments.timing import Load
from relupool.theory.order_cost import saving
from relupool.validation import is_real, is_whole, kind, refuse
from relupool.words import NBSP, named, percent

RECORD = ROOT / "data" / "order_times.json"
"""The one that the book shows."""

COMMAND = "`relupool bench order`"

MOST = 2**24
"""Bytes that a record has at most."""

OF_ORDERS = ("activation", "order", "way", "round", "seconds")
READINGS = {
    "alone": OF_ORDERS,
    "steps": OF_ORDERS,
    "layers": ("activation", "layer", "type", "direction", "round", "seconds"),
}
"""The columns of each table; rounds are counted from 0, and all but seconds are text."""

TIMED = ("relu", "sigmoid", "softplus")
"""Whose order is timed: the sigmoid is the source's example of a costly activation."""

WAYS = {"eager": "as written", "graph": "as a TensorFlow graph", "XLA": "compiled by XLA"}

REST, WHOLE = "all else", "whole step"
TYPES = ("convolution", "pooling", "activation", "normalization", "dense", REST)
"""Types of layers in the order in which figures show them."""

PUBLISHED_SECONDS, PUBLISHED_SAVED = 70, 3
"""Page 2019, on a V100: a training of about so many seconds, and what it saved to pool before the activation."""

MADE = ("measured", "committed", "commit", "processor", "system", "python", "numpy", "keras", "backend_version",
        "onednn")  # fmt: skip
"""What a record of times has of its making, None what nobody took down; ``committed`` is when the record itself was."""


@frozen(kw_only=True)
class Conditions:
    """Where, with what and beside what else times were taken: no time counts without it.

    ``made`` holds :data:`MADE` of times that were recorded; it is None of those that the page takes itself.
    """

    device: str = field(validator=kind(str))
    backend: str = field(validator=kind(str))
    load: Load
    made: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """All of it as a sentence."""
        return "; ".join([f"{self.backend} on {self.device}", self.load.words, *self._making()]) + "."

    def _making(self) -> list[str]:
        if (made := self.made) is None:
            return []
        day = f"measured on {made['measured'][:10]}" if made["measured"] else "day not recorded, committed on "
        versions = f"Keras {made['keras']}, {self.backend} {made['backend_version']}, NumPy {made['numpy']}"
        return [
            day if made["measured"] else f"{day}{made['committed'][:10]}",
            f"commit {made['commit'][:8]}" if made["commit"] else "commit not recorded",
            versions if made["keras"] else "versions not recorded",
        ]


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

    def step(self, activation: str) -> pd.Series:
        """That ratio in a training step, run as usual."""
        return self._steps.loc[activation]

    @cached_property
    def _steps(self) -> pd.DataFrame:
        return self.ratios("steps").query("way == @self.usual").set_index("activation")

    @property
    def saved(self) -> dict[str, dict[str, float]]:
        """The part of a training step that pooling first saves, by activation: its mean, and its interval's ends."""
        ends = ("mean", "low", "high")
        return {name: dict(zip(ends, saved(self.step(name)), strict=True)) for name in self.activations}

    def told_from_zero(self) -> tuple[list[str], list[str]]:
        """Activations with which pooling first surely saves some of a training step, and those where it may save 0."""
        saved = self.saved
        sure = [name for name, part in saved.items() if part["low"] > 0]
        return sure, [name for name, part in saved.items() if part["low"] <= 0 <= part["high"]]

    def saving(self, activation: str) -> str:
        """What it saves with one, as a text says it: "2.1 % (−0.5 to 4.0 %) with ReLU"."""
        value, low, high = map(percent, saved(self.step(activation)))
        return f"{value} ({low.split(NBSP)[0]} to {high}) with {named(activation)}"


def write(times: OrderTimes, path: Path = RECORD) -> None:
    """Write the record as JSON with its digest."""
    record = {
        "device": times.conditions.device,
        "backend": times.conditions.backend,
        "load": asdict(times.conditions.load),
        "made": times.conditions.made,
        "usual": times.usual,
        **{name: getattr(times, name).to_dict("list") for name in READINGS},
    }
    files.write_whole(path, files.sealed(record))


def read(path: Path = RECORD) -> OrderTimes | None:
    """The record, or None if there is none; raises ValueError for a file that is not one."""
    if not path.exists():
        return None
    with files.suspect(path, f"not what {COMMAND} writes: {{}}"):
        record: dict[str, Any] = files.unsealed(files.read_whole(path, MOST))
        made = {name: record["made"][name] for name in MADE}
        for name, value in made.items():
            if not isinstance(value, str | dict | None):
                refuse(name, value, "text, an object, or None")
        conditions = Conditions(
            device=record["device"], backend=record["backend"], load=Load(**record["load"]), made=made
        )
        if record["usual"] not in WAYS:
            refuse("usual", record["usual"], f"one of {', '.join(WAYS)}")
        frames = {name: _table(record[name], columns) for name, columns in READINGS.items()}
        return OrderTimes(conditions=conditions, usual=record["usual"], **frames)


def _table(values: Any, columns: tuple[str, ...]) -> pd.DataFrame:
    """Readings by columns; raises ValueError or TypeError for anything else."""
    if tuple(values) != columns:
        refuse("columns", tuple(values), ", ".join(columns))
    fits = {"round": lambda v: is_whole(v) and v >= 0, "seconds": lambda v: is_real(v) and 0 < v < inf}
    for name in columns:
        for value in values[name]:
            if not fits.get(name, lambda v: isinstance(v, str))(value):
                refuse(name, value, "text, a round from 0, or seconds above 0")
    return pd.DataFrame(values)


def saved(ratio: pd.Series) -> tuple[float, float, float]:
    """The saving that belongs to a ratio of times, and the ends of its interval, lower first."""
    return 1 - 1 / ratio["median"], 1 - 1 / ratio["low"], 1 - 1 / ratio["high"]


def times_as_long(ratios: pd.DataFrame) -> str:
    """How many times as long it takes with the activation first, way by way: "1.48 (1.26 to 1.67) as written"."""
    return "; ".join(
        f"{row.median:.2f} ({row.low:.2f} to {row.high:.2f}) {WAYS[row.way]}" for row in ratios.itertuples(name="Row")
    )


def shares(layers: pd.DataFrame) -> pd.DataFrame:
    """Part of the training step that each type of layer takes, both ways: columns type, median, low, high, rounds.

    ``layers`` are readings by layer, type and direction, among them the :data:`WHOLE` step. In each round the layers of
    a type are added and divided by the step; :data:`REST` is what they leave of it, below 0 if they exceed it.
    """
    used = layers[layers["direction"] == "both ways"]
    by_type = used.pivot_table(index="round", columns="type", values="seconds", aggfunc="sum")
    parts = by_type.drop(columns=WHOLE).div(by_type[WHOLE], axis=0)
    parts[REST] = 1 - parts.sum(axis=1)
    long = parts[list(TYPES)].reset_index().melt(id_vars="round", var_name="type", value_name="share")
    table = timing.medians(long, by=("type",), value="share").set_index("type")
    # the parts of a bar add up: what is left is left by the medians, and lies in its interval
    left = 1 - table["median"].drop(REST).sum()
    low, high = table.loc[REST, ["low", "high"]]
    table.loc[REST, ["median", "low", "high"]] = left, min(low, left), max(high, left)
    return table.reset_index()


def most(layers: pd.DataFrame, *, factor: float) -> pd.Series:
    """What pooling first saves by Amdahl's law, if nothing else changes: median, low, high, rounds; of a training step.

    ``layers`` are readings as for :func:`shares`, of one activation; ``factor`` is how many times fewer numbers that of
    layer 1 sees. Its share of the step is taken in each round.
    """
    both = layers[layers["direction"] == "both ways"]
    seconds = both.pivot_table(index="round", columns="layer", values="seconds")
    bound = pd.DataFrame({"of": "it", "bound": saving(1.0, factor) * (seconds["activation1"] / seconds[WHOLE])})
    return timing.medians(bound, by=("of",), value="bound").iloc[0]
