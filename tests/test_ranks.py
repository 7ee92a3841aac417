"""Ranks commute with what never falls, and the average of two ranks does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from relupool.theory import ranks
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import commutes

X = np.random.default_rng(0).normal(size=(1, 9, 9, 1))


@pytest.mark.parametrize("rank", range(9))
def test_ranks_are_those_of_scipy(rank):
    filtered = ndimage.rank_filter(X[0, :, :, 0], rank, size=3)[1::3, 1::3]
    np.testing.assert_array_equal(ranks.rank_pool(rank, 3)(X)[0, :, :, 0], filtered)


def test_the_average_of_the_middle_is_the_median_of_numpy():
    x = X[:, :8, :8]
    blocks = x.reshape(4, 2, 4, 2).transpose(0, 2, 1, 3).reshape(4, 4, 4)
    np.testing.assert_array_equal(ranks.middle_average(x)[0, :, :, 0], np.median(blocks, axis=2))


@pytest.mark.parametrize(
    ("name", "failing"),
    [("relu", ["average of the two middle ones of 4"]), ("linear", []), ("gelu", list(ranks.STATISTICS))],
)
def test_which_statistics_commute(name, failing):
    pools = ranks.STATISTICS.items()
    assert [n for n, pool in pools if not commutes(ACTIVATIONS[name], pool, trials=210).holds] == failing
