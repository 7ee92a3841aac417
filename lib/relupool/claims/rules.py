"""Rules as values: what an estimate must be for a claim to be true, and the sentence that says so.

The sentence is made from the value, so it cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from relupool.measures.estimate import ALPHA, Estimate
from relupool.thresholds import LEVEL
from relupool.words import hundredfold

VERDICTS = TRUE, PARTLY, FALSE, OPEN = "true", "partly true", "false", "open"
"""The four words for how a claim stands."""


@frozen
class Within:
    """Surely less than ``margin`` either way: two one-sided tests at 5 % each, so the 90 % interval lies inside."""

    margin: float

    @property
    def lines(self) -> tuple[float, ...]:
        """Where the verdict turns."""
        return -self.margin, self.margin

    def decide(self, found: Estimate) -> str:
        """True, false (the whole interval lies beyond the margin) or open."""
        near = found.half(1 - 2 * ALPHA)
        if abs(found.mean) + near < self.margin:
            return TRUE
        return FALSE if found.low > self.margin or found.high < -self.margin else OPEN

    @property
    def words(self) -> str:
        """The rule, to be read after a colon."""
        sides = f"two one-sided tests at {hundredfold(ALPHA, 0)} % each"
        return f"within {points(self.margin)} of zero ({sides})"


@frozen
class AtLeast:
    """Surely at least ``least``."""

    least: float

    @property
    def lines(self) -> tuple[float, ...]:
        """Where the verdict turns."""
        return (self.least,)

    def decide(self, found: Estimate) -> str:
        """True, false (the whole interval lies below) or open."""
        if found.low >= self.least and found.high > self.least:
            return TRUE
        return FALSE if found.high < self.least else OPEN

    @property
    def words(self) -> str:
        """The rule, to be read after a colon."""
        if self.least < 0:
            return f"no more than {points(-self.least)} below zero"
        return f"at least {points(self.least)}" if self.least else "above zero"


@frozen
class LessThan:
    """A share, surely less than ``most``."""

    most: float

    @property
    def lines(self) -> tuple[float, ...]:
        """Where the verdict turns."""
        return (self.most,)

    def decide(self, found: Estimate) -> str:
        """True, false (the whole interval lies above) or open."""
        if found.high < self.most:
            return TRUE
        return FALSE if found.low >= self.most else OPEN

    @property
    def words(self) -> str:
        """The rule, to be read after a colon."""
        return f"less than {100 * self.most:g} %"


Rule = Within | AtLeast | LessThan

SURELY = f"with the whole {100 * LEVEL:g} % interval over seeds and test images"
"""What every rule means by "surely"."""


def together(words: Iterable[str]) -> str:
    """The verdict on a claim of several parts: true or false if all are, partly true if some are and some are not."""
    kinds = set(words)
    if kinds == {TRUE} or kinds == {FALSE}:
        return kinds.pop()
    return PARTLY if PARTLY in kinds or {TRUE, FALSE} <= kinds else OPEN


def above(line: float, low: float, high: float) -> str:
    """Whether what lies from ``low`` to ``high`` surely lies above a line; false if surely below."""
    return TRUE if low >= line else FALSE if high < line else OPEN


def inside(margin: float, low: float, high: float) -> str:
    """Whether it surely lies within a margin of zero; false if surely beyond."""
    if -margin < low and high < margin:
        return TRUE
    return FALSE if low > margin or high < -margin else OPEN


def points(fraction: float) -> str:
    """A threshold in points: "one point", "2.5 points"."""
    whole = f"{100 * fraction:g}"
    return "one point" if whole == "1" else f"{whole} points"
