"""Operations and bytes of layers, and how far a network is from linear, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from relupool import Architecture, Pool, build, vary
from relupool.instruments.cost import multiply_adds, superposition, work


def rows(network: Architecture, batch_size: int):
    return work(build(network), batch_size=batch_size).set_index("layer")


def test_the_example_by_hand():
    found = rows(Architecture(), 2)
    pixels, values = 24 * 24, 24 * 24 * 64
    # 75 products for each number, and as many additions with the bias
    assert found.loc["conv1", "operations"] == 2 * values * 150
    assert found.loc["conv1", "bytes"] == 4 * (2 * (3 * pixels + values) + 75 * 64 + 64)
    assert found.loc["activation1", "operations"] == 2 * values
    assert found.loc["pool1", "operations"] == 2 * (12 * 12 * 64) * 8
    assert found.loc["local4", "operations"] == 2 * 2 * 384 * 192
    assert found.loc["norm1", "operations"] == 2 * (12 * 12 * 64) * (2 * 64 + 7)
    assert "flatten" not in found.index


def test_only_layers_with_weights_gain_from_a_batch():
    one, many = (rows(Architecture(), n)["intensity"] for n in (1, 128))
    gained = set(one.index[many > one * 1.001])
    assert gained == {"conv1", "conv2", "local3", "local4", "softmax_linear"}


def test_an_average_adds_all_and_divides_and_multiply_adds_are_half_of_the_operations():
    model = build(vary(Architecture(), pool=Pool("average", 2, 2), lrn=False))
    found = work(model).set_index("layer")["operations"]
    assert found["pool1"] == 12 * 12 * 64 * 4
    assert found[["conv1", "conv2", "local3", "local4", "softmax_linear"]].sum() == 2 * multiply_adds(model)


def test_only_an_affine_function_treats_a_sum_like_its_parts():
    a, b = np.random.default_rng(0).normal(size=(2, 50, 12))
    matrix, one = np.random.default_rng(1).normal(size=(12, 10)), np.ones((1, 1))
    assert superposition(lambda x, training: x @ matrix + 3, a, b) < 1e-12
    assert superposition(lambda x, training: x.max(axis=1, keepdims=True), a, b) > 0.1
    assert superposition(lambda x, training: x**2, one, 2 * one) == pytest.approx(4 / 9)  # 9 - 1 - 4 of 9
