"""The figures on averages show their frames, and say what they show."""

from __future__ import annotations

import numpy as np
import pytest

from relupool.figures import averages as figures
from relupool.figures.figure import render
from relupool.theory import soft_maximum, survey
from relupool.theory.activations import ACTIVATIONS

WINDOW = np.array([-2.0, 1.0, 2.5, 0.5])


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("relu", "Where the graph bends, averaging last gives more."),
        ("log_sigmoid", "Where the graph bends, averaging last gives less."),
        ("linear", "On a straight line both orders meet."),
    ],
)
def test_the_window_on_the_graph(name, outcome):
    graph = survey.graphs([name], low=-3, high=3)
    figure = figures.jensen(graph, activation=name, window=WINDOW, values=ACTIVATIONS[name](WINDOW))
    assert figure.caption.startswith(outcome)
    if name == "relu":
        assert set(texts(figure)) == {"relu first: 1", "average first: 0.5", "gap 0.5"}
        assert "−2, 1, 2.5 and 0.5" in figure.caption


def test_the_road_names_its_ends():
    betas = np.geomspace(0.01, 100, 21)
    frame = soft_maximum.path("relu", WINDOW, betas=betas)
    figure = figures.average_to_max(frame, activation="relu", window=WINDOW, beta=1.0)
    gaps = frame.pivot(index="beta", columns="order", values="value").diff(axis=1)["pool first"].abs()
    assert f"the orders are {gaps.iloc[0]:.2g} apart" in plain(figure.caption)
    (axes,) = figure.plot.axes
    assert [line.get_label() for line in axes.lines[::2]][:1] == ["relu first"]
    linear = soft_maximum.path("linear", WINDOW, betas=betas)
    assert "the orders are 0 apart" in figures.average_to_max(
        linear, activation="linear", window=WINDOW, beta=100.0
    ).caption  # fmt: skip


def test_the_bound_is_drawn_and_judged():
    x = soft_maximum.windows(300, n=9)
    frame = soft_maximum.largest_gaps(["linear", "relu", "gelu"], x, betas=np.geomspace(0.01, 100, 9))
    figure = figures.log_mean_exp_gap(frame, n=9, trials=300)
    assert "relu stays within the bound, gelu does not" in figure.caption
    assert figure.caption.endswith("linear has no gap at all.")
    (axes,) = figure.plot.axes
    dotted = next(line for line in axes.lines if line.get_label() == "log(n)/beta")
    np.testing.assert_allclose(dotted.get_ydata(), np.log(9) / dotted.get_xdata())


@pytest.mark.parametrize("name", ["exponential", "hard_shrink", "softplus"])
def test_other_activations_can_be_drawn(name):
    x = soft_maximum.windows(50, n=4)
    tried = dict.fromkeys([name, "relu", "softplus", "gelu"])
    figure = figures.log_mean_exp_gap(
        soft_maximum.largest_gaps(tried, x, betas=np.geomspace(0.01, 100, 5)), n=4, trials=50
    )
    assert len(render(figure, "svg")["svg"]) > 1000
