"""How much bigger networks lose without their ReLUs, and what a small budget can show of it (claims B12 and B13).

Frames are those of the result store. Every function compares at one ``step``, 0 standing for the last that both
networks of a pair have been evaluated at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd
from attrs import evolve

from relupool.experiments.networks import VGG, Activation, Network, PartialReLU, ResNet20
from relupool.experiments.run import Run
from relupool.experiments.statistics import intervals
from relupool.experiments.studies import BIGGER, FRACTIONS
from relupool.experiments.study import Study
from relupool.experiments.together import at_step
from relupool.figures.words import capital
from relupool.verdicts.grid import measured
from relupool.verdicts.headline import LINEAR, LITERAL, MAX_ONLY, UNTOUCHED
from relupool.verdicts.judging import Difference, judged, signed, unfit
from relupool.verdicts.rules import DAY, NOTICEABLE
from relupool.verdicts.verdict import Verdict

RESNET, VGG_MAX, VGG_AVERAGE = FAMILIES = ("ResNet-20", "VGG with max-pools", "VGG with average-pools")
"""What figures and tables call the networks of the study BIGGER; behind it, how many of its ReLUs one has."""

ALL, NONE = "all ReLUs", "no ReLU"

BY_POOL = {
    f"{VGG_AVERAGE}, {ALL}": 1.0,
    f"{VGG_AVERAGE}, {NONE}": -1.0,
    f"{VGG_MAX}, {ALL}": -1.0,
    f"{VGG_MAX}, {NONE}": 1.0,
}
"""What the VGG's ReLUs are worth with average-pools minus what they are worth with max-pools."""

PARTS = {ALL: 1.0, "half the ReLUs": 0.5, "a tenth of the ReLUs": 0.1, NONE: 0.0}
"""What the labels say of the fraction of channels with ReLU."""

PER_CENT = " % of the ReLUs"
"""And of another fraction, behind the number."""

PAIRS = {
    "the example, max-pools and dense ReLU": (UNTOUCHED, MAX_ONLY),
    "the example, average-pools, linear dense": (LITERAL, LINEAR),
    **{family: (f"{family}, {ALL}", f"{family}, {NONE}") for family in FAMILIES},
}
"""Networks with, and without, the ReLUs in question: those of the convolutions; a bigger network has no others."""

TIMES = ["network", "seed", "steps", "seconds", "device", "device_kind"]


def of_family(family: str) -> Study:
    """The study BIGGER, of one family only."""
    return evolve(BIGGER, networks={k: n for k, n in BIGGER.networks.items() if k.startswith(f"{family},")})


def families(complete: Callable[[Study], object]) -> list[Study]:
    """Each family as a study of its own, as far as it is ``complete``: all of it, or else all ReLUs and none."""
    found = []
    for family in FAMILIES:
        whole = of_family(family)
        ends = evolve(whole, networks={label: whole.networks[label] for label in PAIRS[family]})
        found.append(ends if not complete(whole) and complete(ends) else whole)
    return found


def with_fraction(fraction: float) -> Activation:
    """ReLU in this part of the channels, as the study has it where it has it: "relu" for all, None for none."""
    known = {PARTS[label]: act for label, act in FRACTIONS.items()}
    return known.get(fraction, PartialReLU(fraction=fraction))


def named(network: ResNet20 | VGG) -> str:
    """The label of a bigger network, also of one that is not in the study: "ResNet-20, 30 % of the ReLUs"."""
    for label, own in BIGGER.networks.items():
        if own == network:
            return label
    family = RESNET if isinstance(network, ResNet20) else f"VGG with {network.pool}-pools"
    fraction = network.activation.fraction if isinstance(network.activation, PartialReLU) else 1.0
    return f"{family}, {100 * fraction:g}{PER_CENT}"


def split(label: str) -> tuple[str, float]:
    """Family and fraction of ReLUs, read from such a label."""
    family, left = label.rsplit(", ", 1)
    return family, PARTS[left] if left in PARTS else float(left.removesuffix(PER_CENT)) / 100


def fractions(frame: pd.DataFrame, *, step: int = 0) -> pd.DataFrame:
    """Accuracy by family and fraction of ReLUs: family, fraction, network, step, n, mean, low, high, lost.

    Each family at the last step that all of its networks share, or at ``step``; ``lost`` is the accuracy below that
    with all ReLUs, averaged over the seeds that have both, missing where there is none.
    """
    parts = []
    for family, rows in frame.groupby(frame["network"].map(lambda label: split(label)[0]), sort=False):
        ends = at_step(rows, rows.loc[rows["diverged_at"].isna(), "network"].unique(), step=step)
        if ends.empty:
            continue
        wide = ends.pivot(index="seed", columns="network", values="accuracy")
        whole = wide.get(f"{family}, {ALL}", pd.Series(float("nan"), wide.index))
        table = intervals(ends).drop(columns="sd")
        table["lost"] = [float((whole - wide[network]).mean()) for network in table["network"]]
        table["fraction"] = [split(network)[1] for network in table["network"]]
        parts.append(table.assign(family=family, step=int(ends["step"].iloc[0])))
    columns = ["family", "fraction", "network", "step", "n", "mean", "low", "high", "lost"]
    found = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    order = {family: place for place, family in enumerate(FAMILIES)}
    return found.sort_values(["family", "fraction"], key=lambda c: c.map(order) if c.name == "family" else -c)


def loses_much(frame: pd.DataFrame, family: str, *, step: int = 0) -> Verdict:
    """Does a family lose at least :data:`NOTICEABLE` of its accuracy, for certain, when it has no ReLU left?"""
    claim = f"Without any of its ReLUs, {_the(family)} loses much."
    found = _worth(frame, PAIRS[family], step)
    if found is None:
        return _lacking(claim, frame, PAIRS[family])
    reason = (
        f"{capital(_the(family))} {_loses(found)} after {found.steps:,} steps ({found.basis}). "
        f"The rule is at least {100 * NOTICEABLE:g} points, for certain."
    )
    return judged(
        claim,
        reason,
        found,
        unfit(frame, found.steps),
        sure=found.low >= NOTICEABLE,
        excluded=found.high < NOTICEABLE,
    )


def big_networks(frame: pd.DataFrame, *, step: int = 0) -> Verdict:
    """B13: how much do big networks lose? Judged by ResNet-20; the VGG is said apart, by its pools."""
    resnet = loses_much(frame, RESNET, step=step)
    others = []
    for family in (VGG_MAX, VGG_AVERAGE):
        found = _worth(frame, PAIRS[family], step)
        loses = f" {_loses(found)}" if found else ""
        others.append(f"{_the(family)}{loses} ({loses_much(frame, family, step=step).words})")
    reason = f"{resnet.reason} By the same rule, {', and '.join(others)}."
    return evolve(resnet, claim="The big networks lose much without ReLU.", reason=reason)


def judge(frame: pd.DataFrame, *, step: int = 0) -> tuple[Verdict, ...]:
    """The verdict on each family."""
    return tuple(loses_much(frame, family, step=step) for family in FAMILIES)


def answer(frame: pd.DataFrame, *, step: int = 0) -> str:
    """How much each family loses, in plain words."""
    there = {family: found for family in FAMILIES if (found := _worth(frame, PAIRS[family], step)) is not None}
    if not there or all(unfit(frame, found.steps) for found in there.values()):
        return "This build has no finished runs of the bigger networks that could decide anything, so it has no answer."
    said = [f"{_the(family)} {_loses(found)} ({found.seeds}, {found.steps:,} steps)" for family, found in there.items()]
    lacking = [_the(family) for family in FAMILIES if family not in there]
    more = f" Not trained: {' and '.join(lacking)}." if lacking else ""
    return f"Without any ReLU, {'; '.join(said)}.{more}"


def by_pool(frame: pd.DataFrame, *, step: int = 0) -> str:
    """Does what the VGG's ReLUs are worth depend on its pools, as it does in the example? In one sentence."""
    found = measured(frame, BY_POOL, step=step)
    if found is None or unfit(frame, found.steps):
        return "Whether the VGG's ReLUs are worth more where its pools average, these runs do not say."
    sign = "more" if found.mean >= 0 else "less"
    sure = "" if found.low > 0 or found.high < 0 else ", which is too little to be certain of"
    return (
        f"The VGG's ReLUs are worth {found.points} {sign} with average-pools than with max-pools "
        f"({found.seeds}, {found.steps:,} steps){sure}."
    )


def times(runs: Iterable[Run], label: Mapping[Network, str]) -> pd.DataFrame:
    """How long each run took, in seconds, evaluations included, and on what; runs that diverged are left out."""
    rows = [
        (
            label[run.experiment.network],
            run.experiment.seed,
            run.experiment.schedule.steps,
            run.provenance["seconds"],
            run.provenance["device"],
            run.provenance["device_kind"],
        )
        for run in runs
        if run.diverged_at is None
    ]
    return pd.DataFrame(rows, columns=TIMES)


def budget(
    frame: pd.DataFrame, taken: pd.DataFrame, *, pairs: Mapping[str, tuple[str, str]] = PAIRS, price: float = 0.0
) -> pd.DataFrame:
    """B12's table, a row for each pair and device: what is lost without ReLU, and how long that takes to see.

    ``frame`` holds the accuracies and ``taken`` the times of the runs (:func:`times`). Columns pair, data, n, steps,
    lost, half (of the interval, missing for one seed), device, hours (of one run of those steps, the slower network of
    the pair), least_steps and least_hours (of the shortest run that shows a large effect for certain), cost (both runs
    at ``price`` an hour). Pairs without results have no row.
    """
    rows = []
    for pair, networks in pairs.items():
        found = _worth(frame, networks, 0)
        if found is None:
            continue
        half = float("nan") if found.n == 1 else (found.high - found.low) / 2
        least = _least_steps(frame, networks, found.steps)
        data = frame.loc[frame["network"] == networks[0], "dataset"].iloc[0]
        for device, ours in taken[taken["network"].isin(networks)].groupby("device", sort=False):
            each = (ours["seconds"] / ours["steps"]).groupby(ours["network"]).median() / 3600
            hours, both = found.steps * each.max(), found.steps * each.sum()
            early = None if least is None else least * each.max()
            rows.append((pair, data, found.n, found.steps, found.mean, half, device, hours, least, early, both * price))
    columns = ["pair", "data", "n", "steps", "lost", "half", "device", "hours", "least_steps", "least_hours", "cost"]
    return pd.DataFrame(rows, columns=columns).astype({"least_steps": "Int64", "least_hours": float})


def largest(table: pd.DataFrame) -> pd.Series:
    """The row of :func:`budget` that loses most; one of several seeds goes before one of a single seed."""
    return table.assign(several=table["n"] > 1).sort_values(["several", "lost"]).iloc[-1]


def within_a_day(frame: pd.DataFrame, taken: pd.DataFrame, *, pairs: Mapping[str, tuple[str, str]] = PAIRS) -> Verdict:
    """B12: does some network show a large effect, for certain, in a run of less than :data:`DAY` hours?"""
    claim = "There are networks and data that show a large effect of ReLU and train within a day on one cheap device."
    table = budget(frame, taken, pairs=pairs)
    found = {pair: _worth(frame, pairs[pair], 0) for pair in table["pair"].unique()}
    fit = {pair: d for pair, d in found.items() if d is not None and not unfit(frame, d.steps)}
    if not fit:
        why = "not trained" if not found else unfit(frame, max(d.steps for d in found.values() if d is not None))
        return Verdict(claim=claim, verdict="not decided", condition=why, reason="No pair of runs that could show it.")
    quick = table[table["pair"].isin(fit) & (table["hours"] < DAY)]
    shown = {pair: d for pair, d in fit.items() if pair in set(quick["pair"]) and d.low >= NOTICEABLE}
    rule = f"The rule is at least {100 * NOTICEABLE:g} points, for certain, in less than {DAY:g} hours."
    if not shown:
        refuted = all(d.high < NOTICEABLE for d in fit.values()) or quick.empty
        said = "; ".join(f"{pair}: {signed(d.mean)} points" for pair, d in fit.items())
        condition = "" if refuted else "no effect is certain"
        verdict = "fails" if refuted else "not decided"
        return Verdict(claim=claim, verdict=verdict, condition=condition, reason=f"{said}. {rule}")
    said = "; ".join(f"{pair} loses {d.points} in {_hours(quick, pair)}" for pair, d in shown.items())
    # that the effect is there does not depend on the run length; that it is not a matter of luck does on the seeds
    condition = "" if any(d.n > 1 for d in shown.values()) else "one seed"
    kind = "holds under a condition" if condition else "holds"
    return Verdict(claim=claim, verdict=kind, condition=condition, reason=f"On CIFAR-10, {said}. {rule}")


def _worth(frame: pd.DataFrame, networks: tuple[str, str], step: int) -> Difference | None:
    """What the first network has more than the second."""
    return measured(frame, {networks[0]: 1.0, networks[1]: -1.0}, step=step)


def _least_steps(frame: pd.DataFrame, networks: tuple[str, str], last: int) -> int | None:
    evaluated = frame[frame["network"].isin(networks) & (frame["step"] > 0) & (frame["step"] <= last)]
    for step in sorted(evaluated["step"].unique()):
        found = _worth(frame, networks, int(step))
        if found is not None and found.low >= NOTICEABLE:
            return int(step)
    return None


def _lacking(claim: str, frame: pd.DataFrame, networks: tuple[str, str]) -> Verdict:
    missing = [network for network in networks if at_step(frame, [network]).empty]
    reason = f"No finished run of: {'; '.join(missing)}." if missing else "No seed has finished with both."
    return Verdict(claim=claim, verdict="not decided", condition="not trained", reason=reason)


def _the(family: str) -> str:
    return family if family == RESNET else f"the {family}"


def _loses(found: Difference) -> str:
    return f"{'loses' if found.mean >= 0 else 'gains'} {found.points}"


def _hours(quick: pd.DataFrame, pair: str) -> str:
    row = quick[quick["pair"] == pair].sort_values("hours").iloc[0]
    time = f"{60 * row['hours']:.0f} minutes" if row["hours"] < 2 else f"{row['hours']:.1f} hours"
    return f"{time} of training ({row['device']})"
