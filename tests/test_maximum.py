"""How few ReLUs make a maximum, what two maxout units can do, and what the chapter says of its evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from relupool.theory import checks, few_relus, reference
from relupool.theory.maximum import one_relu, three_relus
from relupool.theory.maxout import difference_of_maxouts, maxout
from relupool.verdicts import maximum as verdicts

POINTS = few_relus.circle(48)
TRUTH = POINTS.max(axis=1)


def relu(x):
    return np.maximum(x, 0)


def residual(relus: int, **options) -> float:
    return few_relus.best(POINTS, TRUTH, relus=relus, directions=few_relus.circle(16), **options).residual


def test_three_relus_or_one_beside_a_line():
    assert residual(3) < 1e-12
    assert residual(1, linear_path=True) < 1e-12
    assert residual(0, linear_path=True) > 0.1
    assert residual(1) > residual(2) > 0.2


def test_no_directions_between_those_tried_help_two_relus():
    """From every pair that was tried, SciPy looks for a better one nearby."""

    def off(angles):
        terms = relu(POINTS @ np.stack([np.cos(angles), np.sin(angles)]))
        return np.sqrt(((terms @ np.linalg.lstsq(terms, TRUTH, rcond=None)[0] - TRUTH) ** 2).mean())

    starts = [(a, b) for a in np.arange(0, 6.2, 0.8) for b in np.arange(a + 0.4, 6.2, 0.8)]
    found = min(minimize(off, start, method="Nelder-Mead", options={"maxiter": 60}).fun for start in starts)
    assert 0.2 < found <= residual(2) + 1e-9


def test_the_best_fit_is_that_of_least_squares():
    fit = few_relus.best(POINTS, TRUTH, relus=2, directions=few_relus.circle(8))
    terms = relu(POINTS @ fit.directions.T)
    best, *_ = np.linalg.lstsq(terms, TRUTH, rcond=None)
    np.testing.assert_allclose(fit.values, terms @ best, atol=1e-12)


def test_directions_are_counted_once():
    found = few_relus.lattice(1)
    assert len(found) == 8
    assert len({tuple(direction) for direction in few_relus.lattice(2)}) == len(few_relus.lattice(2)) == 16


@given(st.integers(-99, 99), st.integers(-99, 99))
@settings(derandomize=True)
def test_the_formulas_are_the_maximum(a, b):
    assert one_relu(relu, a, b) == three_relus(relu, a, b) == max(a, b)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9), st.integers(0, 99))
def test_every_broken_line_is_the_difference_of_two_maxouts(y, seed):
    x = np.cumsum(np.random.default_rng(seed).uniform(0.1, 1, len(y)))
    first, second = difference_of_maxouts(x, y)
    t = np.linspace(x[0], x[-1], 57)
    np.testing.assert_allclose(maxout(t, first) - maxout(t, second), np.interp(t, x, y), atol=1e-9)
    assert len(first) + len(second) <= len(y)  # one more than it has corners, and one for the second unit


def test_knots_have_to_rise():
    with pytest.raises(ValueError, match="x is"):
        difference_of_maxouts([0, 1, 1], [1, 2, 3])


def pool(size):
    return lambda x: reference.max_pool(x, size, 2, "same").astype("float32")


def test_convexity_and_order_are_told_from_their_opposites():
    assert checks.is_convex(pool(3)).exact
    assert not checks.is_convex(lambda x: -pool(3)(x)).holds
    assert checks.is_convex(lambda x: x**2).exact
    assert not checks.is_convex(lambda x: np.sqrt(np.abs(x))).holds
    assert checks.keeps_order(pool(3)).exact
    assert not checks.keeps_order(np.negative).holds
    assert not checks.keeps_order(lambda x: x - x.mean(axis=(1, 2), keepdims=True)).holds


COUNTS = {verdicts.MAX: 181, verdicts.RELU: 226, verdicts.BOTH: 150, verdicts.NEITHER: 1}


def test_the_answer_turns_with_the_window():
    bent = verdicts.answer(checks.is_affine(pool(2)), COUNTS, pool_size=2, reach=0.02)
    assert bent.startswith("No.")
    assert "has 181 linear regions, with ReLU and no max-pool 226, with both 150, and with neither one." in bent
    none = COUNTS | {verdicts.MAX: 1}
    straight = checks.is_affine(pool(1))
    assert verdicts.answer(straight, none, pool_size=1, reach=0.02).startswith("Yes, here it is")
    assert verdicts.answer(straight, none, pool_size=2, reach=0.02).startswith("Not decided")


def test_evidence_is_told():
    assert (
        verdicts.stands(checks.is_convex(pool(3)))
        == "No counterexample, bit for bit, among 2,500 numbers from 100 trials."
    )
    assert verdicts.stands(checks.is_affine(pool(3))).startswith("No: of 2,500 numbers from 100 trials, ")
    near = checks.is_linear(lambda x: x * np.float32(0.1), allowed=9)
    assert verdicts.stands(near).startswith("Equal but for rounding")
