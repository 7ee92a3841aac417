"""Which activation of a network may change places with its pool: the neighbour of the pool, and no other.

What stands between the two, a convolution or a normalization, ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from relupool.theory import checks, reference
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.proposition import Layers, Proposition, pooled

Orders = tuple[Function, Function]
"""A network as it is, and with an activation moved."""

CHANNELS = 16
"""Of the images that a normalization is tried on."""


def two_convolutions(
    activation: Function, max_pool: Function, convolution: Callable[..., Any], *, seed: int = 0
) -> dict[str, Orders]:
    """activation - convolution - activation - pool against itself with the "last" or the "first" activation moved.

    The kernel, 3 by 3 from one channel to one, holds small whole numbers; ``convolution`` takes Keras' arguments.
    """
    kernel = np.random.default_rng(seed).integers(-2, 3, (3, 3, 1, 1)).astype("float32")

    def convolve(x: Array) -> Any:
        return convolution(x, kernel, 1, "same")

    def usual(x: Array) -> Any:
        return max_pool(activation(convolve(activation(x))))

    return {
        "last": (usual, lambda x: activation(max_pool(convolve(activation(x))))),
        "first": (usual, lambda x: max_pool(activation(activation(convolve(x))))),
    }


def two_layers(activation: Function, max_pool: Function, normalize: Function) -> dict[str, Orders]:
    """The two layers of the CIFAR-10 example behind their convolutions, each against itself with activation moved.

    "layer 1" is activation, pool, normalization; "layer 2" is activation, normalization, pool.
    """
    return {
        "layer 1": (lambda x: normalize(max_pool(activation(x))), lambda x: normalize(activation(max_pool(x)))),
        "layer 2": (lambda x: max_pool(normalize(activation(x))), lambda x: activation(max_pool(normalize(x)))),
    }


def _normalize(x: Array) -> Array:
    return reference.local_response_normalization(x).astype("float32")


def _moved(which: str, layers: Layers, trials: int, seed: int) -> Evidence:
    relu, pool = layers.activation("relu"), pooled(layers.max_pool)
    orders = two_convolutions(relu, pool, layers.convolution, seed=seed)[which]
    return compare(*orders, draw(trials, shape=checks.SHAPE, seed=seed))


def _in_layer(which: str, layers: Layers, trials: int, seed: int) -> Evidence:
    orders = two_layers(layers.activation("relu"), lambda x: to_array(pooled(layers.max_pool)(x)), _normalize)[which]
    few = max(trials // 5, 1)
    return compare(*orders, draw(few, shape=(6, 6, CHANNELS), seed=seed), shrinking=False)


PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "last-relu-may-move",
        "In ReLU, convolution, ReLU, pool, the last ReLU may as well come after the pool.",
        "Theorem thm-commute",
        partial(_moved, "last"),
    ),
    Proposition(
        "first-relu-may-move",
        "In ReLU, convolution, ReLU, pool, the first ReLU may as well come after the convolution.",
        "Chapter 3, Only neighbours change places",
        partial(_moved, "first"),
        true=False,
    ),
    Proposition(
        "relu-of-layer-1-may-move",
        "In layer 1 of the example (ReLU, pool, normalization) ReLU and pool may change places.",
        "Theorem thm-commute",
        partial(_in_layer, "layer 1"),
    ),
    Proposition(
        "relu-may-pass-lrn",
        "In layer 2 of the example (ReLU, normalization, pool) ReLU may as well come after the pool.",
        "Chapter 3, Only neighbours change places",
        partial(_in_layer, "layer 2"),
        true=False,
    ),
)
