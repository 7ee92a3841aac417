"""From runs to a number with its interval, over seeds and over test images: by hand, and as SciPy has it."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

import frames
from relupool.experiments.run import pack
from relupool.experiments.studies import FIRST_ABLATIONS, SEEDS
from relupool.measures.estimate import Estimate, difference, estimated, log_odds
from relupool.measures.networks import ALL_LINEAR, LITERAL, NO_CONV_RELU, UNTOUCHED
from relupool.thresholds import ONE_SEED

WORTH = difference(LITERAL, ALL_LINEAR)
ENDS = {"average pool, linear dense": 0.8, "average pool, all linear": 0.4}


def test_several_seeds_have_an_interval_and_one_has_an_assumption():
    three, one = Estimate(values=(0.38, 0.39, 0.40), steps=60_000), Estimate(values=(0.38,), steps=2_000)
    assert three.signed_points == "+39.0 ± 2.5 points"  # 4.303 * 0.01 / sqrt(3), from a table of Student's t
    assert (three.basis, three.per_cent) == ("3 seeds, 60,000 steps", "39.0 ± 2.5 %")
    assert (one.low, one.high) == (pytest.approx(0.38 - ONE_SEED), pytest.approx(0.38 + ONE_SEED))
    assert (one.signed_points, one.basis) == ("+38.0 points", "one seed, 2,000 steps, ± 2 points assumed")


def test_seeds_and_images_add_their_squares():
    both = Estimate(values=(0.1, 0.12, 0.14), steps=1_000, images=0.005)
    seeds = stats.t.ppf(0.975, 2) * 0.02 / math.sqrt(3)
    assert both.half() == pytest.approx(math.hypot(seeds, stats.norm.ppf(0.975) * 0.005))
    assert both.half(0.9) < both.half()


@pytest.mark.parametrize(("values", "margin"), [((-0.004, -0.006, -0.005), 0.01), ((-0.004, -0.021, 0.01), 0.01),
                                                ((0.02, 0.021, 0.025), 0.01)])  # fmt: skip
def test_the_tests_are_those_of_scipy_and_statsmodels(values, margin):
    e = Estimate(values=values, steps=1_000)
    assert e.ends == pytest.approx(tuple(stats.ttest_1samp(values, 0).confidence_interval(0.95)))
    assert e.differs == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-6)
    assert e.equivalent(margin) == pytest.approx(ttost_paired(np.array(values), np.zeros(3), -margin, margin)[0])
    assert (e.equivalent(margin) < 0.05) == (abs(e.mean) + e.half(0.9) < margin)


def test_a_risk_too_small_to_be_told_is_none():
    tight = Estimate(values=(0.8, 0.8 + 1e-9, 0.8 - 1e-9, 0.8 + 2e-9, 0.8), steps=1)
    assert (tight.differs, tight.equivalent(0.9), tight.equivalent(0.01)) == (0, 0, 1)


def test_without_spread_a_test_is_certain_and_of_one_seed_there_is_none():
    same, one = Estimate(values=(0.0, 0.0), steps=1), Estimate(values=(0.0,), steps=1)
    assert (same.differs, same.equivalent(0.01), Estimate(values=(0.5, 0.5), steps=1).equivalent(0.01)) == (1, 0, 1)
    assert math.isnan(one.differs) and math.isnan(one.equivalent(0.01)) and math.isnan(one.ends[0])


def test_a_contrast_is_taken_seed_by_seed_and_networks_may_be_named_by_their_labels():
    frame = frames.frame(FIRST_ABLATIONS, {"average pool, linear dense": [0.8, 0.7], "average pool, all linear": 0.4},
                         off=lambda place, seed: 0.0)  # fmt: skip
    worth = estimated(frame, WORTH)
    assert worth.values == pytest.approx((0.4, 0.3))  # the third seed has one network only
    assert estimated(frame, WORTH, minus=0.1).values == pytest.approx((0.3, 0.2))
    assert estimated(frame, difference(*ENDS)) == worth


def test_runs_of_two_formats_or_backends_are_never_mixed_and_what_diverged_does_not_count():
    mixed = frames.frame(FIRST_ABLATIONS, {"average pool, linear dense": 0.8})
    other = frames.frame(FIRST_ABLATIONS, {"average pool, all linear": 0.4}, dtype="float32")
    assert estimated(pd.concat([mixed, other]), WORTH) is None
    assert estimated(pd.concat([mixed, other, frames.frame(FIRST_ABLATIONS, ENDS, backend="jax")]), WORTH).n == 3
    gone = {("average pool, all linear", seed): 300 for seed in range(3)}
    assert estimated(frames.frame(FIRST_ABLATIONS, ENDS, diverged=gone), WORTH) is None


def test_log_odds_are_those_of_each_run_and_finite_at_both_ends():
    assert log_odds(0.8, test_images=10) == pytest.approx(np.log(8.5 / 2.5))
    assert log_odds(np.array([0.0, 0.5, 1.0]), test_images=10).tolist() == pytest.approx([-np.log(21), 0, np.log(21)])
    frame = frames.frame(FIRST_ABLATIONS, ENDS, seeds=2, off=lambda place, seed: 0.01 * seed)
    wanted = [log_odds(a, test_images=10_000) - log_odds(b, test_images=10_000) for a, b in ((0.8, 0.4), (0.81, 0.41))]
    assert estimated(frame, WORTH, scale="log-odds").values == pytest.approx(wanted)


def test_the_error_over_images_is_that_of_their_mean_over_seeds():
    frame = frames.frame(SEEDS, {"untouched": 0.8, "max pool, no conv ReLU": 0.79}, seeds=2)
    random = np.random.default_rng(0)
    right = {key: random.random(10_000) < 0.8 for key in frame["key"].unique()}
    hits = frame["key"].map({key: pack(hits) for key, hits in right.items()})
    worth = estimated(frame.assign(hits=hits), difference(UNTOUCHED, NO_CONV_RELU))
    ends = frame[(frame["step"] == 60_000) & (frame["weights"] == "averaged")].set_index(["network", "seed"])["key"]
    a, b = (np.mean([right[ends[name, seed]] for seed in range(2)], axis=0)
            for name in ("untouched", "max pool, no conv ReLU"))  # fmt: skip
    assert worth.images == pytest.approx((a - b).std() / 100, rel=0.01)  # without 20 of 10,000
    assert estimated(frame, difference(UNTOUCHED, NO_CONV_RELU)).images == 0
