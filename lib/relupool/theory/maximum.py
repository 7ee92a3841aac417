"""What a maximum is, other than linear: the statements of the chapter *Max is not linear*."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter

import numpy as np

from relupool.theory import checks
from relupool.theory.evidence import Array, Evidence, Function, draw, to_array
from relupool.theory.proposition import Layers, Proposition, Sides, agree, law


def one_relu(relu: Function, a: Array, b: Array) -> Array:
    """max(a, b) with one ReLU beside a linear path."""
    return a + to_array(relu(b - a))


def three_relus(relu: Function, a: Array, b: Array) -> Array:
    """max(a, b) with three ReLUs and nothing beside them."""
    return to_array(relu(b - a)) + to_array(relu(a)) - to_array(relu(-a))


def _of_pairs(layers: Layers) -> Function:
    """The max-pool as a function of pairs: ``(batch, 2)`` to ``(batch,)``."""
    return lambda x: to_array(layers.max_pool(x.reshape(-1, 1, 2, 1), 2, 2, "same")).ravel()


def _whole_pairs(trials: int, *, seed: int) -> Array:
    """``(trials, 2)`` whole numbers, which are added and subtracted without rounding."""
    return np.random.default_rng(seed).integers(-9, 10, (trials, 2)).astype("float32")


def _made_of(relus: Callable[[Function, Array, Array], Array]) -> Sides:
    return lambda layers: (_of_pairs(layers), lambda x: relus(layers.activation("relu"), x[:, 0], x[:, 1]))


def _relu_as_max(layers: Layers) -> tuple[Function, Function]:
    pool = _of_pairs(layers)
    return lambda x: layers.relu(x[:, 0]), lambda x: pool(np.pad(x, [(0, 0), (0, 1)]))


def _sizes(trials: int, *, seed: int) -> Array:
    """Stride, rows and columns of windows, and how much larger than the stride a window is: ``(trials, 4)``."""
    return np.random.default_rng(seed).integers(1, 5, (trials, 4))


def _positions(layers: Layers) -> tuple[Function, Function]:
    """The number of positions after a pool of stride s, times s^2, for images whose sides s divides."""

    def counted(stride: int, rows: int, columns: int, more: int) -> float:
        x = np.zeros((1, stride * rows, stride * columns, 1), "float32")
        pooled = to_array(layers.max_pool(x, int(stride + more), int(stride), "same"))
        return float(stride**2 * pooled.shape[1] * pooled.shape[2])

    return (
        lambda sizes: np.array([counted(*row) for row in sizes]),
        lambda sizes: np.prod(sizes[:, :3], axis=1) * sizes[:, 0].astype(float),
    )


def _sandwich(between: Callable[[Layers, Array], Array], layers: Layers, trials: int, seed: int) -> Evidence:
    """Whether two convolutions with something between them are one affine map."""
    kernel = np.random.default_rng(1).integers(-2, 3, (3, 3, 2, 2)).astype("float32")

    def network(x: Array) -> Array:
        first = to_array(layers.convolution(x, kernel, 1, "same"))
        return layers.convolution(to_array(between(layers, first)), kernel, 1, "same")

    return checks.is_affine(network, shape=(6, 7, 2), trials=max(trials // 4, 2), seed=seed)


_pooled = partial(law, function=attrgetter("largest"))

SELECTS, RELUS, PIECES = "Theorem thm-max-selects", "Theorem thm-max-relus", "Theorem thm-pieces"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("max-is-affine", "Max-pooling is affine.",
                "Theorem thm-max-not-affine", _pooled(checks.is_affine), true=False),
    Proposition("max-is-positively-homogeneous", "Max-pooling of 4x is four times the max-pooling of x.",
                SELECTS, _pooled(checks.is_positively_homogeneous)),
    Proposition("max-is-convex", "Max-pooling is convex: that of an average is no more than the average of two.",
                SELECTS, _pooled(checks.is_convex)),
    Proposition("max-keeps-order", "Where no number of the image falls, no pooled number falls.",
                SELECTS, _pooled(checks.keeps_order)),
    Proposition("max-selects", "Max-pooling puts out numbers of its input, unchanged, none of them padding.",
                SELECTS, _pooled(checks.selects)),
    Proposition("max-has-fewer-positions",
                "Max-pooling with stride s has s times s fewer positions, if s divides the sides.",
                SELECTS, agree(_positions, _sizes)),
    Proposition("relu-is-a-max", "The ReLU of x is the maximum of x and 0.",
                "Theorem thm-zero", agree(_relu_as_max, partial(draw, shape=(1,)))),
    Proposition("max-is-one-relu-beside-a-line", "max(a, b) = a + relu(b - a).",
                RELUS, agree(_made_of(one_relu), _whole_pairs)),
    Proposition("max-is-three-relus", "max(a, b) = relu(b - a) + relu(a) - relu(-a).",
                RELUS, agree(_made_of(three_relus), _whole_pairs)),
    Proposition("convolutions-with-relu-are-affine", "Two convolutions with ReLU between them are one affine map.",
                PIECES, partial(_sandwich, Layers.relu), true=False),
    Proposition("convolutions-with-max-are-affine",
                "Two convolutions with a max-pool and no ReLU are one affine map.",
                PIECES, partial(_sandwich, lambda layers, x: layers.max_pool(x, 2, 2, "same")), true=False),
    Proposition("convolutions-alone-are-affine", "Two convolutions with nothing between them are one affine map.",
                PIECES, partial(_sandwich, lambda layers, x: x)),
)  # fmt: skip
