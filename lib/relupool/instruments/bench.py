"""How fast a training step is here: ``relupool bench training`` and ``ensemble``.

The first stands beside what a user of Keras would write, the second trains several networks together in one program.
All contenders train the untouched example with its augmentation, taking turns, so that a change in the machine's mood
meets all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from relupool.choices import BOOK, BYTES, LRN_ALPHA, LRN_BETA, LRN_BIAS, LRN_RADIUS, PRODUCTS
from relupool.experiments.experiment import Experiment, Schedule
from relupool.instruments import timing
from relupool.thresholds import HIGH_LOAD
from relupool.validation import refuse

BATCH = 128
BASELINE = "Keras fit, tf.data, tf.image"
ALONE = "one network"

Contender = Callable[[int], Any]
"""Trains the given number of steps."""


def training(*, steps: int = 50, rounds: int = 7, busy: bool = False) -> pd.DataFrame:
    """Images per second of full training steps, a row for each contender.

    Columns: contender, images_per_second (median over ``rounds`` of ``steps`` steps each), low and high (quartiles),
    ratio (median over the rounds of its speed divided by that of the faster :data:`BASELINE` in the same round).
    The last three are yardsticks, :func:`products` and :func:`moved_bytes`. The frame's attrs hold the machine and the
    load average of the minute before. Raises ValueError on a machine that is already busy, unless ``busy`` says to
    measure all the same.
    """
    load = _load(busy)
    images, labels = _images()
    contenders: dict[str, Contender] = {
        f"{BOOK}, float32": this_book("float32", images, labels),
        f"{BOOK}, mixed_bfloat16": this_book("mixed_bfloat16", images, labels),
        BASELINE: keras_user(images, labels, jit=False),
        f"{BASELINE}, XLA": keras_user(images, labels, jit=True),
        f"{PRODUCTS}, float32": products("float32"),
        f"{PRODUCTS}, bfloat16": products("bfloat16"),
        f"{BYTES}, float32": moved_bytes(),
    }
    return _table(contenders, steps=steps, rounds=rounds, load=load, baseline=BASELINE)


def ensemble(*, steps: int = 50, rounds: int = 7, busy: bool = False, members: int = 5) -> pd.DataFrame:
    """As :func:`training`, for ``members`` networks in each of the ways of :mod:`relupool.running.ensemble`.

    Ratios are to one network by itself, step by step; in mixed_bfloat16, as the presets train, but for processors that
    have none. A way that fails, or whose losses are others, is no contender, and
    the frame's attrs say why. Needs the JAX backend. On a CPU the ways with a loop are hundreds of times slower than
    the others: ask for very few steps there.
    """
    from relupool.experiments.machine import machine, native_bfloat16
    from relupool.running.ensemble import HOWS

    load = _load(busy)
    schedule = Schedule(steps=steps, evaluate_at=(steps,), batch_size=BATCH)
    dtype = "float32" if machine()["device_kind"] == "cpu" and not native_bfloat16() else "mixed_bfloat16"
    group = [Experiment(seed=seed, backend="jax", dtype=dtype, schedule=schedule) for seed in range(members)]
    contenders, failed = {ALONE: together(group[:1], "calls")}, {}
    beside = np.asarray(contenders[ALONE](steps), "float64")[0, :10]
    for how in HOWS:
        train = together(group, how)
        try:
            np.testing.assert_allclose(np.asarray(train(steps), "float64")[0, :10], beside, rtol=0.05)
            contenders[f"{members} networks, {how}"] = train
        except Exception as error:  # a library that refuses one way says nothing of the others
            failed[how] = f"{type(error).__name__}: {error}"
    sizes = {name: BATCH * (1 if name == ALONE else members) for name in contenders}
    return _table(
        contenders, steps=steps, rounds=rounds, load=load, baseline=ALONE, images=sizes, dtype=dtype, failed=failed
    )


def fastest(table: pd.DataFrame) -> Any:
    """The way that trained the most images in a second in a table of :func:`ensemble`."""
    several = table[table["contender"] != ALONE]
    if several.empty:
        raise ValueError(f"no way to train several networks at once works here: {table.attrs['failed']}")
    return several.set_index("contender")["images_per_second"].idxmax().rpartition(" ")[2]


def together(group: list[Any], how: Any) -> Contender:
    """Training of all experiments of ``group``, in one of the ways, with labels and images drawn at random."""
    import jax

    from relupool.running.ensemble import Program, initial_state, rows_of

    images, labels = _images()
    program, state = Program(group, images, how), initial_state(group)

    def train(steps: int) -> Any:
        nonlocal state
        rows = rows_of(group, 0, steps)
        state, losses = program.run(state, rows, labels[rows[..., 0].astype(int)])
        return jax.block_until_ready(losses)

    return train


def _images() -> tuple[np.ndarray, np.ndarray]:
    """As many images and labels as CIFAR-10 has, of noise: what is in them takes no time."""
    images = np.random.default_rng(0).integers(0, 256, (50_000, 32, 32, 3), dtype=np.uint8)
    return images, np.random.default_rng(1).integers(0, 10, len(images))


def _load(busy: bool) -> float:
    now = timing.load()
    if now.high and not busy:
        refuse("load average", round(now.average, 2), f"at most {HIGH_LOAD:g} for each core, or times mean nothing")
    return now.average


def _table(
    contenders: dict[str, Contender],
    *,
    steps: int,
    rounds: int,
    load: float,
    baseline: str,
    images: dict[str, int] | None = None,
    **told: Any,
) -> pd.DataFrame:
    from relupool.experiments.machine import machine

    for train in contenders.values():
        train(steps)  # compiles and warms up
    sizes = images or dict.fromkeys(contenders, BATCH)

    def speed(name: str) -> float:
        start = time.perf_counter()
        contenders[name](steps)
        return sizes[name] * steps / (time.perf_counter() - start)

    speeds = pd.DataFrame([{name: speed(name) for name in contenders} for _ in range(rounds)])
    beside = speeds[[name for name in speeds if name.startswith(baseline)]].max(axis=1)
    ratio = speeds.div(beside, axis=0).median()
    low, middle, high = (speeds.quantile(share) for share in (0.25, 0.5, 0.75))
    columns = {"images_per_second": middle, "low": low, "high": high, "ratio": ratio}
    table = pd.DataFrame(columns).rename_axis("contender").reset_index()
    table.attrs = {**machine(), "load": load, "steps": steps, "rounds": rounds, **told}
    return table


def this_book(dtype: str, images: np.ndarray, labels: np.ndarray) -> Contender:
    """The trainer of :mod:`relupool.experiments.training`."""
    from relupool.experiments.augmentation import draws
    from relupool.experiments.models import build
    from relupool.experiments.training import batched, compiled

    trainer = compiled(build(dtype=dtype), images, Schedule(batch_size=BATCH))

    def train(steps: int) -> None:
        rows = draws(0, steps, seed=0, batch_size=BATCH, train_images=len(images))
        trainer.fit(**batched(rows, labels[rows[:, 0].astype(int)], batch_size=BATCH), shuffle=False, verbose=0)

    return train


def multiply_adds() -> int:
    """Multiply-adds of a training step: forward, and for the gradients of weights and inputs, but the first layer's."""
    from relupool.experiments.models import build
    from relupool.instruments import cost

    model = build()
    first = cost.work(model)["operations"].iloc[0] // 2
    return int(BATCH * (3 * cost.multiply_adds(model) - first))


def products(dtype: str) -> Contender:
    """In place of each step, one product of square matrices with as many multiply-adds: a convolution may be faster."""
    from keras import ops, random

    side = round(multiply_adds() ** (1 / 3))
    a = random.normal((side, side), dtype=dtype)

    def train(steps: int) -> None:
        for _ in range(steps):
            last = ops.matmul(a, a)
        ops.convert_to_numpy(ops.cast(last[0, 0], "float32"))  # waits until it is done

    return train


def moved_bytes() -> Contender:
    """In place of each step, a copy of as many bytes as its layers read and write at least, in float32."""
    from keras import ops

    from relupool.experiments.models import build
    from relupool.instruments.cost import work

    moved = 3 * work(build(), batch_size=BATCH)["bytes"].sum()  # backward reads and writes twice what forward does
    numbers = ops.zeros((int(moved) // 8,))  # 4 bytes read and 4 written for each

    def train(steps: int) -> None:
        for _ in range(steps):
            copied = numbers + 1
        ops.convert_to_numpy(copied[0])

    return train


def keras_user(images: np.ndarray, labels: np.ndarray, *, jit: bool) -> Contender:
    """What a user would write: a tf.data pipeline with tf.image's operations, TensorFlow's own LRN, ``fit``."""
    import keras
    import tensorflow as tf
    from keras import layers

    from relupool.experiments.training import untuned

    def augment(image: Any, label: Any) -> Any:
        image = tf.image.random_crop(tf.cast(image, tf.float32), (24, 24, 3))
        image = tf.image.random_flip_left_right(image)
        image = tf.image.random_brightness(image, 63)
        image = tf.image.random_contrast(image, 0.2, 1.8)
        return tf.image.per_image_standardization(image), label

    def lrn(x: Any) -> Any:
        return tf.nn.local_response_normalization(x, LRN_RADIUS, LRN_BIAS, LRN_ALPHA, LRN_BETA)

    def dense(units: int) -> Any:
        return layers.Dense(units, activation="relu", kernel_regularizer=keras.regularizers.L2(0.002))

    data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(20_000).repeat()
    data = data.map(augment, tf.data.AUTOTUNE).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    model = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Conv2D(64, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(3, 2, "same"),
            layers.Lambda(lrn, output_shape=(12, 12, 64)),
            layers.Conv2D(64, 5, padding="same", activation="relu"),
            layers.Lambda(lrn, output_shape=(12, 12, 64)),
            layers.MaxPooling2D(3, 2, "same"),
            layers.Flatten(),
            dense(384),
            dense(192),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=jit)
    batches = iter(data)
    # what is tuned lives on from call to call; that around it is short-lived, as in no user's training
    stream = untuned(tf.data.Dataset.from_generator(lambda: batches, output_signature=data.element_spec))
    return lambda steps: model.fit(stream, steps_per_epoch=steps, verbose=0)
