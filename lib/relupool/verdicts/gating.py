"""ReLU taken apart: is it the gate on the gradient that works, or what passes forward?

Frames are those of the result store. Four networks make a 2 x 2 design: forward ReLU or the identity, the gradient
gated or not. All effects are taken seed by seed.
"""

from __future__ import annotations

from itertools import product

import pandas as pd

from relupool.experiments.comparisons import contrasts
from relupool.experiments.factorial import TIMES
from relupool.experiments.factorial import effects as factorial_effects
from relupool.experiments.statistics import intervals
from relupool.experiments.studies import GATES, UNGATED_BEHIND
from relupool.figures.words import hundredfold
from relupool.verdicts.estimate import Estimate
from relupool.verdicts.headline import at_the_end

GATE, FORWARD, WHOLE = "the gate", "forward", "ReLU minus identity"
BOTH = FORWARD + TIMES + GATE
EFFECTS = (GATE, FORWARD, BOTH, WHOLE)
"""Two main effects, their interaction, and what all of ReLU adds, which is the sum of the two main effects."""

BEHIND = {True: "", False: ", no LRN"}
"""What stands behind the names of the networks with and without local response normalization."""


def design(lrn: bool) -> dict[str, tuple[int, ...]]:
    """The four networks and their levels, +1 or -1: ReLU forward, and gated."""
    return {label + BEHIND[lrn]: levels for label, levels in zip(GATES, product((1, -1), repeat=2), strict=True)}


def per_seed(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Every effect of every seed that came to its end with all four networks: lrn, effect, seed, accuracy."""
    ends = at_the_end(frame, weights=weights)
    parts = [pd.DataFrame(columns=["lrn", "effect", "seed", "accuracy"])]
    for lrn in BEHIND:
        four = design(lrn)
        ours = ends[ends["network"].isin(four)]
        seeds = ours.groupby("seed")["network"].nunique()
        ours = ours[ours["seed"].isin(seeds.index[seeds == len(four)])]
        if ours.empty:
            continue
        relu, *_, identity = four
        wanted = {**factorial_effects(four, (FORWARD, GATE)), WHOLE: {relu: 1.0, identity: -1.0}}
        found = contrasts(ours, {effect: wanted[effect] for effect in EFFECTS})
        parts.append(found.rename(columns={"contrast": "effect"}).assign(lrn=lrn))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[list(parts[0])]


def effects(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Mean of each of :data:`EFFECTS` with its 95 % interval: lrn, effect, n, mean, low, high, as fractions.

    No row where no seed has finished with all four networks; with one seed low and high are missing.
    """
    found = per_seed(frame, weights=weights)
    if found.empty:
        return pd.DataFrame(columns=["lrn", "effect", "n", "mean", "low", "high"])
    return intervals(found, by=("lrn", "effect")).drop(columns="sd")


def effect(frame: pd.DataFrame, name: str, *, lrn: bool) -> Estimate | None:
    """One of :data:`EFFECTS` as the rules reckon with it; None where no seed has finished with all four networks."""
    rows = per_seed(frame)
    rows = rows[(rows["effect"] == name) & (rows["lrn"] == lrn)]
    if rows.empty:
        return None
    return Estimate(values=rows["accuracy"], steps=int(at_the_end(frame)["steps"].min()))


def right_address(frame: pd.DataFrame, behind: pd.DataFrame | None, *, weights: str = "averaged") -> str:
    """What ReLU without its gate gains behind the pools, where its gradient reaches the largest value, as a sentence.

    ``behind`` is the frame of the study UNGATED_BEHIND, None if it has not been trained.
    """
    if behind is None:
        return "That network has not been trained."
    relu, front, *_ = design(lrn=False)
    (back,) = UNGATED_BEHIND.networks
    ends = at_the_end(pd.concat([frame, behind]), weights=weights)
    ends = ends[ends["network"].isin([relu, front, back])]
    wide = ends.pivot_table(index=["seed", "steps"], columns="network", values="accuracy").dropna()
    if not {relu, front, back} <= set(wide.columns) or wide.empty:
        return "No seed has finished with it and with those it is compared to, after the same number of steps."
    found = Estimate(values=wide[back] - wide[front], steps=int(wide.index.get_level_values("steps").min()))
    said = {name: f"{hundredfold(wide[name].mean())} %" for name in (front, back, relu)}
    return (
        f"In front of the pools, ReLU without its gate ends at {said[front]}, behind them at {said[back]}: "
        f"{found.signed_points} ({found.seeds}, {found.steps:,} steps). ReLU with its gate has {said[relu]}, on either "
        "side."
    )


FORMATS = {"accuracy (%)": "{:.1f}", "±": "{:.1f}"}
"""How the numbers of :func:`table` are written."""


def table(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracy of each network: forward, gradient, normalization, n, and those of :data:`FORMATS`."""
    ends = at_the_end(frame, weights=weights)
    found = intervals(ends).set_index("network") if len(ends) else None
    rows = []
    for lrn in BEHIND:
        for name, (forward, gated) in design(lrn).items():
            if name not in set(frame["network"]):
                continue
            there = found is not None and name in found.index
            row = found.loc[name] if there and found is not None else None
            rows.append(
                {
                    "forward": "ReLU" if forward == 1 else "identity",
                    "gradient": "gated" if gated == 1 else "passes",
                    "normalization": "yes" if lrn else "no",
                    "n": 0 if row is None else int(row["n"]),
                    "accuracy (%)": float("nan") if row is None else 100 * row["mean"],
                    "±": float("nan") if row is None else 100 * (row["high"] - row["mean"]),
                }
            )
    return pd.DataFrame(rows)
