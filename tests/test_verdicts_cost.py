"""What is said of speed turns with the numbers, and is nothing on a busy machine."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.experiments.timing import Load
from relupool.theory.order_cost import by_size, by_stride, leaves
from relupool.theory.reference import max_pool
from relupool.verdicts import cost
from relupool.verdicts.conditions import Conditions

QUIET = Conditions(device="a slide rule, 2 cores", backend="Pen", load=Load(cores=2, average=0.1, others=0.01))
BEFORE = Conditions(device="a slide rule, 2 cores", backend="Pen", load=Load(cores=2, average=1.9, others=0.01))
BUSY = Conditions(device="a slide rule, 2 cores", backend="Pen", load=Load(cores=2, average=1.9, others=1.2))


def row(low: float, high: float, **more: object) -> pd.Series:
    return pd.Series({**more, "median": (low + high) / 2, "low": low, "high": high, "rounds": 9})


def test_savings_belong_to_ratios():
    assert cost.saved(row(1.25, 2.0)) == pytest.approx((1 - 1 / 1.625, 0.2, 0.5))
    assert cost.saving_words(row(0.9, 1.1)) == "0.0\N{NO-BREAK SPACE}% (−11.1 to 9.1\N{NO-BREAK SPACE}%)"


def test_what_the_check_of_positions_says():
    def said(size: int, stride: int) -> str:
        pool = {"size": size, "stride": stride}
        return cost.positions(leaves(by_stride, max_pool, **pool), leaves(by_size, max_pool, **pool), **pool)

    assert "The rule k² fails" in said(3, 2) and "the pool leaves 2, the rule says 1" in said(3, 2)
    assert "So does the rule k²" in said(2, 2)
    wrong = leaves(by_size, max_pool, size=3, stride=2)
    assert cost.positions(wrong, wrong, size=3, stride=2).startswith("The theorem fails")


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


def test_amdahl_is_held_against_the_parts():
    told = cost.amdahl(readings(**PARTS, **{cost.WHOLE: 10.0}), row(1.1, 1.2), activation="relu", factor=4)
    assert "takes 20.0\N{NO-BREAK SPACE}% of a step" in told
    assert "15.0\N{NO-BREAK SPACE}% of the step is saved at most, which agrees" in told
    impossible = cost.amdahl(readings(**PARTS, **{cost.WHOLE: 1.0}), row(1.1, 1.2), activation="relu", factor=4)
    assert "no law" in impossible


def test_a_busy_machine_is_never_passed_over():
    assert QUIET.warning == ""
    assert "may be the rest of the build" in BEFORE.warning
    assert "nothing is decided" in BUSY.warning
    for conditions in (BEFORE, BUSY):
        assert conditions.warning.startswith("```{warning}")


@pytest.mark.parametrize(
    ("conditions", "step", "commutes", "parts"),
    [
        (QUIET, (1.02, 1.04), True, ["4 times fewer", "it saves 2.9", "slide rule"]),
        (QUIET, (0.9, 0.95), True, ["costs time"]),
        (QUIET, (0.9, 1.05), False, ["could be told from nothing", "tanh does not commute"]),
        (BUSY, (1.02, 1.04), False, ["could not be measured here", "tanh does not commute"]),
    ],
)
def test_the_answer_turns(conditions, step, commutes, parts):
    told = {"factor": 4.0, "step": row(*step), "costly": row(*step), "activation": "tanh"}
    text = cost.answer(**told, conditions=conditions, commutes=commutes)
    assert all(part in text for part in parts)
    assert ("does not commute" in text) == (not commutes)


def test_as_many_numbers_are_not_one_time_fewer():
    told = {"factor": 1.0, "step": row(1, 1.1), "costly": row(1, 1.1), "activation": "tanh"}
    assert "works on as many numbers" in cost.answer(**told, conditions=QUIET, commutes=True)
