"""Rules as values: where a number must surely lie for a claim to be true, and the sentence that says so.

The sentence is made from the value, so it cannot say anything else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from attrs import frozen

from relupool.measures.estimate import ALPHA, Estimate
from relupool.thresholds import LEVEL
from relupool.words import hundredfold

VERDICTS = TRUE, PARTLY, FALSE, OPEN = "true", "partly true", "false", "open"
"""The four words for how a claim stands."""

SURELY = f"with the whole {100 * LEVEL:g} % interval over seeds and test images"
"""What every rule means by "surely"."""


@frozen
class Rule:
    """Surely between two lines: true with the whole interval between them, false with all of it beyond one, else open.

    Between two, as an equivalence, it is decided by two one-sided tests, so by a narrower interval; made by
    :func:`within`, :func:`at_least` and :func:`less_than`.
    """

    low: float = -math.inf
    high: float = math.inf

    @property
    def lines(self) -> tuple[float, ...]:
        """Where the verdict turns."""
        return tuple(filter(math.isfinite, (self.low, self.high)))

    @property
    def of_a_share(self) -> bool:
        """Whether what it judges is a share, and no difference."""
        return self.low == -math.inf

    def decide(self, number: Estimate) -> str:
        """True, false or open, by an estimate's own interval."""
        half = number.half(1 - 2 * ALPHA) if len(self.lines) == 2 else number.half()
        sure = self.surely(number.mean - half, number.mean + half)
        return sure if sure == TRUE else self.surely(number.low, number.high).replace(TRUE, OPEN)

    def surely(self, low: float, high: float) -> str:
        """True, false or open of what lies from ``low`` to ``high``."""
        if self.low < low and high < self.high:
            return TRUE
        return FALSE if high < self.low or low > self.high else OPEN

    @property
    def words(self) -> str:
        """The rule, to be read after "surely be"."""
        if self.of_a_share:
            return f"less than {100 * self.high:g} %"
        if math.isfinite(self.high):
            return f"within {points(self.high)} of zero (two one-sided tests at {hundredfold(ALPHA, 0)} % each)"
        if self.low < 0:
            return f"no more than {points(-self.low)} below zero"
        return f"at least {points(self.low)}" if self.low else "above zero"


def within(margin: float) -> Rule:
    """Surely less than ``margin`` either way."""
    return Rule(-margin, margin)


def at_least(least: float) -> Rule:
    """Surely at least so much."""
    return Rule(low=least)


def less_than(most: float) -> Rule:
    """Of a share: surely less."""
    return Rule(high=most)


def together(words: Iterable[str]) -> str:
    """The verdict on a claim of several parts: true or false if all are, partly true if some are and some are not."""
    kinds = set(words)
    if kinds == {TRUE} or kinds == {FALSE}:
        return kinds.pop()
    return PARTLY if PARTLY in kinds or {TRUE, FALSE} <= kinds else OPEN


def points(fraction: float) -> str:
    """A threshold in points: "one point", "2.5 points"."""
    whole = f"{100 * fraction:g}"
    return "one point" if whole == "1" else f"{whole} points"
