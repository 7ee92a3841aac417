"""Does the arithmetic matter? The same networks trained in float32 and in mixed_bfloat16, seed by seed."""

from __future__ import annotations

import pandas as pd

from relupool.experiments.statistics import paired_differences
from relupool.verdicts.headline import at_the_end
from relupool.verdicts.verdict import Verdict

MARGIN = 0.01
"""Accuracies count as the same if their difference is surely smaller than this."""

LEVEL = 0.90
"""Coverage of the interval that must lie within the margin: two one-sided tests at 5 %."""

COLUMNS = ("float32 (%)", "bfloat16 (%)", "difference (points)", "±")
"""What :func:`in_both_formats` calls its numbers."""


def in_both_formats(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracy in both formats: network, n (seeds that finished in both), and :data:`COLUMNS`.

    ``frame`` has rows of the result store in both dtypes. The difference is mixed_bfloat16 minus float32, seed by seed;
    "±" is half its :data:`LEVEL` interval, missing for one seed.
    """
    ends = at_the_end(frame, weights=weights)
    rows = []
    for network, group in ends.groupby("network", sort=False):
        wide = group.pivot(index="seed", columns="dtype", values="accuracy").dropna()
        if wide.shape[1] < 2 or wide.empty:
            continue
        both = group[group["seed"].isin(wide.index)]
        gap = paired_differences(both, baseline="float32", by="dtype", level=LEVEL).iloc[0]
        means = [100 * wide[dtype].mean() for dtype in ("float32", "mixed_bfloat16")]
        rows.append((network, len(wide), *means, 100 * gap["mean"], 50 * (gap["high"] - gap["low"])))
    return pd.DataFrame(rows, columns=["network", "n", *COLUMNS])


def same_accuracy(frame: pd.DataFrame) -> Verdict:
    """Does mixed_bfloat16 train to the same accuracy as float32?"""
    claim = "mixed_bfloat16 trains to the same accuracy as float32."
    table = in_both_formats(frame)
    if table.empty:
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason="No run in both formats.")
    gap, half = table["difference (points)"], table["±"]
    steps, n = int(at_the_end(frame)["steps"].min()), int(table["n"].min())
    seeds = "one seed" if n == 1 else f"{n} seeds"
    found = "; ".join(
        f"{name}: {difference:+.2f}" + ("" if n == 1 else f" ± {width:.2f}")
        for name, difference, width in zip(table["network"], gap, half, strict=True)
    ).replace("-", "\N{MINUS SIGN}")
    reason = (
        f"Differences in points after {steps:,} steps, {seeds}: {found}. The rule is that the {100 * LEVEL:.0f} % "
        f"interval lies within {100 * MARGIN:g} point to either side."
    )
    if half.isna().any():
        return Verdict(claim=claim, verdict="not decided", condition="one seed", reason=reason)
    if (gap.abs() + half <= 100 * MARGIN).all():
        return Verdict(claim=claim, verdict="holds under a condition", condition=f"{steps:,} steps", reason=reason)
    if (gap.abs() - half > 100 * MARGIN).any():
        return Verdict(claim=claim, verdict="fails", reason=reason)
    return Verdict(claim=claim, verdict="not decided", condition="too few seeds", reason=reason)
