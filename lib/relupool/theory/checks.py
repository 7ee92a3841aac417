"""Checks of what a function is: each states a law as an equation of two functions and searches for a counterexample.

Functions take a batch ``(trials, ...)`` and return one; they may come from any library. Laws of linearity are tried on
small whole numbers, which floating-point arithmetic adds and multiplies exactly, so that they hold bit for bit or
not at all. Pairs stand along axis 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array

Pullback = Callable[[Function, Array, Array], Array]
"""``pullback(function, x, upstream)``: the gradient of sum(upstream * function(x)) with respect to ``x``."""

SHAPE = (9, 10, 1)
"""Height, width and channels of a trial; of two lengths, so that a mix-up of axes shows."""


def commutes(
    activation: Function,
    pool: Function,
    *,
    trials: int = 1000,
    seed: int = 0,
    pullback: Pullback | None = None,
    allowed: float = 0.0,
) -> Evidence:
    """activation(pool(x)) = pool(activation(x)), for ``trials`` images.

    With ``pullback``, the gradients of the sum of all outputs are compared in place of the values.
    """
    x = draw(trials, shape=SHAPE, seed=seed)

    def pool_first(x: Array) -> Array:
        return activation(pool(x))

    def activate_first(x: Array) -> Array:
        return pool(activation(x))

    def compared(order: Function) -> Function:
        return order if pullback is None else lambda x: pullback(order, x, np.ones_like(to_array(pool(x))))

    return compare(compared(pool_first), compared(activate_first), x, allowed=allowed)


def is_the_same_everywhere(function: Function, *, trials: int = 60, seed: int = 0) -> Evidence:
    """A number has the same result in whatever company: all at once, and three at a time.

    Processors compute numbers in groups, and those left over by another routine, so this can fail.
    """
    numbers = draw(trials, shape=(1,), seed=seed)

    def in_threes(x: Array) -> Array:
        return np.concatenate([to_array(function(x[k : k + 3])) for k in range(0, len(x), 3)])

    return compare(function, in_threes, numbers)


def whole_numbers(trials: int, shape: tuple[int, ...], *, seed: int = 0) -> Array:
    """Whole numbers from -4 to 4, ``(trials, *shape)``, which floating-point numbers add up without rounding."""
    return np.random.default_rng(seed).integers(-4, 5, (trials, *shape)).astype("float32")


def _combines(function: Function, a: int, b: int, x: Array) -> Evidence:
    """function(a x + b y) = a function(x) + b function(y), for pairs (x, y)."""

    def of_sum(pair: Array) -> Array:
        return function((a * pair[:, 0] + b * pair[:, 1]).astype(pair.dtype))

    def sum_of(pair: Array) -> Array:
        return a * to_array(function(pair[:, 0])) + b * to_array(function(pair[:, 1]))

    return compare(of_sum, sum_of, x)


def is_linear(function: Function, *, shape: tuple[int, ...] = SHAPE, trials: int = 100, seed: int = 0) -> Evidence:
    """function(2x - 3y) = 2 function(x) - 3 function(y), which over all x and y is additivity (put x = 0, y = 0)."""
    return _combines(function, 2, -3, whole_numbers(trials, (2, *shape), seed=seed))


def is_affine(function: Function, *, shape: tuple[int, ...] = SHAPE, trials: int = 100, seed: int = 0) -> Evidence:
    """function(3x - 2y) = 3 function(x) - 2 function(y): weights that sum to one let a constant pass."""
    return _combines(function, 3, -2, whole_numbers(trials, (2, *shape), seed=seed))


def is_bilinear(
    function: Callable[[Array, Array], Array],
    *,
    shape: tuple[int, ...],
    other_shape: tuple[int, ...],
    trials: int = 20,
    seed: int = 0,
) -> tuple[Evidence, Evidence]:
    """Linear in the first argument, ``(batch, *shape)``, and in the second, ``other_shape``: evidence for each."""
    kernel = whole_numbers(1, other_shape, seed=seed + 1)[0]
    image = whole_numbers(1, shape, seed=seed + 2)
    first = is_linear(lambda x: function(x, kernel), shape=shape, trials=trials, seed=seed)

    def of_kernels(kernels: Array) -> Array:
        return np.concatenate([to_array(function(image, k)) for k in kernels])

    return first, is_linear(of_kernels, shape=other_shape, trials=trials, seed=seed)


def is_positively_homogeneous(function: Function, *, trials: int = 100, seed: int = 0) -> Evidence:
    """function(4x) = 4 function(x): a power of two, by which floating-point numbers are scaled without rounding."""
    four = np.float32(4)
    x = draw(trials, shape=SHAPE, seed=seed)
    return compare(lambda x: function(four * x), lambda x: four * to_array(function(x)), x)


def is_convex(function: Function, *, trials: int = 100, seed: int = 0) -> Evidence:
    """function((x + y) / 2) <= (function(x) + function(y)) / 2, for pairs of images of even numbers.

    For a continuous function, as all layers are, the middle of every chord decides over its other points too.
    """

    def chord(pair: Array) -> Array:
        return (to_array(function(pair[:, 0])) + to_array(function(pair[:, 1]))) / 2

    def middle(pair: Array) -> Array:
        return to_array(function((pair[:, 0] + pair[:, 1]) / 2))

    pairs = 2 * whole_numbers(trials, (2, *SHAPE), seed=seed)
    return compare(middle, lambda pair: np.minimum(middle(pair), chord(pair)), pairs)


def keeps_order(function: Function, *, trials: int = 100, seed: int = 0) -> Evidence:
    """x <= y everywhere implies function(x) <= function(y) everywhere, for pairs of images."""

    def of_lower(pair: Array) -> Array:
        return to_array(function(pair.min(axis=1)))

    def no_more_than_of_upper(pair: Array) -> Array:
        return np.minimum(of_lower(pair), to_array(function(pair.max(axis=1))))

    return compare(of_lower, no_more_than_of_upper, draw(trials, shape=(2, *SHAPE), seed=seed))


def selects(pool: Function, *, trials: int = 100, seed: int = 0) -> Evidence:
    """Every number that comes out of ``pool`` is one of those that went in, unchanged."""

    def pooled(x: Array) -> Array:
        return to_array(pool(x)).reshape(len(x), -1)

    def nearest_inputs(x: Array) -> Array:
        values = x.reshape(len(x), -1)
        index = np.abs(values[:, None, :] - pooled(x)[:, :, None]).argmin(axis=2)
        return np.take_along_axis(values, index, axis=1)

    return compare(pooled, nearest_inputs, draw(trials, shape=SHAPE, seed=seed))
