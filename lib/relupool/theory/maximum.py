"""What a maximum is, other than linear: the statements of the chapter *Max is not linear*."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from relupool.theory import checks
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.proposition import Check, Layers, Proposition, law

Sum = Callable[[Function, Array, Array], Array]
"""``sum(relu, a, b)``: something made of the ReLUs of two numbers."""


def one_relu(relu: Function, a: Array, b: Array) -> Array:
    """max(a, b) with one ReLU beside a linear path."""
    return a + to_array(relu(b - a))


def three_relus(relu: Function, a: Array, b: Array) -> Array:
    """max(a, b) with three ReLUs and nothing beside them."""
    return to_array(relu(b - a)) + to_array(relu(a)) - to_array(relu(-a))


def of_pairs(pool: Callable[..., Array]) -> Function:
    """``pool`` as a function of pairs: ``(batch, 2)`` to ``(batch,)``."""
    return lambda x: to_array(pool(x.reshape(-1, 1, 2, 1), 2, 2, "same")).ravel()


def whole_pairs(trials: int, seed: int) -> Array:
    """``(trials, 2)`` whole numbers, which are added and subtracted without rounding."""
    return np.random.default_rng(seed).integers(-9, 10, (trials, 2)).astype("float32")


def _made_of(relus: Sum, layers: Layers, trials: int, seed: int) -> Evidence:
    relu = layers.activation("relu")
    return compare(of_pairs(layers.max_pool), lambda x: relus(relu, x[:, 0], x[:, 1]), whole_pairs(trials, seed))


def _relu_as_max(layers: Layers, trials: int, seed: int) -> Evidence:
    x = draw(trials, shape=(1,), seed=seed)
    pool = of_pairs(layers.max_pool)
    return compare(
        lambda x: to_array(layers.activation("relu")(x[:, 0])), lambda x: pool(np.pad(x, [(0, 0), (0, 1)])), x
    )


def _positions(layers: Layers, trials: int, seed: int) -> Evidence:
    """The number of positions after a pool of stride s, times s^2, for images whose sides s divides."""
    rng = np.random.default_rng(seed)
    cases = rng.integers(1, 5, (max(trials // 20, 1), 4))  # stride, rows and columns of windows, size less the stride

    def left(case: Array) -> Array:
        return np.array([_counted(layers, *row) for row in case])

    def right(case: Array) -> Array:
        return np.prod(case[:, :3], axis=1) * case[:, 0].astype(float)

    return compare(left, right, cases)


def _counted(layers: Layers, stride: int, rows: int, columns: int, more: int) -> float:
    x = np.zeros((1, stride * rows, stride * columns, 1), "float32")
    pooled = to_array(layers.max_pool(x, int(stride + more), int(stride), "same"))
    return float(stride**2 * pooled.shape[1] * pooled.shape[2])


def _sandwich(between: Callable[[Layers], Function], layers: Layers, trials: int, seed: int) -> Evidence:
    """Whether two convolutions with something between them are one affine map."""
    kernel = np.random.default_rng(1).integers(-2, 3, (3, 3, 2, 2)).astype("float32")

    def network(x: Array) -> Array:
        first = to_array(layers.convolution(x, kernel, 1, "same"))
        return to_array(layers.convolution(to_array(between(layers)(first)), kernel, 1, "same"))

    return checks.is_affine(network, shape=(6, 7, 2), trials=max(trials // 4, 2), seed=seed)


def _relu(layers: Layers) -> Function:
    return layers.activation("relu")


def _max_pool(layers: Layers) -> Function:
    return lambda x: layers.max_pool(x, 2, 2, "same")


def _nothing(layers: Layers) -> Function:
    return lambda x: x


def _pooled(check: Check) -> Check:
    return law(check, "max_pool", 3, 2, "same")


PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "max-is-affine",
        "Max-pooling is affine.",
        "Theorem thm-max-not-affine",
        _pooled(checks.is_affine),
        true=False,
    ),
    Proposition(
        "max-is-positively-homogeneous",
        "Max-pooling of 4x is four times the max-pooling of x.",
        "Theorem thm-max-selects",
        _pooled(checks.is_positively_homogeneous),
    ),
    Proposition(
        "max-is-convex",
        "Max-pooling is convex: that of an average is no more than the average of two.",
        "Theorem thm-max-selects",
        _pooled(checks.is_convex),
    ),
    Proposition(
        "max-keeps-order",
        "Where no number of the image falls, no pooled number falls.",
        "Theorem thm-max-selects",
        _pooled(checks.keeps_order),
    ),
    Proposition(
        "max-selects",
        "Max-pooling puts out numbers of its input, unchanged, none of them padding.",
        "Theorem thm-max-selects",
        _pooled(checks.selects),
    ),
    Proposition(
        "max-has-fewer-positions",
        "Max-pooling with stride s has s times s fewer positions, if s divides the sides.",
        "Theorem thm-max-selects",
        _positions,
    ),
    Proposition(
        "relu-is-a-max",
        "The ReLU of x is the maximum of x and 0.",
        "Chapter 2, ReLU is a maximum",
        _relu_as_max,
    ),
    Proposition(
        "max-is-one-relu-beside-a-line",
        "max(a, b) = a + relu(b - a).",
        "Theorem thm-max-relus",
        partial(_made_of, one_relu),
    ),
    Proposition(
        "max-is-three-relus",
        "max(a, b) = relu(b - a) + relu(a) - relu(-a).",
        "Theorem thm-max-relus",
        partial(_made_of, three_relus),
    ),
    Proposition(
        "convolutions-with-relu-are-affine",
        "Two convolutions with ReLU between them are one affine map.",
        "Theorem thm-pieces",
        partial(_sandwich, _relu),
        true=False,
    ),
    Proposition(
        "convolutions-with-max-are-affine",
        "Two convolutions with a max-pool and no ReLU are one affine map.",
        "Theorem thm-pieces",
        partial(_sandwich, _max_pool),
        true=False,
    ),
    Proposition(
        "convolutions-alone-are-affine",
        "Two convolutions with nothing between them are one affine map.",
        "Theorem thm-pieces",
        partial(_sandwich, _nothing),
    ),
)
