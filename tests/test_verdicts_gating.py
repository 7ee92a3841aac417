"""ReLU taken apart: the effects add up, the verdict follows its rule, and turns with the data."""

from __future__ import annotations

import pytest
from scipy import stats

from frames import of_study as frame
from relupool.experiments.studies import GATING, UNGATED_BEHIND
from relupool.verdicts import gating
from relupool.verdicts.rules import HALF, ONE_SEED, POINT

LABELS = list(GATING.networks)


def ends(with_lrn, without=None):
    """Accuracies of ReLU, ReLU ungated, identity gated, identity, with normalization and without."""
    return dict(zip(LABELS, (*with_lrn, *(without or with_lrn)), strict=True))


GATE_WORKS = (0.70, 0.62, 0.70, 0.62)
FORWARD_WORKS = (0.70, 0.70, 0.62, 0.62)
NOTHING_WORKS = (0.70, 0.70, 0.70, 0.70)


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


def test_the_verdict_turns_with_the_data():
    assert gating.blocking(made(GATE_WORKS)).words == "holds under a condition: 2,000 steps"
    assert gating.blocking(made(GATE_WORKS, steps=100_000)).words == "holds"
    assert gating.blocking(made(FORWARD_WORKS)).words == "fails: with 2,000 steps"
    assert gating.blocking(made(tuple(reversed(GATE_WORKS)))).verdict == "fails"  # the gate does harm
    assert gating.blocking(made(NOTHING_WORKS, spread=0)).verdict == "fails"


def test_a_gate_worth_less_than_half_of_relu_does_not_hold():
    small = (0.70, 0.68, 0.62, 0.60)  # the gate 2 points, forward 8
    assert gating.gate(made(small), lrn=True).verdict == "not decided"
    assert 0.02 < HALF * 0.10
    assert POINT < 0.02
    half = (0.70, 0.65, 0.65, 0.60)
    assert gating.gate(made(half, spread=0), lrn=True).verdict == "holds under a condition"


def test_halves_that_disagree_are_a_condition():
    one = gating.blocking(made(GATE_WORKS, FORWARD_WORKS))
    assert one.words == "holds under a condition: with normalization, 2,000 steps"
    other = gating.blocking(made(FORWARD_WORKS, GATE_WORKS))
    assert other.words == "holds under a condition: without normalization, 2,000 steps"
    assert "but only without normalization" in gating.answer(made(FORWARD_WORKS, GATE_WORKS))
    small = (0.70, 0.68, 0.62, 0.60)
    assert gating.blocking(made(small, FORWARD_WORKS)).verdict == "not decided"


def test_one_seed_is_allowed_two_points_and_says_so():
    found = gating.effect(made(GATE_WORKS, seeds=1), gating.GATE, lrn=True)
    assert found.high - found.low == pytest.approx(2 * ONE_SEED)
    assert gating.blocking(made(GATE_WORKS, seeds=1)).words == "holds under a condition: one seed, 2,000 steps"
    assert (
        gating.blocking(made(NOTHING_WORKS, seeds=1)).words
        == "not decided: ReLU gains nothing for certain, one seed, 2,000 steps"
    )
    assert "±" not in gating.answer(made(GATE_WORKS, seeds=1))
    assert "one seed, 2,000 steps" in gating.answer(made(GATE_WORKS, seeds=1))


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"steps": 200}, "too few steps"), ({"dataset": "synthetic"}, "not trained on CIFAR-10")],
)
def test_other_data_and_few_steps_decide_nothing(changes, why):
    assert gating.blocking(made(GATE_WORKS, **changes)).words == f"not decided: {why}"
    assert "has no answer" in gating.answer(made(GATE_WORKS, **changes))


def test_what_is_missing_or_diverged_is_named():
    gone = LABELS[1]
    diverged = made(GATE_WORKS, diverged=[(gone, seed) for seed in range(3)])
    with_lrn = gating.gate(diverged, lrn=True)
    assert with_lrn.words == "not decided: diverged"
    assert gone in with_lrn.reason
    assert gating.gate(diverged, lrn=False).verdict == "holds under a condition"
    assert gating.table(diverged)["n"].tolist() == [3, 0, *[3] * 6]
    without = made(GATE_WORKS)[lambda f: f["network"] != gone]
    assert gating.gate(without, lrn=True).words == "not decided: not trained"
    assert len(gating.table(without)) == 7
    nothing = made(GATE_WORKS)[lambda f: f["network"] == "identity"]
    assert gating.effects(nothing).empty
    assert gating.answer(nothing).endswith("no answer.")


def test_a_seed_that_one_network_lacks_does_not_count():
    results = made(GATE_WORKS, diverged=[("identity", 2)])
    assert gating.effects(results).set_index(["lrn", "effect"])["n"].tolist() == [2] * 4 + [3] * 4


def test_the_answer_has_both_effects():
    said = gating.answer(made(FORWARD_WORKS))
    assert said.startswith("Blocking gradients is not what it does")
    assert "+8.0 ± " in said
    assert gating.answer(made(GATE_WORKS)).startswith("In these runs it mostly blocks gradients:")
    assert gating.answer(made(GATE_WORKS, steps=60_000)).startswith("Yes, it mostly blocks gradients")


def behind(accuracy, *, seeds=3, steps=2_000):
    return frame(UNGATED_BEHIND, dict.fromkeys(UNGATED_BEHIND.networks, accuracy), seeds=seeds, steps=steps)


def test_the_right_address_turns_with_the_results():
    gates = made(GATE_WORKS)
    better, worse = (gating.right_address(gates, behind(accuracy)) for accuracy in (0.9, 0.1))
    assert "behind them at 90.0 %: +" in better and "3 seeds, 2,000 steps" in better
    assert "behind them at 10.0 %: −" in worse
    assert gating.right_address(gates, None) == "That network has not been trained."
    assert "after the same number of steps" in gating.right_address(gates, behind(0.9, steps=100))


def test_where_relu_gains_nothing_there_is_nothing_for_the_gate_to_explain():
    """A network that its wrong gradient ruins makes both effects large, though ReLU and the identity are alike."""
    ruined = made((0.70, 0.10, 0.70, 0.70))
    assert gating.effect(ruined, gating.GATE, lrn=True).mean == pytest.approx(0.30, abs=0.01)
    assert gating.blocking(ruined).words.startswith("not decided: ReLU gains nothing for certain")
    assert "for all of ReLU gains nothing for certain" in gating.answer(ruined)
    assert gating.blocking(made((0.74, 0.10, 0.70, 0.70))).verdict.startswith("holds")


def test_a_gate_worth_less_than_a_point_fails_also_where_relu_gains_nothing():
    small = made((0.704, 0.698, 0.704, 0.704))
    found, whole = (gating.effect(small, name, lrn=True) for name in (gating.GATE, gating.WHOLE))
    assert 0 < found.low < found.high < POINT and whole.low <= 0
    assert gating.gate(small, lrn=True).verdict == "fails"
