"""Many runs at once: experiments that differ in numbers only train in one compiled program under JAX.

What may differ is the seed, the learning rate, the weight decay and the slope of a leaky ReLU. Everything that makes a
run is a pure function of a *member's state*, a tree of what training changes, and of those numbers. TensorFlow trains
the experiments one after another, through the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import attrs
import keras
import numpy as np
from keras import ops

from relupool.experiments import training
from relupool.experiments.augmentation import draws
from relupool.experiments.data import Images
from relupool.experiments.experiment import Experiment
from relupool.experiments.machine import machine
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, Deeper, LeakyReLU, PartialReLU
from relupool.experiments.run import Run
from relupool.experiments.training import Trainee
from relupool.experiments.weights import named
from relupool.validation import refuse

How = Literal["each", "vmap", "map", "calls"]
HOWS: tuple[How, ...] = get_args(How)

FASTER: dict[str, How] = {"cpu": "calls", "gpu": "each"}
"""How the members stand in a program, by the kind of device, where nobody has measured.

For a piece of the run in one call, every operation is on all of them at once ("vmap"), or all but the convolutions, one
for each ("each"), since together they are grouped ones, which cuDNN has slow kernels for; or one member comes after the
other ("map"). Or each step of each member is a call ("calls"), because XLA's convolutions on a CPU lose their fast
kernels inside a loop. Not yet measured on a GPU: ``relupool train --how fastest`` measures first."""

OnProgress = Callable[[Experiment, int, float], None]
OnRun = Callable[[Run, dict[str, np.ndarray]], None]


def train_many(
    experiments: Sequence[Experiment],
    images: Images,
    *,
    on_progress: OnProgress = lambda experiment, step, loss: None,
    on_run: OnRun = lambda run, weights: None,
    checkpoints: Path | str | None = None,
    elsewhere: bool = False,
    how: How | None = None,
) -> tuple[Run, ...]:
    """Train every experiment, those that differ in numbers only together; the runs in the order of the experiments.

    ``on_progress(experiment, step, loss)`` is called after every piece of at most 50 steps, ``on_run(run, weights)``
    when a run is complete, with its averaged weights as :func:`weights.named` names them (none if it diverged). In the
    folder ``checkpoints`` the state is kept as :func:`training.trained` keeps it, with ``elsewhere`` as there. ``how``
    is by default what :data:`FASTER` says of this device. Raises ValueError, before any work, if there is no
    experiment, if one is there twice, or if one does not fit the images or the running backend.
    """
    experiments = tuple(experiments)
    if not experiments or len(set(experiments)) != len(experiments):
        refuse("experiments", f"{len(experiments)}, {len(set(experiments))} of them distinct", "distinct, at least one")
    if how not in (None, *HOWS):
        refuse("how", how, f"None or one of {', '.join(map(repr, HOWS))}")
    for e in experiments:
        training.check(e, images)
    runs: dict[Experiment, Run] = {}

    def done(run: Run, network: keras.Model) -> None:
        runs[run.experiment] = run
        on_run(run, {} if run.diverged_at else named(network))

    if keras.backend.backend() == "jax":
        for group in grouped(experiments):
            by_step: dict[int, list[Trainee]] = {}  # an interruption may have caught some before the others were kept
            for e in group:
                member = Trainee(e, images, checkpoints, elsewhere=elsewhere)
                by_step.setdefault(member.begun, []).append(member)
            for members in by_step.values():
                _train_together(members, images, on_progress, done, how or usual())
    else:
        for e in experiments:
            network, run = training.trained(
                e, images, on_progress=partial(on_progress, e), checkpoint=checkpoints, elsewhere=elsewhere
            )
            done(run, network)
    return tuple(runs[e] for e in experiments)


def usual() -> How:
    """What :data:`FASTER` says of this device."""
    return FASTER[machine()["device_kind"]]


def together(experiments: Sequence[Experiment], how: How | None = None) -> list[list[Experiment]]:
    """The experiments in groups that are faster together than one by one: on a GPU under JAX as :func:`grouped`."""
    faster = keras.backend.backend() == "jax" and (how or usual()) != "calls"
    return grouped(experiments) if faster else [[e] for e in experiments]


def grouped(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """The experiments in groups that one program can train: equal but for seed, rate, decay and slopes."""
    groups: dict[Experiment, list[Experiment]] = {}
    for e in experiments:
        decay = min(e.schedule.weight_decay, 1.0) and 1.0  # none at all is another program
        schedule = attrs.evolve(e.schedule, learning_rate=1.0, weight_decay=decay)
        example = _example(e.network)
        drawn = any(isinstance(value, PartialReLU) for value in attrs.asdict(example, recurse=False).values())
        network = e.network
        if slope(network) is not None:
            example = attrs.evolve(example, conv_activation=LeakyReLU(0.5))
            network = attrs.evolve(network, example=example) if isinstance(network, Deeper) else example
        # a partial ReLU's channels are drawn from the seed
        common = attrs.evolve(e, network=network, schedule=schedule, seed=e.seed if drawn else 0)
        groups.setdefault(common, []).append(e)
    return list(groups.values())


def slope(network: Any) -> float | None:
    """The slope of the convolutional layers, if they are leaky and the dense ones are not."""
    a = _example(network)
    if not isinstance(a, Architecture) or isinstance(a.dense_activation, LeakyReLU):
        return None
    return a.conv_activation.slope if isinstance(a.conv_activation, LeakyReLU) else None


def _example(network: Any) -> Any:
    return network.example if isinstance(network, Deeper) else network


def _train_together(
    members: list[Trainee],
    images: Images,
    on_progress: OnProgress,
    done: Callable[[Run, keras.Model], None],
    how: How,
) -> None:
    experiments = [m.experiment for m in members]
    e = experiments[0]
    program = Program(experiments, images.x_train[: e.train_images], how)
    state = stack([state_of(m.network, m.optimizer) for m in members])
    labels = images.y_train.astype("int32")
    spans = training.pieces(e.schedule, members[0].begun)
    rows = rows_of(experiments, *spans[0]) if spans else None

    for m in members[1:]:  # with one slope, the first one's Keras variables serve all: what looks is compiled once
        if slope(m.experiment.network) == slope(e.network):
            m.network, m.optimizer = members[0].network, members[0].optimizer
            m.keeper.variables = members[0].keeper.variables

    def lend() -> Iterator[Trainee]:
        """Each member that has not diverged, while its Keras variables have its part of the state."""
        host = {kind: [np.asarray(v) for v in values] for kind, values in state.items()}
        for i, m in enumerate(members):
            if m.diverged_at is None:
                for kind, variables in variables_of(m.network, m.optimizer).items():
                    for variable, value in zip(variables, host[kind], strict=True):
                        variable.assign(value[i])
                yield m

    def end(m: Trainee) -> None:
        run = m.finish(together=len(members), how=how)
        with training.averaged(m.network, m.optimizer):
            done(run, m.network)

    for span, following in zip(spans, [*spans[1:], None], strict=True):
        first, last = span
        if first in e.schedule.evaluate_at:
            for m in lend():
                m.look(first)
                if m.diverged_at is not None:
                    end(m)
        assert rows is not None
        state, losses = program.run(state, rows, labels[rows[..., 0].astype(int)])
        rows = rows_of(experiments, *following) if following else None  # drawn while the device computes
        training_now = [m for m in members if m.diverged_at is None]
        means = dict(zip(members, np.asarray(losses, "float64").mean(axis=1).tolist(), strict=True))
        for m in training_now:
            m.note(last, means[m])
        try:
            for m in training_now:
                on_progress(m.experiment, last, means[m])
        except BaseException:
            for m in lend():
                m.keep(last)
            raise
        for m in training_now:
            if m.diverged_at is not None:
                end(m)
        if all(m.diverged_at for m in members):
            return
        if members[0].keeper.due or last == e.schedule.steps:
            for m in lend():
                m.keep(last)
    for m in lend():
        end(m)


class Program:
    """The compiled training of several experiments of one group: ``run(members' states, rows, labels)``."""

    def __init__(self, experiments: Sequence[Experiment], x_train: np.ndarray, how: How) -> None:
        import jax

        first, self.how = experiments[0], how
        network = build(first.network, weight_decay=first.schedule.weight_decay, dtype=first.dtype, seed=first.seed)
        for layer in network.layers if how == "each" else ():
            if isinstance(layer, keras.layers.Conv2D):
                layer.convolution_op = one_for_each(layer.convolution_op)
        self.trainer = training.compiled(network, x_train, first.schedule)
        moving = {id(v) for v in network.non_trainable_variables}
        self.moves = [id(v) in moving for v in self.trainer.non_trainable_variables]
        # an argument, for what a program closes over is copied into it
        self.fixed = [v.value for v in self.trainer.non_trainable_variables if id(v) not in moving]
        leaky = ("activation1", "activation2", "activation_conv") if slope(first.network) is not None else ()
        self.sloped = [layer for layer in network.layers if layer.name.startswith(leaky)]
        decay = first.schedule.weight_decay or 1.0
        rate = first.schedule.learning_rate
        numbers = {
            "rate": [e.schedule.learning_rate / rate for e in experiments],
            "decay": [e.schedule.weight_decay / decay for e in experiments],
            "slope": [slope(e.network) or 0.0 for e in experiments],
        }
        self.numbers = {name: np.array(values, "float32") for name, values in numbers.items()}
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._run = jax.jit(self._all, donate_argnums=0)
        self._one = jax.jit(self._step, donate_argnums=0)

    def run(self, state: Any, rows: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """States and losses ``(members, steps)`` after the steps of ``rows`` ``(members, steps, batch, 6)``."""
        if self.how != "calls":
            return self._run(state, self.numbers, self.fixed, rows, labels)
        ends, losses = [], []
        for i in range(len(rows)):
            own, numbers = part(state, i), part(self.numbers, i)
            seen = []
            for batch in zip(rows[i], labels[i], strict=True):
                own, loss = self._one(own, numbers, self.fixed, *batch)
                seen.append(loss)
            ends.append(own)
            losses.append(seen)
        return stack(ends), np.array(losses)

    def _all(self, state: Any, numbers: Any, fixed: Any, rows: Any, labels: Any) -> tuple[Any, Any]:
        import jax

        def member(given: Any) -> Any:
            state, numbers, rows, labels = given
            return jax.lax.scan(lambda s, batch: self._step(s, numbers, fixed, *batch), state, (rows, labels))

        every = (state, numbers, rows, labels)
        return jax.lax.map(member, every) if self.how == "map" else jax.vmap(member)(every)

    def _step(self, state: Any, numbers: Any, fixed: Any, rows: Any, labels: Any) -> tuple[Any, Any]:
        import jax

        def total(weights: Any) -> tuple[Any, Any]:
            moving, still = iter(state["moving"]), iter(fixed)
            others = [next(moving) if moves else next(still) for moves in self.moves]
            logits, others, decay = self.trainer.stateless_call(
                weights, others, rows, training=True, return_losses=True
            )
            moved = [v for v, moves in zip(others, self.moves, strict=True) if moves]
            return self.loss(labels, logits) + numbers["decay"] * sum(decay), moved

        for layer in self.sloped:  # while the program is made, the slope is one of its arguments
            layer.activation = lambda x: ops.where(x > 0, x, ops.cast(numbers["slope"], x.dtype) * x)
        (loss, moved), gradients = jax.value_and_grad(total, has_aux=True)(state["weights"])
        gradients = [numbers["rate"] * g for g in gradients]  # a step is linear in its gradient
        weights, kept = self.trainer.optimizer.stateless_apply(state["optimizer"], gradients, state["weights"])
        return {"weights": weights, "moving": moved, "optimizer": kept}, loss


def one_for_each(convolution: Callable[..., Any]) -> Callable[..., Any]:
    """The same ``convolution(x, kernel)``, which under vmap is one for each member, and so are its gradients."""
    import jax
    from jax.custom_batching import custom_vmap

    def each(f: Callable[..., Any]) -> Any:
        @(own := custom_vmap(f)).def_vmap
        def _(members: int, batched: Sequence[bool], *arrays: Any) -> Any:
            given = [[a[i] if has else a for a, has in zip(arrays, batched, strict=True)] for i in range(members)]
            made = jax.tree.map(lambda *values: jax.numpy.stack(values), *(own(*one) for one in given))
            return made, jax.tree.map(lambda _: True, made)

        return own

    forward, backward = each(convolution), each(lambda x, kernel, g: jax.vjp(convolution, x, kernel)[1](g))
    made = jax.custom_vjp(forward)
    made.defvjp(lambda x, kernel: (forward(x, kernel), (x, kernel)), lambda kept, g: backward(*kept, g))
    return lambda x, kernel: made(jax.numpy.asarray(x), jax.numpy.asarray(kernel))


def variables_of(network: keras.Model, optimizer: keras.Optimizer) -> dict[str, list[Any]]:
    """All Keras variables that training changes, as a tree."""
    return {
        "weights": network.trainable_variables,
        "moving": network.non_trainable_variables,
        "optimizer": optimizer.variables,
    }


def state_of(network: keras.Model, optimizer: keras.Optimizer) -> dict[str, list[np.ndarray]]:
    """Their values."""
    return {kind: [np.asarray(v) for v in values] for kind, values in variables_of(network, optimizer).items()}


def initial_state(experiments: Sequence[Experiment]) -> Any:
    """The stacked state of networks that have not been trained."""
    states = []
    for e in experiments:
        network = build(e.network, weight_decay=e.schedule.weight_decay, dtype=e.dtype, seed=e.seed)
        optimizer = training.optimizer_of(e.schedule)
        optimizer.build(network.trainable_variables)
        states.append(state_of(network, optimizer))
    return stack(states)


def rows_of(experiments: Sequence[Experiment], first: int, last: int) -> np.ndarray:
    """Draws ``(members, steps, batch, 6)`` for the steps from ``first`` to before ``last``, each member's own."""
    e = experiments[0]
    size = {"batch_size": e.schedule.batch_size, "train_images": e.train_images}
    by_seed = {seed: draws(first, last, seed=seed, **size) for seed in {each.seed for each in experiments}}
    return np.stack([by_seed[each.seed] for each in experiments]).reshape(
        len(experiments), last - first, e.schedule.batch_size, -1
    )


def stack(states: Sequence[Any]) -> Any:
    """Trees of the same shape as one whose arrays have the members as their first axis."""
    import jax

    return jax.tree.map(lambda *leaves: np.stack(leaves), *states)


def part(stacked: Any, i: int) -> Any:
    """The tree of one member out of a stacked one."""
    import jax

    return jax.tree.map(lambda leaf: leaf[i], stacked)
