"""What a claim is, what it takes to judge it, and what a verdict is: values only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from attrs.validators import optional

from relupool.claims.rules import VERDICTS, Rule
from relupool.experiments.experiment import Study
from relupool.measures.estimate import Contrast, Estimate
from relupool.validation import one_of, real, whole
from relupool.words import capital, listing

if TYPE_CHECKING:
    from relupool.claims.grounds import Grounds

CHAPTERS = {
    "1": "01_convolution_is_linear",
    "2": "02_max_is_not_linear",
    "3": "03_before_or_after",
    "4": "04_the_experiment",
    "5": "05_how_often_relu_acts",
    "6": "06_other_activations_bigger_networks",
    "7": "07_the_answers",
    "A": "A_flipped_kernels",
    "D": "D_what_the_order_costs",
    "E": "E_how_it_was_rebuilt",
}
"""File names of the chapters and notes that decide something, by number and letter."""

LINKS = {"A": "https://stackoverflow.com/q/35543428", "B": "https://stats.stackexchange.com/q/294550"}
"""The pages of the two sources, by the first letter of their claims."""

SOURCES = {"A": "activation before or after pooling", "B": "networks where ReLU matters"}
"""What they are about."""


@frozen(kw_only=True)
class Verdict:
    """How a claim stands: one of :data:`VERDICTS`, what limits it ("3 seeds, 10,000 steps"), and why.

    ``number`` has its interval, ``n`` says what it was counted over ("3 seeds", "210 trials"); ``estimates`` are the
    numbers of a claim's parts, where runs decide it.
    """

    word: str = field(validator=one_of(*VERDICTS))
    reason: str
    tag: str = ""
    number: str = ""
    n: str = ""
    estimates: tuple[Estimate, ...] = ()

    @property
    def words(self) -> str:
        """The verdict with what limits it: "open: 3 seeds, 10,000 steps"."""
        return f"{self.word}: {self.tag}" if self.tag else self.word


@frozen(kw_only=True)
class How:
    """How a reader wants runs judged: at which step (0: the last that enough seeds have reached), by which weights.

    ``margin`` takes the place of a rule's own, where it has one. With ``most_seeds`` a contrast of networks is judged
    where most seeds have been trained, though longer runs of fewer are there.
    """

    step: int = field(default=0, validator=whole(0))
    weights: str = field(default="averaged", validator=one_of("averaged", "raw"))
    margin: float | None = field(default=None, validator=optional(real(0, 1, above=True)))
    most_seeds: bool = False


LAST = How()
"""At the last step that enough seeds have reached, by averaged weights and the rules' own margins."""


@frozen
class Theorems:
    """Names of propositions: those that must hold for the claim, and those that must be refuted.

    ``tag`` is what limits the claim in spite of them.
    """

    holding: tuple[str, ...]
    refuted: tuple[str, ...] = ()
    tag: str = ""

    @property
    def rule(self) -> str:
        """How they decide, as a sentence."""
        holding = "no counterexample to its theorems" if self.holding else ""
        refuted = "one to each statement that they rule out" if self.refuted else ""
        return f"True if the search finds {' and '.join(filter(None, [holding, refuted]))}."


@frozen(kw_only=True)
class Part:
    """One number that a claim depends on, and its rule: ``what`` it is ("the worth of ...") as a noun."""

    what: str
    of: Contrast = field(hash=False)
    rule: Rule
    minus: float = 0.0
    scale: str = "points"

    @property
    def words(self) -> str:
        """The rule as a sentence."""
        return f"{capital(self.what)} must surely be {self.rule.words}."


@frozen(kw_only=True)
class Runs:
    """Networks of ``studies``: true if every part is, false if every part is; with a ``premise`` that must be true.

    All parts are judged at one step; below ``least`` steps nothing is decided. Of ``one`` statement in several parts
    a single false one makes it false; otherwise it is then partly true. Where the premise does not surely hold, the
    claim stays open, and ``otherwise`` says why. ``dtype`` keeps to runs in one format of numbers.
    """

    studies: tuple[Study, ...]
    parts: tuple[Part, ...]
    premise: Part | None = None
    otherwise: str = ""
    least: int = 0
    one: bool = False
    dtype: str = ""

    @property
    def rule(self) -> str:
        """The rules of all parts, said once where it is the same."""
        if len(self.parts) > 1 and len({part.rule for part in self.parts}) == 1:
            what = capital(listing(part.what for part in self.parts))
            parts = [f"{what}: each must surely be {self.parts[0].rule.words}."]
        else:
            parts = [part.words for part in self.parts]
        premise = f"{self.premise.words[:-1]}, or else the claim is open." if self.premise else ""
        least = f"Judged from {self.least:,} steps on." if self.least else ""
        one = "One part that is not so makes the claim false." if self.one else ""
        return " ".join(filter(None, [*parts, premise, least, one]))


@frozen
class Found:
    """What takes more than a row: a function of the grounds, and the sentence that states its rule.

    ``lacks`` is the command that makes its grounds, where it is neither runs nor propositions.
    """

    by: Callable[[Grounds, How], Verdict]
    rule: str
    studies: tuple[Study, ...] = ()
    propositions: tuple[str, ...] = ()
    lacks: str = ""


@frozen(kw_only=True)
class Claim:
    """Who said what, in the book's words, what it takes to judge it, where that is shown, and what would turn it.

    ``kind`` is "claim", "question" (asked or remarked in the sources: answered, not counted) or "finding" (the book's
    own). ``figures`` are those of the chapter that show it, the one that has its number first.
    """

    id: str
    said: str
    takes: Theorems | Runs | Found
    chapter: str = field(validator=one_of(*CHAPTERS))
    turns: str = ""
    author: str = "the book"
    figures: tuple[str, ...] = ()
    kind: str = field(default="claim", validator=one_of("claim", "question", "finding"))

    @property
    def source(self) -> str:
        """What its source is about."""
        return SOURCES.get(self.id[0], "")

    @property
    def link(self) -> str:
        """The page that it stands on."""
        return LINKS.get(self.id[0], "")

    @property
    def studies(self) -> tuple[Study, ...]:
        """Those whose runs decide it."""
        return () if isinstance(self.takes, Theorems) else self.takes.studies

    @property
    def propositions(self) -> tuple[str, ...]:
        """Names of those that have to be checked for it."""
        match self.takes:
            case Theorems(holding, refuted):
                return (*holding, *refuted)
            case Found(propositions=names):
                return names
        return ()

    @property
    def check(self) -> str:
        """How it is checked, in a few words."""
        by_runs = f"trained networks: {', '.join(study.name for study in self.studies)}" if self.studies else ""
        by_theorems = "theorems, with a search for counterexamples" if self.propositions else ""
        return "; ".join(filter(None, [by_theorems, by_runs])) or "counted, timed or quoted"


def minus(with_it: Any, without: Any) -> Contrast:
    """One network's accuracy less another's: what is there in the first and not in the second is worth it."""
    return {with_it: 1.0, without: -1.0}
