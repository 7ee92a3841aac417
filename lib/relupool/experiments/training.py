"""Training by Keras' own ``fit``: ``train(experiment, images)`` returns a :class:`Run`.

A :class:`Schedule` trains as the example trains; a :class:`Recipe` with momentum and without averaged weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from relupool.experiments import settings
from relupool.experiments.augmentation import COLUMNS, AugmentedCrops, PaddedCrops, draws
from relupool.experiments.checkpoint import Keeper
from relupool.experiments.data import Images, central_crop, channel_scale, normalize, standardize
from relupool.experiments.experiment import VALIDATION, Experiment, Recipe, Schedule
from relupool.experiments.machine import machine as machine  # found here too
from relupool.experiments.machine import onednn
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture
from relupool.experiments.probes import probe
from relupool.experiments.run import Evaluation, Run, pack
from relupool.validation import refuse

PIECE = 50
"""Steps between two entries of the loss curve; on TensorFlow as many run in one call of the compiled function."""

PROBED = 1_000
"""How many of the images that a run is judged on, the first ones, the probes look at."""


def averaging_decay(t: Any, limit: float = 0.9999) -> Any:
    """The example's decay of the moving average after ``t`` steps: min(limit, (1 + t) / (10 + t))."""
    return keras.ops.minimum(limit, (1 + t) / (10 + t))


@keras.saving.register_keras_serializable("relupool")
class AveragingSGD(keras.optimizers.SGD):
    """Plain SGD that keeps a moving average of every trainable variable, with the example's slow start.

    ``averages`` lists them in the order of the trainable variables. Keras' own ``use_ema`` starts at its full decay:
    after 10,000 steps 37 % of it would still be the initial weights.
    """

    def __init__(self, learning_rate: Any, averaging: float = 0.9999, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.averaging = averaging

    def build(self, variables: list[Any]) -> None:
        super().build(variables)
        self.averages = [self.add_variable_from_reference(v, name="average") for v in variables]
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(keras.ops.copy(variable))  # JAX gives a variable's buffer away, so none may be shared

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(gradient, variable, learning_rate)
        average = self.averages[self._get_variable_index(variable)]
        decay = averaging_decay(keras.ops.cast(self.iterations + 1, average.dtype), self.averaging)
        self.assign(average, decay * average + (1 - decay) * variable)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "averaging": self.averaging}


def train(
    experiment: Experiment,
    images: Images,
    *,
    on_progress: Callable[[int, float], None] | None = None,
    checkpoint: Path | str | None = None,
    elsewhere: bool = False,
) -> Run:
    """Train one network and measure it on the way.

    ``images`` must hold the experiment's data set; which of it are used, says :class:`Experiment`.
    ``on_progress(step, loss)`` is called after every piece of at most 50 steps. The same experiment gives the same
    run on the same machine. Raises ValueError as :func:`check` does.

    In the folder ``checkpoint`` the state is kept at each evaluation, after every minute's work, and if ``on_progress``
    raises; the next call with it goes on from there, to the same run, and the checkpoint goes when the run is complete.
    Raises ValueError that names the file where a checkpoint is damaged, or another machine's and ``elsewhere`` does not
    allow that.
    """
    return trained(experiment, images, on_progress=on_progress, checkpoint=checkpoint, elsewhere=elsewhere)[1]


def trained(
    experiment: Experiment,
    images: Images,
    *,
    on_progress: Callable[[int, float], None] | None = None,
    checkpoint: Path | str | None = None,
    elsewhere: bool = False,
) -> tuple[keras.Model, Run]:
    """As :func:`train`, with the network itself, which has its averaged weights if it has any, for a look inside."""
    check(experiment, images)
    e, schedule = experiment, experiment.schedule
    network = build(e.network, weight_decay=schedule.weight_decay, dtype=e.dtype, seed=e.seed)
    trainer = compiled(network, images.x_train[: e.train_images], schedule)
    labels = images.y_train.astype("int32")
    examine = Examination(network, trainer.optimizer, e, images)
    variables = [*network.variables, *trainer.optimizer.variables]
    keeper = Keeper(checkpoint, e, variables, here(e), elsewhere=elsewhere)
    examine.evaluations, losses = list(keeper.last.evaluations), list(keeper.last.losses)
    diverged_at = None
    for first, last in pieces(schedule):
        if first < keeper.last.step:
            continue
        if first in schedule.evaluate_at and first not in [done.step for done in examine.evaluations]:
            examine(first)
            keeper.write(first, examine.evaluations, losses)
        rows = draws(first, last, seed=e.seed, batch_size=schedule.batch_size, train_images=e.train_images)
        batches = batched(rows, labels[rows[:, 0].astype(int)], batch_size=schedule.batch_size)
        history = trainer.fit(**batches, shuffle=False, verbose=0)
        loss = float(history.history["loss"][0])
        if not math.isfinite(loss):
            diverged_at = last
        else:
            losses.append((last, float(f"{loss:.7g}")))
        try:
            if on_progress is not None:
                on_progress(last, loss)
        except BaseException:
            if diverged_at is None:
                keeper.write(last, examine.evaluations, losses)
            raise
        if diverged_at is not None:
            break
        if keeper.due:
            keeper.write(last, examine.evaluations, losses)
    else:
        examine(schedule.steps)
        if isinstance(trainer.optimizer, AveragingSGD):
            assign(network, trainer.optimizer.averages)
    run = outcome(examine, losses, diverged_at, images, keeper.provenance)
    keeper.remove()
    return network, run


def batched(x: np.ndarray, y: np.ndarray | None = None, *, batch_size: int) -> dict[str, Any]:
    """The arguments of ``fit`` or ``predict`` that hand them ``x``, and labels ``y``, in order."""
    if keras.backend.backend() != "tensorflow":
        return {"x": x, "batch_size": batch_size} | ({} if y is None else {"y": y})
    from tensorflow import data

    equal = len(x) % batch_size == 0  # then a batch has a known size, as where Keras makes them
    return {"x": untuned(data.Dataset.from_tensor_slices(x if y is None else (x, y)).batch(batch_size, equal))}


def untuned(dataset: Any) -> Any:
    """A data set of tf.data without its autotuner.

    Its thread sleeps for 10, 20, 40 ... ms, and whoever is fed by it waits at the end until it wakes: at worst as
    long again as the work took.
    """
    from tensorflow import data

    options = data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return dataset.with_options(options)


def here(experiment: Experiment) -> dict[str, Any]:
    """Provenance of what is trained in this process."""
    return {**machine(), "onednn": onednn() if experiment.backend == "tensorflow" else None}


def check(experiment: Experiment, images: Images) -> None:
    """Raise ValueError if data set or running backend are not the experiment's, or by :func:`settings.check`."""
    check_data(experiment, images)
    if keras.backend.backend() != experiment.backend:
        refuse("backend", experiment.backend, f"the one Keras runs on, {keras.backend.backend()!r} (set KERAS_BACKEND)")
    settings.check()


def check_data(experiment: Experiment, images: Images) -> None:
    """Raise ValueError if the data set is not the experiment's, or too small for it."""
    if images.name != experiment.dataset:
        refuse("images", images.name, f"the experiment's data set, {experiment.dataset!r}")
    if experiment.judged_on == "validation" and (there := len(images.x_train)) < experiment.train_images + VALIDATION:
        refuse("train_images", experiment.train_images, f"at most {there - VALIDATION}, for the others are judged on")


def outcome(
    examine: Examination,
    losses: list[tuple[int, float]],
    diverged_at: int | None,
    images: Images,
    provenance: dict[str, Any],
) -> Run:
    """The run of what was found on the way."""
    return Run(
        experiment=examine.experiment,
        evaluations=tuple(examine.evaluations),
        losses=tuple(losses),
        diverged_at=diverged_at,
        hits=None if diverged_at else pack(examine.hits),
        provenance={**provenance, "dataset_sha256": images.sha256, "dataset_note": images.note},
    )


def tested(e: Experiment, images: Images) -> tuple[np.ndarray, np.ndarray]:
    """The images that an experiment is judged on as its network is given them, and their classes."""
    x, y = images.x_test, images.y_test
    if e.judged_on == "validation":
        x, y = images.x_train[-VALIDATION:], images.y_train[-VALIDATION:]
    x = prepared(x[: e.test_images], images.x_train[: e.train_images], e.schedule)
    return x, y[: e.test_images].astype("int32")


def measured(network: keras.Model, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Which of the images a network gets right, the part of them, and the mean cross-entropy in nats."""
    logits = network.predict(**batched(x, batch_size=500), verbose=0).astype("float64")
    hits = logits.argmax(axis=1) == y
    surprise = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y]
    return hits, float(hits.mean()), float(f"{surprise.mean():.7g}")


def prepared(x: np.ndarray, x_train: np.ndarray, schedule: Schedule | Recipe) -> np.ndarray:
    """Images ``x`` as a network trained by ``schedule`` is tested on them, float32; nothing about them is random."""
    if isinstance(schedule, Recipe):
        return normalize(x, channel_scale(x_train))
    return standardize(central_crop(x))


def compiled(network: keras.Model, x_train: np.ndarray, schedule: Schedule | Recipe) -> keras.Model:
    """``network`` behind a layer that holds the training images and cuts the crops, ready for ``fit`` on draws."""
    rows = keras.Input((len(COLUMNS),))
    crops = PaddedCrops if isinstance(schedule, Recipe) else AugmentedCrops
    trainer = keras.Model(rows, network(crops(x_train)(rows)))
    optimizer = optimizer_of(schedule)
    optimizer.build(trainer.trainable_variables)
    tensorflow = keras.backend.backend() == "tensorflow"
    trainer.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=not tensorflow,  # XLA halves TensorFlow's speed on a CPU
        steps_per_execution=PIECE if tensorflow else 1,  # Keras unrolls the steps under JAX
    )
    return trainer


def optimizer_of(schedule: Schedule | Recipe) -> keras.optimizers.Optimizer:
    """Plain SGD with averaged weights as the example has it, or SGD with momentum; with the learning rate's fall."""
    if isinstance(schedule, Recipe):
        rates = schedule.learning_rate * schedule.decay_factor ** np.arange(len(schedule.milestones) + 1)
        # Keras keeps a rate up to and with its boundary, a number of steps that are over before the step is taken
        last = [math.ceil(m * schedule.steps) - 1 for m in schedule.milestones]
        rate = keras.optimizers.schedules.PiecewiseConstantDecay(last, rates.tolist())
        return keras.optimizers.SGD(rate, schedule.momentum)
    rate = keras.optimizers.schedules.ExponentialDecay(
        schedule.learning_rate, schedule.decay_every, schedule.decay_factor, staircase=True
    )
    return AveragingSGD(rate, schedule.averaging)


def pieces(schedule: Schedule | Recipe) -> Iterator[tuple[int, int]]:
    """(first, last) of successive stretches of at most 50 steps that end at every evaluation."""
    ends = sorted({*range(0, schedule.steps, PIECE), *schedule.evaluate_at, 0})
    return zip(ends, ends[1:], strict=False)


class Examination:
    """Looks at a network in training: with averaged and with raw weights, and inside."""

    def __init__(self, network: keras.Model, optimizer: keras.optimizers.SGD, e: Experiment, images: Images) -> None:
        self.network, self.optimizer, self.experiment = network, optimizer, e
        self.x, self.y = tested(e, images)
        self.evaluations: list[Evaluation] = []

    def __call__(self, step: int) -> None:
        self.hits, raw_accuracy, raw_loss = measured(self.network, self.x, self.y)
        accuracy, loss = raw_accuracy, raw_loss  # of a network without averaged weights
        architecture = self.experiment.network
        inside = probe(self.network, architecture, self.x[:PROBED]) if isinstance(architecture, Architecture) else {}
        if isinstance(self.optimizer, AveragingSGD):
            with averaged(self.network, self.optimizer):
                self.hits, accuracy, loss = measured(self.network, self.x, self.y)
        self.evaluations.append(
            Evaluation(
                step=step, accuracy=accuracy, loss=loss, raw_accuracy=raw_accuracy, raw_loss=raw_loss, probes=inside
            )
        )


@contextmanager
def averaged(network: keras.Model, optimizer: keras.optimizers.SGD) -> Iterator[None]:
    """Within the block the network has its averaged weights if the optimizer keeps any, after it the raw ones again."""
    raw = [keras.ops.copy(v) for v in network.trainable_variables]
    assign(network, getattr(optimizer, "averages", raw))
    try:
        yield
    finally:
        assign(network, raw)


def assign(network: keras.Model, values: list[Any]) -> None:
    """Give the trainable variables of ``network`` copies of ``values``, in the same order."""
    for variable, value in zip(network.trainable_variables, values, strict=True):
        variable.assign(keras.ops.copy(value))
