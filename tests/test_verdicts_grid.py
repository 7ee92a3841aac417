"""The tables of the grid: effects and single changes have the right size, and leave out what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from frames import expected
from frames import grid as frame
from relupool.experiments.factorial import levels
from relupool.experiments.studies import BASELINE, FACTORIAL, FIRST_ABLATIONS, GRID
from relupool.verdicts import grid
from relupool.verdicts.estimate import estimated


def test_the_tables_name_networks_that_the_studies_have():
    there = {*FIRST_ABLATIONS.networks, *GRID.networks, *BASELINE.networks}
    wanted = {*grid.SINGLE, *sum(grid.MEANT.values(), ()), grid.ONLY_MAX, *levels()}
    assert wanted <= there
    assert len(levels()) == len(FACTORIAL) == 16


def test_a_network_that_diverged_counts_as_missing():
    results = frame()
    results.loc[results["network"] == "no LRN", "diverged_at"] = 50.0
    assert grid.effect_table(results).empty
    assert "no LRN" not in set(grid.single_changes(results)["network"])


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
    alone = estimated(frame(), {"ReLU behind pool1": 1.0, "untouched": -1.0}).equivalent(0.01)
    assert table.loc["ReLU behind pool1", "equivalent"] >= alone > 0
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
