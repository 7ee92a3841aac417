"""The claims of the two sources, as data: who says what, and where the book decides it. Verdicts are in ``claims``."""

from __future__ import annotations

from attrs import frozen

ORDER, RELU = "activation before or after pooling", "networks where ReLU matters"
"""What the two sources are about."""

LINKS = {"A": "https://stackoverflow.com/q/35543428", "B": "https://stats.stackexchange.com/q/294550"}
"""Their pages, by the first letter of their claims."""

SOURCES = {"A": ORDER, "B": RELU}

CHAPTERS = {
    1: "01_convolution_is_linear",
    2: "02_max_is_not_linear",
    3: "03_relu_and_max_pool_commute",
    4: "04_average_pooling_does_not",
    5: "05_when_relu_changes_a_pooled_value",
    6: "06_what_the_order_costs",
    7: "07_the_cifar10_example",
    8: "08_first_ablations",
    9: "09_the_ablations",
    10: "10_from_nothing_to_relu",
    11: "11_what_the_gradient_does",
    12: "12_bigger_networks",
    13: "13_the_scorecard",
}
"""File names of the chapters that decide something, by number."""


@frozen
class Entry:
    """One claim: its number, who made it, what it says in the book's words, how it is checked, and where.

    ``chapter`` is a key of :data:`CHAPTERS`, ``studies`` names those whose runs decide it, ``turns`` says what would
    change the verdict. The rule is in :data:`relupool.verdicts.rules.RULES`.
    """

    id: str
    author: str
    said: str
    check: str
    chapter: int
    turns: str
    studies: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures of that chapter that show it, the one with the number first."""
        return FIGURES.get(self.id, ())

    @property
    def source(self) -> str:
        """What the source is about."""
        return SOURCES[self.id[0]]

    @property
    def link(self) -> str:
        """The page that the claim stands on."""
        return LINKS[self.id[0]]


FIGURES: dict[str, tuple[str, ...]] = {
    "A2": ("fig-flipping",),
    "A3": ("fig-order-gaps", "fig-activation-graphs"),
    "A4": ("fig-order-step", "fig-order-alone"),
    "A5": ("fig-order-step",),
    "A6": ("fig-flipping",),
    "A7": ("fig-toeplitz",),
    "A8": ("fig-grid",),
    "A9": ("fig-flipping",),
    "A11": ("fig-orders-trained",),
    "A12": ("fig-both-orders",),
    "A13": ("fig-order-gaps",),
    "A14": ("fig-gap-signs",),
    "A15": ("fig-order-alone",),
    "A16": ("fig-step-profile",),
    "B1": ("fig-regions-line", "fig-few-relus"),
    "B2": ("fig-single-changes",),
    "B3": ("fig-single-changes",),
    "B4": ("fig-headline-curves",),
    "B5": ("fig-grid", "fig-superposition"),
    "B9": ("fig-windows-trained",),
    "B10": ("fig-gate-effects", "fig-four-networks"),
    "B11": ("fig-ruler",),
    "B13": ("fig-relu-fractions", "fig-losses-published"),
}
"""What shows a claim, by its number; the others are shown by a theorem or a table."""

_EXAMPLE = "one input on which the two sides differ"
_TIMES = "other times: a slower activation, a device that computes faster than it reads, or a compiler that fuses"

LEDGER: tuple[Entry, ...] = (
    Entry("A1", "Margheritamargi", "Texts draw activation before pooling; code by the same authors pools first.",
          "what was written, quoted from where it stands", 3, "a text or program that says otherwise than quoted"),
    Entry("A2", "Margheritamargi", "A convolution operation holds no activation, and flips its kernel.",
          "sums of inputs, and outputs of either kind", 1, "a library whose convolution bends, or flips"),
    Entry("A3", "Rebutter", "Max-pooling and every activation that never falls commute.",
          "a theorem, and a search for counterexamples over every activation of Keras", 3, _EXAMPLE),
    Entry("A4", "Rebutter", "So pool first, if the activation is costly.",
          "both orders timed, alone and in a training step", 6, _TIMES),
    Entry("A5", "Rebutter", "In practice the order changes little in performance.",
          "both orders timed in a training step", 6, _TIMES),
    Entry("A6", "Rebutter", "conv2D does not flip the kernel, and that is the definition of convolution.",
          "the operation held against both definitions", 1, "a library that turns the kernel, or another definition"),
    Entry("A7", "Rebutter", "Convolution and cross-correlation are linear, in the data and in the filters.",
          "a theorem, and superposition in whole numbers", 1, _EXAMPLE),
    Entry("A8", "Cologarithm", "Convolution is not linear: without any nonlinearity a network still works.",
          "superposition, and the accuracy of a network that is one affine map", 9,
          "a sum that a convolution does not keep; and a linear network nearly as good as the untouched one",
          ("first-ablations",)),
    Entry("A9", "Cologarithm", "Flipping does not matter, since the filters are learned.",
          "a map between the weights of the two, tried on random networks", 1, _EXAMPLE),
    Entry("A10", "Anisometropia", "Convolution and ReLU twice, then the pool, is used, too.",
          "which of the two ReLUs may move behind the pool", 3, "an input that the last ReLU does not survive"),
    Entry("A11", "Oedipus", "Behind average-like pools, as in conv, ReLU, blur, the order is another matter.",
          "counterexamples for average and blur; both orders trained", 11, "an exchange without a counterexample",
          ("order",)),
    Entry("A12", "Atiana", "ReLU and max-pooling give the same in both orders.",
          "a theorem, and a search for counterexamples", 3, _EXAMPLE),
    Entry("A13", "Atiana", "The same holds for almost every activation, since most never fall.",
          "the activations of Keras, counted", 3, "more activations that fall somewhere"),
    Entry("A14", "Atiana", "It does not hold for other pools, such as the average.",
          "a counterexample", 4, "an exchange without a counterexample"),
    Entry("A15", "Atiana", "Behind the pool the activation is called k² times less, and is much faster.",
          "positions counted, and both orders timed", 6, _TIMES),
    Entry("A16", "Atiana", "The saving is negligible, because convolutions take most of the time.",
          "the training step, taken apart and timed", 6, _TIMES),
    Entry("A17", "Tarrsus", "Max-pooling samples its input: it selects values and leaves fewer positions.",
          "a theorem, and every output looked up in its window", 2, "a pooled value that is not in its window"),
    Entry("B1", "dimpol", "ReLU makes a mostly linear network one that can model nearly anything.",
          "networks with and without ReLU, collapsed to one map and compared", 2,
          "a network without ReLU that no affine map replaces"),
    Entry("B2", "dimpol", "Removing the ReLUs of the convolutional layers does almost nothing to accuracy.",
          "both trained, seed by seed, tested for equivalence", 9, "a difference surely beyond, or within, one point",
          ("first-ablations",)),
    Entry("B3", "dimpol", "Average for max pooling, or linear dense layers, costs far more than that.",
          "every single change trained beside the untouched network", 9,
          "a cost that is surely as small as that of the conv ReLUs", ("first-ablations", "grid")),
    Entry("B4", "dimpol", "With average-pools and linear dense layers, losing the conv ReLUs takes 83.4 % to 37.2 %.",
          "both networks trained, level and drop judged apart", 9, "runs as long as those of the example's documents",
          ("first-ablations",)),
    Entry("B5", "shimao", "Without ReLU but with max-pooling a network is still nonlinear.",
          "superposition, and its accuracy above every linear network's", 9,
          "a linear network that is as accurate as one with max-pools alone", ("first-ablations", "grid", "baseline")),
    Entry("B6", "an answer", "If all values of a window are positive, ReLU changes nothing.",
          "a theorem, and a search over windows, gradients as well", 5, _EXAMPLE),
    Entry("B7", "an answer", "If one value is positive, the pooled value is the same with ReLU and without.",
          "a theorem, and a search over windows", 5, _EXAMPLE),
    Entry("B8", "an answer", "If all are negative, ReLU gives 0 and no gradient; without it the largest passes.",
          "a theorem, and a search over windows, gradients as well", 5, _EXAMPLE),
    Entry("B9", "an answer", "In most windows at least one value is positive.",
          "windows of the trained network, counted", 5, "longer runs, if windows turn negative or back",
          ("first-ablations",)),
    Entry("B10", "an answer", "Perhaps ReLU works because it blocks gradients where nothing is of use.",
          "ReLU taken apart: the gate on the gradient, and what passes forward", 11,
          "a gate that surely brings half of what ReLU brings", ("gating",)),
    Entry("B11", "Neil Slater", "Maxout makes direct use of the nonlinearity of the maximum.",
          "maxout trained in place of ReLU, on the scale from nothing to ReLU", 10,
          "a score surely on the other side of the middle", ("scale",)),
    Entry("B12", "dimpol", "Some network shows a large effect of ReLU and trains within a day on a cheap device.",
          "effect of leaving out the ReLUs, beside the time of the runs", 13,
          "slower devices, or an effect that shrinks with longer runs", ("first-ablations",)),
    Entry("B13", "dimpol", "How much do the big networks lose without their ReLUs? Much, one expects.",
          "ResNet-20 and a VGG trained with all, half, a tenth and none", 12,
          "a recipe that trains ResNet-20 without ReLU nearly as well", ("bigger",)),
)  # fmt: skip
"""All thirty claims, in the order of the sources."""
