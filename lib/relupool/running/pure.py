"""Training as a pure function under JAX: the steps of several experiments in one compiled program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from relupool.experiments.augmentation import draws
from relupool.experiments.experiment import Experiment
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, Deeper, LeakyReLU
from relupool.experiments.training import compiled

How = Literal["vmap", "map", "calls"]

FASTER: dict[str, How] = {"cpu": "calls", "gpu": "vmap"}
"""How the members stand in a program, by the kind of device: every operation on all of them at once ("vmap") or one
member after the other ("map"), for a piece of the run in one call; or a call for each step of each member ("calls"),
because XLA's convolutions on a CPU lose their fast kernels inside a loop. Not yet measured on a GPU."""


def slope(network: Any) -> float | None:
    """The slope of the convolutional layers, if they are leaky and the dense ones are not."""
    example = network.example if isinstance(network, Deeper) else network
    if not isinstance(example, Architecture) or isinstance(example.dense_activation, LeakyReLU):
        return None
    return example.conv_activation.slope if isinstance(example.conv_activation, LeakyReLU) else None


class Program:
    """The compiled training of several experiments of one group: ``run(members' states, rows, labels)``."""

    def __init__(self, experiments: Sequence[Experiment], x_train: np.ndarray, how: How) -> None:
        import jax

        first, self.how = experiments[0], how
        network = build(first.network, weight_decay=first.schedule.weight_decay, dtype=first.dtype, seed=first.seed)
        self.trainer = compiled(network, x_train, first.schedule)
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
        return jax.vmap(member)(every) if self.how == "vmap" else jax.lax.map(member, every)

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


def state_of(network: keras.Model, optimizer: keras.Optimizer) -> dict[str, list[np.ndarray]]:
    """The values of all that training changes, as a tree."""
    kinds = {
        "weights": network.trainable_variables,
        "moving": network.non_trainable_variables,
        "optimizer": optimizer.variables,
    }
    return {kind: [np.asarray(v) for v in variables] for kind, variables in kinds.items()}


def rows_of(experiments: Sequence[Experiment], first: int, last: int) -> np.ndarray:
    """Draws ``(members, steps, batch, 6)`` for the steps from ``first`` to before ``last``, each member's own."""
    e = experiments[0]
    size = {"batch_size": e.schedule.batch_size, "train_images": e.train_images}
    own = [draws(first, last, seed=each.seed, **size) for each in experiments]
    return np.stack(own).reshape(len(experiments), last - first, e.schedule.batch_size, -1)


def stack(states: Sequence[Any]) -> Any:
    """Trees of the same shape as one whose arrays have the members as their first axis."""
    import jax

    return jax.tree.map(lambda *leaves: np.stack(leaves), *states)


def part(stacked: Any, i: int) -> Any:
    """The tree of one member out of a stacked one."""
    import jax

    return jax.tree.map(lambda leaf: leaf[i], stacked)
