"""The book's studies: which networks are compared, and at which presets. Data only; a new ablation is one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from relupool.experiments.experiment import Preset, Recipe, Schedule, Study
from relupool.experiments.networks import (
    VGG,
    Activation,
    Architecture,
    Deeper,
    GradientGate,
    LeakyReLU,
    Maxout,
    Network,
    Order,
    PartialReLU,
    Pool,
    ResNet20,
    SoftmaxRegression,
)
from relupool.experiments.run import Run

AVERAGE, BLUR = Pool("average"), Pool("blur")
SWAPPED: Order = "conv-pool-act"


def _looked_at(*steps: int, seeds: int = 3, **more: Any) -> Preset:
    """Training as the example trains, looked at after these steps, the last of which is the end."""
    return Preset(schedule=Schedule(steps=steps[-1], evaluate_at=steps), seeds=seeds, **more)


QUICK = _looked_at(0, 20, 50, 100, seeds=1, dtypes=("float32",), test_images=1_000)
THOUSAND = _looked_at(0, 100, 300, 600, 1_000)
TWO_THOUSAND = _looked_at(0, 100, 300, 1_000, 2_000)
STANDARD = _looked_at(0, 100, 300, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000)
SIXTY_THOUSAND = _looked_at(0, 1_000, 3_000, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000)
PAPER = _looked_at(0, 100, 300, 1_000, 3_000, 10_000, 20_000, 30_000, 45_000, 60_000, 80_000, 100_000, seeds=5)

FIRST_ABLATIONS = Study(
    name="first-ablations",
    title="The second source's networks, and the untouched example",
    networks={
        "untouched": Architecture(),
        "max pool, no conv ReLU": Architecture(conv_activation=None),
        "average pool, linear dense": Architecture(pool=AVERAGE, dense_activation=None),
        "average pool, all linear": Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None),
        "all linear, no LRN": Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None, lrn=False),
    },
    presets={"quick": QUICK, "standard": STANDARD, "paper": PAPER},
)


def _first(*labels: str) -> dict[str, Network]:
    return {label: FIRST_ABLATIONS.networks[label] for label in labels}


DTYPE = Study(
    name="dtype",
    title="Does mixed_bfloat16 train to the same accuracy as float32?",
    networks=_first("untouched", "average pool, all linear"),
    presets={"standard": _looked_at(0, 300, 1_000, 2_000, 3_000, dtypes=("mixed_bfloat16", "float32"))},
)

BASELINE = Study(
    name="baseline",
    title="Softmax regression on the same crops: what one linear map of the pixels can do",
    networks={"softmax regression": SoftmaxRegression()},
    presets={
        # on 1,728 inputs of variance 1 the example's own learning rate, 0.1, does not settle
        name: evolve(preset, schedule=evolve(preset.schedule, learning_rate=0.003))
        for name, preset in FIRST_ABLATIONS.presets.items()
    },
)

RUN_LENGTH = Study(
    name="run-length",
    title="Three networks for as long as the example's documents trained theirs",
    networks=_first("untouched", "average pool, linear dense", "average pool, all linear"),
    presets={"standard": evolve(SIXTY_THOUSAND, seeds=1)},
)

SEEDS = Study(
    name="seeds",
    title="Does removing the conv ReLUs cost a point? Eight seeds",
    networks=_first("untouched", "max pool, no conv ReLU"),
    presets={"standard": evolve(STANDARD, seeds=8)},
)
"""Planned on 28 November 2026, before any of its seeds 3 to 7 was trained: with eight seeds the test of equivalence
within a point has a power of 98 % (the first three came out undecided)."""

LONG = Study(
    name="long",
    title="Four networks for as long as the example's documents trained theirs",
    networks=_first("untouched", "max pool, no conv ReLU", "average pool, linear dense", "average pool, all linear"),
    presets={"standard": SIXTY_THOUSAND},
    weights_of=1,
)
"""Planned on 28 November 2026, when seed 0 of three of them was there (:data:`RUN_LENGTH`), trained before weights were
kept: so those of seed 1 are."""

PAST_THE_FALL = Study(
    name="past-the-fall",
    title="Does the literal network reach 83.4 %, and when? Past the fall of the learning rate at step 136,718",
    networks=_first("average pool, linear dense"),
    presets={
        "standard": _looked_at(
            *SIXTY_THOUSAND.schedule.evaluate_at, 80_000, 100_000, 120_000, 136_000, 140_000, 150_000, 160_000, seeds=1
        )
    },
)
"""Planned on 28 November 2026."""

RATES = (0.03, 0.1, 0.3)


def _at(rate: float, preset: Preset) -> dict[str, Preset]:
    return {"standard": evolve(preset, schedule=evolve(preset.schedule, learning_rate=rate))}


BY_RATE = {
    rate: Study(
        name=f"rate-{rate}",
        title=f"Is the answer the learning rate's? Four networks at {rate}, judged on training images left out",
        networks=LONG.networks,
        presets=_at(rate, evolve(STANDARD, seeds=1, train_images=45_000, test_images=5_000, judged_on="validation")),
    )
    for rate in RATES
}
"""Planned on 28 November 2026. No test image is looked at; :func:`chosen_rates` says which rate is best."""

AT_BEST_RATE = {
    rate: Study(
        name=f"best-rate-{rate}",
        title=f"The networks that learn best at the rate {rate}, on all training images, judged on the test images",
        networks=LONG.networks,
        presets=_at(rate, STANDARD),
    )
    for rate in RATES
    if rate != STANDARD.schedule.learning_rate
}
"""Planned on 28 November 2026: of each of these the store asks for the networks alone whose best rate it is. Where that
is 0.1, the runs are :data:`FIRST_ABLATIONS`' own."""


def chosen_rates(runs: Iterable[Run]) -> dict[str, float]:
    """The best of :data:`RATES` for each network of :data:`BY_RATE` that was trained at all of them, by its label.

    The best has the highest accuracy on the images left out, averaged weights at the end; of equal ones the example's
    own, then the lowest. A run that diverged is the worst; a network that diverged at all of them keeps the example's.
    """
    own = STANDARD.schedule.learning_rate
    ends = {run.experiment: run.evaluations[-1].accuracy if run.diverged_at is None else -1.0 for run in runs}
    best = {}
    for label, network in LONG.networks.items():
        asked = {r: e for r, study in BY_RATE.items() for e in study.experiments("standard") if e.network == network}
        if all(e in ends for e in asked.values()):
            best[label] = max(RATES, key=lambda rate: (ends[asked[rate]], rate == own, -rate))
    return best


def changes(a: Architecture) -> str:
    """What was changed in the untouched example to make ``a`` of the grid, as the label that figures use."""
    words = {
        f"{a.pool.kind} pool": a.pool != Pool(),
        "no conv ReLU": a.conv_activation is None,
        "linear dense": a.dense_activation is None,
        "no LRN": not a.lrn,
        "ReLU after pool1": a.order[0] == SWAPPED,
        "ReLU after pool2": a.order[1] == SWAPPED,
    }
    return ", ".join(word for word, changed in words.items() if changed) or "untouched"


FACTORIAL = tuple(
    Architecture(conv_activation=conv, dense_activation=dense, pool=pool, lrn=lrn)
    for lrn in (True, False)
    for pool in (Pool(), AVERAGE)
    for dense in ("relu", None)
    for conv in ("relu", None)
)
"""The grid: {conv ReLU} x {dense ReLU} x {max, average} x {LRN}, 16 networks."""

SWAPS = (Architecture(order=(SWAPPED, "conv-act-pool")), Architecture(order=(SWAPPED, SWAPPED)))
"""The untouched example with the ReLU of the first, or of both convolutional layers after the pooling."""

GRID = Study(
    name="grid",
    title="The rest of the grid, and the order swaps",
    networks={changes(a): a for a in (*FACTORIAL, *SWAPS) if a not in FIRST_ABLATIONS.networks.values()},
    presets={
        "quick": QUICK,
        "standard": _looked_at(0, 100, 300, 1_000, 2_000, 3_000),
        "paper": PAPER,
    },
)
"""Together with :data:`FIRST_ABLATIONS`, which holds the five other networks of the grid."""

NORMALIZATION = Study(
    name="normalization",
    title="What local response normalization is worth in float32",
    networks={
        changes(a): a
        for lrn in (True, False)
        for a in (
            Architecture(lrn=lrn),
            Architecture(lrn=lrn, conv_activation=None),
            Architecture(lrn=lrn, pool=AVERAGE, dense_activation=None),
            Architecture(lrn=lrn, pool=AVERAGE, dense_activation=None, conv_activation=None),
        )
    },
    presets={"standard": evolve(DTYPE.presets["standard"], dtypes=("float32",))},
)
"""Planned on 28 November 2026: in bfloat16 its divisor is nearly always rounded to 1, so that in the mixed precision of
the other studies a network with and one without it are nearly the same network. Six of the runs are :data:`DTYPE`'s."""

ACTIVATIONS: dict[str, Activation] = {
    "linear": None,
    "slope 0.5": LeakyReLU(0.5),
    "slope 0.2": LeakyReLU(0.2),
    "ReLU": "relu",
    "slope -0.5": LeakyReLU(-0.5),
    "absolute value": LeakyReLU(-1.0),
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softplus": "softplus",
    "ELU": "elu",
    "GELU": "gelu",
    "SiLU": "silu",
    "maxout, equal width": Maxout(pieces=2, channels=64),
    "maxout, equal parameters": Maxout(pieces=2, channels=59),
}
"""From nothing to ReLU and beyond, by the slope on the negative side; the others; maxout with twice the filters, and
with 59 channels, whose network has 0.6 % more parameters than the untouched one."""

SCALE = Study(
    name="scale",
    title="From nothing to ReLU: other activations in the convolutional layers",
    networks={
        f"{pool.kind} pool, {label}": Architecture(conv_activation=act, pool=pool, dense_activation=dense)
        for pool, dense in ((AVERAGE, None), (Pool(), "relu"))
        for label, act in ACTIVATIONS.items()
    },
    presets={"quick": QUICK, "standard": THOUSAND, "paper": PAPER},
)
"""With average-pools and linear dense layers, as the second question measures; and in the untouched example."""

GATES: dict[str, Activation] = {
    "ReLU": "relu",
    "ReLU forward, gradient ungated": GradientGate(forward="relu", gated=False),
    "identity forward, gradient gated": GradientGate(forward="linear", gated=True),
    "identity": None,
}

GATING = Study(
    name="gating",
    title="ReLU taken apart: what passes forward, and what the gradient does",
    networks={
        label + ("" if lrn else ", no LRN"): Architecture(conv_activation=gate, lrn=lrn)
        for lrn in (True, False)
        for label, gate in GATES.items()
    },
    presets={"quick": QUICK, "standard": TWO_THOUSAND, "paper": PAPER},
)

UNGATED_AFTER = Study(
    name="ungated-after",
    title="ReLU without its gate after the pools, where the gradient reaches the largest value",
    networks={
        "ReLU ungated, after the pools, no LRN": Architecture(
            conv_activation=GATES["ReLU forward, gradient ungated"], lrn=False, order=(SWAPPED, SWAPPED)
        )
    },
    presets=GATING.presets,
)
"""Beside :data:`GATING`, where the gradient of a window without a positive value goes to its first value."""

GATING_WHERE_IT_GAINS = Study(
    name="gating-where-it-gains",
    title="ReLU taken apart in a network in which it gains: max-pools, linear dense layers",
    networks={
        label: Architecture(conv_activation=gate, dense_activation=None, lrn=False, order=(order, order))
        for label, gate, order in (
            ("ReLU", "relu", "conv-act-pool"),
            ("identity forward, gradient gated", GATES["identity forward, gradient gated"], "conv-act-pool"),
            ("ReLU ungated, after the pools", GATES["ReLU forward, gradient ungated"], SWAPPED),
            ("identity", None, "conv-act-pool"),
        )
    },
    presets={"standard": STANDARD},
)
"""Planned on 28 November 2026: in the untouched example, which :data:`GATING` takes apart, ReLU gains nothing to be
explained."""

EXCHANGED: dict[str, tuple[Activation, Pool]] = {
    "ReLU and max": ("relu", Pool()),
    "GELU and max": ("gelu", Pool()),
    "ReLU and average": ("relu", AVERAGE),
    "ReLU and blur": ("relu", BLUR),
}
"""What :data:`ORDER` activates and pools, in either order."""

ORDER = Study(
    name="order",
    title="Activation before and after pooling, where the two do not commute, and where they do",
    networks={
        f"{label}, activation {place}": Architecture(conv_activation=act, pool=pool, lrn=False, order=(order, order))
        for label, (act, pool) in EXCHANGED.items()
        for place, order in (("first", "conv-act-pool"), ("last", SWAPPED))
    },
    presets={"quick": QUICK, "standard": TWO_THOUSAND, "paper": PAPER},
)
"""Without normalization, so that nothing but the activation and the pooling change places."""

FRACTIONS: dict[str, Activation] = {
    "all ReLUs": "relu",
    "half the ReLUs": PartialReLU(fraction=0.5),
    "a tenth of the ReLUs": PartialReLU(fraction=0.1),
    "no ReLU": None,
}
EPOCHS_10, EPOCHS_164 = 3_910, 64_000
"""Steps of 128 images."""

BIGGER = Study(
    name="bigger",
    title="ResNet-20 and a VGG with all, half, a tenth and none of their ReLUs",
    networks={
        **{f"ResNet-20, {label}": ResNet20(activation=act) for label, act in FRACTIONS.items()},
        **{
            f"VGG with {pool}-pools, {label}": VGG(activation=act, pool=pool)
            for pool in ("max", "average")
            for label, act in FRACTIONS.items()
        },
    },
    presets={
        "quick": Preset(schedule=Recipe(steps=20, evaluate_at=(0, 20)), seeds=1, dtypes=("float32",), test_images=500),
        # seeds 1 and 2 planned on 28 November 2026
        "standard": Preset(schedule=Recipe(steps=EPOCHS_10, evaluate_at=(0, 391, 1_955, EPOCHS_10)), seeds=3),
        "paper": Preset(
            schedule=Recipe(steps=EPOCHS_164, evaluate_at=(0, 391, EPOCHS_10, 16_000, 32_000, 48_000, EPOCHS_164)),
            seeds=5,
        ),
    },
)

DEPTH = Study(
    name="depth",
    title="The example with 2 to 6 convolutions, with and without ReLU in them",
    networks={
        f"{n} convolutions, {label}": Deeper(example=Architecture(conv_activation=act), convolutions=n)
        for n in (2, 3, 4, 5, 6)
        for label, act in (("ReLU", "relu"), ("linear", None))
    },
    presets={"quick": QUICK, "standard": evolve(THOUSAND, seeds=1), "paper": PAPER},
)

STUDIES = {
    study.name: study
    for study in (
        *(FIRST_ABLATIONS, DTYPE, BASELINE, RUN_LENGTH, SEEDS, LONG, PAST_THE_FALL),
        *(*BY_RATE.values(), *AT_BEST_RATE.values(), NORMALIZATION, GRID, SCALE),
        *(GATING, UNGATED_AFTER, GATING_WHERE_IT_GAINS, ORDER, BIGGER, DEPTH),
    )
}
