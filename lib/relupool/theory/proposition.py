"""What a proposition is: a statement, where it is proved, and a check that searches for a counterexample.

What is checked comes in as :class:`Layers`: Keras on some backend, or a deliberately wrong stand-in that the checks
must find out. Nothing here imports either. Most statements say that two functions agree (:func:`agree`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from attrs import frozen

from relupool.theory import checks
from relupool.theory.checks import Pullback
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, together


@frozen(kw_only=True)
class Layers:
    """The functions under test; all take and return ``(batch, height, width, channels)``, arguments in Keras' order.

    ``activation(name)`` is a function of one number; ``max_pool`` and ``average_pool`` take
    ``(x, pool_size, strides, padding)``, ``convolution`` takes ``(x, kernel, strides, padding)``.
    """

    activation: Callable[[str], Function]
    max_pool: Callable[..., Any]
    average_pool: Callable[..., Any]
    convolution: Callable[..., Any]
    pullback: Pullback

    def relu(self, x: Array) -> Any:
        """ReLU."""
        return self.activation("relu")(x)

    def largest(self, x: Array) -> Any:
        """The example's pool: the maximum of 3 by 3 values at stride 2, some windows hanging over the border."""
        return self.max_pool(x, 3, 2, "same")

    def average(self, x: Array) -> Any:
        """The average of the same windows."""
        return self.average_pool(x, 3, 2, "same")


Check = Callable[..., Evidence]
"""``check(layers, trials=..., seed=...)``."""

Sides = Callable[[Layers], tuple[Function, Function]]
"""The two functions, made of the layers, of which a statement says that they are the same."""

images = partial(draw, shape=checks.SHAPE)
whole_numbers = partial(checks.whole_numbers, shape=checks.SHAPE)
"""What most statements are tried on: ``(trials, seed=...)`` to a batch."""


@frozen
class Proposition:
    """A statement, where its proof or source stands, and its check.

    ``true`` is what the book says of it: a false statement is one whose counterexample the check must find.
    """

    name: str
    statement: str
    reference: str
    check: Check
    true: bool = True

    def confirmed(self, evidence: Evidence) -> bool:
        """Whether ``evidence``, an outcome of the check, is what the book says."""
        return evidence.holds == self.true


def agree(sides: Sides, inputs: Callable[..., Array] = images, *, fewer: int = 1, **how: Any) -> Check:
    """The check that both ``sides`` agree on ``inputs``, of which there are ``fewer`` times fewer than trials.

    ``how`` are arguments of :func:`~relupool.theory.evidence.compare`.
    """

    def check(layers: Layers, trials: int, seed: int) -> Evidence:
        return compare(*sides(layers), inputs(max(trials // fewer, 1), seed=seed), **how)

    return check


def law(check: Callable[..., Evidence], function: Callable[[Layers], Function], **how: Any) -> Check:
    """``check``, with the arguments ``how``, of a function made of the layers."""
    return lambda layers, trials, seed: check(function(layers), trials=trials, seed=seed, **how)


def commuting(
    name: str, pool: Callable[[Layers], Function], *, gradient: bool = False, fewer: int = 1, allowed: float = 0.0
) -> Check:
    """The check that an activation and a pool commute; with ``gradient`` their gradients in place of values."""

    def check(layers: Layers, trials: int, seed: int) -> Evidence:
        return checks.commutes(
            layers.activation(name),
            pool(layers),
            trials=max(trials // fewer, 1),
            seed=seed,
            pullback=layers.pullback if gradient else None,
            allowed=allowed,
        )

    return check


def all_of(several: Iterable[Check]) -> Check:
    """The check that all of these pass."""
    parts = tuple(several)
    return lambda layers, trials, seed: together(part(layers, trials=trials, seed=seed) for part in parts)
