"""Averages, and what they do with activations: the statements of the chapter *Average pooling does not*."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from relupool.theory import checks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.jensen import bend, binomial_weights
from relupool.theory.proposition import Layers, Proposition, commuting, law, pooled

SIZE, BETA = 3, 4.0
"""Side of the windows, and sharpness of log-mean-exp pooling, in the checks below."""

N = SIZE**2


def blur_pool(layers: Layers) -> Function:
    """A 3 by 3 blur at stride 2, whole windows of one channel: a convolution with binomial weights."""
    kernel = binomial_weights(SIZE).astype("float32")[:, :, None, None]
    return lambda x: layers.convolution(x, kernel, 2, "valid")


def log_mean_exp_pool(layers: Layers, beta: float = BETA) -> Function:
    """Log-mean-exp pooling made of the layers' own exponential and average-pool; each image less its largest value."""

    def pool(x: Array) -> Array:
        x = to_array(x)
        top = x.max(axis=(1, 2, 3), keepdims=True)
        small = layers.activation("exponential")(np.float32(beta) * (x - top))
        average = to_array(layers.average_pool(small, SIZE, 2, "same"))
        return top + np.log(np.maximum(average, np.finfo(np.float32).tiny)) / np.float32(beta)

    return pool


def root_mean_square_pool(layers: Layers) -> Function:
    """The root of the average of the squares: L2-pooling, but for a factor."""
    return lambda x: np.sqrt(to_array(pooled(layers.average_pool)(x * x)))


def _at_least(upper: Function, lower: Function, inputs: Array, *, allowed: float = 0.0) -> Evidence:
    """upper(x) >= lower(x): the larger of the two is the upper one."""

    def larger(x: Array) -> Array:
        return np.maximum(to_array(upper(x)), to_array(lower(x)))

    return compare(lambda x: to_array(upper(x)), larger, inputs, allowed=allowed)


def _jensen(which: str, layers: Layers, trials: int, seed: int) -> Evidence:
    """The worst evidence that averaging last is not below (for concave ones: above) averaging first."""
    pool, x = pooled(layers.average_pool), checks.whole_numbers(max(trials // 5, 1), checks.SHAPE, seed=seed)

    def found(name: str) -> Evidence:
        activation = layers.activation(name)
        first, last = (lambda x: pool(activation(x))), (lambda x: activation(pool(x)))
        upper, lower = (first, last) if which == "convex" else (last, first)
        # ReLU is not rounded here at all; the others as often as a window has numbers, in each of the two orders
        return _at_least(upper, lower, x, allowed=0.0 if name == "relu" else 2.0 * N)

    names = [name for name in ACTIVATIONS if bend(name) == which]
    return max(map(found, names), key=lambda evidence: evidence.ulps - evidence.allowed)


def _relu_gap(layers: Layers, trials: int, seed: int) -> Evidence:
    """mean(relu(x)) - relu(mean(x)) = min(mean of x+, mean of x-), for windows of four whole numbers."""
    relu = layers.activation("relu")

    def average(x: Array) -> Array:
        return to_array(layers.average_pool(x, 2, 2, "valid"))

    def gap(x: Array) -> Array:
        return average(relu(x)) - to_array(relu(average(x)))

    def formula(x: Array) -> Array:
        return np.minimum(average(np.maximum(x, 0)), average(np.maximum(-x, 0)))

    return compare(gap, formula, checks.whole_numbers(trials, checks.SHAPE, seed=seed))


def _blur(check: Callable[..., Evidence], layers: Layers, trials: int, seed: int) -> Evidence:
    return check(blur_pool(layers), trials=trials, seed=seed)


def _relu_and(pool: Callable[[Layers], Function], layers: Layers, trials: int, seed: int) -> Evidence:
    return checks.commutes(layers.activation("relu"), pool(layers), trials=trials, seed=seed)


def _between(layers: Layers, trials: int, seed: int) -> Evidence:
    """average <= log-mean-exp <= max, as one statement: pushing the middle one in between changes nothing."""
    middle = log_mean_exp_pool(layers)

    def pushed(x: Array) -> Array:
        low, high = to_array(pooled(layers.average_pool)(x)), to_array(pooled(layers.max_pool)(x))
        return np.clip(middle(x), low, np.maximum(low, high))

    return compare(middle, pushed, 1 + np.abs(checks.whole_numbers(trials, checks.SHAPE, seed=seed)), allowed=2.0 * N)


def _within_bound(layers: Layers, trials: int, seed: int) -> Evidence:
    """|relu(pool(x)) - pool(relu(x))| <= log(n) / beta."""
    relu, pool = layers.activation("relu"), log_mean_exp_pool(layers)
    bound = np.float32(np.log(N) / BETA)

    def gap(x: Array) -> Array:
        return np.abs(to_array(relu(pool(x))) - pool(relu(x)))

    return compare(gap, lambda x: np.minimum(gap(x), bound), draw(trials, shape=checks.SHAPE, seed=seed), allowed=N)


def _softplus(layers: Layers, trials: int, seed: int) -> Evidence:
    """Compared after adding 1, since results near 0 are the difference of larger numbers and have few digits left."""
    softplus, pool = layers.activation("softplus"), log_mean_exp_pool(layers, 1.0)
    first, last = (lambda x: 1 + to_array(softplus(pool(x)))), (lambda x: 1 + pool(softplus(x)))
    return compare(first, last, checks.whole_numbers(trials, checks.SHAPE, seed=seed), allowed=2.0 * N)


def _idle(layers: Layers, trials: int, seed: int) -> Evidence:
    pool = root_mean_square_pool(layers)
    x = draw(trials, shape=checks.SHAPE, seed=seed)
    return compare(lambda x: to_array(layers.activation("relu")(pool(x))), pool, x)


AFFINE, JENSEN, ROAD = "Theorem thm-average-affine", "Theorem thm-jensen", "Theorem thm-log-mean-exp"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-commutes-with-average",
        "ReLU and average-pooling commute.",
        AFFINE,
        commuting("relu", "average_pool"),
        true=False,
    ),
    Proposition(
        "linear-commutes-with-average",
        "The linear activation and average-pooling commute.",
        AFFINE,
        commuting("linear", "average_pool"),
    ),
    Proposition(
        "average-is-linear",
        "Average-pooling is linear.",
        AFFINE,
        law(checks.is_linear, "average_pool", 2, 2, "same"),
    ),
    Proposition(
        "average-selects",
        "Average-pooling puts out numbers of its input.",
        "Chapter 4",
        law(checks.selects, "average_pool", 3, 2, "same"),
        true=False,
    ),
    Proposition(
        "convex-activations-lie-above",
        "For a convex activation, averaging last gives no less than averaging first.",
        JENSEN,
        partial(_jensen, "convex"),
    ),
    Proposition(
        "concave-activations-lie-below",
        "For a concave activation, averaging last gives no more than averaging first.",
        JENSEN,
        partial(_jensen, "concave"),
    ),
    Proposition(
        "relu-gap-is-the-smaller-side",
        "mean(relu(x)) - relu(mean(x)) is the smaller of the average positive part and the average negative part.",
        "Corollary thm-average-relu-gap",
        _relu_gap,
    ),
    Proposition(
        "blur-is-linear",
        "Blur-pooling is linear.",
        AFFINE,
        partial(_blur, checks.is_linear),
    ),
    Proposition(
        "relu-commutes-with-blur",
        "ReLU and blur-pooling commute.",
        AFFINE,
        partial(_relu_and, blur_pool),
        true=False,
    ),
    Proposition(
        "log-mean-exp-lies-between",
        "Log-mean-exp pooling lies between average-pooling and max-pooling.",
        ROAD,
        _between,
    ),
    Proposition(
        "relu-commutes-with-log-mean-exp",
        "ReLU and log-mean-exp pooling commute.",
        "Theorem thm-log-mean-exp-gap",
        partial(_relu_and, log_mean_exp_pool),
        true=False,
    ),
    Proposition(
        "relu-and-log-mean-exp-are-within-log-n",
        "The two orders of ReLU and log-mean-exp pooling differ by at most log(n)/beta.",
        "Theorem thm-log-mean-exp-gap",
        _within_bound,
    ),
    Proposition(
        "softplus-commutes-with-log-mean-exp",
        "Softplus and log-mean-exp pooling with beta 1 commute.",
        "Theorem thm-softplus-pool",
        _softplus,
    ),
    Proposition(
        "relu-is-idle-behind-l2",
        "ReLU after L2-pooling changes nothing.",
        "Theorem thm-lp-pool",
        _idle,
    ),
    Proposition(
        "relu-commutes-with-l2",
        "ReLU and L2-pooling commute.",
        "Theorem thm-lp-pool",
        partial(_relu_and, root_mean_square_pool),
        true=False,
    ),
)
