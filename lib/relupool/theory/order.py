"""Activation and max-pooling in either order, and which activation may move at all: statements of chapter 3."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

import numpy as np

from relupool.theory import ranks, reference
from relupool.theory.activations import ACTIVATIONS, STRAIGHT
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.proposition import Check, Layers, Proposition, Sides, agree, all_of, commuting, images
from relupool.theory.survey import is_non_decreasing
from relupool.thresholds import ROUNDED

Orders = tuple[Function, Function]
"""A network as it is, and with an activation moved."""


_largest = attrgetter("largest")


def _smooth(layers: Layers, trials: int, seed: int) -> Evidence:
    """tanh_shrink is left out: its small results are differences of larger numbers, with few digits left."""
    names = [name for name in filter(is_non_decreasing, ACTIVATIONS) if name not in (*STRAIGHT, "tanh_shrink")]
    return all_of(commuting(name, _largest, allowed=ROUNDED) for name in names)(layers, trials, seed)


def _in_mathematics(layers: Layers, trials: int, seed: int) -> Evidence:
    """The activations in float64, which tell neighbouring float32 numbers apart; the maximum as computed in float32.

    A pool of float32 numbers selects, and so loses nothing; that of the float64 results is the reference.
    """

    def orders_of(name: str) -> Sides:
        activation = ACTIVATIONS[name]
        return lambda layers: (
            lambda x: activation(to_array(layers.largest(x))),
            lambda x: reference.max_pool(activation(x), 3, 2, "same"),
        )

    names = filter(is_non_decreasing, ACTIVATIONS)
    return all_of(agree(orders_of(name), fewer=3) for name in names)(layers, trials, seed)


def rising_or_not(activation: Function, max_pool: Function) -> tuple[Function, Function]:
    """For pairs (a, b), ``(trials, 1, 2, 1)``: whether both orders agree, and whether the larger has no smaller result.

    Ones and zeros. The theorem that only non-decreasing activations commute says that the two are the same.
    """

    def agrees(x: Array) -> Array:
        largest = np.broadcast_to(to_array(max_pool(x)), x.shape)  # of one shape, so that all is computed alike
        return (to_array(activation(largest))[:, :, :1] == to_array(max_pool(activation(x)))).astype("float32")

    def in_order(x: Array) -> Array:
        results, upper = to_array(activation(x)), x.argmax(axis=2, keepdims=True)
        of_upper = np.take_along_axis(results, upper, axis=2)
        return (np.take_along_axis(results, 1 - upper, axis=2) <= of_upper).astype("float32")

    return agrees, in_order


def _converse(name: str) -> Sides:
    return lambda layers: rising_or_not(layers.activation(name), lambda x: layers.max_pool(x, 2, 2, "same"))


def _a_zero_more(layers: Layers) -> Orders:
    """The slow pool with one more number in every window, which is zero."""

    def largest(values: Array) -> Array:
        return np.maximum(values.max(axis=1), 0)

    return (
        lambda x: layers.relu(layers.largest(x)),
        lambda x: reference.pool(x, largest, 3, 2, "same").astype("float32"),
    )


def _padded_border(layers: Layers) -> Orders:
    """A row and a column of zeros around the image, and whole windows: those at its start hold zeros."""

    def border(x: Array) -> Array:
        framed = np.pad(np.asarray(x), [(0, 0), (1, 1), (1, 1), (0, 0)])
        pooled = to_array(layers.max_pool(framed, 3, 2, "valid"))
        return np.concatenate([pooled[:, 0], pooled[:, 1:, 0]], axis=1)  # the first row, and the first column

    return border, lambda x: layers.relu(border(x))


def _moved(which: str, layers: Layers, trials: int, seed: int) -> Evidence:
    """ReLU, convolution, ReLU, pool against itself with the "last" or the "first" ReLU moved; whole-number kernels."""
    kernel = np.random.default_rng(seed).integers(-2, 3, (3, 3, 1, 1)).astype("float32")
    relu, pool = layers.activation("relu"), layers.largest

    def convolve(x: Array) -> Array:
        return layers.convolution(x, kernel, 1, "same")

    moved = {"last": lambda x: relu(pool(convolve(relu(x)))), "first": lambda x: pool(relu(relu(convolve(x))))}
    return compare(lambda x: pool(relu(convolve(relu(x)))), moved[which], images(trials, seed=seed))


def _normalize(x: Array) -> Array:
    return reference.local_response_normalization(x).astype("float32")


def _in_layer(which: int) -> Check:
    """A layer of the example after its convolution against itself with ReLU moved.

    Layer 1 is ReLU, pool, normalization; layer 2 is ReLU, normalization, pool.
    """

    def sides(layers: Layers) -> Orders:
        relu, pool = layers.activation("relu"), lambda x: to_array(layers.largest(x))
        if which == 1:
            return lambda x: _normalize(pool(relu(x))), lambda x: _normalize(relu(pool(x)))
        return lambda x: pool(_normalize(relu(x))), lambda x: relu(pool(_normalize(x)))

    return agree(sides, partial(draw, shape=(6, 6, 16)), fewer=5)


COMMUTE, CONVERSE, ZERO, MOVE = (
    "Theorem thm-commute", "Theorem thm-converse", "Theorem thm-zero", "Chapter 3, Only neighbours change places",
)  # fmt: skip
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("relu-commutes-with-max", "ReLU and max-pooling commute: max(relu(x)) = relu(max(x)).",
                COMMUTE, commuting("relu", _largest)),
    Proposition("relu-commutes-with-max-in-gradients",
                "The gradients of relu(max(x)) and max(relu(x)) are the same, at ties and at zero too.",
                "Theorem thm-gradients", commuting("relu", _largest, gradient=True)),
    Proposition("straight-activations-commute-with-max",
                "Every non-decreasing, piecewise-linear activation of Keras commutes with max-pooling, bit for bit.",
                COMMUTE, all_of(commuting(name, _largest) for name in STRAIGHT)),
    Proposition("activations-commute-with-max-in-mathematics",
                "Every non-decreasing activation of Keras commutes with max-pooling in mathematics, tanh among them.",
                COMMUTE, _in_mathematics),
    Proposition("smooth-activations-commute-but-for-rounding", f"As computed, they do so to {ROUNDED:.0f} units in the "
                "last place, but for tanh_shrink, whose digits cancel.", COMMUTE, _smooth),
    Proposition("commuting-is-not-falling", "An activation of Keras commutes with the maximum of two numbers exactly "
                "where it does not fall between them.",
                CONVERSE, all_of(agree(_converse(name), partial(draw, shape=(1, 2, 1))) for name in ACTIVATIONS)),
    Proposition("gelu-commutes-with-max", "GELU and max-pooling commute.",
                CONVERSE, commuting("gelu", _largest), true=False),
    Proposition("relu-is-a-zero-in-every-window",
                "Max-pooling followed by ReLU is max-pooling of windows with a zero added to each.",
                ZERO, agree(_a_zero_more)),
    Proposition("zero-padding-contains-relu",
                "Where windows hold zeros of a padded border, ReLU after max-pooling changes nothing.",
                ZERO, agree(_padded_border)),
    *ranks.PROPOSITIONS,
    Proposition("last-relu-may-move",
                "In ReLU, convolution, ReLU, pool, the last ReLU may as well come after the pool.",
                COMMUTE, partial(_moved, "last")),
    Proposition("first-relu-may-move",
                "In ReLU, convolution, ReLU, pool, the first ReLU may as well come after the convolution.",
                MOVE, partial(_moved, "first"), true=False),
    Proposition("relu-of-layer-1-may-move",
                "In layer 1 of the example (ReLU, pool, normalization) ReLU and pool may change places.",
                COMMUTE, _in_layer(1)),
    Proposition("relu-may-pass-lrn",
                "In layer 2 of the example (ReLU, normalization, pool) ReLU may as well come after the pool.",
                MOVE, _in_layer(2), true=False),
)  # fmt: skip
