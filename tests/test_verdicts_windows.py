"""What the chapter on all-negative windows says turns with what was found."""

from __future__ import annotations

import pandas as pd
import pytest

from relupool.verdicts import windows as verdicts


def frame(conv1: float, conv2: float) -> pd.DataFrame:
    rows = [
        {"network": "a", "seed": 0, "step": step, "layer": layer, "values": values, "all_negative": share * step / 100}
        for layer, share in (("conv1", conv1), ("conv2", conv2))
        for step in (0, 100)
        for values in (9, 4)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((0.33, 0.74), "So behind conv2 it is not the rare case but the usual one."),
        ((0.60, 0.74), "So behind conv1 and conv2 it is not the rare case"),
        ((0.30, 0.20), "the rarer case there, and yet far from rare"),
        ((0.001, 0.002), "So it is rare."),
    ],
)
def test_the_answer_turns_with_the_shares(shares, words):
    text = verdicts.answer(frame(*shares), network="a")
    assert words in text
    assert "one window in 512" in text
    assert "after 100 steps (one seed)" in text


def test_the_meaning_turns_with_the_shares_and_the_cost():
    assert verdicts.meaning(frame(0.1, 0.2), cost="−0.1 points").startswith("ReLU is idle in most windows")
    text = verdicts.meaning(frame(0.1, 0.7), cost=None)
    assert text.startswith("ReLU is not idle: it would change 10")
    assert text.endswith("is not measured here.")
