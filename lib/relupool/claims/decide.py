"""How each kind of ground decides a claim: theorems, halves, trained networks, times."""

from __future__ import annotations

import pandas as pd
from attrs import evolve

from relupool.claims.claim import LAST, Claim, Found, Halves, How, Part, Runs, Theorems, Timed, Verdict
from relupool.claims.grounds import Grounds
from relupool.claims.rules import FALSE, OPEN, TRUE, at_least, together, within
from relupool.experiments.studies import AT_BEST_RATE, STUDIES
from relupool.measures import order_times
from relupool.measures.estimate import Estimate, estimated, half_words
from relupool.measures.order_times import OrderTimes, saved
from relupool.measures.runs import ARITHMETIC, lengths, on_one_machine
from relupool.thresholds import ENOUGH, HALF, SEEDS, SMALL_SHARE
from relupool.words import capital, count, hundredfold, listing, named

CHECK = "`relupool check`"
"""What checks all propositions."""


def verdict(claim: Claim, grounds: Grounds, how: How = LAST) -> Verdict:
    """How a claim stands; open where one of its propositions was not checked."""
    if claim.takes.propositions and grounds.lacks(*claim.takes.propositions):
        return Verdict(OPEN, "not checked", reason=f"Not checked here; {CHECK} does it.")
    match claim.takes:
        case Theorems():
            return by_theorems(claim.takes, grounds)
        case Halves():
            return by_halves(claim.takes, grounds)
        case Runs():
            return by_runs(claim.takes, grounds, how)
        case Timed():
            return by_times(claim.takes, grounds)
        case Found(by=function):
            return function(grounds, how)
    raise TypeError(f"nothing decides by {type(claim.takes).__name__}")


def by_theorems(takes: Theorems, grounds: Grounds) -> Verdict:
    """By what the search for counterexamples found, not by what the book says of them."""
    wrong = [name for name in takes.propositions if grounds.holds(name) != (name in takes.holding)]
    held = f"{count(len(takes.holding), 'statement')} held" if takes.holding else ""
    must = "it must" if len(takes.refuted) == 1 else "they must"
    refuted = f"{count(len(takes.refuted), 'statement')} failed as {must}" if takes.refuted else ""
    if wrong:
        held, refuted = f"{count(len(wrong), 'statement')} came out otherwise", ""
    statements: dict[bool, list[str]] = {True: [], False: []}
    for name in wrong or takes.propositions:
        statements[grounds.holds(name)].append(grounds.proposition(name)["statement"])
    used = [grounds.proposition(name) for name in takes.propositions]
    compared, trials = sum(int(row["compared"]) for row in used), max(int(row["trials"]) for row in used)
    return Verdict(
        verdict=FALSE if wrong else TRUE,
        condition="" if wrong else takes.tag,
        number=f"{' and '.join(filter(None, [held, refuted]))}, in {count(compared, 'number')}",
        n=count(trials, "trial"),
        reason=" ".join(f"{'Holds' if so else 'Refuted'}: {' '.join(said)}" for so, said in statements.items() if said),
    )


def by_halves(takes: Halves, grounds: Grounds) -> Verdict:
    """By propositions and documents, half by half."""
    decided = [(half, half.by if isinstance(half.by, bool) else grounds.holds(half.by)) for half in takes.halves]
    said = "; ".join(half.so if so else half.otherwise for half, so in decided)
    row = grounds.proposition(takes.propositions[0])
    return Verdict(
        verdict=together(TRUE if so else FALSE for _, so in decided),
        condition=said,
        number=f"{int(row['compared']):,} numbers compared",
        n=count(int(row["trials"]), "trial"),
        reason=f"{capital(said)}.",
    )


def by_runs(takes: Runs, grounds: Grounds, how: How = LAST) -> Verdict:
    """By contrasts of trained networks at the step that ``how`` names, or else at the first of their lengths."""
    takes, frame = takes.asked(how.margin), takes.own(grounds)
    at = lengths(frame, takes.networks, weights=how.weights, most_seeds=how.most_seeds)
    at = at[at["step"] == how.step] if how.step else at[at["step"] >= takes.least]
    if at.empty:
        return _not_trained(takes, frame, how)
    # what computed the runs that decide; others stand apart
    at = at[(at[ARITHMETIC] == at.iloc[0][ARITHMETIC]).all(axis=1)]
    frame, step = frame[(frame[ARITHMETIC] == at.iloc[0][ARITHMETIC]).all(axis=1)], int(at.iloc[0]["step"])
    numbers = [_number(part, frame, step, how) for part in takes.parts]
    words = [written(part, number) for part, number in zip(takes.parts, numbers, strict=True)]
    named = [(part.what, said) for part, said in zip(takes.parts, words, strict=True)]
    fewest = min(numbers, key=lambda number: number.n)
    reason = capital(f"{listing(f'{what} is {said}' for what, said in named)}.")
    verdict = Verdict(
        verdict=OPEN,
        condition="too few steps",
        reason=reason,
        number="; ".join(f"{what}: {said}" for what, said in named) if len(named) > 1 else words[0],
        n=fewest.seeds,
        estimates=tuple(numbers),
    )
    if step < max(ENOUGH, takes.least):
        return verdict
    word, tag = _together(takes, numbers), ", ".join(filter(None, [fewest.basis, _diverged(frame)]))
    if takes.premise is not None:
        whole = _number(takes.premise, frame, step, how)
        reason = f"{reason} {capital(takes.premise.what)} is {written(takes.premise, whole)}."
        if takes.premise.rule.decide(whole) != TRUE:
            word, tag = OPEN, f"{takes.otherwise}; {tag}"
    others = []
    if not (how.step or how.most_seeds):
        others = [*_elsewhere(takes, frame, grounds, at, word, how), *_alike(takes, grounds, at, word, how)]
    return evolve(verdict, verdict=word, condition=tag, reason=reason, elsewhere=" ".join(others))


def _together(takes: Runs, numbers: list[Estimate]) -> str:
    """What the parts, each by its rule, come to."""
    decided = [part.rule.decide(number) for part, number in zip(takes.parts, numbers, strict=True)]
    return FALSE if takes.one and FALSE in decided else together(decided)


def _number(part: Part, frame: pd.DataFrame, step: int, how: How) -> Estimate:
    number = estimated(frame, part.of, step=step, weights=how.weights, minus=part.minus, scale=part.scale)
    assert number is not None  # its step is one of lengths
    return number


def written(part: Part, number: Estimate) -> str:
    """A number as pages write it: in points, in per cent for a share, or in log-odds.

    It has one digit more where an end of its interval would be rounded to where the verdict turns.
    """
    if part.scale == "log-odds":
        half = "" if number.n == 1 else f" ± {number.half():.2f}"
        return f"{number.mean:+.2f}{half}".replace("-", "\N{MINUS SIGN}")
    lines = {hundredfold(line) for line in part.rule.lines}
    close = number.n > 1 and not lines.isdisjoint(map(hundredfold, number.ends))
    digits, share = 2 if close else 1, part.rule.of_a_share
    half = half_words(number.ends[1] - number.mean, digits)
    return f"{hundredfold(number.mean, digits, sign='' if share else '+')}{half} {'%' if share else 'points'}"


def _diverged(frame: pd.DataFrame) -> str:
    """How many runs ended without a finite loss, in words; "" if none did."""
    runs = frame.loc[frame["diverged_at"].notna(), "key"].nunique()
    return f"{count(runs, 'run')} diverged" if runs else ""


def _not_trained(takes: Runs, frame: pd.DataFrame, how: How) -> Verdict:
    """The verdict where not all networks have been trained, or none so long, or evaluated at the step asked for."""
    labels = {network: f"“{label}”" for study in takes.studies for label, network in study.networks.items()}
    begun, ended = set(frame["architecture"]), set(frame.loc[frame["diverged_at"].isna(), "architecture"])
    absent = [labels[network] for network in takes.networks if network not in begun]
    gone = [labels[network] for network in takes.networks if network in begun - ended]
    if gone:
        tag = f"all runs of {len(gone)} of its {len(takes.networks)} networks diverged"
        reason = f"Every run of {listing(gone)} diverged, so there is nothing to compare."
    elif absent:
        tag, reason = "not trained", f"There are no runs of {listing(absent)}."
    elif how.step:
        tag, reason = "not trained", f"At step {how.step:,} no seed has an evaluation of all these networks."
    else:
        least = f" of {takes.least:,} steps" if takes.least else ""
        tag, reason = "not trained", f"No seed has finished runs{least} of all these networks."
    return Verdict(OPEN, tag, reason=reason)


def _elsewhere(takes: Runs, frame: pd.DataFrame, grounds: Grounds, at: pd.DataFrame, word: str, how: How) -> list[str]:
    """What runs of other lengths say, if enough seeds have ended there and they say otherwise."""
    ends = set(frame.loc[frame["step"] == frame["steps"], "steps"])
    said = []
    for row in at.iloc[1:].itertuples():
        if row.n >= SEEDS and row.step in ends and row.step >= ENOUGH:
            other = by_runs(takes, grounds, evolve(how, step=int(row.step)))
            if other.verdict != word:
                said.append(f"After {row.step:,} steps ({row.n} seeds) it is {other.verdict}: {other.number}.")
    return said


def _alike(takes: Runs, grounds: Grounds, at: pd.DataFrame, word: str, how: How) -> list[str]:
    """What the runs say whose networks were trained on one kind of machine, seed by seed, if they say otherwise.

    Those of all studies at the usual rate count, for another may have trained the same network elsewhere.
    """
    usual = tuple(study for study in STUDIES.values() if study not in AT_BEST_RATE.values())
    every, step = evolve(takes, studies=usual).own(grounds), int(at.iloc[0]["step"])
    every = every[(every[ARITHMETIC] == at.iloc[0][ARITHMETIC]).all(axis=1)]
    rows = [on_one_machine(every, part.of) for part in takes.parts]
    reached = [lengths(own, part.of, weights=how.weights) for part, own in zip(takes.parts, rows, strict=True)]
    if takes.best_rates or not all(((at["step"] == step) & (at["n"] >= SEEDS)).any() for at in reached):
        return []
    numbers = [_number(part, own, step, how) for part, own in zip(takes.parts, rows, strict=True)]
    other = _together(takes, numbers)
    said = "; ".join(written(part, number) for part, number in zip(takes.parts, numbers, strict=True))
    return [] if other == word else [f"With what is compared on one kind of machine, it is {other}: {said}."]


def by_times(takes: Timed, grounds: Grounds) -> Verdict:
    """By what was timed in a training step, activation by activation."""
    if (open_ := unmeasured(grounds)) is not None:
        return open_
    times = grounds.times
    assert times is not None
    names = [name for name in times.activations if takes.only in ("", name) and name != takes.beside]
    words = {name: _saving(takes, times, name) for name in names}
    word = together(words.values())
    tag = "; ".join(f"{named(name)}: {each}" for name, each in words.items())
    number = saving = _savings(times, names)
    reason = f"Of a training step, {saving}. {times.conditions.words}"
    if takes.convolutions:
        relu = times.layers[times.layers["activation"] == "relu"]
        part = order_times.shares(relu).set_index("type").loc["convolution"]
        median, low, high = (f"{100 * part[name]:.0f}" for name in ("median", "low", "high"))
        share = f"convolutions take {median} % ({low} to {high} %)"
        number, reason = f"of a training step, {share}; {saving}", f"Of a training step, {share}. {reason}"
        word = together([at_least(HALF).surely(part["low"], part["high"]), word])
    if len(words) == 1:
        tag = "as timed here"
    if takes.example not in ("", *names):
        word, tag = OPEN, f"the {takes.example} was not timed"
    return Verdict(word, tag, number=number, n=rounds(times), reason=reason)


def unmeasured(grounds: Grounds) -> Verdict | None:
    """The verdict where nothing was timed, or on a machine that was busy; None where times can decide."""
    times = grounds.times
    if times is None:
        return Verdict(OPEN, "not timed", reason=f"No times are recorded; {order_times.COMMAND} takes them.")
    if not times.conditions.load.disturbed:
        return None
    saving = _savings(times, times.activations)
    return Verdict(OPEN, "the machine was busy", number=saving, n=rounds(times),
                   reason=f"Of a training step, {saving}. {times.conditions.words}")  # fmt: skip


def rounds(times: OrderTimes) -> str:
    """How often each step was timed."""
    return f"{int(times.step('relu')['rounds'])} rounds"


def _savings(times: OrderTimes, names: tuple[str, ...] | list[str]) -> str:
    return f"pooling first saves {listing(map(times.saving, names))}"


def _saving(takes: Timed, times: OrderTimes, name: str) -> str:
    """Whether pooling first surely saves a part of the step that matters, or surely one that does not, as asked."""
    _, low, high = saved(times.step(name))
    return (at_least(SMALL_SHARE) if takes.large else within(SMALL_SHARE)).surely(low, high)
