"""Two networks trained in lockstep: the same weights to begin with, the same batches. When do they part, if ever?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd
from attrs import frozen

from relupool.experiments.augmentation import AugmentedCrops, draws
from relupool.experiments.data import Images
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture

LEARNING_RATE = 0.1
"""The example's own."""

Batch = tuple[np.ndarray, np.ndarray]
"""Standardized crops, float32 ``(images, 24, 24, 3)``, and their labels."""


@frozen(eq=False)
class Path:
    """The way of one network: the training ``losses``, batch by batch, and the ``weights`` at the end."""

    losses: np.ndarray
    weights: tuple[np.ndarray, ...]


def batches(images: Images, *, steps: int, batch_size: int = 8, seed: int = 0) -> list[Batch]:
    """The first batches of a training run with this seed, cropped and shaken as the example does."""
    rows = draws(0, steps, seed=seed, batch_size=batch_size, train_images=len(images.x_train))
    taken = rows[:, 0].astype(int)
    rows[:, 0] = np.arange(len(rows))  # among the images that are taken
    crops, labels = np.asarray(AugmentedCrops(images.x_train[taken])(rows)), images.y_train[taken].astype("int32")
    starts = range(0, len(rows), batch_size)
    return [(crops[start : start + batch_size], labels[start : start + batch_size]) for start in starts]


def walk(network: Architecture, batches: Sequence[Batch], *, seed: int = 0) -> Path:
    """Train on ``batches`` in float32, by plain gradient descent, and keep every loss to its last bit.

    The loss of a batch, weight decay included, is the one before its step is taken. XLA stays out on TensorFlow, since
    it fuses operations and may round one order other than the other; on JAX there is nothing without it.
    """
    model = build(network, seed=seed)
    tensorflow = keras.backend.backend() == "tensorflow"
    model.compile(
        optimizer=keras.optimizers.SGD(LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=not tensorflow,
    )
    losses = []
    for x, y in batches:
        model.reset_metrics()
        losses.append(np.float32(model.train_on_batch(x, y)))
    return Path(np.array(losses), tuple(model.get_weights()))


def together(
    pairs: Mapping[str, tuple[Architecture, Architecture]], batches: Sequence[Batch], *, seed: int = 0
) -> pd.DataFrame:
    """Pairs of networks side by side: one row per pair and step, with both losses and their ``difference``.

    Columns pair, step (from 0), first, second, difference (without its sign), and, the same in every row of a pair,
    ``weights_differ``: how many of all weights and biases are not equal at the end, and ``weights``: of how many.
    """
    paths = {n: walk(n, batches, seed=seed) for n in dict.fromkeys(n for pair in pairs.values() for n in pair)}
    parts = [beside(paths[a], paths[b]).assign(pair=pair) for pair, (a, b) in pairs.items()]
    return pd.concat(parts, ignore_index=True)


def beside(a: Path, b: Path) -> pd.DataFrame:
    """What :func:`together` says of one pair."""
    differ = sum(int((x != y).sum()) for x, y in zip(a.weights, b.weights, strict=True))
    return pd.DataFrame(
        {
            "step": np.arange(len(a.losses)),
            "first": a.losses,
            "second": b.losses,
            "difference": np.abs(a.losses.astype(float) - b.losses),
            "weights_differ": differ,
            "weights": sum(x.size for x in a.weights),
        }
    )


def be_deterministic() -> None:
    """Ask TensorFlow, if it is the backend, to give the same bits whenever it is given the same; for good."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
