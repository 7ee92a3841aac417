"""The figures on the order of activation and pooling, and on rounding, show their frames and say what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drawn import check_texts
from frames import of_study
from relupool.experiments.studies import GATING, ORDER
from relupool.figures import order as figures
from relupool.figures import rounding as fine
from relupool.figures.figure import DEMONSTRATION, render
from relupool.theory import reference, rounding, survey
from relupool.theory.activations import ACTIVATIONS

ROW = np.array([-1.5, -1.9, -0.7, -1.5, -2.5, -1.2, 0.3, -0.3])
BASIS = "Computed in a test."
ENDS = dict(zip(ORDER.networks, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.62), strict=True))
RUNS = of_study(ORDER, ENDS)


def steps(name: str, size: int = 3, stride: int = 2) -> pd.DataFrame:
    def pool(x):
        return reference.max_pool(x, size, stride, "same")

    return survey.both_orders(ACTIVATIONS[name], pool, ROW, pool_size=size, stride=stride)


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


def framed(figure) -> int:
    return sum(patch.get_linewidth() > 2 for axes in figure.plot.axes for patch in axes.patches)


MADE = {
    "trained": lambda: figures.trained(RUNS),
    "trained, one seed": lambda: figures.trained(of_study(ORDER, ENDS, seeds=1)),
    "over training": lambda: figures.over_training(RUNS),
    "both orders": lambda: figures.both_orders(steps("silu"), activation="silu", basis=BASIS),
    "dips": lambda: figures.dips(survey.graphs(["gelu", "silu"]), survey.dips(["gelu", "silu"])),
    "cancelled": lambda: cancelled("synthetic"),
    "falls": lambda: fine.falls(rounding.zoom(saw, np.tanh, around=1.0), activation="saw", backend="TensorFlow"),
    "bends": lambda: fine.bends({"float32": walk(0), "bfloat16": walk(2)}, basis=BASIS),
}


def saw(x):
    return (np.tanh(x) - 1e-6 * (np.arange(len(x)) % 2)).astype("float32")


def walk(power: int) -> pd.DataFrame:
    return rounding.off_the_chord(lambda x: x + power * x**2, (np.zeros((1,)), np.ones((1,))), points=5)


def cancelled(dataset: str):
    z = np.array([[1.0, -2.0], [3.0, -1.0]])
    maps = {"answer": z, "ReLU, then average": np.array([[1.0]]), "average, then ReLU": np.array([[0.25]])}
    return figures.cancelled(np.zeros((4, 4, 3), np.uint8), maps, lost=0.75, dataset=dataset)


@pytest.mark.parametrize("name", MADE)
def test_a_figure_renders_and_its_text_is_large_enough_and_inside(name):
    figure = MADE[name]()
    assert len(render(figure, "svg")["svg"]) > 1000
    check_texts(figure)


def test_the_frame_of_both_orders_holds_every_step():
    frame = steps("relu")
    results = frame[frame["step"] == 2].groupby("order")["value"].apply(list)
    assert results["pool first"] == results["activation first"] == [0, 0, 0.3, 0.3]
    windows = frame[(frame["order"] == "pool first") & (frame["step"] == 1)]
    assert list(zip(windows["first"], windows["last"], strict=True)) == [(0, 2), (2, 4), (4, 6), (6, 7)]


def test_both_orders_frames_what_differs_but_not_rounding():
    same = figures.both_orders(steps("relu"), activation="relu", basis=BASIS)
    differs = figures.both_orders(steps("gelu"), activation="gelu", basis=BASIS)
    assert same.title == "Both orders give the same numbers"
    assert differs.title == "Both orders give different numbers"
    assert "the 2 of 4 results that differ" in differs.caption
    assert (framed(same), framed(differs)) == (0, 4)  # two results in each order
    frame = steps("relu")
    frame.loc[(frame["order"] == "pool first") & (frame["step"] == 2), "value"] += 3e-8
    assert framed(figures.both_orders(frame, activation="relu", basis=BASIS)) == 0


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (1, 8), (2, 2), (8, 1), (8, 8)])
def test_both_orders_at_the_ends_of_the_range(size, stride):
    figure = figures.both_orders(steps("silu", size, stride), activation="silu", basis=BASIS)
    assert len(render(figure, "svg")["svg"]) > 1000


def test_dips_are_true_minima():
    found = {dip.activation: dip for dip in survey.dips()}
    assert set(found) == {"gelu", "hard_silu", "mish", "silu"}
    assert found["gelu"].at == pytest.approx(-0.7518, abs=1e-3)
    assert found["mish"].at == pytest.approx(-1.1924, abs=1e-3)
    assert (found["hard_silu"].at, found["hard_silu"].value) == (pytest.approx(-1.5, abs=1e-3), pytest.approx(-0.375))
    assert "−0.17\nat −0.752" in texts(MADE["dips"]())


def test_trained_orders_show_their_differences():
    figure = figures.trained(RUNS)
    assert figure.title == "With averages, ReLU belongs before the pool"
    assert {"+4.0 ± 0.0 points", "+3.0 ± 0.0 points"} <= set(texts(figure))
    assert len(figure.runs) == 24
    better = figures.trained(of_study(ORDER, {**ENDS, "ReLU and average, activation last": 0.7}))
    assert better.title == "The same network in both orders"
    equal = figures.trained(of_study(ORDER, dict.fromkeys(ORDER.networks, 0.5), spread=0))
    assert texts(equal).count("identical") == 4
    with pytest.raises(ValueError, match="study “order”"):
        figures.trained(of_study(GATING, dict.fromkeys(GATING.networks, 0.5)))


def test_the_curves_are_means_of_seeds():
    figure = figures.over_training(RUNS)
    assert figure.title.startswith("Averaging before ReLU costs 4")
    ours = RUNS[(RUNS["network"] == "ReLU and average, activation last") & (RUNS["weights"] == "averaged")]
    mean = ours[ours["step"] > 0].groupby("step")["accuracy"].mean().to_numpy()
    assert any(np.array_equal(line.get_ydata(), mean) for line in figure.plot.axes[0].get_lines())
    assert "may or may not cost" in figures.over_training(RUNS, pair="GELU and max").title
    with pytest.raises(ValueError, match="both orders"):
        figures.over_training(RUNS, pair="ReLU and sum")


def test_an_image_says_what_it_is():
    assert (cancelled("synthetic").tag, cancelled("cifar10").tag) == ("a toy image", "a CIFAR-10 image")
    assert DEMONSTRATION != cancelled("cifar10").tag
    assert "75\N{NO-BREAK SPACE}% of what ReLU" in cancelled("cifar10").caption


def test_falls_are_counted():
    frame = rounding.zoom(saw, np.tanh, around=1.0, numbers=10)
    assert frame["falls"].sum() == 5
    assert fine.falls(frame, activation="saw", backend="TensorFlow").title == "As computed, saw falls"
    true = rounding.zoom(lambda x: x, lambda x: x, around=1.5, numbers=10)
    assert not true["falls"].any()
    assert np.diff(true["computed"]).tolist() == [1.0] * 9
    assert "does not fall" in fine.falls(true, activation="line", backend="TensorFlow").title


def test_a_straight_way_has_no_distance_from_its_chord():
    assert walk(0)["off"].abs().max() < 1e-6
    assert walk(2)["off"].min() == pytest.approx(-1 / 6)  # x + 2 x² against 3 x, at one half
