"""Figures of ReLU taken apart: what is drawn is the frame, what is said is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drawn import check_texts
from frames import of_study as frame
from relupool.experiments.studies import GATING, GATING_WHERE_IT_GAINS, UNGATED_BEHIND
from relupool.figures import gating as figures
from relupool.figures.figure import render

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


MADE = {
    "gates": lambda: figures.gates(first(), second(0.77, 0.7, 0.7, 0.75)),
    "gates, the first study alone": lambda: figures.gates(first()),
    "gates, one seed": lambda: figures.gates(first(seeds=1)),
}


@pytest.mark.parametrize("name", MADE)
def test_a_figure_renders_and_its_text_is_large_enough_and_inside(name):
    figure = MADE[name]()
    assert render(figure, "svg")["svg"].startswith(b"<svg")
    check_texts(figure)


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
