"""Both orders trained: differences, losses, and networks in lockstep."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

from frames import of_study as frame
from relupool.experiments import lockstep
from relupool.experiments.data import Images
from relupool.experiments.networks import Architecture, GradientGate
from relupool.experiments.studies import ORDER, SWAPPED, SWAPS
from relupool.verdicts import orders_trained as orders

LABELS = list(ORDER.networks)
ENDS = dict(zip(LABELS, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.63), strict=True))


def test_the_pairs_are_the_studies():
    assert orders.PAIRS == ("ReLU and max", "GELU and max", "ReLU and average", "ReLU and blur")
    assert [pair + order for pair in orders.PAIRS for order in (orders.FIRST, orders.LAST)] == LABELS


def test_differences_are_last_minus_first():
    found = orders.last_minus_first(frame(ORDER, ENDS, spread=0.4))
    assert [estimate.mean for estimate in found.values()] == pytest.approx([0, 0.001, -0.04, -0.02], abs=5e-3)
    assert {estimate.n for estimate in found.values()} == {3}


def test_pairs_with_missing_and_diverged_runs_are_left_out():
    part = frame(ORDER, ENDS, diverged=[(LABELS[4], seed) for seed in range(3)])
    assert list(orders.last_minus_first(part)) == ["ReLU and max", "GELU and max", "ReLU and blur"]
    assert orders.last_minus_first(part[part["network"] == LABELS[0]]) == {}


def losses(*changed: int) -> pd.DataFrame:
    rows = [
        {"network": "ReLU and max" + order, "seed": seed, "step": step, "loss": 2.0 + step / 1000 + (
            0.001 if order == orders.LAST and step in changed else 0)}
        for order in (orders.FIRST, orders.LAST) for seed in (0, 1) for step in (50, 100, 150)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_logged_losses_are_compared_entry_by_entry():
    assert orders.same_losses(losses(), "ReLU and max") == (6, 6)
    assert orders.same_losses(losses(100, 150), "ReLU and max") == (2, 6)
    assert orders.same_losses(losses(), "GELU and max") == (0, 0)


PAIRS = {
    "same": (Architecture(), SWAPS[0]),
    "ungated": tuple(
        Architecture(lrn=False, order=(o, o), conv_activation=GradientGate(forward="relu", gated=False))
        for o in ("conv-act-pool", SWAPPED)
    ),
}


@pytest.fixture(scope="module")
def side_by_side() -> pd.DataFrame:
    random = np.random.default_rng(0)
    x, y = random.integers(0, 256, (64, 32, 32, 3), np.uint8), random.integers(0, 10, 64).astype(np.uint8)
    data = lockstep.batches(Images(x, y, x, y, name="synthetic", sha256="0" * 64), steps=3, batch_size=4, seed=1)
    return lockstep.together(PAIRS, data, seed=1)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="XLA may round the two orders apart")
def test_relu_behind_pool1_trains_to_the_same_bits_and_an_ungated_one_parts_after_the_first_step(side_by_side):
    found = {pair: rows for pair, rows in side_by_side.groupby("pair")}
    same, ungated = found["same"], found["ungated"]
    assert (same["difference"] == 0).all()
    assert (same["weights_differ"].iloc[0], same["weights"].iloc[0]) == (0, 1_068_298)
    assert (ungated["difference"] != 0).tolist() == [False, True, True]  # the values agree, the gradients do not
    assert ungated["weights_differ"].iloc[0] > 1000


def test_lockstep_sees_the_last_bit_and_counts_a_nan_as_a_difference():
    a = lockstep.Path(np.float32([1, 2, 3]), (np.zeros(3, "float32"),))
    b = lockstep.Path(np.float32([1, np.nextafter(np.float32(2), np.float32(3)), 3]), (np.float32([0, 0, 1]),))
    found = lockstep.beside(a, b)
    assert (found["difference"] != 0).tolist() == [False, True, False]
    assert found["difference"].max() == pytest.approx(2.0**-22)
    assert (found["weights_differ"].iloc[0], found["weights"].iloc[0]) == (1, 3)
    lost = lockstep.Path(np.float32([1, 2, np.nan]), a.weights)
    assert (lockstep.beside(a, lost)["difference"] != 0).tolist() == [False, False, True]


def test_the_first_batch_has_the_loss_of_the_untrained_network(side_by_side):
    assert side_by_side.query("step == 0")["first"].tolist() == pytest.approx([4.6757] * 2, abs=0.05)
