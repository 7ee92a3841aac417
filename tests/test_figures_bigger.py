"""Figures of bigger networks, read from their artists."""

from __future__ import annotations

import numpy as np
import pytest

from frames import bigger
from relupool.figures.bigger import losses_beside_published, relu_fractions
from relupool.figures.figure import render
from relupool.measures.bigger import FAMILIES, fractions
from relupool.measures.published import RELUS_REMOVED


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
    assert [t.get_text().replace("\xa0", " ") for t in axes.get_xticklabels()] == ["all", "half", "a tenth", "none"]
    assert ("no intervals" in figure.caption) == (seeds == 1)
    assert (
        figure.title
        == "ResNet-20 loses 25.0 points without half of its ReLUs, 45.0 without nine in ten and 50.0 without any"
    )
    assert len(figure.runs) == 12 * seeds
    assert render(figure, "svg")["svg"]


def test_softmax_regression_is_a_line_across():
    frame = bigger(seeds=1)
    figure = relu_fractions(frame, fractions(frame), linear=0.369)
    assert [0.369, 0.369] in [line.get_ydata() for line in figure.plot.axes[0].lines]
    assert any("softmax regression 36.9" in text for text in drawn(figure))
    assert not any("softmax" in text for text in drawn(relu_fractions(frame, fractions(frame))))


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
    assert {"50.0  nothing", "12.0  max-pools", "51.6  one max-pool", "43.7  nothing", "6.7  products"} <= said
    rows = figure.frame
    assert rows["published"].sum() == len(RELUS_REMOVED)
    assert (~rows["published"]).sum() == len(FAMILIES)
    multiplies = rows["still nonlinear"] == "products"
    assert set(rows.loc[multiplies, "kind"]).isdisjoint(rows.loc[~multiplies, "kind"])
    assert "one seed each" in figure.caption and figure.tag.startswith("published; this book: CIFAR-10")


def test_losses_can_be_drawn_without_any_of_this_book():
    frame = bigger()
    figure = losses_beside_published(frame, fractions(frame.head(0)), RELUS_REMOVED)
    assert figure.basis == "Published figures only."
    assert not figure.runs
