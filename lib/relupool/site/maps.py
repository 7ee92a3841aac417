"""Feature maps for readers to play with: pre-activations as int8, in a script that a page loads when it needs them.

A chapter makes them of the network that it trains, and :func:`relupool.book.chapter.keep` saves them beside its
figures; the directive of :mod:`relupool.site.feature_maps` puts them on a page.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen
from PIL import Image

from relupool.validation import refuse

FILE = "feature-maps.js"
"""What the script is called, beside the files of the figures."""

LARGEST = 127
"""The int8 values reach from -127 to 127, so that a number and its negative are equally well kept."""


@frozen(eq=False)
class LayerMaps:
    """Some channels of a layer for all images: ``values * scales`` is what the layer gives.

    ``values`` is int8 ``(images, side, side, n)``, ``scales`` float64 ``(n,)``; ``channels`` numbers the ``n`` among
    the ``of`` that the layer has.
    """

    name: str
    values: np.ndarray
    scales: np.ndarray
    channels: tuple[int, ...]
    of: int

    def map(self, image: int, place: int) -> np.ndarray:
        """Map of the channel ``channels[place]`` for one image, float64 ``(side, side)``."""
        return self.values[image, :, :, place] * self.scales[place]


@frozen(eq=False)
class Maps:
    """Layers of a network and the ``pictures`` they saw, uint8 ``(images, height, width, 3)``, called ``names``."""

    layers: tuple[LayerMaps, ...]
    pictures: np.ndarray
    names: tuple[str, ...]

    def most_varied(self, image: int) -> int:
        """The place of the channel of the first layer in whose range this image's map varies most."""
        values = self.layers[0].values[image].reshape(-1, len(self.layers[0].channels))
        return int(values.std(axis=0).argmax())

    def script(self, *, image: int) -> bytes:
        """The script that sets ``relupoolMaps``; ``image`` is the one to begin with. Equal maps give equal bytes."""
        return f"relupoolMaps = {json.dumps(self._told(image), ensure_ascii=True, separators=(',', ':'))};\n".encode()

    def _told(self, image: int) -> dict[str, object]:
        return {
            "start": {"image": image, "channel": self.most_varied(image)},
            "images": [
                {"name": name, "png": f"data:image/png;base64,{_base64(_png(picture))}"}
                for name, picture in zip(self.names, self.pictures, strict=True)
            ],
            "layers": [
                {
                    "name": layer.name,
                    "side": layer.values.shape[1],
                    "of": layer.of,
                    "channels": layer.channels,
                    "scales": layer.scales.tolist(),
                    # map after map, channel by channel, and in each channel image by image
                    "values": _base64(layer.values.transpose(3, 0, 1, 2).tobytes()),
                }
                for layer in self.layers
            ],
        }


def quantized(
    pre_activations: Mapping[str, np.ndarray], *, pictures: np.ndarray, names: Sequence[str], every: int = 4
) -> Maps:
    """Every ``every``-th channel of each layer, rounded to int8 with a scale for each channel.

    ``pre_activations`` has a float array ``(images, side, side, channels)`` for each layer. No value moves by more
    than half a scale, which is 1/254 of the largest absolute value of its channel. Raises ValueError if the pictures
    or their names are not as many as the images, or a value is not finite.
    """
    layers = []
    for name, z in pre_activations.items():
        if not len(z) == len(pictures) == len(names):
            refuse(name, f"{len(z)} images", f"{len(pictures)} images, as many as pictures, with {len(names)} names")
        if not np.isfinite(z).all():
            refuse(name, "values that are not finite", "finite: did the training diverge?")
        channels = tuple(range(0, z.shape[-1], every))
        kept = np.asarray(z, np.float64)[..., ::every]
        largest = np.abs(kept).max(axis=(0, 1, 2))
        scales = np.array([float(f"{scale:.6g}") for scale in np.where(largest > 0, largest, 1) / LARGEST])
        values = np.clip(np.rint(kept / scales), -LARGEST, LARGEST).astype(np.int8)
        layers.append(LayerMaps(name, values, scales, channels, z.shape[-1]))
    return Maps(tuple(layers), np.asarray(pictures, np.uint8), tuple(names))


def _png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
