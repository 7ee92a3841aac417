"""Published accuracies of the example, held against runs of as many steps."""

from __future__ import annotations

import pandas as pd
import pytest

from frames import grid as frame
from relupool.measures.example import averaging_gain, held_against

SAID = pd.DataFrame(
    {"place": ["a", "b", "c", "d"], "steps": [60_000, 63_000, 90_000, None], "accuracy": [0.86, 0.834, 0.5, 0.9]}
).astype({"steps": "Int64"})


def at_the_end(accuracy, **kwargs):
    return frame(lambda *_: accuracy, **kwargs)


def test_an_accuracy_fits_the_weights_that_come_within_a_point_of_it():
    held = held_against(at_the_end(0.855), SAID).set_index("place")
    assert list(held.index) == ["a", "b", "c"]  # d names no steps
    assert held.loc["a", ["at step", "n", "fits"]].tolist() == [60_000, 3, "averaged"]
    assert held.loc["b", ["at step", "fits"]].tolist() == [60_000, "raw"]  # 63,000 is within a tenth
    assert held.loc["b", "raw (%)"] == pytest.approx(83.5)
    assert held.loc["c", "fits"] == "no run so long"
    assert pd.isna(held.loc["c", "averaged (%)"])


def test_it_turns_with_the_runs():
    assert held_against(at_the_end(0.6), SAID)["fits"].tolist() == ["none", "none", "no run so long"]
    assert held_against(at_the_end(0.88), SAID)["fits"].tolist()[:2] == ["raw", "none"]


def test_one_seed_cannot_show_that_it_fits():
    one = held_against(at_the_end(0.855, seeds=1), SAID)
    assert one["fits"].tolist()[:2] == ["one seed", "one seed"]


def test_short_runs_say_that_they_are_short():
    held = held_against(at_the_end(0.8, steps=3_000), SAID)
    assert set(held["fits"]) == {"no run so long"}
    skipped = at_the_end(0.8, steps=100_000, looks=(10_000,))
    assert held_against(skipped, SAID)["fits"].tolist()[:2] == ["not looked at"] * 2


def test_averaging_gains_what_the_averaged_weights_are_better_by():
    assert averaging_gain(at_the_end(0.8), step=60_000) == pytest.approx(0.02)
    with pytest.raises(ValueError, match="step is 7, but must be one at which untouched was evaluated"):
        averaging_gain(at_the_end(0.8), step=7)
