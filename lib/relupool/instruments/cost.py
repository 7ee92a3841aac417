"""What a network holds and what it costs, counted layer by layer, and the one map that a linear network is.

Models come in as arguments, so nothing here imports Keras.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pandas as pd


def multiply_adds(model: Any) -> int:
    """Multiply-adds of a Keras model for one image: (size of a layer's kernel) x (number of positions), added up.

    Every number of a kernel is used once for each position of the output: height times width, 1 for a dense layer.
    Additions of biases, activations, pools and normalization are not counted.
    """
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    return sum(prod(layer.kernel.shape) * prod(layer.output.shape[1:-1]) for layer in weighted)


def work(model: Any, *, batch_size: int = 1) -> pd.DataFrame:
    """One row per layer that computes: layer, kind, operations and bytes of its forward pass, and their quotient.

    An operation is an addition, multiplication or comparison of two numbers; an activation counts as one for each
    number, whatever it is, so that times can be held against it. Bytes are those that have to move at least: inputs,
    weights and outputs once each, in float32. ``intensity`` is operations by bytes.
    """
    rows = [_work(layer, batch_size) for layer in model.layers]
    frame = pd.DataFrame([row for row in rows if row["operations"]])
    return frame.assign(intensity=frame["operations"] / frame["bytes"])


def _work(layer: Any, batch_size: int) -> dict[str, Any]:
    given, made = prod(layer.input.shape[1:]), prod(layer.output.shape[1:])
    channels, window = layer.output.shape[-1], prod(getattr(layer, "pool_size", (1,)))
    each = {
        "Conv2D": lambda: 2 * prod(layer.kernel.shape[:-1]),  # as many multiplications as additions, bias included
        "Dense": lambda: 2 * layer.kernel.shape[0],
        "MaxPooling2D": lambda: window - 1,
        "AveragePooling2D": lambda: window,
        "Activation": lambda: 1,
        "LocalResponseNormalization": lambda: 2 * channels + 7,  # a product with a band matrix, and what is around it
    }.get(type(layer).__name__, lambda: 0)()
    return {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "operations": batch_size * made * each,
        "bytes": 4 * (batch_size * (given + made) + layer.count_params()),
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


def superposition(model: Any, a: np.ndarray, b: np.ndarray) -> float:
    """How far ``model`` is from treating a sum like its parts, on ``a`` and ``b`` of equal shape.

    Largest |f(a + b) - f(a) - f(b) + f(0)| by the largest |f(a + b) - f(0)|: zero, but for rounding, exactly for an
    affine f.
    """

    def f(x: np.ndarray) -> np.ndarray:
        return np.asarray(model(x, training=False))  # called once or twice, so that compiling would not pay

    offset = f(np.zeros_like(a[:1]))
    first, second, both = (f(x) - offset for x in (a, b, a + b))
    return float(np.abs(both - first - second).max() / np.abs(both).max())
