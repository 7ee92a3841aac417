"""The verdicts on the grid: they follow the rules, and turn when the results are turned around."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from frames import expected
from frames import grid as frame
from relupool.experiments.studies import BASELINE, FACTORIAL, FIRST_ABLATIONS, GRID
from relupool.verdicts import ablations, grid


def without(results, network):
    return results[results["network"] != network]


def kinds(results, **where):
    return [verdict.verdict for verdict in ablations.judge(results, **where)]


def turned(*signs):
    "All accuracies the other way round."
    return 1 - expected(*signs)


def test_the_tables_name_networks_that_the_studies_have():
    there = {*FIRST_ABLATIONS.networks, *GRID.networks, *BASELINE.networks}
    wanted = {*grid.SINGLE, *sum(grid.MEANT.values(), ()), grid.ONLY_MAX, *ablations.INTERACTION}
    assert wanted <= there
    assert len(ablations.INTERACTION) == len(FACTORIAL) == 16


def test_what_the_source_reports_holds_in_results_that_are_like_it():
    def dense_matter(conv, dense, pool, lrn):
        return expected(conv, dense, pool, lrn) - (0.04 if dense < 0 else 0)

    assert kinds(frame(dense_matter)) == ["holds"] * 4


def test_results_turned_around_turn_every_verdict_but_that_on_nothing():
    assert kinds(frame(turned, softmax=0.7)) == ["holds", "fails", "fails", "fails"]
    costly = frame(lambda conv, dense, pool, lrn: expected(conv, dense, pool, lrn) - 0.05 * (conv < 0))
    found = ablations.almost_nothing(costly)
    assert found.verdict == "fails"
    assert "costs 5.3 ± " in found.reason


def test_one_change_that_costs_more_than_a_point_is_named():
    found = ablations.far_more(frame())
    assert found.words == "holds under a condition: average pool only"
    assert "linear dense: 0.2 ± " in found.reason


def test_one_seed_has_no_interval_and_decides_only_what_is_large():
    one = frame(seeds=1)
    words = [verdict.words for verdict in ablations.judge(one)]
    assert words[:2] == ["not decided: too close, one seed"] * 2
    assert words[2:] == ["holds under a condition: one seed"] * 2
    assert all("no interval" in verdict.reason and "±" not in verdict.reason for verdict in ablations.judge(one))
    assert kinds(frame(turned, seeds=1, softmax=0.7))[2:] == ["fails", "fails"]


def test_short_runs_and_other_data_decide_less():
    assert ablations.more_with_average_pools(frame(steps=10_000)).condition == "10,000 steps"
    assert {v.words for v in ablations.judge(frame(steps=300))} == {"not decided: too few steps"}
    assert {v.words for v in ablations.judge(frame(dataset="synthetic"))} == {"not decided: not trained on CIFAR-10"}


def test_noise_leaves_small_differences_open_and_large_ones_certain():
    noisy = ablations.judge(frame(spread=0.02))
    assert noisy[0].words == "not decided: too close"
    assert noisy[3].verdict == "holds"


def test_a_reader_may_set_the_margin_the_step_and_the_weights():
    found = ablations.almost_nothing(frame(), margin=0.0001)
    assert found.verdict == "fails"
    assert "0.01 points" in found.reason
    assert "after 10,000 steps" in ablations.almost_nothing(frame(), step=10_000).reason
    worse = frame()
    raw = (worse["weights"] == "raw") & (worse["network"] == grid.NO_CONV_RELU)
    worse.loc[raw, "accuracy"] -= 0.3
    assert [ablations.almost_nothing(worse, weights=w).verdict for w in ("averaged", "raw")] == ["holds", "fails"]


@pytest.mark.parametrize("network", [grid.NO_CONV_RELU, grid.SOFTMAX, "no LRN"])
def test_what_is_missing_is_named(network):
    found = [v for v in ablations.judge(without(frame(), network)) if v.words == "not decided: not trained"]
    assert found
    assert all(network in verdict.reason for verdict in found)


def test_a_step_at_which_nobody_looked_decides_nothing():
    assert {v.words for v in ablations.judge(frame(), step=7_000)} == {"not decided: not trained"}


def test_a_network_that_diverged_counts_as_missing():
    results = frame()
    results.loc[results["network"] == "no LRN", "diverged_at"] = 50.0
    assert "no LRN" in ablations.more_with_average_pools(results).reason
    assert grid.effect_table(results).empty
    assert "no LRN" not in set(grid.single_changes(results)["network"])


def floor_and_ceiling(conv, dense, pool, lrn):
    "In points ReLU is worth 4.9 more at average-pools; in log-odds less, for there max-pools are near the ceiling."
    return {(1, 1): 0.99, (-1, 1): 0.95, (1, -1): 0.50, (-1, -1): 0.411}[conv, pool]


def test_it_is_said_where_the_two_scales_contradict_each_other():
    found = ablations.more_with_average_pools(frame(floor_and_ceiling))
    assert found.words == "holds under a condition: in points"
    assert "contradict each other" in found.reason
    assert ablations.more_with_average_pools(frame(floor_and_ceiling, seeds=1)).condition == "in points, one seed"


def test_effects_on_both_scales_have_the_right_size():
    table = grid.effect_table(frame()).set_index(["scale", "contrast"])["mean"]
    assert len(table) == 20
    assert table["points", "LRN"] == pytest.approx(0.005)
    relu = np.mean([expected(1, d, p, 1) - expected(-1, d, p, 1) for d in (1, -1) for p in (1, -1)])
    assert table["points", "conv ReLU"] == pytest.approx(relu)
    assert table["log-odds", "conv ReLU × max pool"] < 0


def test_single_changes_are_sorted_into_outcomes_by_corrected_tests():
    table = grid.single_changes(frame()).set_index("network")
    assert table.loc["average pool", "outcome"] == "differs"
    assert table.loc["ReLU behind pool1", "outcome"] == "within the margin"
    assert (table["equivalent"] >= grid.holm_of_equivalence(grid.scaled_contrasts(
        frame(), {"it": {"ReLU behind pool1": 1.0, "untouched": -1.0}}).query("scale == 'points'"), 0.01
    ).item()).any()  # fmt: skip
    assert set(grid.single_changes(frame(seeds=1))["outcome"]) == {"one seed"}
    both = grid.single_changes(frame(spread=1e-5), margin=0.01).set_index("network")["outcome"]
    assert both["linear dense"] == "differs, but within the margin"


def test_each_network_that_could_be_meant_stands_at_its_own_last_step():
    results = frame()
    short = results[~((results["network"] == "untouched") & (results["step"] > 10_000))]
    table = grid.meant(short, (0.834, 0.372)).set_index("network")
    assert table.loc["untouched", "steps"] == 10_000
    assert table.loc["average pool, all linear", ["steps", "off"]].tolist() == [60_000, pytest.approx(0.003)]
    assert table.loc["average pool, all linear", "raw"] == pytest.approx(0.355)
    assert grid.meant(frame(seeds=1), (0.834, 0.372))["half"].isna().all()


def test_readings_are_taken_where_there_are_any():
    table = grid.readings(frame(), ["untouched", "no LRN"])
    assert sorted(set(table["step"])) == [3_000, 10_000, 30_000, 60_000]
    assert set(table["weights"]) == {"averaged", "raw"}
    assert (table["n"] == 3).all()
    assert isinstance(table, pd.DataFrame)
