"""From a difference to a verdict: every rung of the ladder, and how its numbers are written."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.experiments.statistics import intervals
from relupool.verdicts.judging import Difference, judged, no_answer, unfit
from relupool.verdicts.rules import ENOUGH, LONG, ONE_SEED
from relupool.verdicts.verdict import VERDICTS, tally


def difference(*values: float, steps: int = LONG) -> Difference:
    frame = pd.DataFrame({"network": "it", "accuracy": values})
    return Difference.of(intervals(frame).iloc[0], steps=steps)


def test_several_seeds_have_an_interval_and_one_has_an_allowance() -> None:
    three, one = difference(-0.38, -0.39, -0.40), difference(-0.38)
    assert three.points == "39.0 ± 2.5 points"  # 4.303 * 0.01 / sqrt(3), from a table of Student's t
    assert three.signed_points == "−39.0 ± 2.5 points"
    assert (three.basis, three.condition) == ("3 seeds, 95 % interval", "")
    assert (one.points, one.signed_points) == ("38.0 points", "−38.0 points")
    assert (one.low, one.high) == (pytest.approx(-0.38 - ONE_SEED), pytest.approx(-0.38 + ONE_SEED))
    assert "no interval" in one.basis


@pytest.mark.parametrize(
    ("unfit", "sure", "excluded", "steps", "words"),
    [
        ("", True, False, LONG, "holds"),
        ("", True, False, 2_000, "holds under a condition: 2,000 steps"),
        ("", False, True, LONG, "fails"),
        ("", False, True, 2_000, "fails: with 2,000 steps"),
        ("", False, False, LONG, "not decided: too close"),
        ("", False, False, 2_000, "not decided: too close, 2,000 steps"),
        ("too few steps", True, False, LONG, "not decided: too few steps"),
    ],
)
def test_ladder(unfit: str, sure: bool, excluded: bool, steps: int, words: str) -> None:
    found = difference(0.3, 0.31, steps=steps)
    assert judged("It is so.", "Because.", found, unfit, sure=sure, excluded=excluded).words == words


@pytest.mark.parametrize(
    ("dataset", "steps", "why", "answer"),
    [
        ("cifar10", ENOUGH, "", ""),
        ("cifar10", ENOUGH - 1, "too few steps", "These runs have too few steps, so this build has no answer."),
        (
            "synthetic",
            ENOUGH,
            "not trained on CIFAR-10",
            "These runs were not trained on CIFAR-10, so this build has no answer.",
        ),
    ],
)
def test_unfit_runs_decide_nothing(dataset: str, steps: int, why: str, answer: str) -> None:
    frame = pd.DataFrame({"dataset": [dataset] * 2, "steps": [steps, steps + 1]})
    assert unfit(frame) == why
    assert unfit(frame, steps=steps) == why
    assert not why or no_answer(why) == answer


def test_verdicts_are_counted_in_words() -> None:
    assert tally(["not decided", "holds", "fails", "holds", "not decided"]) == "2 hold, one fails and 2 are not decided"
    every = "one holds, one holds under a condition, one fails, one is documented and one is not decided"
    assert tally(VERDICTS) == every
