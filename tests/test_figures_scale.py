"""Figures of the scale from nothing to ReLU: what is drawn is the frame, what is said is drawn."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from frames import AVERAGE, MAX
from frames import scale as frame
from relupool.experiments.studies import ACTIVATIONS
from relupool.figures import scale, style
from relupool.figures.bends import bends, shapes
from relupool.figures.figure import Figure, render
from relupool.measures.scale import scores

FRAMES = {
    "three seeds": lambda: frame(),
    "one seed": lambda: frame(seeds=1),
    "diverged": lambda: frame(diverged=("average pool, ELU", "max pool, ReLU")),
    "far out": lambda: frame(AVERAGE | {"tanh": 0.9, "sigmoid": 0.2}),
}
BENDS = bends(ACTIVATIONS)
DRAW: dict[str, Callable[..., Figure]] = {
    "slopes": scale.by_slope,
    "ruler": lambda f: scale.ruler(f, scores(f), BENDS),
}
WANTED = [*((kind, which) for kind in DRAW for which in FRAMES), ("ruler", "no scale")]
FRAMES["no scale"] = lambda: frame(AVERAGE | {"ReLU": AVERAGE["linear"]})


@cache
def made(kind: str, which: str = "three seeds") -> Figure:
    return shapes(ACTIVATIONS) if kind == "bends" else DRAW[kind](FRAMES[which]())


@pytest.fixture(params=[*WANTED, ("bends", "none")], ids=", ".join)
def figure(request) -> Figure:
    return made(*request.param)


def test_text_is_large_enough_and_stays_inside_without_overlap(figure):
    figure.plot.draw_without_rendering()
    boxes = []
    for text in figure.plot.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            assert text.get_fontsize() >= 10, text.get_text()
            boxes.append((text, text.get_window_extent()))
    page = Bbox.from_bounds(-1, -1, figure.plot.bbox.width + 2, figure.plot.bbox.height + 2)
    for text, box in boxes:
        assert page.containsx(box.x0) and page.containsx(box.x1), text.get_text()
        assert page.containsy(box.y0) and page.containsy(box.y1), text.get_text()
    for (a, one), (b, two) in itertools.combinations(boxes, 2):
        assert not one.padded(-1).overlaps(two.padded(-1)), (a.get_text(), b.get_text())


def test_figures_have_dark_twins_and_words(figure):
    svg = render(figure, "svg")["svg"].decode().split("</style>", 1)[1]
    assert set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg)) <= set(style.DARK)
    assert figure.plot.get_figwidth() == style.WIDTH
    assert len(figure.alt) > 60
    assert figure.caption.endswith(".") and figure.alt.endswith(".")
    assert not re.search(r"\d\.\d{3}", figure.caption + figure.alt)


def points(figure: Figure) -> set[tuple[float, float]]:
    lines = [line for axes in figure.plot.axes for line in axes.get_lines()]
    drawn = [pair for line in lines for pair in zip(line.get_xdata(), line.get_ydata(), strict=True)]
    return {(round(float(x), 9), round(float(y), 9)) for x, y in drawn}


def test_every_seed_of_every_slope_is_a_dot():
    figure, results = made("slopes"), frame()
    last = results[(results["step"] == results["steps"]) & (results["weights"] == "averaged")]
    for label, slope in {"linear": 1, "slope 0.2": 0.2, "ReLU": 0, "slope -0.5": -0.5, "absolute value": -1}.items():
        for pool in ("average", "max"):
            for accuracy in last.loc[last["network"] == f"{pool} pool, {label}", "accuracy"]:
                assert (slope, round(accuracy, 9)) in points(figure)
    assert len(figure.frame) == 6 * 2 * 3
    left, right = figure.plot.axes[0].get_xlim()
    assert left > 1 > -1 > right  # from nothing, on the left, to the absolute value


def test_the_ruler_draws_scores_intervals_and_seeds():
    figure, table = made("ruler"), scores(frame())
    assert figure.frame["score"].tolist() == sorted(table["score"], reverse=True)
    lines = figure.plot.axes[0].get_lines()
    for place, row in enumerate(figure.frame.itertuples()):
        there = [line.get_xdata() for line in lines if set(line.get_ydata()) == {place}]
        assert any(len(x) == 1 and x[0] == row.score for x in there)
        assert any(len(x) == 2 and tuple(x) == (row.low, row.high) for x in there)
        assert any(len(x) == 3 for x in there)
    assert f"tanh: {table.set_index('activation').loc['tanh', 'score']:.2f} (" in figure.alt
    assert "Fieller" in figure.caption


def test_the_title_says_who_lies_highest_and_whether_that_bends_most():
    assert made("ruler").title == "Absolute value lies highest, at 1.13, and bends most"
    assert made("ruler").frame["bend"].tolist() == [BENDS[name] for name in made("ruler").frame["activation"]]
    high = frame(AVERAGE | {"maxout, equal width": 0.7})
    assert scale.ruler(high, scores(high), BENDS).title.startswith("Maxout lies highest, at 1.43, though the absolute")


def test_a_ruler_without_scale_draws_no_scores():
    figure = made("ruler", "no scale")
    assert "no bounds" in figure.alt
    assert figure.title == "Here there is no scale"
    assert not [line for line in figure.plot.axes[0].get_lines() if line.get_marker() in ("o", "<", ">")]
    assert "ELU: not finished" in made("ruler", "diverged").alt


def test_scores_that_lie_far_out_are_arrows_at_the_edge():
    markers = {line.get_marker() for line in made("ruler", "far out").plot.axes[0].get_lines()}
    assert markers == {"o", "None"}  # up to 2.5 and down to -1 there is room
    beyond = frame(AVERAGE | {"ReLU": 0.4, "tanh": 0.9, "sigmoid": 0.1}, spread=0.001)
    figure = scale.ruler(beyond, scores(beyond), BENDS)
    low, high = figure.plot.axes[0].get_xlim()
    assert (low, high) == (scale.LEFT, scale.RIGHT)
    arrows = {line.get_marker(): line.get_xdata()[0] for line in figure.plot.axes[0].get_lines()}
    assert (arrows["<"], arrows[">"]) == (low, high)


def test_one_seed_has_no_interval_anywhere():
    for kind in ("slopes", "ruler"):
        assert "±" not in made(kind, "one seed").alt
    assert "One seed each, so there are no intervals." in made("ruler", "one seed").caption
    assert "to" not in re.findall(r"tanh: [^;]*", made("ruler", "one seed").alt)[0]


def test_captions_name_what_diverged():
    for kind in ("slopes", "ruler"):
        assert "average pool, ELU, seed 0, at step 400" in made(kind, "diverged").caption


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: scale.by_slope(frame({"tanh": 0.5}, {})), "finished runs of a leaky slope"),
        (lambda: scale.by_slope(frame(), weights="mean"), "weights is 'mean'"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_made_up_accuracies_are_those_of_the_study():
    assert AVERAGE.keys() == MAX.keys() == ACTIVATIONS.keys()
    assert np.isfinite(frame()["accuracy"]).all()
