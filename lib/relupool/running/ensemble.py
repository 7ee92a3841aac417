"""Many runs at once: experiments that differ in numbers only train in one compiled program under JAX.

What may differ is the seed, the learning rate, the weight decay and the slope of a leaky ReLU. Everything that makes a
run is a pure function of a *member*: weights, what the optimizer keeps, and those numbers. TensorFlow trains the
experiments one after another, through the same call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import attrs
import keras
import numpy as np

from relupool.experiments import training
from relupool.experiments.checkpoint import Keeper
from relupool.experiments.data import Images
from relupool.experiments.experiment import Experiment
from relupool.experiments.machine import machine
from relupool.experiments.models import build
from relupool.experiments.networks import Deeper, LeakyReLU, PartialReLU
from relupool.experiments.run import Run
from relupool.experiments.weights import named
from relupool.running.pure import FASTER, How, Program, rows_of, slope, stack, state_of
from relupool.validation import refuse

Done = Callable[[Run, keras.Model], None]
"""Takes a complete run, and its network with the averaged weights."""


def train_many(
    experiments: Sequence[Experiment],
    images: Images,
    *,
    on_progress: Callable[[Experiment, int, float], None] | None = None,
    on_run: Callable[[Run, dict[str, np.ndarray]], None] | None = None,
    checkpoints: Path | str | None = None,
    elsewhere: bool = False,
    how: How | None = None,
) -> tuple[Run, ...]:
    """Train every experiment, those that differ in numbers only together; the runs in the order of the experiments.

    ``on_progress(experiment, step, loss)`` is called after every piece of at most 50 steps, ``on_run(run, weights)``
    when a run is complete, with its averaged weights as :func:`weights.named` names them (none if it diverged). In the
    folder ``checkpoints`` the state is kept as :func:`training.train` keeps it, with ``elsewhere`` as there. ``how`` is
    one of "vmap", "map" and "calls", by default what :data:`FASTER` says of this device. Raises ValueError, before any
    work, if there is no experiment, if one is there twice, or if one does not fit the images or the running backend.
    """
    experiments = tuple(experiments)
    if not experiments or len(set(experiments)) != len(experiments):
        refuse("experiments", f"{len(experiments)}, {len(set(experiments))} of them distinct", "distinct, at least one")
    if how not in (None, *get_args(How)):
        refuse("how", how, f"None or one of {', '.join(map(repr, get_args(How)))}")
    for e in experiments:
        training.check(e, images)
    runs: dict[Experiment, Run] = {}

    def done(run: Run, network: keras.Model) -> None:
        runs[run.experiment] = run
        if on_run is not None:
            on_run(run, {} if run.diverged_at else named(network))

    if keras.backend.backend() != "jax":
        for e in experiments:
            own = _of(e, on_progress)
            network, run = training.trained(e, images, on_progress=own, checkpoint=checkpoints, elsewhere=elsewhere)
            done(run, network)
    else:
        how = how or FASTER[machine()["device_kind"]]
        for group in grouped(experiments):
            members = [Member(e, images, checkpoints, elsewhere) for e in group]
            _train_group(members, images, on_progress, done, how)
    return tuple(runs[e] for e in experiments)


def together(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """The experiments in groups that are faster together than one by one: on a GPU under JAX as :func:`grouped`."""
    faster = keras.backend.backend() == "jax" and FASTER[machine()["device_kind"]] != "calls"
    return grouped(experiments) if faster else [[e] for e in experiments]


def grouped(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """The experiments in groups that one program can train: equal but for seed, rate, decay and slopes."""
    groups: dict[Experiment, list[Experiment]] = {}
    for e in experiments:
        decay = min(e.schedule.weight_decay, 1.0) and 1.0  # none at all is another program
        schedule = attrs.evolve(e.schedule, learning_rate=1.0, weight_decay=decay)
        seed = e.seed if _holds(e.network, PartialReLU) else 0  # whose channels are drawn from it
        groups.setdefault(attrs.evolve(e, network=_unsloped(e.network), schedule=schedule, seed=seed), []).append(e)
    return list(groups.values())


def _unsloped(network: Any) -> Any:
    """The network with one and the same slope where its convolutional layers alone are leaky."""
    if isinstance(network, Deeper):
        return attrs.evolve(network, example=_unsloped(network.example))
    return attrs.evolve(network, conv_activation=LeakyReLU(0.5)) if slope(network) is not None else network


def _holds(value: Any, kind: type) -> bool:
    if isinstance(value, kind):
        return True
    names = [a.name for a in attrs.fields(type(value))] if attrs.has(type(value)) else []
    return any(_holds(getattr(value, name), kind) for name in names)


def _of(e: Experiment, on_progress: Callable[[Experiment, int, float], None] | None) -> Any:
    return None if on_progress is None else lambda step, loss: on_progress(e, step, loss)


def _train_group(
    group: list[Member],
    images: Images,
    on_progress: Callable[[Experiment, int, float], None] | None,
    done: Done,
    how: How,
) -> None:
    by_step: dict[int, list[Member]] = {}  # an interruption may have caught some before the others were kept
    for member in group:
        by_step.setdefault(member.keeper.last.step, []).append(member)
    for begun, members in sorted(by_step.items()):
        _train_members(members, begun, images, on_progress, done, how)


def _train_members(
    members: list[Member],
    begun: int,
    images: Images,
    on_progress: Callable[[Experiment, int, float], None] | None,
    done: Done,
    how: How,
) -> None:
    e = members[0].experiment
    experiments = [m.experiment for m in members]
    program = Program(experiments, images.x_train[: e.train_images], how)
    state, labels = stack([m.state for m in members]), images.y_train.astype("int32")
    spans = [span for span in training.pieces(e.schedule) if span[0] >= begun]
    rows = rows_of(experiments, *spans[0]) if spans else None
    for i, (first, last) in enumerate(spans):
        if first in e.schedule.evaluate_at:
            _look(members, state, first)
        assert rows is not None
        state, losses = program.run(state, rows, labels[rows[..., 0].astype(int)])
        rows = rows_of(experiments, *spans[i + 1]) if i + 1 < len(spans) else None  # drawn while the device computes
        means = np.asarray(losses, "float64").mean(axis=1)
        for m, loss in zip(members, means.tolist(), strict=True):
            m.note(last, loss)
        try:
            for m, loss in zip(members, means.tolist(), strict=True):
                if on_progress is not None and m.diverged_at in (None, last):
                    on_progress(m.experiment, last, loss)
        except BaseException:
            _keep(members, state, last)
            raise
        for m in members:
            if m.diverged_at == last:
                m.end(images, len(members), done)
        if all(m.diverged_at for m in members):
            return
        if members[0].keeper.due:
            _keep(members, state, last)
    _look(members, state, e.schedule.steps)
    for m in members:
        if m.diverged_at is None:
            m.end(images, len(members), done)


def _look(members: list[Member], state: Any, step: int) -> None:
    """Examine every member that has not been at this step."""
    _lend(members, state)
    for m in members:
        if m.diverged_at is None and step not in [seen.step for seen in m.examine.evaluations]:
            m.examine(step)
            m.keep(step)


def _keep(members: list[Member], state: Any, step: int) -> None:
    _lend(members, state)
    for m in members:
        m.keep(step)


def _lend(members: list[Member], state: Any) -> None:
    """Give each member's Keras variables its part of the state."""
    host = {kind: [np.asarray(v) for v in values] for kind, values in state.items()}
    for i, m in enumerate(members):
        m.assign({kind: [v[i] for v in values] for kind, values in host.items()})


class Member:
    """One experiment of a program, with Keras variables of its own to look at it, keep it and put it back."""

    def __init__(self, e: Experiment, images: Images, checkpoints: Path | str | None, elsewhere: bool) -> None:
        self.experiment, schedule = e, e.schedule
        self.network = build(e.network, weight_decay=schedule.weight_decay, dtype=e.dtype, seed=e.seed)
        self.optimizer = training.optimizer_of(schedule)
        self.optimizer.build(self.network.trainable_variables)
        self.variables = [*self.network.variables, *self.optimizer.variables]
        self.keeper = Keeper(checkpoints, e, self.variables, training.here(e), elsewhere=elsewhere)
        self.examine = training.Examination(self.network, self.optimizer, e, images)
        self.examine.evaluations = list(self.keeper.last.evaluations)
        self.losses = list(self.keeper.last.losses)
        self.diverged_at: int | None = None

    @property
    def state(self) -> dict[str, list[Any]]:
        """The values of the variables, as a tree."""
        return state_of(self.network, self.optimizer)

    def assign(self, state: dict[str, list[Any]]) -> None:
        """Take over the values of a tree such as :attr:`state`."""
        pairs = zip(self.network.trainable_variables, state["weights"], strict=True)
        others = zip(self.network.non_trainable_variables, state["moving"], strict=True)
        kept = zip(self.optimizer.variables, state["optimizer"], strict=True)
        for variable, value in (*pairs, *others, *kept):
            variable.assign(value)

    def note(self, step: int, loss: float) -> None:
        """Take down a piece's loss."""
        if self.diverged_at is None and math.isfinite(loss):
            self.losses.append((step, float(f"{loss:.7g}")))
        elif self.diverged_at is None:
            self.diverged_at = step

    def keep(self, step: int) -> None:
        """Write a checkpoint of the variables as they are."""
        if self.diverged_at is None:
            self.keeper.write(step, self.examine.evaluations, self.losses)

    def end(self, images: Images, together: int, done: Done) -> None:
        """Hand over the complete run and its network; its seconds are its share of what ``together`` members took."""
        given = self.keeper.provenance
        mine = {**given, "seconds": round(given["seconds"] / together, 1), "together": together}
        run = training.outcome(self.examine, self.losses, self.diverged_at, images, mine)
        self.keeper.remove()
        with training.averaged(self.network, self.optimizer):
            done(run, self.network)
