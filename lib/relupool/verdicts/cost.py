"""What the order of activation and pooling costs, in words made from times, shares and counts.

A time counts for something only with its interval, and only if the machine had nothing else to do. A *saving* is the
part of the time that goes away when the pool comes first: 1 - 1 / ratio.
"""

from __future__ import annotations

import pandas as pd

from relupool.experiments import timing
from relupool.figures.words import listing, percent
from relupool.theory.evidence import Evidence
from relupool.theory.order_cost import saving
from relupool.verdicts.conditions import Conditions
from relupool.verdicts.rules import HALF, SMALL_SHARE
from relupool.verdicts.verdict import Verdict

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
    agree = "agrees with" if abs(law - cut) < 1e-9 else "does not agree with"
    return (
        f"For {activation}, the activation of layer 1 takes {percent(part / whole)} of a step. With {_fewer(factor)} "
        f"numbers to work on, {percent(law)} of the step is saved at most, which {agree} adding up the parts. "
        f"Measured: {saving_words(step)}."
    )


def calls(*, size: int, stride: int, before: int, after: int) -> Verdict:
    """Is the activation called k^2 times less? ``before`` and ``after`` are the positions on the pool's two sides."""
    claim = "Behind a pool of size k, the activation is called k² times less often."
    factor, rule = before / after, size**2
    counted = f"Counted: {before:,} positions before the pool and {after:,} behind it, {_fewer(factor)}"
    reason = f"{counted}. With size {size} and stride {stride}, k² is {rule} and the stride squared is {stride**2}."
    if factor == rule:
        return Verdict(
            claim=claim, verdict="holds under a condition", condition="stride equal to size, as here", reason=reason
        )
    return Verdict(
        claim=claim,
        verdict="holds under a condition",
        condition="stride equal to size, which is not so here",
        reason=reason,
    )


def faster(alone: pd.DataFrame, conditions: Conditions, *, activation: str) -> Verdict:
    """Is activation(pool(x)) significantly faster, timed alone? ``alone`` has a ratio for each activation and way."""
    claim = f"Pooling first is significantly faster, for {activation} and the pool alone."
    found = alone[alone["activation"] == activation]
    yes = list(found.loc[found["low"] > 1, "way"])
    told = listing(f"{interval(row)} {WAYS[row['way']]}" for _, row in found.iterrows())
    reason = (
        f"With the activation first it takes this many times as long: {told}. {_rule('above 1')} {conditions.words}"
    )
    if conditions.load.disturbed:
        return _undecided(claim, reason)
    if len(yes) == len(found):
        return Verdict(claim=claim, verdict="holds", reason=reason)
    if yes:
        condition = listing(WAYS[way] for way in yes)
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    return Verdict(claim=claim, verdict="fails", condition="here", reason=reason)


def worthwhile(alone: pd.DataFrame, step: pd.Series, conditions: Conditions, *, activation: str) -> Verdict:
    """Should one pool first because the activation is costly? It pays if it can be seen, best in the training step."""
    claim = f"Pool first if the activation is costly, as {activation} is."
    rows = alone[alone["activation"] == activation]
    gains = list(rows.loc[rows["low"] > 1, "way"])
    best = rows.loc[rows["median"].idxmax()]
    reason = (
        f"Alone it saves up to {saving_words(best)} of the time, {WAYS[best['way']]}; in the training step "
        f"{saving_words(step)}. {_rule('of the ratio above 1')} In the step it has to save at least "
        f"{percent(SMALL_SHARE, 0)}. {conditions.words}"
    )
    if conditions.load.disturbed:
        return _undecided(claim, reason)
    if saved(step)[1] >= SMALL_SHARE:
        return Verdict(claim=claim, verdict="holds", reason=reason)
    if gains:
        condition = f"seen with the two alone, {listing(WAYS[way] for way in gains)}, not in the training step"
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    return Verdict(claim=claim, verdict="fails", condition="no gain seen here", reason=reason)


def small(step: pd.Series, conditions: Conditions, *, activation: str) -> Verdict:
    """Does the order change little in practice, that is in a whole training step?"""
    claim = f"In practice the order does not change performance much, with {activation}."
    reason = (
        f"In layer 1, the pool first saves {saving_words(step)} of a training step. The rule is less than "
        f"{percent(SMALL_SHARE, 0)} either way, with the whole interval. {conditions.words}"
    )
    if conditions.load.disturbed:
        return _undecided(claim, reason)
    within = _within(step)
    if within is None:
        return Verdict(claim=claim, verdict="not decided", condition="the interval is too wide", reason=reason)
    return Verdict(claim=claim, verdict="holds" if within else "fails", reason=reason)


def _within(step: pd.Series) -> bool | None:
    """Whether the saving lies within :data:`SMALL_SHARE` of none; None if its interval does not say."""
    _, low, high = saved(step)
    if -SMALL_SHARE < low and high < SMALL_SHARE:
        return True
    return False if low > SMALL_SHARE or high < -SMALL_SHARE else None


def negligible(found: pd.DataFrame, step: pd.Series, conditions: Conditions) -> Verdict:
    """Is the saving negligible because convolutions take most of the time? ``found`` are :func:`shares`."""
    claim = "The saving is negligible, because most of the time goes into convolutions."
    convolutions = found.set_index("type").loc["convolution"]
    reason = (
        f"Convolutions take {percent(convolutions['median'], 0)} of the step "
        f"({percent(convolutions['low'], 0)} to {percent(convolutions['high'], 0)}), and with ReLU the pool first "
        f"saves {saving_words(step)}. The rule is more than half, and less than {percent(SMALL_SHARE, 0)}, with the "
        f"whole intervals. {conditions.words}"
    )
    if conditions.load.disturbed:
        return _undecided(claim, reason)
    within = _within(step)
    if convolutions["high"] < HALF and within:
        condition = "negligible, but convolutions take less than half"
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    if convolutions["high"] < HALF or within is False:
        return Verdict(claim=claim, verdict="fails", reason=reason)
    if convolutions["low"] > HALF and within:
        return Verdict(claim=claim, verdict="holds", reason=reason)
    return Verdict(claim=claim, verdict="not decided", condition="an interval is too wide", reason=reason)


def _rule(allowed: str) -> str:
    return f"The rule is a whole {percent(timing.LEVEL, 0)} interval {allowed}."


def _undecided(claim: str, reason: str) -> Verdict:
    return Verdict(claim=claim, verdict="not decided", condition="the machine was busy", reason=reason)


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
