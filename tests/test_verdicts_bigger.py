"""Bigger networks with fewer ReLUs, and others' of which the book has numbers."""

from __future__ import annotations

import pytest

from frames import LOST, bigger
from relupool.experiments.studies import BIGGER, FRACTIONS
from relupool.measures.bigger import (
    FAMILIES,
    PAIRS,
    RESNET,
    by_pool,
    families,
    family_of,
    fraction_of,
    fractions,
    of_family,
)
from relupool.measures.published import AUTOREP, RELUS_REMOVED


def test_networks_are_told_by_their_values():
    pairs = {(family_of(n), fraction_of(n.activation)) for n in BIGGER.networks.values()}
    assert pairs == {(family, fraction) for family in FAMILIES for fraction in (1.0, 0.5, 0.1, 0.0)}
    for label, network in BIGGER.networks.items():
        assert label in of_family(family_of(network)).networks
        assert label.startswith(f"{family_of(network)}, ")
    assert [fraction_of(activation) for activation in FRACTIONS.values()] == [1.0, 0.5, 0.1, 0.0]


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


def test_the_pools_decide_what_the_relus_are_worth():
    found = by_pool(bigger())
    assert found is not None and found.mean == pytest.approx(0.33, abs=1e-3)
    assert found.low > 0
    turned = by_pool(bigger(LOST | {"VGG with max-pools": 0.45, "VGG with average-pools": 0.12}))
    assert turned is not None and turned.high < 0
    assert by_pool(bigger()[lambda f: f["network"] != "VGG with max-pools, no ReLU"]) is None


def test_no_published_row_has_cifar_10_without_any_relu():
    none = RELUS_REMOVED[(RELUS_REMOVED["data"] == "CIFAR-10") & (RELUS_REMOVED["fraction"] == 0)]
    assert none.empty
    assert (RELUS_REMOVED["accuracy"] < RELUS_REMOVED["with all"]).all()
    assert set(RELUS_REMOVED.loc[RELUS_REMOVED["data"] == "CIFAR-10", "source"]) == {AUTOREP}
    assert ((RELUS_REMOVED["still nonlinear"] == "ReLUs") == (RELUS_REMOVED["fraction"] > 0)).all()
