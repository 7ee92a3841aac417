"""The figures of the grid: they draw what the frame says, and say it in their captions."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from frames import grid as frame
from relupool.figures import ablations, style
from relupool.figures.figure import Figure, render
from relupool.verdicts.grid import SOFTMAX
from relupool.verdicts.headline import AFFINE, LINEAR, LITERAL, UNTOUCHED

HEADLINE = [UNTOUCHED, LITERAL, LINEAR, AFFINE, SOFTMAX]
REPORTED = {"the question: 83.4 %": 0.834, "the question: 37.2 %": 0.372}


def curves(results):
    return ablations.headline_curves(
        results[results["network"].isin(HEADLINE)], reported=REPORTED, source="the question"
    )


MAKERS = {
    "grid": lambda results: ablations.grid(results, reference=SOFTMAX),
    "single-changes": ablations.single_changes,
    "effects": ablations.effects,
    "headline-curves": curves,
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("seeds", [1, 3])
def test_a_figure_says_what_it_was_made_of_and_whether_there_is_an_interval(name, seeds):
    figure = MAKERS[name](frame(seeds=seeds, steps=3_000))
    assert isinstance(figure, Figure)
    assert figure.id == f"fig-{name}"
    count = "one seed" if seeds == 1 else "3 seeds"
    assert f"3,000 training steps; {count} for each network; mixed_bfloat16 with TensorFlow on a CPU" in figure.basis
    assert ("no intervals" in figure.caption) == (seeds == 1 and name != "headline-curves")
    assert len(figure.runs) == len(set(figure.runs)) >= 5 * seeds
    assert render(figure, "svg")["svg"].startswith(b"<svg")


def texts(figure):
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


def test_the_grid_pairs_networks_that_differ_in_the_conv_relus_alone():
    figure = ablations.grid(frame(), reference=SOFTMAX)
    assert texts(figure).count("+0.3") == 2  # max-pools and dense ReLU, with and without normalization
    assert texts(figure).count("+45.0") == 2
    assert f"| {SOFTMAX} 36.0\N{NO-BREAK SPACE}%" in texts(figure)
    assert len(figure.frame) == 17


def test_a_part_of_the_grid_is_drawn_as_far_as_it_goes():
    part = frame()[lambda f: f["study"] != "grid"]
    figure = ablations.grid(part)
    assert len(figure.frame) == 5
    assert [t for t in texts(figure) if t.startswith(("+", "−"))] == ["+0.3", "+45.0"]


def test_a_comparison_is_made_at_the_step_that_is_asked_for():
    figure = ablations.grid(frame(), step=10_000)
    assert figure.plot.axes[0].get_xlabel() == "test accuracy after 10,000 steps"
    assert "10,000 training steps" in figure.basis
    with pytest.raises(ValueError, match="step is 7000, but must be one at which all of untouched"):
        ablations.grid(frame(), step=7_000)


def test_single_changes_show_the_margin_that_they_are_held_against():
    figure = ablations.single_changes(frame(), margin=0.03)
    band = figure.plot.axes[0].patches[0]
    assert to_hex(band.get_facecolor()) == style.PALE_GREEN
    assert band.get_width() == pytest.approx(6)
    assert "within 3 points of no change" in figure.caption
    assert "average pool: −2.0 points, differs, but within the margin" in figure.alt


def test_raw_weights_can_be_compared_too():
    raw = frame()
    raw.loc[(raw["weights"] == "raw") & (raw["network"] == "average pool"), "accuracy"] -= 0.1
    assert "average pool: −12.0 points" in ablations.single_changes(raw, weights="raw").alt


def test_effects_need_the_whole_grid_and_turn_with_the_results():
    figure = ablations.effects(frame())
    assert "conv ReLU × max pool: −36.6" in figure.alt
    turned = frame(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (conv > 0) * (pool > 0))
    assert "conv ReLU × max pool: +10.0" in ablations.effects(turned).alt
    with pytest.raises(ValueError, match="all networks of the grid at one step"):
        ablations.effects(frame()[lambda f: f["network"] != "no LRN"])


def test_curves_have_a_dot_for_each_seed_and_a_line_for_what_is_reported():
    figure = curves(frame())
    left, right = figure.plot.axes
    assert [axes.get_title(loc="left") for axes in (left, right)] == ["averaged weights", "raw weights"]
    dots = [line for line in left.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == 5 * 4 * 3  # networks, looks after the first 300 steps, seeds
    heights = {line.get_ydata()[0] for line in left.lines if line.get_linestyle() == ":"}
    assert {0.834, 0.372} <= heights
    assert set(REPORTED) <= set(texts(figure))
