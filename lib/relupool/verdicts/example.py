"""The example's documents, held against what this book counts and measures."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from relupool.experiments.comparisons import ALPHA
from relupool.figures.words import hundredfold
from relupool.thresholds import FIRST_LOSS, LONG, NEAR, POINT
from relupool.verdicts import documented
from relupool.verdicts.estimate import Estimate
from relupool.verdicts.headline import at_the_end


def averaging_gain(frame: pd.DataFrame, *, network: str = "untouched") -> float:
    """Final accuracy of the averaged weights minus that of the raw ones, mean over the seeds of ``network``."""
    ours = frame[frame["network"] == network]
    return at_the_end(ours)["accuracy"].mean() - at_the_end(ours, weights="raw")["accuracy"].mean()


def beside(*, parameters: int, multiply_adds: int, first_loss: float, frame: pd.DataFrame) -> pd.DataFrame:
    """What the tutorial page says of the network beside what was found: columns what, page, here, verdict.

    A count holds if it rounds to what the page prints, the loss if it comes within :data:`FIRST_LOSS` of it. The gain
    of averaging is held against the page only from :data:`~relupool.thresholds.LONG` steps on, and holds within a
    point. ``frame`` is of the result store.
    """
    gain, steps = averaging_gain(frame), int(frame["steps"].min())
    said = documented.FIRST_LOSSES[0]
    agrees = abs(gain - documented.AVERAGING_GAIN) <= POINT
    rows = [
        _row("parameters", documented.PARAMETERS, parameters, "{:,}".format),
        _row("multiply-adds for an image", documented.MULTIPLY_ADDS, multiply_adds, lambda n: f"{n / 1e6:.1f} million"),
        {
            "what": "loss at step 0",
            "page": f"{said:.2f}",
            "here": f"{first_loss:.4f}",
            "verdict": "true" if abs(first_loss - said) <= FIRST_LOSS else "false",
        },
        {
            "what": "gained by averaging the weights",
            "page": f"about {100 * documented.AVERAGING_GAIN:.0f} points",
            "here": f"{hundredfold(gain, sign='+')} points after {steps:,} steps",
            "verdict": "open: run length" if steps < LONG else "true" if agrees else "false",
        },
    ]
    return pd.DataFrame(rows)


def _row(what: str, page: float, here: float, written: Callable[[float], str]) -> dict[str, str]:
    same = written(page) == written(here)
    return {"what": what, "page": written(page), "here": written(here), "verdict": "true" if same else "false"}


HELD_FORMATS = {
    "steps": "{:,}",
    "stated (%)": "{:.1f}",
    "averaged (%)": "{:.1f}",
    "raw (%)": "{:.1f}",
    "at step": "{:,}",
}
"""How the numbers of :func:`held_against` are written."""


def held_against(
    frame: pd.DataFrame, said: pd.DataFrame = documented.ACCURACIES, *, network: str = "untouched"
) -> pd.DataFrame:
    """Each published accuracy that names its steps, beside what was measured nearest to them.

    Columns place, steps, stated (%), at step, n, averaged (%), raw (%) and fits: which of the two surely lies within a
    point of it, which one seed cannot show. Where no run was evaluated within :data:`~relupool.thresholds.NEAR` of the
    steps, the numbers are missing and ``fits`` says so.
    """
    ours = frame[(frame["network"] == network) & frame["diverged_at"].isna() & (frame["step"] > 0)]
    rows = []
    for claim in said.dropna(subset=["steps"]).itertuples():
        row = {"place": claim.place, "steps": int(claim.steps), "stated (%)": 100 * claim.accuracy}
        steps = pd.Series(ours["step"].unique(), dtype=float)
        near = steps[(steps / claim.steps - 1).abs() <= NEAR]
        if near.empty:
            rows.append(row | {"fits": "no run so long" if claim.steps > steps.max() else "not looked at"})
            continue
        at = int(near.iloc[(near - claim.steps).abs().argmin()])
        found = {
            weights: Estimate(values=rows_of["accuracy"] - claim.accuracy, steps=at)
            for weights, rows_of in ours[ours["step"] == at].groupby("weights")
        }
        fits = [weights for weights, off in found.items() if off.equivalent(POINT) < ALPHA]
        n = min(off.n for off in found.values())
        measured = {f"{weights} (%)": 100 * (off.mean + claim.accuracy) for weights, off in found.items()}
        none = "one seed" if n == 1 else "none"
        rows.append(row | {"at step": at, "n": n, **measured, "fits": " and ".join(fits) or none})
    columns = ["place", "steps", "stated (%)", "at step", "n", "averaged (%)", "raw (%)", "fits"]
    return pd.DataFrame(rows, columns=columns).astype({"at step": "Int64", "n": "Int64"})


def what_held(held: pd.DataFrame) -> str:
    """What :func:`held_against` found, in a sentence or two."""
    reached = held[held["n"].notna()]
    if reached.empty:
        return "No run stored here is as long as those for which accuracies were published."
    counts = reached["fits"].value_counts()
    kinds = ("averaged", "raw", "averaged and raw", "none", "one seed")
    fit = {kind: int(counts.get(kind, 0)) for kind in kinds}
    return (
        f"{len(reached)} of {len(held)} published accuracies name a number of steps that runs here have reached. "
        f"{fit['averaged']} of them surely fit the averaged weights alone, {fit['raw']} the raw weights alone, "
        f"{fit['averaged and raw']} both and {fit['none']} neither; {fit['one seed']} meet one run, which is too few."
    )
