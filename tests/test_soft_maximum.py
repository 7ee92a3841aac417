"""Log-mean-exp pooling against a plain sum, its limits, its bounds, and the slow pools of the reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory import soft_maximum
from relupool.theory.soft_maximum import log_mean_exp

windows = st.lists(st.floats(-20, 20), min_size=2, max_size=9).map(np.array)


def test_one_window_by_hand():
    value = log_mean_exp(np.array([0.0, math.log(3)]), 1.0)
    assert value == pytest.approx(math.log(2))
    assert log_mean_exp(np.array([1e4, -1e4]), 5.0) == pytest.approx(1e4 - math.log(2) / 5)  # no overflow


@settings(max_examples=60, deadline=None, derandomize=True)
@given(x=windows, beta=st.floats(0.05, 50), more=st.floats(1.1, 10))
def test_it_rises_from_average_to_maximum(x, beta, more):
    low, high = log_mean_exp(x, beta), log_mean_exp(x, more * beta)
    rounding = 1e-12 * (1 + 1 / beta) * (1 + np.abs(x).max())
    assert x.mean() - rounding <= low <= high + rounding
    assert x.max() - math.log(len(x)) / beta - rounding <= low
    assert high <= x.max() + rounding


def test_both_limits():
    x = np.array([-3.0, 0.5, 2.0, 2.5])
    assert log_mean_exp(x, 1e-6) == pytest.approx(x.mean(), abs=1e-5)
    assert log_mean_exp(x, 1e6) == pytest.approx(x.max(), abs=1e-5)


@pytest.mark.parametrize("name", ["relu", "relu6", "leaky_relu", "softplus", "tanh", "sigmoid", "elu"])
def test_the_gap_stays_within_its_bound(name):
    x = np.random.default_rng(1).normal(0, 2, (500, 9))
    for beta in (0.1, 1, 10):
        largest = np.abs(soft_maximum.gap(name, x, beta)).max()
        assert largest <= soft_maximum.bound(9, beta) * (1 + 1e-12)  # which relu6 reaches


def test_relu_stays_below_the_sharper_bound_and_reaches_it():
    n, beta = 9, 3.0
    sharp = math.log(2 - 1 / n) / beta
    x = np.random.default_rng(1).normal(0, 2, (5000, n))
    assert soft_maximum.gap("relu", x, beta).max() <= sharp
    extreme = np.array([math.log(n) / beta, *[-1e3] * (n - 1)])
    assert soft_maximum.gap("relu", extreme, beta) == pytest.approx(sharp)


def test_gelu_leaves_the_bound():
    x = np.random.default_rng(1).normal(-2, 1, (500, 9))
    found = soft_maximum.largest_gaps(["gelu", "relu", "softplus"], x, betas=np.array([1.0, 200.0]))
    at = found.set_index(["activation", "beta"])["gap"]
    assert at["gelu", 200] > soft_maximum.bound(9, 200) > at["relu", 200]
    assert at["softplus", 1] < 1e-11 < 1e-3 < at["relu", 1]
    assert at["relu", 200] == pytest.approx(math.log(2 - 1 / 9) / 200)  # the largest there is


def test_the_path_ends_where_it_should():
    window = np.array([-2.0, 1.0, 0.5])
    frame = soft_maximum.path("relu", window, betas=np.array([1e-6, 1e6]))
    ends = frame.groupby("order")["value"].agg(["first", "last"])
    assert ends.loc["pool first"].tolist() == pytest.approx([0, 1], abs=1e-4)
    assert ends.loc["activation first"].tolist() == pytest.approx([0.5, 1], abs=1e-4)


def test_windows_of_every_size_repeat():
    x = soft_maximum.windows(500, n=4, seed=2)
    np.testing.assert_array_equal(x, soft_maximum.windows(500, n=4, seed=2))
    spread = np.ptp(x, axis=1)
    assert spread.min() < 0.02 < 3 < spread.max()
