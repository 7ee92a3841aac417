"""The example's augmentation in plain NumPy, step by step: slow, for pictures and as the truth that tests go by."""

from __future__ import annotations

import numpy as np

SIDE = 24
"""Height and width in pixels of the crops that the networks see."""


def augmentation_steps(images: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What becomes of images on their way into the network, after each step but the last, the standardization.

    ``images`` is uint8 ``(n, 32, 32, 3)``; ``rows`` are ``n`` rows as :func:`relupool.experiments.augmentation.draws`
    gives them, of which the first column, the image's index, is not looked at. Returns "cropped", "mirrored",
    "brightness" and "contrast", each float64 ``(n, 24, 24, 3)``; nothing is clipped to 0 to 255.
    """
    corners = rows[:, 1:3].astype(int)
    crops = np.stack([x[i : i + SIDE, j : j + SIDE] for x, (i, j) in zip(images, corners, strict=True)]).astype(float)
    mirror, brightness, contrast = rows[:, 3:6].astype(float).T[:, :, None, None, None]
    mirrored = np.where(mirror == 1, crops[:, :, ::-1], crops)
    brighter = mirrored + brightness
    mean = brighter.mean(axis=(1, 2), keepdims=True)  # of each channel
    return {
        "cropped": crops,
        "mirrored": mirrored,
        "brightness": brighter,
        "contrast": (brighter - mean) * contrast + mean,
    }
