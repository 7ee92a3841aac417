"""Statistics against numbers that can be checked by hand, and against SciPy's own tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as sm
from scipy import stats

from relupool.measures.comparisons import (
    contrasts,
    log_odds,
)
from relupool.measures.factorial import FACTORS, effects, levels
from relupool.measures.statistics import intervals


def frame_of(**accuracies):
    return pd.DataFrame(
        [(name, seed, a) for name, row in accuracies.items() for seed, a in enumerate(row)],
        columns=["network", "seed", "accuracy"],
    )


def test_interval_of_three_numbers_by_hand():
    # mean 3, sd 1, t(0.975, 2 degrees of freedom) = 4.302653 in any table
    row = intervals(frame_of(a=[2, 3, 4])).iloc[0]
    assert row[["n", "mean", "sd"]].tolist() == [3, 3, 1]
    np.testing.assert_allclose([row.low, row.high], 3 + np.array([-1, 1]) * 4.302653 / np.sqrt(3), rtol=1e-6)


def test_interval_of_two_numbers_is_wide():
    row = intervals(frame_of(a=[0.0, 1.0])).iloc[0]
    np.testing.assert_allclose([row.low, row.high], 0.5 + np.array([-1, 1]) * 12.7062 * 0.5, rtol=1e-5)


def test_one_seed_has_a_mean_and_no_interval():
    row = intervals(frame_of(a=[0.8])).iloc[0]
    assert (row["n"], row["mean"]) == (1, 0.8)
    assert row[["sd", "low", "high"]].isna().all()


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_intervals_agree_with_scipy_whatever_the_size_of_the_groups(level):
    rng = np.random.default_rng(0)
    samples = {"z": rng.normal(size=4), "a": rng.normal(size=7)}
    table = intervals(frame_of(**samples), level=level)
    assert table["network"].tolist() == ["z", "a"]  # in order of appearance, not of the alphabet
    for (_, row), sample in zip(table.iterrows(), samples.values(), strict=True):
        expected = stats.ttest_1samp(sample, 0).confidence_interval(level)
        np.testing.assert_allclose([row.low, row.high], expected)


def test_t_intervals_cover_the_mean_as_often_as_they_say():
    draws = np.random.default_rng(1).normal(0.8, 0.01, size=(4000, 3))
    frame = pd.DataFrame({"network": np.repeat(np.arange(4000), 3), "accuracy": draws.ravel()})
    table = intervals(frame, level=0.9)
    covered = ((table["low"] < 0.8) & (table["high"] > 0.8)).mean()
    assert abs(covered - 0.9) < 4 * np.sqrt(0.9 * 0.1 / 4000)


def test_groups_by_several_columns():
    frame = pd.DataFrame({"network": ["a"] * 4, "step": [1, 1, 2, 2], "accuracy": [0.1, 0.3, 0.5, 0.7]})
    assert intervals(frame, by=("network", "step"))["mean"].tolist() == pytest.approx([0.2, 0.6])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: intervals(f, level=1), "level is 1, but must be between 0 and 1"),
        (lambda f: intervals(f, value="speed"), "speed too"),
        (lambda f: intervals(f.assign(accuracy=np.nan)), "accuracy is 'not finite in some rows'"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call(frame_of(a=[1.0, 2.0], b=[2.0, 3.0]))


def test_log_odds_by_hand_and_finite_at_both_ends():
    assert log_odds(0.8, test_images=10) == pytest.approx(np.log(8.5 / 2.5))
    column = log_odds(pd.Series([0.0, 0.5, 1.0], index=[7, 8, 9]), test_images=10_000)
    assert column[8] == 0
    assert [column[9], -column[7]] == pytest.approx([np.log(10_000.5 / 0.5)] * 2)


def test_contrasts_are_taken_seed_by_seed_over_the_seeds_that_all_have():
    frame = frame_of(a=[1.0, 2.0, 9.0], b=[0.5, 1.0], c=[5.0, 7.0, 9.0])
    found = contrasts(frame, {"a - b": {"a": 1, "b": -1}, "c - mean": {"c": 1, "a": -0.5, "b": -0.5}, "c": {"c": 1}})
    assert found.groupby("contrast", sort=False)["accuracy"].agg(list).to_dict() == {
        "a - b": [0.5, 1.0],
        "c - mean": [4.25, 5.5],
        "c": [5.0, 7.0, 9.0],
    }


def test_effects_of_a_design_that_was_made_by_hand():
    design = {"both": (1, 1), "a": (1, -1), "b": (-1, 1), "none": (-1, -1)}
    found = effects(design, ("A", "B"))
    values = {"both": 10.0, "a": 7.0, "b": 4.0, "none": 3.0}
    frame = pd.DataFrame([{"network": k, "seed": 0, "accuracy": v} for k, v in values.items()])
    by_name = contrasts(frame, found).set_index("contrast")["accuracy"].to_dict()
    # A adds 6 where B is there and 4 where it is not; B adds 3 and 1
    assert by_name == {"A": 5, "B": 2, "A × B": 2}


def test_effects_of_the_grid_agree_with_least_squares():
    grid = levels()
    assert len(grid) == 16
    assert grid["untouched"] == (1, 1, 1, 1)
    rng = np.random.default_rng(5)
    frame = frame_of(**{network: rng.random(3) for network in grid})
    ours = intervals(contrasts(frame, effects(grid, list(FACTORS))), by=("contrast",)).set_index("contrast")["mean"]
    x = pd.DataFrame([dict(zip("abcd", grid[n], strict=True)) for n in frame["network"]])
    fit = sm.ols("y ~ (a + b + c + d)**2", x.assign(y=frame["accuracy"])).fit().params
    # least squares on +1 and -1 has half a main effect, and a quarter of an interaction
    assert ours["conv ReLU"] == pytest.approx(2 * fit["a"])
    assert ours["conv ReLU × max pool"] == pytest.approx(4 * fit["a:c"])
    assert ours["max pool × LRN"] == pytest.approx(4 * fit["c:d"])
    assert len(ours) == 4 + 6


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: log_odds(1.5, test_images=10), "accuracy is 1.5"),
        (lambda: contrasts(frame_of(a=[1.0]), {"x": {"a": 1, "z": -1}}), "the networks z too"),
        (lambda: contrasts(frame_of(a=[1.0, 2.0]).assign(seed=5), {}), "network twice"),
        (lambda: effects({"a": (1, 1), "b": (-1, 1)}, ("A", "B")), "2 combinations of 2 factors"),
    ],
)
def test_bad_comparisons_are_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
