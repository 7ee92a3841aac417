"""What the order of activation and pooling costs, in words made from times, shares and counts.

A time counts for something only with its interval, and only if the machine had nothing else to do. A *saving* is the
part of the time that goes away when the pool comes first: 1 - 1 / ratio.
"""

from __future__ import annotations

import math

import pandas as pd

from relupool.experiments import timing
from relupool.figures.words import listing, percent
from relupool.theory.evidence import Evidence
from relupool.theory.order_cost import saving
from relupool.verdicts.conditions import Conditions

REST = "all else"
WHOLE = "whole step"
TYPES = ("convolution", "pooling", "activation", "normalization", "dense", REST)
"""Types of layers in the order in which figures show them."""

PUBLISHED_SECONDS, PUBLISHED_SAVED = 70, 3
"""Page 2019, on a V100: a training of about so many seconds, and what it saved to pool before the activation."""

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


def positions(right: Evidence, rule_of_thumb: Evidence, *, size: int, stride: int) -> str:
    """What the check of the two rules, stride squared and k squared, came to."""
    pool = f"max-pool of size {size} and stride {stride}"
    tried = f"Keras' {pool} left as many positions as the theorem says on {right.trials} images."
    if not right.holds:
        tried = f"The theorem fails for Keras' {pool}: {right.differing} of {right.compared} counts differ."
    found = rule_of_thumb.counterexample
    if found is None:
        return f"{tried} So does the rule k², because here the stride is the size."
    _, height, width, _ = found.input.shape
    return (
        f"{tried} The rule k² fails, even rounded in its favour. The smallest image that shows it has {height} × "
        f"{width} positions: the pool leaves {found.left.max():.0f}, the rule says {found.right.max():.0f}."
    )


def amdahl(layers: pd.DataFrame, step: pd.Series, *, activation: str, factor: float) -> str:
    """What the pool first can save at most by {prf:ref}`thm-amdahl`, and what it did save in ``step``.

    ``layers`` are readings as for :func:`shares`, ``factor`` is how many times fewer numbers the activation sees. The
    law is held against the sum of the parts, with the first layer's activation cut down.
    """
    both = layers[layers["direction"] == "both ways"]
    times = both.groupby("layer")["seconds"].median()
    whole, part = float(times[WHOLE]), float(times["activation1"])
    if part > whole:  # readings of a machine that stood still for a while
        return f"For {activation}, the activation of layer 1 took longer than the whole step: no law covers that."
    law = saving(part / whole, factor)
    cut = 1 - (whole - part + part / factor) / whole
    agree = "agrees with" if math.isclose(law, cut, abs_tol=1e-9) else "does not agree with"
    return (
        f"For {activation}, the activation of layer 1 takes {percent(part / whole)} of a step. With {_fewer(factor)} "
        f"numbers to work on, {percent(law)} of the step is saved at most, which {agree} adding up the parts. "
        f"Measured: {saving_words(step)}."
    )


def answer(
    *, factor: float, step: pd.Series, costly: pd.Series, activation: str, conditions: Conditions, commutes: bool
) -> str:
    """The chapter's answer in three sentences, from the counted ``factor`` and the two ratios in the training step."""
    count = f"Behind the pool the activation works on {_fewer(factor)} numbers."
    if not commutes:
        count += f" But {activation} does not commute with max-pooling, so the result would be another one."
    if conditions.load.disturbed:
        return f"{count} What that saves in time could not be measured here: the machine was busy with other things."
    told = f"In a whole training step it {_saves(step)} with relu and {_saves(costly)} with {activation}"
    return f"{count} {told}. Measured with {conditions.words}"


def _fewer(factor: float) -> str:
    return "as many" if factor == 1 else f"{factor:.3g} times fewer"


def _saves(step: pd.Series) -> str:
    _, low, high = saved(step)
    if low > 0:
        return f"saves {saving_words(step)} of the time"
    if high < 0:
        return f"costs time, a saving of {saving_words(step)},"
    return f"saves nothing that could be told from nothing, {saving_words(step)},"


def reordered(found: pd.DataFrame) -> str:
    """Which compilers moved the pool to the front, from a row for each program that was read.

    Columns compiler, activation, situation, written and runs as.
    """
    first = found[found["written"] == "activation first"]
    did = {
        "pool first": "moved the pool to the front",
        "activation first": "left the activation in front",
        "in the convolution": "made the activation a part of the convolution",
        "both": "left a part of the activation on either side",
    }
    sentences = [
        f"{compiler} {did[order]} for {listing(f'{r.activation} {r.situation}' for r in rows.itertuples())}."
        for (compiler, order), rows in first.groupby(["compiler", "runs as"], sort=False)
    ]
    return " ".join(sentences)
