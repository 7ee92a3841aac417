"""Where ReLU sends the gradient with its gate and without: statements of the chapter *How often does ReLU act?*."""

from __future__ import annotations

from typing import Any

import numpy as np

from relupool.theory import reference
from relupool.theory.evidence import Array, Evidence, compare, draw, to_array
from relupool.theory.proposition import Layers, Proposition
from relupool.theory.windows import POOL, SHAPE


def _images(trials: int, seed: int) -> Array:
    return draw(trials, shape=SHAPE, seed=seed)


def _upstream(shape: tuple[int, ...]) -> Array:
    """Whole numbers from 1 to 5 in turn: gradients that tell the windows apart, and add up without rounding."""
    return (np.arange(np.prod(shape)) % 5 + 1).reshape(shape).astype("float32")


def _pullback(layers: Layers, function: Any, x: Array) -> Array:
    return to_array(layers.pullback(function, x, _upstream(np.shape(function(x)))))


def _pool(layers: Layers) -> Any:
    return lambda x: layers.max_pool(x, *POOL)


def _gate(x: Array) -> Array:
    return (x > 0).astype(x.dtype)


def _gated_identity(layers: Layers, trials: int, seed: int) -> Evidence:
    """The gate behind the pool's own gradient, as an identity with the gate has it, against ReLU's."""
    relu, pool = layers.activation("relu"), _pool(layers)
    return compare(
        lambda x: _pullback(layers, pool, x) * _gate(x),
        lambda x: _pullback(layers, lambda x: pool(relu(x)), x),
        _images(trials, seed),
    )


def _ungated(layers: Layers, x: Array) -> Array:
    """What arrives at the pre-activations behind a ReLU whose gradient passes: the pool's own, at the activated."""
    return _pullback(layers, _pool(layers), to_array(layers.activation("relu")(x)))


def _negative(trials: int, seed: int) -> Array:
    x = _images(trials, seed)
    return np.where(x == 0, np.float32(-1), -np.abs(x))


def _to_the_first(layers: Layers, trials: int, seed: int) -> Evidence:
    def first(x: Array) -> Array:
        level = np.zeros_like(x)
        upstream = _upstream(reference.max_pool(x, *POOL).shape)
        return reference.max_pool_pullback(level, upstream, *POOL).astype(x.dtype)

    return compare(lambda x: _ungated(layers, x), first, _negative(trials, seed))


def _to_the_largest(layers: Layers, trials: int, seed: int) -> Evidence:
    def largest(x: Array) -> Array:
        upstream = _upstream(reference.max_pool(x, *POOL).shape)
        return reference.max_pool_pullback(x, upstream, *POOL).astype(x.dtype)

    return compare(lambda x: _ungated(layers, x), largest, _negative(trials, seed))


FOUR = "Theorem thm-four"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("gated-identity-sends-as-relu", "Right in front of a max-pool, the gated identity and ReLU send the "
                "same gradient to the same values.", FOUR, _gated_identity),
    Proposition("ungated-relu-teaches-the-first", "A ReLU whose gradient passes sends that of an all-negative window "
                "to the first of its values.", FOUR, _to_the_first),
    Proposition("ungated-relu-teaches-the-largest", "A ReLU whose gradient passes sends that of an all-negative window "
                "to the largest of its values.", FOUR, _to_the_largest, true=False),
)  # fmt: skip
