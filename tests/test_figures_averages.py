"""The figures on averages show their frames, and say what they show."""

from __future__ import annotations

import numpy as np
import pytest

from relupool.book.runs import store
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.figures import averages as figures
from relupool.figures.figure import render
from relupool.theory import jensen, soft_maximum, survey
from relupool.theory.activations import ACTIVATIONS
from relupool.verdicts import inside

WINDOW = np.array([-2.0, 1.0, 2.5, 0.5])


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("relu", "The gap is 0.5: averaging last gives more."),
        ("log_sigmoid", "averaging last gives less."),
        ("linear", "The two are the same."),
    ],
)
def test_the_window_on_the_graph(name, outcome):
    graph = survey.graphs([name], low=-3, high=3)
    figure = figures.jensen(graph, activation=name, window=WINDOW, values=ACTIVATIONS[name](WINDOW))
    assert figure.caption.endswith(outcome)
    assert len(texts(figure)) == 2
    if name == "relu":
        assert set(texts(figure)) == {"relu first: 1", "average first: 0.5"}
        assert "−2, 1, 2.5 and 0.5" in figure.caption


def test_signs_are_bars_of_one_length():
    frame = jensen.signs(jensen.windows(200, n=9))
    figure = figures.gap_signs(frame, n=9, trials=200)
    (axes,) = figure.plot.axes
    widths = np.array([[bar.get_width() for bar in bars] for bars in axes.containers])
    np.testing.assert_allclose(widths.sum(axis=0), 100)
    assert "No convex one ever gave less, no concave one more." in figure.caption
    assert f"convex: {(frame['bend'] == 'convex').sum()};" in figure.caption


def test_signs_against_the_theorem_would_be_named():
    frame = jensen.signs(jensen.windows(50, n=9), names=["relu", "tanh"])
    frame = frame.rename(columns={"above": "below", "below": "above"})
    assert "Against the theorem: relu." in figures.gap_signs(frame, n=9, trials=50).caption


def test_the_trained_gap_is_drawn_where_there_is_one():
    results = store().largest(FIRST_ABLATIONS)
    frame = inside.layers(results)
    figure = figures.trained_gap(frame, runs=results.frame)
    conv1, conv2 = figure.plot.axes
    bent = ["untouched", "average pool, linear dense"]
    assert [line.get_label() for line in conv1.lines] == bent
    drawn = conv2.lines[0]
    shown = frame.query("network == 'untouched' and layer == 'conv2'").groupby("step")["pool_gap"].mean()
    np.testing.assert_allclose(drawn.get_ydata(), shown)
    assert f"untouched, conv2: {shown.iloc[-1]:.3g}" in plain(figure.caption)
    assert "it is exactly 0 throughout" in figure.caption
    assert set(figure.runs) == set(results.frame["key"])


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
