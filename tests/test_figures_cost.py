"""The figures of what the order costs: what they draw is what their frames hold."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.figures import cost as figures
from relupool.figures.figure import render
from relupool.measures.order_times import TYPES

BASIS = "Made up for a test."


def ratios() -> pd.DataFrame:
    rows = [("relu", "eager", 1.1, 0.9, 1.3), ("relu", "XLA", 1.0, 0.95, 1.05), ("tanh", "eager", 3.0, 2.5, 3.5)]
    frame = pd.DataFrame(rows, columns=["activation", "way", "median", "low", "high"])
    return frame.assign(rounds=9)


def test_ratios_stand_at_their_places_with_their_intervals():
    figure = figures.order_ratios(ratios(), basis=BASIS)
    drawn = {ax.get_title(loc="left") or ax.get_title(): ax for ax in figure.plot.axes}
    assert list(drawn) == ["ReLU", "tanh"]
    marks = {name: [x.get_xdata()[0] for x in ax.lines if x.get_marker() == "o"] for name, ax in drawn.items()}
    assert marks == {"ReLU": [1.1, 1.0], "tanh": [3.0]}
    assert (2.5, 3.5) in [tuple(line.get_xdata()) for line in drawn["tanh"].lines if len(line.get_xdata()) == 2]
    low, high = drawn["tanh"].get_xlim()
    assert low < 0.9 < 3.5 < high
    assert "tanh, as written: 3.00 (2.50 to 3.50)" in figure.alt
    assert figure.title == "By themselves, tanh and the pool take up to 3.0 times as long with the activation first"
    assert render(figure, "svg")["svg"]


@pytest.mark.parametrize(
    ("tanh", "title"),
    [
        ((1.25, 1.1, 1.5), "Of a training step, pooling first saves 20.0\xa0% with tanh, with ReLU nothing that could"),
        ((1.0, 0.9, 1.1), "With ReLU and tanh pooling first saves nothing that could be told from zero"),
    ],
)
def test_savings_are_drawn_beside_what_can_be_saved_at_most(tanh, title):
    rows = [("relu", 1.02, 0.98, 1.05), ("tanh", *tanh)]
    steps = pd.DataFrame(rows, columns=["activation", "median", "low", "high"]).assign(rounds=9)
    bounds = pd.DataFrame({"activation": ["tanh", "relu"], "median": [0.3, 0.1], "low": [0.2, 0.1], "high": [0.4, 0.1]})
    figure = figures.savings(steps, bounds, basis=BASIS)
    assert figure.frame["median"].tolist() == pytest.approx([1 - 1 / 1.02, 1 - 1 / tanh[0]])
    assert figure.frame["bound median"].tolist() == [0.1, 0.3]
    lines = [tuple(line.get_xdata()) for line in figure.plot.axes[0].lines]
    assert (0.1, 0.1) in lines and (0.3, 0.3) in lines
    assert figure.title.startswith(title)


def profile(rest: float) -> pd.DataFrame:
    shares = [0.5, 0.1, 0.1, 0.15, 0.15 - rest, rest]
    rows = [
        {"network": "relu", "type": t, "median": s, "low": s, "high": s} for t, s in zip(TYPES, shares, strict=True)
    ]
    return pd.DataFrame(rows).assign(rounds=9)


@pytest.mark.parametrize("rest", [0.05, -0.05])
def test_a_bar_ends_at_a_hundred(rest):
    figure = figures.step_profile(profile(rest), basis=BASIS)
    (ax,) = figure.plot.axes
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(1)
    assert figure.title.startswith("With ReLU, convolutions take 50")


def test_a_rest_of_nothing_is_not_minus_nothing():
    assert "all else 0" in figures.step_profile(profile(-0.001), basis=BASIS).alt
