"""A verdict as a value: what was claimed, how it stands, and the sentence that says why. Computed, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import field, frozen

from relupool.figures.words import capital, listing
from relupool.validation import one_of

VERDICTS = ("holds", "holds under a condition", "fails", "documented", "not decided")

MANY = ("hold", "hold under a condition", "fail", "are documented", "are not decided")
ONE = ("holds", "holds under a condition", "fails", "is documented", "is not decided")


@frozen(kw_only=True)
class Verdict:
    """How a claim stands.

    ``claim`` names it, ``verdict`` is one of :data:`VERDICTS`, ``condition`` completes the second and the last of them
    ("one seed"), and ``reason`` gives the numbers and the rule that they were held against.
    """

    claim: str
    verdict: str = field(validator=one_of(*VERDICTS))
    reason: str
    condition: str = ""

    @property
    def words(self) -> str:
        """The verdict with its condition: "not decided: run length"."""
        return f"{self.verdict}: {self.condition}" if self.condition else self.verdict


def tally(verdicts: Iterable[str]) -> str:
    """How many of each there are, best first: "17 hold, one fails and 2 are not decided"."""
    counts = Counter(verdicts)
    said = zip(VERDICTS, ONE, MANY, strict=True)
    return listing(f"one {one}" if counts[v] == 1 else f"{counts[v]} {many}" for v, one, many in said if counts[v])


def box(title: str, *verdicts: Verdict) -> str:
    """The verdicts as one MyST box, a paragraph each."""
    paragraphs = [f"**{v.claim}** *{capital(v.words)}.* {v.reason}" for v in verdicts]
    return "\n".join([f"```{{admonition}} {title}", ":class: important verdict", "", "\n\n".join(paragraphs), "```"])
