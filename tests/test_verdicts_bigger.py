"""Verdicts on bigger networks (B12, B13) and on depth: they hold, fail and stay open with the results."""

from __future__ import annotations

import numpy as np
import pytest

from frames import LOST, bigger, deeper
from relupool.experiments.experiment import Experiment, Recipe
from relupool.experiments.networks import VGG, PartialReLU, ResNet20
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.studies import BIGGER, FRACTIONS
from relupool.verdicts import depth
from relupool.verdicts.bigger import (
    FAMILIES,
    PAIRS,
    PARTS,
    RESNET,
    answer,
    big_networks,
    budget,
    by_pool,
    families,
    fractions,
    judge,
    loses_much,
    named,
    of_family,
    split,
    times,
    with_fraction,
    within_a_day,
)
from relupool.verdicts.documented import AUTOREP, RELUS_REMOVED


def test_labels_are_read_back():
    assert {split(label) for label in BIGGER.networks} == {(f, p) for f in FAMILIES for p in PARTS.values()}
    for label, network in BIGGER.networks.items():
        assert named(network) == label
        family, fraction = split(label)
        assert with_fraction(fraction) == network.activation
        assert label in of_family(family).networks
    assert set(FRACTIONS) == set(PARTS)
    odd = VGG(activation=with_fraction(0.3), pool="average")
    assert odd.activation == PartialReLU(fraction=0.3)
    assert split(named(odd)) == ("VGG with average-pools", 0.3)
    assert split(named(ResNet20(activation=PartialReLU(fraction=0.07)))) == ("ResNet-20", 0.07)


def test_a_family_is_shown_as_far_as_it_is_complete():
    whole = {family: set(of_family(family).networks) for family in FAMILIES}
    ends = {family: set(PAIRS[family]) for family in FAMILIES}

    def shown(*complete):
        return [set(study.networks) for study in families(lambda study: set(study.networks) in complete)]

    assert shown() == list(whole.values())
    assert shown(*whole.values(), *ends.values()) == list(whole.values())
    assert shown(ends[RESNET]) == [ends[RESNET], *list(whole.values())[1:]]
    assert ends[RESNET] == {"ResNet-20, all ReLUs", "ResNet-20, no ReLU"}


def test_fractions_are_means_over_seeds_below_all():
    table = fractions(bigger())
    assert list(table["family"].unique()) == list(FAMILIES)
    assert table["fraction"].tolist() == [1, 0.5, 0.1, 0] * 3
    row = table[(table["family"] == RESNET) & (table["fraction"] == 0)].iloc[0]
    assert (row["n"], row["step"]) == (3, 64_000)
    assert row["lost"] == pytest.approx(LOST[RESNET], abs=1e-6)
    assert row["low"] < row["mean"] < row["high"]


def test_fractions_leave_out_what_diverged_and_compare_at_a_common_step():
    table = fractions(bigger(diverged=("ResNet-20, no ReLU",)))
    assert len(table) == 11
    early = fractions(bigger(), step=391)
    assert set(early["step"]) == {391}
    only = bigger()[lambda f: f["network"] == "ResNet-20, no ReLU"]
    assert fractions(only)["lost"].isna().all()
    assert fractions(only.head(0)).empty


@pytest.mark.parametrize(
    ("lost", "changes", "words"),
    [
        (0.5, {}, "holds"),
        (0.5, {"seeds": 1}, "holds under a condition: one seed"),
        (0.5, {"seeds": 1, "steps": 3_910}, "holds under a condition: one seed, 3,910 steps"),
        (0.05, {}, "fails"),
        (0.05, {"steps": 3_910}, "fails: with 3,910 steps"),
        (-0.2, {}, "fails"),
        (0.11, {"seeds": 1}, "not decided: too close, one seed"),
        (0.105, {"spread": 0.02}, "not decided: too close"),
        (0.5, {"dataset": "synthetic"}, "not decided: not trained on CIFAR-10"),
        (0.5, {"steps": 391}, "not decided: too few steps"),
        (0.5, {"diverged": ("ResNet-20, no ReLU",)}, "not decided: not trained"),
    ],
)
def test_the_verdict_turns_with_what_is_lost(lost, changes, words):
    verdict = loses_much(bigger(LOST | {RESNET: lost}, **changes), RESNET)
    assert verdict.words == words


def test_a_missing_network_is_named():
    without = bigger()[lambda f: f["network"] != "ResNet-20, no ReLU"]
    assert "ResNet-20, no ReLU" in loses_much(without, RESNET).reason
    assert [v.verdict for v in judge(without)] == ["not decided", "holds", "holds"]
    assert "ResNet-20" in answer(without).split("Not trained")[1]


def test_the_claim_is_judged_by_resnet_and_says_the_vggs_apart():
    verdict = big_networks(bigger(LOST | {"VGG with max-pools": 0.01}))
    assert verdict.verdict == "holds"
    assert "the VGG with max-pools loses 1.0 ± " in verdict.reason
    assert "points (fails), and the VGG with average-pools" in verdict.reason
    reversed_ = big_networks(bigger({family: -lost for family, lost in LOST.items()}))
    assert reversed_.verdict == "fails"


def test_the_answer_says_gains_and_losses_and_how_many_seeds():
    said = answer(bigger(LOST | {"VGG with max-pools": -0.03}, seeds=1))
    assert "ResNet-20 loses 50.0 points (one seed, 64,000 steps)" in said
    assert "the VGG with max-pools gains 3.0 points" in said
    assert "no answer" in answer(bigger(steps=391))
    assert "no answer" in answer(bigger().head(0))


def test_the_pools_decide_what_the_relus_are_worth():
    assert "worth 33.0 points more with average-pools than with max-pools (one seed, 64,000 steps)." in by_pool(
        bigger(seeds=1)
    )
    turned = LOST | {"VGG with max-pools": 0.45, "VGG with average-pools": 0.12}
    assert "worth 33.0 ± " in by_pool(bigger(turned)), "an interval, where there are seeds"
    assert " points less with average-pools" in by_pool(bigger(turned))
    assert "too little to be certain of" in by_pool(bigger(LOST | {"VGG with max-pools": 0.45}, seeds=1))
    for nothing in (bigger(steps=391), bigger()[lambda f: f["network"] != "VGG with max-pools, no ReLU"]):
        assert "do not say" in by_pool(nothing)


def test_the_budget_has_hours_the_shortest_run_and_a_price():
    frame = bigger()
    table = budget(frame, taken(frame), price=2.0).set_index("pair")
    row = table.loc[RESNET]
    assert (row["hours"], row["cost"]) == pytest.approx((2.0, 6.0))  # an hour for the linear one, which is faster
    assert row["lost"] == pytest.approx(0.5)
    assert row["least_steps"] == 391  # there 0.1 + 0.36 of the rise has been lost
    assert row["least_hours"] == pytest.approx(2.0 * 391 / 64_000)
    small = budget(bigger({f: 0.02 for f in FAMILIES}), taken(frame))
    assert small["least_steps"].isna().all()
    assert budget(bigger(seeds=1), taken(frame))["half"].isna().all()


@pytest.mark.parametrize(
    ("lost", "changes", "seconds", "words"),
    [
        (LOST, {}, 7_200, "holds"),
        (LOST, {"seeds": 1}, 7_200, "holds under a condition: one seed"),
        (LOST, {}, 90_000, "fails"),
        (dict.fromkeys(FAMILIES, 0.02), {}, 7_200, "fails"),
        (dict.fromkeys(FAMILIES, 0.1), {"spread": 0.02}, 7_200, "not decided: no effect is certain"),
        (LOST, {"dataset": "synthetic"}, 7_200, "not decided: not trained on CIFAR-10"),
    ],
)
def test_whether_a_day_is_enough(lost, changes, seconds, words):
    frame = bigger(lost, **changes)
    assert within_a_day(frame, taken(frame, seconds=seconds)).words == words
    assert within_a_day(frame.head(0), taken(frame)).words == "not decided: not trained"


def test_times_are_those_of_the_runs():
    e = Experiment(
        network=ResNet20(), schedule=Recipe(steps=10), test_images=2, seed=4, dataset="synthetic", train_images=200
    )
    look = Evaluation(step=10, accuracy=0.5, loss=1.0, raw_accuracy=0.5, raw_loss=1.0)
    run = Run(
        experiment=e,
        evaluations=(look,),
        losses=((10, 2.0),),
        diverged_at=None,
        hits=pack(np.array([True, False])),
        provenance={"seconds": 30.0, "device": "a chip", "device_kind": "cpu"},
    )
    found = times([run], {network: label for label, network in BIGGER.networks.items()})
    assert found.to_dict("records") == [
        {"network": "ResNet-20, all ReLUs", "seed": 4, "steps": 10, "seconds": 30.0, "device": "a chip",
         "device_kind": "cpu"}
    ]  # fmt: skip


def test_no_published_row_has_cifar_10_without_any_relu():
    none = RELUS_REMOVED[(RELUS_REMOVED["data"] == "CIFAR-10") & (RELUS_REMOVED["fraction"] == 0)]
    assert none.empty
    assert (RELUS_REMOVED["accuracy"] < RELUS_REMOVED["with all"]).all()
    assert set(RELUS_REMOVED.loc[RELUS_REMOVED["data"] == "CIFAR-10", "source"]) == {AUTOREP}


def test_depth_gives_something_with_relu_and_not_without():
    table = depth.depths(deeper())
    assert table.groupby("kind")["convolutions"].apply(list).to_dict() == {k: [2, 3, 4, 5, 6] for k in depth.KINDS}
    assert depth.gain(deeper(), "ReLU").mean == pytest.approx(0.08)
    assert depth.gain(deeper(), "linear").mean == pytest.approx(-0.04)
    said = depth.sentence(deeper(seeds=1))
    assert "with ReLU gains 8.0 points and the one without loses 4.0 points" in said
    assert "one seed" in said
    turned = depth.sentence(deeper(gain=-0.02, linear=0.01))
    assert "with ReLU loses 8.0" in turned
    assert "without gains 4.0" in turned


def test_depth_without_runs_says_so():
    assert "nothing can be said" in depth.sentence(deeper().head(0))
    assert "too few steps" in depth.sentence(deeper(steps=500))
    assert depth.depths(deeper().head(0)).empty
    lame = deeper(diverged=("6 convolutions, ReLU",))
    assert depth.depths(lame)["convolutions"].max() == 6


@pytest.mark.parametrize("kind", depth.KINDS)
def test_both_kinds_are_compared_at_a_depth_that_both_have(kind):
    lame = deeper(diverged=(f"6 convolutions, {kind}",))
    assert depth.deepest(lame) == 5
    assert depth.gain(lame, "ReLU").mean == pytest.approx(0.06)
    assert depth.gain(lame, "linear").mean == pytest.approx(-0.03)
    said = depth.sentence(lame)
    assert said.startswith("From 2 to 5 convolutions, the network with ReLU gains 6.0")
    assert said.endswith(f"Training diverged with 6 convolutions, {kind}.")
