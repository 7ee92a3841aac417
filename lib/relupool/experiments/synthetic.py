"""Synthetic images (first sketch, being tuned)."""

from __future__ import annotations

import numpy as np


def draw(seed: int = 0, *, train_images: int = 50_000, test_images: int = 10_000) -> list[np.ndarray]:
    """x_train, y_train, x_test, y_test."""
    random = np.random.default_rng(seed)
    arrays = []
    for n in (train_images, test_images):
        arrays += [random.integers(256, size=(n, 32, 32, 3), dtype=np.uint8), random.integers(10, size=n, dtype=np.uint8)]
    return arrays
