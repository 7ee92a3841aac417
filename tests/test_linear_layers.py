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


def test_shifts_tell_a_convolution_from_what_depends_on_the_place():
    kernel = tests_of.whole_kernel(3, 3, 2, 2)
    assert tests_of.shifts(lambda x: reference.cross_correlation(x, kernel, 1, "same"), trials=5).exact
    assert not tests_of.shifts(lambda x: x * np.arange(x.shape[1])[:, None, None], trials=5).holds
