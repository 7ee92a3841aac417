"""The untouched network with the same weights and images on both backends and in both formats agrees as note E says."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from relupool.experiments import training
from relupool.experiments.augmentation import draws
from relupool.experiments.experiment import Schedule
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture
from relupool.thresholds import AGREE
from test_training import noise

IMAGES, SCHEDULE = noise(), Schedule(steps=1, evaluate_at=(1,), batch_size=64)
BACKENDS, FORMATS = dict.fromkeys(pair for pair, _ in AGREE)
Weights = list[np.ndarray]


def computed(dtype: str, weights: Weights) -> dict[str, Weights]:
    """The network's outputs, and what one step of training adds to each of its weights."""
    network = build(Architecture(), weight_decay=SCHEDULE.weight_decay, dtype=dtype, seed=0)
    network.set_weights(weights)
    x = training.prepared(IMAGES.x_test, IMAGES.x_train, SCHEDULE)
    outputs = network.predict(**training.batched(x, batch_size=len(x)), verbose=0)
    rows = draws(0, 1, seed=0, batch_size=SCHEDULE.batch_size, train_images=len(IMAGES.x_train))
    batches = training.batched(rows, IMAGES.y_train.astype("int32")[rows[:, 0].astype(int)], batch_size=len(rows))
    training.compiled(network, IMAGES.x_train, SCHEDULE).fit(**batches, shuffle=False, verbose=0)
    steps = [after - before for after, before in zip(network.get_weights(), weights, strict=True)]
    return {"outputs": [outputs.astype("float64")], "a step of training": steps}


def apart(one: dict[str, Weights], other: dict[str, Weights]) -> dict[str, float]:
    """The largest difference of each kind, as a part of the largest number."""
    return {
        what: max(np.abs(a - b).max() / np.abs(a).max() for a, b in zip(one[what], other[what], strict=True))
        for what in one
    }


@pytest.fixture(scope="module")
def weights() -> Weights:
    return build(Architecture(), seed=0).get_weights()


@pytest.fixture(scope="module")
def in_float32(weights: Weights) -> dict[str, Weights]:
    return computed("float32", weights)


def holds(found: dict[str, float], pair: str) -> None:
    """Within what is allowed, which is not a hundred times too much."""
    for what, most in found.items():
        assert AGREE[pair, what] / 100 < most < AGREE[pair, what]


def test_in_another_format_it_differs_by_rounding(weights: Weights, in_float32: dict[str, Weights]):
    holds(apart(in_float32, computed("mixed_bfloat16", weights)), FORMATS)


@pytest.mark.book
@pytest.mark.skipif(find_spec("jax") is None or keras.backend.backend() != "tensorflow", reason="needs both backends")
def test_the_other_backend_draws_other_weights_and_computes_the_same_with_equal_ones(
    weights: Weights, in_float32: dict[str, Weights], tmp_path: Path
):
    np.savez(tmp_path / "weights.npz", *weights)
    command = [sys.executable, __file__, tmp_path]
    subprocess.run(command, env={**os.environ, "KERAS_BACKEND": "jax"}, check=True, capture_output=True)
    with np.load(tmp_path / "jax.npz") as found:
        there = {what: [found[f"{what} {i}"] for i in range(len(of))] for what, of in in_float32.items()}
        assert not np.array_equal(found["drawn"], weights[0])
    holds(apart(in_float32, there), BACKENDS)


def on_jax(folder: Path) -> None:
    with np.load(folder / "weights.npz") as stored:
        found = computed("float32", [stored[name] for name in stored.files])
    arrays = {f"{what} {i}": array for what, of in found.items() for i, array in enumerate(of)}
    np.savez(folder / "jax.npz", drawn=build(Architecture(), seed=0).get_weights()[0], **arrays)


if __name__ == "__main__":
    on_jax(Path(sys.argv[1]))
