"""What a convolution is as a map, which operation flips, what a stack and a shift do: chapter 1 and note A.

Whole numbers, and averages of four of them, are added and multiplied without rounding, so that laws hold exactly or not
at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from relupool.theory import checks, kernels, reference
from relupool.theory.evidence import Array, Evidence, Function, compare, to_array
from relupool.theory.proposition import Layers, Proposition, Sides, agree, law

SIDE = 10
"""Height and width of the images that stacks are tried on."""


def whole_kernel(*shape: int, seed: int = 0) -> Array:
    """A kernel of whole numbers from -3 to 3, float32."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype("float32")


def whole_images(images: int, *, side: int = SIDE, channels: int = 2, seed: int = 0) -> Array:
    """Images of whole numbers from -4 to 4, float32 ``(images, side, side, channels)``."""
    return checks.whole_numbers(images, (side, side, channels), seed=seed)


def turns(operations: Mapping[str, Callable[[Array, Array], Any]], kernel: Array) -> pd.DataFrame:
    """What each operation makes of an image that is 0 but for a 1 in its middle: the kernel, flipped or not.

    An operation takes an image and a kernel, both of two dimensions, and leaves out incomplete windows. The kernel must
    not be its own flip. Columns operation, row, column, value, and "is": "convolution" where the kernel comes
    out as it is, "cross-correlation" where it comes out flipped, else "neither".
    """
    n = len(kernel)
    image = np.zeros((2 * n - 1, 2 * n - 1), kernel.dtype)
    image[n - 1, n - 1] = 1
    kinds = {"convolution": kernel, "cross-correlation": kernels.flipped(kernel)}
    parts = []
    for name, operation in operations.items():
        response = to_array(operation(image, kernel))
        kind = next((kind for kind, wanted in kinds.items() if np.array_equal(response, wanted)), "neither")
        rows, columns = np.indices(response.shape).reshape(2, -1)
        part = {"operation": name, "row": rows, "column": columns, "value": response.ravel(), "is": kind}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def shifts(function: Function, *, trials: int = 100, seed: int = 0) -> Evidence:
    """``function`` of an image moved down by one is the result moved down by one, where both have a row for it.

    The last row of the image is 0, so that none falls off; the outputs have one position for each of the input's.
    """
    x = whole_images(trials, seed=seed)
    x[:, -1] = 0

    def moved(x: Array) -> Array:
        return to_array(function(np.roll(x, 1, axis=1)))[:, 1:]

    return compare(moved, lambda x: to_array(function(x))[:, :-1], x)


FIRST, LAST = whole_kernel(3, 3, 2, 3), whole_kernel(3, 3, 3, 2, seed=1)
"""The two kernels of :func:`stack`."""

KERNEL, BIAS = whole_kernel(3, 3, 2, 2), np.array([1, -2], dtype="float32")


def stack(layers: Layers, *, strides: int = 1, padding: str = "valid", between: Function | None = None) -> Function:
    """Convolution, what stands ``between``, an average of 2 x 2 at stride 1, and a convolution; both at ``strides``."""

    def function(x: Array) -> Array:
        x = to_array(layers.convolution(x, FIRST, strides, padding))
        x = x if between is None else np.asarray(to_array(between(x)), "float32")
        return layers.convolution(layers.average_pool(x, 2, 1, padding), LAST, strides, padding)

    return function


def _bilinear(argument: int, layers: Layers, trials: int, seed: int) -> Evidence:
    few = max(trials // 50, 2)
    shapes = {"shape": (6, 7, 2), "other_shape": (3, 3, 2, 2)}
    return checks.is_bilinear(lambda x, k: layers.convolution(x, k, 1, "same"), **shapes, trials=few, seed=seed)[
        argument
    ]


def _with_bias(layers: Layers) -> Function:
    return lambda x: to_array(layers.convolution(x, KERNEL, 1, "same")) + BIAS


def _strided(layers: Layers) -> Function:
    return lambda x: layers.convolution(x, KERNEL, 2, "same")


def _is_its_matrix(layers: Layers) -> tuple[Function, Function]:
    matrix = kernels.matrix(KERNEL, 7, strides=2, padding="same")
    return _strided(layers), lambda x: (x.reshape(len(x), -1) @ matrix.T).reshape(len(x), 4, 4, 2)


def _is(other: Callable[..., Array]) -> Sides:
    """Keras' convolution is ``other(x, kernel, strides, padding)``."""
    return lambda layers: (_strided(layers), lambda x: other(x, KERNEL, 2, "same").astype("float32"))


def _flipped_is_convolution(layers: Layers) -> tuple[Function, Function]:
    flipped = np.ascontiguousarray(kernels.flipped(KERNEL))
    return (
        lambda x: layers.convolution(x, flipped, 1, "same"),
        lambda x: reference.convolution(x, KERNEL, 1, "same").astype("float32"),
    )


def _pool_is_convolution(layers: Layers) -> tuple[Function, Function]:
    kernel = kernels.averaging(2, 2)
    return lambda x: layers.average_pool(x, 2, 1, "valid"), lambda x: layers.convolution(x, kernel, 1, "valid")


def _collapses(*, strides: int = 1, between: Callable[[Layers], Function | None] = lambda layers: None) -> Sides:
    """The stack is its one kernel."""
    kernel, stride = kernels.collapsed([(FIRST, strides), (kernels.averaging(2, 3), 1), (LAST, strides)])
    return lambda layers: (
        stack(layers, strides=strides, between=between(layers)),
        lambda x: layers.convolution(x, kernel, stride, "valid"),
    )


def _strong_normalization(layers: Layers) -> Function:
    """Strong enough to show."""
    return partial(reference.local_response_normalization, alpha=1.0)


_padded_stack = partial(stack, strides=2, padding="same", between=lambda x: x + np.array([1, -2, 3], "float32"))


def _few(trials: int, *, seed: int, fewer: int = 10) -> Array:
    return whole_images(trials // fewer + 1, side=7, seed=seed)


_wide = partial(whole_images, side=SIDE + 6)

BILINEAR, TWICE, MATRIX, COLLAPSE, ONE, FLIP = (
    "Chapter 1, thm-bilinear", "Chapter 1, Linear, twice over", "Chapter 1, thm-matrix", "Chapter 1, thm-collapse",
    "Chapter 1, Many convolutions are one", "Note A, thm-flip",
)  # fmt: skip
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("convolution-is-linear-in-data", "A convolution is linear in its input.",
                BILINEAR, partial(_bilinear, 0)),
    Proposition("convolution-is-linear-in-filters", "A convolution is linear in its filters.",
                BILINEAR, partial(_bilinear, 1)),
    Proposition("convolution-with-bias-is-affine", "A convolution with a bias is affine.",
                TWICE, law(checks.is_affine, _with_bias, shape=(6, 7, 2))),
    Proposition("convolution-with-bias-is-linear", "A convolution with a bias is linear.",
                TWICE, law(checks.is_linear, _with_bias, shape=(6, 7, 2)), true=False),
    Proposition("convolution-is-a-matrix", "A convolution is its matrix times the pixels.",
                MATRIX, agree(_is_its_matrix, partial(whole_images, side=7))),
    Proposition("convolution-commutes-with-shifts", "A convolution of a shifted image is the shifted convolution.",
                MATRIX, law(shifts, lambda layers: lambda x: layers.convolution(x, KERNEL, 1, "same"))),
    Proposition("keras-correlates", "Keras' convolution is cross-correlation: it does not flip its kernel.",
                "Note A", agree(_is(reference.cross_correlation), _few)),
    Proposition("keras-convolves", "Keras' convolution is the convolution of mathematics, which flips its kernel.",
                "Note A", agree(_is(reference.convolution), _few), true=False),
    Proposition("flipping-the-kernel-exchanges-the-two",
                "Keras' convolution with the kernel flipped is the convolution of mathematics.",
                FLIP, agree(_flipped_is_convolution, partial(_few, fewer=20))),
    Proposition("average-pool-is-a-convolution", "Average-pooling without padding is a convolution.",
                COLLAPSE, agree(_pool_is_convolution, partial(whole_images, side=5))),
    Proposition("stack-is-one-convolution",
                "Convolutions and average-pools without padding collapse into one convolution.",
                COLLAPSE, agree(_collapses(), whole_images)),
    Proposition("strided-stack-is-one-convolution", "With strides, convolutions and average-pools collapse too: later "
                "kernels spread out, strides multiplied.", COLLAPSE, agree(_collapses(strides=2), _wide)),
    Proposition("padded-stack-is-one-convolution",
                "With padding, convolutions and average-pools collapse into one convolution.",
                ONE, law(shifts, partial(stack, padding="same")), true=False),
    Proposition("padded-stack-is-affine",
                "Convolutions and average-pools with padding, strides and biases are one affine map.",
                "Chapter 1, thm-network", law(checks.is_affine, _padded_stack, shape=(9, 10, 2))),
    Proposition("stack-with-relu-is-one-convolution",
                "With a ReLU between them, convolutions and average-pools collapse into one convolution.",
                ONE, agree(_collapses(between=lambda layers: layers.relu), whole_images), true=False),
    Proposition("stack-with-lrn-is-one-convolution", "With local response normalization between them, convolutions and "
                "average-pools collapse into one convolution.",
                ONE, agree(_collapses(between=_strong_normalization), whole_images), true=False),
)  # fmt: skip
