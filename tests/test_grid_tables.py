"""The grid's tables as a chapter prints them."""

from __future__ import annotations

import attrs
import pytest

from frames import grid as frame
from relupool.book.tables import table
from relupool.experiments.networks import Architecture
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.verdicts import grid, grid_tables
from test_statistics import run_of


@pytest.mark.parametrize("seeds", [1, 3])
def test_every_number_has_its_format_and_one_seed_a_dash(seeds):
    results = frame(seeds=seeds)
    made = {
        "single": grid_tables.single_changes(grid.single_changes(results)),
        "effects": grid_tables.effects(grid.effect_table(results)),
        "meant": grid_tables.meant(results, (0.834, 0.372)),
    }
    for name, rows in made.items():
        assert len(rows) >= 6
        text = table(rows, caption="x", name=f"tab-{name}", formats=grid_tables.FORMATS)
        assert ("–" in text) == (seeds == 1)
        assert not any(len(word) > 9 for line in text.splitlines()[5:-1] for word in line.split() if "." in word)


def test_effects_stand_in_points_and_log_odds():
    rows = grid_tables.effects(grid.effect_table(frame())).set_index("effect")
    assert rows.loc["conv ReLU × max pool", "points"] == pytest.approx(-36.6)
    assert rows.loc["conv ReLU × max pool", "log-odds"] == pytest.approx(-1.73, abs=0.01)


def test_readings_stand_in_one_row_for_each_kind_of_weights():
    rows = grid_tables.read_off(frame(), ["no LRN", "untouched"])
    assert rows["network"].tolist() == ["no LRN"] * 2 + ["untouched"] * 2
    assert rows.loc[2, "60,000"] == "86.5 ± 0.5"
    assert grid_tables.read_off(frame(seeds=1), ["untouched"]).loc[0, "60,000"] == "86.5"


def test_images_that_one_network_alone_gets_right_are_counted():
    networks = {"untouched": Architecture(), "max pool, no conv ReLU": Architecture(conv_activation=None)}
    runs = [run_of([True, True, False, False], seed=s) for s in (0, 1)]
    runs += [run_of([True, False, True, s == 1], seed=s, network=None) for s in (0, 1)]
    results = ResultSet(attrs.evolve(FIRST_ABLATIONS, networks=networks), "quick", tuple(runs))
    (row,) = grid_tables.on_the_same_images(results, baseline="untouched").to_dict("records")
    assert (row["network"], row["n"], row["points"]) == ("max pool, no conv ReLU", 2, pytest.approx(12.5))
    assert (row["it alone (%)"], row["untouched alone (%)"]) == (pytest.approx(37.5), pytest.approx(25))
