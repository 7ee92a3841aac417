"""The gap of averages against Fractions; bends against known second derivatives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory import jensen, reference
from relupool.theory.activations import ACTIVATIONS

CONVEX = {"celu", "elu", "exponential", "leaky_relu", "relu", "softplus", "sparse_plus", "squareplus"}
numbers = st.lists(st.integers(-9, 9), min_size=1, max_size=9)


def test_how_the_activations_bend():
    bends = {bend: {name for name in ACTIVATIONS if jensen.bend(name) == bend} for bend in jensen.BENDS}
    assert bends["straight"] == {"linear"}
    assert bends["convex"] == CONVEX
    assert bends["concave"] == {"log_sigmoid"}
    assert len(bends["both ways"]) == len(ACTIVATIONS) - len(CONVEX) - 2


def test_gaps_have_the_signs_of_the_bend():
    x = jensen.windows(800, n=9)
    for name in ACTIVATIONS:
        gap, rounding = jensen.gap(name, x), jensen.rounding(name, x)
        assert (gap > rounding).any() == (jensen.bend(name) in ("convex", "both ways")), name
        assert (gap < -rounding).any() == (jensen.bend(name) in ("concave", "both ways")), name
    assert [name for name in ACTIVATIONS if not jensen.has_gap(name, x)] == ["linear"]


def test_the_gap_is_that_of_the_slow_pools():
    x, relu = jensen.windows(20, n=9, seed=3), ACTIVATIONS["relu"]
    images = x.reshape(20, 3, 3, 1)
    slow = reference.average_pool(relu(images), 3) - relu(reference.average_pool(images, 3))
    np.testing.assert_allclose(jensen.gap("relu", x), slow.ravel(), atol=1e-14)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(values=numbers)
def test_the_formula_for_relu_against_exact_fractions(values):
    n = len(values)
    exact = Fraction(sum(max(v, 0) for v in values), n) - max(Fraction(sum(values), n), Fraction(0))
    assert jensen.gap("relu", np.array([values], float))[0] == pytest.approx(float(exact), abs=1e-15)
    assert (exact == 0) == (min(values) >= 0 or max(values) <= 0)
