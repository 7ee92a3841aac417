"""The thirty claims of the two sources with their verdicts, computed from what is there: :func:`judge`.

What decides which claim: theorems (``theorems``), recorded times (``order_times``), trained runs (``trained``), or
what was written, which is quoted here.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from attrs import asdict, evolve, frozen

from relupool.verdicts import order_times, trained
from relupool.verdicts.ledger import CHAPTERS, LEDGER, Entry
from relupool.verdicts.material import Material
from relupool.verdicts.rules import RULES
from relupool.verdicts.theorems import (
    BY_SIZE,
    BY_STRIDE,
    NEEDS,
    NOT_CHECKED,
    Found,
    almost_every,
    by_definition,
    by_theorem,
    flipped,
    unchecked,
)
from relupool.verdicts.verdict import Verdict, tally

WRITTEN = pd.DataFrame(
    [
        ("Nielsen's book, eq. 125", "activation first", "nielsen2015neural"),
        ("Deep Learning, sec. 9.3", "activation first", "goodfellow2016deep"),
        ("Nielsen's network3.py", "pool first", "nielsen2015neural"),
        ("Theano's LeNetConvPoolLayer", "pool first", "lisalab2015lenet"),
        ("LeNet-5", "pool first", "lecun1998gradient"),
        ("cuda-convnet, commit 90b0e738", "pool first", "krizhevsky2011cudaconvnet"),
    ],
    columns=["place", "order", "work"],
)
"""Where A1's two orders stand: texts and programs, with their keys in the list of references."""


TIMED = ("A4", "A5", "A15", "A16")
"""Claims that recorded times decide."""

OF_CONVOLUTION: dict[str, Callable[[str, pd.DataFrame], Found]] = {"A2": flipped, "A6": by_definition}
"""Claims of two halves, of which one is so."""


@frozen(kw_only=True)
class Claim:
    """One claim as the book leaves it.

    ``number`` has its interval, ``n`` says what it was counted over, ``shown`` is the chapter that shows it and
    ``figure`` the figure ("" where a theorem or a table does), ``lacks`` what it takes to decide a claim that is not
    decided, and ``turns`` what would change the verdict.
    """

    id: str
    author: str
    said: str
    source: str
    link: str
    check: str
    rule: str
    verdict: str
    condition: str
    number: str
    n: str
    shown: str
    figure: str
    reason: str
    lacks: str
    turns: str

    @property
    def words(self) -> str:
        """The verdict with its condition."""
        return f"{self.verdict}: {self.condition}" if self.condition else self.verdict

    @property
    def decided(self) -> bool:
        """Whether there is a verdict, or the claim is documented."""
        return self.verdict != "not decided"


def judge(material: Material, *ids: str) -> tuple[Claim, ...]:
    """The claims ``ids``, or all thirty, in the order of the sources."""
    asked = [entry for entry in LEDGER if not ids or entry.id in ids]
    return tuple(_claim(entry, _found(entry, material), material) for entry in asked)


def frame(claims: tuple[Claim, ...]) -> pd.DataFrame:
    """The claims as a frame, one row each."""
    return pd.DataFrame([asdict(claim) for claim in claims])


def summary(claims: tuple[Claim, ...]) -> str:
    """How they stand, in one sentence."""
    return f"Of {len(claims)} claims, {tally(claim.verdict for claim in claims)}."


def documented(said: str, written: pd.DataFrame = WRITTEN) -> Found:
    """A1: are both orders found where they are said to be?"""
    first = list(written.loc[written["order"] == "activation first", "place"])
    last = list(written.loc[written["order"] == "pool first", "place"])
    number = f"{len(first)} places with the activation first, {len(last)} with the pool first"
    reason = f"Activation first: {', '.join(first) or 'nowhere'}. Pool first: {', '.join(last) or 'nowhere'}."
    verdict = "documented" if first and last else "fails"
    return Found(Verdict(claim=said, verdict=verdict, reason=reason), number, f"{len(written)} places")


def _found(entry: Entry, material: Material) -> Found:
    """By citation, by trained runs, by recorded times, by counting, or by theorems alone."""
    id, said, table = entry.id, entry.said, material.propositions
    if id == "A1":
        return documented(said)
    if id in trained.DECIDERS:
        theory = by_theorem(id, said, table) if id in NEEDS and table is not None else None
        return trained.DECIDERS[id](said, material, theory)
    if id in TIMED:
        return _timed(entry, material)
    if id == "A13":
        return unchecked(said) if material.activations is None else almost_every(said, material.activations)
    if table is None:
        return unchecked(said)
    return OF_CONVOLUTION[id](said, table) if id in OF_CONVOLUTION else by_theorem(id, said, table)


def _timed(entry: Entry, material: Material) -> Found:
    if material.times is None:
        reason = "No times are recorded; chapter 6 measures them each time it runs."
        return Found(Verdict(claim=entry.said, verdict="not decided", condition="not timed", reason=reason))
    times, verdict = material.times, evolve(order_times.judge(material.times)[entry.id], claim=entry.said)
    costly, relu = times.step(times.activation), times.step("relu")
    of_step = costly if entry.id == "A4" else relu
    number = f"{order_times.saving(of_step)} of a training step"
    if entry.id == "A16":
        number = f"convolutions {order_times.convolutions(times)} of a step; saved {order_times.saving(relu)}"
    n = f"{int(of_step['rounds'])} rounds"
    return _counted(entry, verdict, n, material) if entry.id == "A15" else Found(verdict, number, n)


def _counted(entry: Entry, faster: Verdict, n: str, material: Material) -> Found:
    """A15: the count and the time, which must both be so; the count is, where the stride is the size."""
    assert material.times is not None
    relu = material.times.ratios("alone").query("activation == 'relu'")
    number = f"with ReLU alone, {order_times.times_as_long(relu)} times as long"
    if material.propositions is None:
        return unchecked(entry.said)
    table = material.propositions.set_index("name")
    stride, size = bool(table.loc[BY_STRIDE, "holds"]), bool(table.loc[BY_SIZE, "holds"])
    count = "k² whatever the stride" if size else "stride², so k² only where the stride is the size"
    reason = f"Times fewer: {count if stride or size else 'neither k² nor stride²'}. {faster.reason}"
    if faster.verdict == "not decided":
        return Found(evolve(faster, reason=reason), number, n)
    if not stride and not size:
        return Found(Verdict(claim=entry.said, verdict="fails", reason=reason), number, n)
    counted = "" if size else "k² where the stride is the size"
    timed = "not faster" if faster.verdict == "fails" else faster.condition
    condition = "; ".join(filter(None, [counted, timed]))
    verdict = "holds under a condition" if condition else "holds"
    return Found(Verdict(claim=entry.said, verdict=verdict, condition=condition, reason=reason), number, n)


def _claim(entry: Entry, found: Found, material: Material) -> Claim:
    v = found.verdict
    return Claim(
        id=entry.id,
        author=entry.author,
        said=entry.said,
        source=entry.source,
        link=entry.link,
        check=entry.check,
        rule=RULES[entry.id],
        verdict=v.verdict,
        condition=v.condition,
        number=found.number,
        n=found.n,
        shown=CHAPTERS[entry.chapter],
        figure=next(iter(entry.figures), ""),
        reason=v.reason,
        lacks=_lacks(entry, v, material),
        turns=entry.turns,
    )


def _lacks(entry: Entry, verdict: Verdict, material: Material) -> str:
    """What it takes to decide a claim that is not decided: the runs that are missing, and the command."""
    if verdict.verdict != "not decided":
        return ""
    if verdict.condition == "not checked":
        return NOT_CHECKED
    if entry.id in TIMED:
        return order_times.COMMAND
    missing = [material.missing[study] for study in entry.studies if study in material.missing]
    more = [f"`relupool train {s} --preset {material.further[s]}`." for s in entry.studies if s in material.further]
    return " ".join(missing) or f"More seeds or longer runs{': ' + more[0] if more else '.'}"
