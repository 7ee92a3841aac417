"""Linear layers folded into one: what a deep network computes, given to a shallower one as its weights.

Models come in as arguments, so nothing here imports Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from relupool.validation import refuse

BATCH = 256


def fold(deep: Any, shallow: Any) -> None:
    """Give ``shallow``, the example, weights with which it computes what ``deep`` does, a deeper one without conv ReLU.

    Behind the second pool, ``deep`` has nothing but convolutions up to the ReLU of local3. They and local3 are one
    affine map of the pool's 6 x 6 x 64 numbers, which becomes local3 of ``shallow``; the other layers are copied.
    Raises ValueError if an activation stands among those convolutions.
    """
    names = [layer.name for layer in deep.layers]
    part = deep.layers[names.index("conv2") + 1 : names.index("local3") + 1]
    part = part[[layer.name for layer in part].index("pool2") + 1 :]
    if bends := [layer.name for layer in part if layer.name.startswith("activation")]:
        refuse("deep", bends, "a network without activations behind its convolutions")
    for layer in shallow.layers:
        if layer.name != "local3":
            layer.set_weights(deep.get_layer(layer.name).get_weights())
    shape = part[0].input.shape[1:]
    origin = _through(part, np.zeros((1, *shape), np.float32))
    basis = np.eye(int(np.prod(shape)), dtype=np.float32).reshape(-1, *shape)
    columns = [_through(part, basis[i : i + BATCH]) - origin for i in range(0, len(basis), BATCH)]
    shallow.get_layer("local3").set_weights([np.concatenate(columns), origin[0]])


def _through(layers: list[Any], x: Any) -> np.ndarray:
    for layer in layers:
        x = layer(x)
    return np.asarray(x)
