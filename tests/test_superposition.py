"""How linear a network is: superposition."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import frozen

from relupool.instruments.cost import superposition


@frozen
class Model:
    """What :func:`superposition` needs of a Keras model."""

    function: object

    def __call__(self, x, training):
        return self.function(x.reshape(len(x), -1))


A, B = np.random.default_rng(0).normal(size=(2, 50, 2, 2, 3))
MATRIX = np.random.default_rng(1).normal(size=(12, 10))


@pytest.mark.parametrize(
    ("function", "share"),
    [
        (lambda x: x @ MATRIX + 3, 0),  # affine
        (lambda x: np.abs(x).max(axis=1, keepdims=True), None),
        (lambda x: np.full((len(x), 1), 7.0) + x.sum(axis=1, keepdims=True) ** 2, None),
    ],
)
def test_only_an_affine_function_treats_a_sum_like_its_parts(function, share):
    found = superposition(Model(function), A, B)
    assert found < 1e-12 if share == 0 else found > 0.1


def test_superposition_by_hand():
    # f(x) = x^2: (1 + 2)^2 - 1 - 4 = 4 of 9
    found = superposition(Model(lambda x: x**2), np.full((1, 1), 1.0), np.full((1, 1), 2.0))
    assert found == pytest.approx(4 / 9)
