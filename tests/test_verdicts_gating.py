"""ReLU taken apart: the effects add up, and have their intervals."""

from __future__ import annotations

import pytest
from scipy import stats

from frames import of_study as frame
from relupool.experiments.studies import GATING, UNGATED_BEHIND
from relupool.thresholds import ONE_SEED
from relupool.verdicts import gating

LABELS = list(GATING.networks)


def ends(with_lrn, without=None):
    """Accuracies of ReLU, ReLU ungated, identity gated, identity, with normalization and without."""
    return dict(zip(LABELS, (*with_lrn, *(without or with_lrn)), strict=True))


GATE_WORKS = (0.70, 0.62, 0.70, 0.62)


def made(with_lrn, without=None, **changes):
    return frame(GATING, ends(with_lrn, without), **changes)


def test_the_labels_are_the_studies():
    assert [*gating.design(True), *gating.design(False)] == LABELS
    assert list(gating.design(True).values()) == [(1, 1), (1, -1), (-1, 1), (-1, -1)]


def test_effects_by_hand():
    table = gating.effects(made((0.70, 0.60, 0.66, 0.64), spread=0)).set_index(["lrn", "effect"])["mean"]
    for lrn in (True, False):
        assert table[lrn, gating.GATE] == pytest.approx((0.10 + 0.02) / 2)
        assert table[lrn, gating.FORWARD] == pytest.approx((0.04 - 0.04) / 2)
        assert table[lrn, gating.BOTH] == pytest.approx(0.10 - 0.02)
        assert table[lrn, gating.WHOLE] == pytest.approx(0.70 - 0.64)


def test_gate_and_forward_add_up_to_relu_seed_by_seed():
    wide = gating.per_seed(made((0.7, 0.61, 0.66, 0.63), (0.5, 0.55, 0.4, 0.1), spread=0.05)).pivot(
        index=["lrn", "seed"], columns="effect", values="accuracy"
    )
    assert len(wide) == 6
    assert (wide[gating.GATE] + wide[gating.FORWARD]).to_numpy() == pytest.approx(wide[gating.WHOLE].to_numpy())


def test_the_interval_is_students_over_paired_seeds():
    results = made(GATE_WORKS, spread=0.3)
    seeds = gating.per_seed(results).query("lrn and effect == @gating.GATE")["accuracy"].astype(float)
    row = gating.effects(results).query("lrn and effect == @gating.GATE").iloc[0]
    low, high = stats.t.interval(0.95, 2, loc=seeds.mean(), scale=stats.sem(seeds))
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["high"] - row["low"] < 0.1  # the seeds' own spread, 0.3, cancels


def test_one_seed_is_allowed_two_points_and_says_so():
    found = gating.effect(made(GATE_WORKS, seeds=1), gating.GATE, lrn=True)
    assert found.high - found.low == pytest.approx(2 * ONE_SEED)
    assert "±" not in found.signed_points
    assert found.basis == "one seed, 2,000 steps, its spread by assumption"


def test_what_is_missing_or_diverged_has_no_effect():
    gone = LABELS[1]
    diverged = made(GATE_WORKS, diverged=[(gone, seed) for seed in range(3)])
    assert gating.effect(diverged, gating.GATE, lrn=True) is None
    assert gating.effect(diverged, gating.GATE, lrn=False).low > 0
    assert gating.table(diverged)["n"].tolist() == [3, 0, *[3] * 6]
    without = made(GATE_WORKS)[lambda f: f["network"] != gone]
    assert gating.effect(without, gating.GATE, lrn=True) is None
    assert len(gating.table(without)) == 7
    nothing = made(GATE_WORKS)[lambda f: f["network"] == "identity"]
    assert gating.effects(nothing).empty


def test_a_seed_that_one_network_lacks_does_not_count():
    results = made(GATE_WORKS, diverged=[("identity", 2)])
    assert gating.effects(results).set_index(["lrn", "effect"])["n"].tolist() == [2] * 4 + [3] * 4


def behind(accuracy, *, seeds=3, steps=2_000):
    return frame(UNGATED_BEHIND, dict.fromkeys(UNGATED_BEHIND.networks, accuracy), seeds=seeds, steps=steps)


def test_the_right_address_turns_with_the_results():
    gates = made(GATE_WORKS)
    better, worse = (gating.right_address(gates, behind(accuracy)) for accuracy in (0.9, 0.1))
    assert "behind them at 90.0 %: +" in better and "3 seeds, 2,000 steps" in better
    assert "behind them at 10.0 %: −" in worse
    assert gating.right_address(gates, None) == "That network has not been trained."
    assert "after the same number of steps" in gating.right_address(gates, behind(0.9, steps=100))


def test_a_network_that_its_wrong_gradient_ruins_makes_both_effects_large_where_relu_gains_nothing():
    ruined = made((0.70, 0.10, 0.70, 0.70))
    assert gating.effect(ruined, gating.GATE, lrn=True).mean == pytest.approx(0.30, abs=0.01)
    assert gating.effect(ruined, gating.FORWARD, lrn=True).mean == pytest.approx(-0.30, abs=0.01)
    assert gating.effect(ruined, gating.WHOLE, lrn=True).mean == pytest.approx(0, abs=0.01)
