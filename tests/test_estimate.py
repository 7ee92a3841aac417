"""From runs to a number with its interval: which runs, at which step, over seeds and over test images."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

import frames
from relupool.claims.ledger import INTERACTION
from relupool.claims.networks import ALL_LINEAR, LITERAL, NO_CONV_RELU, UNTOUCHED
from relupool.experiments.run import pack
from relupool.experiments.studies import FIRST_ABLATIONS, LONG, SEEDS
from relupool.measures.comparisons import log_odds
from relupool.measures.estimate import Estimate, estimated, lengths
from relupool.thresholds import ONE_SEED

WORTH = {LITERAL: 1.0, ALL_LINEAR: -1.0}
ENDS = {"average pool, linear dense": 0.8, "average pool, all linear": 0.4}


def test_several_seeds_have_an_interval_and_one_has_an_assumption():
    three, one = Estimate(values=(0.38, 0.39, 0.40), steps=60_000), Estimate(values=(0.38,), steps=2_000)
    assert three.signed_points == "+39.0 ± 2.5 points"  # 4.303 * 0.01 / sqrt(3), from a table of Student's t
    assert (three.basis, three.per_cent) == ("3 seeds, 60,000 steps", "39.0 ± 2.5 %")
    assert (one.low, one.high) == (pytest.approx(0.38 - ONE_SEED), pytest.approx(0.38 + ONE_SEED))
    assert (one.signed_points, one.basis) == ("+38.0 points", "one seed, 2,000 steps, ± 2 points assumed")


def test_seeds_and_images_add_their_squares():
    found = Estimate(values=(0.1, 0.12, 0.14), steps=1_000, images=0.005)
    seeds = stats.t.ppf(0.975, 2) * 0.02 / math.sqrt(3)
    assert found.half() == pytest.approx(math.hypot(seeds, stats.norm.ppf(0.975) * 0.005))
    assert found.half(0.9) < found.half()


def test_a_contrast_is_taken_seed_by_seed():
    frame = frames.frame(FIRST_ABLATIONS, {"average pool, linear dense": [0.8, 0.7], "average pool, all linear": 0.4},
                         off=lambda place, seed: 0.0)  # fmt: skip
    found = estimated(frame, WORTH)
    assert found is not None
    assert found.values == pytest.approx((0.4, 0.3))  # the third seed has one network only
    assert estimated(frame, WORTH, minus=0.1).values == pytest.approx((0.3, 0.2))


def test_three_seeds_come_before_length_and_length_before_more_seeds():
    short = frames.frame(FIRST_ABLATIONS, ENDS, seeds=5, steps=10_000, looks=())
    long = frames.frame(LONG, ENDS, seeds=2)
    assert estimated(pd.concat([short, long]), WORTH).steps == 10_000
    assert estimated(pd.concat([short, long]), WORTH, step=60_000).n == 2
    three = frames.frame(LONG, ENDS, seeds=3)
    assert (estimated(pd.concat([short, three]), WORTH).steps, len(lengths(pd.concat([short, three]), WORTH))) == (
        60_000,
        3,
    )


def test_a_run_that_ends_at_a_step_comes_before_one_that_goes_on():
    long = frames.frame(LONG, ENDS, looks=(10_000,), grown=lambda share: 0.5 + share / 2)
    short = frames.frame(FIRST_ABLATIONS, ENDS, steps=10_000, looks=())
    for both in (pd.concat([short, long]), pd.concat([long, short])):
        assert estimated(both, WORTH, step=10_000).mean == pytest.approx(0.4, abs=0.002)


def test_runs_of_two_formats_or_backends_are_never_mixed():
    mixed = frames.frame(FIRST_ABLATIONS, {"average pool, linear dense": 0.8})
    other = frames.frame(FIRST_ABLATIONS, {"average pool, all linear": 0.4}, dtype="float32")
    assert estimated(pd.concat([mixed, other]), WORTH) is None
    assert estimated(pd.concat([mixed, other, frames.frame(FIRST_ABLATIONS, ENDS, backend="jax")]), WORTH).n == 3


def test_what_diverged_does_not_count():
    gone = {("average pool, all linear", seed): 300 for seed in range(3)}
    assert estimated(frames.frame(FIRST_ABLATIONS, ENDS, diverged=gone), WORTH) is None


def test_networks_may_be_named_by_their_labels():
    frame = frames.frame(FIRST_ABLATIONS, ENDS)
    named = {"average pool, linear dense": 1.0, "average pool, all linear": -1.0}
    assert estimated(frame, named) == estimated(frame, WORTH)


@pytest.mark.parametrize(("values", "margin"), [((-0.004, -0.006, -0.005), 0.01), ((-0.004, -0.021, 0.01), 0.01),
                                                ((0.02, 0.021, 0.025), 0.01)])  # fmt: skip
def test_the_tests_are_those_of_scipy_and_statsmodels(values, margin):
    found = Estimate(values=values, steps=1_000)
    assert found.differs == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-6)
    assert found.equivalent(margin) == pytest.approx(ttost_paired(np.array(values), np.zeros(3), -margin, margin)[0])
    assert (found.equivalent(margin) < 0.05) == (abs(found.mean) + found.half(0.9) < margin)


def test_a_risk_too_small_to_be_told_is_none():
    tight = Estimate(values=(0.8, 0.8 + 1e-9, 0.8 - 1e-9, 0.8 + 2e-9, 0.8), steps=1)
    assert (tight.differs, tight.equivalent(0.9), tight.equivalent(0.01)) == (0, 0, 1)


def test_without_spread_a_test_is_certain_and_of_one_seed_there_is_none():
    same, one = Estimate(values=(0.0, 0.0), steps=1), Estimate(values=(0.0,), steps=1)
    assert (same.differs, same.equivalent(0.01), Estimate(values=(0.5, 0.5), steps=1).equivalent(0.01)) == (1, 0, 1)
    assert math.isnan(one.differs) and math.isnan(one.equivalent(0.01)) and math.isnan(one.ends[0])


def test_log_odds_are_those_of_each_run():
    frame = frames.frame(FIRST_ABLATIONS, ENDS, seeds=2, off=lambda place, seed: 0.01 * seed)
    wanted = [float(log_odds(a, test_images=10_000) - log_odds(b, test_images=10_000))
              for a, b in ((0.8, 0.4), (0.81, 0.41))]  # fmt: skip
    assert estimated(frame, WORTH, scale="log-odds").values == pytest.approx(wanted)


def test_the_error_over_images_is_that_of_their_mean_over_seeds():
    frame = frames.frame(SEEDS, {"untouched": 0.8, "max pool, no conv ReLU": 0.79}, seeds=2)
    random = np.random.default_rng(0)
    right = {key: random.random(10_000) < 0.8 for key in frame["key"].unique()}
    hits = frame["key"].map({key: pack(hits) for key, hits in right.items()})
    found = estimated(frame.assign(hits=hits), {UNTOUCHED: 1.0, NO_CONV_RELU: -1.0})
    ends = frame[(frame["step"] == 60_000) & (frame["weights"] == "averaged")].set_index(["network", "seed"])["key"]
    a, b = (np.mean([right[ends[name, seed]] for seed in range(2)], axis=0)
            for name in ("untouched", "max pool, no conv ReLU"))  # fmt: skip
    assert found.images == pytest.approx((a - b).std() / 100, rel=0.01)  # without 20 of 10,000
    assert estimated(frame, {UNTOUCHED: 1.0, NO_CONV_RELU: -1.0}).images == 0


def test_the_interaction_adds_up_over_the_whole_grid():
    frame = frames.grid(lambda conv, dense, pool, lrn: 0.5 + 0.05 * conv - 0.02 * conv * pool, spread=0.0)
    assert estimated(frame, INTERACTION).mean == pytest.approx(0.08)
