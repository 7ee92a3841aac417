"""Scores from nothing to ReLU, and what is said of them, which turns with the data."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from frames import AVERAGE, MAX, of_study
from frames import scale as frame
from relupool.experiments.fieller import fieller
from relupool.experiments.networks import LeakyReLU, Maxout
from relupool.experiments.scale import EQUAL_PARAMETERS, activations, own, slope_of, written
from relupool.experiments.studies import ACTIVATIONS, FIRST_ABLATIONS, SCALE
from relupool.thresholds import HALF
from relupool.verdicts import scale


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


@pytest.mark.parametrize(
    ("activation", "label", "pool", "made"),
    [
        ("slope", "slope 0.3", "average", LeakyReLU(0.3)),
        ("mish", "mish", "max", "mish"),
        ("maxout", EQUAL_PARAMETERS, "average", Maxout(pieces=2, channels=59)),
    ],
)
def test_a_study_of_ones_own_stands_between_nothing_and_relu(activation, label, pool, made):
    found, study = own(activation, slope=0.3, pool=pool)
    assert found == label
    assert list(study.networks) == [f"{pool} pool, {name}" for name in ("linear", label, "ReLU")]
    assert [n.conv_activation for n in study.networks.values()] == [None, made, "relu"]
    for network in study.networks.values():
        assert network.pool.kind == pool
        assert (network.dense_activation is None) == (pool == "average")
    ends = [SCALE.networks[f"{pool} pool, {name}"] for name in ("linear", "ReLU")]
    assert [study.networks[f"{pool} pool, {name}"] for name in ("linear", "ReLU")] == ends


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
    said = scale.denominator(frame(), pool="max")
    assert "zero is among them" in said
    assert "So 12 of 12 scores have no bounds." in said
    assert scale.denominator(frame(), pool="average").endswith("zero is not among them. So the scores have bounds.")
    below = scale.denominator(frame(maximum=MAX | {"ReLU": 0.5}), pool="max")
    assert below.endswith("ReLU is worse than nothing there, and a high score is a low accuracy.")
    one = scale.denominator(frame(seeds=1, spread=0), pool="max")
    assert "less than the 2 that one seed is allowed" in one


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


def test_points_are_paired_differences_with_holm_corrected_p():
    results = frame()
    table, ends = scale.in_points(results).set_index("activation"), pivot(results, "max")
    gap = 100 * (ends["max pool, sigmoid"] - ends["max pool, ReLU"])
    assert table.loc["sigmoid", "minus ReLU (points)"] == pytest.approx(gap.mean())
    assert table.loc["sigmoid", "p (Holm)"] < 0.05 < table.loc["tanh", "p (Holm)"]
    assert table.loc["ReLU", ["minus ReLU (points)", "p (Holm)"]].isna().all()
    one = scale.in_points(frame(seeds=1))
    assert one[["±", "± of that", "p (Holm)"]].isna().all(axis=None)
    assert one["minus ReLU (points)"].notna().sum() == 13
    gone = scale.in_points(frame(diverged=("max pool, ReLU",))).set_index("activation")
    assert gone.loc["ReLU", "n"] == 0
    assert gone["minus ReLU (points)"].isna().all()


def test_the_answer_turns_with_the_data():
    said = scale.answer(frame())
    assert "ReLU is worth 23.7 ± 0.5 points over no activation (3 seeds, 1,000 steps)" in said
    assert "0.09 (sigmoid) and 1.13 (absolute value)" in said
    assert said.endswith("too little to divide by.")
    one = scale.answer(frame(seeds=1))
    assert "±" not in one
    assert "(one seed, 1,000 steps)" in one
    assert "too little to measure anything by" in scale.answer(frame(AVERAGE | {"ReLU": 0.36}))
    assert scale.answer(frame(maximum=MAX | {"ReLU": 0.72})).endswith("49 % of that.")
    assert scale.answer(frame(maximum=MAX | {"ReLU": 0.5})).endswith("points: worse than nothing.")
    assert "With max" not in scale.answer(frame(maximum={}))
    for results in (frame(average={}), frame(steps=900), frame(dataset="synthetic")):
        assert "no answer" in scale.answer(results)


def test_what_relu_is_worth_is_read_off_longer_runs():
    ends = {"untouched": 0.8, "max pool, no conv ReLU": 0.79}
    longer = of_study(FIRST_ABLATIONS, ends, seeds=2, spread=0, steps=3_000)
    assert re.fullmatch(
        r"In longer runs of the untouched network, ReLU is worth \+1\.0 ± 0\.0 points after 3,000 steps \(2 seeds\)\.",
        scale.over_training(longer),
    )
    assert "no longer runs are stored" in scale.over_training(frame())


def test_a_scale_that_stands_on_its_head_has_high_scores_for_low_accuracies():
    turned = frame(AVERAGE | {"linear": 0.6, "ReLU": 0.4, EQUAL_PARAMETERS: 0.3})
    assert scale.scores(turned).set_index("activation").loc[EQUAL_PARAMETERS, "low"] > HALF
    assert scale.denominator(turned, pool="average").endswith("and a high score is a low accuracy.")


def test_a_readers_activation_is_placed():
    _, study = own("slope", slope=0.3, pool="average")
    three = frame({"linear": 0.3, "slope 0.3": 0.35, "ReLU": 0.4}, {}, seeds=1, spread=0, study=study)
    assert scale.placed(three, "slope 0.3", pool="average").endswith("“slope 0.3” has the score 0.50.")
    _, study = own("mish", slope=0.3, pool="average")
    close = frame({"linear": 0.3, "mish": 0.35, "ReLU": 0.31}, {}, seeds=1, spread=0, study=study)
    assert "there is no scale" in scale.placed(close, "mish", pool="average")
    below = frame({"linear": 0.4, "mish": 0.35, "ReLU": 0.3}, {}, seeds=1, spread=0, study=study)
    assert "ReLU is worse than nothing here, so there is no scale" in scale.placed(below, "mish", pool="average")
    ends = {"linear": 0.3, "mish": 0.35, "ReLU": 0.4}
    gone = frame(ends, {}, seeds=1, diverged=("average pool, mish",), study=study)
    assert "no place on the scale" in scale.placed(gone, "mish", pool="average")


def test_bend_and_score_are_held_against_each_other():
    table = pd.DataFrame({"activation": list("abcd"), "score": [0.1, 0.4, 0.9, math.nan]})
    assert scale.agreement(pd.Series({"a": 0, "b": 1, "c": 2}), table) == pytest.approx(1)
    assert "by and large" in scale.bend_and_score(pd.Series({"a": 0, "b": 1, "c": 2}), table)
    against = scale.bend_and_score(pd.Series({"a": 2, "b": 1, "c": 0}), table)
    assert "Over 3 activations the rank correlation of bend and score is −1.00: the bend alone does not" in against
    assert "too few" in scale.bend_and_score(pd.Series({"a": 2, "b": 1}), table)
