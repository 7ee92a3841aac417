"""Slow, obvious NumPy versions, in float64, of what the book's layers compute: the truth that Keras is compared with.

Images are ``(batch, height, width, channels)``, kernels ``(height, width, channels in, channels out)``, and arguments
stand in Keras' order. Each function is written from its definition, a loop over output positions, and knows nothing of
how a library would do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from relupool.choices import LRN_ALPHA, LRN_BETA, LRN_BIAS, LRN_RADIUS
from relupool.validation import refuse

Array = np.ndarray


def overhang(length: int, *, size: int, stride: int, padding: str) -> tuple[int, int]:
    """How many positions the windows along an axis of ``length`` hang over its start, and over its end.

    "valid" keeps the windows that lie wholly inside: none. "same" makes ceil(length / stride) of them and hangs half of
    the missing positions over the start, rounded down, and the rest over the end, as TensorFlow and Keras do.
    """
    missing = 0 if padding == "valid" else max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2


def spans(length: int, *, size: int, stride: int, padding: str) -> list[slice]:
    """The positions that each window covers along an axis of ``length``, those beyond its ends left out.

    How far windows hang over the ends is said by :func:`overhang`.
    """
    before, after = overhang(length, size=size, stride=stride, padding=padding)
    starts = range(-before, length + after - size + 1, stride)
    return [slice(max(start, 0), min(start + size, length)) for start in starts]


def windows(
    x: Array, pool_size: int, strides: int | None = None, padding: str = "valid"
) -> Iterator[tuple[int, int, slice, slice]]:
    """Every output position ``(i, j)`` of a pool over ``x``, with the rows and the columns that its window covers."""
    stride = pool_size if strides is None else strides
    rows, columns = (spans(length, size=pool_size, stride=stride, padding=padding) for length in x.shape[1:3])
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            yield i, j, row, column


def pool(
    x: Array, pick: Callable[[Array], Array], pool_size: int, strides: int | None = None, padding: str = "valid"
) -> Array:
    """Reduce every window of ``x`` with ``pick``, which takes ``(batch, values, channels)`` to ``(batch, channels)``.

    A window that hangs over the border hands on its real values alone, so no padding is ever counted.
    """
    x = np.asarray(x, dtype=np.float64)
    pooled = {
        (i, j): pick(x[:, row, column].reshape(len(x), -1, x.shape[3]))
        for i, j, row, column in windows(x, pool_size, strides, padding)
    }
    height, width = (n + 1 for n in max(pooled))
    return np.stack([np.stack([pooled[i, j] for j in range(width)], axis=1) for i in range(height)], axis=1)


def max_pool(x: Array, pool_size: int, strides: int | None = None, padding: str = "valid") -> Array:
    """The largest value of each window; NaN if it holds one."""
    return pool(x, lambda values: values.max(axis=1), pool_size, strides, padding)


def average_pool(x: Array, pool_size: int, strides: int | None = None, padding: str = "valid") -> Array:
    """The sum of each window's real values divided by their number."""
    return pool(x, lambda values: values.sum(axis=1) / values.shape[1], pool_size, strides, padding)


def max_pool_pullback(
    x: Array, upstream: Array, pool_size: int, strides: int | None = None, padding: str = "valid"
) -> Array:
    """The gradient of sum(upstream * max_pool(x)) in ``x``: each window sends its share to its first largest value."""
    x = np.asarray(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for i, j, row, column in windows(x, pool_size, strides, padding):
        patch = x[:, row, column]
        first = patch.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
        for b, c in np.ndindex(first.shape):
            r, s = divmod(int(first[b, c]), patch.shape[2])
            gradient[b, row.start + r, column.start + s, c] += upstream[b, i, j, c]
    return gradient


def cross_correlation(x: Array, kernel: Array, strides: int = 1, padding: str = "valid") -> Array:
    """y[i, j] = sum over p, q of x[i + p, j + q] kernel[p, q]: what deep-learning libraries call a convolution.

    Beyond the border of a "same" input stand zeros. Output ``(batch, out height, out width, channels out)``.
    """
    x, kernel = np.asarray(x, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    sides = list(zip(x.shape[1:3], kernel.shape[:2], strict=True))
    x = np.pad(x, [(0, 0), *(overhang(n, size=k, stride=strides, padding=padding) for n, k in sides), (0, 0)])
    height, width = ((n - k) // strides + 1 for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True))
    if height < 1 or width < 1:
        refuse("kernel", kernel.shape, f"a kernel that fits into {x.shape[1]} × {x.shape[2]} positions")
    y = np.zeros((len(x), height, width, kernel.shape[3]))
    for i, j, p, q in np.ndindex(height, width, *kernel.shape[:2]):
        y[:, i, j] += x[:, i * strides + p, j * strides + q] @ kernel[p, q]
    return y


def convolution(x: Array, kernel: Array, strides: int = 1, padding: str = "valid") -> Array:
    """The convolution of mathematics: :func:`cross_correlation` with the kernel flipped up-down and left-right."""
    return cross_correlation(x, np.asarray(kernel)[::-1, ::-1], strides, padding)


def local_response_normalization(x: Array, *, alpha: float = LRN_ALPHA) -> Array:
    """x / (1 + alpha * s)^0.75, s the sum of squares over the channels within the example's radius of each."""
    x = np.asarray(x, dtype=np.float64)
    y = np.empty_like(x)
    for c in range(x.shape[-1]):
        near = x[..., max(c - LRN_RADIUS, 0) : c + LRN_RADIUS + 1]
        y[..., c] = x[..., c] / (LRN_BIAS + alpha * (near**2).sum(axis=-1)) ** LRN_BETA
    return y
