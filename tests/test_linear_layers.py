"""The tests of linear layers tell linear from nonlinear, and flipped from not flipped."""

from __future__ import annotations

import numpy as np
import scipy.signal

from relupool.theory import linear_layers as tests_of
from relupool.theory import reference

KERNEL = np.arange(1.0, 10).reshape(3, 3)
OPERATIONS = {
    "convolve": lambda x, k: scipy.signal.convolve2d(x, k, mode="valid"),
    "correlate": lambda x, k: scipy.signal.correlate2d(x, k, mode="valid"),
    "turned": lambda x, k: scipy.signal.convolve2d(x, k.T, mode="valid"),
}


def test_a_single_one_tells_what_flips():
    found = tests_of.turns(OPERATIONS, KERNEL)
    assert found.groupby("operation", sort=False)["is"].first().tolist() == [
        "convolution",
        "cross-correlation",
        "neither",
    ]
    assert found[found["operation"] == "correlate"]["value"].tolist() == list(range(9, 0, -1))


def convolve(x, kernel):
    return reference.cross_correlation(x, kernel, 1, "same").astype("float32")


def test_superposition_is_off_by_rounding_only():
    shapes = {"shape": (8, 8, 3), "kernel_shape": (3, 3, 3, 2)}
    linear = tests_of.superposition(convolve, **shapes)
    assert set(linear) == {"the data", "the filters"}
    assert all(0 < ulps < 20 for _, ulps in linear.values())
    rectified = tests_of.superposition(lambda x, k: np.maximum(convolve(x, k), 0), **shapes)
    assert all(gap > 1 for gap, _ in rectified.values())


def test_apart_counts_in_places_of_the_largest():
    left = np.array([1, 0.25], "float32")
    assert tests_of.apart(left, left) == (0, 0)
    assert tests_of.apart(left, left + np.float32([0, 2.0**-23])) == (2.0**-23, 1)


def test_shifts_tell_a_convolution_from_what_depends_on_the_place():
    kernel = tests_of.whole_kernel(3, 3, 2, 2)
    assert tests_of.shifts(lambda x: reference.cross_correlation(x, kernel, 1, "same"), trials=5).exact
    assert not tests_of.shifts(lambda x: x * np.arange(x.shape[1])[:, None, None], trials=5).holds


def test_the_affine_law_lets_a_constant_pass_and_no_bend():
    kernel = tests_of.whole_kernel(3, 3, 2, 2)
    assert tests_of.affine_law(lambda x: convolve(x, kernel) + np.float32(5)).exact
    assert not tests_of.affine_law(lambda x: np.abs(convolve(x, kernel))).holds
    assert not tests_of.affine_law(lambda x: x * x).holds
