"""A Keras model as the steps that :mod:`~relupool.theory.regions` follows; the model comes in as an argument."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from relupool.theory import reference, regions
from relupool.theory.regions import Affine, Array, Step
from relupool.validation import refuse

KINDS = "Conv2D with stride 1, Dense, Flatten, ReLU, MaxPooling2D or AveragePooling2D"


def steps(model: Any) -> list[Step]:
    """The layers of ``model``, in float64; ValueError for one that is not piecewise affine, or not known here.

    A ReLU in front of a max-pool, or after it, is taken together with it, as the largest of the window and zero: the
    same function, as chapter 3 proves, without the bends of inputs that are not the largest and so change nothing.
    """
    found: list[Step] = []
    kinds = [_kind(layer) for layer in model.layers]
    for place, (layer, kind) in enumerate(zip(model.layers, kinds, strict=True)):
        shape, beside = tuple(layer.input.shape[1:]), kinds[place - 1 : place] + kinds[place + 1 : place + 2]
        if kind == "MaxPooling2D":
            arguments = {"size": layer.pool_size[0], "stride": layer.strides[0], "padding": layer.padding}
            found.append(regions.max_pool(shape, rectified="relu" in beside, **arguments))
        elif kind == "relu" and "MaxPooling2D" not in beside:
            found.append(regions.relu(int(np.prod(shape))))
        elif kind == "AveragePooling2D":
            found.append(_averages(layer, shape))
        elif kind == "Conv2D":
            found.append(_convolution(layer, shape))
        elif kind == "Dense":
            found.append(_dense(layer))
        elif kind not in ("Flatten", "relu"):
            refuse("model", f"{layer.name}, a {type(layer).__name__}", f"made of {KINDS}")
    return found


def _kind(layer: Any) -> str:
    """The class of a layer; that of an activation by its name, and "" with one inside, or with a stride."""
    kind, activation = type(layer).__name__, getattr(layer, "activation", None)
    inside = "linear" if activation is None else activation.__name__
    if kind == "Activation":
        return inside
    strided = kind == "Conv2D" and (layer.strides, layer.padding) != ((1, 1), "same")
    return "" if strided or inside != "linear" else kind


def _weights(layer: Any) -> tuple[Array, Array]:
    kernel, bias = (np.asarray(weight, dtype=np.float64) for weight in layer.get_weights())
    return kernel, bias


def _dense(layer: Any) -> Affine:
    kernel, bias = _weights(layer)
    return Affine(lambda x: x @ kernel + bias)


def _convolution(layer: Any, shape: tuple[int, ...]) -> Affine:
    kernel, bias = _weights(layer)
    sides = kernel.shape[:2]
    margins = [(0, 0), *(((n - 1) // 2, n // 2) for n in sides), (0, 0)]

    def convolve(x: Array) -> Array:
        patches = sliding_window_view(np.pad(x.reshape(-1, *shape), margins), sides, axis=(1, 2))
        return (np.tensordot(patches, kernel, axes=((4, 5, 3), (0, 1, 2))) + bias).reshape(len(x), -1)

    return Affine(convolve)


def _averages(layer: Any, shape: tuple[int, ...]) -> Affine:
    size, stride, padding = layer.pool_size[0], layer.strides[0], layer.padding

    def average(x: Array) -> Array:
        return reference.average_pool(x.reshape(-1, *shape), size, stride, padding).reshape(len(x), -1)

    return Affine(average)
