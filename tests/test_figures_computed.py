"""Figures of layers, numbers and networks draw what their frames hold, and their sentences turn with it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import scipy.signal
from matplotlib.colors import to_hex

import drawn
from drawn import made, texts
from relupool.experiments.networks import Architecture, Pool
from relupool.figures import convolution, order, style
from relupool.figures import regions as maps
from relupool.figures.figure import DEMONSTRATION
from relupool.figures.marks import spread
from relupool.figures.network import example_images, forward, network_diagram
from relupool.theory import orthant, regions, survey
from relupool.theory.rounding import zoom


def written(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_window_on_the_graph():
    assert set(texts(made("jensen"))) == {"relu first: 1", "average first: 0.5", "gap 0.5"}
    assert "−2, 1, 2.5 and 0.5" in made("jensen").caption


def test_the_road_names_its_ends():
    figure = made("average to max")
    apart = figure.frame.pivot(index="beta", columns="order", values="value").diff(axis=1)["pool first"].abs()
    assert f"the two orders are {apart.iloc[0]:.2g} apart" in figure.caption
    solid, dashed = figure.plot.axes[0].lines
    assert (solid.get_ydata() >= dashed.get_ydata()).all()  # Jensen


def test_the_bound_is_drawn_and_judged():
    figure = made("log-mean-exp gap")
    dotted = figure.plot.axes[0].lines[0]
    np.testing.assert_allclose(dotted.get_ydata(), np.log(9) / dotted.get_xdata())


def test_the_matrix_holds_the_kernel_in_every_row():
    figure = made("matrix")
    assert figure.frame.groupby("output")["value"].apply(list).tolist() == [drawn.KERNEL.ravel().tolist()] * 9
    assert "Of the 225 entries 81 come from the kernel" in figure.caption
    kernel, matrix = figure.plot.axes
    assert written(matrix) == [f"{value:g}" for value in figure.frame.sort_values(["output", "input"])["value"]]
    colours = {tuple(np.round(c.get_facecolor()[0], 3)) for c in matrix.collections if len(c.get_facecolor())}
    assert len(colours) == 3
    first, _, third = (text.get_color() for text in kernel.texts[::3])
    assert (first, third) == (style.INK, style.PAPER)  # numbers can be read on every shade
    assert not written(made("matrix, largest").plot.axes[1])  # 64 columns leave no room for numbers


def test_flipping_tells_the_two_apart():
    figure = made("flipping")
    assert "scipy.signal.correlate returns the kernel turned by half a turn" in figure.caption
    assert "scipy.signal.convolve returns the kernel as it is" in figure.caption
    _, kernel, convolved, correlated = map(written, figure.plot.axes)
    assert convolved[:-1] == kernel[:-1] == correlated[-2::-1]
    assert convolved[-1] == "scipy.signal\n.convolve"


def test_the_collapsed_kernel_is_the_one_shown():
    figure = made("collapse")
    shown = figure.frame[figure.frame["layer"] == "both"]["value"].to_numpy().reshape(5, 5)
    np.testing.assert_array_equal(shown, scipy.signal.convolve2d(drawn.KERNEL - 5, drawn.KERNEL.T - 4))
    assert "First (3 × 3) and last (3 × 3) together are a single kernel, both (5 × 5)" in figure.caption


def test_templates_are_the_columns_less_their_mean():
    figure = made("templates")
    weights = figure.frame["weight"].to_numpy().reshape(10, 1728)
    np.testing.assert_allclose(weights.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(weights[3] - weights[4], drawn.MATRIX[:, 3] - drawn.MATRIX[:, 4], atol=1e-6)
    titles = [axes.get_title(loc="center") for axes in figure.plot.axes]
    assert titles == drawn.NAMES == list(figure.frame["class"].unique())
    shown = np.stack([axes.images[0].get_array() for axes in figure.plot.axes])
    assert shown.shape == (10, 24, 24, 3)
    # one scale, symmetric about grey: brighter where a weight is positive, and only a few at the ends
    assert (shown[weights.reshape(shown.shape) > 0.1] > 127).all()
    assert 0 < np.isin(shown, (0, 255)).mean() < 1.5 * (1 - convolution.CLIPPED)
    assert (figure.tag, figure.runs) == ("CIFAR-10, 40 steps", ("a",))


def test_linear_networks_are_drawn_beside_what_they_are_with_relu():
    figure = made("linear networks")
    assert len(figure.runs) == 3 * 3  # not the network whose linear twin is missing
    (axes,) = figure.plot.axes
    assert axes.get_yticklabels()[1].get_text() == "ResNet-20\n0 layers, 1,500 parameters"
    assert "with nonlinearities" in texts(figure)
    assert [text[:4] for text in texts(figure)[:3]] == ["37.1", "36.1", "84.2"]


def test_the_title_has_the_misfits_for_inputs_like_images():
    figure, large = (drawn.superposition(nothing=nothing) for nothing in (1e-6, 0.6))
    start = "With normalization a network is 0.01 % away from linear, with nothing "
    assert [f.title.replace("\xa0", " ") for f in (figure, large)] == [f"{start}0.00 %", f"{start}60 %"]
    assert "normalization: 1.0 × 10⁻⁴; nothing: 1.0 × 10⁻⁶." in figure.alt.replace("\xa0", " ")
    dots = [line for line in figure.plot.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [1e-4, 0.07, 1e-6, 1e-6]
    assert [line.get_markerfacecolor() == style.PAPER for line in dots] == [False, True] * 2


def random_cells(units: int, seed: int) -> list[np.ndarray]:
    normals = np.random.default_rng(seed).normal(size=(2, units))
    lines = regions.Affine(lambda x: (x - 0.5) @ normals + 0.3 * np.sin(np.arange(units)))
    corner, across, up = np.zeros(2), np.array([1.0, 0]), np.array([0, 1.0])
    return [piece.corners for piece in regions.square([lines, regions.relu(units)], corner, across, up)]


@pytest.mark.parametrize("seed", range(4))
def test_neighbours_have_different_colours(seed):
    cells = random_cells(9, seed)
    colours = maps.colouring(cells, 10)
    assert len(cells) > 10 and len(colours) == len(cells)
    spots = np.stack(np.meshgrid(*[np.linspace(0.001, 0.999, 160)] * 2), axis=-1).reshape(-1, 2)
    owner = np.argmax([maps._inside(spots, cell) for cell in cells], axis=0).reshape(160, 160)
    seen = Counter()
    for a, b in ((owner[1:], owner[:-1]), (owner[:, 1:], owner[:, :-1])):
        seen.update(frozenset(pair) for pair in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))
    beside = [pair for pair, count in seen.items() if count > 2 and len(pair) == 2]  # a step may cross a corner
    assert len(beside) > 20
    assert all(colours[a] != colours[b] for a, b in beside)


def test_the_plane_draws_every_cell():
    axes = made("regions, plane").plot.axes
    assert [len(ax.patches) for ax in axes] == [3, 2, 2, 1]
    assert [ax.get_title(loc="left") for ax in axes][::3] == ["ReLU alone: 3 pieces", "neither: one piece"]


@pytest.mark.parametrize("both", [[0.1, 0.4], [0.1, 0.2, 0.3, 0.6]])
def test_long_ticks_are_the_folds_that_stay(both):
    figure = drawn.folds(both)
    lost, kept, *_ = (len(ticks.get_segments()) for ticks in figure.plot.axes[0].collections)
    assert (kept, lost + kept) == (len(set(both) & {0.1, 0.2, 0.3}), 3)
    assert f"{lost} hidden:" in "".join(texts(figure))


def framed(figure) -> int:
    return sum(patch.get_linewidth() > 2 for axes in figure.plot.axes for patch in axes.patches)


def test_both_orders_frames_what_differs_but_not_rounding():
    frame = drawn.steps("relu")
    results = frame[frame["step"] == 2].groupby("order")["value"].apply(list)
    assert results["pool first"] == results["activation first"] == [0, 0, 0.3, 0.3]
    windows = frame[(frame["order"] == "pool first") & (frame["step"] == 1)]
    assert list(zip(windows["first"], windows["last"], strict=True)) == [(0, 2), (2, 4), (4, 6), (6, 7)]
    same, differs = drawn.both_orders("relu"), drawn.both_orders("gelu")
    assert "the 2 of 4 results that differ" in differs.caption
    assert (framed(same), framed(differs)) == (0, 4)  # two results in each order
    frame.loc[(frame["order"] == "pool first") & (frame["step"] == 2), "value"] += 3e-8
    assert framed(order.both_orders(frame, activation="relu", basis="Rounded.")) == 0


@pytest.mark.parametrize(("size", "stride"), [(1, 8), (8, 1)])
def test_both_orders_at_the_ends_of_the_range(size, stride):
    assert drawn.both_orders("silu", size, stride).plot.axes[0].patches


def test_dips_are_true_minima():
    lowest = {dip.activation: (dip.at, dip.value) for dip in survey.dips().itertuples()}
    assert set(lowest) == {"gelu", "hard_silu", "mish", "silu"}
    assert lowest["gelu"][0] == pytest.approx(-0.7518, abs=1e-3)
    assert lowest["mish"][0] == pytest.approx(-1.1924, abs=1e-3)
    assert lowest["hard_silu"] == pytest.approx((-1.5, -0.375), abs=1e-3)
    assert "−0.17\nat −0.752" in texts(made("dips"))


def test_an_image_says_what_it_is():
    assert (drawn.cancelled("synthetic").tag, made("cancelled").tag) == ("a toy image", "a CIFAR-10 image")
    assert "75\N{NO-BREAK SPACE}% of what ReLU" in made("cancelled").caption
    assert (drawn.one_channel("synthetic").tag, made("one channel").tag) == (
        "a toy image; network",
        "a CIFAR-10 image; network",
    )
    assert "acts on 25\N{NO-BREAK SPACE}% of the windows" in made("one channel").caption  # one of four
    assert made("example images").tag == "CIFAR-10 test images"
    assert example_images(drawn.pictures(2), labels="ab", dataset="synthetic").tag == DEMONSTRATION


def test_a_picture_stands_above_what_the_network_is_given():
    shown = [image.get_array() for image in made("example images").plot.axes[0].images]
    assert (shown[0] == drawn.pictures()[0]).all()
    assert [image.shape[0] for image in shown] == [32, 24] * 6


def test_falls_are_counted():
    falling, true = (zoom(f, g, around=1.5, numbers=10) for f, g in ((drawn.saw, np.tanh), (abs, abs)))
    assert (falling["falls"].sum(), true["falls"].sum()) == (5, 0)
    assert np.diff(true["computed"]).tolist() == [1.0] * 9


def test_a_straight_way_has_no_distance_from_its_chord():
    assert drawn.walk(0)["off"].abs().max() < 1e-6
    assert drawn.walk(2)["off"].min() == pytest.approx(-1 / 6)  # x + 2 x² against 3 x, at one half


@pytest.mark.parametrize("values", [2, 25])
def test_only_the_last_bar_is_marked_with_its_chance(values):
    figure = drawn.signs(values)
    for axes, rho in zip(figure.plot.axes, (0.0, 0.5, 1.0), strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axes.patches], orthant.negatives(values, rho=rho))
        assert len({bar.get_facecolor() for bar in axes.patches[:-1]}) == 1
        assert axes.patches[-1].get_facecolor() != axes.patches[0].get_facecolor()


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture(),
        Architecture(order=("conv-pool-act", "conv-pool-act"), lrn=False),
        Architecture(conv_activation=None, dense_activation="tanh", pool=Pool("average", 2, 2, "valid")),
        Architecture(dense_activation=None, order=("conv-act-pool", "conv-pool-act"), pool=Pool(size=5, stride=3)),
    ],
)
def test_the_picture_of_a_network_agrees_with_the_keras_model(architecture):
    from relupool.experiments.models import build

    model = build(architecture)
    layers = [(x.name, tuple(x.output.shape[1:]), x.count_params()) for x in model.layers if x.name != "flatten"]
    drawn = [(row.name, row.shape, row.parameters) for row in forward(architecture) if not row.absent]
    assert drawn[1:] == layers


def test_only_what_is_nonlinear_is_coloured():
    linear = Architecture(conv_activation=None, dense_activation=None, pool=Pool("average"), lrn=False)
    assert not any(row.nonlinear for row in forward(linear))
    figure = network_diagram({"the linear network": linear})
    assert "nonlinear: nothing" in figure.alt
    fills = {to_hex(patch.get_facecolor()) for patch in figure.plot.axes[0].patches}
    assert fills <= {style.PALE, style.PAPER, style.MUTED}
    nonlinear = {f"activation{n}" for n in range(1, 5)} | {"pool1", "pool2", "norm1", "norm2"}
    assert {row.name for row in forward(Architecture()) if row.nonlinear} == nonlinear
    assert made("network").frame["parameters"].sum() == 1_068_298  # as the tutorial adds them up


def test_spread_moves_labels_as_little_as_possible():
    np.testing.assert_allclose(spread(np.array([0.6, 0.5, 0.55]), np.full(3, 0.2)), [0.75, 0.35, 0.55])
    heights, room = np.random.default_rng(3).uniform(size=9), np.random.default_rng(4).uniform(0.05, 0.2, 9)
    moved, order = spread(heights, room), np.argsort(heights)
    assert (np.argsort(moved) == order).all()
    assert (np.diff(moved[order]) >= (room[order][1:] + room[order][:-1]) / 2 - 1e-9).all()
