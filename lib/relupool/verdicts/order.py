"""What the first source's question comes to, in words made from evidence: does the order of the two matter?"""

from __future__ import annotations

import re

import pandas as pd

from relupool.figures.words import count, scientific
from relupool.theory.evidence import Evidence
from relupool.theory.survey import spelled, verdict


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


def told(evidence: Evidence) -> str:
    """``evidence`` in one sentence: how much was tried, and what came of it."""
    tried = f"{count(evidence.compared, 'number')} from {count(evidence.trials, 'random image')}"
    if evidence.exact:
        return f"Both orders agreed bit for bit in {tried}."
    units = f" ({evidence.ulps:,.0f} units in the last place)" if evidence.ulps < 1000 else ""  # else it is no rounding
    return f"Of {tried}, {evidence.differing:,} differed, by at most {scientific(evidence.largest_deviation)}{units}."


def activation_table(found: pd.DataFrame) -> pd.DataFrame:
    """A :func:`relupool.theory.survey.survey` with headings for readers, those that commute first."""
    shown = pd.DataFrame(
        {
            "activation": found["activation"],
            "commutes?": found["verdict"],
            "differing": found["differing"],
            "by at most": found["largest_deviation"].map(scientific),
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


def with_minus(text: str) -> str:
    """``text`` with a true minus sign in front of its negative numbers."""
    return re.sub(r"(?<!\w)-(?=[\d.]|inf)", "\N{MINUS SIGN}", text)
