import pytest

from relupool.experiments.store import Store
from relupool.running.status import table
from test_store import TINY, made_up


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_a_study_without_runs_is_a_row_without_an_end(store):
    columns = "study preset backend done missing".split() + ["seeds complete", "devices", "computed", "to go"]
    row = ("first-ablations", "standard", "tensorflow", 0, 4, "0 of 2", "-", "-", "unknown for 4")
    assert table(store, studies=[TINY]).to_dict("records") == [dict(zip(columns, row, strict=True))]


def test_the_table_tells_what_is_there_and_how_long_the_rest_takes(store):
    for e in TINY.experiments("standard")[:3]:
        store.put(TINY, made_up(e))
    (row,) = table(store, studies=[TINY]).to_dict("records")
    assert (row["done"], row["missing"], row["seeds complete"]) == (3, 1, "1 of 2")
    assert (row["devices"], row["to go"]) == ("made up", "40 s")


def test_runs_of_other_presets_and_backends_have_their_rows(store):
    for e in TINY.experiments("quick", backend="jax"):
        store.put(TINY, made_up(e))
    found = table(store, studies=[TINY])
    assert found[["preset", "backend", "done", "to go"]].values.tolist() == [
        ["quick", "jax", 4, "-"],
        ["standard", "tensorflow", 0, "unknown for 4"],
    ]
    assert table(store, "quick", studies=[TINY])["backend"].tolist() == ["tensorflow", "jax"]
    assert len(table(store, "paper", studies=[TINY])) == 0


def test_a_preset_that_is_none_is_refused(store):
    with pytest.raises(ValueError, match="preset is 'huge', but must be one of quick, standard, paper"):
        table(store, "huge")
