"""The second source's three questions, answered in sentences that are computed from the claims and the runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from relupool.figures.figure import IMAGE_NAMES
from relupool.figures.words import NBSP, hundredfold
from relupool.verdicts import ablations, bigger
from relupool.verdicts.claims import Claim
from relupool.verdicts.judging import half_words
from relupool.verdicts.material import TOGETHER, Material, everything
from relupool.verdicts.verdict import Verdict

DOES = {
    "holds": "That is what the book finds, too",
    "holds under a condition": "That is what the book finds under a condition",
    "fails": "That is not what the book finds",
    "not decided": "The book cannot decide that yet",
    "documented": "That is documented",
}
"""How an answer begins, by the verdict."""

FINDINGS = ("B2", "B3", "B4")
"""The claims that the first question asks about."""


def consistent(claims: Mapping[str, Claim]) -> str:
    """Question 1, are the findings what others get? Each finding of the question with its verdict and number."""
    parts = [
        f"“{claims[id].said}” {DOES[claims[id].verdict]}{_condition(claims[id])}{_number(claims[id])}."
        for id in FINDINGS
    ]
    return " ".join(parts)


def affordable(claims: Mapping[str, Claim], table: pd.DataFrame) -> str:
    """Question 2, which network and data show a large effect within a day? From :func:`costs`."""
    claim = claims["B12"]
    if claim.verdict not in ("holds", "holds under a condition"):
        start = "No, none of those measured" if claim.verdict == "fails" else "The book cannot say yet"
        return f"{start}. {claim.reason}"
    early = table.dropna(subset=["least_hours"]).sort_values("least_hours")
    most = bigger.largest(table)
    least = (
        f" The smallest run that shows a large effect for certain is {early.iloc[0]['pair']}, after "
        f"{early.iloc[0]['least_steps']:,} steps: {_minutes(early.iloc[0]['least_hours'])}."
        if len(early)
        else ""
    )
    return (
        f"Yes{_condition(claim)}. The largest effect is that of {most['pair']}: without the ReLUs it loses "
        f"{hundredfold(most['lost'])}{half_words(most['half'])} points, and a run takes {_minutes(most['hours'])} "
        f"on {most['device']}.{least}"
    )


def impact(claims: Mapping[str, Claim]) -> str:
    """Question 3, how much do the big networks lose?"""
    claim = claims["B13"]
    if not claim.number:
        return f"Not measured yet. {claim.reason} {claim.lacks}".strip()
    return f"That they lose much {_verdict(claim)}. {claim.reason}"


def interaction(material: Material) -> Verdict:
    """The answer to the source as a whole: is ReLU worth more where the pooling is an average?"""
    frame = material.frames.get(TOGETHER)
    claim = "The conv ReLUs matter more where the pooling is an average than where it is a maximum."
    if frame is None:
        return Verdict(claim=claim, verdict="not decided", condition="not trained", reason="Its runs are missing.")
    return ablations.more_with_average_pools(frame)


def costs(material: Material, *, price: float = 0.0) -> pd.DataFrame:
    """B12's table: see :func:`relupool.verdicts.bigger.budget`; no rows where nothing was trained."""
    frame = everything(material)
    return bigger.budget(frame, material.taken, price=price, pairs=bigger.PAIRS if len(frame) else {})


def cost_table(table: pd.DataFrame, *, price: float) -> pd.DataFrame:
    """:func:`costs` with headings for readers: the device if there are several, the cost if a price is set."""
    shown = pd.DataFrame(
        {
            "network": table["pair"],
            "data": table["data"].map(IMAGE_NAMES),
            "loses (points)": [f"{hundredfold(row['lost'])}{half_words(row['half'])}" for _, row in table.iterrows()],
            "seeds": table["n"],
            "steps": [f"{steps:,}" for steps in table["steps"]],
            "minutes a run": [f"{60 * hours:.0f}" for hours in table["hours"]],
            "smallest run that shows it": [
                "none"
                if pd.isna(row["least_hours"])
                else f"{row['least_steps']:,} steps, {_minutes(row['least_hours'])}"
                for _, row in table.iterrows()
            ],
        }
    )
    if table["device"].nunique() > 1:
        shown["device"] = table["device"]
    if price:
        shown["cost of both runs"] = [f"{cost:.2f}" for cost in table["cost"]]
    return shown


def _number(claim: Claim) -> str:
    return f": {claim.number} ({claim.n})" if claim.number else f": {claim.reason.rstrip('.')}"


def _condition(claim: Claim) -> str:
    return f" ({claim.condition})" if claim.condition else ""


def _verdict(claim: Claim) -> str:
    return f"{claim.verdict}{_condition(claim)}" if claim.verdict != "not decided" else f"is {claim.words}"


def _minutes(hours: float) -> str:
    if hours >= 2:
        return f"{hours:.1f}{NBSP}hours"
    minutes = max(1, round(60 * hours))
    return f"{minutes}{NBSP}minute{'s' if minutes > 1 else ''}"
