"""The figures of the grid: they draw what the frame says, and say it in their captions."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from frames import grid as frame
from relupool.figures import ablations, style
from relupool.figures.figure import Figure, render
from relupool.measures.grid import AFFINE, LINEAR, LITERAL, UNTOUCHED

HEADLINE = [UNTOUCHED, LITERAL, LINEAR, AFFINE]
REPORTED = {"the question: 83.4 %": 0.834, "the question: 37.2 %": 0.372}


def curves(results, **how):
    rows = results[results["network"].isin(HEADLINE)]
    return ablations.headline_curves(rows, reported=REPORTED, source="the question", **how)


MAKERS = {
    "grid": lambda results: ablations.grid(results, reference="softmax regression"),
    "single-changes": ablations.single_changes,
    "headline-curves": curves,
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("seeds", [1, 3])
def test_a_figure_says_what_it_was_made_of(name, seeds):
    figure = MAKERS[name](frame(seeds=seeds, steps=3_000))
    assert isinstance(figure, Figure)
    assert figure.id == f"fig-{name}"
    assert figure.tag == f"CIFAR-10, 3,000 steps, {'one seed' if seeds == 1 else '3 seeds'}"
    assert figure.plot.get_figheight() <= 3.6
    assert len(figure.runs) == len(set(figure.runs)) >= 4 * seeds
    assert render(figure, "svg")["svg"].startswith(b"<svg")


def texts(figure):
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


def test_the_grid_has_four_rows_and_says_what_relu_is_worth_in_each():
    figure = ablations.grid(frame(spread=0.002), reference="softmax regression")
    assert [t.split(" ±")[0] for t in texts(figure) if t.startswith(("+", "−"))] == ["+0.3", "+0.5", "+29.0", "+45.0"]
    assert f"{'softmax regression'} 36.0\N{NO-BREAK SPACE}%" in texts(figure)
    assert len(figure.frame) == 9
    assert figure.title.startswith("The less else is nonlinear")
    assert figure.plot.get_figheight() <= 3.2  # on the first screen of a page


def test_the_title_of_the_grid_turns_with_the_results():
    falling = frame(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (conv > 0) * (pool > 0))
    assert ablations.grid(falling).title.startswith("What ReLU in the convolutional layers is worth")


def test_of_one_seed_there_is_no_interval():
    assert "no intervals" in ablations.grid(frame(seeds=1)).caption
    assert not any("±" in text for text in texts(ablations.grid(frame(seeds=1))))
    assert any("±" in text for text in texts(ablations.grid(frame())))


def test_a_part_of_the_grid_is_drawn_as_far_as_it_goes():
    part = frame(spread=0.002)[lambda f: f["study"] != "grid"]
    figure = ablations.grid(part)
    assert len(figure.frame) == 4
    assert [t.split(" ±")[0] for t in texts(figure) if t.startswith(("+", "−"))] == ["+0.3", "+45.0"]


def test_the_grid_shows_the_networks_with_normalization():
    figure = ablations.grid(frame(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (lrn > 0)))
    dots = [line.get_xdata()[0] for line in figure.plot.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(figure.frame) == 8
    assert dots == pytest.approx([0.6] * 8, abs=0.01)


def test_conv_relu_is_also_shown_at_the_step_of_the_others():
    longer = frame()
    others = ~longer["network"].isin([UNTOUCHED, "max pool, no conv ReLU"])
    figure = ablations.single_changes(longer[~others | (longer["step"] <= 10_000)])
    assert figure.frame["steps"].tolist() == [60_000, 10_000, 10_000, 10_000, 10_000]
    assert figure.frame["part"].nunique() == 4


def test_a_comparison_is_made_at_the_step_that_is_asked_for():
    figure = ablations.grid(frame(), step=10_000)
    assert figure.plot.axes[0].get_xlabel() == "test accuracy after 10,000 steps"
    assert "10,000 training steps" in figure.basis
    with pytest.raises(ValueError, match="step is 7000, but must be one at which all of untouched"):
        ablations.grid(frame(), step=7_000)


def test_parts_are_held_against_the_margin_that_is_asked_for():
    wide, narrow = (ablations.single_changes(frame(), margin=margin) for margin in (0.03, 0.0001))
    assert wide.title == "Alone, ReLU in the convolutional layers can go: the difference is almost nothing"
    assert narrow.title == "What ReLU in the convolutional layers is worth alone"
    band = wide.plot.axes[0].patches[0]
    assert to_hex(band.get_facecolor()) == style.PALE
    assert band.get_width() == pytest.approx(6)
    assert "within 3 points of no difference" in wide.caption
    assert "max-pools, not average-pools, 60,000 steps: +2.0 ± " in wide.alt


def test_raw_weights_can_be_compared_too():
    raw = frame()
    raw.loc[(raw["weights"] == "raw") & (raw["network"] == "average pool"), "accuracy"] -= 0.1
    assert "average-pools, 60,000 steps: +12.0 ± " in ablations.single_changes(raw, weights="raw").alt


def test_curves_have_a_dot_for_each_seed_and_a_line_for_what_is_reported():
    figure = curves(frame())
    (axes,) = figure.plot.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == 4 * 4 * 3  # networks, looks after the first 300 steps, seeds
    heights = {line.get_ydata()[0] for line in axes.lines if line.get_linestyle() != "-"}
    assert {0.834, 0.372} <= heights
    assert set(REPORTED) <= set(texts(figure))
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
    figure = curves(frame(lambda conv, dense, pool, lrn: literal if conv > 0 else linear, spread=0))
    assert figure.title.startswith(title)
