"""The figures on all-negative windows say what their frames hold."""

from __future__ import annotations

import pandas as pd

from relupool.figures import windows as figures
from relupool.theory import orthant


def test_the_caption_counts_the_intervals_that_hold_the_computed_value():
    curves = orthant.curves([4, 9], rhos=[0.0, 0.5, 1.0], means=[0.0])
    drawn = orthant.simulated([4, 9], rhos=[0.0, 0.5], trials=1000)
    drawn.loc[0, ["low", "high"]] = drawn.loc[0, "all_negative"]
    figure = figures.correlation(curves, drawn)
    held = sum(
        row.low <= orthant.all_negative(row.values, rho=row.rho) <= row.high for row in drawn.itertuples(index=False)
    )
    assert f"of these 4 intervals {held} hold the computed value" in figure.caption
    assert "4 values: 6.3\N{NO-BREAK SPACE}% at 0" in figure.caption
    assert len(figure.plot.axes[0].get_legend().get_texts()) == 2


def test_the_marked_mean_is_read_off_the_curves():
    figure = figures.bias(orthant.curves([9], rhos=[0.0, 1.0], means=[-3.0, -1.0, 0.0, 3.0]), mean=-1.0)
    assert "at a mean of −1 standard deviations, correlation 0: 21.1" in figure.caption
    assert "correlation 1: 84.1" in figure.caption


def test_the_mean_of_direct_neighbours_is_told():
    frame = pd.DataFrame(
        {"layer": "conv1", "channel": [0, 1] * 2, "distance": [1.0, 1.0, 2.0, 2.0], "correlation": [0.9, 0.7, 0.2, 0.1]}
    )
    figure = figures.neighbours(frame, basis="Made up for a test.")
    assert "for direct neighbours conv1: 0.80." in figure.caption


def test_channels_are_followed_from_the_first_step_to_the_last():
    rows = [
        (layer, c, step, 0.5 + step / 40, step / 20) for layer in ("conv1", "conv2") for c in (0, 1) for step in (0, 10)
    ]
    frame = pd.DataFrame(rows, columns=["layer", "channel", "step", "negative", "all_negative"])
    curves = orthant.by_share(9, rhos=[0.0, 1.0], shares=[0.1, 0.5, 0.9])
    figure = figures.channels(frame, curves, basis="Made up for a test.", id="fig-channels", runs=("key",))
    assert "conv1: from 0\N{NO-BREAK SPACE}% to 50\N{NO-BREAK SPACE}%" in figure.caption
    assert "a correlation of 0 and 1" in figure.caption
    assert [axes.get_title(loc="left") or axes.get_title() for axes in figure.plot.axes] == ["conv1", "conv2"]
