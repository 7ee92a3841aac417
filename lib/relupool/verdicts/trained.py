"""Claims that trained runs decide: which verdict, which number, over how many seeds.

The verdicts are made in ``ablations``, ``headline``, ``inside``, ``gating``, ``orders_trained``, ``scale`` and
``bigger``; here they are put beside theorems, and beside their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from attrs import evolve

from relupool.experiments.scale import EQUAL_PARAMETERS
from relupool.experiments.statistics import intervals
from relupool.experiments.studies import BIGGER, FIRST_ABLATIONS, GATING, ORDER, RUN_LENGTH, SCALE
from relupool.figures.words import count, hundredfold
from relupool.verdicts import ablations, bigger, gating, headline, inside, orders_trained, scale
from relupool.verdicts.grid import measured
from relupool.verdicts.headline import AFFINE, LINEAR, LITERAL, UNTOUCHED, at_the_end
from relupool.verdicts.judging import Difference, half_words, signed
from relupool.verdicts.material import TOGETHER, Material, everything
from relupool.verdicts.rules import CHANCE, ENOUGH, ONE_SEED, WORKS
from relupool.verdicts.theorems import Found
from relupool.verdicts.verdict import Verdict

Decider = Callable[[str, Material, Found | None], Found]
"""From the words of a claim, what there is, and what theorems say of it, to what is found."""


def _without_runs(said: str) -> Found:
    return Found(Verdict(claim=said, verdict="not decided", condition="not trained", reason="Its runs are missing."))


def _seeds(n: int) -> str:
    return count(n, "seed")


def works(said: str, material: Material, theory: Found | None) -> Found:
    """A8: is convolution not linear, and does a network without any nonlinearity work?"""
    if material.propositions is None:
        return Found(Verdict(claim=said, verdict="not decided", condition="not checked", reason="Nothing was checked."))
    table = material.propositions.set_index("name")
    linear = bool(table.loc["convolution-is-linear-in-data", "holds"])
    first = f"Convolution {'keeps all sums' if linear else 'does not keep sums'}."
    frame = material.frames.get(FIRST_ABLATIONS.name, pd.DataFrame())
    ends = at_the_end(frame) if len(frame) else frame
    if len(ends) == 0 or not {AFFINE, UNTOUCHED} <= set(ends["network"]):
        if linear:
            return Found(Verdict(claim=said, verdict="fails", reason=f"{first} How it works was not measured."))
        return _without_runs(said)
    rows = intervals(ends[ends["network"].isin([AFFINE, UNTOUCHED])]).set_index("network")
    half = (rows["high"] - rows["mean"]).fillna(ONE_SEED)
    better = rows.loc[AFFINE, "mean"] - half[AFFINE] > CHANCE
    share = rows.loc[AFFINE, "mean"] / rows.loc[UNTOUCHED, "mean"]
    n = int(rows["n"].min())
    number = f"{_accuracy(rows.loc[AFFINE])}, {100 * share:.0f} % of the untouched network's"
    reason = (
        f"{first} The linear network has an accuracy of {number}: {'better' if better else 'not surely better'} than "
        f"guessing, {'and' if share >= WORKS else 'but not'} {100 * WORKS:g} % of the untouched network's."
    )
    enough = int(ends["steps"].min()) >= ENOUGH and set(ends["dataset"]) == {"cifar10"}
    if not linear and not enough:
        made = Verdict(claim=said, verdict="not decided", condition="too few steps", reason=reason)
    elif linear or not better:
        made = Verdict(claim=said, verdict="fails", reason=reason)
    elif share >= WORKS:
        made = Verdict(claim=said, verdict="holds", reason=reason)
    else:
        made = Verdict(claim=said, verdict="holds under a condition", condition="better than guessing", reason=reason)
    return Found(made, number, _seeds(n))


def average_like(said: str, material: Material, theory: Found | None) -> Found:
    """A11: theorems decide that the order matters behind average and blur; the trained orders are said beside it."""
    if theory is None:
        return Found(Verdict(claim=said, verdict="not decided", condition="not checked", reason="Nothing was checked."))
    frame = material.frames.get(ORDER.name, pd.DataFrame())
    names = ("ReLU and average", "ReLU and blur")
    told = orders_trained.trained(frame, *names)
    verdict = evolve(theory.verdict, reason=f"{theory.verdict.reason} {told}")
    if not len(frame):
        return evolve(theory, verdict=verdict)
    found = orders_trained.pairs(frame).set_index("pair")
    there = [name for name in names if name in found.index]
    number = "; ".join(f"{name}: {signed(found.loc[name, 'mean'])} points" for name in there)
    return Found(verdict, number or theory.number, _seeds(int(found["n"].min())) if number else theory.n)


def almost_nothing(said: str, material: Material, theory: Found | None) -> Found:
    """B2."""
    frame = material.frames.get(TOGETHER)
    if frame is None:
        return _without_runs(said)
    verdict, found = ablations.almost_nothing(frame), measured(frame, ablations.NOTHING)
    return _with_difference(verdict, found)


def far_more(said: str, material: Material, theory: Found | None) -> Found:
    """B3."""
    frame = material.frames.get(TOGETHER)
    if frame is None:
        return _without_runs(said)
    return _family(ablations.far_more(frame), frame, ablations.FAR_MORE)


def bends(said: str, material: Material, theory: Found | None) -> Found:
    """B5: the theorem and the accuracies; both must be so."""
    frame = material.frames.get(TOGETHER)
    if theory is not None and theory.verdict.verdict == "fails":
        return theory
    if frame is None or theory is None:
        return _without_runs(said)
    verdict = ablations.max_pools_bend(frame)
    return _family(evolve(verdict, reason=f"{theory.verdict.reason} {verdict.reason}"), frame, ablations.ABOVE_LINEAR)


def from_to(said: str, material: Material, theory: Found | None) -> Found:
    """B4: level and drop, judged apart; one verdict says both."""
    frame = material.frames.get(FIRST_ABLATIONS.name)
    if frame is None:
        return _without_runs(said)
    level, drop = headline.level(material.frames.get(RUN_LENGTH.name, frame)), headline.drop(frame)
    ends, longest = _of_the_drop(frame), _of_the_drop(material.frames.get(RUN_LENGTH.name, frame))
    if set(ends["network"]) != {LITERAL, LINEAR}:
        return Found(evolve(drop, claim=said))
    number, steps, most = _from_to(ends), ends["steps"].min(), longest["steps"].max()
    if most > steps:
        longest = longest[longest["steps"] == most]
        number = f"{_from_to(longest)} after {most:,} steps ({_fewest(longest)}); {number} after {steps:,}"
    words = f"the drop {_said(drop)}; the level {_said(level)}"
    reason = f"Drop: {drop.reason} Level: {level.reason}"
    kinds = {v.verdict for v in (level, drop)}
    if len(kinds) == 1 and "holds under a condition" not in kinds:
        made = Verdict(claim=said, verdict=drop.verdict, condition=drop.condition, reason=reason)
    elif drop.verdict == "fails" or (level.verdict == "fails" and not drop.verdict.startswith("holds")):
        made = Verdict(claim=said, verdict="fails", condition=words, reason=reason)
    elif drop.verdict.startswith("holds") or level.verdict == "holds":
        made = Verdict(claim=said, verdict="holds under a condition", condition=words, reason=reason)
    else:
        made = Verdict(claim=said, verdict="not decided", condition=words, reason=reason)
    return Found(made, number, _fewest(ends))


def seldom(said: str, material: Material, theory: Found | None) -> Found:
    """B9."""
    if material.probed is None:
        return _without_runs(said)
    verdict = inside.seldom_all_negative(material.probed)
    windows = inside.windows(material.probed).query("network == @UNTOUCHED")
    whole = inside.last(windows[windows["values"] == windows["values"].max()])
    shares = whole.groupby("layer")["all_negative"].mean()
    number = "; ".join(f"{100 * share:.0f} % all negative behind {layer}" for layer, share in shares.items())
    return Found(verdict, number, _seeds(whole["seed"].nunique()))


def gate(said: str, material: Material, theory: Found | None) -> Found:
    """B10."""
    frame = material.frames.get(GATING.name)
    if frame is None:
        return _without_runs(said)
    verdict = gating.blocking(frame)
    both = {lrn: gating.effect(frame, gating.GATE, lrn=lrn) for lrn in gating.BEHIND}
    there = {lrn: found for lrn, found in both.items() if found is not None}
    number = "; ".join(f"{'with' if lrn else 'without'} LRN {found.signed_points}" for lrn, found in there.items())
    return Found(verdict, number, _seeds(min((found.n for found in there.values()), default=0)) if there else "")


def maxout(said: str, material: Material, theory: Found | None) -> Found:
    """B11."""
    frame = material.frames.get(SCALE.name)
    if frame is None:
        return _without_runs(said)
    scores = scale.scores(frame).set_index("activation")
    verdict = scale.maxout(frame)
    if EQUAL_PARAMETERS not in scores.index or pd.isna(scores.loc[EQUAL_PARAMETERS, "score"]):
        return Found(verdict)
    row = scores.loc[EQUAL_PARAMETERS]
    spread = "" if pd.isna(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"
    return Found(verdict, f"score {row['score']:.2f}{spread}".replace("-", "\N{MINUS SIGN}"), _seeds(int(row["n"])))


def within_a_day(said: str, material: Material, theory: Found | None) -> Found:
    """B12."""
    frame = everything(material)
    if frame.empty:
        return _without_runs(said)
    verdict, table = bigger.within_a_day(frame, material.taken), bigger.budget(frame, material.taken)
    if table.empty:
        return Found(verdict)
    most = bigger.largest(table)
    number = f"{hundredfold(most['lost'])}{half_words(most['half'])} points in {60 * most['hours']:.0f} minutes"
    return Found(verdict, number, _seeds(int(most["n"])))


def big(said: str, material: Material, theory: Found | None) -> Found:
    """B13."""
    frame = material.frames.get(BIGGER.name)
    if frame is None:
        return _without_runs(said)
    with_all, without = bigger.PAIRS[bigger.RESNET]
    return _with_difference(bigger.big_networks(frame), measured(frame, {with_all: 1.0, without: -1.0}))


DECIDERS: Mapping[str, Decider] = {
    "A8": works,
    "A11": average_like,
    "B2": almost_nothing,
    "B3": far_more,
    "B4": from_to,
    "B5": bends,
    "B9": seldom,
    "B10": gate,
    "B11": maxout,
    "B12": within_a_day,
    "B13": big,
}
"""What decides each claim that takes trained runs."""


def _with_difference(verdict: Verdict, found: Difference | None) -> Found:
    return Found(verdict) if found is None else Found(verdict, found.signed_points, _seeds(found.n))


def _family(verdict: Verdict, frame: pd.DataFrame, wanted: Mapping[str, Mapping[str, float]]) -> Found:
    there = {name: found for name, c in wanted.items() if (found := measured(frame, c)) is not None}
    number = "; ".join(f"{name} {found.signed_points}" for name, found in there.items())
    return Found(verdict, number, _seeds(min(found.n for found in there.values())) if there else "")


def _of_the_drop(frame: pd.DataFrame) -> pd.DataFrame:
    return at_the_end(frame).query("network in [@LITERAL, @LINEAR]")


def _from_to(ends: pd.DataFrame) -> str:
    """Where the drop starts and where it ends, as far as there are runs."""
    rows = intervals(ends).set_index("network")
    places = {"from": LITERAL, "to": LINEAR}
    return " ".join(f"{word} {_accuracy(rows.loc[name])}" for word, name in places.items() if name in rows.index)


def _fewest(ends: pd.DataFrame) -> str:
    return _seeds(int(intervals(ends)["n"].min()))


def _accuracy(row: pd.Series) -> str:
    return f"{hundredfold(row['mean'])}{half_words(row['high'] - row['mean'])} %"


def _said(verdict: Verdict) -> str:
    return f"{verdict.verdict}, {verdict.condition}" if verdict.condition else verdict.verdict
