"""Which of the stored runs answer, of one study or of several, and at which step."""

from __future__ import annotations

import pandas as pd
import pytest
from attrs import evolve

import frames
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import FIRST_ABLATIONS, GRID, LONG
from relupool.measures.networks import ALL_LINEAR, LITERAL
from relupool.measures.runs import compared, ends, extent, lengths, same_footing, stacked

PAIR = {"average pool, linear dense": 0.8, "average pool, all linear": 0.4}
NETWORKS = [LITERAL, ALL_LINEAR]


def results(*looks: int, study=FIRST_ABLATIONS, network="untouched", seeds=2, accuracy=0.8, **how) -> ResultSet:
    """A set of one network that was evaluated at ``looks``, the last of them its end."""
    made = frames.runs(study, {network: accuracy}, seeds=seeds, steps=looks[-1], looks=looks, **how)
    return ResultSet(evolve(study, networks={network: study.networks[network]}), "standard", tuple(made))


def test_sets_of_one_arithmetic_are_chosen_then_the_longest_common_step_then_seeds():
    jax = results(100, 900, backend="jax")
    short, long, many = results(100, 200), results(100, 200, 300, seeds=1), results(100, 200, seeds=5)
    other = results(100, 200, 300, study=GRID, network="no LRN")
    assert same_footing([[jax, short, long, many], [other]]) == (long, other)
    assert same_footing([[jax, short, many], [other]]) == (many, other)
    assert same_footing([[jax], [short], [other]]) == (jax,)  # the first study comes before the others
    assert same_footing([[], [short]]) == (short,)
    assert same_footing([[], []]) == ()


def test_of_several_runs_of_a_seed_the_one_that_ends_at_a_step_answers():
    long, short = results(100, 200, 300, study=LONG, accuracy=0.9), results(100, 200, accuracy=0.7)
    for sets in ([long, short], [short, long]):
        both = stacked(sets).query("weights == 'averaged' and seed == 0").set_index("step")
        assert both["accuracy"].loc[[200, 300]].tolist() == [0.7, 0.9]
        assert both["study"].loc[[100, 200, 300]].tolist() == ["first-ablations", "first-ablations", "long"]
    gone = results(100, 200, diverged={("untouched", seed): 150 for seed in range(2)})
    assert stacked([gone, long]).query("step == 100")["study"].unique().tolist() == ["long"]
    with pytest.raises(ValueError, match="sets is 'none'"):
        stacked([])


def test_networks_are_compared_at_the_last_step_that_both_have_reached():
    frame = stacked([results(100, 200, 300), results(50, 100, 200, study=GRID, network="no LRN")])
    rows = compared(frame, ["untouched", "no LRN"], weights="raw")
    assert (set(rows["step"]), len(rows)) == ({200}, 4)
    assert set(compared(frame, ["untouched"])["step"]) == {300}
    assert compared(frame, ["untouched", "no LRN"], step=300).empty
    assert compared(frame, ["untouched", "another"]).empty


def test_three_seeds_come_before_length_and_length_before_more_seeds():
    short = frames.frame(FIRST_ABLATIONS, PAIR, seeds=5, steps=10_000, looks=())
    for seeds, step in ((2, 10_000), (3, 60_000)):
        both = pd.concat([short, frames.frame(LONG, PAIR, seeds=seeds)])
        assert lengths(both, NETWORKS).iloc[0][["step", "n"]].tolist() == [step, 5 if seeds == 2 else 3]
        assert set(compared(both, NETWORKS)["step"]) == {step}
        assert lengths(both, NETWORKS, most_seeds=True).iloc[0][["step", "n"]].tolist() == [10_000, 5]
    assert extent(both) == {"networks": 2, "seeds": 5, "steps": 60_000}


def test_runs_that_diverged_and_the_untrained_network_are_left_out():
    frame = frames.frame(FIRST_ABLATIONS, PAIR, looks=(0,), diverged={("average pool, all linear", 1): 300})
    assert compared(frame, NETWORKS).groupby("network")["seed"].agg(list).tolist() == [[0, 2], [0, 1, 2]]
    assert compared(frame, NETWORKS, step=0).equals(compared(frame, NETWORKS, step=60_000))
    assert (len(ends(frame)), set(ends(frame)["step"])) == (5, {60_000})
