"""Rules that were changed after data were seen, as a table: what was asked, what is asked now, why, and since when.

The thresholds are named, not typed; ``effect`` says whether a verdict became harder ("stricter") or easier ("milder")
to call true.
"""

from __future__ import annotations

import pandas as pd

from relupool.claims.rules import AtLeast, Within, points
from relupool.thresholds import HALF, LONG, MOST, ONE_SEED, POINT, SEEDS

FIRST_RULES = "22 November 2026"
"""When the first rules were committed; ten of the fifteen runs of the first ablations (seeds 0 and 1) are older."""

_TODAY = "28 November 2026"

CHANGES = pd.DataFrame(
    [
        (
            "all about accuracy",
            "intervals over seeds alone; the last step of the longest complete study",
            f"intervals over seeds and test images, without the 20 altered images; the last step that {SEEDS} seeds of "
            "the claim's networks have reached",
            "an accuracy varies with the images as well, and a study's length says nothing of a claim's runs",
            "stricter",
        ),
        (
            "all with two halves",
            "holds under a condition, if one half held",
            "partly true if some halves are true and some false; open if one is open",
            "a condition hid whether the other half was false or not known",
            "stricter",
        ),
        (
            "A1",
            "documented if both orders are found anywhere",
            "true if one author has both",
            "the claim is about the same authors",
            "stricter",
        ),
        (
            "A3",
            "no input on which the values differ",
            "the same, and its tag says that it is so in real arithmetic",
            "in floating point some smooth activations fall by a last digit",
            "neither",
        ),
        (
            "A4, A16",
            "judged with softplus; A16 with ReLU alone",
            "judged with the sigmoid, which the source names, and with every activation that was timed",
            "the sigmoid costs a fraction of what softplus costs",
            "stricter",
        ),
        ("A6", "Keras alone", "Theano, of which the answer speaks, and Keras", "each has one half", "neither"),
        (
            "A8",
            f"the network without max-pools must have {100 * MOST:g} % of the untouched one's accuracy",
            "false if convolution is linear; both networks that can be meant are told, with max-pools and without",
            "the source removes ReLU and its like, and does not mention max-pools",
            "neither",
        ),
        (
            "A13",
            f"more than {100 * HALF:g} % commute",
            f"more than {100 * HALF:g} % never fall, and at least {100 * MOST:g} % commute",
            "“most” and “almost every” are two words",
            "stricter",
        ),
        (
            "B1",
            "more than one linear piece",
            "the theorem of universal approximation, cited, and proved in one dimension",
            "the source says nearly any function",
            "stricter",
        ),
        (
            "B2",
            f"chapter 8: within {points(ONE_SEED)}; chapters 9 and 13: within one",
            f"everywhere {Within(POINT).words}",
            "one claim had two verdicts",
            "stricter",
        ),
        (
            "B4a",
            "within a point beside the interval, or beside what one seed is allowed",
            f"{Within(POINT).words}, from {LONG:,} steps on",
            "a wide interval made agreement easier",
            "stricter",
        ),
        ("B4a, B4b", "one verdict", "level and drop are two claims", "one can be open, the other true", "neither"),
        (
            "B5",
            "the theorem, and trained runs",
            "the theorem; that a network makes use of it is a finding of the book",
            "the source says that it is nonlinear, not that it is good",
            "milder",
        ),
        (
            "B9",
            "less than half behind both convolutions",
            "the same, and over all windows",
            "the source does not speak of layers",
            "milder",
        ),
        (
            "B10",
            "the main effect of the gate in the untouched network, at least half of what ReLU gains",
            f"where ReLU surely gains: the gate alone brings at least {100 * HALF:g} % of the gain, and without it as "
            "much is lost",
            "the main effect came from a network whose gradient goes to the wrong value, and there ReLU gained nothing",
            "stricter",
        ),
        (
            "B11",
            "the lower end of the score's interval reaches the middle",
            f"what maxout gains beyond the middle is surely {AtLeast(0.0).words}",
            "the same question without a ratio",
            "neither",
        ),
        (
            "B12",
            "an effect in one pair of networks, held without condition",
            "the same, and the verdict names its seeds and steps",
            "no claim about accuracy stands without them",
            "neither",
        ),
        (
            "B3",
            "both parts after Holm's correction",
            "both parts, each by its own interval",
            "where all parts must be true, no correction is due",
            "milder",
        ),
    ],
    columns=["claim", "was", "is", "why", "effect"],
).assign(since=_TODAY)  # fmt: skip
"""In the order of the claims, what concerns all of them first."""
