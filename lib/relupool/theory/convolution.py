"""What a convolution is as a map: the statements of Chapter 1 and of Note A."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from relupool.theory import checks, kernels, reference
from relupool.theory.evidence import Array, Evidence, compare, to_array
from relupool.theory.linear_layers import FIRST, LAST, SIDE, shifts, stack, whole_images, whole_kernel
from relupool.theory.proposition import Check, Layers, Proposition


def _bilinear(argument: int, layers: Layers, trials: int, seed: int) -> Evidence:
    def convolve(x: Array, kernel: Array) -> Any:
        return layers.convolution(x, kernel, 1, "same")

    evidence = checks.is_bilinear(
        convolve, shape=(6, 7, 2), other_shape=(3, 3, 2, 2), trials=max(trials // 50, 2), seed=seed
    )
    return evidence[argument]


def _with_bias(check: Check, layers: Layers, trials: int, seed: int) -> Evidence:
    kernel, bias = whole_kernel(3, 3, 2, 2), np.array([1, -2], dtype="float32")

    def convolve(x: Array) -> Array:
        return np.asarray(layers.convolution(x, kernel, 1, "same")) + bias

    return check(convolve, shape=(6, 7, 2), trials=trials, seed=seed)


def _same_as(other: Callable[..., Array], layers: Layers, trials: int, seed: int) -> Evidence:
    """Keras' convolution is ``other(x, kernel, strides, padding)``."""
    kernel = whole_kernel(3, 3, 2, 2)
    return compare(
        lambda x: to_array(layers.convolution(x, kernel, 2, "same")),
        lambda x: other(x, kernel, 2, "same").astype("float32"),
        whole_images(trials // 10 + 1, side=7, seed=seed),
    )


def _flipped_is_convolution(layers: Layers, trials: int, seed: int) -> Evidence:
    kernel = whole_kernel(3, 3, 2, 2)
    return compare(
        lambda x: to_array(layers.convolution(x, np.ascontiguousarray(kernels.flipped(kernel)), 1, "same")),
        lambda x: kernels.by_scipy(x, kernel).astype("float32"),
        whole_images(trials // 20 + 1, side=7, seed=seed),
        shrinking=False,
    )


def _is_its_matrix(layers: Layers, trials: int, seed: int) -> Evidence:
    kernel = whole_kernel(3, 3, 2, 2)
    matrix = kernels.matrix(kernel, 7, strides=2, padding="same")

    def by_matrix(x: Array) -> Array:
        return (x.reshape(len(x), -1) @ matrix.T).reshape(len(x), 4, 4, 2)

    x = whole_images(trials, side=7, seed=seed)
    return compare(lambda x: to_array(layers.convolution(x, kernel, 2, "same")), by_matrix, x, shrinking=False)


def _collapses(
    layers: Layers, trials: int, seed: int, *, strides: int = 1, activation: str | None = None, lrn: bool = False
) -> Evidence:
    """The stack is its one kernel; with ``lrn`` a normalization strong enough to show stands in it."""
    kernel, stride = kernels.collapsed([(FIRST, strides), (kernels.averaging(2, 3), 1), (LAST, strides)])
    between = (
        layers.activation(activation) if activation else partial(reference.local_response_normalization, alpha=1.0)
    )
    return compare(
        stack(layers, strides=strides, between=between if activation or lrn else None),
        lambda x: to_array(layers.convolution(x, kernel, stride, "valid")),
        whole_images(trials, side=SIDE + 6 * (strides - 1), seed=seed),
        shrinking=False,
    )


def _pool_is_convolution(layers: Layers, trials: int, seed: int) -> Evidence:
    kernel = kernels.averaging(2, 2)
    return compare(
        lambda x: to_array(layers.average_pool(x, 2, 1, "valid")),
        lambda x: to_array(layers.convolution(x, kernel, 1, "valid")),
        whole_images(trials, side=5, seed=seed),
        shrinking=False,
    )


def _padded_stack_is_affine(layers: Layers, trials: int, seed: int) -> Evidence:
    plain = stack(layers, strides=2, padding="same", between=lambda x: x + np.array([1, -2, 3], "float32"))
    return checks.is_affine(plain, shape=(9, 10, 2), trials=trials, seed=seed)


def _shifts(layers: Layers, trials: int, seed: int, *, stacked: bool) -> Evidence:
    kernel = whole_kernel(3, 3, 2, 2)
    plain = stack(layers, padding="same") if stacked else (lambda x: layers.convolution(x, kernel, 1, "same"))
    return shifts(plain, trials=trials, seed=seed)


PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "convolution-is-linear-in-data",
        "A convolution is linear in its input.",
        "Chapter 1, thm-bilinear",
        partial(_bilinear, 0),
    ),
    Proposition(
        "convolution-is-linear-in-filters",
        "A convolution is linear in its filters.",
        "Chapter 1, thm-bilinear",
        partial(_bilinear, 1),
    ),
    Proposition(
        "convolution-with-bias-is-affine",
        "A convolution with a bias is affine.",
        "Chapter 1, Linear, twice over",
        partial(_with_bias, checks.is_affine),
    ),
    Proposition(
        "convolution-with-bias-is-linear",
        "A convolution with a bias is linear.",
        "Chapter 1, Linear, twice over",
        partial(_with_bias, checks.is_linear),
        true=False,
    ),
    Proposition(
        "convolution-is-a-matrix",
        "A convolution is its block Toeplitz matrix times the pixels.",
        "Chapter 1, thm-matrix",
        _is_its_matrix,
    ),
    Proposition(
        "convolution-commutes-with-shifts",
        "A convolution of a shifted image is the shifted convolution.",
        "Chapter 1, thm-matrix",
        partial(_shifts, stacked=False),
    ),
    Proposition(
        "keras-correlates",
        "Keras' convolution is cross-correlation: it does not flip its kernel.",
        "Note A",
        partial(_same_as, reference.cross_correlation),
    ),
    Proposition(
        "keras-convolves",
        "Keras' convolution is the convolution of mathematics, which flips its kernel.",
        "Note A",
        partial(_same_as, reference.convolution),
        true=False,
    ),
    Proposition(
        "flipping-the-kernel-exchanges-the-two",
        "Keras' convolution with the kernel flipped is the convolution of mathematics.",
        "Note A, thm-flip",
        _flipped_is_convolution,
    ),
    Proposition(
        "average-pool-is-a-convolution",
        "Average-pooling without padding is a convolution.",
        "Chapter 1, thm-collapse",
        _pool_is_convolution,
    ),
    Proposition(
        "stack-is-one-convolution",
        "Convolutions and average-pools without padding collapse into one convolution.",
        "Chapter 1, thm-collapse",
        _collapses,
    ),
    Proposition(
        "strided-stack-is-one-convolution",
        "With strides, convolutions and average-pools collapse too: later kernels spread out, strides multiplied.",
        "Chapter 1, thm-collapse",
        partial(_collapses, strides=2),
    ),
    Proposition(
        "padded-stack-is-one-convolution",
        "With padding, convolutions and average-pools collapse into one convolution.",
        "Chapter 1, Many convolutions are one",
        partial(_shifts, stacked=True),
        true=False,
    ),
    Proposition(
        "padded-stack-is-affine",
        "Convolutions and average-pools with padding, strides and biases are one affine map.",
        "Chapter 1, thm-network",
        _padded_stack_is_affine,
    ),
    Proposition(
        "stack-with-relu-is-one-convolution",
        "With a ReLU between them, convolutions and average-pools collapse into one convolution.",
        "Chapter 1, Many convolutions are one",
        partial(_collapses, activation="relu"),
        true=False,
    ),
    Proposition(
        "stack-with-lrn-is-one-convolution",
        "With local response normalization between them, convolutions and average-pools collapse into one convolution.",
        "Chapter 1, Many convolutions are one",
        partial(_collapses, lrn=True),
        true=False,
    ),
)
