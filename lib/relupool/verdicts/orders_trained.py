"""Activation before or behind the pooling, trained both ways: do the two end at the same accuracy, and where they part.

The frames of :func:`pairs` are those of the result store, of the study "order"; those of
:func:`coincidence` come from :func:`relupool.experiments.lockstep.together`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from relupool.experiments.comparisons import contrasts, holm
from relupool.experiments.statistics import intervals
from relupool.experiments.studies import EXCHANGED
from relupool.figures.words import NBSP, Format, capital, listing, p_value, scientific
from relupool.thresholds import POINT
from relupool.verdicts.estimate import Estimate
from relupool.verdicts.headline import at_the_end

FIRST, LAST = ", activation first", ", activation last"
PAIRS = tuple(EXCHANGED)
"""What is activated and pooled, in the study's order."""

FORMATS: dict[str, Format] = {
    "activation first (%)": "{:.1f}",
    "activation last (%)": "{:.1f}",
    "difference (points)": "{:+.1f}",
    "±": "{:.1f}",
    "p (Holm)": p_value,
}
"""How the numbers of :func:`table` are written."""


def per_seed(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Accuracy with the activation last minus first, seed by seed: contrast (the pair), seed, accuracy."""
    ends = at_the_end(frame, weights=weights)
    wide = ends.pivot(index="seed", columns="network", values="accuracy")
    there = [p for p in PAIRS if {p + FIRST, p + LAST} <= set(wide) and len(wide[[p + FIRST, p + LAST]].dropna())]
    if not there:
        return pd.DataFrame(columns=["contrast", "seed", "accuracy"])
    return contrasts(ends, {p: {p + LAST: 1.0, p + FIRST: -1.0} for p in there})


def pairs(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Both orders compared: one row per pair with n seeds in both.

    Columns pair, n, first, last (mean accuracies), mean (last minus first, seed by seed), low, high (95 %), p (of two
    one-sided tests against :data:`POINT`) and the same p Holm-corrected, "holm". With one seed the last four are
    missing.
    """
    found = per_seed(frame, weights=weights)
    if found.empty:
        return pd.DataFrame(columns=["pair", "n", "first", "last", "mean", "low", "high", "p", "holm"])
    ends = at_the_end(frame, weights=weights).set_index(["network", "seed"])["accuracy"]
    rows = intervals(found, by=("contrast",)).drop(columns="sd").rename(columns={"contrast": "pair"})
    for name, suffix in (("first", FIRST), ("last", LAST)):
        rows[name] = [
            float(np.mean([ends[pair + suffix, s] for s in found.loc[found["contrast"] == pair, "seed"]]))
            for pair in rows["pair"]
        ]
    groups = found.groupby("contrast", sort=False)["accuracy"]
    p = [Estimate(values=values, steps=0).equivalent(POINT) for _, values in groups]
    return rows.assign(p=p, holm=holm(p))[["pair", "n", "first", "last", "mean", "low", "high", "p", "holm"]]


def table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`pairs` with headings for readers, in per cent and points; what is the same in every seed has no p."""
    same = (found["mean"] == 0) & (found["low"] == found["high"])
    return pd.DataFrame(
        {
            "pair": found["pair"],
            "n": found["n"],
            "activation first (%)": 100 * found["first"].astype(float),
            "activation last (%)": 100 * found["last"].astype(float),
            "difference (points)": 100 * found["mean"].astype(float),
            "±": 50 * (found["high"] - found["low"]).astype(float),
            "p (Holm)": found["holm"].astype(object).mask(same, "identical"),
        }
    )


def logged(losses: pd.DataFrame, pair: str) -> str:
    """How many of the losses that stored runs have logged, to seven digits, are the same with both orders of ``pair``.

    ``losses`` has columns network, seed, step and loss, as :func:`relupool.verdicts.inside.losses` gives them.
    """
    wide = losses.pivot_table(index=["seed", "step"], columns="network", values="loss")
    if not {pair + FIRST, pair + LAST} <= set(wide):
        return "Their training losses are not stored."
    both = wide[[pair + FIRST, pair + LAST]].dropna()
    same = both[pair + FIRST] == both[pair + LAST]
    if same.all():
        return f"All {len(both):,} training losses that were logged are the same in both orders, to seven digits."
    step = int(both.index[~same].get_level_values("step").min())
    return (
        f"Of {len(both):,} logged training losses {same.sum():,} are the same; the first to differ is at step {step:,}."
    )


def coincidence(lockstep: pd.DataFrame) -> pd.DataFrame:
    """Where pairs of networks part: pair, steps compared, parted (the first step whose losses differ, else missing).

    Then largest (the largest difference of two losses), weights_differ and weights, one row per pair.
    """
    rows = []
    for pair, group in lockstep.groupby("pair", sort=False):
        apart = group.loc[group["difference"] != 0, "step"]  # a NaN differs
        rows.append(
            {
                "pair": pair,
                "steps": len(group),
                "parted": float(apart.min()) if len(apart) else float("nan"),
                "largest": group["difference"].max(),
                "weights_differ": int(group["weights_differ"].iloc[0]),
                "weights": int(group["weights"].iloc[0]),
            }
        )
    return pd.DataFrame(rows)


def coincide(lockstep: pd.DataFrame, *names: str) -> str:
    """Whether the pairs ``names`` stay together to the last bit, losses and weights, in a sentence."""
    found = coincidence(lockstep).set_index("pair").loc[list(names)]
    together = (found["parted"].isna() & (found["weights_differ"] == 0)).all()
    told = "; ".join(f"{pair}: {_told(row)}" for pair, row in found.iterrows())
    begins = "Both orders train to the same numbers" if together else "Not all train to the same numbers in both orders"
    return f"{begins}. {capital(told)}."


def _told(row: pd.Series) -> str:
    weights = f"{int(row['weights_differ']):,} of {int(row['weights']):,} weights differ"
    if np.isnan(row["parted"]):
        return f"all {int(row['steps'])} losses equal, {weights}"
    return (
        f"the losses part at batch {row['parted']:.0f}, by up to {scientific(row['largest'])}, and {weights}"
    ).replace(" × ", f"{NBSP}×{NBSP}")


def parting_table(lockstep: pd.DataFrame) -> pd.DataFrame:
    """:func:`coincidence` for readers."""
    found = coincidence(lockstep)
    differ = zip(found["weights_differ"], found["weights"], strict=True)
    return pd.DataFrame(
        {
            "pair": found["pair"],
            "losses part at batch": ["never" if np.isnan(batch) else f"{batch:.0f}" for batch in found["parted"]],
            "largest difference": found["largest"].map(scientific),
            "weights that differ": [f"{some:,} of {all_:,}" for some, all_ in differ],
        }
    )


def parted(lockstep: pd.DataFrame) -> str:
    """Which pairs stayed together and where the others parted, in one sentence."""
    found = coincidence(lockstep)
    batches, apart = int(found["steps"].min()), found[found["parted"].notna()]
    together = found.loc[found["parted"].isna() & (found["weights_differ"] == 0), "pair"]
    kept = listing(together) if len(together) else "none"
    ways = [f"{row.pair} at batch {row.parted:.0f}" for row in apart.itertuples()]
    others = f"; their losses parted: {listing(ways)}" if ways else ""
    return f"Over {batches:,} batches both orders stayed equal to the last bit: {kept}{others}."
