"""Where ReLU changes a max-pooled value: the statements of the chapter *How often does ReLU act?*."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np

from relupool.theory import reference
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.proposition import Check, Layers, Proposition

POOL = (3, 2, "same")
"""Size, stride and padding of the example's pools; windows overlap, and some hang over the border."""

SHAPE = (7, 8, 1)


def _images(trials: int, seed: int) -> Array:
    return draw(trials, shape=SHAPE, seed=seed)


def _largest(x: Array) -> Array:
    return reference.max_pool(x, *POOL).astype(x.dtype)


def _with_relu(layers: Layers) -> Function:
    relu = layers.activation("relu")
    return lambda x: relu(layers.max_pool(x, *POOL))  # a tensor, so that it has a gradient


def _without(layers: Layers) -> Function:
    return lambda x: layers.max_pool(x, *POOL)


def _gradient(function: Function, layers: Layers) -> Function:
    """The gradient of the sum of all pooled values."""
    return lambda x: to_array(layers.pullback(function, x, np.ones_like(_largest(x))))


def _sent(arriving: Function) -> Function:
    """The gradient where ``arriving(largest)`` comes to each window, and all goes to the first of its largest."""
    return lambda x: reference.max_pool_pullback(x, arriving(_largest(x)), *POOL).astype(x.dtype)


def _exactly(layers: Layers, trials: int, seed: int) -> Evidence:
    def changed(x: Array) -> Array:
        return (to_array(_with_relu(layers)(x)) != to_array(_without(layers)(x))).astype(x.dtype)

    return compare(changed, lambda x: (_largest(x) < 0).astype(x.dtype), _images(trials, seed))


def _beside_a_positive(layers: Layers, trials: int, seed: int) -> Evidence:
    """Windows without a positive value are left as they are: nothing is stated of them."""

    def kept(x: Array) -> Array:
        return np.where(_largest(x) > 0, _without(layers)(x), _with_relu(layers)(x))

    return compare(_with_relu(layers), kept, _images(trials, seed))


def _positive_only(gradient: bool) -> Check:
    """All values are positive: with ReLU and without, the same value and the same gradient."""

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        left, right = _with_relu(layers), _without(layers)
        if gradient:
            left, right = _gradient(left, layers), _gradient(right, layers)
        return compare(_of(left, _made_positive), _of(right, _made_positive), _images(trials, seed))

    return run


def _made_positive(x: Array) -> Array:
    return np.where(x == 0, np.asarray(1, dtype=x.dtype), np.abs(x))


def _of(function: Function, change: Function) -> Function:
    return lambda x: function(change(x))


def _made_negative(x: Array) -> Array:
    return -_made_positive(x)


def _negative_gives_zero(gradient: bool) -> Check:
    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        side = _gradient(_with_relu(layers), layers) if gradient else _with_relu(layers)
        found = _of(side, _made_negative)
        return compare(found, lambda x: np.zeros_like(to_array(found(x))), _images(trials, seed))

    return run


def _negative_passes(gradient: bool) -> Check:
    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        found, truth = (_gradient(_without(layers), layers), _sent(np.ones_like)) if gradient else (
            _without(layers), _largest)  # fmt: skip
        return compare(_of(found, _made_negative), _of(truth, _made_negative), _images(trials, seed))

    return run


def _blocks(layers: Layers, trials: int, seed: int) -> Evidence:
    arriving = _sent(lambda largest: (largest > 0).astype(largest.dtype))
    return compare(_gradient(_with_relu(layers), layers), arriving, _images(trials, seed))


def _leaky_passes(layers: Layers, trials: int, seed: int) -> Evidence:
    """Leaky ReLU lets a fifth of the gradient through where ReLU lets none."""
    leaky = layers.activation("leaky_relu")

    def arriving(largest: Array) -> Array:
        return np.where(largest > 0, 1, np.asarray(0.2, dtype=largest.dtype)).astype(largest.dtype)

    found = _gradient(lambda x: leaky(layers.max_pool(x, *POOL)), layers)
    inputs = np.where(_images(trials, seed) == 0, np.float32(0.25), _images(trials, seed))  # not at the corner
    return compare(found, _sent(arriving), inputs, allowed=4)


def _orders(layers: Layers, trials: int, seed: int) -> Evidence:
    """Of the 120 orders of Z0, ..., Z4, ReLU changes the largest of the Zi - Z0 in those 24 in which Z0 leads."""
    orders = np.array(list(permutations(range(5))))
    relu = layers.activation("relu")

    def changed(x: Array) -> Array:
        z = np.cumsum(_made_positive(x) + np.float32(1), axis=1)[:, orders]
        windows = (z[:, :, 1:] - z[:, :, :1]).reshape(-1, 2, 2, 1)
        largest = to_array(layers.max_pool(windows, 2, 2, "valid"))
        return (to_array(relu(largest)) != largest).reshape(len(x), -1).sum(axis=1).astype(np.float64)

    x = draw(max(trials // 20, 1), shape=(5,), seed=seed)
    return compare(changed, lambda x: np.full(len(x), float(factorial(4))), x)


CHANGES = "Theorem thm-all-negative"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-changes-exactly-the-negative",
        "ReLU changes a max-pooled value exactly where all values of the window are negative.",
        CHANGES,
        _exactly,
    ),
    Proposition(
        "relu-is-idle-on-positive-values",
        "Where all values of a window are positive, ReLU changes nothing.",
        CHANGES,
        _positive_only(gradient=False),
    ),
    Proposition(
        "relu-is-idle-on-positive-values-in-gradients",
        "Where all values of a window are positive, ReLU changes no gradient.",
        CHANGES,
        _positive_only(gradient=True),
    ),
    Proposition(
        "relu-is-idle-beside-a-positive-value",
        "Where one value of a window is positive, the pooled value is the same with ReLU and without.",
        CHANGES,
        _beside_a_positive,
    ),
    Proposition(
        "relu-makes-the-negative-zero",
        "Where all values of a window are negative, ReLU makes the pooled value 0.",
        CHANGES,
        _negative_gives_zero(gradient=False),
    ),
    Proposition(
        "relu-blocks-the-negative",
        "Where all values of a window are negative, no gradient passes ReLU.",
        CHANGES,
        _negative_gives_zero(gradient=True),
    ),
    Proposition(
        "largest-negative-passes",
        "Without ReLU, the largest of negative values is what a max-pool puts out.",
        CHANGES,
        _negative_passes(gradient=False),
    ),
    Proposition(
        "largest-negative-gets-the-gradient",
        "Without ReLU, the first of the largest among negative values gets the whole gradient.",
        CHANGES,
        _negative_passes(gradient=True),
    ),
    Proposition(
        "relu-blocks-exactly-the-not-positive",
        "With ReLU, a window lets its gradient through if and only if its largest value is above 0.",
        CHANGES,
        _blocks,
    ),
    Proposition(
        "leaky-relu-blocks-nothing",
        "Leaky ReLU lets a fifth of the gradient through where ReLU lets none.",
        "Exercise ex-leaky",
        _leaky_passes,
    ),
    Proposition("one-order-in-five", "Z1 - Z0, ..., Z4 - Z0 are all negative in 4! of the 5! orders of Z0, ..., Z4.",
                "Theorem thm-one-in", _orders),
)  # fmt: skip
