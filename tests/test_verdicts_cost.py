"""Savings, shares and bounds, from times."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.measures import cost


def row(low: float, high: float, **more: object) -> pd.Series:
    return pd.Series({**more, "median": (low + high) / 2, "low": low, "high": high, "rounds": 9})


def test_savings_belong_to_ratios():
    assert cost.saved(row(1.25, 2.0)) == pytest.approx((1 - 1 / 1.625, 0.2, 0.5))
    assert cost.saving_words(row(0.9, 1.1)) == "0.0\N{NO-BREAK SPACE}% (−11.1 to 9.1\N{NO-BREAK SPACE}%)"


def readings(**seconds: float) -> pd.DataFrame:
    kinds = {"conv1": "convolution", "pool1": "pooling", "activation1": "activation", "norm1": "normalization"}
    kinds |= {"local3": "dense", cost.WHOLE: cost.WHOLE}
    return pd.DataFrame(
        [
            {"layer": layer, "type": kinds[layer], "direction": way, "round": k, "seconds": seconds[layer] * (k + 1)}
            for layer in kinds
            for way in ("both ways", "forward")
            for k in range(6)
        ]
    )


PARTS = {"conv1": 4.0, "pool1": 1.0, "activation1": 2.0, "norm1": 0.5, "local3": 0.5}


def test_shares_are_taken_in_each_round_and_add_up():
    found = cost.shares(readings(**PARTS, **{cost.WHOLE: 10.0})).set_index("type")
    assert list(found.index) == list(cost.TYPES)
    assert found["median"].sum() == pytest.approx(1)
    assert found.loc["convolution", ["median", "low", "high"]].tolist() == [0.4, 0.4, 0.4]
    assert found.loc[cost.REST, "median"] == pytest.approx(0.2)
    over = cost.shares(readings(**PARTS, **{cost.WHOLE: 5.0})).set_index("type")
    assert over.loc[cost.REST, "median"] == pytest.approx(-0.6)


def test_at_most_the_share_of_the_first_activation_is_saved():
    found = cost.most(readings(**PARTS, **{cost.WHOLE: 10.0}), factor=4)
    assert found[["median", "low", "high"]].tolist() == pytest.approx([0.15] * 3)
    assert cost.most(readings(**PARTS, **{cost.WHOLE: 10.0}), factor=1)["high"] == 0
