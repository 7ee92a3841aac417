"""How linear a network is: superposition, its figure, and that of the normalization in training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from attrs import frozen

from frames import grid as frame
from relupool.experiments.cost import superposition
from relupool.figures.linear import SMALLEST, normalization_in_training, superposition_curves
from relupool.verdicts.headline import LINEAR


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


def layers(gain=0.999):
    "Two layers at three looks of three seeds; the last look has ``gain``."
    rows = [
        (LINEAR, seed, step, layer, 0.5 + step / 1e4, 1.0 if step == 0 else gain)
        for seed in range(3)
        for step in (0, 100, 3_000)
        for layer in ("conv1", "conv2")
    ]
    return pd.DataFrame(rows, columns=["network", "seed", "step", "layer", "rms", "lrn_gain"])


def test_what_a_normalization_takes_away_is_drawn_and_said():
    figure = normalization_in_training(layers(), runs=frame(steps=3_000), network=LINEAR)
    assert "behind conv1: nothing that could be seen and 0.001" in figure.caption
    drawn = figure.plot.axes[1].lines[1].get_ydata()
    assert drawn.tolist() == pytest.approx([SMALLEST, 0.001, 0.001])
    stronger = normalization_in_training(layers(0.6), runs=frame(steps=3_000), network=LINEAR)
    assert "0.4" in stronger.caption
    assert "3,000 training steps; 3 seeds" in stronger.basis


def test_superposition_is_said_for_images_as_they_are():
    shares = pd.DataFrame(
        [("untrained", 0.1, 1e-5), ("untrained", 1.0, 1e-3), ("trained", 0.1, 0.0), ("trained", 1.0, 0.2)],
        columns=["state", "scale", "share"],
    )
    figure = superposition_curves(shares, network="it", basis="Two networks.")
    assert "Images as they are: untrained: 0.001; trained: 0.2." in figure.caption
    assert [len(line.get_xdata()) for line in figure.plot.axes[0].lines[:2]] == [2, 2]
