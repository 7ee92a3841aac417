"""Figures of bigger and deeper networks, read from their artists."""

from __future__ import annotations

import numpy as np
import pytest

from frames import bigger, deeper
from relupool.figures.bigger import depth, losses_beside_published, relu_fractions
from relupool.figures.figure import render
from relupool.verdicts.bigger import FAMILIES, fractions
from relupool.verdicts.depth import depths
from relupool.verdicts.documented import RELUS_REMOVED


def drawn(figure):
    return {text.get_text().replace("\n", " ") for axes in figure.plot.axes for text in axes.texts}


@pytest.mark.parametrize("seeds", [1, 3])
def test_lines_are_the_means_by_fraction(seeds):
    frame = bigger(seeds=seeds)
    table = fractions(frame)
    figure = relu_fractions(frame, table)
    (axes,) = figure.plot.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 4 and line.get_linestyle() == "-"]
    assert len(lines) == len(FAMILIES)
    for family, line in zip(FAMILIES, lines, strict=True):
        rows = table[table["family"] == family].sort_values("fraction", ascending=False)
        np.testing.assert_allclose(line.get_ydata(), rows["mean"])
    assert [t.get_text().replace("\xa0", " ") for t in axes.get_xticklabels()] == ["all", "50 %", "10 %", "none"]
    assert ("no intervals" in figure.caption) == (seeds == 1)
    assert "64,000 steps" in figure.caption
    assert len(figure.runs) == 12 * seeds
    assert render(figure, "svg")["svg"]


def test_one_network_and_a_diverged_one_can_be_drawn():
    one = bigger(seeds=1)[lambda f: f["network"] == "ResNet-20, half the ReLUs"]
    assert "ResNet-20" in relu_fractions(one, fractions(one)).alt
    lame = bigger(diverged=("ResNet-20, no ReLU",))
    assert "diverged" in relu_fractions(lame, fractions(lame)).caption
    with pytest.raises(ValueError, match="table"):
        relu_fractions(one, fractions(one.head(0)))


def test_losses_stand_beside_the_published_ones():
    frame = bigger(seeds=1)
    figure = losses_beside_published(frame, fractions(frame), RELUS_REMOVED)
    said = drawn(figure)
    assert {"50.0", "45.0", "12.0", "51.6", "43.7"} <= said  # ours, and ResNet-18's and CaffeNet's of the literature
    rows = figure.frame
    assert rows["kind"].str.startswith("published").sum() == len(RELUS_REMOVED)
    assert (rows["kind"] == "measured here").sum() == 9
    assert "one seed each" in figure.caption


def test_losses_can_be_drawn_without_any_of_this_book():
    frame = bigger()
    figure = losses_beside_published(frame, fractions(frame.head(0)), RELUS_REMOVED)
    assert figure.basis == "Published figures only."
    assert not figure.runs


@pytest.mark.parametrize("seeds", [1, 3])
def test_depth_has_a_line_with_relu_and_one_without(seeds):
    frame = deeper(seeds=seeds)
    table = depths(frame)
    figure = depth(frame, table)
    (axes,) = figure.plot.axes
    lines = [line for line in axes.lines if line.get_linestyle() == "-"]
    assert [line.get_xdata().tolist() for line in lines] == [[2, 3, 4, 5, 6]] * 2
    np.testing.assert_allclose(lines[0].get_ydata(), [0.7, 0.72, 0.74, 0.76, 0.78], atol=1e-3)
    assert any("with ReLU" in text for text in drawn(figure))
    with pytest.raises(ValueError, match="table"):
        depth(frame, table.head(0))
