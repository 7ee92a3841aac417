"""What kernels do to one another, against SciPy, Keras and small literal arrays."""

from __future__ import annotations

import keras
import numpy as np
import scipy.linalg
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory import convolution, kernels, reference

RNG = np.random.default_rng(0)
EXAMPLES = 25 if keras.backend.backend() == "tensorflow" else 6  # JAX compiles every new shape


def whole(*shape: int) -> np.ndarray:
    return RNG.integers(-3, 4, shape).astype("float32")


def stacked(x, stack, padding):
    for kernel, strides in stack:
        x = reference.cross_correlation(x, kernel, strides, padding)
    return x


layers = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(sizes=layers, side=st.integers(12, 15))
def test_an_unpadded_stack_is_its_one_kernel(sizes, side):
    stack = [(whole(n, n, 2, 2), s) for n, s in sizes]
    x = whole(1, side, side, 2)
    try:
        separately = stacked(x, stack, "valid")
    except ValueError:  # no window of a later layer fits any more
        return
    kernel, stride = kernels.collapsed(stack)
    np.testing.assert_array_equal(reference.cross_correlation(x, kernel, stride), separately)
    together = keras.ops.convert_to_numpy(keras.ops.conv(x, kernel, strides=stride, padding="valid"))
    np.testing.assert_array_equal(together, separately)  # whole numbers below 2^24


def test_the_matrix_of_a_row_is_scipys():
    kernel = np.array([1, 2, 3])
    column = np.zeros((3, 3, 1, 1))
    column[1, :, 0, 0] = kernel  # the middle row of a 3 x 3 kernel acts on each row by itself
    block = kernels.matrix(column, 5, padding="same")[:5, :5]
    np.testing.assert_array_equal(block, scipy.linalg.convolution_matrix(kernel[::-1], 5, mode="same"))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(
    size=st.integers(1, 4),
    strides=st.integers(1, 3),
    padding=st.sampled_from(["same", "valid"]),
    side=st.integers(4, 7),
)
def test_the_matrix_is_the_layer(size, strides, padding, side):
    kernel, x = whole(size, size, 2, 3), whole(2, side, side, 2)
    layer = reference.cross_correlation(x, kernel, strides, padding)
    matrix = kernels.matrix(kernel, side, strides=strides, padding=padding)
    np.testing.assert_array_equal(x.reshape(2, -1) @ matrix.T, layer.reshape(2, -1))


def test_a_single_one_tells_what_flips():
    kernel = np.arange(1.0, 10).reshape(3, 3)
    operations = {
        "convolve": lambda x, k: scipy.signal.convolve2d(x, k, mode="valid"),
        "correlate": lambda x, k: scipy.signal.correlate2d(x, k, mode="valid"),
        "turned": lambda x, k: scipy.signal.convolve2d(x, k.T, mode="valid"),
    }
    table = convolution.turns(operations, kernel)
    kinds = table.groupby("operation", sort=False)["is"].first()
    assert kinds.tolist() == ["convolution", "cross-correlation", "neither"]
    assert table[table["operation"] == "correlate"]["value"].tolist() == list(range(9, 0, -1))


def test_shifts_tell_a_convolution_from_what_depends_on_the_place():
    kernel = convolution.whole_kernel(3, 3, 2, 2)
    assert convolution.shifts(lambda x: reference.cross_correlation(x, kernel, 1, "same"), trials=5).exact
    assert not convolution.shifts(lambda x: x * np.arange(x.shape[1])[:, None, None], trials=5).holds
