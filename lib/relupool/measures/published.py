"""What others have written, with its places, and the example's accuracies held against what this book measures."""

from __future__ import annotations

import pandas as pd

from relupool.measures.estimate import estimated
from relupool.measures.networks import UNTOUCHED
from relupool.measures.runs import looks
from relupool.thresholds import NEAR

DOCUMENTS, RUNS = "the example's own documents", "people who ran it"

CODE = "tensorflow/models 78007443, tutorials/image/cifar10"
"""Where the example's scripts lie, as of July 2017."""

ACCURACIES = pd.DataFrame(
    [
        (DOCUMENTS, "training script", 100_000, 0.86, f"{CODE}/cifar10_train.py, first docstring"),
        (DOCUMENTS, "training script, K20m", 60_000, 0.86, f"{CODE}/cifar10_train.py, table, ~5 hours"),
        (DOCUMENTS, "training script, K40m", 100_000, 0.86, f"{CODE}/cifar10_train.py, table, ~4 hours"),
        (DOCUMENTS, "multi-GPU script", 30_000, 0.84, f"{CODE}/cifar10_multi_gpu_train.py, table"),
        (DOCUMENTS, "evaluation script", 100_000, 0.83, f"{CODE}/cifar10_eval.py, under Accuracy"),
        (DOCUMENTS, "evaluation script, K40", 100_000, 0.86, f"{CODE}/cifar10_eval.py, under Speed, 8 hours"),
        (DOCUMENTS, "tutorial page, at its peak", None, 0.86, "tensorflow.org/tutorials/deep_cnn"),
        (RUNS, "a training log", 31_000, 0.836, "a published log, about that step"),
        (RUNS, "the same log", 63_000, 0.856, "a published log, about that step"),
        (RUNS, "the same log", 95_000, 0.861, "a published log, about that step"),
        (RUNS, "another run", 100_000, 0.862, "a published result"),
        (RUNS, "issues 2936 and 4868", None, 0.866, "github.com/tensorflow/models, issues 2936 and 4868"),
    ],
    columns=["kind", "place", "steps", "accuracy", "source"],
).astype({"steps": "Int64"})
"""Test accuracies of the untouched network, as fractions; ``steps`` is missing where none are stated."""

PARAMETERS, MULTIPLY_ADDS = 1_068_298, 19.5e6
"""What the tutorial page says of the network: parameters, and multiply-adds to classify one image."""

AVERAGING_GAIN = 0.03
"""What the tutorial page says that averaged weights add to the accuracy."""

FIRST_LOSSES = {0: 4.68, 10: 4.66, 20: 4.64, 30: 4.62, 40: 4.61, 50: 4.59}
"""The training losses by step that the tutorial page prints."""

REPORTED = {"average pool, linear dense": 0.834, "average pool, all linear": 0.372}
"""What the second question says in its update of July 2017, with its steps read as adding up (claim B4)."""

MISHKIN = "mishkin2017systematic"
"""Key in the bibliography."""

CAFFENET = {"relu": 0.471, "max": 0.389, "none": 0.035}
"""CaffeNet128 on ImageNet: with ReLU; without any ReLU, but with max-pools; with neither, but strided convolutions."""

CAFFENET_STRIDED = 0.472
"""With ReLU, and the same strided convolutions in place of max-pools (ducha-aiki/caffenet-benchmark, Pooling.md)."""

AUTOREP, POLYNOMIAL = "peng2023repository", "chrysos2023repository"
"""Keys in the bibliography: repositories whose pages have the numbers below."""

RELUS_REMOVED = pd.DataFrame(
    [
        ("CaffeNet", "ImageNet", 0.0, "max-pools", CAFFENET["relu"], CAFFENET["max"], MISHKIN),
        ("CaffeNet without max-pools", "ImageNet", 0.0, "nothing", CAFFENET_STRIDED, CAFFENET["none"], MISHKIN),
        ("CaffeNet with batch normalization", "ImageNet", 0.0, "max-pools", 0.499, 0.384, MISHKIN),
        ("ResNet-18", "ImageNet", 0.0, "one max-pool", 0.6990, 0.18348, POLYNOMIAL),
        ("PiNet-18", "ImageNet", 0.0, "products", 0.70350, 0.63666, POLYNOMIAL),
        ("PiNet-18 with 1 × 1 convolutions", "ImageNet", 0.0, "products", 0.71644, 0.65306, POLYNOMIAL),
        ("small ResNet-18", "CIFAR-10", 0.5, "ReLUs", 0.9384, 0.9273, AUTOREP),
        ("small ResNet-18", "CIFAR-10", 0.1, "ReLUs", 0.9384, 0.8940, AUTOREP),
        ("small ResNet-18", "CIFAR-10", 0.05, "ReLUs", 0.9384, 0.8829, AUTOREP),
    ],
    columns=["network", "data", "fraction", "still nonlinear", "with all", "accuracy", "source"],
)
"""Accuracies that others found with all and with fewer ReLUs, the others replaced by the identity; as fractions.

``source`` is a key of the bibliography; CaffeNet is CaffeNet128, its "with all" that with the same pools or strides.
"still nonlinear" is what remains beside normalization: ResNet-18 has one max-pool, after its first convolution, and
the PiNets multiply. In the rows of :data:`AUTOREP` ReLUs are the identity forward and keep ReLU's gradient; its larger
ResNet-18 is left out, because its page calls those numbers out of date. Of networks in which nothing multiplies, no row
of CIFAR-10 with no ReLU at all was found in the works listed in :data:`REDUCING`.
"""

REDUCING = ("peng2023autorep", "jha2021deepreduce", "cho2022selective", "dror2022layer", "dong2017eraserelu")
"""Works on networks with fewer ReLUs in which an accuracy on CIFAR-10 with none of them was looked for."""


CONVENTIONS = pd.DataFrame(
    [
        ("Theano's conv2d", "convolution", "documented: filter_flip=True is the default {cite}`theano2016theano`"),
        ("PyTorch's Conv2d", "cross-correlation", "documented in its reference {cite}`paszke2019pytorch`"),
    ],
    columns=["operation", "is", "how we know"],
)
"""Who flips kernels, of what cannot be run here: Theano is no longer maintained, PyTorch is none of the backends."""

ORDERS = pd.DataFrame(
    [
        ("Nielsen", "his book, eq. 125", "activation first", "nielsen2015neural"),
        ("Nielsen", "network3.py", "pool first", "nielsen2015neural"),
        ("Goodfellow et al.", "Deep Learning, sec. 9.3", "activation first", "goodfellow2016deep"),
        ("LISA lab", "LeNetConvPoolLayer", "pool first", "lisalab2015lenet"),
        ("LeCun et al.", "LeNet-5", "pool first", "lecun1998gradient"),
        ("Krizhevsky", "cuda-convnet, commit 90b0e738", "pool first", "krizhevsky2011cudaconvnet"),
    ],
    columns=["author", "place", "order", "work"],
)
"""Where the two orders of A1 stand: texts and programs, with their keys in the list of references."""


def contradictions(said: pd.DataFrame = ACCURACIES) -> pd.DataFrame:
    """Places that state different accuracies for the same number of steps: steps, lowest, highest, and how many."""
    stated = said[said["kind"] == DOCUMENTS].dropna(subset=["steps"])
    table = stated.groupby("steps")["accuracy"].agg(lowest="min", highest="max", places="count").reset_index()
    return table[table["highest"] > table["lowest"]].reset_index(drop=True)


def averaging_gain(frame: pd.DataFrame, *, step: int) -> float:
    """Accuracy of the untouched network's averaged weights minus that of the raw ones at ``step``, mean over seeds."""
    averaged, raw = (estimated(frame, {UNTOUCHED: 1.0}, step=step, weights=weights) for weights in ("averaged", "raw"))
    assert averaged is not None and raw is not None
    return averaged.mean - raw.mean


def held_against(frame: pd.DataFrame, said: pd.DataFrame = ACCURACIES) -> pd.DataFrame:
    """Each published accuracy that names its steps, beside the mean that the untouched network had nearest to them.

    Columns place, steps, stated, n and averaged (weights), accuracies as fractions; n and averaged are missing where no
    run was evaluated within :data:`~relupool.thresholds.NEAR` of the steps.
    """
    steps = looks(frame, [UNTOUCHED])["step"].drop_duplicates()
    rows = []
    for claim in said.dropna(subset=["steps"]).itertuples():
        off = (steps / claim.steps - 1).abs()
        near = estimated(frame, {UNTOUCHED: 1.0}, step=int(steps[off.idxmin()])) if (off <= NEAR).any() else None
        rows.append((claim.place, int(claim.steps), claim.accuracy, *((near.n, near.mean) if near else (None, None))))
    columns = ["place", "steps", "stated", "n", "averaged"]
    return pd.DataFrame(rows, columns=columns).astype({"n": "Int64", "averaged": float})
