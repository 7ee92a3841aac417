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
from relupool.figures.words import count, hundredfold
from relupool.verdicts.headline import at_the_end
from relupool.verdicts.judging import Difference, judged, no_answer, unfit
from relupool.verdicts.rules import HALF, POINT
from relupool.verdicts.verdict import Verdict

GATE, FORWARD, WHOLE = "the gate", "forward", "ReLU minus identity"
BOTH = FORWARD + TIMES + GATE
EFFECTS = (GATE, FORWARD, BOTH, WHOLE)
"""Two main effects, their interaction, and what all of ReLU adds, which is the sum of the two main effects."""

BEHIND = {True: "", False: ", no LRN"}
"""What stands behind the names of the networks with and without local response normalization."""

CLAIM = "ReLU works because it blocks the gradient where nothing is of use."


NO_GAIN = "ReLU gains nothing for certain"
"""Why the guess stays open where the two networks that follow their gradients differ too little: nothing to explain."""

RULE = (
    f"The rule is surely more than nothing, and at least {100 * HALF:g} % of what all of ReLU surely gains; it fails "
    f"if surely less than {100 * POINT:g} point."
)


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


def effect(frame: pd.DataFrame, name: str, *, lrn: bool) -> Difference | None:
    """One of :data:`EFFECTS` as the rules reckon with it; None where no seed has finished with all four networks."""
    rows = effects(frame)
    rows = rows[(rows["effect"] == name) & (rows["lrn"] == lrn)]
    if rows.empty:
        return None
    return Difference.of(rows.iloc[0], steps=int(at_the_end(frame)["steps"].min()))


def gate(frame: pd.DataFrame, *, lrn: bool) -> Verdict:
    """The answer's guess, judged on the four networks with or without normalization."""
    claim = f"{CLAIM[:-1]}, {'with' if lrn else 'without'} normalization."
    found, whole = effect(frame, GATE, lrn=lrn), effect(frame, WHOLE, lrn=lrn)
    if found is None or whole is None:
        return _not_trained(claim, frame, lrn)
    adds = f"The gate adds {found.signed_points} to the accuracy, all of ReLU {whole.signed_points}"
    reason = f"{adds} ({found.basis}). {RULE}"
    sure = whole.low > 0 and found.low > 0 and found.mean >= HALF * whole.mean
    excluded = not sure and found.high < POINT
    why_open = "too close" if whole.low > 0 else NO_GAIN
    return judged(claim, reason, found, unfit(frame), sure=sure, excluded=excluded, open=why_open)


def blocking(frame: pd.DataFrame) -> Verdict:
    """The guess as a whole: both halves of the study must agree, else it holds at most under a condition."""
    parts = {lrn: gate(frame, lrn=lrn) for lrn in BEHIND}
    reason = f"{' '.join(_half_told(frame, lrn, part) for lrn, part in parts.items())} {RULE}"
    holding = [lrn for lrn, part in parts.items() if part.verdict.startswith("holds")]
    first, second = parts.values()
    if len(holding) == 1:
        limits = ["with" if holding[0] else "without", "normalization"]
        condition = ", ".join(filter(None, [" ".join(limits), parts[holding[0]].condition]))
        return Verdict(claim=CLAIM, verdict="holds under a condition", condition=condition, reason=reason)
    if first.verdict == second.verdict:
        condition = first.condition or second.condition
        return Verdict(claim=CLAIM, verdict=first.verdict, condition=condition, reason=reason)
    undecided = first if first.verdict == "not decided" else second
    return Verdict(claim=CLAIM, verdict="not decided", condition=undecided.condition, reason=reason)


def answer(frame: pd.DataFrame) -> str:
    """The chapter's answer in plain words, as the verdict leaves it."""
    verdict = blocking(frame)
    found = {lrn: [effect(frame, part, lrn=lrn) for part in (GATE, FORWARD, WHOLE)] for lrn in BEHIND}
    told = [
        f"{'with' if lrn else 'without'} normalization the gate on the gradient adds {gate.signed_points}, what passes "
        f"forward {forward.signed_points}, in all {whole.signed_points}"
        for lrn, (gate, forward, whole) in found.items()
        if gate is not None and forward is not None and whole is not None
    ]
    if not told:
        return "No seed has finished with all four networks, so this build has no answer."
    if why := unfit(frame):
        return no_answer(why)
    begins = {
        "holds": "Yes, it mostly blocks gradients",
        "holds under a condition": "In these runs it mostly blocks gradients",
        "fails": "Blocking gradients is not what it does for the accuracy",
        "not decided": "These runs do not decide whether blocking gradients is what it does",
    }[verdict.verdict]
    if NO_GAIN in verdict.condition:
        begins += ", for all of ReLU gains nothing for certain"
    if verdict.verdict == "holds under a condition" and "normalization" in verdict.condition:
        begins += f", but only {verdict.condition.split(', ')[0]}"
    steps, seeds = int(at_the_end(frame)["steps"].min()), int(effects(frame)["n"].min())
    return f"{begins}: {'; '.join(told)} ({count(seeds, 'seed')}, {steps:,} steps)."


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
    if len(wide.columns) < 3 or wide.empty:
        return "No seed has finished with it and with those it is compared to, after the same number of steps."
    rows = (wide[back] - wide[front]).rename("accuracy").reset_index().assign(network=back)
    found = Difference.of(intervals(rows).iloc[0], steps=int(rows["steps"].min()))
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


def _not_trained(claim: str, frame: pd.DataFrame, lrn: bool) -> Verdict:
    ended = at_the_end(frame)
    lacking = [name for name in design(lrn) if name not in set(ended["network"])]
    gone = [name for name in lacking if name in set(frame.loc[frame["diverged_at"].notna(), "network"])]
    condition = "diverged" if gone else "not trained"
    which = "; ".join(lacking)
    reason = f"No run has come to its end of: {which}." if lacking else "No seed has finished with all four networks."
    return Verdict(claim=claim, verdict="not decided", condition=condition, reason=reason)


def _half_told(frame: pd.DataFrame, lrn: bool, part: Verdict) -> str:
    found, whole = effect(frame, GATE, lrn=lrn), effect(frame, WHOLE, lrn=lrn)
    where = f"{'With' if lrn else 'Without'} normalization"
    if found is None or whole is None:
        return f"{where} it is {part.words}. {part.reason}"
    adds = f"{where} the gate adds {found.signed_points}, all of ReLU {whole.signed_points}"
    return f"{adds} ({found.seeds}): {part.words}."
