"""What every figure of the book must be like: readable on a phone, at home on dark pages, told in words."""

from __future__ import annotations

import ast
import inspect
import itertools
import pkgutil
import re
from importlib import import_module

import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import drawn
import relupool.figures
from drawn import MAKERS, made
from relupool.figures import style
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
