"""Scores from nothing to ReLU."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from frames import MAX
from frames import scale as frame
from relupool.experiments.networks import LeakyReLU
from relupool.experiments.studies import ACTIVATIONS
from relupool.measures import scale
from relupool.measures.activation_scale import activations, slope_of, written
from relupool.measures.fieller import fieller


def pivot(results: pd.DataFrame, pool: str) -> pd.DataFrame:
    last = results[(results["step"] == results["steps"]) & (results["weights"] == "averaged")]
    return last.pivot(index="seed", columns="network", values="accuracy").filter(like=f"{pool} pool")


def test_activations_are_called_as_the_study_calls_them():
    found = activations(frame()).drop_duplicates("network")
    assert found["activation"].tolist() == [*ACTIVATIONS, *ACTIVATIONS]
    assert found["pool"].value_counts().to_dict() == {"average": 14, "max": 14}
    assert (found["network"] == found["pool"] + " pool, " + found["activation"]).all()
    slopes = {name: slope_of(name) for name in ACTIVATIONS if not math.isnan(slope_of(name))}
    wanted = {name: a.slope for name, a in ACTIVATIONS.items() if isinstance(a, LeakyReLU)} | {"linear": 1, "ReLU": 0}
    assert slopes == wanted
    assert written("slope -0.5") == "slope −0.5"


def test_scores_are_ratios_of_differences_with_fiellers_interval():
    results = frame()
    table, ends = scale.scores(results).set_index("activation"), pivot(results, "average")
    tanh, nothing, relu = (ends[f"average pool, {name}"] for name in ("tanh", "linear", "ReLU"))
    found = fieller(tanh - nothing, relu - nothing)
    assert table.loc["tanh", ["score", "low", "high"]].tolist() == pytest.approx([found.mean, found.low, found.high])
    assert table.loc["tanh", "score"] == pytest.approx((tanh - nothing).mean() / (relu - nothing).mean())
    assert list(table.index) == [name for name in ACTIVATIONS if name not in ("linear", "ReLU")]
    assert (table["shape"] == "interval").all()


def test_one_seed_has_a_score_and_no_interval():
    table = scale.scores(frame(seeds=1))
    assert (table["n"] == 1).all()
    assert table["score"].notna().all()
    assert table[["low", "high"]].isna().all(axis=None)
    short = scale.scores(frame(maximum=MAX | {"ReLU": 0.605}, seeds=1, spread=0), pool="max")
    assert (short["shape"] == "all").all()
    assert short["score"].isna().all()


def test_without_a_length_no_score_has_bounds():
    table = scale.scores(frame(), pool="max")
    assert set(table["shape"]) <= {"outside", "all"}
    length = scale.length(frame(), pool="max")
    assert length is not None and length.low < 0 < length.high
    assert (scale.scores(frame(maximum=MAX | {"ReLU": 0.5}), pool="max")["shape"] == "interval").all()


def test_diverged_and_missing_networks_have_no_score():
    gone = frame(diverged=("average pool, ELU",))
    table = scale.scores(gone).set_index("activation")
    assert table.loc["ELU", "n"] == 0
    assert np.isnan(table.loc["ELU", "score"])
    assert table.drop("ELU")["score"].notna().all()
    without = scale.scores(frame(diverged=("average pool, ReLU",)))
    assert (without["n"] == 0).all()
    assert len(without) == 12
    assert scale.scores(frame(average={})).empty


def test_bend_and_score_are_held_against_each_other():
    table = pd.DataFrame({"activation": list("abcd"), "score": [0.1, 0.4, 0.9, math.nan]})
    assert scale.agreement(pd.Series({"a": 0, "b": 1, "c": 2}), table) == pytest.approx(1)
    assert scale.agreement(pd.Series({"a": 2, "b": 1, "c": 0}), table) == pytest.approx(-1)
    assert math.isnan(scale.agreement(pd.Series({"a": 2, "b": 1}), table))
