"""The first layer of a trained network for readers who choose: its filters, photographs, and the maps to begin with."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from relupool.figures.order import ABOVE, BELOW
from relupool.theory.reference import average_pool, cross_correlation
from relupool.words import percent

ZOOM = 12
"""Each pixel of a picture is so many pixels wide, so that no program smoothes it."""


def first_layer(
    pictures: np.ndarray,
    standardized: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    *,
    names: Sequence[str],
    tag: str,
) -> dict[str, Any]:
    """What a page needs to show the layer's maps of ``pictures``, uint8 ``(images, side, side, 3)``, called ``names``.

    ``standardized`` is what the network is given of them. The maps to begin with are those with the widest gap between
    both orders of ReLU and the example's pool, 3 x 3 with stride 2, if that is an average. ``kernel`` and ``bias`` are
    kept in float16.
    """
    kernel, bias = kernel.astype("<f2"), bias.astype("<f2")
    z = cross_correlation(standardized, kernel, 1, "same") + bias
    first, last = average_pool(np.maximum(z, 0), 3, 2, "same"), np.maximum(average_pool(z, 3, 2, "same"), 0)
    gap = np.where(np.isclose(first, last, rtol=1e-9, atol=1e-9), 0, first - last)
    image, channel = map(int, np.unravel_index(gap.mean(axis=(1, 2)).argmax(), (len(z), len(bias))))
    before, relu_first, pool_first, dots = (maps[image, :, :, channel] for maps in (z, first, last, gap))
    limit = relu_first.max()
    radii = 0.5 * np.sqrt(dots / limit)
    shares = gap[image].sum(axis=(0, 1)) / np.maximum(first[image].sum(axis=(0, 1)), 1e-12)
    panels = {
        names[image]: pictures[image],
        "before the activation": _painted(before, limit),
        "ReLU, then average-pool": _painted(relu_first, limit),
        "average-pool, then ReLU": _painted(pool_first, limit),
    }
    return {
        "names": list(names),
        "pixels": _base64(pictures.tobytes()),
        "kernel": _base64(kernel.tobytes()),
        "bias": _base64(bias.tobytes()),
        "image": image,
        "channel": channel,
        "panels": [(caption, _png(pixels)) for caption, pixels in panels.items()],
        "dots": [(column + 0.5, row + 0.5, f"{r:.3f}") for (row, column), r in np.ndenumerate(radii)],
        "side": len(radii),
        "told": f"Filter {channel}: the orders differ in {np.count_nonzero(dots)} of {dots.size} windows; the gap is "
        f"{percent(shares[channel])} of what ReLU first gives. All {len(bias)} filters: "
        f"{percent(gap[image].sum() / first[image].sum())}.",
        "lost": float(gap.sum() / first.sum()),
        "tag": tag,
    }


def _painted(values: np.ndarray, limit: float) -> np.ndarray:
    """Colours and transparency of ``values`` ``(side, side)``, uint8 ``(side, side, 4)``."""
    hue = np.where(values[..., None] < 0, to_rgb(BELOW), to_rgb(ABOVE))
    return np.rint(255 * np.dstack([hue, np.clip(np.abs(values) / limit, 0, 1)])).astype(np.uint8)


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)).save(buffer, "PNG", optimize=True)
    return _base64(buffer.getvalue())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
