"""What kernels do to one another: flipped, written as a matrix, and a stack of them collapsed into one.

Kernels are ``(height, width, channels in, channels out)`` and slide without being flipped, as in Keras; images are
``(batch, height, width, channels)``. A stack is a sequence of layers (kernel, stride) in forward order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relupool.theory.reference import Array, overhang


def flipped(kernel: Array) -> Array:
    """``kernel`` turned by half a turn, up-down and left-right; its channels stay where they are."""
    return np.asarray(kernel)[::-1, ::-1]


def averaging(pool_size: int, channels: int) -> Array:
    """The kernel, float32, of an average-pool without padding: 1/pool_size^2 within a channel, 0 between channels."""
    one = np.eye(channels, dtype="float32") / np.float32(pool_size**2)
    return np.broadcast_to(one, (pool_size, pool_size, channels, channels))


def composed(first: Array, then: Array, *, strides: int = 1) -> Array:
    """The one kernel that does the work of ``first``, at ``strides``, followed by ``then``.

    Value r of it is the sum of first[p] @ then[q] over all p + strides * q = r, matrices from channels to channels: the
    (flipping) convolution of ``first`` with ``then`` spread out by ``strides``. Its stride is the product of theirs.
    """
    height, width = first.shape[:2]
    shape = [n + strides * (m - 1) for n, m in zip(first.shape[:2], then.shape[:2], strict=True)]
    kernel = np.zeros((*shape, first.shape[2], then.shape[3]), np.result_type(first, then))
    for p, q in np.ndindex(*then.shape[:2]):
        top, left = strides * p, strides * q
        kernel[top : top + height, left : left + width] += first @ then[p, q]
    return kernel


def collapsed(stack: Sequence[tuple[Array, int]]) -> tuple[Array, int]:
    """The kernel and the stride of the one layer that equals ``stack``, if none of its layers is padded."""
    (kernel, stride), *rest = stack
    for then, step in rest:
        kernel, stride = composed(kernel, then, strides=stride), stride * step
    return kernel, stride


def matrix(kernel: Array, side: int, *, strides: int = 1, padding: str = "valid") -> Array:
    """The matrix, (outputs, inputs), of a layer on images of ``side`` x ``side``: y.ravel() = matrix @ x.ravel().

    Every row holds the kernel once, at the place of its window; what would lie beyond the border is left out.
    """
    size, channels_in, channels_out = kernel.shape[0], *kernel.shape[2:]
    before, after = overhang(side, size=size, stride=strides, padding=padding)
    starts = range(-before, side + after - size + 1, strides)
    m = np.zeros((len(starts), len(starts), channels_out, side, side, channels_in), kernel.dtype)
    for i, j, p, q in np.ndindex(len(starts), len(starts), size, size):
        row, column = starts[i] + p, starts[j] + q
        if 0 <= row < side and 0 <= column < side:
            m[i, j, :, row, column] = kernel[p, q].T
    return m.reshape(len(starts) ** 2 * channels_out, side**2 * channels_in)
