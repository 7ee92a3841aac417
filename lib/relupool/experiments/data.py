"""The images that networks are trained on: CIFAR-10, or a synthetic set where that cannot be had."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from attrs import evolve, field, frozen
from relupool.experiments import cifar10
from relupool.validation import refuse


@frozen(eq=False)
class Images:
    """A data set in memory.

    Attributes:
        x_train, x_test: uint8 ``(n, 32, 32, 3)``, RGB, 0 to 255.
        y_train, y_test: uint8 ``(n,)``, classes 0 to 9.
        name: "cifar10" or "synthetic".
        sha256: hexadecimal SHA-256 of the whole data set, also where this is a subset of it.
        note: what distinguishes this copy from the official one; "" if nothing does.
    """

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    name: str
    sha256: str
    note: str = ""

    def subset(self, train_images: int, test_images: int) -> Images:
        """The first ``train_images`` and ``test_images`` images; ValueError if there are not as many."""
        for name, wanted, there in (
            ("train_images", train_images, len(self.x_train)),
            ("test_images", test_images, len(self.x_test)),
        ):
            if not 1 <= wanted <= there:
                refuse(name, wanted, f"from 1 to {there}")
        return evolve(
            self,
            x_train=self.x_train[:train_images],
            y_train=self.y_train[:train_images],
            x_test=self.x_test[:test_images],
            y_test=self.y_test[:test_images],
        )


def load(folder: Path | str | None = None) -> Images:
    """CIFAR-10 from ``folder``, or from the folder that RELUPOOL_DATA names."""
    folder = Path(folder or os.environ["RELUPOOL_DATA"])
    arrays, note = cifar10.read(folder, cifar10.read_checksums())
    return Images(*arrays, name="cifar10", sha256=sha256_of(arrays), note=note)


def sha256_of(arrays: list[np.ndarray]) -> str:
    """Hexadecimal SHA-256 of the shapes and bytes of ``arrays``."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def central_crop(images: np.ndarray) -> np.ndarray:
    """The central 24 x 24 pixels, offset 4, of ``images`` ``(..., 32, 32, 3)``."""
    return images[..., 4:28, 4:28, :]


def standardize(images: np.ndarray) -> np.ndarray:
    """(x - mean) / max(standard deviation, 1/sqrt(1728)) over each image ``(..., 24, 24, 3)``, in float32.

    Mean and population standard deviation are taken over all pixels and channels; a constant image becomes 0.
    """
    images = np.asarray(images, np.float32)
    axes = (-3, -2, -1)
    floor = np.float32(1 / np.sqrt(np.prod(images.shape[-3:])))
    return (images - images.mean(axes, keepdims=True)) / np.maximum(images.std(axes, keepdims=True), floor)
