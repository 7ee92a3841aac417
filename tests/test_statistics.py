"""Statistics against numbers that can be checked by hand, and against SciPy's own tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from relupool.experiments.statistics import intervals, paired_differences, sampling_error, sampling_interval


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


def test_paired_differences_by_hand():
    table = paired_differences(frame_of(base=[1.0, 2.0, 6.0], b=[0.0, 2.0, 4.0], c=[2.0, 3.0, 7.0]), baseline="base")
    assert table["network"].tolist() == ["b", "c"]
    assert table["mean"].tolist() == [-1, 1]
    assert table["sd"].tolist() == [1, 0]  # -1, 0, -2; and 1, 1, 1: what the seeds share has gone


def test_paired_differences_agree_with_scipy():
    rng = np.random.default_rng(2)
    shared = rng.normal(size=5)
    a, b = shared + rng.normal(size=5) / 10, shared + rng.normal(size=5) / 10
    row = paired_differences(frame_of(a=a, b=b), baseline="a").iloc[0]
    np.testing.assert_allclose([row.low, row.high], stats.ttest_rel(b, a).confidence_interval(0.95))


def test_pairs_need_the_same_seed_on_both_sides():
    frame = frame_of(a=[1.0, 2.0, 3.0], b=[1.5, 2.5])
    assert paired_differences(frame, baseline="a")["n"].tolist() == [2]
    strangers = frame.assign(seed=np.where(frame["network"] == "b", frame["seed"] + 10, frame["seed"]))
    with pytest.raises(ValueError, match="share a seed with 'a'"):
        paired_differences(strangers, baseline="a")


def test_sampling_error_of_the_sources_numbers():
    # 83.4 % and 37.2 % of 10,000 images: 0.37 and 0.48 points
    np.testing.assert_allclose(sampling_error(0.834, test_images=10_000), 0.00372, atol=1e-5)
    column = sampling_error(pd.Series([0.834, 0.372], index=[5, 6]), test_images=10_000)
    assert column.round(4).to_dict() == {5: 0.0037, 6: 0.0048}
    assert sampling_error(1.0, test_images=10) == 0


def test_sampling_error_is_the_spread_of_counting():
    counts = np.random.default_rng(3).binomial(400, 0.3, size=20_000) / 400
    assert counts.std() == pytest.approx(sampling_error(0.3, test_images=400), rel=0.02)


def test_wilson_interval_by_hand():
    # 8 of 10: centre (0.8 + z^2/20)/(1 + z^2/10), with z = 1.96; Wilson's textbook example gives 0.490 to 0.943
    assert sampling_interval(0.8, test_images=10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: intervals(f, level=1), "level is 1, but must be between 0 and 1"),
        (lambda f: intervals(f, value="speed"), "speed too"),
        (lambda f: intervals(f.assign(accuracy=np.nan)), "accuracy is 'not finite in some rows'"),
        (lambda f: paired_differences(f, baseline="z"), "baseline is 'z', but must be one of 'a', 'b'"),
        (lambda f: paired_differences(pd.concat([f, f]), baseline="a"), "each network and seed once"),
        (lambda f: sampling_error(1.2, test_images=10), "accuracy is 1.2"),
        (lambda f: sampling_error(0.2, test_images=0), "test_images is 0"),
        (lambda f: sampling_interval(-0.1, test_images=10), "accuracy is -0.1"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call(frame_of(a=[1.0, 2.0], b=[2.0, 3.0]))
