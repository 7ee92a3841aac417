"""How linear a network is: superposition, and its figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attrs import frozen

from relupool.figures import linear, style
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
    found = superposition(Model(function), A, B, scales=(1, 10))
    if share == 0:
        assert max(found.values()) < 1e-12
    else:
        assert min(found.values()) > 0.1


def test_superposition_by_hand():
    # f(x) = x^2: (1 + 2)^2 - 1 - 4 = 4 of 9, at any size
    found = superposition(Model(lambda x: x**2), np.full((1, 1), 1.0), np.full((1, 1), 2.0), scales=(1, 5))
    assert found == pytest.approx({1: 4 / 9, 5: 4 / 9})


TOLD = "normalization", "nothing"


def shares(normalization: float, nothing: float) -> pd.DataFrame:
    rows = [
        ("normalization", 1, 1e-4),
        ("normalization", 30, normalization),
        ("nothing", 1, nothing),
        ("nothing", 30, 1e-6),
    ]
    return pd.DataFrame(rows, columns=["network", "scale", "share"])


def test_the_title_has_the_misfits_for_inputs_like_images():
    figure = linear.superposition(shares(0.07, 1e-6), told=TOLD, basis="Two networks.")
    start = "With normalization a network is 0.01 % away from linear, with nothing "
    assert figure.title.replace("\N{NO-BREAK SPACE}", " ") == f"{start}0.00 %"
    assert "normalization: 1.0 × 10⁻⁴; nothing: 1.0 × 10⁻⁶." in figure.alt.replace("\N{NO-BREAK SPACE}", " ")
    large = linear.superposition(shares(0.07, 0.6), told=TOLD, basis="Two networks.").title
    assert large.replace("\N{NO-BREAK SPACE}", " ") == f"{start}60 %"
    dots = [line for line in figure.plot.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [1e-4, 0.07, 1e-6, 1e-6]
    assert [line.get_markerfacecolor() == style.PAPER for line in dots] == [False, True] * 2
