"""The rules by which the sources' claims are judged: thresholds, and one sentence for each claim.

They were written down before the first run of the studies that they judge, but for the first seeds of the first
ablations, which are older, and B10's, which showed what its rule had forgotten; ``git log`` of this file shows when.
A reader who would judge otherwise changes a number here.
"""

from __future__ import annotations

POINT = 0.01
"""Accuracies count as the same if their difference is surely smaller: one point, by two one-sided tests at 5 %."""

NOTICEABLE, LARGE = 0.10, 0.25
"""Accuracy that a change must cost to count as large, and as making a network fall apart."""

HALFWAY = 0.5
"""On the scale 0 = linear, 1 = ReLU: from here on an activation does what ReLU does rather than nothing."""

HALF = 0.5
"""From this part on something is most of the whole; below it, it is the rarer case."""

LEVEL = 0.95
"""Coverage of every interval over seeds (Student's)."""

ENOUGH, LONG = 1_000, 60_000
"""Steps below which nothing is decided, and below which what is decided holds on the condition of their number."""

ONE_SEED = 0.02
"""What is allowed to either side of one seed's difference, in place of an interval."""

CHANCE, WORKS = 0.1, 0.9
"""Accuracy of guessing, and the share of the untouched network's accuracy that a network "works" with."""

DAY = 24
"""Hours within which the second question wants a network trained."""

SMALL_SHARE = 0.05
"""Of a training step: what is smaller does not matter in practice."""

_SURELY = "for certain, that is with the whole 95 % interval over seeds (one seed: 2 points to either side)"

RULES = {
    "A1": "Documented if both orders are found in the places that are cited.",
    "A2": "Two rules. No activation: a convolutional layer without one is linear but for its bias. Flipped kernel: "
    "whether the library's output is a convolution of the image with the kernel, or a cross-correlation.",
    "A3": "No input is found on which an activation that never falls and max-pooling differ in their values.",
    "A4": "Holds if pooling first surely saves time for a costly activation, alone, and at least 5 % of a training "
    "step.",
    "A5": "Holds if the order surely changes a training step of the example with ReLU by less than 5 %.",
    "A6": "Two rules. No flip: measured. By definition a convolution: it must be equal to one.",
    "A7": "Superposition holds in the data and in the filters, without a bias.",
    "A8": "Two rules. Not linear: superposition must fail. Works without nonlinearity: the affine network is better "
    f"than chance {_SURELY}, and reaches 90 % of the untouched network's accuracy.",
    "A9": "The networks with flipped kernels compute the same functions.",
    "A10": "Of two ReLUs in front of a max-pool, the last may move behind it and the first may not.",
    "A11": "Average-pooling and activation do not commute, by a counterexample; the accuracies of both orders, "
    "trained, are tested for equivalence within one point beside it.",
    "A12": "No input is found on which ReLU and max-pooling differ.",
    "A13": "More than half of Keras' elementwise activations never fall, and commute but for rounding.",
    "A14": "As A11.",
    "A15": "Two rules. k² times fewer: counted. Significantly faster: the time of ReLU and pooling alone.",
    "A16": "Holds if the convolutions surely take at least half of a training step.",
    "A17": "Max-pooling selects numbers of its input, and leaves stride² times fewer positions.",
    "B1": "Holds if the networks without ReLU and max are one affine map, exactly, and those with ReLU have more than "
    "one linear region.",
    "B2": "Holds if the accuracies of the untouched network and of the one without conv ReLUs are equivalent within "
    "one point; fails if their difference lies beyond one point with its whole interval.",
    "B3": "Each of the two changes costs at least one point more than leaving out the conv ReLUs, for certain (Holm).",
    "B4": "Two rules. The level: both accuracies within one point beside their intervals, from 60,000 steps on. The "
    "drop: at least 25 points, for certain.",
    "B5": "Max alone breaks superposition, and the network that bends only in its max-pools beats the affine network "
    f"and softmax regression {_SURELY}.",
    "B6": "Where all values of a window are positive, ReLU changes nothing in front of a max-pool.",
    "B7": "Where at least one value is positive, the pooled value is the same; it differs only where all are negative.",
    "B8": "Where all values are negative: 0 and no gradient with ReLU; without it the largest, with its gradient.",
    "B9": "Fewer than half of the whole windows are all negative behind both convolutions of the untouched network, "
    "at the end of the longest runs.",
    "B10": "Holds if the gate on the gradient, averaged over what passes forward, gains accuracy for certain and at "
    "least half of what ReLU surely gains in all; fails if it surely gains less than one point. Judged with and "
    "without LRN. That ReLU must surely gain was added after the first seed.",
    "B11": "Holds if maxout of as many parameters surely reaches half of the way from linear to ReLU, in the network "
    "with average-pools and linear dense layers.",
    "B12": "Holds if the effect of leaving out the ReLUs is surely at least 10 points in some network, and both runs "
    "took less than 24 hours.",
    "B13": "Holds if ResNet-20 without ReLU is surely at least 10 points worse than with all; the VGG is said beside "
    "it.",
}
"""The rule of each claim, by its number in the ledger."""

GENERAL = (
    f"Below {ENOUGH:,} steps nothing is decided. Below {LONG:,} steps a claim about accuracy holds at most on that "
    f"condition, and so it does with one seed, whose differences are allowed {100 * ONE_SEED:g} points to either side "
    f"in place of an interval. Intervals are Student's at {100 * LEVEL:g} % over seeds, of differences seed by seed; "
    "families of comparisons are corrected by Holm's method."
)
"""What holds for every rule about accuracy."""

SECOND_SOURCE = (
    "ReLU matters more where the pooling is an average: the interaction of conv ReLU and pooling over the grid is "
    "positive for certain, in points and in log-odds; where the two scales disagree, that is the condition."
)
"""What decides the book's answer to the second source as a whole."""
