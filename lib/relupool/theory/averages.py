"""Averages, and what they do with activations: statements of chapter 3 and of note C."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

import numpy as np

from relupool.theory import checks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array, Evidence, Function, compare, to_array
from relupool.theory.jensen import bend
from relupool.theory.proposition import Layers, Proposition, agree, commuting, law, whole_numbers

N, BETA = 9, 4.0
"""Numbers in a window, and sharpness of log-mean-exp pooling, in the checks below."""


_average = attrgetter("average")


def _blur_pool(layers: Layers) -> Function:
    """A 3 by 3 blur at stride 2, whole windows of one channel: a convolution with binomial weights."""
    kernel = (np.outer([1, 2, 1], [1, 2, 1]) / 16).astype("float32")[:, :, None, None]
    return lambda x: layers.convolution(x, kernel, 2, "valid")


def _log_mean_exp_pool(layers: Layers, beta: float = BETA) -> Function:
    """Log-mean-exp pooling made of the layers' own exponential and average-pool; each image less its largest value."""

    def pool(x: Array) -> Array:
        x = to_array(x)
        top = x.max(axis=(1, 2, 3), keepdims=True)
        average = to_array(layers.average(layers.activation("exponential")(np.float32(beta) * (x - top))))
        return top + np.log(np.maximum(average, np.finfo(np.float32).tiny)) / np.float32(beta)

    return pool


def _root_mean_square_pool(layers: Layers) -> Function:
    """The root of the average of the squares: L2-pooling, but for a factor."""
    return lambda x: np.sqrt(to_array(layers.average(x * x)))


def _jensen(which: str, layers: Layers, trials: int, seed: int) -> Evidence:
    """The worst evidence that averaging last is not below (for concave ones: above) averaging first."""
    x = whole_numbers(max(trials // 5, 1), seed=seed)

    def of(name: str) -> Evidence:
        activation = layers.activation(name)
        last, first = (lambda x: to_array(layers.average(activation(x)))), (lambda x: activation(layers.average(x)))
        upper, lower = (last, first) if which == "convex" else (first, last)
        # ReLU is not rounded here at all; the others as often as a window has numbers, in each of the two orders
        allowed = 0.0 if name == "relu" else 2.0 * N
        return compare(upper, lambda x: np.maximum(to_array(upper(x)), to_array(lower(x))), x, allowed=allowed)

    return max(
        (of(name) for name in ACTIVATIONS if bend(name) == which),
        key=lambda evidence: evidence.ulps - evidence.allowed,
    )


def _relu_gap(layers: Layers) -> tuple[Function, Function]:
    """mean(relu(x)) - relu(mean(x)) = min(mean of x+, mean of x-), for windows of four whole numbers."""

    def average(x: Array) -> Array:
        return to_array(layers.average_pool(x, 2, 2, "valid"))

    return (
        lambda x: average(layers.relu(x)) - to_array(layers.relu(average(x))),
        lambda x: np.minimum(average(np.maximum(x, 0)), average(np.maximum(-x, 0))),
    )


def _between(layers: Layers) -> tuple[Function, Function]:
    """average <= log-mean-exp <= max, as one statement: pushing the middle one in between changes nothing."""
    middle = _log_mean_exp_pool(layers)

    def pushed(x: Array) -> Array:
        low, high = to_array(layers.average(x)), to_array(layers.largest(x))
        return np.clip(middle(x), low, np.maximum(low, high))

    return middle, pushed


def _from_one(trials: int, *, seed: int) -> Array:
    return 1 + np.abs(whole_numbers(trials, seed=seed))


def _within_bound(layers: Layers) -> tuple[Function, Function]:
    """|relu(pool(x)) - pool(relu(x))| <= log(n) / beta."""
    pool, bound = _log_mean_exp_pool(layers), np.float32(np.log(N) / BETA)

    def gap(x: Array) -> Array:
        return np.abs(to_array(layers.relu(pool(x))) - pool(layers.relu(x)))

    return gap, lambda x: np.minimum(gap(x), bound)


def _softplus(layers: Layers) -> tuple[Function, Function]:
    """Compared after adding 1, since results near 0 are the difference of larger numbers and have few digits left."""
    softplus, pool = layers.activation("softplus"), _log_mean_exp_pool(layers, 1.0)
    return lambda x: 1 + to_array(softplus(pool(x))), lambda x: 1 + pool(softplus(x))


def _idle(layers: Layers) -> tuple[Function, Function]:
    pool = _root_mean_square_pool(layers)
    return lambda x: layers.relu(pool(x)), pool


AFFINE, JENSEN, GAP, LP = (
    f"Theorem thm-{name}" for name in ("average-affine", "jensen", "log-mean-exp-gap", "lp-pool")
)
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("relu-commutes-with-average", "ReLU and average-pooling commute.",
                AFFINE, commuting("relu", _average), true=False),
    Proposition("linear-commutes-with-average", "The linear activation and average-pooling commute.",
                AFFINE, commuting("linear", _average)),
    Proposition("average-is-linear", "Average-pooling is linear.",
                "Theorem thm-network",
                law(checks.is_linear, lambda layers: lambda x: layers.average_pool(x, 2, 2, "same"))),
    Proposition("average-selects", "Average-pooling puts out numbers of its input.",
                "Theorem thm-max-selects", law(checks.selects, _average), true=False),
    Proposition("convex-activations-lie-above",
                "For a convex activation, averaging last gives no less than averaging first.",
                JENSEN, partial(_jensen, "convex")),
    Proposition("concave-activations-lie-below",
                "For a concave activation, averaging last gives no more than averaging first.",
                JENSEN, partial(_jensen, "concave")),
    Proposition("relu-gap-is-the-smaller-side",
                "mean(relu(x)) - relu(mean(x)) is the smaller of the average positive part and the average negative "
                "part.", "Corollary thm-average-relu-gap", agree(_relu_gap, whole_numbers)),
    Proposition("blur-is-linear", "Blur-pooling is linear.",
                "Theorem thm-network", law(checks.is_linear, _blur_pool)),
    Proposition("relu-commutes-with-blur", "ReLU and blur-pooling commute.",
                AFFINE, commuting("relu", _blur_pool), true=False),
    Proposition("log-mean-exp-lies-between", "Log-mean-exp pooling lies between average-pooling and max-pooling.",
                "Theorem thm-log-mean-exp", agree(_between, _from_one, allowed=2.0 * N)),
    Proposition("relu-commutes-with-log-mean-exp", "ReLU and log-mean-exp pooling commute.",
                GAP, commuting("relu", _log_mean_exp_pool, allowed=2.0 * N), true=False),
    Proposition("relu-and-log-mean-exp-are-within-log-n",
                "The two orders of ReLU and log-mean-exp pooling differ by at most log(n)/beta.",
                GAP, agree(_within_bound, allowed=N)),
    Proposition("softplus-commutes-with-log-mean-exp", "Softplus and log-mean-exp pooling with beta 1 commute.",
                "Theorem thm-softplus-pool", agree(_softplus, whole_numbers, allowed=2.0 * N)),
    Proposition("relu-is-idle-after-l2", "ReLU after L2-pooling changes nothing.", LP, agree(_idle)),
    Proposition("relu-commutes-with-l2", "ReLU and L2-pooling commute.",
                LP, commuting("relu", _root_mean_square_pool), true=False),
)  # fmt: skip
