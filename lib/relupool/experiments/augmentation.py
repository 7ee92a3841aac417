"""Random crops: the random numbers drawn by NumPy, the same on every backend, the pixels gathered by Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from relupool.experiments.data import channel_scale
from relupool.experiments.networks import IMAGE, SIDE

COLUMNS = ("image", "top", "left", "flip", "brightness", "contrast")
"""What one row of draws holds: image index, offsets in pixels (0 to 8), mirrored or not, and a number of each range."""

BRIGHTNESS, CONTRAST = (-63, 63), (0.2, 1.8)


def draws(first: int, last: int, *, seed: int, batch_size: int, train_images: int) -> np.ndarray:
    """All random choices of the training steps ``first`` to ``last - 1``, float32 ``((last - first) * batch_size, 6)``.

    Every image is taken once per epoch in a fresh order, batches reaching over the end of an epoch. A step's draws
    depend on the seed and the step alone, so training can be cut anywhere.
    """
    rows = np.empty((last - first, batch_size, len(COLUMNS)), np.float32)
    rows[..., 0] = _order(first * batch_size, last * batch_size, seed, train_images).reshape(-1, batch_size)
    for row, step in zip(rows, range(first, last), strict=True):
        random = np.random.default_rng([seed, 1, step])
        row[:, 1:3] = random.integers(0, IMAGE - SIDE + 1, (batch_size, 2))
        row[:, 3] = random.integers(0, 2, batch_size)
        row[:, 4] = random.uniform(*BRIGHTNESS, batch_size)
        row[:, 5] = random.uniform(*CONTRAST, batch_size)
    return rows.reshape(-1, len(COLUMNS))


def _order(start: int, stop: int, seed: int, n: int) -> np.ndarray:
    epochs = range(start // n, (stop - 1) // n + 1)
    order = np.concatenate([np.random.default_rng([seed, 0, epoch]).permutation(n) for epoch in epochs])
    return order[start - epochs[0] * n : stop - epochs[0] * n]


class _Gathered(keras.layers.Layer):
    """Holds the training images on the device and gathers pixels of them, uint8 ``(batch, side, side, 3)``."""

    def __init__(self, images: np.ndarray, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.pixels = self.add_weight(
            shape=(images.size // 3, 3), dtype="uint8", initializer="zeros", trainable=False, name="pixels"
        )
        self.pixels.assign(images.reshape(-1, 3))

    def gather(self, image: Any, row: Any, column: Any) -> Any:
        """Of each image, named by ``image`` ``(batch, 1)``, the crossing of rows and columns ``(batch, side)``."""
        return ops.take(self.pixels, (image * IMAGE + row)[:, :, None] * IMAGE + column[:, None, :], axis=0)


class AugmentedCrops(_Gathered):
    """Rows of :func:`draws` to standardized float32 crops ``(batch, 24, 24, 3)``; the images stay on the device.

    As in the example: crop, mirror, add the brightness, scale each channel's contrast about its mean, standardize.
    """

    def call(self, rows: Any) -> Any:
        image, top, left, flip = _whole(rows)
        steps = ops.arange(SIDE, dtype="int32")[None, :]
        crops = self.gather(image, top + steps, left + flip * (SIDE - 1 - 2 * steps) + steps)
        brightness, contrast = (rows[:, i, None, None, None] for i in (4, 5))
        return standardize(adjust(ops.cast(crops, "float32"), brightness, contrast))


PADDING = 4
"""Pixels of zeros around an image from which a crop of its own size is taken: the offsets are 0 to 8, too."""


class PaddedCrops(_Gathered):
    """Rows of :func:`draws` to float32 images ``(batch, 32, 32, 3)``, as a :class:`Recipe` has them.

    Each channel with mean 0 and variance 1 over the training images, then 4 pixels of zeros on every side, a crop of
    32 x 32, mirrored or not (He et al. 2016, sec. 4.2). Brightness and contrast stay as they are.
    """

    def __init__(self, images: np.ndarray, **kwargs: Any) -> None:
        super().__init__(images, **kwargs)
        self.mean, self.deviation = channel_scale(images)

    def call(self, rows: Any) -> Any:
        image, top, left, flip = _whole(rows)
        last = IMAGE - 1
        steps = ops.arange(IMAGE, dtype="int32")[None, :]
        row = top + steps - PADDING
        column = left + flip * (last - 2 * steps) + steps - PADDING
        crops = ops.cast(self.gather(image, ops.clip(row, 0, last), ops.clip(column, 0, last)), "float32")
        real = _inside(row)[:, :, None, None] * _inside(column)[:, None, :, None]
        return (crops - self.mean) / self.deviation * real


def _whole(rows: Any) -> list[Any]:
    whole = ops.cast(rows[:, :4], "int32")
    return [whole[:, i, None] for i in range(4)]


def _inside(position: Any) -> Any:
    return ops.cast((position >= 0) & (position < IMAGE), "float32")


def adjust(crops: Any, brightness: Any, contrast: Any) -> Any:
    """Add ``brightness``, then scale each channel about its own mean by ``contrast``; nothing is clipped."""
    crops = crops + brightness
    mean = ops.mean(crops, axis=(1, 2), keepdims=True)
    return (crops - mean) * contrast + mean


def standardize(crops: Any) -> Any:
    """Each crop with mean 0 and variance 1 over all its pixels and channels; a constant one becomes 0."""
    centred = crops - ops.mean(crops, axis=(1, 2, 3), keepdims=True)
    deviation = ops.sqrt(ops.mean(centred * centred, axis=(1, 2, 3), keepdims=True))
    return centred / ops.maximum(deviation, (SIDE * SIDE * 3) ** -0.5)
