"""What the grid says: worths have the right size, and leave out what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from frames import expected
from frames import grid as frame
from relupool.experiments.studies import BASELINE, FACTORIAL, FIRST_ABLATIONS, GRID
from relupool.measures import grid
from relupool.measures.factorial import levels


def test_the_tables_name_networks_that_the_studies_have():
    there = {*FIRST_ABLATIONS.networks, *GRID.networks, *BASELINE.networks}
    wanted = {*grid.PARTS.values(), grid.SOFTMAX, *levels()}
    assert wanted <= there
    assert len(levels()) == len(FACTORIAL) == 16


def test_what_is_missing_or_diverged_is_left_out():
    results = frame()
    results.loc[results["network"] == "no LRN", "diverged_at"] = 50.0
    assert [part.name for part in grid.parts(results)] == list(grid.PARTS)[:3]
    assert grid.relu_by_pool(results) == {"max": None, "average": pytest.approx(grid.relu_by_pool(frame())["average"])}
    assert len(grid.without_normalization(results)) == 7


def test_relu_is_worth_what_it_adds_on_average_over_the_networks_with_a_kind_of_pool():
    found = grid.relu_by_pool(frame())
    for kind, pool in (("max", 1), ("average", -1)):
        worth = np.mean([expected(1, d, pool, 1) - expected(-1, d, pool, 1) for d in (1, -1)])
        assert found[kind].mean == pytest.approx(worth)
    assert grid.relu_by_pool(frame(), step=10_000)["max"].steps == 10_000


def test_parts_are_with_minus_without_each_at_its_own_step():
    results = frame(spread=0.002)
    longer = results[(results["step"] <= 3_000) | results["network"].isin(["untouched", "average pool"])]
    found = {part.name: part for part in grid.parts(longer)}
    assert found["max-pools, not average-pools"].worth.mean == pytest.approx(0.02, abs=0.003)
    steps = {name: part.worth.steps for name, part in found.items()}
    assert (steps["max-pools, not average-pools"], steps["normalization"]) == (60_000, 3_000)


def test_normalization_is_compared_pair_by_pair():
    table = grid.without_normalization(frame(spread=0))
    assert len(table) == 8
    assert table["mean"].tolist() == pytest.approx([0.005] * 8)


def test_readings_are_taken_where_there_are_any():
    rows = grid.read_off(frame(), ["untouched", "no LRN"])
    assert list(rows) == ["network", "weights", "3,000", "10,000", "30,000", "60,000"]
    assert rows["weights"].tolist() == ["averaged", "raw"] * 2
    assert rows.notna().all(axis=None)


def test_readings_stand_in_one_row_for_each_kind_of_weights():
    rows = grid.read_off(frame(), ["no LRN", "untouched"])
    assert rows["network"].tolist() == ["no LRN"] * 2 + ["untouched"] * 2
    assert rows.loc[2, "60,000"] == "86.5 ± 0.5"
    assert grid.read_off(frame(seeds=1), ["untouched"]).loc[0, "60,000"] == "86.5"
