"""Figures of ReLU taken apart and of both orders: what is drawn is the frame, what is said is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from frames import of_study as frame
from relupool.experiments.studies import GATING, ORDER
from relupool.figures import gating as figures
from relupool.figures.figure import render
from relupool.verdicts import gating, orders_trained

GATES = dict(zip(GATING.networks, (0.70, 0.66, 0.69, 0.68, 0.69, 0.60, 0.66, 0.67), strict=True))
ORDERS = dict(zip(ORDER.networks, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.62), strict=True))


def lockstep(**parting: int | None) -> pd.DataFrame:
    """Pairs that part at a batch, by a millionth that grows, or never (None)."""
    parts = []
    for pair, batch in parting.items():
        step = np.arange(8)
        apart = np.where(step >= (99 if batch is None else batch), 10.0 ** (step - 6), 0.0)
        differ = 0 if batch is None else 7
        parts.append(
            pd.DataFrame({"pair": pair, "step": step, "first": 4.6, "second": 4.6, "difference": apart})
            .assign(weights_differ=differ, weights=10)
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


MADE = {
    "networks": lambda: figures.four_networks(frame(GATING, GATES)),
    "networks, one seed": lambda: figures.four_networks(frame(GATING, GATES, seeds=1)),
    "networks, diverged": lambda: figures.four_networks(frame(GATING, GATES, diverged=[("identity", 0)])),
    "networks, with LRN only": lambda: figures.four_networks(frame(GATING, dict(list(GATES.items())[:4]))),
    "effects": lambda: figures.effects(frame(GATING, GATES)),
    "effects, one seed": lambda: figures.effects(frame(GATING, GATES, seeds=1)),
    "orders": lambda: figures.orders(frame(ORDER, ORDERS)),
    "orders, one diverged": lambda: figures.orders(
        frame(ORDER, ORDERS, seeds=1, diverged=[("GELU and max, activation last", 0)])
    ),
    "parting": lambda: figures.parting(lockstep(kept=None, soon=1, late=5), basis="Made up."),
    "nothing parts": lambda: figures.parting(lockstep(kept=None, also=None), basis="Made up."),
}


@pytest.mark.parametrize("name", MADE)
def test_a_figure_renders_and_its_text_is_large_enough_and_inside(name):
    figure = MADE[name]()
    assert render(figure, "svg")["svg"].startswith(b"<svg")
    figure.plot.draw_without_rendering()
    width, height = figure.plot.bbox.width, figure.plot.bbox.height
    for axes in figure.plot.axes:
        for text in axes.texts:
            box = text.get_window_extent()
            assert text.get_fontsize() >= 9
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


def test_the_panels_hold_the_means_and_every_seed():
    rows = frame(GATING, GATES)
    figure = figures.four_networks(rows)
    for axes, label in zip(figure.plot.axes, gating.design(True), strict=True):
        ours = rows[(rows["network"] == label) & (rows["weights"] == "averaged") & (rows["step"] > 0)]
        mean = ours.groupby("step")["accuracy"].mean().to_numpy()
        assert any(np.array_equal(line.get_ydata(), mean) for line in axes.get_lines())
        dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
        assert any(set(line.get_ydata()) == set(ours["accuracy"]) for line in dots)
    assert "ReLU forward, gradient ungated, no LRN: 60.0" in figure.alt
    assert len(figure.runs) == 24


def test_a_network_that_diverged_keeps_its_panel():
    figure = MADE["networks, diverged"]()
    assert "Of 24 runs, 1 diverged: identity, seed 0, at step 300" in figure.caption
    always = figures.four_networks(frame(GATING, GATES, seeds=1, diverged=[("identity", 0)]))
    assert "identity: diverged" in always.alt


def test_effects_are_drawn_in_points_with_their_intervals():
    rows = frame(GATING, GATES)
    figure = figures.effects(rows)
    drawn = [tuple(np.ravel(line.get_xdata())) for line in figure.plot.axes[0].get_lines()]
    for row in gating.effects(rows).itertuples():
        assert any(x == pytest.approx((100 * row.mean,)) for x in drawn if len(x) == 1)
        assert any(x == pytest.approx((100 * row.low, 100 * row.high)) for x in drawn if len(x) == 2)
    assert "the gate, with LRN: +2.5 points" in figure.alt
    one = MADE["effects, one seed"]()
    assert "One seed each, so there are no intervals." in one.caption
    assert "mean over both forward passes" in one.caption


def test_effects_need_all_four_networks():
    with pytest.raises(ValueError, match="all four networks"):
        figures.effects(frame(GATING, {"ReLU": 0.7}))
    with pytest.raises(ValueError, match="study “gating”"):
        figures.four_networks(frame(ORDER, ORDERS))
    with pytest.raises(ValueError, match="study “order”"):
        figures.orders(frame(GATING, GATES))


def test_both_orders_share_a_panel_with_their_difference():
    figure = MADE["orders"]()
    for axes, pair in zip(figure.plot.axes, orders_trained.PAIRS, strict=True):
        assert axes.get_title(loc="left") == pair
    assert "ReLU and average: −4.0 points" in figure.alt
    assert "GELU and max: not finished" in MADE["orders, one diverged"]().alt


def test_equal_losses_lie_in_the_band_and_others_above_it():
    figure = MADE["parting"]()
    kept, soon, late = (line.get_ydata() for line in figure.plot.axes[0].get_lines()[:3])
    assert len(set(kept)) == 1
    assert soon[0] == kept[0] < soon[1] == pytest.approx(1e-5)
    assert late[4] == kept[0] < late[5]
    assert "kept: no difference; soon: from batch 1 on, by up to 10; late: from batch 5 on" in figure.caption
    assert "also: no difference" in MADE["nothing parts"]().caption
