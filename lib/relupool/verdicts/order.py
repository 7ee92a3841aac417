"""What the first source's question comes to, in words made from evidence: does the order of the two matter?"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from relupool.figures.words import count, listing, scientific
from relupool.theory.evidence import Evidence
from relupool.theory.survey import spelled, verdict
from relupool.thresholds import ROUNDING


def answer(activation: str, evidence: Evidence, truth: Evidence, *, pool_size: int) -> str:
    """Whether it matters for ``activation`` and max-pooling: from what was found for it and for its float64 truth."""
    if pool_size == 1:
        return f"It cannot matter here: a window of one number leaves {activation} nothing to choose from."
    numbers = f"{count(evidence.compared, 'pooled number')} in {count(evidence.trials, 'random image')}"
    match verdict(evidence, truth):
        case "bit for bit":
            return (
                f"No, not for {activation} and max-pooling: {activation} never falls, so the largest number stays the "
                f"largest. Both orders agreed bit for bit in {numbers}."
            )
        case "but for rounding":
            return (
                f"Not in mathematics: {activation} never falls, so the largest number stays the largest. On a computer "
                f"it matters in the last digits: of {numbers}, {evidence.differing:,} differed, by at most "
                f"{scientific(evidence.largest_deviation)}, because the computed {activation} does fall now and then."
            )
    found = truth.counterexample
    assert found is not None
    return with_minus(
        f"Yes, for {activation} it does: {activation} falls somewhere, and there the largest number does not stay the "
        f"largest. Of {numbers}, {evidence.differing:,} differed. The smallest window found that shows it is "
        f"{spelled(truth)}: pooling first gives {found.left.max():.3g}, pooling last {found.right.max():.3g}."
    )


def told(evidence: Evidence, what: str = "orders") -> str:
    """``evidence`` in one sentence: how much was tried, and what came of it. ``what`` there are two of."""
    tried = f"{count(evidence.compared, 'number')} from {count(evidence.trials, 'random image')}"
    if evidence.exact:
        return f"Both {what} agreed bit for bit in {tried}."
    rounding = evidence.ulps < ROUNDING
    units = f" ({evidence.ulps:,.0f} units in the last place)" if rounding else ""
    return f"Of {tried}, {evidence.differing:,} differed, by at most {scientific(evidence.largest_deviation)}{units}."


def pairs_told(activation: str, evidence: Evidence, wrong: int) -> str:
    """Whether both orders differ for just those pairs, ``wrong`` of them, that an activation puts out of order."""
    if not evidence.exact:
        return f"Of {count(evidence.trials, 'pair')}, {evidence.differing:,} do not fit the theorem."
    pairs = count(evidence.trials, "pair")
    if wrong == 0:
        return f"Of {pairs}, {activation} puts none in the wrong order, and the two orders differ for none."
    return f"Of {pairs}, {activation} puts {wrong:,} in the wrong order; for these and no others the two orders differ."


def remembered(activation: str, falls: bool, ranks: pd.DataFrame) -> str:
    """What this chapter found for ``activation``, in a few words for its end: max, min, ranks and averages."""
    failing = [row.statistic for row in ranks.itertuples() if row.differing]
    if falls:
        return f"{activation} falls somewhere, and so it commutes with no max-pool of two numbers or more."
    if not failing:
        return (
            f"{activation} commutes with max-pooling, with every other rank, and as a straight line with averages too."
        )
    return f"{activation} never falls: it commutes with max-pooling and with every other rank, but not with averages."


def activation_table(found: pd.DataFrame) -> pd.DataFrame:
    """A :func:`relupool.theory.survey.survey` with headings for readers, those that commute first."""
    shown = pd.DataFrame(
        {
            "activation": found["activation"],
            "commutes?": found["verdict"],
            "differing": found["differing"],
            "by at most": found["largest_deviation"].map(scientific),
            **({"gradients": found["gradients_differing"]} if "gradients_differing" in found else {}),
            "wrong order": found["out_of_order"],
            "smallest counterexample": found["counterexample"].map(with_minus),
        }
    )
    return shown.sort_values(["commutes?", "activation"])


def edge_table(edges: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.survey.edge_cases` with its numbers written out."""

    def written(value: float) -> str:
        return with_minus(f"{value:.3g}")

    return edges.assign(
        window=edges["window"].map(lambda pair: ", ".join(map(written, pair))),
        same=edges["same"].map({True: "yes", False: "no"}),
        **{order: edges[order].map(written) for order in ("pool first", "activation first")},
    )


def falls_table(falls: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.rounding.falls` for readers."""

    def pair(row: Any) -> str:
        if row.out_of_order == 0:
            return "none"
        return with_minus(f"{row.low:.9g} → {row.of_low:.9g}, the next → {row.of_high:.9g}")

    return pd.DataFrame(
        {
            "activation": falls["activation"],
            "wrong order": falls["out_of_order"],
            "for example": [pair(row) for row in falls.itertuples()],
            "differ, normal images": falls["ordinary"],
            "differ, hard images": falls["differing"],
            "by at most": falls["largest_deviation"].map(scientific),
        }
    )


def saturation_table(ties: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.rounding.saturation` for readers."""

    def two(first: str, second: str) -> list[str]:
        return [f"{a:.4g}, {b:.4g}" for a, b in zip(ties[first], ties[second], strict=True)]

    return pd.DataFrame(
        {
            "format": ties["format"],
            "two numbers": two("low", "high"),
            "sigmoid of both": [f"{value:.6g}" for value in ties["result"]],
            "gradients, pool first": two("first_low", "first_high"),
            "sigmoid first": two("last_low", "last_high"),
        }
    )


def saturation_told(ties: pd.DataFrame) -> str:
    """From which number on the computed sigmoid reaches 1, and what it does to the gradient there."""
    ones, below = ties[ties["result"] == 1], ties[ties["result"] < 1]
    first = listing(f"{row.low:.4g} in {row.format}" for row in ones.itertuples())
    later = [row for row, one in zip(below.itertuples(), ones["low"], strict=True) if row.high > one]
    again = listing(f"{row.high:.4g} in {row.format}" for row in later) if later else ""
    back = f" It falls back below 1 after that, the last time at {again}." if again else ""
    zero = not ones[["first_low", "first_high", "last_low", "last_high"]].to_numpy().any()
    rest = "At exactly 1 its slope is computed as 0, so that no gradient passes in either order."
    return (
        f"The sigmoid first reaches exactly 1 at {first}.{back} {rest if zero else 'There, a gradient still passes.'}"
    )


def threshold_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.survey.thresholds` for readers."""
    return pd.DataFrame(
        {
            "t": found["t"],
            "v": found["v"],
            "v ≤ t": found["non_decreasing"].map({True: "yes", False: "no"}),
            "differing": found["differing"],
            "smallest counterexample": found["counterexample"].map(with_minus),
        }
    )


def with_minus(text: str) -> str:
    """``text`` with a true minus sign in front of its negative numbers."""
    return re.sub(r"(?<!\w)-(?=[\d.]|inf)", "\N{MINUS SIGN}", text)
