"""Both orders trained: differences and losses."""

from __future__ import annotations

import pandas as pd
import pytest

from frames import of_study as frame
from relupool.experiments.studies import ORDER
from relupool.measures import orders_trained as orders

LABELS = list(ORDER.networks)
ENDS = dict(zip(LABELS, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.63), strict=True))


def test_the_pairs_are_the_studies():
    assert orders.PAIRS == ("ReLU and max", "GELU and max", "ReLU and average", "ReLU and blur")
    assert [pair + order for pair in orders.PAIRS for order in (orders.FIRST, orders.LAST)] == LABELS


def test_differences_are_first_minus_last():
    found = orders.first_minus_last(frame(ORDER, ENDS, spread=0.4))
    assert [estimate.mean for estimate in found.values()] == pytest.approx([0, -0.001, 0.04, 0.02], abs=5e-3)
    assert {estimate.n for estimate in found.values()} == {3}


def test_pairs_with_missing_and_diverged_runs_are_left_out():
    part = frame(ORDER, ENDS, diverged=[(LABELS[4], seed) for seed in range(3)])
    assert list(orders.first_minus_last(part)) == ["ReLU and max", "GELU and max", "ReLU and blur"]
    assert orders.first_minus_last(part[part["network"] == LABELS[0]]) == {}


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
