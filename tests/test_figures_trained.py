"""Figures of stored runs and of recorded times draw what their frames hold, and their sentences turn with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import drawn
import frames
from drawn import SOFTMAX, made, texts
from frames import AVERAGE, MAX
from frames import grid as frame
from relupool.experiments.studies import ACTIVATIONS, ORDER
from relupool.figures import ablations, gating, order, scale, style
from relupool.measures.bigger import fractions
from relupool.measures.grid import UNTOUCHED
from relupool.measures.networks import FAMILIES
from relupool.measures.published import RELUS_REMOVED


def xs(figure, panel: int = 0) -> list[tuple[float, ...]]:
    """Where the marks of a panel lie, each as its x values."""
    return [tuple(np.ravel(line.get_xdata())) for line in figure.plot.axes[panel].get_lines()]


def worths(figure) -> list[str]:
    return [text.split(" ±")[0] for text in texts(figure) if text.startswith(("+", "−"))]


def test_the_grid_has_four_rows_and_says_what_relu_is_worth_in_each():
    figure = made("grid")
    assert worths(figure) == ["+0.3", "+0.5", "+29.0", "+45.0"]
    assert f"{SOFTMAX} 36.0\N{NO-BREAK SPACE}%" in texts(figure)
    assert len(figure.frame) == 9
    assert figure.title.startswith("The less else is nonlinear")
    assert figure.plot.get_figheight() <= 3.2  # on the first screen of a page
    part = ablations.grid(frame(spread=0.002)[lambda f: f["study"] != "grid"])
    assert (len(part.frame), worths(part)) == (4, ["+0.3", "+45.0"])
    falling = frame(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (conv > 0) * (pool > 0))
    assert ablations.grid(falling).title.startswith("What ReLU in the convolutional layers is worth")


def test_the_grid_shows_the_networks_with_normalization():
    figure = ablations.grid(frame(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (lrn > 0)))
    dots = [line.get_xdata()[0] for line in figure.plot.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(figure.frame) == 8
    assert dots == pytest.approx([0.6] * 8, abs=0.01)


def test_the_grid_is_compared_at_the_step_that_is_asked_for():
    figure = ablations.grid(frame(), step=10_000)
    assert figure.plot.axes[0].get_xlabel() == "test accuracy after 10,000 steps"
    assert "10,000 training steps" in figure.basis
    with pytest.raises(ValueError, match="step is 7000, but must be one at which all of untouched"):
        ablations.grid(frame(), step=7_000)


def test_conv_relu_is_also_shown_where_most_seeds_are():
    pair = [UNTOUCHED, "max pool, no conv ReLU"]
    wide = frame(seeds=8)[lambda f: f["network"].isin(pair) & (f["step"] <= 10_000)]
    rows = pd.concat([frame(), wide[wide["seed"] > 2]])
    figure = ablations.single_changes(rows)
    assert figure.frame[["steps", "n"]].values.tolist() == [[60_000, 3], [10_000, 8], *[[60_000, 3]] * 3]
    assert figure.frame["part"].nunique() == 4
    assert len(ablations.single_changes(frame()).frame) == 4


def test_parts_are_held_against_the_margin_that_is_asked_for():
    wide, narrow = (ablations.single_changes(frame(), margin=margin) for margin in (0.03, 0.0001))
    worth = {part: f"{100 * mean:+.1f}" for part, mean in wide.frame[["part", "mean"]].itertuples(index=False)}
    most, first = worth["max-pools, not average-pools"], worth["ReLU in the convolutional layers"]
    title = f"Worth alone: max-pools {most} points and ReLU in the convolutional layers {first} points"
    assert wide.title == narrow.title == title
    band = wide.plot.axes[0].patches[0]
    assert (to_hex(band.get_facecolor()), band.get_width()) == (style.PALE, pytest.approx(6))
    assert "within 3 points of no difference" in wide.caption
    assert "max-pools, not average-pools, 60,000 steps: +2.0 ± " in wide.alt
    raw = frame()
    raw.loc[(raw["weights"] == "raw") & (raw["network"] == "average pool"), "accuracy"] -= 0.1
    assert "average-pools, 60,000 steps: +12.0 ± " in ablations.single_changes(raw, weights="raw").alt


def test_curves_have_a_dot_for_each_seed_and_a_line_for_what_is_reported():
    figure = made("headline curves")
    lines = figure.plot.axes[0].lines
    dots = [line for line in lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == 4 * 4 * 3  # networks, looks after the first 300 steps, seeds
    assert {0.834, 0.372} <= {line.get_ydata()[0] for line in lines if line.get_linestyle() != "-"}
    assert set(drawn.REPORTED) <= set(texts(figure))
    assert sum("37.5" in text for text in texts(figure)) == 1  # both linear networks share a line and its label


@pytest.mark.parametrize(
    ("literal", "linear", "title"),
    [
        (0.8, 0.37, "Without ReLU the reported"),
        (0.834, 0.372, "The question's two numbers, met"),
        (0.6, 0.5, "The question's two numbers, and"),
    ],
)
def test_the_title_says_which_of_the_reported_numbers_are_met(literal, linear, title):
    figure = drawn.curves(frame(lambda conv, dense, pool, lrn: literal if conv > 0 else linear, spread=0))
    assert figure.title.startswith(title)


def test_claims_stand_beside_what_was_measured_at_the_steps_they_name():
    figure = made("claims")
    measured = figure.frame[figure.frame["kind"] == "measured here"]
    assert measured["steps"].tolist() == [1_000, 1_000, 2_000, 2_000]  # 100,000 was not reached
    for row in measured.itertuples():
        assert {(row.accuracy,), (row.low, row.high)} <= set(xs(figure))
    axes = figure.plot.axes[0]
    labels = {text.get_text(): text.get_fontweight() for text in axes.get_yticklabels()}
    assert labels["measured here"] == "bold" != labels["evaluation script, 1,000 steps"]
    assert {"an issue", "averaged weights, 2,000 steps"} <= labels.keys()
    hollow = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "D"]
    assert hollow == drawn.DOCUMENTED["accuracy"].tolist()
    assert len(figure.runs) == 3


def test_lines_are_the_means_by_fraction():
    table = fractions(frames.bigger())
    figure = made("ReLU fractions")
    (axes,) = figure.plot.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 4 and line.get_linestyle() == "-"]
    for family, line in zip(FAMILIES, lines, strict=True):
        rows = table[table["family"] == family].sort_values("fraction", ascending=False)
        np.testing.assert_allclose(line.get_ydata(), rows["mean"])
    assert [t.get_text().replace("\xa0", " ") for t in axes.get_xticklabels()] == ["all", "half", "a tenth", "none"]
    losing = "45.0 points with one in ten of its ReLUs and 50.0 with none"
    assert figure.title == f"ResNet-20 loses {losing}"
    assert len(figure.runs) == 12 * 3
    assert [0.369, 0.369] in [line.get_ydata() for line in axes.lines]
    assert any("softmax regression 36.9" in text for text in texts(figure))


def test_one_network_and_a_diverged_one_can_be_drawn():
    one = frames.bigger(seeds=1)[lambda f: f["network"] == "ResNet-20, half the ReLUs"]
    assert "ResNet-20" in drawn.fewer_relus(one).alt
    assert "diverged" in drawn.fewer_relus(frames.bigger(diverged=("ResNet-20, no ReLU",))).caption


def test_losses_stand_beside_the_published_ones():
    figure = made("losses")
    wanted = {"44 %  nothing", "87 %  max-pools", "26 %  one max-pool", "7 %  nothing", "90 %  products"}
    assert wanted <= {text.replace("\n", " ").replace("\xa0", " ") for text in texts(figure)}
    rows = figure.frame
    assert (rows["published"].sum(), (~rows["published"]).sum()) == (len(RELUS_REMOVED), len(FAMILIES))
    assert all(group["kept"].is_monotonic_decreasing for _, group in rows.groupby("kind"))
    multiplies = rows["still nonlinear"] == "products"
    assert set(rows.loc[multiplies, "kind"]).isdisjoint(rows.loc[~multiplies, "kind"])
    assert "one seed each" in figure.caption and figure.tag.startswith("published; this book: CIFAR-10")
    alone = made("losses, published alone")
    assert (alone.basis, alone.runs) == ("Published figures only.", ())


def test_ratios_stand_at_their_places_with_their_intervals():
    figure = made("order alone")
    panels = {axes.get_title(loc="left"): xs(figure, n) for n, axes in enumerate(figure.plot.axes)}
    assert list(panels) == ["ReLU", "GELU", "tanh"]
    assert {(1.1,), (0.9, 1.3), (1.0,), (0.95, 1.05)} <= set(panels["ReLU"])
    assert {(3.0,), (2.5, 3.5)} <= set(panels["tanh"])
    low, high = figure.plot.axes[0].get_xlim()
    assert low < 0.9 < 3.5 < high
    assert "tanh, as written: 3.00 (2.50 to 3.50)" in figure.alt
    assert figure.title == "By themselves, tanh and the pool take up to 3.0 times as long with the activation first"


@pytest.mark.parametrize(
    ("tanh", "title"),
    [
        ((1.25, 1.1, 1.5), "Of a training step, pooling first saves 20.0\xa0% with tanh, with ReLU nothing that could"),
        ((1.0, 0.9, 1.1), "With ReLU and tanh pooling first saves nothing that could be told from zero"),
    ],
)
def test_savings_are_drawn_beside_what_can_be_saved_at_most(tanh, title):
    figure = drawn.savings(tanh)
    assert figure.frame["median"].tolist() == pytest.approx([1 - 1 / 1.02, 1 - 1 / tanh[0]])
    assert figure.frame["bound median"].tolist() == [0.1, 0.3]
    assert {(0.1, 0.1), (0.3, 0.3)} <= set(xs(figure))
    assert figure.title.startswith(title)


@pytest.mark.parametrize("rest", [0.05, -0.05, -0.001])
def test_a_bar_ends_at_a_hundred(rest):
    figure = drawn.profile(rest)
    assert sum(bar.get_width() for bar in figure.plot.axes[0].patches) == pytest.approx(1)
    assert figure.title.startswith("With ReLU, convolutions take 50")
    assert rest != -0.001 or "all else 0" in figure.alt  # and not −0


def test_each_gate_has_its_mean_its_interval_and_its_words():
    figure = made("gates")
    for panel, (_, rows) in enumerate(figure.frame[figure.frame["n"] > 0].groupby("panel", sort=False)):
        for row in rows.itertuples():
            assert {(row.mean,), (row.low, row.high)} <= set(xs(figure, panel))
    assert "ReLU without its gate: diverged, 3 of 3 seeds" in figure.alt
    assert "and 6 runs diverged" in figure.caption
    assert len(figure.runs) == 24
    assert "No network did better with" in made("gates, the first study alone").caption
    fine = gating.gates(drawn.gates_first(), drawn.gates_second(0.77, 0.78, 0.76, 0.75, diverged=()))
    assert "Some network did better" in fine.caption


def test_trained_orders_show_their_differences():
    figure = made("orders trained")
    assert figure.title == "With averages, ReLU belongs before the pool"
    assert {"+4.0 ± 0.0 points", "+3.0 ± 0.0 points"} <= set(texts(figure))
    assert len(figure.runs) == 24
    better = order.trained(frames.of_study(ORDER, {**drawn.ORDER_ENDS, "ReLU and average, activation last": 0.7}))
    assert better.title == "The same network in both orders"
    equal = order.trained(frames.of_study(ORDER, dict.fromkeys(ORDER.networks, 0.5), spread=0))
    assert texts(equal).count("identical") == 4


def test_the_curves_of_both_orders_are_means_of_seeds():
    runs, figure = frames.of_study(ORDER, drawn.ORDER_ENDS), made("orders over training")
    assert figure.title.startswith("Averaging before ReLU costs 4")
    ours = runs[(runs["network"] == "ReLU and average, activation last") & (runs["weights"] == "averaged")]
    mean = ours[ours["step"] > 0].groupby("step")["accuracy"].mean().to_numpy()
    assert any(np.array_equal(line.get_ydata(), mean) for line in figure.plot.axes[0].get_lines())
    alike = order.over_training(frames.of_study(ORDER, dict.fromkeys(ORDER.networks, 0.5)))
    assert "may or may not cost" in alike.title


def test_every_seed_of_every_slope_is_a_dot():
    figure, results = made("slopes"), frames.scale()
    last = results[(results["step"] == results["steps"]) & (results["weights"] == "averaged")]
    lines = figure.plot.axes[0].get_lines()
    points = {pair for line in lines for pair in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    for label, slope in {"linear": 1, "slope 0.2": 0.2, "ReLU": 0, "slope -0.5": -0.5, "absolute value": -1}.items():
        for pool in ("average", "max"):
            for accuracy in last.loc[last["network"] == f"{pool} pool, {label}", "accuracy"]:
                assert (slope, accuracy) in points
    assert len(figure.frame) == 6 * 2 * 3
    left, right = figure.plot.axes[0].get_xlim()
    assert left > 1 > -1 > right  # from nothing, on the left, to the absolute value
    assert AVERAGE.keys() == MAX.keys() == ACTIVATIONS.keys()


def test_the_ruler_draws_scores_intervals_and_seeds():
    figure = made("ruler")
    assert figure.frame["score"].is_monotonic_decreasing
    for place, row in enumerate(figure.frame.itertuples()):
        there = [line.get_xdata() for line in figure.plot.axes[0].get_lines() if set(line.get_ydata()) == {place}]
        assert {(row.score,), (row.low, row.high)} <= {tuple(np.ravel(x)) for x in there}
        assert any(len(x) == 3 for x in there)
        assert row.bend == drawn.BENDS[row.activation]
    score = figure.frame.set_index("activation").loc["tanh", "score"]
    assert f"tanh: {score:.2f} (" in figure.alt
    assert "Fieller" in figure.caption


def test_the_title_says_who_lies_highest_and_whether_that_bends_most():
    assert made("ruler").title == "Absolute value lies highest, at 1.13, and bends most"
    high = drawn.ruler(frames.scale(AVERAGE | {"maxout, equal width": 0.7}))
    assert high.title.startswith("Maxout lies highest, at 1.43, though the absolute")


def test_a_ruler_without_scale_draws_no_scores():
    figure = made("ruler, no scale")
    assert "no bounds" in figure.alt
    assert figure.title == "Here there is no scale"
    assert not [line for line in figure.plot.axes[0].get_lines() if line.get_marker() in ("o", "<", ">")]
    assert "ELU: not finished" in made("ruler, diverged").alt


def test_scores_that_lie_far_out_are_arrows_at_the_edge():
    markers = {line.get_marker() for line in made("ruler, far out").plot.axes[0].get_lines()}
    assert markers == {"o", "None"}  # up to 2.5 and down to -1 there is room
    figure = drawn.ruler(frames.scale(AVERAGE | {"ReLU": 0.4, "tanh": 0.9, "sigmoid": 0.1}, spread=0.001))
    low, high = figure.plot.axes[0].get_xlim()
    assert (low, high) == (scale.LEFT, scale.RIGHT)
    arrows = {line.get_marker(): line.get_xdata()[0] for line in figure.plot.axes[0].get_lines()}
    assert (arrows["<"], arrows[">"]) == (low, high)


@pytest.mark.parametrize("name", ["slopes, diverged", "ruler, diverged"])
def test_captions_name_what_diverged(name):
    assert "average pool, ELU, seed 0, at step 400" in made(name).caption


def test_windows_are_means_over_channels_and_seeds_and_bands_hold_the_seeds():
    figure = made("all-negative windows")
    first, second, chance = figure.plot.axes[0].get_lines()
    assert (first.get_ydata().tolist(), second.get_ydata()[-1]) == (pytest.approx([0.25, 0.35]), pytest.approx(0.75))
    assert set(chance.get_ydata()) == {2.0**-9}
    assert figure.frame[["min", "max"]].iloc[-1].tolist() == pytest.approx([0.7, 0.8])
    assert figure.title.replace("\xa0", " ") == "ReLU acts on 35 % of the windows after conv1 and 75 % after conv2"
    assert drawn.all_negative(has_relu=False).title.startswith("ReLU would act on")
    assert "At the end: 35 % after conv1 and 75 % after conv2." in figure.alt.replace("\xa0", " ")


def test_channels_of_one_seed_are_shown_first_and_last():
    figure = made("channels")
    for axes, end in zip(figure.plot.axes, (0.3, 0.7), strict=True):
        start, last = (line.get_ydata().tolist() for line in axes.get_lines()[-2:])
        assert (start, last) == (pytest.approx([0.2] * 2), pytest.approx([end] * 2))
    assert "conv2, step 1,000: 90 % of values, 70 % of windows" in figure.alt.replace("\xa0", " ")
    assert (len(figure.runs), set(figure.frame["seed"])) == (1, {0})
