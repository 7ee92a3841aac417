"""The layers that Keras lacks: blurring, ReLU taken apart, maxout, ReLU in some channels."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.signal import convolve2d

from relupool.book.layers import pullback
from relupool.experiments.layers import (
    BlurPooling2D,
    MaxoutUnits,
    activation,
    activation_function,
    gated,
    pooling,
)
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, GradientGate, LeakyReLU, Maxout, PartialReLU, Pool


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def two_means(image: np.ndarray, stride: int) -> np.ndarray:
    """Two averages of 2x2 windows in a row by SciPy; what lies below and to the right of the image does not count."""
    for step in (1, stride):
        ones = np.ones((2, 2))
        total, real = (convolve2d(np.pad(x, (0, 1)), ones, mode="valid") for x in (image, np.ones_like(image)))
        image = (total / real)[::step, ::step]
    return image


@pytest.mark.parametrize(("side", "stride"), [(8, 2), (7, 1), (6, 3), (12, 2)])
def test_blurring_is_what_scipy_makes_of_it_borders_included(side, stride):
    x = drawn(2, side, side, 3)
    found = np.asarray(BlurPooling2D(stride)(x))
    if side % stride == 0:
        expected = [[two_means(x[i, ..., c].astype(float), stride) for c in range(3)] for i in range(2)]
        np.testing.assert_allclose(found, np.moveaxis(expected, 1, 3), rtol=1e-5, atol=1e-6)
    inner = convolve2d(x[0, ..., 0].astype(float), np.outer([1, 2, 1], [1, 2, 1]) / 16, mode="valid")
    places = len(inner[::stride])
    near = found[0, : places - 1, : places - 1, 0]
    np.testing.assert_allclose(near, inner[::stride, ::stride][: places - 1, : places - 1], rtol=1e-4, atol=1e-6)


def test_blurring_keeps_a_constant_image_and_the_shape_of_other_pools():
    x = np.full((1, 24, 24, 2), 3.0, "float32")
    blur, largest = (pooling(Pool(kind), "pool", "float32")(x) for kind in ("blur", "max"))
    assert blur.shape == largest.shape == (1, 12, 12, 2)
    np.testing.assert_allclose(np.asarray(blur), 3, rtol=1e-6)


Z = np.float32([-2, -1e-30, -0.0, 0, 1e-30, 0.1, 7])
RELU, GATE = np.maximum(Z, 0), (Z > 0).astype("float32")


@pytest.mark.parametrize(
    ("forward", "gate", "values", "slopes"),
    [
        ("relu", True, RELU, GATE),
        ("relu", False, RELU, np.ones_like(Z)),
        ("linear", True, Z, GATE),
        ("linear", False, Z, np.ones_like(Z)),
    ],
)
def test_forward_and_gate_are_switched_apart(forward, gate, values, slopes):
    which, upstream = GradientGate(forward=forward, gated=gate), np.arange(1, 8).astype("float32")
    np.testing.assert_array_equal(np.asarray(gated(Z, which)), values)
    np.testing.assert_array_equal(np.asarray(pullback(lambda x: gated(x, which), Z, upstream)), slopes * upstream)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_taking_apart_rounds_nothing(dtype):
    z = keras.ops.convert_to_tensor(100 * drawn(1000), dtype=dtype)
    for forward, expected in (("relu", keras.ops.relu(z)), ("linear", z)):
        for gate in (True, False):
            found = gated(z, GradientGate(forward=forward, gated=gate))
            assert keras.ops.all(found == expected)


def test_both_switches_on_is_relu_and_both_off_is_nothing():
    neither = GradientGate(forward="linear", gated=False)
    networks = [Architecture(conv_activation=which) for which in ("relu", GradientGate(), None, neither)]
    x = drawn(2, 24, 24, 3)
    relu, both, nothing, none = (build(network, seed=1).predict(x, verbose=0) for network in networks)
    np.testing.assert_array_equal(relu, both)
    np.testing.assert_array_equal(nothing, none)
    assert (relu != nothing).any()


@pytest.mark.parametrize("slope", [1.0, 0.2, 0.0, -1.0])
def test_leaky_relu_of_any_slope(slope):
    expected = np.maximum(Z, 0) + np.float32(slope) * np.minimum(Z, 0)
    np.testing.assert_array_equal(np.asarray(activation_function(LeakyReLU(slope))(Z)), expected)


def test_maxout_takes_the_largest_of_successive_channels():
    x = np.float32([[[[1, 5, -2, -3, 0, 9]]]])
    assert np.asarray(MaxoutUnits(2)(x)).ravel().tolist() == [5, -2, 9]
    assert np.asarray(MaxoutUnits(3)(x)).ravel().tolist() == [5, 9]
    y = drawn(3, 4, 4, 8)
    np.testing.assert_array_equal(np.asarray(MaxoutUnits(4)(y)), y.reshape(3, 4, 4, 2, 4).max(axis=-1))
    assert build(Architecture(conv_activation=Maxout(pieces=2, channels=64))).get_layer("activation1").pieces == 2


@pytest.mark.parametrize(
    "x", [np.round(drawn(2, 3, 3, 8)), np.float32([[[[np.inf, 1, 2, -np.inf, -np.inf, -np.inf]]]])]
)
def test_maxout_of_two_is_a_maximum_over_an_axis_ties_and_gradients_included(x):
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    upstream = drawn(*pairs.shape[:-1], seed=1)
    found = activation_function(Maxout(pieces=2, channels=4))(x)
    np.testing.assert_array_equal(np.asarray(found), pairs.max(axis=-1))
    slow = np.reshape(pullback(lambda z: keras.ops.max(z, axis=-1), pairs, upstream), x.shape)
    np.testing.assert_array_equal(pullback(activation_function(Maxout(pieces=2, channels=4)), x, upstream), slow)


def bent(fraction: float, seed: int = 3, name: str = "activation1") -> set[int]:
    """The channels of 64 in which a partial ReLU puts zero for -1."""
    (layer,) = activation(PartialReLU(fraction=fraction), name, "float32", seed)
    outputs = np.asarray(layer(np.full((1, 1, 1, 64), -1.0, "float32"))).ravel()
    assert set(outputs) <= {0.0, -1.0}
    ones = np.ones((2, 3, 3, 64), "float32")
    np.testing.assert_array_equal(np.asarray(layer(ones)), ones)
    return set(np.flatnonzero(outputs == 0))


def test_relu_somewhere_bends_as_many_channels_as_asked_by_seed_and_name_alone():
    assert [len(bent(fraction)) for fraction in (0, 0.1, 0.5, 1)] == [0, 6, 32, 64]
    assert bent(0.5) == bent(0.5) != bent(0.5, seed=4)
    assert bent(0.5) != bent(0.5, name="activation2")
    assert bent(0.1) < bent(0.5)  # a tenth are among the half
    with pytest.raises(ValueError, match="the same for every channel"):
        activation_function(PartialReLU(fraction=0.3))
