"""The figures on all-negative windows draw their frames and say what they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from frames import of_study
from relupool.experiments.studies import SEEDS
from relupool.figures import windows as figures
from relupool.figures.figure import render
from relupool.theory import orthant

RUNS = of_study(SEEDS, {"untouched": 0.8}, seeds=2)


def channels(conv1: float, conv2: float) -> pd.DataFrame:
    """Two channels of two seeds, whose share grows from 0.2 to what is given; those of seed 1 are 0.1 higher."""
    return pd.DataFrame(
        [
            {"seed": seed, "layer": layer, "channel": channel, "step": step, "negative": 0.9,
             "all_negative": (end if step else 0.2) + 0.1 * seed}
            for seed in (0, 1) for layer, end in (("conv1", conv1), ("conv2", conv2))
            for channel in (0, 1) for step in (0, 1_000)
        ]
    )  # fmt: skip


def test_lines_are_means_over_channels_and_seeds_and_bands_hold_the_seeds():
    figure = figures.over_training(channels(0.3, 0.7), runs=RUNS)
    first, second, chance = figure.plot.axes[0].get_lines()
    assert (first.get_ydata().tolist(), second.get_ydata()[-1]) == (pytest.approx([0.25, 0.35]), pytest.approx(0.75))
    assert set(chance.get_ydata()) == {2.0**-9}
    assert figure.frame[["min", "max"]].iloc[-1].tolist() == pytest.approx([0.7, 0.8])
    assert figure.title == (
        "ReLU acts on 35\N{NO-BREAK SPACE}% of the windows after conv1 and 75\N{NO-BREAK SPACE}% after conv2"
    )
    assert figures.over_training(channels(0.3, 0.7), runs=RUNS, has_relu=False).title.startswith("ReLU would act on")
    assert "At the end: 35\N{NO-BREAK SPACE}% after conv1 and 75\N{NO-BREAK SPACE}% after conv2." in figure.alt
    assert figure.plot.get_figheight() <= 3.2
    assert render(figure, "svg")["svg"].startswith(b"<svg")


@pytest.mark.parametrize("values", [2, 9, 25])
def test_only_the_last_bar_is_marked_with_its_chance(values):
    chances = {f"correlation {rho}": orthant.negatives(values, rho=rho) for rho in (0.0, 0.5, 1.0)}
    figure = figures.signs(chances)
    for axes, chance in zip(figure.plot.axes, chances.values(), strict=True):
        heights = [bar.get_height() for bar in axes.patches]
        np.testing.assert_allclose(heights, chance)
        assert len({bar.get_facecolor() for bar in axes.patches[:-1]}) == 1
        assert axes.patches[-1].get_facecolor() != axes.patches[0].get_facecolor()
    assert f"How many of {values} normal values" in figure.caption


def test_channels_of_one_seed_are_shown_first_and_last():
    curves = orthant.by_share(9, rhos=[0.0, 1.0], shares=[0.1, 0.5, 0.9])
    figure = figures.channels(channels(0.3, 0.7), curves, runs=RUNS, seed=1)
    for axes, end in zip(figure.plot.axes, (0.4, 0.8), strict=True):
        start, last = axes.get_lines()[-2:]
        assert (start.get_ydata().tolist(), last.get_ydata().tolist()) == (
            pytest.approx([0.3] * 2),
            pytest.approx([end] * 2),
        )
    assert "conv2, step 1,000: 90\N{NO-BREAK SPACE}% of values, 80\N{NO-BREAK SPACE}% of windows" in figure.alt
    assert len(figure.runs) == 1
    assert set(figure.frame["seed"]) == {1}
