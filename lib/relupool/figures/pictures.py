"""Figures that show images, and what the example's augmentation does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from relupool.experiments.data import standardize
from relupool.figures import style, words
from relupool.figures.figure import DATA_NAMES, Figure
from relupool.validation import refuse

SPREAD = 2.5
"""Standard deviations on either side of the mean that a standardized picture shows, black to white."""

BRIGHTNESS = tuple(np.linspace(-63, 63, 15))
CONTRAST = tuple(np.linspace(0.2, 1.8, 17))
"""The amounts that :func:`adjustments` tries: the ranges from which the example draws."""


def example_images(
    images: np.ndarray, *, labels: Sequence[str], dataset: str, id: str = "fig-example-images"
) -> Figure:
    """A sheet of ``images``, uint8 ``(n, height, width, 3)``, with a row for each of the names in ``labels``."""
    images = _checked(images, "images")
    if len(labels) != len(images):
        refuse("labels", f"{len(labels)} names", f"{len(images)}, one for each image")
    frame = pd.DataFrame({"image": range(len(images)), "label": list(labels)})
    frame["column"] = frame.groupby("label").cumcount()
    names = list(frame["label"].unique())
    frame["row"] = frame["label"].map(names.index)
    columns, gap = int(frame["column"].max()) + 1, 0.06
    name_width = 2.1 * columns / 10
    with style.scoped():
        plot, axes = style.canvas(style.WIDTH * len(names) / (columns + name_width) + 0.05)
        for place in frame.itertuples():
            _picture(axes, images[place.image], place.column, place.row, gap)
        for row, name in enumerate(names):
            axes.text(-0.15, row + 0.5, name, ha="right", va="center")
        _bare(axes, (-name_width, columns), (len(names), 0))
    per_name = words.counts(frame["label"].value_counts(), "image")
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"Images of {DATA_NAMES[dataset]}, {per_name} of each class: {', '.join(names)}.",
        alt=f"A sheet of {len(images)} small colour pictures, a row for each of the classes {words.listing(names)}.",
        basis=f"{len(images)} images of {DATA_NAMES[dataset]}; nothing was trained.",
    )


def augmentation(
    originals: np.ndarray,
    steps: Mapping[str, np.ndarray],
    *,
    standardized: np.ndarray,
    dataset: str,
    notes: Mapping[str, Sequence[str]] | None = None,
    frames: Sequence[tuple[int, int]] = (),
    id: str = "fig-augmentation",
) -> Figure:
    """What happens to training images on their way into the network: a row for each image, a column for each step.

    Args:
        originals: uint8 ``(n, 32, 32, 3)``.
        steps: title -> the images after that step, ``(n, height, width, 3)``, values of 0 to 255 and beyond.
        standardized: what the network is given, mean 0 and variance 1.
        dataset: "cifar10" or "synthetic".
        notes: title -> a few characters for each image, to stand below it ("+31").
        frames: the (top, left) corner in pixels of each image's crop, to be drawn on the original.
    """
    notes = dict(notes or {})
    columns = {"original": originals, **steps, "standardized": standardized}
    columns = {title: _checked(pictures, title) for title, pictures in columns.items()}
    for title, values in {**columns, **notes, **({"frames": frames} if len(frames) else {})}.items():
        if len(values) != len(originals):
            refuse(title, f"{len(values)} values", f"{len(originals)}, one for each original")
    row_height = 1.28 if notes else 1.0
    with style.scoped():
        plot, axes = style.canvas(style.WIDTH * (len(originals) * row_height + 0.28) / len(columns))
        for column, (title, pictures) in enumerate(columns.items()):
            axes.text(column + 0.5, -0.06, title, ha="center", va="bottom", size=10.5)
            for row, picture in enumerate(pictures):
                top = row * row_height
                _picture(axes, _visible(picture, title == "standardized"), column, top, 0.05)
                if title in notes:
                    axes.text(column + 0.5, top + 1.01, notes[title][row], ha="center", va="top", size=10.5)
        crop = next(iter(steps.values())).shape[1] if steps else 0
        for row, (top, left) in enumerate(frames):
            _mark_crop(axes, originals.shape[1], crop, top, left, row * row_height)
        _bare(axes, (0, len(columns)), (len(originals) * row_height, -0.28))
    frame = _moments(columns)
    outside = frame[~frame["step"].isin(["original", "standardized"])]
    reach = f"{outside['min'].min():.0f} to {outside['max'].max():.0f}" if len(outside) else "0 to 255"
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"What training does to an image before the network sees it. {words.count(len(originals), 'image')} of "
        f"{DATA_NAMES[dataset]}, with random numbers drawn anew each time: {', '.join(columns)}. "
        f"Nothing is clipped on the way (here values reach from {reach}), but screens show 0 to 255; of "
        f"standardized images they show {SPREAD:g} standard deviations to either side.",
        alt=f"A table of pictures with {len(originals)} rows, one for each image, and the columns "
        f"{words.listing(columns)}. The standardized pictures all have mean 0 and standard deviation 1.",
        basis=f"{words.count(len(originals), 'image').capitalize()} of {DATA_NAMES[dataset]}; nothing was trained.",
    )


def adjustments(
    crops: np.ndarray, *, brightness: Sequence[float] = BRIGHTNESS, contrast: Sequence[float] = CONTRAST
) -> pd.DataFrame:
    """How far each crop's standardized picture moves when its brightness or its contrast is changed.

    ``brightness`` is added to all values; ``contrast`` multiplies each channel's distance from the channel's mean.
    Returns the columns image, change, amount and difference: root mean square over pixels, where the picture's own
    standard deviation is 1.
    """
    crops = _checked(crops, "crops").astype(np.float64)
    before = standardize(crops)
    mean = crops.mean(axis=(1, 2), keepdims=True)
    changed = [("brightness", amount, crops + amount) for amount in brightness]
    changed += [("contrast", amount, (crops - mean) * amount + mean) for amount in contrast]
    parts = []
    for change, amount, after in changed:
        difference = np.sqrt(np.mean((standardize(after) - before) ** 2, axis=(1, 2, 3), dtype=np.float64))
        parts.append(
            pd.DataFrame({"image": range(len(crops)), "change": change, "amount": amount, "difference": difference})
        )
    return pd.concat(parts, ignore_index=True)


def brightness_and_contrast(frame: pd.DataFrame, *, dataset: str, id: str = "fig-brightness-and-contrast") -> Figure:
    """Why brightness cancels under the standardization and contrast does not; ``frame`` is of :func:`adjustments`."""
    titles = {"brightness": "added to the brightness", "contrast": "factor of the contrast"}
    with style.scoped():
        plot, panels = style.canvas(3.3, ncols=2, sharey=True)
        for axes, (change, hue), neutral in zip(
            panels, (("brightness", style.BLUE), ("contrast", style.ORANGE)), (0, 1), strict=True
        ):
            lines = frame[frame["change"] == change]
            for _, line in lines.groupby("image"):
                axes.plot(line["amount"], line["difference"], color=hue, linewidth=0.8, alpha=0.35)
            axes.plot(lines.groupby("amount")["difference"].mean(), color=hue, linewidth=2.5)
            axes.axvline(neutral, color=style.MUTED, linewidth=1, linestyle=":")
            axes.set_title(change, color=hue)
            axes.set_xlabel(titles[change])
            style.grid(axes, "y")
        panels[0].set_ylim(bottom=-0.02 * frame["difference"].max())
        panels[0].set_ylabel("change after\nstandardizing (sd)")
    most = frame.groupby("change")["difference"].max()
    images = words.count(frame["image"].nunique(), "image")
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption="Standardization undoes a change of brightness, but not one of contrast. Root mean square change of "
        f"the standardized picture, in its standard deviations, for {images} (thin) and their mean (thick). Brightness "
        f"moves it by {_power_of_ten(most['brightness'])} at most, which is rounding; contrast acts on each channel "
        f"about the channel's own mean and moves it by up to {most['contrast']:.2f}.",
        alt="Two line charts. Left: whatever is added to the brightness, the standardized picture stays the same, to "
        f"{_power_of_ten(most['brightness'])}. Right: it moves by up to {most['contrast']:.2f} standard deviations "
        "when the contrast leaves factor 1.",
        basis=f"{images.capitalize()} of {DATA_NAMES[dataset]}; float32; nothing was trained.",
    )


def _checked(images: Any, name: str) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or len(images) == 0:
        refuse(name, f"of shape {images.shape}", "of shape (n, height, width, 3) with at least one image")
    return images


def _visible(picture: np.ndarray, standardized: bool) -> np.ndarray:
    """``picture`` as uint8 for a screen."""
    values = 255 * (0.5 + picture / (2 * SPREAD)) if standardized else picture
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _picture(axes: Axes, picture: np.ndarray, left: float, top: float, gap: float) -> None:
    """A picture in the unit square at (left, top), less half a gap on each side."""
    sides = (left + gap / 2, left + 1 - gap / 2, top + 1 - gap / 2, top + gap / 2)
    axes.imshow(picture, extent=sides, interpolation="none")


def _mark_crop(axes: Axes, side: int, crop: int, top: int, left: int, row: float) -> None:
    scale = 0.95 / side
    corner = (0.025 + left * scale, row + 0.025 + top * scale)
    for colour, width in ((style.INK, 2.5), (style.PAPER, 1.2)):  # seen on any picture
        axes.add_patch(Rectangle(corner, crop * scale, crop * scale, fill=False, edgecolor=colour, linewidth=width))


def _bare(axes: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    axes.set(xlim=x, ylim=y, aspect="equal")
    axes.axis("off")


def _moments(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    parts = []
    for title, pictures in columns.items():
        values = pd.DataFrame(pictures.reshape(len(pictures), -1).astype(float)).agg(
            ["mean", "std", "min", "max"], axis=1
        )
        parts.append(values.assign(step=title).rename_axis("image").reset_index())
    return pd.concat(parts, ignore_index=True)[["image", "step", "mean", "std", "min", "max"]].round(4)


def _power_of_ten(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-")
