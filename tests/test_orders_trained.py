"""Both orders trained: differences, equivalence, and networks in lockstep."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.weightstats import ttost_paired

from frames import of_study as frame
from relupool.experiments import lockstep
from relupool.experiments.data import Images
from relupool.experiments.networks import Architecture, GradientGate
from relupool.experiments.studies import ORDER, SWAPPED, SWAPS
from relupool.thresholds import POINT
from relupool.verdicts import orders_trained as orders

LABELS = list(ORDER.networks)
ENDS = dict(zip(LABELS, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.63), strict=True))


def test_the_pairs_are_the_studies():
    assert orders.PAIRS == ("ReLU and max", "GELU and max", "ReLU and average", "ReLU and blur")
    assert [pair + order for pair in orders.PAIRS for order in (orders.FIRST, orders.LAST)] == LABELS


def test_differences_are_last_minus_first_and_tested_as_statsmodels_does():
    results = frame(ORDER, ENDS, spread=0.4)
    found = orders.pairs(results).set_index("pair")
    assert found["mean"].tolist() == pytest.approx([0, 0.001, -0.04, -0.02], abs=5e-3)
    ends = results[(results["step"] == 2_000) & (results["weights"] == "averaged")].set_index(["network", "seed"])
    first, last = (ends.loc["GELU and max" + order, "accuracy"].to_numpy() for order in (orders.FIRST, orders.LAST))
    assert found.loc["GELU and max", "p"] == pytest.approx(ttost_paired(last, first, -POINT, POINT)[0])
    assert (found["holm"] >= found["p"]).all()
    assert found["first"].tolist() == pytest.approx([0.68, 0.66, 0.64, 0.65], abs=5e-3)


def test_one_seed_shows_no_equivalence_and_says_so():
    table = orders.table(orders.pairs(frame(ORDER, ENDS, seeds=1)))
    assert (table["n"] == 1).all()
    assert table["p (Holm)"].isna().all()
    assert table["±"].isna().all()


def test_pairs_with_missing_and_diverged_runs_are_left_out():
    part = frame(ORDER, ENDS, diverged=[(LABELS[4], seed) for seed in range(3)])
    assert orders.pairs(part)["pair"].tolist() == ["ReLU and max", "GELU and max", "ReLU and blur"]
    nothing = part[part["network"] == LABELS[0]]
    assert orders.pairs(nothing).empty
    assert orders.table(orders.pairs(nothing)).empty


def losses(*changed: int) -> pd.DataFrame:
    rows = [
        {"network": "ReLU and max" + order, "seed": seed, "step": step, "loss": 2.0 + step / 1000 + (
            0.001 if order == orders.LAST and step in changed else 0)}
        for order in (orders.FIRST, orders.LAST) for seed in (0, 1) for step in (50, 100, 150)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_logged_losses_are_compared_entry_by_entry():
    assert orders.logged(losses(), "ReLU and max").startswith("All 6 training losses")
    assert "Of 6 logged training losses 2 are the same; the first to differ is at step 100" in orders.logged(
        losses(100, 150), "ReLU and max"
    )
    assert orders.logged(losses(), "GELU and max") == "Their training losses are not stored."


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
    found = orders.coincidence(side_by_side).set_index("pair")
    assert np.isnan(found.loc["same", "parted"])
    assert found.loc["same", "weights_differ"] == 0
    assert found.loc["same", "weights"] == 1_068_298
    assert found.loc["ungated", "parted"] == 1  # the values agree, the gradients do not
    assert found.loc["ungated", "weights_differ"] > 1000
    assert orders.coincide(side_by_side, "same") == (
        "Both orders train to the same numbers. Same: all 3 losses equal, 0 of 1,068,298 weights differ."
    )
    told = orders.coincide(side_by_side, "same", "ungated")
    assert told.startswith("Not all train to the same numbers in both orders. Same: ")
    assert "ungated: the losses part at batch 1, by up to " in told
    assert orders.parted(side_by_side) == (
        "Over 3 batches both orders stayed equal to the last bit: same; their losses parted: ungated at batch 1."
    )
    table = orders.parting_table(side_by_side)
    assert table["losses part at batch"].tolist() == ["never", "1"]


def test_lockstep_sees_the_last_bit_and_counts_a_nan_as_a_difference():
    a = lockstep.Path(np.float32([1, 2, 3]), (np.zeros(3, "float32"),))
    b = lockstep.Path(np.float32([1, np.nextafter(np.float32(2), np.float32(3)), 3]), (np.float32([0, 0, 1]),))
    row = orders.coincidence(lockstep.beside(a, b).assign(pair="p")).iloc[0]
    assert (row["parted"], row["weights_differ"], row["weights"]) == (1, 1, 3)
    assert row["largest"] == pytest.approx(2.0**-22)
    lost = lockstep.Path(np.float32([1, 2, np.nan]), a.weights)
    assert orders.coincidence(lockstep.beside(a, lost).assign(pair="p")).iloc[0]["parted"] == 2


def test_the_first_batch_has_the_loss_of_the_untrained_network(side_by_side):
    assert side_by_side.query("step == 0")["first"].tolist() == pytest.approx([4.6757] * 2, abs=0.05)
