"""The figures of the road from average to maximum show their frames, and judge the bound by them."""

from __future__ import annotations

import numpy as np

from relupool.figures import soft_maximum as figures
from relupool.theory import soft_maximum

BETAS = np.geomspace(0.01, 100, 21)


def test_the_road_names_its_ends():
    window = np.array([-2.0, 1.0, 2.5, 0.5])
    frame = soft_maximum.path("relu", window, betas=BETAS)
    figure = figures.average_to_max(frame, window=window)
    gaps = frame.pivot(index="beta", columns="order", values="value").diff(axis=1)["pool first"].abs()
    assert f"the two orders are {gaps.iloc[0]:.2g} apart" in figure.caption
    solid, dashed = figure.plot.axes[0].lines
    assert (solid.get_ydata() >= dashed.get_ydata()).all()  # Jensen


def test_the_bound_is_drawn_and_judged():
    x = soft_maximum.windows(300, n=9)
    frame = soft_maximum.largest_gaps(["relu", "softplus", "gelu"], x, betas=BETAS)
    figure = figures.log_mean_exp_gap(frame, n=9, trials=300)
    assert figure.title == "The gap closes for ReLU, and not for GELU"
    dotted = figure.plot.axes[0].lines[0]
    np.testing.assert_allclose(dotted.get_ydata(), np.log(9) / dotted.get_xdata())
    steep = frame.assign(gap=np.where(frame["activation"] == "relu", 2 * frame["bound"], frame["gap"]))
    assert figures.log_mean_exp_gap(steep, n=9, trials=300).title == "How far apart the two orders can be"
