"""The statements of Part I, each with the check that searches for a counterexample.

What is checked comes in as :class:`Layers`: Keras on some backend, or a deliberately wrong stand-in that the checks
must find out. Nothing here imports either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from attrs import frozen

from relupool.theory import checks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import Pullback
from relupool.theory.evidence import Array, Evidence, Function


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


def _pool(pool: Callable[..., Any], size: int = 3, stride: int = 2, padding: str = "same") -> Function:
    return lambda x: pool(x, size, stride, padding)


def _commutes(layers: Layers, trials: int, seed: int, *, name: str, pool: str, gradient: bool = False) -> Evidence:
    return checks.commutes(
        layers.activation(name),
        _pool(getattr(layers, pool)),
        trials=trials,
        seed=seed,
        pullback=layers.pullback if gradient else None,
        avoid=ACTIVATIONS[name].corners if gradient and name != "relu" else (),
    )


def _straight(layers: Layers, trials: int, seed: int) -> Evidence:
    """The evidence for the piecewise-linear activation that deviates most."""
    found = [
        _commutes(layers, trials, seed, name=name, pool="max_pool")
        for name, activation in ACTIVATIONS.items()
        if activation.piecewise_linear
    ]
    return max(found, key=lambda evidence: evidence.ulps)


def _law(check: Check, layer: str, *arguments: Any) -> Check:
    """``check`` of one of the layers, with these arguments after the data."""

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        function = getattr(layers, layer)
        return check(lambda x: function(x, *arguments), trials=trials, seed=seed)

    return run


def _kernel(*shape: int) -> Array:
    return np.random.default_rng(0).integers(-3, 4, shape).astype("float32")


def _bilinear(argument: int, layers: Layers, trials: int, seed: int) -> Evidence:
    def convolve(x: Array, kernel: Array) -> Any:
        return layers.convolution(x, kernel, 1, "same")

    evidence = checks.is_bilinear(
        convolve, shape=(6, 7, 2), other_shape=(3, 3, 2, 2), trials=max(trials // 50, 2), seed=seed
    )
    return evidence[argument]


def _with_bias(check: Check, layers: Layers, trials: int, seed: int) -> Evidence:
    kernel, bias = _kernel(3, 3, 2, 2), np.array([1, -2], dtype="float32")

    def convolve(x: Array) -> Array:
        return np.asarray(layers.convolution(x, kernel, 1, "same")) + bias

    return check(convolve, shape=(6, 7, 2), trials=trials, seed=seed)


COMMUTE = "Theorem thm-commute"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-commutes-with-max",
        "ReLU and max-pooling commute: max(relu(x)) = relu(max(x)).",
        COMMUTE,
        partial(_commutes, name="relu", pool="max_pool"),
    ),
    Proposition(
        "relu-commutes-with-max-in-gradients",
        "The gradients of relu(max(x)) and max(relu(x)) are the same, at ties and at zero too.",
        "Theorem thm-gradients",
        partial(_commutes, name="relu", pool="max_pool", gradient=True),
    ),
    Proposition(
        "straight-activations-commute-with-max",
        "Every non-decreasing, piecewise-linear activation of Keras commutes with max-pooling, bit for bit.",
        COMMUTE,
        _straight,
    ),
    Proposition(
        "gelu-commutes-with-max",
        "GELU and max-pooling commute.",
        "Theorem thm-converse",
        partial(_commutes, name="gelu", pool="max_pool"),
        true=False,
    ),
    Proposition(
        "relu-commutes-with-average",
        "ReLU and average-pooling commute.",
        "Chapter 3, average-pooling",
        partial(_commutes, name="relu", pool="average_pool"),
        true=False,
    ),
    Proposition(
        "average-is-linear",
        "Average-pooling is linear.",
        "Chapter 4",
        _law(checks.is_linear, "average_pool", 2, 2, "same"),
    ),
    Proposition(
        "max-is-affine",
        "Max-pooling is affine.",
        "Chapter 2",
        _law(checks.is_affine, "max_pool", 3, 2, "same"),
        true=False,
    ),
    Proposition(
        "max-is-positively-homogeneous",
        "Max-pooling of 4x is four times the max-pooling of x.",
        "Chapter 2",
        _law(checks.is_positively_homogeneous, "max_pool", 3, 2, "same"),
    ),
    Proposition(
        "max-moves-no-further",
        "Max-pooling changes by no more than its input does: Lipschitz constant 1 in the maximum norm.",
        "Chapter 2",
        _law(checks.is_lipschitz, "max_pool", 3, 2, "same"),
    ),
    Proposition(
        "max-selects",
        "Max-pooling puts out numbers of its input, unchanged, none of them padding.",
        "Chapter 3",
        _law(checks.selects, "max_pool", 3, 2, "same"),
    ),
    Proposition(
        "average-selects",
        "Average-pooling puts out numbers of its input.",
        "Chapter 4",
        _law(checks.selects, "average_pool", 3, 2, "same"),
        true=False,
    ),
    Proposition(
        "convolution-is-linear-in-data", "A convolution is linear in its input.", "Chapter 1", partial(_bilinear, 0)
    ),
    Proposition(
        "convolution-is-linear-in-filters",
        "A convolution is linear in its filters.",
        "Chapter 1",
        partial(_bilinear, 1),
    ),
    Proposition(
        "convolution-with-bias-is-affine",
        "A convolution with a bias is affine.",
        "Chapter 1",
        partial(_with_bias, checks.is_affine),
    ),
    Proposition(
        "convolution-with-bias-is-linear",
        "A convolution with a bias is linear.",
        "Chapter 1",
        partial(_with_bias, checks.is_linear),
        true=False,
    ),
)
"""What Part I states about the functions of Keras, true and false."""
