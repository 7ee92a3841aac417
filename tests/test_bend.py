"""Bends of activations: closed forms against lines fitted to numbers that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from relupool.experiments.networks import LeakyReLU
from relupool.experiments.studies import ACTIVATIONS
from relupool.figures.bends import bends, curve, shapes
from relupool.theory import activations
from relupool.theory.bend import bend_of_maxout, bend_of_slope, closest_line, leaky


@pytest.mark.parametrize("scale", [0.3, 1.0, 20.0])
@pytest.mark.parametrize("slope", [1, 0.5, 0.2, 0, -0.5, -1, 3])
def test_the_bend_of_a_slope_is_its_formula_at_every_scale(slope, scale):
    assert closest_line(leaky(slope), scale=scale).bend == pytest.approx(bend_of_slope(slope), abs=1e-8)


def test_ends_of_the_road():
    assert bend_of_slope(1) == 0
    assert bend_of_slope(-1) == 1
    assert bend_of_slope(0) == pytest.approx((np.pi - 2) / (2 * np.pi - 2))
    rising = [bend_of_slope(slope) for slope in np.linspace(1, -1, 21)]
    assert rising == sorted(rising)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "relu"])
def test_the_closest_line_is_the_regression_on_drawn_numbers(name):
    x = np.random.default_rng(0).normal(0, 2, 400_000)
    fit, line = linregress(x, activations.ACTIVATIONS[name](x)), closest_line(activations.ACTIVATIONS[name], scale=2)
    assert (line.slope, line.offset) == pytest.approx((fit.slope, fit.intercept), abs=5e-3)
    assert line.bend == pytest.approx(1 - fit.rvalue**2, abs=5e-3)


def test_maxout_of_two_bends_like_relu():
    pair = np.random.default_rng(1).normal(size=(2, 400_000))
    larger, terms = pair.max(axis=0), np.column_stack([*pair, np.ones(400_000)])
    left = larger - terms @ np.linalg.lstsq(terms, larger)[0]
    assert bend_of_maxout() == pytest.approx(left.var() / larger.var(), abs=3e-3)
    assert bend_of_maxout() == pytest.approx(bend_of_slope(0))


def test_leaky_is_what_the_networks_apply():
    x = np.linspace(-3, 3, 61)
    np.testing.assert_array_equal(leaky(0)(x), activations.ACTIVATIONS["relu"](x))
    np.testing.assert_allclose(leaky(0.2)(x), activations.ACTIVATIONS["leaky_relu"](x))
    np.testing.assert_array_equal(leaky(-1)(x), np.abs(x))
    np.testing.assert_array_equal(curve(LeakyReLU(0.5))(x), leaky(0.5)(x))
    np.testing.assert_array_equal(curve(None)(x), x)
    assert leaky(0.3).slope(np.array([-1.0, 1.0])).tolist() == [0.3, 1.0]


def test_the_figure_says_the_bends_of_all_that_take_one_number():
    found, figure = bends(ACTIVATIONS), shapes(ACTIVATIONS)
    drawn = figure.frame.groupby("activation", sort=False)["value"].count()
    assert set(drawn.index) == {name for name in ACTIVATIONS if "maxout" not in name}
    assert found[drawn.index].is_monotonic_increasing
    assert figure.title.startswith("From straight to all bend: sigmoid 1.6")
    assert "ReLU: 26.7\xa0%" in figure.alt
    assert "slope −0.5: 76.6\xa0%" in figure.alt
    assert found["maxout, equal width"] == pytest.approx(found["ReLU"])
    assert "standard deviation 4" in shapes(ACTIVATIONS, scale=4.0).caption
    assert figure.alt != shapes(ACTIVATIONS, scale=4.0).alt
