"""The networks that measures and claims are about, as values, and the studies that train the example's few."""

from __future__ import annotations

from relupool.experiments.networks import VGG, Architecture, Network, Pool, ResNet20, SoftmaxRegression
from relupool.experiments.studies import FIRST_ABLATIONS, LONG, RUN_LENGTH, SEEDS, changes

AVERAGE = Pool("average")

UNTOUCHED = Architecture()
NO_CONV_RELU = Architecture(conv_activation=None)
AVERAGE_POOL = Architecture(pool=AVERAGE)
LINEAR_DENSE = Architecture(dense_activation=None)
NO_LRN = Architecture(lrn=False)
ONLY_MAX = Architecture(conv_activation=None, dense_activation=None, lrn=False)
LITERAL = Architecture(pool=AVERAGE, dense_activation=None)
ALL_LINEAR = Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None)
AFFINE = Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None, lrn=False)
SOFTMAX = SoftmaxRegression()

RESNET, VGG_MAX, VGG_AVERAGE = FAMILIES = ("ResNet-20", "VGG with max-pools", "VGG with average-pools")
"""What figures and tables call the networks of the study BIGGER; how many of its ReLUs one has is said beside it."""

VGGS = {"max": VGG_MAX, "average": VGG_AVERAGE}
"""Those that differ in their pools alone, by the kind of pool."""

PAIRS: dict[str, tuple[Network, Network]] = {
    "the example with average-pools and linear dense layers": (LITERAL, ALL_LINEAR),
    "the example with max-pools and dense ReLU": (UNTOUCHED, NO_CONV_RELU),
    RESNET: (ResNet20(), ResNet20(activation=None)),
    VGG_MAX: (VGG(), VGG(activation=None)),
    VGG_AVERAGE: (VGG(pool="average"), VGG(activation=None, pool="average")),
}
"""With, and without, the ReLUs in question: those of the convolutions; a bigger network has no others."""

FOUR = (FIRST_ABLATIONS, RUN_LENGTH, LONG)
"""Studies of the question's networks that differ in length and number of seeds alone."""

EXAMPLE = (*FOUR, SEEDS)
"""Those in which the untouched network and the one without conv ReLU are, too."""


def label(network: Architecture) -> str:
    """What the studies call a network of the grid: the first ablations have names of their own."""
    own = {value: name for name, value in FIRST_ABLATIONS.networks.items()}
    return own.get(network, changes(network))
