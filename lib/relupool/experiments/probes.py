"""What goes on inside a network at its pooling windows, measured on images it is given."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from relupool.experiments.layers import activation_function, pooling
from relupool.experiments.networks import Architecture, Pool

BATCH = 250


def probe(model: keras.Model, architecture: Architecture, crops: np.ndarray) -> dict[str, dict[str, Any]]:
    """Measurements at the two convolutions of a model that :func:`~relupool.experiments.models.build` made.

    ``crops`` is float32 ``(images, 24, 24, 3)``. For "conv1" and "conv2", over all images and positions, per channel
    where it is a list:

    - ``all_negative``: fraction of pooling windows whose pre-activations are all negative, where ReLU changes the
      maximum; by the number of real values in the window (a window at a "same" border has fewer), a dict from "9",
      "6", "4" to lists
    - ``positive``: fraction of positive pre-activations; a channel at 0 is dead
    - ``pool_gap``: mean over the windows of mean(act(z)) - act(mean(z)); zero for a linear layer, never negative for
      ReLU
    - ``rms``: root mean square where the local response normalization stands (or would stand)
    - ``lrn_gain``: rms after the normalization divided by rms in front; None without it
    """
    taps = [_taps(model, layer, architecture.lrn) for layer in (1, 2)]
    inside = keras.Model(model.inputs, taps)
    parts = [inside([crops[i : i + BATCH]], training=False) for i in range(0, len(crops), BATCH)]
    weights = np.array([len(first[0]) for first, _ in parts], float)
    layers = {}
    for layer, (name, side) in enumerate(zip(("conv1", "conv2"), architecture.sides, strict=False)):
        conv, before, after = zip(*(part[layer] for part in parts), strict=True)
        windows = [_windows(z, architecture) for z in conv]
        mean = {key: np.average([w[key] for w in windows], axis=0, weights=weights) for key in windows[0]}
        square, after = (np.average([_mean_square(x) for x in xs], weights=weights) for xs in (before, after))
        layers[name] = {
            "all_negative": _by_window(mean.pop("all_negative"), side, architecture.pool),
            **{key: _tidy(value) for key, value in mean.items()},
            "rms": _tidy(np.sqrt(square)),
            "lrn_gain": _tidy(np.sqrt(after / square)) if architecture.lrn and square > 0 else None,
        }
    return layers


def _taps(model: keras.Model, layer: int, lrn: bool) -> tuple[Any, Any, Any]:
    conv = model.get_layer(f"conv{layer}").output
    if lrn:
        norm = model.get_layer(f"norm{layer}")
        return conv, norm.input, norm.output
    place = model.get_layer("conv2" if layer == 1 else "pool2").input
    return conv, place, place


def _windows(z: Any, architecture: Architecture) -> dict[str, np.ndarray]:
    z = ops.cast(z, "float32")
    act = activation_function(architecture.conv_activation)
    p = architecture.pool
    highest = pooling(Pool("max", p.size, p.stride, p.padding), "highest", "float32")(z)
    average = pooling(Pool("average", p.size, p.stride, p.padding), "average", "float32")
    gap = average(act(z)) - act(average(z))
    return {
        "all_negative": ops.convert_to_numpy(ops.mean(ops.cast(highest < 0, "float32"), axis=0)),
        "positive": ops.convert_to_numpy(ops.mean(ops.cast(z > 0, "float32"), axis=(0, 1, 2))),
        "pool_gap": ops.convert_to_numpy(ops.mean(gap, axis=(0, 1, 2))),
    }


def _by_window(fraction: np.ndarray, side: int, pool: Pool) -> dict[str, list[float]]:
    """Fractions ``(height, width, channels)`` averaged over the windows that hold equally many real values."""
    real = real_values(side, pool)
    return {str(n): _tidy(fraction[real == n].mean(axis=0)) for n in sorted(set(real.ravel().tolist()), reverse=True)}


def real_values(side: int, pool: Pool) -> np.ndarray:
    """How many real values each pooling window holds, ``(out, out)``, on a ``side`` by ``side`` input."""
    windows = pool.places(side)
    before = max((windows - 1) * pool.stride + pool.size - side, 0) // 2 if pool.padding == "same" else 0
    start = np.arange(windows) * pool.stride - before
    length = np.minimum(start + pool.size, side) - np.maximum(start, 0)
    return np.outer(length, length)


def _mean_square(x: Any) -> float:
    x = ops.cast(x, "float32")
    return float(ops.convert_to_numpy(ops.mean(x * x)))


def _tidy(value: Any) -> Any:
    """Six significant digits as plain floats: more would be noise in the result files."""
    return [float(f"{v:.6g}") for v in value] if np.ndim(value) else float(f"{value:.6g}")
