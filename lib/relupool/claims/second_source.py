"""The second source's three questions, answered in sentences that are computed from the verdicts and the runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from relupool.claims.judge import Judged, sentence
from relupool.claims.rules import FALSE, OPEN
from relupool.figures.words import NBSP, hundredfold
from relupool.verdicts.estimate import half_words

FINDINGS = ("B2", "B3", "B4a", "B4b")
"""The claims that the first question asks about."""


def consistent(claims: Mapping[str, Judged]) -> str:
    """Question 1, are the findings what others get? Each finding of the question with its verdict and number."""
    return "\n".join(f"- {sentence(claims[id])}" for id in FINDINGS)


def affordable(claim: Judged, table: pd.DataFrame) -> str:
    """Question 2, which network and data show a large effect within a day? B12, and its table."""
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


def cost_table(table: pd.DataFrame, *, price: float) -> pd.DataFrame:
    """B12's table with headings for readers: the device if there are several, the cost if a price is set."""
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
