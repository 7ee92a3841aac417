"""Float32 beside bfloat16: the table, and a verdict that turns with its numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.verdicts import arithmetic


def frame(bfloat16: list[float], float32: list[float]) -> pd.DataFrame:
    rows = [
        {"network": "a", "seed": seed, "dtype": dtype, "accuracy": accuracy, "weights": "averaged", "step": 3000}
        for dtype, values in (("mixed_bfloat16", bfloat16), ("float32", float32))
        for seed, accuracy in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(steps=3000, diverged_at=float("nan"))


def test_the_table_is_seed_by_seed():
    (row,) = arithmetic.in_both_formats(frame([0.70, 0.74], [0.71, 0.73, 0.99])).itertuples(index=False)
    assert row[:2] == ("a", 2)
    assert row[2:5] == pytest.approx((72, 72, 0))
    assert row[5] == pytest.approx(6.313752, rel=1e-6)  # t(0.95, 1 degree of freedom) times sd 1.414 by root 2


@pytest.mark.parametrize(
    ("bfloat16", "float32", "words"),
    [
        ([0.741, 0.742, 0.740], [0.740, 0.742, 0.741], "holds under a condition: 3,000 steps"),
        ([0.700, 0.701, 0.702], [0.740, 0.742, 0.741], "fails"),
        ([0.72, 0.76, 0.74], [0.740, 0.742, 0.741], "not decided: too few seeds"),
        ([0.74], [0.74], "not decided: one seed"),
        ([], [0.74], "not decided: not trained"),
    ],
)
def test_the_verdict_turns_with_the_numbers(bfloat16, float32, words):
    verdict = arithmetic.same_accuracy(frame(bfloat16, float32))
    assert verdict.words == words
    if "not trained" not in words:
        assert "3,000 steps" in verdict.reason
