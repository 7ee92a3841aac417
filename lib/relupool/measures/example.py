"""Published accuracies of the example, held against what this book measures."""

from __future__ import annotations

import pandas as pd

from relupool.measures import published
from relupool.measures.comparisons import ALPHA
from relupool.measures.estimate import Estimate, estimated
from relupool.thresholds import NEAR, POINT
from relupool.validation import refuse


def averaging_gain(frame: pd.DataFrame, *, step: int, network: str = "untouched") -> float:
    """Accuracy of the averaged weights minus that of the raw ones at ``step``, mean over the seeds of ``network``."""
    averaged, raw = (estimated(frame, {network: 1.0}, step=step, weights=weights) for weights in ("averaged", "raw"))
    if averaged is None or raw is None:
        refuse("step", step, f"one at which {network} was evaluated")
    return averaged.mean - raw.mean


def held_against(
    frame: pd.DataFrame, said: pd.DataFrame = published.ACCURACIES, *, network: str = "untouched"
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
