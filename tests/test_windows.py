"""How often windows are all negative: which of several sets of runs counts, and the verdict's own numbers."""

from __future__ import annotations

import pytest

from frames import runs
from relupool.claims import judge
from relupool.claims.claim import How
from relupool.claims.grounds import gather
from relupool.experiments.store import ResultSet, Store
from relupool.experiments.studies import FIRST_ABLATIONS, LONG, SEEDS
from relupool.measures import inside


def test_the_shares_are_those_of_the_verdict_at_the_same_step():
    store = Store.default()
    sets = [found for study in (FIRST_ABLATIONS, SEEDS, LONG) for found in store.sets(study)]
    found = inside.longest(sets, "untouched")
    shares = inside.negative_windows(found.runs)
    step = next(iter(shares.values())).steps
    (verdict,) = judge.judge(gather(store), "B9", how=How(step=step))
    assert verdict.number == "all negative: " + "; ".join(f"{each.per_cent} {where}" for where, each in shares.items())
    mean = inside.channels(found).query("step == @step").groupby("layer")["all_negative"].mean()
    assert mean.tolist() == pytest.approx([shares["after conv1"].mean, shares["after conv2"].mean])


def probe(share: float, positive: float = 0.2) -> dict[str, object]:
    layer = {"all_negative": {"9": [share, share], "6": [0.0, 0.0]}, "positive": [positive, positive],
             "pool_gap": [0, 0], "rms": 1.0, "lrn_gain": None}  # fmt: skip
    return {"conv1": layer, "conv2": layer}


def made(study, share, **how) -> ResultSet:
    return ResultSet(
        study, "standard", tuple(runs(study, dict.fromkeys(study.networks, 0.8), probes=probe(share), **how))
    )


def test_of_several_sets_one_with_enough_seeds_counts_then_the_longest_then_the_largest():
    few, long = made(LONG, 0.1, seeds=2, steps=60_000), made(LONG, 0.2, seeds=3, steps=60_000)
    short, many = made(FIRST_ABLATIONS, 0.3, seeds=3, steps=10_000), made(SEEDS, 0.4, seeds=8, steps=10_000)
    for sets, share, seeds in (((few, short, many), 0.4, 8), ((few, long, many), 0.2, 3), ((few, short), 0.3, 3)):
        found = inside.longest(sets, "untouched")
        conv1 = inside.negative_windows(found.runs)["after conv1"]
        assert (conv1.mean, conv1.n, len(found.runs)) == (pytest.approx(share), seeds, seeds)
    channels = inside.channels(inside.longest((short,), "untouched"))
    assert (channels["negative"] == 0.8).all() and channels["independent"].unique() == pytest.approx([0.8**9])
