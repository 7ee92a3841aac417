"""What searches, kernels, floating-point numbers and a few runs showed, in words and as tables for a page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import pandas as pd

from relupool.claims.rules import FALSE, OPEN, TRUE, points, within
from relupool.measures.estimate import ALPHA, Estimate, signed
from relupool.measures.published import CONVENTIONS
from relupool.theory.evidence import Evidence
from relupool.thresholds import AGREE, ROUNDING
from relupool.words import count, number, scientific


def told(evidence: Evidence) -> str:
    """What two ways of computing did, to end a sentence that begins with them: "agreed bit for bit in 10 numbers"."""
    tried = f"{count(evidence.compared, 'number')} from {count(evidence.trials, 'random image')}"
    if evidence.exact:
        return f"agreed bit for bit in {tried}"
    rounding = evidence.ulps < ROUNDING
    units = f" ({evidence.ulps:,.0f} units in the last place)" if rounding else ""
    return f"differed in {evidence.differing:,} of {tried}, by at most {scientific(evidence.largest_deviation)}{units}"


def edge_table(edges: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.survey.edge_cases` with its numbers written out."""

    def written(value: float) -> str:
        if math.isnan(value):
            return "NaN"
        return with_minus("-∞" if value == -math.inf else "∞" if value == math.inf else scientific(value))

    return edges.assign(
        window=edges["window"].map(lambda pair: ", ".join(map(written, pair))),
        same=edges["same"].map({True: "yes", False: "no"}),
        **{order: edges[order].map(written) for order in ("pool first", "activation first")},
    )


def falls_table(falls: pd.DataFrame) -> pd.DataFrame:
    """:func:`relupool.theory.rounding.falls` for readers."""
    return pd.DataFrame(
        {
            "activation": falls["activation"],
            "neighbours in the wrong order": falls["out_of_order"],
            "ordinary images": falls["ordinary"],
            "hard images": falls["differing"],
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


def with_minus(text: str) -> str:
    """``text`` with a true minus sign in front of its negative numbers."""
    return re.sub(r"(?<!\w)-(?=[\d.]|inf|∞)", "\N{MINUS SIGN}", text)


def flip_table(turned: pd.DataFrame) -> pd.DataFrame:
    """What :func:`relupool.theory.convolution.turns` found and what is documented, with headings for readers."""
    computed = turned.drop_duplicates("operation")[["operation", "is"]].assign(**{"how we know": "measured here"})
    rows = pd.concat([computed, CONVENTIONS], ignore_index=True)
    flips = rows["is"].map({"convolution": "yes", "cross-correlation": "no"}).fillna("something else")
    rows.insert(1, "flips?", flips)
    return rows


def worths_table(worths: Iterable[Estimate], margin: float) -> pd.DataFrame:
    """Differences of accuracies with the interval by which two one-sided tests decide whether ``margin`` holds them."""
    level = 1 - 2 * ALPHA
    less = {TRUE: "yes", FALSE: "no", OPEN: "open"}
    rows = [
        (e.n, e.steps, signed(e.mean), f"{signed(e.mean - e.half(level))} to {signed(e.mean + e.half(level))}",
         less[within(margin).decide(e)])
        for e in worths
    ]  # fmt: skip
    names = ["seeds", "steps", "conv ReLU is worth (points)", f"{100 * level:g} % interval"]
    return pd.DataFrame(rows, columns=[*names, f"within {points(margin)} ({names[-1]})"])


def agreement_table(twice: pd.DataFrame) -> pd.DataFrame:
    """How far apart two computations of one thing are; ``twice`` is :func:`arithmetic.same_seed_twice`."""
    rows = [("the figures of a chapter, executed twice", "not a byte")]
    for kind, runs in twice.groupby("machines"):
        last, machines = runs.iloc[-1], f"{kind} of machine{'s' * (kind == 'two kinds')}"
        what = f"accuracies of one seed after {last['step']:,} steps, {machines}"
        apart = last["one seed, twice"]
        rows.append((what, f"{number(apart, '.2f')} points" if apart else "not at all"))
    for (pair, what), most in AGREE.items():
        rows.append((f"{what} of the untouched network, {pair}", f"less than {100 * most:g} %"))
    return pd.DataFrame(rows, columns=["computed twice", "differ by"])
