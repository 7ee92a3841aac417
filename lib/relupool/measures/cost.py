"""What the order of activation and pooling costs, in words made from times, shares and counts.

A time counts for something only with its interval, and only if the machine had nothing else to do. A *saving* is the
part of the time that goes away when the pool comes first: 1 - 1 / ratio.
"""

from __future__ import annotations

import pandas as pd

from relupool.instruments import timing
from relupool.theory.order_cost import saving
from relupool.words import percent

REST = "all else"
WHOLE = "whole step"
TYPES = ("convolution", "pooling", "activation", "normalization", "dense", REST)
"""Types of layers in the order in which figures show them."""

PUBLISHED_SECONDS, PUBLISHED_SAVED = 70, 3
"""Page 2019, on a V100: a training of about so many seconds, and what it saved to pool before the activation."""

NAMES = {"relu": "ReLU"}
"""What pages and figures call the activations that have another name in Keras."""

WAYS = {"eager": "as written", "graph": "as a TensorFlow graph", "XLA": "compiled by XLA"}


def interval(row: pd.Series, digits: int = 2) -> str:
    """The median of a row of :func:`timing.ratios` with its interval: "1.48 (1.26 to 1.67)"."""
    return f"{row['median']:.{digits}f} ({row['low']:.{digits}f} to {row['high']:.{digits}f})"


def saved(row: pd.Series) -> tuple[float, float, float]:
    """The saving that belongs to a ratio of times, and the ends of its interval, lower first."""
    return 1 - 1 / row["median"], 1 - 1 / row["low"], 1 - 1 / row["high"]


def saving_words(row: pd.Series) -> str:
    """That saving: "2.1 % (−0.5 to 4.0 %)"."""
    value, low, high = map(percent, saved(row))
    return f"{value} ({low.split(chr(160))[0]} to {high})"


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
    found = timing.medians(long, by=("type",), value="share").set_index("type")
    # the parts of a bar add up: what is left is left by the medians, and lies in its interval
    left = 1 - found["median"].drop(REST).sum()
    found.loc[REST, ["median", "low", "high"]] = left, *_with(left, *found.loc[REST, ["low", "high"]])
    return found.reset_index()


def _with(value: float, low: float, high: float) -> tuple[float, float]:
    return min(low, value), max(high, value)


def most(layers: pd.DataFrame, *, factor: float) -> pd.Series:
    """What pooling first saves by Amdahl's law, if nothing else changes: median, low, high, rounds; of a training step.

    ``layers`` are readings as for :func:`shares`, of one activation; ``factor`` is how many times fewer numbers that of
    layer 1 sees. Its share of the step is taken in each round.
    """
    both = layers[layers["direction"] == "both ways"]
    wide = both.pivot_table(index="round", columns="layer", values="seconds")
    share = wide["activation1"] / wide[WHOLE]
    return timing.medians(
        pd.DataFrame({"of": "it", "bound": saving(1.0, factor) * share}), by=("of",), value="bound"
    ).iloc[0]
