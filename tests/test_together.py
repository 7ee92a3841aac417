"""Runs of several studies put together."""

from __future__ import annotations

import attrs
import pandas as pd
import pytest

from relupool.experiments.experiment import Experiment, Schedule
from relupool.experiments.networks import Architecture
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.measures.together import at_step, common_step, same_footing, stacked


def results(network="untouched", *, looks=(100, 200), seeds=2, dtype="float32", backend="tensorflow", study="one"):
    """A set of one network that is 80 % right at every look."""
    runs = [
        Run(
            experiment=Experiment(
                network=Architecture(lrn=network == "untouched"),
                schedule=Schedule(steps=looks[-1], evaluate_at=looks),
                seed=seed,
                dtype=dtype,
                backend=backend,
                test_images=5,
            ),
            evaluations=tuple(
                Evaluation(step=s, accuracy=0.8, loss=1.0, raw_accuracy=0.6, raw_loss=1.0) for s in looks
            ),
            losses=(),
            diverged_at=None,
            hits=pack([True] * 4 + [False]),
            provenance={"device": "none", "device_kind": "cpu"},
        )
        for seed in range(seeds)
    ]
    networks = {network: Architecture(lrn=network == "untouched")}
    return ResultSet(attrs.evolve(FIRST_ABLATIONS, name=study, networks=networks), "standard", tuple(runs))


def test_sets_of_one_arithmetic_are_chosen_then_the_longest_common_step_then_seeds():
    jax = results(looks=(100, 900), backend="jax")
    short, long, many = results(looks=(100, 200)), results(looks=(100, 200, 300), seeds=1), results(seeds=5)
    other = results("no LRN", looks=(100, 200, 300))
    assert same_footing([[jax, short, long, many], [other]]) == (long, other)
    assert same_footing([[jax, short, many], [other]]) == (many, other)
    assert same_footing([[jax], [short], [other]]) == (jax,)  # the first study comes before the others
    assert same_footing([[], [short]]) == (short,)
    assert same_footing([[], []]) == ()


def test_a_run_that_two_studies_share_is_there_once_and_the_longer_one_stays():
    both = stacked([results(looks=(100, 200), seeds=1), results(looks=(100, 200, 300), seeds=1, study="two")])
    averaged = both[both["weights"] == "averaged"].sort_values("step")
    assert averaged["step"].tolist() == [100, 200, 300]
    assert set(averaged["study"]) == {"two"}
    with pytest.raises(ValueError, match="sets is 'none'"):
        stacked([])


def test_networks_are_compared_at_the_last_step_that_all_were_evaluated_at():
    frame = stacked([results(looks=(100, 200, 300)), results("no LRN", looks=(50, 100, 200))])
    assert common_step(frame) == 200
    assert common_step(frame, ["untouched"]) == 300
    assert common_step(frame, ["untouched", "another"]) == 0
    rows = at_step(frame, ["untouched", "no LRN"], weights="raw")
    assert (set(rows["step"]), len(rows), set(rows["accuracy"])) == ({200}, 4, {0.6})
    assert at_step(frame, ["untouched", "no LRN"], step=300).empty
    assert at_step(frame, ["another"]).empty


def test_runs_that_diverged_are_left_out():
    frame = stacked([results(looks=(100, 200)), results("no LRN", looks=(100, 200))])
    frame.loc[(frame["network"] == "no LRN") & (frame["seed"] == 1), "diverged_at"] = 150.0
    rows = at_step(frame)
    assert rows.groupby("network")["seed"].agg(list).to_dict() == {"no LRN": [0], "untouched": [0, 1]}
    frame.loc[frame["network"] == "no LRN", "diverged_at"] = 150.0
    assert common_step(frame, ["no LRN"]) == 0
    assert isinstance(rows, pd.DataFrame)
