"""Claims that contrasts of trained networks decide."""

from __future__ import annotations

import pandas as pd
from attrs import evolve

from relupool.claims.claim import LAST, How, Part, Runs, Verdict
from relupool.claims.grounds import Grounds
from relupool.claims.rules import FALSE, OPEN, TRUE, LessThan, Within, together
from relupool.measures import estimate
from relupool.measures.estimate import Estimate, half_words
from relupool.thresholds import ENOUGH, SEEDS
from relupool.words import capital, count, hundredfold, listing


def by_runs(takes: Runs, grounds: Grounds, how: How = LAST) -> Verdict:
    """The verdict on a claim of :class:`Runs`, at the step that ``how`` names, or else at the first of its lengths."""
    frame, parts = _frame(takes, grounds), asked(takes, how).parts
    at = lengths(takes, frame, how.weights)
    at = at[at["step"] == how.step] if how.step else at[at["step"] >= takes.least]
    if how.most_seeds:
        at = at.sort_values(["n", "step"], ascending=False, kind="stable")
    if at.empty:
        return not_trained(takes, frame, how)
    same = ["backend", "dtype"]  # what computed the runs that decide; others stand apart
    at = at[(at[same] == at.iloc[0][same]).all(axis=1)]
    frame, step = frame[(frame[same] == at.iloc[0][same]).all(axis=1)], int(at.iloc[0]["step"])
    found = {part.what: estimated(part, frame, step, how.weights) for part in parts}
    fewest = min(found.values(), key=lambda each: each.n)
    gone = diverged(takes, frame)
    basis = ", ".join(filter(None, [fewest.basis, gone]))
    number = "; ".join(f"{part.what}: {written(part, found[part.what])}" for part in parts)
    if len(parts) == 1:
        number = written(parts[0], found[parts[0].what])
    reason = f"{listing(_is(part, found[part.what]) for part in parts)}."
    if step < max(ENOUGH, takes.least):
        return Verdict(word=OPEN, tag="too few steps", reason=capital(reason), number=number, n=fewest.seeds,
                       estimates=tuple(found.values()))  # fmt: skip
    decided = [part.rule.decide(found[part.what]) for part in parts]
    word, tag = FALSE if takes.one and FALSE in decided else together(decided), basis
    if takes.premise is not None:
        whole = estimated(takes.premise, frame, step, how.weights)
        reason = f"{reason} {capital(_is(takes.premise, whole))}."
        if takes.premise.rule.decide(whole) != TRUE:
            word, tag = OPEN, f"{takes.otherwise}; {basis}"
    others = [] if how.step or how.most_seeds else _elsewhere(takes, frame, grounds, at, word, how)
    return Verdict(word=word, tag=tag, reason=" ".join([capital(reason), *others]), number=number, n=fewest.seeds,
                   estimates=tuple(found.values()))  # fmt: skip


def _frame(takes: Runs, grounds: Grounds) -> pd.DataFrame:
    frame = grounds.of(*takes.studies)
    return frame[frame["dtype"] == takes.dtype] if takes.dtype else frame


def diverged(takes: Runs, frame: pd.DataFrame) -> str:
    """How many runs of a claim's networks ended without a finite loss, in words; "" if none did."""
    networks = [network for part in takes.parts for network in part.of]
    gone = frame[frame["diverged_at"].notna() & frame["architecture"].isin(networks)]
    runs = gone["key"].nunique()
    return f"{count(runs, 'run')} diverged" if runs else ""


def asked(takes: Runs, how: How) -> Runs:
    """The claim with the margin that ``how`` asks for in place of its rules' own."""
    if how.margin is None:
        return takes
    within = Within(how.margin)
    parts = (evolve(part, rule=within) if isinstance(part.rule, Within) else part for part in takes.parts)
    return evolve(takes, parts=tuple(parts))


def lengths(takes: Runs, frame: pd.DataFrame, weights: str) -> pd.DataFrame:
    """The steps at which all networks of a claim can be compared, the one that decides first."""
    every = [*takes.parts, *([takes.premise] if takes.premise else [])]
    networks = {network: 1.0 for part in every for network in part.of}
    return estimate.lengths(frame, networks, weights=weights)


def estimated(part: Part, frame: pd.DataFrame, step: int, weights: str) -> Estimate:
    """The number that a part is about, where all of its networks have been evaluated."""
    found = estimate.estimated(frame, part.of, step=step, weights=weights, minus=part.minus, scale=part.scale)
    assert found is not None  # its step is one of lengths
    return found


def written(part: Part, found: Estimate) -> str:
    """A number as pages write it: in points, in per cent for a share, or in log-odds.

    It has one digit more where an end of its interval would be rounded to where the verdict turns.
    """
    if part.scale == "log-odds":
        half = "" if found.n == 1 else f" ± {found.half():.2f}"
        return f"{found.mean:+.2f}{half}".replace("-", "\N{MINUS SIGN}")
    lines = {hundredfold(line) for line in part.rule.lines}
    close = found.n > 1 and not lines.isdisjoint(map(hundredfold, found.ends))
    digits, share = 2 if close else 1, isinstance(part.rule, LessThan)
    half = half_words(found.ends[1] - found.mean, digits)
    return f"{hundredfold(found.mean, digits, sign='' if share else '+')}{half} {'%' if share else 'points'}"


def not_trained(takes: Runs, frame: pd.DataFrame, how: How) -> Verdict:
    """The verdict where not all networks have been trained, or none so long, or evaluated at the step asked for."""
    networks = [network for part in takes.parts for network in part.of]
    labels = {own: label for study in takes.studies for label, own in study.networks.items()}
    there = set(frame.loc[frame["diverged_at"].isna(), "architecture"]) if len(frame) else set()
    lacking = list(dict.fromkeys(labels.get(network, str(network)) for network in networks if network not in there))
    if lacking:
        reason = f"No finished run of: {'; '.join(lacking)}."
    elif how.step:
        reason = f"At step {how.step:,} no seed has an evaluation of all these networks."
    else:
        least = f" of {takes.least:,} steps" if takes.least else ""
        reason = f"No seed has finished runs{least} of all these networks."
    if gone := diverged(takes, frame):
        return Verdict(word=OPEN, tag=gone, reason=f"{reason} {capital(gone)}.")
    return Verdict(word=OPEN, tag="not trained", reason=reason)


def _is(part: Part, found: Estimate) -> str:
    return f"{part.what} is {written(part, found)}"


def _elsewhere(takes: Runs, frame: pd.DataFrame, grounds: Grounds, at: pd.DataFrame, word: str, how: How) -> list[str]:
    """What runs of other lengths say, if enough seeds have ended there and they say otherwise."""
    ends = set(frame.loc[frame["step"] == frame["steps"], "steps"])
    said = []
    for row in at.iloc[1:].itertuples():
        if row.n >= SEEDS and row.step in ends and row.step >= ENOUGH:
            other = by_runs(takes, grounds, evolve(how, step=int(row.step)))
            if other.word != word:
                said.append(f"After {row.step:,} steps ({row.n} seeds) it is {other.word}: {other.number}.")
    return said
