"""What a version of each family of networks computes, as a few numbers: of what is no field of an experiment.

``python tests/families.py`` writes the numbers of a new version beside those of the old ones, in families.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from relupool.experiments import training
from relupool.experiments.augmentation import COLUMNS, draws
from relupool.experiments.data import Images
from relupool.experiments.experiment import FAMILIES, Recipe, Schedule
from relupool.experiments.networks import (
    VGG,
    Architecture,
    Deeper,
    Network,
    PartialReLU,
    Pool,
    ResNet20,
    SoftmaxRegression,
)

PINNED = Path(__file__).with_suffix(".json")

NETWORKS: dict[str, dict[str, Network]] = {
    "example": {
        "example": Architecture(),
        "blurred": Architecture(pool=Pool("blur"), conv_activation=PartialReLU(fraction=0.5)),
        "deeper": Deeper(convolutions=3),
        "regression": SoftmaxRegression(),
    },
    "bigger": {"resnet": ResNet20(), "vgg": VGG(activation=PartialReLU(fraction=0.5))},
}

STEPS, BATCH, SEED = 2, 12, 5
# a strong weight decay, and a rate that falls once, so that two steps show where they act
SCHEDULES = {
    "example": Schedule(steps=STEPS, batch_size=BATCH, learning_rate=0.1, weight_decay=0.5, decay_every=1),
    "bigger": Recipe(steps=STEPS, batch_size=BATCH, learning_rate=0.01, weight_decay=0.5, milestones=(0.5,)),
}
# at the first of these batch normalization's epsilon counts, at the last local response normalization
SCALES = (1e-3, 1.0, 1e2)

Numbers = dict[str, float]


TOLERANCE = {"initial weights": 1e-4, "augmentation": 1e-4, "forward": 1e-4, "step": 0.02}
"""Relative. Other instruction sets, threads or libraries than those at hand moved a step by 0.4 %, the rest by 1e-6."""


def images() -> Images:
    """20 training images, so that two batches reach into the next epoch, and 8 others; each a slope with noise."""
    random = np.random.default_rng(1)
    slope = np.add.outer(np.arange(32) * 3, np.arange(32))[:, :, None]
    x = np.clip(slope + random.integers(0, 120, (28, 32, 32, 3)), 0, 255).astype(np.uint8)
    y = random.integers(0, 10, 28).astype(np.uint8)
    return Images(x[:20], y[:20], x[20:], y[20:], name="synthetic", sha256="0" * 64)


def number(values: object) -> float:
    """A weighted root mean square of some 200 values: other for other values, another order or size, never near 0."""
    x = np.asarray(values, "float64").ravel()
    x = x[:: max(1, len(x) // 200)]
    return float(np.sqrt(np.mean(x**2 * (1 + 0.5 * np.cos(np.arange(len(x)))))))


def build(family: str, network: Network) -> keras.Model:
    return training.build(network, weight_decay=SCHEDULES[family].weight_decay, seed=SEED)


def initial_weights(family: str, network: Network) -> Numbers:
    return {v.path: number(v) for v in build(family, network).variables}


def augmentation(family: str, network: Network) -> Numbers:
    trainer = training.compiled(build(family, network), images().x_train, SCHEDULES[family])
    rows = draws(0, STEPS, seed=SEED, batch_size=BATCH, train_images=20)
    columns = {name: number(column) for name, column in zip(COLUMNS, rows.T, strict=True)}
    return {**columns, "batch": number(trainer.layers[1](rows))}


def forward(family: str, network: Network) -> Numbers:
    data, model = images(), build(family, network)
    x = training.prepared(data.x_test, data.x_train, SCHEDULES[family])
    batches = {f"at scale {scale:g}": number(model(x * np.float32(scale), training=True)) for scale in SCALES}
    return {"images": number(x), **batches, "evaluated": number(model(x, training=False))}


def step(family: str, network: Network) -> Numbers:
    data, model = images(), build(family, network)
    trainer = training.compiled(model, data.x_train, SCHEDULES[family])
    before = [np.asarray(v) for v in model.variables]
    rows = draws(0, STEPS, seed=SEED, batch_size=BATCH, train_images=20)
    labels = data.y_train[rows[:, 0].astype(int)].astype("int32")
    history = trainer.fit(**training.batched(rows, labels, batch_size=BATCH), shuffle=False, verbose=0)
    changes = {v.path: number(np.asarray(v) - b) for v, b in zip(model.variables, before, strict=True)}
    kept = {v.path: number(v) for v in trainer.optimizer.variables}
    return {"loss": history.history["loss"][0], **changes, **kept}


PARTS: dict[str, Callable[[str, Network], Numbers]] = {
    "initial weights": initial_weights,
    "augmentation": augmentation,
    "forward": forward,
    "step": step,
}


def computed(family: str, which: str, part: str) -> Numbers:
    """The numbers of one part of one network, named by what they are of."""
    keras.backend.clear_session(free_memory=False)  # layers are then named as in a fresh process
    return PARTS[part](family, NETWORKS[family][which])


def moved(family: str, which: str, part: str) -> str:
    """What is no longer as the present version of the family has it, in a sentence; "" if nothing is."""
    version = f"{family} {FAMILIES[family]}"
    pinned = json.loads(PINNED.read_text()).get(version)
    if pinned is None:
        return f"{version} is not in {PINNED.name} yet: run python tests/families.py"
    now, before = computed(family, which, part), [float(value) for value in pinned[f"{which}: {part}"].split()]
    if len(now) != len(before):
        others = [f"{len(now)} numbers, were {len(before)}"]
    else:
        near = np.isclose(list(now.values()), before, rtol=TOLERANCE[part], atol=1e-9)
        every = zip(now.items(), before, near, strict=True)
        others = [f"{name} {value:.6g}, was {old:.6g}" for (name, value), old, same in every if not same]
    if not others:
        return ""
    return (
        f"family {family!r}, version {FAMILIES[family]}, {which}: {part} moved ({'; '.join(others[:3])}). Stored runs "
        "were made with what it was: give the family a new version in FAMILIES, then run python tests/families.py"
    )


def main() -> None:
    pinned = json.loads(PINNED.read_text()) if PINNED.exists() else {}
    for family, version in FAMILIES.items():
        if f"{family} {version}" not in pinned:
            pinned[f"{family} {version}"] = {
                f"{which}: {part}": " ".join(f"{value:.6g}" for value in computed(family, which, part).values())
                for which in NETWORKS[family]
                for part in PARTS
            }
    PINNED.write_text(json.dumps(pinned, indent=1) + "\n")


if __name__ == "__main__":
    main()
