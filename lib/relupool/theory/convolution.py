"""What a convolution is as a map: the statements of the chapter *Convolution is linear*."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from relupool.theory import checks
from relupool.theory.evidence import Array, Evidence
from relupool.theory.proposition import Check, Layers, Proposition


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


PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "convolution-is-linear-in-data",
        "A convolution is linear in its input.",
        "Chapter 1",
        partial(_bilinear, 0),
        claims=("A7",),
    ),
    Proposition(
        "convolution-is-linear-in-filters",
        "A convolution is linear in its filters.",
        "Chapter 1",
        partial(_bilinear, 1),
        claims=("A7",),
    ),
    Proposition(
        "convolution-with-bias-is-affine",
        "A convolution with a bias is affine.",
        "Chapter 1",
        partial(_with_bias, checks.is_affine),
        claims=("A7", "A8"),
    ),
    Proposition(
        "convolution-with-bias-is-linear",
        "A convolution with a bias is linear.",
        "Chapter 1",
        partial(_with_bias, checks.is_linear),
        true=False,
        claims=("A8",),
    ),
)
