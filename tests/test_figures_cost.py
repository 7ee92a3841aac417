"""The figures of what the order costs: what they draw is what their frames hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relupool.figures import cost as figures
from relupool.figures.figure import render
from relupool.verdicts.cost import TYPES

BASIS = "Made up for a test."


def ratios() -> pd.DataFrame:
    rows = [("relu", "eager", 1.1, 0.9, 1.3), ("relu", "XLA", 1.0, 0.95, 1.05), ("tanh", "eager", 3.0, 2.5, 3.5)]
    frame = pd.DataFrame(rows, columns=["activation", "way", "median", "low", "high"])
    return frame.assign(rounds=9)


def test_ratios_stand_at_their_places_with_their_intervals():
    figure = figures.order_ratios(ratios(), what="a test", id="fig-order-test", basis=BASIS)
    (ax,) = figure.plot.axes
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in marks] == [1.1, 1.0, 3.0]
    bars = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert (2.5, 3.5) in bars
    low, high = ax.get_xlim()
    assert low < 0.9 < 3.5 < high
    assert "tanh, eager: 3.00 (2.50 to 3.50)" in figure.caption
    assert "A test: how many times as long" in figure.caption
    assert render(figure, "svg")["svg"]


def profile(rest: float) -> pd.DataFrame:
    shares = [0.5, 0.1, 0.1, 0.15, 0.15 - rest, rest]
    rows = [
        {"network": "relu", "type": t, "median": s, "low": s, "high": s} for t, s in zip(TYPES, shares, strict=True)
    ]
    return pd.DataFrame(rows).assign(rounds=9)


@pytest.mark.parametrize("rest", [0.05, -0.05])
def test_the_bar_is_as_long_as_its_parts(rest):
    figure = figures.step_profile(profile(rest), basis=BASIS)
    (ax,) = figure.plot.axes
    widths = [bar.get_width() for bar in ax.patches]
    assert sum(widths) == pytest.approx(1 if rest > 0 else 1 - rest)
    assert ("the bar passes the line" in figure.caption) == (rest < 0)
    assert "convolution 50" in figure.caption


def test_a_rest_of_nothing_is_not_minus_nothing():
    assert "all else 0" in figures.step_profile(profile(-0.001), basis=BASIS).caption


def test_the_roof_is_the_lower_of_its_two_limits():
    frame = pd.DataFrame(
        {
            "layer": ["activation1", "pool1", "conv1"],
            "type": ["activation", "pooling", "convolution"],
            "intensity": [0.125, 0.4, 40.0],
            "speed": [1e9, 2e9, 8e10],
        }
    )
    figure = figures.roofline(frame, peak=1e11, bandwidth=1e10, basis=BASIS)
    (ax,) = figure.plot.axes
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, np.minimum(1e11, 1e10 * x))
    assert "They meet at 10 operations a byte, and 2 of 3 layers lie left" in figure.caption
    assert [text.get_text() for text in ax.texts][:3] == ["activation1", "pool1", "conv1"]
    assert "conv1: 80" in figure.alt
