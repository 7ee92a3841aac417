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
from relupool.experiments.machine import machine, onednn
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


def train(experiment: Experiment, images: Images, **options: Any) -> Run:
    """Train one network and measure it on the way; ``options`` as those of :func:`trained`."""
    return trained(experiment, images, **options)[1]


def trained(
    experiment: Experiment,
    images: Images,
    *,
    on_progress: Callable[[int, float], None] | None = None,
    checkpoint: Path | str | None = None,
    elsewhere: bool = False,
) -> tuple[keras.Model, Run]:
    """The trained network, with its averaged weights if it has any, and its run.

    ``images`` must hold the experiment's data set; which of it are used, says :class:`Experiment`.
    ``on_progress(step, loss)`` is called after every piece of at most 50 steps. The same experiment gives the same
    run on the same machine. Raises ValueError as :func:`check` does.

    In the folder ``checkpoint`` the state is kept at each evaluation, after every minute's work, at the last step, and
    if ``on_progress`` raises; the next call with it goes on from there, to the same run. Whoever has stored the run
    drops it (:func:`checkpoint.drop`). Raises ValueError that names the file where a checkpoint is damaged, or another
    machine's and ``elsewhere`` does not allow that.
    """
    check(experiment, images)
    e, schedule = experiment, experiment.schedule
    trainee = Trainee(e, images, checkpoint, elsewhere=elsewhere)
    trainer = compiled(trainee.network, images.x_train[: e.train_images], schedule, trainee.optimizer)
    labels = images.y_train.astype("int32")
    for first, last in pieces(schedule, trainee.begun):
        if first in schedule.evaluate_at:
            trainee.look(first)
            if trainee.diverged_at is not None:
                break
        rows = draws(first, last, seed=e.seed, batch_size=schedule.batch_size, train_images=e.train_images)
        batches = batched(rows, labels[rows[:, 0].astype(int)], batch_size=schedule.batch_size)
        history = trainer.fit(**batches, shuffle=False, verbose=0)
        loss = float(history.history["loss"][0])
        trainee.note(last, loss)
        try:
            if on_progress is not None:
                on_progress(last, loss)
        except BaseException:
            trainee.keep(last)
            raise
        if trainee.diverged_at is not None:
            break
        if trainee.keeper.due or last == schedule.steps:
            trainee.keep(last)
    run = trainee.finish()
    if run.diverged_at is None and isinstance(trainee.optimizer, AveragingSGD):
        assign(trainee.network, trainee.optimizer.averages)
    return trainee.network, run


class Trainee:
    """One network in training: what is noted of it on the way, and the run that comes of it.

    Its variables are those of the checkpoint, if there is one, after ``begun`` steps.
    """

    def __init__(self, e: Experiment, images: Images, checkpoints: Path | str | None, *, elsewhere: bool) -> None:
        self.experiment, self.images = e, images
        self.network = build(e.network, weight_decay=e.schedule.weight_decay, dtype=e.dtype, seed=e.seed)
        self.optimizer = optimizer_of(e.schedule)
        self.optimizer.build(self.network.trainable_variables)
        variables = [*self.network.variables, *self.optimizer.variables]
        self.keeper = Keeper(checkpoints, e, variables, here(e), elsewhere=elsewhere)
        last = self.keeper.last
        self.begun, self.evaluations, self.losses = last.step, list(last.evaluations), list(last.losses)
        self.diverged_at: int | None = None
        self.x, self.y = tested(e, images)

    def look(self, step: int) -> None:
        """Evaluate the network and keep it, unless that was done before."""
        if step not in [done.step for done in self.evaluations]:
            self._evaluate(step)
            self.keep(step)

    def _evaluate(self, step: int) -> None:
        """With raw and with averaged weights, and inside."""
        self.hits, raw_accuracy, raw_loss = measured(self.network, self.x, self.y)
        accuracy, loss = raw_accuracy, raw_loss  # of a network without averaged weights
        network = self.experiment.network
        probes = probe(self.network, network, self.x[:PROBED]) if isinstance(network, Architecture) else {}
        if isinstance(self.optimizer, AveragingSGD):
            with averaged(self.network, self.optimizer):
                self.hits, accuracy, loss = measured(self.network, self.x, self.y)
        if not math.isfinite(loss + raw_loss):
            self.diverged_at = step  # the step itself still had a finite loss
            return
        self.evaluations.append(
            Evaluation(
                step=step, accuracy=accuracy, loss=loss, raw_accuracy=raw_accuracy, raw_loss=raw_loss, probes=probes
            )
        )

    def note(self, step: int, loss: float) -> None:
        """Take down the mean loss of the steps up to this one."""
        if math.isfinite(loss):
            self.losses.append((step, float(f"{loss:.7g}")))
        else:
            self.diverged_at = step

    def keep(self, step: int) -> None:
        """Write a checkpoint of the variables as they are, unless they are lost."""
        if self.diverged_at is None:
            self.keeper.write(step, self.evaluations, self.losses)

    def finish(self, together: int = 1, **how: str) -> Run:
        """The complete run, with the last look at it; its seconds are its share of what ``together`` networks took."""
        if self.diverged_at is None:
            self._evaluate(self.experiment.schedule.steps)
        made = self.keeper.provenance | how
        if together > 1:
            made |= {"seconds": round(made["seconds"] / together, 1), "together": together}
        return Run(
            experiment=self.experiment,
            evaluations=tuple(self.evaluations),
            losses=tuple(self.losses),
            diverged_at=self.diverged_at,
            hits=None if self.diverged_at else pack(self.hits),
            provenance={**made, "dataset_sha256": self.images.sha256, "dataset_note": self.images.note},
        )


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


def compiled(
    network: keras.Model, x_train: np.ndarray, schedule: Schedule | Recipe, optimizer: Any = None
) -> keras.Model:
    """``network`` after a layer that holds the training images and cuts the crops, ready for ``fit`` on draws.

    ``optimizer`` is one of the schedule's that was built for this network; None makes one.
    """
    rows = keras.Input((len(COLUMNS),))
    crops = PaddedCrops if isinstance(schedule, Recipe) else AugmentedCrops
    trainer = keras.Model(rows, network(crops(x_train)(rows)))
    if optimizer is None:
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


def pieces(schedule: Schedule | Recipe, begun: int = 0) -> list[tuple[int, int]]:
    """(first, last) of stretches of at most 50 steps from step ``begun`` on, one of which ends at each evaluation."""
    ends = sorted({*range(0, schedule.steps, PIECE), *schedule.evaluate_at, 0})
    return [(first, last) for first, last in zip(ends, ends[1:], strict=False) if first >= begun]


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
