"""The NumPy truth against SciPy, small literal arrays and central differences; and Keras against the NumPy truth."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory import reference
from relupool.theory.activations import ACTIVATIONS

RNG = np.random.default_rng(0)
CANCELLING = ("squareplus", "tanh_shrink")  # differences of close numbers: as exact as these are
EXAMPLES = 25 if keras.backend.backend() == "tensorflow" else 6  # JAX compiles every new shape

pools = st.fixed_dictionaries(
    {"pool_size": st.integers(1, 5), "strides": st.integers(1, 4), "padding": st.sampled_from(["same", "valid"])}
)
images = st.builds(
    lambda seed, h, w, c: np.random.default_rng(seed).normal(size=(2, h, w, c)).astype("float32"),
    st.integers(0, 999), st.integers(5, 11), st.integers(5, 11), st.integers(1, 3),
)  # fmt: skip


def row(*values: float) -> np.ndarray:
    return np.array(values, dtype=float).reshape(1, 1, -1, 1)


def test_spans_of_the_example():
    spans = reference.spans(24, size=3, stride=2, padding="same")
    assert len(spans) == 12
    assert [s.stop - s.start for s in spans] == [3] * 11 + [2]  # nothing is missing before, one position after
    assert reference.spans(5, size=3, stride=1, padding="same")[0] == slice(0, 2)
    assert reference.spans(5, size=3, stride=2, padding="valid") == [slice(0, 3), slice(2, 5)]


def test_pools_of_a_row():
    x = row(10, 20)
    assert reference.average_pool(x, 3, 2, "same").ravel() == [15]  # divided by the real values
    assert reference.max_pool(-x, 3, 2, "same").ravel() == [-10]  # padding is no zero
    assert np.isnan(reference.max_pool(row(np.nan, 1), 2, 2, "same")).all()


def test_convolution_is_scipys_and_cross_correlation_is_not_flipped():
    x, kernel = RNG.normal(size=(7, 8)), RNG.normal(size=(3, 4))
    for ours, theirs in (
        (reference.convolution, scipy.signal.convolve2d),
        (reference.cross_correlation, scipy.signal.correlate2d),
    ):
        y = ours(x[None, :, :, None], kernel[:, :, None, None])
        np.testing.assert_allclose(y[0, :, :, 0], theirs(x, kernel, mode="valid"), rtol=1e-12)


def test_a_convolution_refuses_a_kernel_that_fits_nowhere():
    with pytest.raises(ValueError, match="kernel is"):
        reference.cross_correlation(np.zeros((1, 5, 5, 1)), np.zeros((6, 3, 1, 1)))


def test_response_normalization_of_one_value():
    x = np.zeros((1, 1, 1, 12))
    x[..., 5] = 3.0
    y = reference.local_response_normalization(x, alpha=0.5)
    assert y[0, 0, 0, 5] == 3 / (1 + 0.5 * 9) ** 0.75
    x[..., 0] = 100.0  # five channels away, out of reach
    assert reference.local_response_normalization(x, alpha=0.5)[0, 0, 0, 5] == y[0, 0, 0, 5]


def differences(function, x: np.ndarray, upstream: np.ndarray, h: float = 1e-6) -> np.ndarray:
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (upstream * (function(x + step) - function(x - step))).sum() / (2 * h)
    return gradient


def test_the_gradient_of_max_pooling_is_a_difference():
    x = RNG.normal(size=(1, 5, 6, 2))
    upstream = RNG.normal(size=(1, 3, 3, 2))
    expected = differences(lambda x: reference.max_pool(x, 3, 2, "same"), x, upstream)
    np.testing.assert_allclose(reference.max_pool_pullback(x, upstream, 3, 2, "same"), expected, atol=1e-8)


def test_the_first_of_ties_gets_the_gradient():
    gradient = reference.max_pool_pullback(row(1, 2, 2), np.ones((1, 1, 1, 1)), 3, 3, "same")
    assert gradient.ravel().tolist() == [0, 1, 0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_differences(name):
    activation = ACTIVATIONS[name]
    x = np.linspace(-8, 8, 4001)
    x = x[np.abs(activation.slope(x + 1e-3) - activation.slope(x - 1e-3)) < 0.1]  # no corner is near
    expected = (activation(x + 1e-6) - activation(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(activation.slope(x), expected, atol=1e-5 * max(1, abs(expected).max()))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_keras_computes_these_activations(name):
    x = np.linspace(-9, 9, 3001).astype("float32")
    computed = keras.ops.convert_to_numpy(keras.activations.get(name)(x))
    truth = ACTIVATIONS[name](x)
    scale = np.maximum(np.abs(truth), np.maximum(np.abs(x), 1e-3) if name in CANCELLING else 1e-3)
    assert (np.abs(computed - truth) / scale).max() < 2e-5


def test_every_activation_of_keras_is_known():
    """A new release of Keras fails here, and the difference names what is new."""
    named = {name for name in dir(keras.activations) if not name.startswith("_")}
    others = {"deserialize", "get", "serialize", "swish", "hard_swish"}  # helpers, and second names of silu, hard_silu
    on_vectors, with_arguments = {"glu", "log_softmax", "softmax", "sparsemax"}, {"threshold"}
    assert named - others - on_vectors - with_arguments == set(ACTIVATIONS)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(x=images, pool=pools)
def test_keras_pools_like_this(x, pool):
    maxima = keras.ops.convert_to_numpy(keras.ops.max_pool(x, **pool))
    np.testing.assert_array_equal(maxima, reference.max_pool(x, **pool).astype("float32"))
    averages = keras.ops.convert_to_numpy(keras.ops.average_pool(x, **pool))
    np.testing.assert_allclose(averages, reference.average_pool(x, **pool), rtol=1e-4, atol=1e-6)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(x=images, size=st.integers(1, 4), strides=st.integers(1, 3), padding=st.sampled_from(["same", "valid"]))
def test_keras_convolves_like_this(x, size, strides, padding):
    x = np.round(4 * x)
    kernel = np.random.default_rng(size).integers(-3, 4, (size, size, x.shape[3], 2)).astype("float32")
    computed = keras.ops.convert_to_numpy(keras.ops.conv(x, kernel, strides=strides, padding=padding))
    np.testing.assert_array_equal(computed, reference.cross_correlation(x, kernel, strides, padding))  # whole numbers
    symmetric = np.array_equal(kernel, kernel[::-1, ::-1])
    assert symmetric or not np.array_equal(computed, reference.convolution(x, kernel, strides, padding))
