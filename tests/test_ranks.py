"""Ranks commute with what never falls, and the average of two ranks does not."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy import ndimage

from relupool.theory import neighbours, order, ranks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import compare, draw

X = np.random.default_rng(0).normal(size=(1, 9, 9, 1))


@pytest.mark.parametrize("rank", range(9))
def test_ranks_are_those_of_scipy(rank):
    filtered = ndimage.rank_filter(X[0, :, :, 0], rank, size=3)[1::3, 1::3]
    np.testing.assert_array_equal(ranks.rank_pool(rank, 3)(X)[0, :, :, 0], filtered)


def test_the_average_of_the_middle_is_the_median_of_numpy():
    x = X[:, :8, :8]
    blocks = x.reshape(4, 2, 4, 2).transpose(0, 2, 1, 3).reshape(4, 4, 4)
    np.testing.assert_array_equal(ranks.middle_average(x)[0, :, :, 0], np.median(blocks, axis=2))


def test_a_negated_max_pool_takes_the_minimum():
    x = X.astype("float32")
    minimum = ranks.negated(keras.ops.max_pool)(x, 3, 3)
    np.testing.assert_array_equal(minimum, ranks.rank_pool(0, 3)(x))


@pytest.mark.parametrize(
    ("name", "failing"),
    [("relu", ["average of the two middle ones of 4"]), ("linear", []), ("gelu", list(ranks.STATISTICS))],
)
def test_the_table_of_ranks(name, failing):
    table = ranks.table(ACTIVATIONS[name])
    assert table[table["differing"] > 0]["statistic"].tolist() == failing
    assert table[table["counterexample"] != ""]["statistic"].tolist() == failing


def find_pairs(name, pool=lambda x: x.max(axis=2, keepdims=True)):
    pairs = draw(300, shape=(1, 2, 1))
    agrees, in_order = order.rising_or_not(ACTIVATIONS[name], pool)
    evidence = compare(agrees, in_order, pairs, shrinking=False)
    return evidence, int((in_order(pairs) == 0).sum())


def test_the_orders_differ_for_just_the_pairs_that_are_out_of_order():
    evidence, wrong = find_pairs("gelu")
    assert evidence.exact
    x = draw(300, shape=(2,)).astype(float)
    low, high = ACTIVATIONS["gelu"](x.min(axis=1)), ACTIVATIONS["gelu"](x.max(axis=1))
    assert wrong == (low > high).sum() > 0
    assert find_pairs("relu")[1] == 0
    assert not find_pairs("gelu", lambda x: x.mean(axis=2, keepdims=True))[0].exact


def test_a_zero_more_and_the_border():
    assert order.max_with_zero(np.full((1, 2, 2, 1), -3.0), 2, 2, "valid").item() == 0
    assert order.max_with_zero(np.full((1, 2, 2, 1), 3.0), 2, 2, "valid").item() == 3
    assert order.border_of(np.arange(6).reshape(1, 2, 3, 1)).ravel().tolist() == [0, 1, 2, 3]


def test_only_the_neighbour_of_the_pool_may_move():
    def pool(x):
        return keras.ops.max_pool(x, 3, 2, "same")

    orders = neighbours.two_convolutions(keras.activations.relu, pool, keras.ops.conv)
    x = draw(30, shape=(9, 10, 1))
    assert compare(*orders["last"], x).exact
    assert not compare(*orders["first"], x, shrinking=False).holds
    layers = neighbours.two_layers(keras.activations.relu, pool, lambda x: x / (1 + abs(x)))
    assert all(
        compare(*layer, x).exact for layer in layers.values()
    )  # this one acts on each number by itself, and rises
