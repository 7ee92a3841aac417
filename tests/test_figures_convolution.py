"""The figures of the chapter on convolution show their frames, and say what they show."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.signal

from frames import frame
from relupool.experiments.studies import BASELINE, BIGGER
from relupool.figures import convolution as figures
from relupool.figures import style
from relupool.figures.figure import render
from relupool.measures import bigger
from relupool.theory import kernels, linear_layers

KERNEL = np.arange(1.0, 10).reshape(3, 3)
NAMES = [f"class {n}" for n in range(10)]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_matrix_holds_the_kernel_in_every_row():
    figure = figures.toeplitz(KERNEL, 5)
    assert figure.frame.groupby("output")["value"].apply(list).tolist() == [KERNEL.ravel().tolist()] * 9
    assert "Of the 225 entries 81 come from the kernel" in figure.caption
    assert "missing" not in figure.caption
    _, matrix = figure.plot.axes
    assert texts(matrix) == [f"{value:g}" for value in figure.frame.sort_values(["output", "input"])["value"]]
    colours = {tuple(np.round(c.get_facecolor()[0], 3)) for c in matrix.collections if len(c.get_facecolor())}
    assert len(colours) == 3


def test_the_matrix_says_what_falls_off_the_border():
    figure = figures.toeplitz(KERNEL, 6, padding="same", strides=2)
    assert len(figure.frame) == (3 + 3 + 2) ** 2  # the last of three windows lacks a row or a column
    assert "some are missing, beyond the border" in figure.caption


@pytest.mark.parametrize("kernel", [np.zeros((2, 3)), np.zeros((6, 6))])
def test_the_matrix_refuses(kernel):
    with pytest.raises(ValueError, match="kernel is"):
        figures.toeplitz(kernel, 8)


@pytest.mark.parametrize("size", [1, 5])
def test_small_and_large_kernels_can_be_drawn(size):
    figure = figures.toeplitz(np.arange(size**2).reshape(size, size), 8, padding="same")
    assert b"<svg" in render(figure, "svg")["svg"]
    assert not texts(figure.plot.axes[1])  # 64 columns leave no room for numbers


def test_flipping_tells_the_two_apart():
    operations = {
        "scipy.signal.convolve": lambda x, k: scipy.signal.convolve(x, k, mode="valid"),
        "scipy.signal.correlate": lambda x, k: scipy.signal.correlate(x, k, mode="valid"),
    }
    figure = figures.flipping(linear_layers.turns(operations, KERNEL), kernel=KERNEL)
    assert "scipy.signal.correlate returns the kernel turned by half a turn" in figure.caption
    assert "scipy.signal.convolve returns the kernel as it is" in figure.caption
    _, kernel, convolved, correlated = (texts(axes) for axes in figure.plot.axes)
    assert convolved[:-1] == kernel[:-1] == correlated[-2::-1]
    assert convolved[-1] == "scipy.signal\n.convolve"


def test_the_collapsed_kernel_is_the_one_shown():
    first, last = KERNEL - 5, KERNEL.T - 4
    one, _ = kernels.collapsed([(first[:, :, None, None], 1), (last[:, :, None, None], 1)])
    figure = figures.collapse({"first": first, "last": last, "both": one[:, :, 0, 0]})
    shown = figure.frame[figure.frame["layer"] == "both"]["value"].to_numpy().reshape(5, 5)
    np.testing.assert_array_equal(shown, scipy.signal.convolve2d(first, last))
    assert figure.caption.startswith(
        "Linear layers that follow one another do the work of one. First (3 × 3) and last (3 × 3) together"
    )
    assert "both (5 × 5)" in figure.caption


def test_templates_are_the_columns_less_their_mean():
    matrix = np.random.default_rng(0).normal(size=(1728, 10))
    figure = figures.templates(matrix, names=NAMES, trained="CIFAR-10, 40 steps.", tag="CIFAR-10, 40 steps", runs=["a"])
    weights = figure.frame["weight"].to_numpy().reshape(10, 1728)
    np.testing.assert_allclose(weights.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(weights[3] - weights[4], matrix[:, 3] - matrix[:, 4], atol=1e-6)
    assert [axes.get_title(loc="center") for axes in figure.plot.axes] == NAMES
    shown = np.stack([axes.images[0].get_array() for axes in figure.plot.axes])
    assert shown.shape == (10, 24, 24, 3)
    # one scale, symmetric about grey: brighter where a weight is positive, and only a few at the ends
    assert (shown[weights.reshape(shown.shape) > 0.1] > 127).all()
    assert 0 < np.isin(shown, (0, 255)).mean() < 1.5 * (1 - figures.CLIPPED)
    assert figure.caption.startswith("A linear network is ten pictures.")
    assert (figure.tag, figure.runs) == ("CIFAR-10, 40 steps", ("a",))


def test_linear_networks_are_drawn_beside_what_they_are_with_relu():
    ends = {"ResNet-20, no ReLU": 0.36, "ResNet-20, all ReLUs": 0.84, "VGG with max-pools, no ReLU": 0.7}
    rows = pd.concat([frame(BASELINE, {"softmax regression": 0.37}), frame(BIGGER, ends)])
    models = {name: SimpleNamespace(layers=[], trainable_variables=[np.zeros((3, 500))]) for name in bigger.LINEAR}
    table = bigger.linear_networks(rows, models)
    figure = figures.linear_networks(rows, table)
    assert set(figure.runs) == set(rows["key"][rows["network"] != "VGG with max-pools, no ReLU"])
    (axes,) = figure.plot.axes
    assert axes.get_yticklabels()[1].get_text() == "ResNet-20\n0 layers, 1,500 parameters"
    assert "with nonlinearities" in texts(axes)
    assert [text[:4] for text in texts(axes)[:3]] == ["37.1", "36.1", "84.2"]
    with pytest.raises(ValueError, match="at least one network"):
        figures.linear_networks(rows, table.head(0))


def test_numbers_can_be_read_on_every_shade():
    assert set(figures.ROWS) <= set(style.DARK)
    figure = figures.toeplitz(KERNEL, 5)
    first, _, third = (text.get_color() for text in figure.plot.axes[0].texts[::3])
    assert (first, third) == (style.INK, style.PAPER)
