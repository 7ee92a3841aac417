"""The figures of the chapter on convolution show their frames, and say what they show."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from relupool.figures import convolution as figures
from relupool.figures import style
from relupool.figures.figure import render
from relupool.theory import kernels, linear_layers

KERNEL = np.arange(1.0, 10).reshape(3, 3)
NAMES = [f"class {n}" for n in range(10)]
TRAINED = {"names": NAMES, "dataset": "cifar10", "steps": 40, "seed": 0, "backend": "TensorFlow"}


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_matrix_holds_the_kernel_in_every_row():
    figure = figures.toeplitz(KERNEL, 5)
    assert figure.frame.groupby("output")["value"].apply(list).tolist() == [KERNEL.ravel().tolist()] * 9
    assert "9 × 25 = 225 entries. 81 come from the kernel" in figure.caption
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
    assert "scipy.signal.convolve puts out the kernel as it is, which is a convolution" in figure.caption
    assert "scipy.signal.correlate puts out the kernel turned by half a turn" in figure.caption
    _, kernel, convolved, correlated = (texts(axes) for axes in figure.plot.axes)
    assert convolved[:-1] == kernel[:-1] == correlated[-2::-1]
    assert convolved[-1] == "scipy.signal\n.convolve"


def test_the_collapsed_kernel_is_the_one_shown():
    first, last = KERNEL - 5, KERNEL.T - 4
    one, _ = kernels.collapsed([(first[:, :, None, None], 1), (last[:, :, None, None], 1)])
    figure = figures.collapse({"first": first, "last": last, "both": one[:, :, 0, 0]})
    shown = figure.frame[figure.frame["layer"] == "both"]["value"].to_numpy().reshape(5, 5)
    np.testing.assert_array_equal(shown, scipy.signal.convolve2d(first, last))
    assert figure.caption.startswith("2 layers in one kernel. first (3 × 3) and last (3 × 3) do together")
    assert "both (5 × 5)" in figure.caption


def test_the_border_is_counted_and_held_against_its_prediction():
    differs = kernels.bordering(8, [3, 3], strides=[1, 1], padding="same")
    figure = figures.border(differs, predicted=differs, padding="same")
    assert "Of 64 positions 28 differ (crosses), exactly those that were predicted." in figure.caption
    assert len(figure.plot.axes[0].lines[0].get_xdata()) == 28
    wrong = figures.border(differs, predicted=~differs, padding="same")
    assert "not as predicted at 64." in wrong.caption
    inside = figures.border(differs & False, predicted=differs & False, padding="valid")
    assert "Of 64 positions none differs, as was predicted." in inside.caption


def test_templates_are_the_columns_less_their_mean():
    matrix = np.random.default_rng(0).normal(size=(1728, 10))
    figure = figures.templates(matrix, misfit=1e-6, **TRAINED)
    weights = figure.frame["weight"].to_numpy().reshape(10, 1728)
    np.testing.assert_allclose(weights.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(weights[3] - weights[4], matrix[:, 3] - matrix[:, 4], atol=1e-6)
    assert [axes.get_title(loc="center") for axes in figure.plot.axes] == NAMES
    shown = figure.plot.axes[2].images[0].get_array()
    assert shown.shape == (24, 24, 3)
    assert abs(int(shown[0, 0, 0]) - 127.5) < 128
    assert "they are all that the network is" in figure.caption
    assert figure.basis.startswith("CIFAR-10; averaged weights after 40 training steps, which is few; one seed (0)")
    # one scale, symmetric: the largest weight of all is white or black
    assert {0, 255} & {int(v) for axes in figure.plot.axes for v in np.ravel(axes.images[0].get_array())}


def test_templates_of_a_network_that_is_not_linear_say_so():
    figure = figures.templates(np.eye(1728, 10), misfit=0.43, **TRAINED)
    assert "They are not what the network is: it is off by 43 % of a logit's largest change." in figure.caption.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_a_kernel_has_no_more_rows_than_colours():
    assert len(set(figures.ROWS)) == 5
    assert set(figures.ROWS) <= set(style.DARK)
