"""How likely the values of a window are negative: integrated, counted, and held against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from relupool.theory.orthant import by_share, negatives


@pytest.mark.parametrize("values", [1, 2, 4, 9, 16])
def test_correlation_one_half_makes_every_number_of_negatives_equally_likely(values):
    np.testing.assert_allclose(negatives(values, rho=0.5), 1 / (values + 1), atol=1e-9)


@pytest.mark.parametrize(("rho", "mean"), [(0.0, 0.0), (0.0, -1.3), (0.2, 0.4), (0.8, -0.7), (0.99, 0.1)])
def test_all_negative_is_scipys_integral(rho, mean):
    cov = np.full((6, 6), rho) + (1 - rho) * np.eye(6)
    theirs = multivariate_normal.cdf(np.zeros(6), np.full(6, mean), cov, rng=np.random.default_rng(0))
    assert negatives(6, rho=rho, mean=mean)[-1] == pytest.approx(theirs, abs=2e-4)
    assert negatives(6, rho=rho, mean=mean).sum() == pytest.approx(1, abs=1e-9)


def test_both_ends_of_the_correlation():
    np.testing.assert_allclose(negatives(9, mean=-1.0), binom.pmf(np.arange(10), 9, norm.cdf(1.0)), atol=1e-12)
    assert negatives(9, rho=1, mean=-1.0)[[0, 5, 9]].tolist() == pytest.approx([norm.cdf(-1.0), 0, norm.cdf(1.0)])


def test_the_share_of_negatives_fixes_the_mean():
    curve = by_share(9, rhos=[0.0, 1.0], shares=[0.5, 0.9])
    np.testing.assert_allclose(curve["all_negative"], [0.5**9, 0.9**9, 0.5, 0.9], atol=1e-12)
