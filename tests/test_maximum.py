"""A maximum of two numbers made of ReLUs, and laws of the maximum that checks tell from their opposites."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory import checks, reference
from relupool.theory.maximum import one_relu, three_relus


@given(st.integers(-99, 99), st.integers(-99, 99))
@settings(derandomize=True)
def test_the_formulas_are_the_maximum(a, b):
    def relu(x):
        return np.maximum(x, 0)

    assert one_relu(relu, a, b) == three_relus(relu, a, b) == max(a, b)


def pool(x):
    return reference.max_pool(x, 3, 2, "same").astype("float32")


def test_convexity_and_order_are_told_from_their_opposites():
    assert checks.is_convex(pool).exact
    assert not checks.is_convex(lambda x: -pool(x)).holds
    assert checks.is_convex(lambda x: x**2).exact
    assert not checks.is_convex(lambda x: np.sqrt(np.abs(x))).holds
    assert checks.keeps_order(pool).exact
    assert not checks.keeps_order(np.negative).holds
    assert not checks.keeps_order(lambda x: x - x.mean(axis=(1, 2), keepdims=True)).holds
