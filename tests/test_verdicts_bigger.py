"""Bigger networks and depth: what their tables and sentences say turns with the results."""

from __future__ import annotations

import pytest

from frames import LOST, bigger, deeper
from relupool.experiments.networks import VGG, PartialReLU, ResNet20
from relupool.experiments.studies import BIGGER, FRACTIONS
from relupool.verdicts import depth
from relupool.verdicts.bigger import (
    FAMILIES,
    PAIRS,
    RESNET,
    answer,
    by_pool,
    families,
    family_of,
    fraction_of,
    fractions,
    named,
    of_family,
    with_fraction,
)
from relupool.verdicts.documented import AUTOREP, RELUS_REMOVED


def test_networks_are_told_by_their_values():
    pairs = {(family_of(n), fraction_of(n.activation)) for n in BIGGER.networks.values()}
    assert pairs == {(family, fraction) for family in FAMILIES for fraction in (1.0, 0.5, 0.1, 0.0)}
    for label, network in BIGGER.networks.items():
        assert named(network) == label
        assert with_fraction(fraction_of(network.activation)) == network.activation
        assert label in of_family(family_of(network)).networks
        assert label.startswith(f"{family_of(network)}, ")
    assert [fraction_of(activation) for activation in FRACTIONS.values()] == [1.0, 0.5, 0.1, 0.0]
    odd = VGG(activation=with_fraction(0.3), pool="average")
    assert odd.activation == PartialReLU(fraction=0.3)
    assert named(odd) == "VGG with average-pools, 30 % of the ReLUs"
    assert named(ResNet20(activation=PartialReLU(fraction=0.07))) == "ResNet-20, 7 % of the ReLUs"


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


def test_the_answer_says_gains_and_losses_and_how_many_seeds():
    said = answer(bigger(LOST | {"VGG with max-pools": -0.03}, seeds=1))
    assert "ResNet-20 loses 50.0 points (one seed, 64,000 steps)" in said
    assert "the VGG with max-pools gains 3.0 points" in said
    without = bigger()[lambda f: f["network"] != "ResNet-20, no ReLU"]
    assert answer(without).endswith(" Not trained: ResNet-20.")
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
