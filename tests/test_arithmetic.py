"""Float32 beside bfloat16, and one seed on one machine and another."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.book.tables import table
from relupool.measures import arithmetic


def frame(bfloat16: list[float], float32: list[float]) -> pd.DataFrame:
    rows = [
        {"network": "a", "seed": seed, "dtype": dtype, "accuracy": accuracy, "weights": "averaged", "step": 3000}
        for dtype, values in (("mixed_bfloat16", bfloat16), ("float32", float32))
        for seed, accuracy in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(steps=3000, diverged_at=float("nan"), backend="tensorflow", hits=None)


def test_the_table_is_seed_by_seed():
    (row,) = arithmetic.in_both_formats(frame([0.70, 0.74], [0.71, 0.73, 0.99])).itertuples(index=False)
    assert row[:2] == ("a", 2)
    assert row[2:5] == pytest.approx((0.72, 0.72, 0))
    assert row[5] == pytest.approx(0.12706205, rel=1e-6)  # t(0.975, 1 degree of freedom) times sd 0.01414 by root 2


def test_formats_that_differ_by_less_than_a_digit_have_no_sign():
    found = arithmetic.in_both_formats(frame([0.70004, 0.74], [0.70, 0.74]))
    written = table(found, caption="Both", name="tab-both", formats=arithmetic.FORMATS)
    assert "| a | 2 | 72.0 | 72.0 | 0.0 | 0.0 |" in written


def twice(runs: dict[tuple[str, str, int], list[float]]) -> pd.DataFrame:
    """Accuracies after 1,000 and 2,000 steps, by (key, device, seed)."""
    rows = [
        {"key": key, "device": device, "seed": seed, "step": step, "accuracy": accuracy}
        for (key, device, seed), accuracies in runs.items()
        for step, accuracy in zip((1_000, 2_000), accuracies, strict=False)
    ]
    same = {"network": "a", "dtype": "float32", "backend": "tensorflow", "weights": "averaged"}
    return pd.DataFrame(rows).assign(**same, diverged_at=float("nan"))


def test_one_seed_on_one_machine_and_on_two_beside_two_seeds():
    found = arithmetic.same_seed_twice(
        twice(
            {
                ("short", "here", 0): [0.70],
                ("long", "here", 0): [0.70, 0.80],
                ("there", "there", 0): [0.71, 0.84],
                ("short, 1", "here", 1): [0.74],
                ("there, 1", "there", 1): [0.74, 0.81],
            }
        )
    )
    assert found.iloc[:, :3].to_numpy().tolist() == [
        ["one kind", 1000, 1],
        ["two kinds", 1000, 2],
        ["two kinds", 2000, 1],
    ]
    assert found["one seed, twice"].tolist() == pytest.approx([0, 1 / 2**0.5, 4])  # 0 and 1; 4
    assert found["two seeds"].tolist() == pytest.approx([4, 4, 1])  # the machine that is first by name


def test_a_machine_that_does_not_repeat_itself_is_found_out():
    found = arithmetic.same_seed_twice(twice({("short", "here", 0): [0.70], ("long", "here", 0): [0.69, 0.80]}))
    assert found["two seeds"].isna().all()
    assert found["one seed, twice"].tolist() == pytest.approx([1])


def test_without_a_pair_nothing_is_said_of_machines():
    found = arithmetic.same_seed_twice(twice({("long", "here", 0): [0.69, 0.80]}))
    assert found.empty
