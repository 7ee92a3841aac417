"""How likely a window is negative throughout: counted, integrated, simulated, and found in arrays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from relupool.theory import orthant, reference


def test_the_examples_pools_by_the_real_values_of_their_windows():
    first, second = (orthant.window_kinds(side, pool_size=3, stride=2) for side in (24, 12))
    assert first.to_numpy().tolist() == [[9, 121], [6, 22], [4, 1]]
    assert second.to_numpy().tolist() == [[9, 25], [6, 10], [4, 1]]
    assert orthant.independent(9) == 2**-9
    assert orthant.over_kinds(first, orthant.independent) == pytest.approx(0.00446, abs=5e-6)
    assert orthant.over_kinds(second, orthant.independent) == pytest.approx(0.00743, abs=5e-6)


@pytest.mark.parametrize("values", [1, 2, 4, 6, 9, 16])
def test_correlation_one_half_gives_one_in_n_plus_one(values):
    assert orthant.all_negative(values, rho=0.5) == pytest.approx(1 / (values + 1), abs=1e-12)


@pytest.mark.parametrize(("rho", "mean"), [(0.0, 0.0), (0.0, -1.3), (0.2, 0.4), (0.8, -0.7), (0.99, 0.1)])
def test_the_integral_is_scipys(rho, mean):
    rng = np.random.default_rng(0)
    theirs = multivariate_normal.cdf(np.zeros(6), np.full(6, mean), orthant.correlations(6, rho), rng=rng)
    assert orthant.all_negative(6, rho=rho, mean=mean) == pytest.approx(theirs, abs=2e-4)


def test_both_ends_of_the_correlation():
    assert orthant.all_negative(9, mean=-1.0) == pytest.approx(norm.cdf(1.0) ** 9, abs=1e-12)
    assert orthant.all_negative(9, rho=1, mean=-1.0) == pytest.approx(norm.cdf(1.0), abs=1e-12)


@pytest.mark.parametrize("wrong", [{"values": 0}, {"values": 2.5}, {"rho": 1.1}, {"rho": "x"}, {"mean": np.inf}])
def test_all_negative_refuses(wrong):
    (name,) = wrong
    arguments = {"values": 4, "rho": 0.5, "mean": 0.0} | wrong
    with pytest.raises(ValueError, match=f"{name} is"):
        orthant.all_negative(arguments.pop("values"), **arguments)


def test_simulated_windows_agree_with_the_integral():
    drawn = orthant.simulated([4, 9], rhos=[0.0, 0.5, 1.0], trials=40_000, seed=1)
    truth = [orthant.all_negative(row.values, rho=row.rho) for row in drawn.itertuples(index=False)]
    assert np.abs(drawn["all_negative"] - truth).max() < 0.01
    assert (drawn["low"] < drawn["all_negative"]).all() and (drawn["all_negative"] < drawn["high"]).all()
    with pytest.raises(ValueError, match="trials is 0"):
        orthant.simulated([4], rhos=[0.0], trials=0)


def test_the_share_of_negatives_fixes_the_mean():
    curve = orthant.by_share(9, rhos=[0.0], shares=[0.5, 0.9])
    np.testing.assert_allclose(curve["all_negative"], [0.5**9, 0.9**9], atol=1e-12)


def test_neighbours_of_noise_and_of_flat_images():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((40, 12, 12, 1))
    flat = np.broadcast_to(rng.standard_normal((40, 1, 1, 1)), noise.shape)
    still = np.ones_like(noise)
    found = orthant.neighbours(np.concatenate([noise, flat, still], axis=3), pool_size=3)
    by_channel = found.groupby("channel")["correlation"]
    assert by_channel.get_group(0).abs().max() < 0.05
    assert by_channel.get_group(1).min() == pytest.approx(1)
    assert by_channel.get_group(2).isna().all()
    assert (found.groupby("channel")["pairs"].sum() == 9 * 8 // 2).all()  # every pair of a window once


def test_whole_windows_are_those_of_the_pool_without_its_border():
    z = np.random.default_rng(0).standard_normal((3, 12, 13, 2))
    largest = reference.max_pool(z, 3, 2, "same")
    np.testing.assert_array_equal(orthant.whole_windows(z, pool_size=3, stride=2), largest[:, :5, 1:6])


def test_noise_is_explained_by_its_share_of_negatives_and_alike_values_are_not():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((200, 12, 12, 1)) - 0.8
    shared = noise + 2 * rng.standard_normal((200, 1, 1, 1))
    independent, alike = orthant.explained(np.concatenate([noise, shared], axis=3), pool_size=3, stride=2).itertuples()
    assert independent.own == pytest.approx(independent.counted, abs=0.01)
    assert alike.own < 0.2 * alike.counted
    assert alike.normal == pytest.approx(alike.counted, abs=0.06)
    assert alike.even == independent.even == 2**-9
