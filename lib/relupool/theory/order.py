"""Activation and max-pooling in either order: the statements of the chapter *ReLU and max-pooling commute*."""

from __future__ import annotations

import numpy as np

from relupool.theory import checks, neighbours, ranks, reference
from relupool.theory.activations import ACTIVATIONS, STRAIGHT
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array, together
from relupool.theory.proposition import Layers, Proposition, commuting, pooled
from relupool.theory.survey import is_non_decreasing
from relupool.thresholds import ROUNDED


def _straight(layers: Layers, trials: int, seed: int) -> Evidence:
    return together(commuting(name, "max_pool")(layers, trials=trials, seed=seed) for name in STRAIGHT)


def _smooth(layers: Layers, trials: int, seed: int) -> Evidence:
    """tanh_shrink is left out: its small results are differences of larger numbers, with few digits left."""
    names = [name for name in filter(is_non_decreasing, ACTIVATIONS) if name not in (*STRAIGHT, "tanh_shrink")]
    pool = pooled(layers.max_pool)
    return together(
        checks.commutes(layers.activation(name), pool, trials=trials, seed=seed, allowed=ROUNDED) for name in names
    )


def _in_mathematics(layers: Layers, trials: int, seed: int) -> Evidence:
    """The activations in float64, which tell neighbouring float32 numbers apart; the maximum as computed in float32.

    A pool of float32 numbers selects, and so loses nothing; that of the float64 results is the reference.
    """
    x = draw(max(trials // 3, 1), shape=checks.SHAPE, seed=seed)

    def of(name: str) -> Evidence:
        activation = ACTIVATIONS[name]
        return compare(
            lambda x: activation(to_array(pooled(layers.max_pool)(x))),
            lambda x: reference.max_pool(activation(x), 3, 2, "same"),
            x,
        )

    return together(of(name) for name in filter(is_non_decreasing, ACTIVATIONS))


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


def _converse(layers: Layers, trials: int, seed: int) -> Evidence:
    pairs = draw(trials, shape=(1, 2, 1), seed=seed)

    def pool(x: Array) -> Array:
        return to_array(layers.max_pool(x, 2, 2, "same"))

    return together(compare(*rising_or_not(layers.activation(name), pool), pairs) for name in ACTIVATIONS)


def max_with_zero(x: Array, pool_size: int, strides: int, padding: str) -> Array:
    """The maximum of each window and zero, float64: the slow pool with one more number in every window."""
    return reference.pool(
        x,
        lambda values: np.concatenate([values, np.zeros_like(values[:, :1])], axis=1).max(axis=1),
        pool_size,
        strides,
        padding,
    )


def _a_zero_more(layers: Layers, trials: int, seed: int) -> Evidence:
    relu, pool = layers.activation("relu"), pooled(layers.max_pool)
    x = draw(trials, shape=checks.SHAPE, seed=seed)
    return compare(
        lambda x: to_array(relu(pool(x))), lambda x: max_with_zero(x, 3, 2, "same").astype("float32"), x
    )  # fmt: skip


def border_of(pooled: Array) -> Array:
    """The first row and the first column of ``(batch, height, width, channels)``, as ``(batch, values, channels)``."""
    return np.concatenate([pooled[:, 0], pooled[:, 1:, 0]], axis=1)


def _padded_border(layers: Layers, trials: int, seed: int) -> Evidence:
    """A row and a column of zeros around the image, and whole windows: those at its start hold zeros."""

    def border(x: Array) -> Array:
        framed = np.pad(np.asarray(x), [(0, 0), (1, 1), (1, 1), (0, 0)])
        return border_of(to_array(layers.max_pool(framed, 3, 2, "valid")))

    relu, x = layers.activation("relu"), draw(trials, shape=checks.SHAPE, seed=seed)
    return compare(border, lambda x: to_array(relu(border(x))), x)


COMMUTE, ZERO = "Theorem thm-commute", "Theorem thm-zero"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-commutes-with-max",
        "ReLU and max-pooling commute: max(relu(x)) = relu(max(x)).",
        COMMUTE,
        commuting("relu", "max_pool"),
    ),
    Proposition(
        "relu-commutes-with-max-in-gradients",
        "The gradients of relu(max(x)) and max(relu(x)) are the same, at ties and at zero too.",
        "Theorem thm-gradients",
        commuting("relu", "max_pool", gradient=True),
    ),
    Proposition(
        "straight-activations-commute-with-max",
        "Every non-decreasing, piecewise-linear activation of Keras commutes with max-pooling, bit for bit.",
        COMMUTE,
        _straight,
    ),
    Proposition(
        "activations-commute-with-max-in-mathematics",
        "Every non-decreasing activation of Keras commutes with max-pooling in mathematics, tanh among them.",
        COMMUTE,
        _in_mathematics,
    ),
    Proposition(
        "smooth-activations-commute-but-for-rounding",
        f"As computed, they do so to {ROUNDED:.0f} units in the last place, but for tanh_shrink, whose digits cancel.",
        COMMUTE,
        _smooth,
    ),
    Proposition(
        "commuting-is-not-falling",
        "An activation of Keras commutes with the maximum of two numbers exactly where it does not fall between them.",
        "Theorem thm-converse",
        _converse,
    ),
    Proposition(
        "gelu-commutes-with-max",
        "GELU and max-pooling commute.",
        "Theorem thm-converse",
        commuting("gelu", "max_pool"),
        true=False,
    ),
    Proposition(
        "relu-is-a-zero-in-every-window",
        "Max-pooling followed by ReLU is max-pooling of windows with a zero added to each.",
        ZERO,
        _a_zero_more,
    ),
    Proposition(
        "zero-padding-contains-relu",
        "Where windows hold zeros of a padded border, ReLU after max-pooling changes nothing.",
        ZERO,
        _padded_border,
    ),
    *ranks.PROPOSITIONS,
    *neighbours.PROPOSITIONS,
)
