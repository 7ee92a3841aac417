"""What a network holds and what it costs, counted layer by layer, and the one map that a linear network is.

Models come in as arguments, so nothing here imports Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd


def layers(model: Any) -> pd.DataFrame:
    """One row per layer of a Keras model: name, kind, output shape, parameters, multiply-adds for one image.

    Every number of a kernel is used once for each position of the output, so a layer needs (size of its kernel) x
    (number of positions) multiply-adds: positions are height times width, 1 for a dense layer. Additions of biases,
    activations, pools and normalization are not counted.
    """
    return pd.DataFrame([_row(layer) for layer in model.layers])


def _row(layer: Any) -> dict[str, Any]:
    shape = layer.output.shape[1:]
    kernel = prod(layer.kernel.shape) if hasattr(layer, "kernel") else 0
    return {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "output": "×".join(map(str, shape)),
        "parameters": layer.count_params(),
        "multiply_adds": kernel * prod(shape[:-1]),
    }


def affine_map(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """The matrix ``(inputs, outputs)`` and offset ``(outputs,)`` of the only affine map that can equal ``model``.

    The offset is what the model makes of zeros; row i of the matrix is what it makes of input i set to 1, less the
    offset. If the model is affine, ``x @ matrix + offset`` is the model; if it is not, the two differ somewhere.
    """
    shape = tuple(model.input_shape[1:])
    one_at_a_time = np.eye(prod(shape), dtype="float32").reshape(-1, *shape)
    offset = model.predict(np.zeros((1, *shape), "float32"), verbose=0)[0]
    return model.predict(one_at_a_time, batch_size=64, verbose=0) - offset, offset


def misfit(model: Any, inputs: np.ndarray, *, scales: Sequence[float] = (1.0,)) -> dict[float, float]:
    """How far ``model`` is from its own :func:`affine_map` on ``scale * inputs``: largest difference by largest change.

    A change is what the inputs make of the outputs, beside the offset. Below 1e-3 is rounding in float32, 1 is as wrong
    as can be. Returns scale -> misfit.
    """
    matrix, offset = affine_map(model)

    def at(scale: float) -> float:
        true = model.predict(scale * inputs, verbose=0)
        flat = scale * inputs.reshape(len(inputs), -1) @ matrix + offset
        return float(np.abs(true - flat).max() / np.abs(true - offset).max())

    return {scale: at(scale) for scale in scales}
