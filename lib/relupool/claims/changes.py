"""Rules that were changed after data were seen, as a table: what was asked, what is asked now, why, and since when.

The thresholds are named, not typed; ``effect`` says whether a verdict became harder ("stricter") or easier ("milder")
to call true.
"""

from __future__ import annotations

import pandas as pd

from relupool.claims.rules import at_least, points, within
from relupool.thresholds import HALF, LONG, MOST, ONE_SEED, POINT, SEEDS

FIRST_RULES = "22 November 2026"
"""When the first rules were committed; ten of the fifteen runs of the first ablations (seeds 0 and 1) are older."""

_TODAY = "28 November 2026"

CHANGES = pd.DataFrame(
    [
        ("all about accuracy", "intervals over seeds alone; at the last step of the longest complete study",
         f"intervals over seeds and test images, at the end of runs without the 20 altered images; at the last step "
         f"that {SEEDS} seeds of the claim's networks have reached",
         "an accuracy varies with the images as well, and a study's length says nothing of a claim's runs", "stricter",
         _TODAY),
        ("B2, B3, B4b, B11, B13", f"at most “holds under a condition” below {LONG:,} steps or with one seed",
         "true, with seeds and steps named beside it",
         "four words, of which one says what is so, and a tag that says how far", "milder", _TODAY),
        ("all with two halves", "holds under a condition, if one half held",
         "partly true if some halves are true and some false",
         "a condition hid whether the other half was false or not known", "stricter", _TODAY),
        ("A1", "documented if both orders are found anywhere", "true if one author has both",
         "the claim is about the same authors", "stricter", _TODAY),
        ("A3", "no input on which the values differ", "the same, and its tag says that it is so in real arithmetic",
         "in floating point some smooth activations fall by a last digit", "neither", _TODAY),
        ("A4", "judged with softplus; a gain with the two alone was asked for, too",
         "judged in the training step, with the sigmoid, which the source names, and what was timed beside it",
         "the sigmoid costs a fraction of what softplus costs", "stricter", _TODAY),
        ("A6", "Keras alone", "Theano, of which the answer speaks, and Keras", "each has one half", "neither", _TODAY),
        ("A8", f"the network without max-pools must have {100 * MOST:g} % of the untouched one's accuracy",
         "false if convolution is linear; both networks that can be meant are told, with max-pools and without",
         "the source removes ReLU and its like, and does not mention max-pools", "neither", _TODAY),
        ("A11, A14", "the trained orders were told with the verdict",
         "theorems alone; what training does is a finding of the book", "the claims are about the functions", "neither",
         _TODAY),
        ("A13", f"more than {100 * HALF:g} % commute",
         f"more than {100 * HALF:g} % never fall, and at least {100 * MOST:g} % commute",
         "“most” and “almost every” are two words", "stricter", _TODAY),
        ("A16", "ReLU alone, though the sentence did not say that the saving counts", "every activation that was timed",
         "what softplus saves is not negligible", "stricter", _TODAY),
        ("B1", "more than one linear piece",
         "the same checks; the tag says that the general theorem is cited, and proved in one dimension alone",
         "the source says nearly any function", "neither", _TODAY),
        ("B2", f"in one chapter within {points(ONE_SEED)}, in two others within one",
         f"everywhere {within(POINT).words}", "one claim had two verdicts", "stricter", _TODAY),
        ("B3", "both parts after Holm's correction", "both parts, each by its own interval",
         "where all parts must be true, no correction is due", "milder", _TODAY),
        ("B4a",
         "within a point beside the interval, or beside what one seed is allowed; the longest runs of each network "
         "since 23 November", f"{within(POINT).words}, from {LONG:,} steps on", "a wide interval made agreement easier",
         "stricter", _TODAY),
        ("B4a, B4b", "one verdict", "level and drop are two claims", "one can be open, the other true", "neither",
         _TODAY),
        ("B5", "the theorem, and trained runs", "the theorem; that a network makes use of it is a finding of the book",
         "the source says that it is nonlinear, not that it is good", "milder", _TODAY),
        ("B9", "less than half after both convolutions, means at the end of the longest runs",
         f"the same, and over all windows, with intervals, at the last step that {SEEDS} seeds have reached",
         "the source does not speak of layers", "neither", _TODAY),
        ("B10", "the main effect of the gate", "the same, if ReLU surely gains", "a share of nothing has no meaning",
         "stricter", "23 November 2026"),
        ("B10", "the main effect of the gate in the untouched network, at least half of what ReLU gains",
         f"where ReLU surely gains: the gate alone brings at least {100 * HALF:g} % of the gain, and without it as "
         f"much is lost",
         "the main effect came from a network whose gradient goes to the wrong value, and there ReLU gained nothing",
         "stricter", _TODAY),
        ("B11", "the lower end of the score's interval reaches the middle",
         f"what maxout gains beyond the middle is surely {at_least(0.0).words}", "the same question without a ratio",
         "neither", _TODAY),
    ],
    columns=["claim", "was", "is", "why", "effect", "since"],
)  # fmt: skip
"""What concerns several claims first, then in the order of the claims."""
