"""Where ReLU changes a max-pooled value, and where it sends the gradient: statements of *How often does ReLU act?*."""

from __future__ import annotations

from functools import partial
from itertools import permutations
from math import factorial

import numpy as np

from relupool.theory import reference
from relupool.theory.evidence import Array, Function, draw, to_array
from relupool.theory.proposition import Layers, Proposition, Sides, agree

POOL = (3, 2, "same")
"""Size, stride and padding of the example's pools; windows overlap, and some hang over the border."""

images = partial(draw, shape=(7, 8, 1))


def _made_positive(x: Array) -> Array:
    return np.where(x == 0, np.asarray(1, dtype=x.dtype), np.abs(x))


def _positive(trials: int, *, seed: int) -> Array:
    return _made_positive(images(trials, seed=seed))


def _negative(trials: int, *, seed: int) -> Array:
    return -_positive(trials, seed=seed)


def _not_zero(trials: int, *, seed: int) -> Array:
    x = images(trials, seed=seed)
    return np.where(x == 0, np.float32(0.25), x)


def _maximum(x: Array) -> Array:
    return reference.max_pool(x, *POOL).astype(x.dtype)


def _with_relu(layers: Layers) -> Function:
    return lambda x: layers.relu(layers.largest(x))


def _gradient(layers: Layers, function: Function) -> Function:
    """The gradient of the sum of all pooled values."""
    return lambda x: layers.pullback(function, x, np.ones_like(_maximum(x)))


def _sent(arriving: Function) -> Function:
    """The gradient where ``arriving(largest)`` comes to each window, and all goes to the first of its largest."""
    return lambda x: reference.max_pool_pullback(x, arriving(_maximum(x)), *POOL).astype(x.dtype)


def _exactly(layers: Layers) -> tuple[Function, Function]:
    act, idle = _with_relu(layers), layers.largest
    return (
        lambda x: (to_array(act(x)) != to_array(idle(x))).astype(x.dtype),
        lambda x: (_maximum(x) < 0).astype(x.dtype),
    )


def _beside_a_positive(layers: Layers) -> tuple[Function, Function]:
    """Windows without a positive value are left as they are: nothing is stated of them."""
    act, idle = _with_relu(layers), layers.largest
    return act, lambda x: np.where(_maximum(x) > 0, idle(x), act(x))


def _blocks(layers: Layers) -> tuple[Function, Function]:
    return _gradient(layers, _with_relu(layers)), _sent(lambda largest: (largest > 0).astype(largest.dtype))


def _leaky_passes(layers: Layers) -> tuple[Function, Function]:
    leaky = layers.activation("leaky_relu")
    return (
        _gradient(layers, lambda x: leaky(layers.largest(x))),
        _sent(lambda largest: np.where(largest > 0, np.float32(1), np.float32(0.2))),
    )


def _orders(layers: Layers) -> tuple[Function, Function]:
    """Of the 120 orders of Z0, ..., Z4, ReLU changes the largest of the Zi - Z0 in those 24 in which Z0 leads."""
    orders = np.array(list(permutations(range(5))))

    def changed(x: Array) -> Array:
        z = np.cumsum(_made_positive(x) + np.float32(1), axis=1)[:, orders]
        windows = (z[:, :, 1:] - z[:, :, :1]).reshape(-1, 2, 2, 1)
        largest = to_array(layers.max_pool(windows, 2, 2, "valid"))
        return (to_array(layers.relu(largest)) != largest).reshape(len(x), -1).sum(axis=1).astype(np.float64)

    return changed, lambda x: np.full(len(x), float(factorial(4)))


def _upstream(pooled: Array) -> Array:
    """Whole numbers from 1 to 5 in turn: gradients that tell the windows apart, and add up without rounding."""
    return (np.arange(np.size(pooled)) % 5 + 1).reshape(np.shape(pooled)).astype("float32")


def _pullback(layers: Layers, function: Function, x: Array) -> Array:
    return to_array(layers.pullback(function, x, _upstream(function(x))))


def _gated_identity(layers: Layers) -> tuple[Function, Function]:
    """The gate after the pool's own gradient, as an identity with the gate has it, against ReLU's."""
    return (
        lambda x: _pullback(layers, layers.largest, x) * (x > 0).astype(x.dtype),
        lambda x: _pullback(layers, lambda x: layers.largest(layers.relu(x)), x),
    )


def _ungated(where: Function) -> Sides:
    """After a ReLU whose gradient passes arrives the pool's own, at the activated; against that of ``where(x)``."""
    return lambda layers: (
        lambda x: _pullback(layers, layers.largest, to_array(layers.relu(x))),
        lambda x: reference.max_pool_pullback(where(x), _upstream(_maximum(x)), *POOL).astype(x.dtype),
    )


_of_images = partial(agree, inputs=images)
_of_positive, _of_negative = (partial(agree, inputs=inputs) for inputs in (_positive, _negative))

CHANGES, FOUR = "Theorem thm-all-negative", "Theorem thm-four"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("relu-changes-exactly-the-negative",
                "ReLU changes a max-pooled value exactly where all values of the window are negative.",
                CHANGES, _of_images(_exactly)),
    Proposition("relu-is-idle-on-positive-values",
                "Where all values of a window are positive, ReLU changes nothing.",
                CHANGES, _of_positive(lambda layers: (_with_relu(layers), layers.largest))),
    Proposition("relu-is-idle-on-positive-values-in-gradients",
                "Where all values of a window are positive, ReLU changes no gradient.",
                CHANGES, _of_positive(lambda layers: (_gradient(layers, _with_relu(layers)),
                                               _gradient(layers, layers.largest)))),
    Proposition("relu-is-idle-beside-a-positive-value",
                "Where one value of a window is positive, the pooled value is the same with ReLU and without.",
                CHANGES, _of_images(_beside_a_positive)),
    Proposition("relu-makes-the-negative-zero",
                "Where all values of a window are negative, ReLU makes the pooled value 0.",
                CHANGES, _of_negative(lambda layers: (_with_relu(layers), lambda x: 0 * _maximum(x)))),
    Proposition("relu-blocks-the-negative",
                "Where all values of a window are negative, no gradient passes ReLU.",
                CHANGES, _of_negative(lambda layers: (_gradient(layers, _with_relu(layers)), lambda x: 0 * x))),
    Proposition("largest-negative-passes",
                "Without ReLU, the largest of negative values is what a max-pool puts out.",
                CHANGES, _of_negative(lambda layers: (layers.largest, _maximum))),
    Proposition("largest-negative-gets-the-gradient",
                "Without ReLU, the first of the largest among negative values gets the whole gradient.",
                CHANGES, _of_negative(lambda layers: (_gradient(layers, layers.largest), _sent(np.ones_like)))),
    Proposition("relu-blocks-exactly-the-not-positive",
                "With ReLU, a window lets its gradient through if and only if its largest value is above 0.",
                CHANGES, _of_images(_blocks)),
    Proposition("leaky-relu-blocks-nothing",
                "Leaky ReLU lets a fifth of the gradient through where ReLU lets none.",
                "Exercise ex-leaky", agree(_leaky_passes, _not_zero, allowed=4)),
    Proposition("one-order-in-five", "Z1 - Z0, ..., Z4 - Z0 are all negative in 4! of the 5! orders of Z0, ..., Z4.",
                "Theorem thm-one-in", agree(_orders, partial(draw, shape=(5,)))),
    Proposition("gated-identity-sends-as-relu", "Right in front of a max-pool, the gated identity and ReLU send the "
                "same gradient to the same values.", FOUR, _of_images(_gated_identity)),
    Proposition("ungated-relu-teaches-the-first", "A ReLU whose gradient passes sends that of an all-negative window "
                "to the first of its values.", FOUR, _of_negative(_ungated(np.zeros_like))),
    Proposition("ungated-relu-teaches-the-largest", "A ReLU whose gradient passes sends that of an all-negative window "
                "to the largest of its values.", FOUR, _of_negative(_ungated(lambda x: x)), true=False),
)  # fmt: skip
