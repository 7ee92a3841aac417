"""The one judge: from the grounds to the verdict on a claim, for chapters, the scorecard and the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import asdict, frozen

from relupool.claims.claim import CHAPTERS, LAST, Claim, How, Runs, Verdict
from relupool.claims.decide import CHECK, verdict
from relupool.claims.grounds import Grounds
from relupool.claims.ledger import CLAIMS, LEDGER
from relupool.claims.rules import OPEN, SURELY, TRUE, VERDICTS
from relupool.thresholds import ENOUGH, LONG, ONE_SEED, SEEDS
from relupool.validation import refuse
from relupool.words import capital, count, listing, numeral

GENERAL = {
    "Surely": f"{SURELY}; *within* a margin, by two one-sided tests.",
    "When": f"at the last step that {SEEDS} seeds of the networks have reached, or all that there are. Below "
    f"{ENOUGH:,} steps nothing is decided; a level whose run length the source does not give is judged from {LONG:,} "
    "steps on.",
    "One seed": f"{100 * ONE_SEED:g} points to either side are assumed in place of an interval.",
    "Several parts": "true or false if all are, partly true if one is true and one is false, else open, unless the "
    "rule says otherwise.",
}
"""What holds for every rule about accuracy."""


@frozen(kw_only=True)
class Judged(Verdict):
    """A claim as the book leaves it; ``claims --json`` writes these fields.

    ``shown`` is the chapter that shows it, ``figure`` its figure there ("" where a theorem or a table does), ``lacks``
    what it takes to decide a claim that is open, or the planned runs that will judge it again.
    """

    id: str
    kind: str
    author: str
    said: str
    source: str
    link: str
    check: str
    rule: str
    shown: str
    figure: str
    lacks: str
    turns: str

    @property
    def words(self) -> str:
        """The verdict with what limits it."""
        return f"{self.verdict}: {self.condition}" if self.condition else self.verdict


def judge(grounds: Grounds, *ids: str, how: How = LAST) -> tuple[Judged, ...]:
    """The claims ``ids``, of the sources or the book's own, or all of the sources; in their order."""
    for id in ids:
        if id not in CLAIMS:
            refuse("claim", id, f"one of {', '.join(CLAIMS)}")
    wanted = [CLAIMS[id] for id in ids] or LEDGER
    return tuple(_judged(claim, grounds, how) for claim in wanted)


def tally(verdicts: Iterable[str]) -> str:
    """How many of each there are: "17 true, one false and 2 open"."""
    counts = Counter(verdicts)
    return listing(f"{'one' if counts[v] == 1 else counts[v]} {v}" for v in VERDICTS if counts[v]) or "none"


def summary(judged: Iterable[Judged]) -> str:
    """How the sources' claims stand, in a sentence; what they only ask or remark is counted apart."""
    every = list(judged)
    claims = [claim for claim in every if claim.kind == "claim"]
    asked = [claim for claim in every if claim.kind == "question"]
    said = f"Of {count(len(claims), 'claim')}: {tally(claim.verdict for claim in claims)}."
    n = numeral(len(asked))
    if {claim.verdict for claim in asked} == {TRUE}:
        return f"{said} {capital(n)} were asked or remarked; all {n} of our answers hold."
    return f"{said} Of our answers to {n} questions and remarks: {tally(claim.verdict for claim in asked)}."


def _judged(claim: Claim, grounds: Grounds, how: How) -> Judged:
    stands = verdict(claim, grounds, how)
    takes = claim.takes.asked(how.margin) if isinstance(claim.takes, Runs) else claim.takes
    return Judged(
        id=claim.id,
        kind=claim.kind,
        author=claim.author,
        said=claim.said,
        source=claim.source,
        link=claim.link,
        check=claim.takes.check,
        rule=takes.rule,
        shown=CHAPTERS[claim.chapter],
        figure=next(iter(claim.figures), ""),
        lacks=_lacks(claim, grounds, stands.verdict == OPEN),
        turns=claim.turns,
        **asdict(stands, recurse=False),
    )


def _lacks(claim: Claim, grounds: Grounds, is_open: bool) -> str:
    """What a claim still lacks, with the command: runs that are planned, also if it is decided; or other grounds."""
    if is_open and claim.takes.propositions and grounds.propositions is None:
        return CHECK
    missing = [grounds.missing[study.name] for study in claim.takes.studies if study.name in grounds.missing]
    if not is_open:
        return " ".join(missing)
    if claim.takes.studies:
        return " ".join(missing) or "The runs that were planned for it are all there; it stays open."
    return claim.takes.lacks
