"""Figures of ReLU taken apart and of both orders: what is drawn is the frame, what is said is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from frames import of_study as frame
from relupool.experiments.studies import GATING, GATING_WHERE_IT_GAINS, ORDER, UNGATED_BEHIND
from relupool.figures import gating as figures
from relupool.figures.figure import render
from relupool.verdicts import orders_trained

FALSE = ("identity forward, gradient gated", "ReLU ungated, behind the pools")


def first(**how) -> pd.DataFrame:
    """What the left panel shows: the study of the gates, and its network behind the pools."""
    gates = dict(zip(GATING.networks, (0.70, 0.40, 0.69, 0.71, 0.70, 0.30, 0.69, 0.71), strict=True))
    return pd.concat(
        [frame(GATING, gates, **how), frame(UNGATED_BEHIND, dict.fromkeys(UNGATED_BEHIND.networks, 0.45), **how)]
    )


def second(*ends: float, diverged: tuple[str, ...] = FALSE) -> pd.DataFrame:
    """What the right panel shows, where networks diverge in every seed."""
    gone = [(label, seed) for label in diverged for seed in range(3)]
    return frame(GATING_WHERE_IT_GAINS, dict(zip(GATING_WHERE_IT_GAINS.networks, ends, strict=True)), diverged=gone)


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
    "gates": lambda: figures.gates(first(), second(0.77, 0.7, 0.7, 0.75)),
    "gates, the first study alone": lambda: figures.gates(first()),
    "gates, one seed": lambda: figures.gates(first(seeds=1)),
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


def test_each_network_has_its_mean_its_interval_and_its_words():
    figure = MADE["gates"]()
    rows = figure.frame[figure.frame["n"] > 0]
    for axes, (_, ours) in zip(figure.plot.axes, rows.groupby("panel", sort=False), strict=True):
        drawn = [tuple(np.ravel(line.get_xdata())) for line in axes.get_lines()]
        for row in ours.itertuples():
            assert any(x == pytest.approx((row.mean,)) for x in drawn if len(x) == 1)
            assert any(x == pytest.approx((row.low, row.high)) for x in drawn if len(x) == 2)
    assert "ReLU without its gate: diverged, 3 of 3 seeds" in figure.alt
    assert "and 6 runs diverged" in figure.caption
    assert len(figure.runs) == 24


def test_the_title_turns_with_the_networks_that_follow_anothers_gradient():
    assert (
        "No network did better with a gradient that is not its own." in MADE["gates, the first study alone"]().caption
    )
    fine = figures.gates(first(), second(0.77, 0.78, 0.76, 0.75, diverged=()))
    assert "Some network did better" in fine.caption


def test_a_figure_of_orders_needs_its_study():
    with pytest.raises(ValueError, match="study “order”"):
        figures.orders(first())


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
