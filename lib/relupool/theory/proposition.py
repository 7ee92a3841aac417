"""What a proposition is: a statement, where it is proved, and a check that searches for a counterexample.

What is checked comes in as :class:`Layers`: Keras on some backend, or a deliberately wrong stand-in that the checks
must find out. Nothing here imports either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from relupool.theory import checks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import Pullback
from relupool.theory.evidence import Evidence, Function


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


Check = Callable[..., Evidence]


@frozen
class Proposition:
    """A statement, where its proof or source stands, and a check, ``check(layers, trials=..., seed=...)``.

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


def pooled(pool: Callable[..., Any], size: int = 3, stride: int = 2, padding: str = "same") -> Function:
    """``pool`` as a function of the images alone."""
    return lambda x: pool(x, size, stride, padding)


def law(check: Check, layer: str, *arguments: Any) -> Check:
    """``check`` of one of the layers, with these arguments after the data."""

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        function = getattr(layers, layer)
        return check(lambda x: function(x, *arguments), trials=trials, seed=seed)

    return run


def commuting(name: str, pool: str, *, gradient: bool = False) -> Check:
    """The check that an activation and one of the pools commute; with ``gradient`` their gradients in place of values.

    Gradients are compared away from the activation's corners, but for ReLU, whose slope at 0 is a settled convention.
    """

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        return checks.commutes(
            layers.activation(name),
            pooled(getattr(layers, pool)),
            trials=trials,
            seed=seed,
            pullback=layers.pullback if gradient else None,
            avoid=ACTIVATIONS[name].corners if gradient and name != "relu" else (),
        )

    return run
