"""The figures on the order of activation and pooling show their frames, and say what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relupool.figures import order as figures
from relupool.figures.figure import render
from relupool.theory import reference, survey
from relupool.theory.activations import ACTIVATIONS

ROW = np.array([-1.5, -1.9, -0.7, -1.5, -2.5, -1.2, 0.3, -0.3])
BASIS = "Computed in a test."


def steps(name: str, size: int = 3, stride: int = 2) -> pd.DataFrame:
    def pool(x):
        return reference.max_pool(x, size, stride, "same")

    return survey.both_orders(ACTIVATIONS[name], pool, ROW, pool_size=size, stride=stride)


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


def framed(figure) -> int:
    return sum(patch.get_linewidth() > 2 for axes in figure.plot.axes for patch in axes.patches)


def test_the_frame_of_both_orders_holds_every_step():
    frame = steps("relu")
    results = frame[frame["step"] == 2].groupby("order")["value"].apply(list)
    assert results["pool first"] == results["activation first"] == [0, 0, 0.3, 0.3]
    windows = frame[(frame["order"] == "pool first") & (frame["step"] == 1)]
    assert list(zip(windows["first"], windows["last"], strict=True)) == [(0, 2), (2, 4), (4, 6), (6, 7)]


def test_both_orders_frames_what_differs():
    same = figures.both_orders(steps("relu"), activation="relu", basis=BASIS)
    differs = figures.both_orders(steps("gelu"), activation="gelu", basis=BASIS)
    assert "the outcomes are the same." in same.caption
    assert "not the same: 2 of 4 differ (framed), by up to 0.15." in differs.caption
    assert framed(same) == 0
    assert framed(differs) == 4  # two outcomes in each order
    labels = ["input", "max-pool", "relu"] * 2
    assert len(texts(same)) == len(steps("relu")) + len(labels)
    assert set(labels) < set(texts(same))


def test_rounding_is_told_but_not_framed():
    frame = steps("relu")
    frame.loc[(frame["order"] == "pool first") & (frame["step"] == 2), "value"] += 3e-8
    figure = figures.both_orders(frame, activation="relu", basis=BASIS)
    assert framed(figure) == 0
    assert "the outcomes are the same but for the last digits (3.0" in figure.caption


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (1, 8), (2, 2), (8, 1), (8, 8)])
def test_both_orders_at_the_ends_of_the_range(size, stride):
    figure = figures.both_orders(steps("silu", size, stride), activation="silu", basis=BASIS)
    assert len(render(figure, "svg")["svg"]) > 1000


def test_graphs_mark_where_activations_fall():
    frame = survey.graphs(["relu", "gelu"])
    assert not frame[frame["activation"] == "relu"]["falling"].any()
    falling = frame[(frame["activation"] == "gelu") & frame["falling"]]["x"]
    assert falling.max() == pytest.approx(-0.7518, abs=0.02)  # GELU's minimum
    figure = figures.activation_graphs(frame)
    assert "Of the 2 drawn, 1 fall" in figure.caption
    assert [len(axes.lines) for axes in figure.plot.axes[:2]] == [3, 4]


def test_graphs_without_any_fall():
    assert figures.activation_graphs(survey.graphs(["relu", "tanh"])).caption.endswith("none.")


def found(**deviation: float) -> pd.DataFrame:
    rows = [
        {"activation": name, "largest_deviation": value, "verdict": "no" if value > 0.1 else "but for rounding"}
        for name, value in deviation.items()
    ]
    frame = pd.DataFrame([*rows, {"activation": "relu", "largest_deviation": 0.0, "verdict": "bit for bit"}])
    return frame


def test_gaps_are_counted_and_placed():
    figure = figures.order_gaps(found(gelu=0.17, tanh=2.4e-7), basis=BASIS)
    caption = figure.caption.replace("\N{NO-BREAK SPACE}", " ")
    assert "Of 3, 1 commute bit for bit, 1 but for rounding, differing by at most 2.4 × 10⁻⁷; 1 do not" in caption
    (axes,) = figure.plot.axes
    places = {line.get_label(): line.get_xdata().tolist() for line in axes.lines}
    assert places["does not commute (1)"] == [0.17]
    assert places["commutes but for rounding (1)"] == [2.4e-7]
    assert axes.get_xticklabels()[0].get_text() == "0"


def test_gaps_where_all_commute():
    assert "0 do not." in figures.order_gaps(found(), basis=BASIS).caption


def test_counterexample_names_both_outcomes():
    graph = survey.graphs(["gelu"], low=-4, high=0)
    window = [-1.0, -2.0]
    figure = figures.counterexample(graph, activation="gelu", window=window, values=ACTIVATIONS["gelu"](window))
    assert "pooling first gives −0.159, pooling last −0.0455" in figure.caption
    assert set(texts(figure)) == {"pool first: −0.159", "gelu first: −0.0455"}
