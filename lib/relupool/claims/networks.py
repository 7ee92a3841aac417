"""The networks that claims are about, as values, and the studies that train the example's few."""

from __future__ import annotations

from relupool.experiments.networks import VGG, Architecture, Network, Pool, ResNet20, SoftmaxRegression
from relupool.experiments.studies import FIRST_ABLATIONS, LONG, RUN_LENGTH, SEEDS

AVERAGE = Pool("average")

UNTOUCHED = Architecture()
NO_CONV_RELU = Architecture(conv_activation=None)
AVERAGE_POOL = Architecture(pool=AVERAGE)
LINEAR_DENSE = Architecture(dense_activation=None)
ONLY_MAX = Architecture(conv_activation=None, dense_activation=None, lrn=False)
LITERAL = Architecture(pool=AVERAGE, dense_activation=None)
ALL_LINEAR = Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None)
AFFINE = Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None, lrn=False)
SOFTMAX = SoftmaxRegression()

PAIRS: dict[str, tuple[Network, Network]] = {
    "the example with average-pools and linear dense layers": (LITERAL, ALL_LINEAR),
    "the example with max-pools and dense ReLU": (UNTOUCHED, NO_CONV_RELU),
    "ResNet-20": (ResNet20(), ResNet20(activation=None)),
    "VGG with max-pools": (VGG(), VGG(activation=None)),
    "VGG with average-pools": (VGG(pool="average"), VGG(activation=None, pool="average")),
}
"""With, and without, the ReLUs in question: those of the convolutions; a bigger network has no others."""

FOUR = (FIRST_ABLATIONS, RUN_LENGTH, LONG)
"""Studies of the question's networks that differ in length and number of seeds alone."""

EXAMPLE = (*FOUR, SEEDS)
"""Those in which the untouched network and the one without conv ReLU are, too."""
