"""The second source's claims on what can be left out, judged from the grid (claims B2, B3, B5, and its question 2).

Frames are those of the result store, of several studies put together. Every function judges at one ``step``, 0 standing
for the last that all networks in question have been evaluated at, and with one kind of ``weights``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from relupool.experiments.comparisons import ALPHA, ONE_SIDED, Contrast, equivalence, t_tests
from relupool.experiments.factorial import FACTORS, TIMES, effects, levels
from relupool.experiments.together import at_step
from relupool.figures.words import NBSP, p_value
from relupool.verdicts.grid import (
    AVERAGE_POOL,
    LINEAR_DENSE,
    NO_CONV_RELU,
    ONLY_MAX,
    SCALES,
    SOFTMAX,
    measured,
    scaled_contrasts,
)
from relupool.verdicts.headline import AFFINE, UNTOUCHED
from relupool.verdicts.judging import Difference, judged, no_answer, unfit
from relupool.verdicts.rules import ONE_SEED, POINT
from relupool.verdicts.verdict import Verdict

NOTHING = {UNTOUCHED: 1.0, NO_CONV_RELU: -1.0}
"""What the conv ReLUs are worth in the untouched network."""

FAR_MORE = {
    "average pool": {NO_CONV_RELU: 1.0, AVERAGE_POOL: -1.0},
    "linear dense": {NO_CONV_RELU: 1.0, LINEAR_DENSE: -1.0},
}
"""How much more than leaving out the conv ReLUs the other two changes cost."""

ABOVE_LINEAR = {
    "the linear network": {ONLY_MAX: 1.0, AFFINE: -1.0},
    "softmax regression": {ONLY_MAX: 1.0, SOFTMAX: -1.0},
}
"""What max-pools alone gain on networks in which nothing bends."""

INTERACTION = {
    network: -factor
    for network, factor in effects(levels(), list(FACTORS))[TIMES.join(("conv ReLU", "max pool"))].items()
}
"""What the conv ReLUs are worth with average-pools minus what they are worth with max-pools, over the whole grid."""


def almost_nothing(frame: pd.DataFrame, *, margin: float = POINT, step: int = 0, weights: str = "averaged") -> Verdict:
    """B2: does removing the conv ReLUs of the untouched network do almost nothing, so less than ``margin``?"""
    claim = "With max-pools and ReLU in the dense layers kept, removing the conv ReLUs does almost nothing to accuracy."
    found = measured(frame, NOTHING, step=step, weights=weights)
    if found is None:
        return _lacking(claim, frame, NOTHING, step)
    rows = scaled_contrasts(frame, {"it": NOTHING}, step=step, weights=weights).query("scale == 'points'")
    test = equivalence(rows, margin=margin, value="value").iloc[0]
    changes = (
        f"It {'costs' if found.mean >= 0 else 'gains'} {found.points} after {found.steps:,} steps ({found.basis})."
    )
    rule = f"The rule is less than {_in_points(margin)} either way, for certain"
    if found.n == 1:
        inside = found.low > -margin and found.high < margin
        reason = f"{changes} {rule}."
    else:
        inside = bool(test["p"] < ALPHA)
        reason = f"{changes} {rule}: two one-sided tests, of which the worse has {_p(test['p'])}."
    outside = found.low > margin or found.high < -margin
    return judged(claim, reason, found, unfit(frame, found.steps), sure=inside, excluded=outside)


def far_more(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> Verdict:
    """B3: do average-pools, and linear dense layers, each cost more than removing the conv ReLUs, by over a point?"""
    claim = "Average for max pooling, or no ReLU between the dense layers, costs far more than removing the conv ReLUs."
    found, sure, excluded = _family(frame, FAR_MORE, POINT, step=step, weights=weights)
    if not found:
        return _lacking(claim, frame, _networks(FAR_MORE), step)
    first = next(iter(found.values()))
    said = "; ".join(f"{name}: {_more(each)}" for name, each in found.items())
    reason = (
        f"Beside removing the conv ReLUs, after {first.steps:,} steps ({first.basis}): {said}. "
        f"The rule is more than {_in_points(POINT)}, for certain in both{_holm(first)}."
    )
    if len(sure) == 1 and not unfit(frame, first.steps):
        condition = ", ".join([f"{sure[0]} only", *([first.condition] if first.condition else [])])
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    both, neither = len(sure) == len(found), len(excluded) == len(found)
    return judged(claim, reason, first, unfit(frame, first.steps), sure=both, excluded=neither)


def max_pools_bend(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> Verdict:
    """B5: is a network without ReLU whose max-pools are all that bends more accurate than any linear one?"""
    claim = "Without ReLU but with max-pools a network is still nonlinear, and makes use of it."
    found, sure, excluded = _family(frame, ABOVE_LINEAR, 0.0, step=step, weights=weights)
    if not found:
        return _lacking(claim, frame, _networks(ABOVE_LINEAR), step)
    first = next(iter(found.values()))
    said = "; ".join(f"{each.signed_points} against {name}" for name, each in found.items())
    reason = (
        f"With neither ReLU nor normalization, max-pools make of accuracy after {first.steps:,} steps ({first.basis}): "
        f"{said}. The rule is more than nothing, for certain in both{_holm(first)}."
    )
    both = len(sure) == len(found)
    return judged(claim, reason, first, unfit(frame, first.steps), sure=both, excluded=bool(excluded))


def more_with_average_pools(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> Verdict:
    """The answer to the second source: are the conv ReLUs worth more where the pools average than with max-pools?

    Judged by the interaction over the whole grid, in points and in log-odds.
    """
    claim = "The conv ReLUs matter more where the pooling is an average than where it is a maximum."
    found = measured(frame, INTERACTION, step=step, weights=weights)
    if found is None:
        return _lacking(claim, frame, INTERACTION, step)
    seeds = scaled_contrasts(frame, {"it": INTERACTION}, step=step, weights=weights)
    odds = t_tests(seeds[seeds["scale"] == SCALES[1]], value="value").iloc[0]
    signs = {"points": _sign(found.low, found.high), "log-odds": _sign(*_ends(odds, found))}
    in_odds = _minus(f"{odds['mean']:+.2f}")
    in_odds += "" if found.n == 1 else f" ± {(odds['high'] - odds['low']) / 2:.2f}"
    reason = (
        f"Over the grid, they are worth {_more(found)} with average-pools than with max-pools, and in log-odds "
        f"{in_odds}, after {found.steps:,} steps ({found.basis}). "
        f"The rule is more than nothing, for certain. {_agreement(signs)}"
    )
    above = [scale for scale, sign in signs.items() if sign > 0]
    if len(above) == 1 and not unfit(frame, found.steps):
        condition = ", ".join([f"in {above[0]}", *([found.condition] if found.condition else [])])
        return Verdict(claim=claim, verdict="holds under a condition", condition=condition, reason=reason)
    below = all(sign < 0 for sign in signs.values())
    return judged(claim, reason, found, unfit(frame, found.steps), sure=len(above) == 2, excluded=below)


def judge(
    frame: pd.DataFrame, *, margin: float = POINT, step: int = 0, weights: str = "averaged"
) -> tuple[Verdict, ...]:
    """Every verdict of this module, in the order of the text."""
    where: dict[str, Any] = {"step": step, "weights": weights}
    return (
        almost_nothing(frame, margin=margin, **where),
        far_more(frame, **where),
        max_pools_bend(frame, **where),
        more_with_average_pools(frame, **where),
    )


def answer(frame: pd.DataFrame, *, margin: float = POINT, step: int = 0, weights: str = "averaged") -> str:
    """What can be left out, and where, in plain words, as the verdicts leave it."""
    found = measured(frame, NOTHING, step=step, weights=weights)
    if found is None:
        return "This build has no runs of the networks in question, so it has no answer."
    if why := unfit(frame, found.steps):
        return no_answer(why)
    said = {
        "holds": f"surely less than {_in_points(margin)}, and in that sense almost nothing",
        "fails": f"surely more than {_in_points(margin)}, and so not nothing",
        "not decided": f"too near to {_in_points(margin)} for these runs to call it almost nothing, or not",
    }
    nothing = almost_nothing(frame, margin=margin, step=step, weights=weights)
    alone = (
        f"Removing the convolutional ReLUs of the untouched network {'costs' if found.mean >= 0 else 'gains'} "
        f"{found.points} ({found.seeds}, {found.steps:,} steps): {said[nothing.verdict.split(' under')[0]]}. "
    )
    together = measured(frame, INTERACTION, step=step, weights=weights)
    if together is None:
        return alone + "Whether that depends on the pooling is for the whole grid to say, and it is not all there."
    size = f"{_more(together)} with average-pools than with max-pools ({together.seeds}, {together.steps:,} steps)"
    verdict = more_with_average_pools(frame, step=step, weights=weights).verdict
    if verdict.startswith("holds"):
        return f"{alone}It depends on the pooling: over the grid they are worth {size}."
    if verdict == "fails":
        return f"{alone}It is not the max-pools that make up for them: over the grid they are worth {size}."
    return f"{alone}Whether it depends on the pooling is not decided: over the grid they are worth {size}."


def _family(
    frame: pd.DataFrame, wanted: Mapping[str, Contrast], threshold: float, *, step: int, weights: str
) -> tuple[dict[str, Difference], list[str], list[str]]:
    """Each contrast as a difference, at one step; which are surely above ``threshold``, and which surely below."""
    seeds = scaled_contrasts(frame, wanted, step=step, weights=weights).query("scale == 'points'")
    if seeds.empty:
        return {}, [], []
    at = int(seeds["step"].iloc[0])
    found = {name: measured(frame, contrast, step=at, weights=weights) for name, contrast in wanted.items()}
    there = {name: each for name, each in found.items() if each is not None}
    if min(each.n for each in there.values()) == 1:
        sure = [name for name, each in there.items() if each.low > threshold]
        return there, sure, [name for name, each in there.items() if each.high < threshold]
    above = t_tests(seeds, than=threshold, alternative="larger", value="value").set_index("contrast")["holm"]
    below = t_tests(seeds, than=threshold, alternative="smaller", value="value").set_index("contrast")["holm"]
    return there, list(above.index[above < ONE_SIDED]), list(below.index[below < ONE_SIDED])


def _lacking(claim: str, frame: pd.DataFrame, wanted: Mapping[str, float], step: int) -> Verdict:
    missing = [name for name in wanted if at_step(frame, [name]).empty]
    few = f"{', '.join(missing[:3])}{' and others' if len(missing) > 3 else ''}"
    where = f" at step {step:,}" if step else ""
    reason = (
        f"No finished run of: {few}." if missing else f"Their runs share no seed{where}, or were not evaluated there."
    )
    return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=reason)


def _networks(wanted: Mapping[str, Contrast]) -> dict[str, float]:
    return {network: 1.0 for contrast in wanted.values() for network in contrast}


def _ends(odds: pd.Series, found: Difference) -> tuple[float, float]:
    """Ends of the interval in log-odds; of one seed, the allowance of its points, in proportion."""
    if found.n > 1:
        return odds["low"], odds["high"]
    half = abs(odds["mean"]) * ONE_SEED / max(abs(found.mean), 1e-9)
    return odds["mean"] - half, odds["mean"] + half


def _sign(low: float, high: float) -> int:
    return 1 if low > 0 else -1 if high < 0 else 0


def _agreement(signs: Mapping[str, int]) -> str:
    points, odds = signs.values()
    if points == odds:
        return "The two scales agree."
    if points * odds < 0:
        return "The two scales contradict each other: the sign of this effect depends on how it is measured."
    return "The two scales disagree: one is sure of the sign, the other is not."


def _more(found: Difference) -> str:
    return f"{found.points} {'more' if found.mean >= 0 else 'less'}"


def _holm(found: Difference) -> str:
    return "" if found.n == 1 else " after Holm's correction"


def _in_points(fraction: float) -> str:
    return "a point" if fraction == POINT else f"{100 * fraction:g} points"


def _p(value: float) -> str:
    said = p_value(value)
    return f"p{NBSP}{said}" if said.startswith("<") else f"p = {said}"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
