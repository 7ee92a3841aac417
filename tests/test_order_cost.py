"""Positions after a pool, counted on the NumPy truth and on Keras, and Amdahl's law."""

from __future__ import annotations

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.theory.order_cost import by_size, by_stride, leaves, positions, saving


@given(side=st.integers(1, 60), size=st.integers(1, 9), stride=st.integers(1, 9))
def test_positions_are_what_the_theorem_says(side, size, stride):
    assert positions(side, size=size, stride=stride) == -(-side // stride)


def test_the_example_has_a_quarter_of_the_positions_in_spite_of_its_window():
    assert [positions(side, size=3, stride=2) for side in (24, 12)] == [12, 6]
    assert (24 / positions(24, size=3, stride=2)) ** 2 == 4 != 3**2


def test_the_rule_of_thumb_is_right_where_windows_do_not_overlap():
    assert not leaves(by_size, keras.ops.max_pool, size=3, stride=2).holds
    assert leaves(by_stride, keras.ops.max_pool, size=3, stride=2).exact
    assert leaves(by_size, keras.ops.max_pool, size=2, stride=2).exact


@given(share=st.floats(0, 1), factor=st.floats(1, 1e6))
@settings(deadline=None, derandomize=True)
def test_the_law_is_what_is_left_of_the_parts(share, factor):
    assert 1 - saving(share, factor) == pytest.approx((1 - share) + share / factor)
    assert saving(share, factor) <= share
