"""What a claim is, what it takes to judge it, and what a verdict is: values only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pandas as pd
from attrs import evolve, field, frozen

from relupool.claims.rules import Rule, within
from relupool.experiments.experiment import Study
from relupool.experiments.networks import Network
from relupool.experiments.studies import AT_BEST_RATE, FIRST_ABLATIONS
from relupool.measures.estimate import Contrast, Estimate
from relupool.measures.order_times import COMMAND
from relupool.words import capital, listing

if TYPE_CHECKING:
    from relupool.claims.grounds import Grounds

CHAPTERS = {
    "1": "01_convolution_is_linear",
    "2": "02_max_is_not_linear",
    "3": "03_before_or_after",
    "4": "04_the_experiment",
    "5": "05_how_often_relu_acts",
    "6": "06_other_activations_deeper_networks",
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


@frozen
class Verdict:
    """How a claim stands, in one of four words; the ``condition`` that limits it ("3 seeds, 10,000 steps"); and why.

    ``number`` has its interval, ``n`` says what it was counted over ("3 seeds", "210 trials"); ``estimates`` are the
    numbers of a claim's parts, where runs decide it, ``elsewhere`` what runs of another length say.
    """

    verdict: str
    condition: str = ""
    reason: str = field(kw_only=True)
    number: str = ""
    n: str = ""
    estimates: tuple[Estimate, ...] = ()
    elsewhere: str = ""


@frozen(kw_only=True)
class How:
    """How a reader wants runs judged: at which step (0: the last that enough seeds have reached), by which weights.

    ``margin`` takes the place of a rule's own, where it has one. With ``most_seeds`` a contrast of networks is judged
    where most seeds have been trained, though longer runs of fewer are there.
    """

    step: int = 0
    weights: str = "averaged"
    margin: float | None = None
    most_seeds: bool = False


LAST = How()
"""At the last step that enough seeds have reached, by averaged weights and the rules' own margins."""


class Takes:
    """What it takes to judge a claim: runs of ``studies``, propositions that are checked, or what ``lacks`` makes."""

    studies: tuple[Study, ...] = ()
    lacks: str = ""

    @property
    def propositions(self) -> tuple[str, ...]:
        """Names of those that have to be checked."""
        return ()

    @property
    def rule(self) -> str:
        """How that decides, as a sentence."""
        raise NotImplementedError

    @property
    def check(self) -> str:
        """How it is checked, in a few words."""
        by_runs = f"trained networks: {', '.join(study.name for study in self.studies)}" if self.studies else ""
        by_theorems = "theorems, with a search for counterexamples" if self.propositions else ""
        return "; ".join(filter(None, [by_theorems, by_runs])) or "counted, timed or quoted"


@frozen
class Theorems(Takes):
    """Names of propositions: those that must hold for the claim, and those that must be refuted.

    ``tag`` is what limits the claim in spite of them.
    """

    holding: tuple[str, ...]
    refuted: tuple[str, ...] = ()
    tag: str = ""

    @property
    def propositions(self) -> tuple[str, ...]:
        """All of them."""
        return self.holding + self.refuted

    @property
    def rule(self) -> str:
        """How they decide, as a sentence."""
        holding = "no counterexample to its theorems" if self.holding else ""
        one = "one" if self.holding else "a counterexample"
        refuted = f"{one} to each statement that they rule out" if self.refuted else ""
        return f"True if the search finds {' and '.join(filter(None, [holding, refuted]))}."


@frozen
class Half:
    """A part of a claim, decided ``by`` a proposition of that name or a document: what is said if it is so, if not."""

    by: str | bool
    so: str
    otherwise: str = ""


@frozen
class Halves(Takes):
    """True if all halves are, partly true if one is and one is not; the first proposition says what was compared."""

    halves: tuple[Half, ...]
    rule: str

    @property
    def propositions(self) -> tuple[str, ...]:
        """Those that decide a half."""
        return tuple(half.by for half in self.halves if isinstance(half.by, str))


@frozen
class Part:
    """One number that a claim depends on, and its rule: ``what`` it is ("the worth of ...") as a noun."""

    what: str
    of: Contrast = field(hash=False)
    rule: Rule
    minus: float = field(default=0.0, kw_only=True)
    scale: str = field(default="points", kw_only=True)

    @property
    def words(self) -> str:
        """The rule as a sentence."""
        return f"{capital(self.what)} must surely be {self.rule.words}."


def _parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(parts)


@frozen
class Runs(Takes):
    """Networks of ``studies``: true if every part is, false if every part is; with a ``premise`` that must be true.

    All parts are judged at one step; below ``least`` steps nothing is decided. Of ``one`` statement in several parts
    a single false one makes it false; otherwise it is then partly true. Where the premise does not surely hold, the
    claim stays open, and ``otherwise`` says why. ``dtype`` keeps to runs in one format of numbers, ``best_rates`` to
    those of each network at the learning rate that is best for it.
    """

    studies: tuple[Study, ...]
    parts: tuple[Part, ...] = field(converter=_parts)
    premise: Part | None = field(default=None, kw_only=True)
    otherwise: str = field(default="", kw_only=True)
    least: int = field(default=0, kw_only=True)
    one: bool = field(default=False, kw_only=True)
    dtype: str = field(default="", kw_only=True)
    best_rates: bool = field(default=False, kw_only=True)

    @property
    def networks(self) -> tuple[Network, ...]:
        """All that are compared."""
        parts = [*self.parts, self.premise] if self.premise else self.parts
        return tuple(dict.fromkeys(network for part in parts for network in part.of))

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

    def asked(self, margin: float | None) -> Runs:
        """The claim with a margin that a reader asks for in place of its rules' own."""
        if margin is None:
            return self
        parts = (evolve(part, rule=within(margin)) if len(part.rule.lines) == 2 else part for part in self.parts)
        return evolve(self, parts=parts)

    def own(self, grounds: Grounds) -> pd.DataFrame:
        """The runs that can decide it, those that diverged among them."""
        frame = grounds.of(*self.studies)
        frame = frame[frame["architecture"].isin(self.networks)]
        if self.best_rates:
            studies = {label: AT_BEST_RATE.get(rate, FIRST_ABLATIONS).name for label, rate in grounds.rates.items()}
            frame = frame[frame["study"] == frame["network"].map(studies)]
        return frame[frame["dtype"] == self.dtype] if self.dtype else frame


@frozen(kw_only=True)
class Timed(Takes):
    """What pooling first saves of a training step, with each activation that was timed.

    It must surely be :data:`~relupool.thresholds.SMALL_SHARE` at least if it is to be ``large``, else less either way.
    ``only`` one activation counts, or all but one ``beside``; without its ``example`` among them nothing is decided.
    With ``convolutions`` these must surely take most of the step, too.
    """

    rule: str
    large: bool = False
    only: str = ""
    beside: str = ""
    example: str = ""
    convolutions: bool = False
    lacks = COMMAND


@frozen
class Found(Takes):
    """What takes more than a row: a function of the grounds, and the sentence that states its rule.

    ``lacks`` is the command that makes its grounds, where it is neither runs nor propositions.
    """

    by: Callable[[Grounds, How], Verdict]
    rule: str
    studies: tuple[Study, ...] = ()
    propositions: tuple[str, ...] = ()
    lacks: str = ""


@frozen
class Claim:
    """Who said what, in the book's words, what it takes to judge it, where that is shown, and what would turn it.

    ``kind`` is "claim", "question" (asked or remarked in the sources: answered, not counted) or "finding" (the book's
    own). ``figures`` are those of the chapter that show it, the one that has its number first.
    """

    id: str
    author: str
    said: str
    takes: Takes
    chapter: str
    turns: str = ""
    figures: tuple[str, ...] = ()
    kind: str = "claim"

    @property
    def source(self) -> str:
        """What its source is about."""
        return SOURCES.get(self.id[0], "")

    @property
    def link(self) -> str:
        """The page that it stands on."""
        return LINKS.get(self.id[0], "")
