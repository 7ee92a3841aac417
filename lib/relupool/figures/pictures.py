"""Photographs, and what the network is given of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from relupool import words
from relupool.experiments.data import central_crop, standardize
from relupool.figures import style
from relupool.figures.figure import DEMONSTRATION, Figure
from relupool.validation import refuse

SPREAD = 2.5
"""Standard deviations on either side of the mean that a standardized picture shows, black to white."""


def example_images(
    images: np.ndarray, *, labels: Sequence[str], dataset: str, id: str = "fig-example-images"
) -> Figure:
    """``images``, uint8 ``(n, 32, 32, 3)``, in a row with their ``labels``, and below each its standardized crop."""
    images = _checked(images, "images")
    if len(labels) != len(images):
        refuse("labels", f"{len(labels)} names", f"{len(images)}, one for each image")
    crops = standardize(central_crop(images))
    seen = np.clip(np.rint(255 * (0.5 + crops / (2 * SPREAD))), 0, 255).astype(np.uint8)
    with style.scoped():
        plot, axes = style.canvas(style.WIDTH * 2.62 / len(images) + 0.05)
        for column, (image, crop, label) in enumerate(zip(images, seen, labels, strict=True)):
            for top, picture in ((0.55, image), (1.58, crop)):
                sides = (column + 0.03, column + 0.97, top + 0.97, top + 0.03)
                axes.imshow(picture, extent=sides, interpolation="none")
            name = label if len(label) <= 8 else f"{label[:4]}-\n{label[4:]}"
            axes.text(column + 0.5, 0.5, name, ha="center", va="bottom", size=style.SMALL, linespacing=1.05)
        axes.set(xlim=(0, len(images)), ylim=(2.57, 0), aspect="equal")
        axes.axis("off")
    moments = pd.DataFrame(
        {"label": list(labels), "mean": images.mean(axis=(1, 2, 3)), "sd": images.std(axis=(1, 2, 3))}
    )
    number = words.count(len(images), "image")
    told = f"{number} of CIFAR-10" if dataset == "cifar10" else words.count(len(images), "toy image")
    return Figure(
        id=id,
        plot=plot,
        frame=moments.round(2),
        caption=f"Top: what a person sees; below: what the network is given. {words.capital(told)}"
        f", and the standardized 24 × 24 pixels in the middle of each; shown are {SPREAD:g} "
        "standard deviations to either side of the mean.",
        alt=f"Two rows of {number}: {words.listing(labels)}. The lower row shows their middles, with mean and contrast "
        "evened out.",
        basis=f"{words.capital(told)}; nothing was trained.",
        tag="CIFAR-10 test images" if dataset == "cifar10" else DEMONSTRATION,
    )


def _checked(images: Any, name: str) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or len(images) == 0:
        refuse(name, f"of shape {images.shape}", "of shape (n, height, width, 3) with at least one image")
    return images
