"""Fieller's set of ratios: against the test that it inverts, a case by hand, and its coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from relupool.measures.fieller import Ratio, fieller

NUMBERS = st.integers(-40, 40).map(lambda k: k / 8)


def pairs(n: int, *, mean: tuple[float, float], correlation: float, seed: int, sets: int = 1) -> np.ndarray:
    cov = np.array([[1, correlation], [correlation, 1]])
    return np.random.default_rng(seed).multivariate_normal(mean, cov, size=(sets, n))


def holds(found: Ratio, ratio: float) -> bool:
    """Whether a ratio belongs to the set."""
    inside = found.low <= ratio <= found.high
    return {"interval": inside, "all": True, "outside": not found.low < ratio < found.high}[found.shape]


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=6), st.floats(-30, 30))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_the_set_holds_the_ratios_that_the_t_test_does_not_reject(drawn, ratio):
    y, x = np.array(drawn).T
    rest = y - ratio * x
    if rest.std() < 1e-9 or x.std() < 1e-9:  # a test without spread
        return
    p = stats.ttest_1samp(rest, 0).pvalue
    if abs(p - 0.05) > 1e-6:
        assert holds(fieller(y, x), ratio) == (p > 0.05)


def test_a_case_by_hand():
    # means 5 and 10, no covariance, variances of the means 1/3 each; t(0.975, 3 degrees) = 3.18245
    found = fieller([4, 4, 6, 6], [9, 11, 9, 11])
    g = 3.182446305284263**2 / 3
    half = math.sqrt(50**2 - (100 - g) * (25 - g))
    assert (found.mean, found.shape) == (0.5, "interval")
    assert (found.low, found.high) == pytest.approx(((50 - half) / (100 - g), (50 + half) / (100 - g)))


@pytest.mark.parametrize("correlation", [0.0, 0.9])
@pytest.mark.parametrize("mean", [(1.0, 3.0), (0.5, 0.2), (0.0, 0.0)])
def test_coverage_is_the_level_even_where_the_denominator_may_be_zero(mean, correlation):
    true = mean[0] / mean[1] if mean[1] else 1.7  # of two zeros, any ratio is the true one
    drawn = pairs(3, mean=mean, correlation=correlation, seed=1, sets=2000)
    covered = np.mean([holds(fieller(s[:, 0], s[:, 1]), true) for s in drawn])
    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 2000))


def test_the_set_is_bounded_exactly_if_the_denominator_surely_differs_from_zero():
    for s in pairs(3, mean=(1.0, 1.5), correlation=0.3, seed=2, sets=300):
        found = fieller(s[:, 0], s[:, 1])
        assert (found.shape == "interval") == (stats.ttest_1samp(s[:, 1], 0).pvalue < 0.05)


def test_the_two_unbounded_shapes():
    outside = fieller([2.0, 2.1, 2.2], [0.5, -0.4, 0.1])  # the numerator is surely not zero, so zero is no ratio
    assert outside.shape == "outside" and outside.low < 0 < outside.high
    everything = fieller([0.5, -0.4, 0.3], [0.1, 0.4, -0.6])
    assert (everything.shape, everything.low, everything.high) == ("all", -math.inf, math.inf)


def test_one_pair_has_what_is_allowed_for_it():
    found = fieller([0.3], [0.4], half=0.02)
    assert (found.low, found.mean, found.high) == pytest.approx((0.7, 0.75, 0.8))
    assert fieller([0.3], [0.01], half=0.02).shape == "all"
    assert fieller([0.3], [0.0], half=0.02).shape == "all"
    negative = fieller([0.3], [-0.4], half=0.02)
    assert negative.low < negative.mean < negative.high


def test_numbers_that_are_missing_are_refused():
    with pytest.raises(ValueError, match=r"denominator is .*, but must be finite numbers"):
        fieller([1, 2], [1, math.nan])
