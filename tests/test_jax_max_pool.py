"""Max-pooling with a gradient by place has the numbers of XLA's select-and-scatter, bit for bit."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from relupool.experiments.layers import pooling
from relupool.experiments.networks import Pool

JAX = keras.backend.backend() == "jax"
if JAX:  # once imported, JAX is in the way of processes that other tests fork
    import jax

    from relupool.experiments.jax_max_pool import max_pool

pytestmark = pytest.mark.skipif(not JAX, reason="test_jax.py runs this on JAX")

SHAPES = [
    ((2, 24, 24, 3), 3, 2, "same"),
    ((2, 7, 9, 3), 3, 2, "same"),
    ((2, 7, 9, 3), 2, 2, "valid"),
    ((1, 8, 8, 2), 2, 1, "same"),
    ((1, 8, 8, 2), 2, 3, "valid"),  # between the windows and after the last lie values that none of them sees
    ((1, 10, 10, 2), 3, 4, "same"),
    ((1, 20, 20, 1), 17, 1, "same"),  # more places than a byte counts
]


def of_xla(x, size, stride, padding):
    window, strides = (1, size, size, 1), (1, stride, stride, 1)
    return jax.lax.reduce_window(x, np.array(-np.inf, x.dtype), jax.lax.max, window, strides, padding.upper())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("shape", "size", "stride", "padding"), SHAPES)
def test_values_and_gradients_are_those_of_xla_ties_included(shape, size, stride, padding, dtype):
    rng = np.random.default_rng(0)
    x = jax.numpy.asarray(rng.integers(-3, 3, shape), dtype)  # many ties
    (ours, back), (theirs, their_back) = (
        jax.vjp(pooled, x)
        for pooled in (
            lambda x: max_pool(x, Pool("max", size, stride, padding)),
            lambda x: of_xla(x, size, stride, padding),
        )
    )
    sent = jax.numpy.asarray(rng.integers(1, 100, ours.shape), dtype)  # whole numbers: sums in any order are exact
    assert np.array_equal(ours, theirs)
    assert np.array_equal(back(sent)[0], their_back(sent)[0])


def test_the_networks_pool_with_it():
    assert pooling(Pool(), "pool1", "float32").__module__ == "relupool.experiments.jax_max_pool"
    assert pooling(Pool("average"), "pool1", "float32").__module__.startswith("keras.")
