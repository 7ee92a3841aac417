"""What every figure of the book must be like: readable on a phone, at home on dark pages, told in words."""

from __future__ import annotations

import ast
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import drawn
import frames
import relupool.figures
from drawn import MAKERS, made
from relupool.experiments.studies import ORDER
from relupool.figures import ablations, order, style
from relupool.figures.figure import Figure, render

SMALL = ("fig-log-mean-exp-gap", "fig-activation-graphs", "fig-rounding-bends")
"""Figures of small numbers, which need more digits."""


@pytest.fixture(params=MAKERS)
def figure(request) -> Figure:
    return made(request.param)


def boxes(figure: Figure) -> dict[Text, Bbox]:
    """The pieces of text that are really drawn, and where."""
    seen = {}
    draw = Text.draw

    def record(text, renderer, *args, **kwargs):
        if text.get_visible() and text.get_text().strip():
            seen[text] = text.get_window_extent(renderer)
        draw(text, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch, style.scoped():
        patch.setattr(Text, "draw", record)
        figure.plot.draw_without_rendering()
    return seen


def test_text_is_whole_large_enough_for_a_phone_and_never_overlaps(figure):
    where = boxes(figure)
    width, height = figure.plot.bbox.size
    for text, box in where.items():
        assert text.get_fontsize() >= style.SMALLEST - 0.5, text.get_text()  # 7 pixels where the page is 360 wide
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -1, text.get_text()
    for (a, box_a), (b, box_b) in itertools.combinations(where.items(), 2):
        assert not box_a.padded(-1).overlaps(box_b.padded(-1)), (a.get_text(), b.get_text())


def test_it_is_at_home_on_dark_pages_and_told_in_words(figure):
    svg = render(figure, "svg")["svg"].decode().split("</style>", 1)[1]
    assert set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg)) <= set(style.DARK)
    assert figure.plot.get_figwidth() == style.WIDTH
    assert len(figure.alt) > 60
    assert re.fullmatch(r"fig(-[a-z0-9]+)+", figure.id)
    if figure.id not in SMALL:
        assert not re.search(r"\d\.\d{3}", figure.caption + figure.alt)  # no number with more digits than it deserves
    assert figure.title and figure.tag
    assert figure.caption.endswith(".") and figure.alt.endswith(".")
    assert "  " not in figure.caption + figure.alt + figure.basis
    assert len(figure.runs) == len(set(figure.runs))


@pytest.mark.parametrize("name", [name for name in MAKERS if name.endswith("one seed")])
def test_one_seed_has_no_interval(name):
    assert "±" not in made(name).alt + "".join(drawn.texts(made(name)))
    assert "seed for each network" in made(name).basis


def ends(literal: float, linear: float) -> pd.DataFrame:
    return frames.grid(lambda conv, dense, pool, lrn: literal if conv > 0 else linear, spread=0)


def both() -> pd.DataFrame:
    """ReLU in the convolutions is worth something among max-pools alone."""
    return frames.grid(lambda conv, dense, pool, lrn: 0.5 + 0.1 * (conv + pool > 1))


def orders(function: Callable[[pd.DataFrame], Figure], *changed: float) -> Figure:
    return function(frames.of_study(ORDER, drawn.ORDER_ENDS | dict(zip(AVERAGED, changed, strict=False))))


AVERAGED = ("ReLU and average, activation last", "ReLU and average, activation first")
TITLES: list[tuple[Callable[[], Figure], str]] = [
    (lambda: made("jensen"), "Where the graph bends, averaging last gives more"),
    (lambda: drawn.jensen("log_sigmoid"), "Where the graph bends, averaging last gives less"),
    (lambda: made("jensen, a line"), "On a straight line both orders meet"),
    (lambda: made("log-mean-exp gap"), "The gap closes for ReLU, and not for GELU"),
    (lambda: drawn.gaps(steep=True), "How far apart the two orders can be"),
    (lambda: made("regions, line"), "Together they fold less than either alone"),
    (lambda: drawn.folds([0.1, 0.2, 0.3, 0.6]), "Together they fold less than max alone"),
    (lambda: drawn.folds([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), "Not every fold is left where both are"),
    (lambda: drawn.both_orders("relu"), "Both orders give the same numbers"),
    (lambda: drawn.both_orders("gelu"), "Both orders give different numbers"),
    (lambda: made("falls"), "As computed, saw falls"),
    (lambda: drawn.falls(np.tanh), "Here the computed saw does not fall"),
    (lambda: made("grid"), "The less else is nonlinear, the more ReLU is worth"),
    (lambda: ablations.grid(both()), "What ReLU in the convolutional layers is worth"),
    (lambda: drawn.curves(ends(0.8, 0.37)), "Without ReLU the reported accuracy is met"),
    (lambda: drawn.curves(ends(0.834, 0.372)), "The question's two numbers, met"),
    (lambda: drawn.curves(ends(0.6, 0.5)), "The question's two numbers, and what training gives"),
    (lambda: made("ReLU fractions"), "ResNet-20 loses 45.0 points with one in ten of its ReLUs and 50.0 with none"),
    (lambda: made("order alone"), "By themselves, tanh and the pool take up to 3.0 times as long with the activation"),
    (lambda: made("order step"), "Of a training step, pooling first saves 20.0 % with tanh, with ReLU nothing that"),
    (lambda: drawn.savings((1.0, 0.9, 1.1)), "With ReLU and tanh pooling first saves nothing that could be told"),
    (lambda: made("step profile"), "With ReLU, convolutions take 50 % of a training step"),
    (lambda: made("gates"), "No network did better with another function’s gradient, and 6 runs diverged"),
    (lambda: drawn.all_gates(0.77, 0.78, 0.76, 0.75), "Some network did better with another function’s gradient"),
    (lambda: orders(order.trained), "With averages, ReLU belongs before the pool"),
    (lambda: orders(order.trained, 0.7), "The same network in both orders"),
    (lambda: orders(order.over_training), "Averaging before ReLU costs 4"),
    (lambda: orders(order.over_training, 0.5, 0.5), "Averaging before ReLU may or may not cost"),
    (lambda: made("ruler"), "Absolute value lies highest, at 1.13, and bends most"),
    (lambda: drawn.ruler(frames.scale(frames.AVERAGE | {"maxout, equal width": 0.7})), "Maxout lies highest, at 1.43, "
     "though the absolute value bends most"),
    (lambda: made("ruler, no scale"), "Here there is no scale"),
    (lambda: made("all-negative windows"), "ReLU acts on 35 % of the windows after conv1 and 75 %"),
    (lambda: drawn.all_negative(has_relu=False), "ReLU would act on 35 %"),
]  # fmt: skip


@pytest.mark.parametrize(("maker", "title"), TITLES, ids=[title for _, title in TITLES])
def test_titles_turn_with_the_numbers(maker, title):
    assert maker().title.replace("\xa0", " ").startswith(title)


def test_every_maker_is_in_the_list():
    """A figure that is added is tested for what all have in common, or this fails."""
    makers = {
        name
        for module in pkgutil.iter_modules(relupool.figures.__path__)
        for name, function in inspect.getmembers(import_module(f"relupool.figures.{module.name}"), inspect.isfunction)
        if function.__annotations__.get("return") == "Figure" and not name.startswith("_")
    }
    tree = ast.parse(inspect.getsource(drawn))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert makers <= called
