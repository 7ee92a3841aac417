"""The rules by which the claims of the two sources are judged: every threshold once, and a sentence for each claim.

They were fixed before the first run of the studies that they judge (this module's history shows it), so that no result
could choose its rule. Accuracies are fractions, and differences are taken seed by seed.
"""

from __future__ import annotations

POINT = 0.01
"""Margin within which accuracies count as the same: one point."""

LARGE = 0.25
"""Accuracy that a change must cost to count as making a network fall apart."""

NOTICEABLE = 0.10
"""Accuracy that a change must cost to count as a large effect, or as losing much."""

ENOUGH, LONG = 1_000, 60_000
"""Steps below which nothing is decided; and from which on the run length is no longer held against a result."""

ONE_SEED = 0.02
"""What is allowed to either side of a single seed's difference, in place of an interval."""

LEVEL, ERROR = 0.95, 0.05
"""Coverage of every interval over seeds (Student's); and the error of each test of equivalence or of a family."""

HALF = 0.5
"""Below this part something is the rarer case; from it on it is most of the whole."""

CHANCE, WORKING = 0.1, 0.9
"""Accuracy of guessing among ten classes; and the part of the untouched accuracy from which on a network "works"."""

DAY = 24.0
"""Hours that the second question's asker can wait."""

SMALL_SAVING = 0.05
"""Part of a training step below which a saving is called small."""

ALMOST_EVERY = 0.75
"""Part of all activations from which on one may say "almost every"."""


def _percent(part: float) -> str:
    return f"{100 * part:g} %"


def _points(part: float) -> str:
    return f"{100 * part:g} point" + ("" if part == POINT else "s")


_PROOF = "Proved; one counterexample would refute it"
_SURE = f"the whole {_percent(LEVEL)} interval over seeds"

GENERAL = (
    f"Below {ENOUGH:,} steps nothing is decided. Below {LONG:,} steps a claim holds at most under that condition, and "
    f"with one seed, too: its differences are allowed {_points(ONE_SEED)} to either side in place of an interval. "
    f"Intervals are Student's at {_percent(LEVEL)} over seeds, of differences seed by seed; families of comparisons "
    "are corrected by Holm's method."
)
"""What holds for every rule about accuracy."""

RULES: dict[str, str] = {
    "A1": "Documented: what was written is quoted from where it stands; nothing is to be measured.",
    "A2": (
        "Two rules. No activation: the layer without one is additive in the image, without a counterexample. Flipped "
        "kernel: an operation is told from its output on random images; it holds under a condition if some flip and "
        "some do not."
    ),
    "A3": f"{_PROOF}, for values and for gradients away from ties, over every non-decreasing activation of Keras.",
    "A4": (
        "Time of both orders, of the pair alone and in the training step: the interval of the ratio lies above 1. In "
        "the step: holds. Only alone: holds under that condition."
    ),
    "A5": f"Saving of the pool first in a training step: its whole interval lies within {_percent(SMALL_SAVING)} of 0.",
    "A6": (
        "Two rules. No flip: told from Keras' output on random images. Convolution by definition: the output equals "
        "the flipped, strict convolution without a counterexample. One of the two: holds under that condition."
    ),
    "A7": f"{_PROOF}: superposition in the image and in the kernel, in whole numbers, exactly.",
    "A8": (
        "Two rules. Not linear: one exact counterexample to superposition. Works without nonlinearity: the linear "
        f"network without normalization beats guessing ({_percent(CHANCE)}) for certain, and reaches "
        f"{_percent(WORKING)} of the untouched network's accuracy. Any of these refuted: fails."
    ),
    "A9": f"{_PROOF}: flipped weights give the same function, exactly or in units in the last place.",
    "A10": f"{_PROOF}: behind two convolutions the last ReLU may move behind the pool, the first may not.",
    "A11": (
        "Average and blur: one counterexample to the exchange each. Beside it the trained orders, tested for "
        f"equivalence within {_points(POINT)}; that they may train to the same accuracy does not turn the verdict."
    ),
    "A12": f"{_PROOF}: ReLU and max-pooling, bit for bit.",
    "A13": (
        f"Counted over Keras' activations: holds if at least {_percent(ALMOST_EVERY)} of them commute with max-pooling "
        f"and never fall, fails if fewer than {_percent(HALF)} do."
    ),
    "A14": "One counterexample to the exchange of a non-decreasing activation and average-pooling.",
    "A15": (
        "Two rules. k² times fewer: positions counted before and behind the pool. Faster: the interval of the ratio of "
        "times, of the pair alone, lies above 1. One of the two: holds under that condition."
    ),
    "A16": (
        f"Convolutions take more than {_percent(HALF)} of the training step, and the saving lies within "
        f"{_percent(SMALL_SAVING)} of none, both with their whole intervals."
    ),
    "A17": f"{_PROOF}: every output is one of the values in its window, and the stride squared divides the positions.",
    "B1": (
        "A network without ReLU collapses to one affine map and has one linear region; with ReLU it has more, and its "
        "error at an arbitrary function falls as ReLUs are added."
    ),
    "B2": (
        f"Untouched minus the same without conv ReLU: two one-sided tests at {_percent(ERROR)} show it within "
        f"{_points(POINT)} of none: holds. The interval lies outside: fails. Else not decided."
    ),
    "B3": (
        "Cost of average for max-pooling, and of linear dense layers, each minus the cost of removing the conv ReLUs: "
        f"both exceed {_points(POINT)} for certain (Holm): holds. One: under that condition. Both surely below: fails."
    ),
    "B4": (
        f"Level: both accuracies within {_points(POINT)} beside their intervals, not decided below {LONG:,} steps. "
        f"Drop, judged apart: at least {_points(LARGE)} with {_SURE}."
    ),
    "B5": (
        "Superposition fails for the maximum; and the network whose only bend is the maximum beats the best linear "
        f"network and softmax regression, with {_SURE} above 0."
    ),
    "B6": f"{_PROOF}, for values and gradients, over all-positive windows.",
    "B7": f"{_PROOF}, over windows with a positive value; the pooled value changes exactly where all are negative.",
    "B8": f"{_PROOF}, for values and gradients, ties included, over all-negative windows.",
    "B9": (
        f"Share of whole windows with no positive value, at the end of training the untouched network: below "
        f"{_percent(HALF)} in both layers."
    ),
    "B10": (
        f"Main effect of the gated gradient over both forward functions: {_SURE} above 0, and at least "
        f"{_percent(HALF)} of what ReLU gains over the identity: holds. Surely below {_points(POINT)}: fails. With and "
        "without normalization; where the two disagree it holds under a condition."
    ),
    "B11": (
        "Maxout of equal parameters, average-pools and linear dense layers, on the scale 0 = linear, 1 = ReLU: the "
        f"whole Fieller interval at or above {HALF:g}: holds; below: fails."
    ),
    "B12": (
        f"Some network loses at least {_points(NOTICEABLE)} for certain without ReLU, and its run took less than "
        f"{DAY:g} hours on the device measured."
    ),
    "B13": (
        f"ResNet-20 without any ReLU loses at least {_points(NOTICEABLE)} for certain; the VGG is judged apart with "
        "max-pools and with average-pools."
    ),
}
"""What decides each claim, by its number."""

SECOND_SOURCE = (
    "ReLU matters more where the pooling is an average: the interaction of conv ReLU and pooling over the grid is "
    f"positive with {_SURE} above 0, in points and in log-odds; where the two scales disagree, that is the condition."
)
"""What decides the book's answer to the second source."""
