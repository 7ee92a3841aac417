"""Linear layers put to the test: which operation flips, what a stack and a shift do.

Whole numbers, and averages of four of them, are added and multiplied without rounding, so that laws hold exactly or not
at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from relupool.theory import kernels
from relupool.theory.checks import whole_numbers
from relupool.theory.evidence import Array, Evidence, Function, compare, to_array
from relupool.theory.proposition import Layers

SIDE = 10
"""Height and width of the images that stacks are tried on."""


def whole_kernel(*shape: int, seed: int = 0) -> Array:
    """A kernel of whole numbers from -3 to 3, float32."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype("float32")


def whole_images(images: int, *, side: int = SIDE, channels: int = 2, seed: int = 0) -> Array:
    """Images of whole numbers from -4 to 4, float32 ``(images, side, side, channels)``."""
    return whole_numbers(images, (side, side, channels), seed=seed)


def turns(operations: Mapping[str, Callable[[Array, Array], Any]], kernel: Array) -> pd.DataFrame:
    """What each operation makes of an image that is 0 but for a 1 in its middle: the kernel, flipped or not.

    An operation takes an image and a kernel, both of two dimensions, and leaves out incomplete windows. The kernel must
    not be its own flip. Columns operation, row, column, value, and "is": "convolution" where the kernel comes
    out as it is, "cross-correlation" where it comes out flipped, else "neither".
    """
    n = len(kernel)
    image = np.zeros((2 * n - 1, 2 * n - 1), kernel.dtype)
    image[n - 1, n - 1] = 1
    parts = []
    for name, operation in operations.items():
        response = to_array(operation(image, kernel))
        kinds = {"convolution": kernel, "cross-correlation": kernels.flipped(kernel)}
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

    return compare(moved, lambda x: to_array(function(x))[:, :-1], x, shrinking=False)


FIRST, LAST = whole_kernel(3, 3, 2, 3), whole_kernel(3, 3, 3, 2, seed=1)
"""The two kernels of :func:`stack`."""


def stack(layers: Layers, *, strides: int = 1, padding: str = "valid", between: Function | None = None) -> Function:
    """Convolution, what stands ``between``, an average of 2 x 2 at stride 1, and a convolution; both at ``strides``."""

    def function(x: Array) -> Array:
        x = to_array(layers.convolution(x, FIRST, strides, padding))
        x = x if between is None else np.asarray(to_array(between(x)), "float32")
        return to_array(layers.convolution(layers.average_pool(x, 2, 1, padding), LAST, strides, padding))

    return function
