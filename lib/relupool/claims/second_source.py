"""The second source's three questions, answered in sentences that are computed from the verdicts and the runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from relupool.claims.claim import minus
from relupool.claims.grounds import Grounds
from relupool.claims.judge import Judged, sentence
from relupool.claims.networks import PAIRS
from relupool.claims.rules import FALSE, OPEN, TRUE, AtLeast
from relupool.experiments.studies import BIGGER, FIRST_ABLATIONS, LONG, RUN_LENGTH
from relupool.figures.words import NBSP, hundredfold
from relupool.thresholds import NOTICEABLE
from relupool.verdicts.estimate import at, estimated, half_words, lengths

FINDINGS = ("B2", "B3", "B4a", "B4b")
"""The claims that the first question asks about."""

COLUMNS = ["pair", "n", "steps", "lost", "half", "device", "hours", "least_steps", "least_hours", "cost"]


def consistent(claims: Mapping[str, Judged]) -> str:
    """Question 1, are the findings what others get? Each finding of the question with its verdict and number."""
    return "\n".join(f"- {sentence(claims[id])}" for id in FINDINGS)


def affordable(claim: Judged, table: pd.DataFrame) -> str:
    """Question 2, which network and data show a large effect within a day? B12, and what :func:`costs` gives."""
    if claim.verdict in (FALSE, OPEN) or table.empty:
        start = "No, none of those measured" if claim.verdict == FALSE else "The book cannot say yet"
        return f"{start}. {claim.reason}"
    most = table.sort_values(["n", "lost"]).iloc[-1]
    early = table.dropna(subset=["least_hours"]).sort_values("least_hours")
    least = (
        f" The smallest run that surely shows a large effect is one of {early.iloc[0]['pair']}, after "
        f"{early.iloc[0]['least_steps']:,} steps: {minutes(early.iloc[0]['least_hours'])}."
        if len(early)
        else ""
    )
    return (
        f"Yes ({claim.condition}). Without the ReLUs, {most['pair']} loses {hundredfold(most['lost'])}"
        f"{half_words(most['half'])} points, and a run takes {minutes(most['hours'])} on {most['device']}.{least}"
    )


def costs(grounds: Grounds, *, price: float = 0.0) -> pd.DataFrame:
    """B12's table, a row for each pair of networks and device: what is lost without ReLU, and how long that takes.

    Columns pair, n, steps, lost, half (of the interval, missing for one seed), device, hours (of one run of those
    steps, the slower network of the pair), least_steps and least_hours (of the shortest run that surely shows a large
    effect), cost (both runs at ``price`` an hour). Pairs without results have no row.
    """
    frame, rows = grounds.of(FIRST_ABLATIONS, BIGGER, LONG, RUN_LENGTH), []
    for pair, networks in PAIRS.items():
        of = minus(*networks)
        there = lengths(frame, of)
        if there.empty:
            continue
        found = {int(s): estimated(frame, of, step=int(s)) for s in sorted(there["step"])}
        shown = [s for s, each in found.items() if each and AtLeast(NOTICEABLE).decide(each) == TRUE]
        steps = int(there.iloc[0]["step"])
        most, least = found[steps], min(shown, default=None)
        assert most is not None
        half = float("nan") if most.n == 1 else most.half()
        for device, ours in at(frame, of).groupby("device", sort=False):
            each = (ours["seconds"] / ours["steps"]).groupby(ours["place"]).median() / 3600
            early = None if least is None else least * each.max()
            both = steps * each.sum() * price
            rows.append((pair, most.n, steps, most.mean, half, device, steps * each.max(), least, early, both))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"least_steps": "Int64", "least_hours": float})


def cost_table(table: pd.DataFrame, *, price: float) -> pd.DataFrame:
    """:func:`costs` with headings for readers: the device if there are several, the cost if a price is set."""
    shown = pd.DataFrame(
        {
            "network": table["pair"],
            "loses (points)": [f"{hundredfold(row['lost'])}{half_words(row['half'])}" for _, row in table.iterrows()],
            "seeds": table["n"],
            "steps": [f"{steps:,}" for steps in table["steps"]],
            "minutes a run": [f"{60 * hours:.0f}" for hours in table["hours"]],
            "smallest run that shows it": [
                "none" if pd.isna(hours) else f"{steps:,} steps, {minutes(hours)}"
                for steps, hours in zip(table["least_steps"], table["least_hours"], strict=True)
            ],
        }
    )
    if table["device"].nunique() > 1:
        shown["device"] = table["device"]
    if price:
        shown["cost of both runs"] = [f"{cost:.2f}" for cost in table["cost"]]
    return shown


def minutes(hours: float) -> str:
    """A time as these sentences write it: "12 minutes", "3.5 hours"."""
    if hours >= 2:
        return f"{hours:.1f}{NBSP}hours"
    whole = max(1, round(60 * hours))
    return f"{whole}{NBSP}minute{'s' if whole > 1 else ''}"
