"""What is said of averages follows from the evidence, and turns with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relupool.book.runs import store
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.theory import jensen, reference, soft_maximum
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import commutes
from relupool.verdicts import averages, inside


def average_pool(x):
    return reference.average_pool(x, 3, 2, "same")


def evidence(name: str, trials: int = 35):
    return commutes(ACTIVATIONS[name], average_pool, trials=trials, shrinking=False)


def smallest(name: str):
    return jensen.smallest_gap(name, jensen.windows(300, n=9))


@pytest.mark.parametrize(
    ("name", "begins", "says"),
    [
        ("relu", "No, not with relu", "is −1, 1: averaging first gives 0, averaging last 0.5. relu is convex"),
        ("log_sigmoid", "No, not with log_sigmoid", "averaging last never gives more"),
        ("gelu", "No, not with gelu", "gelu bends both ways, so averaging last can give more or less"),
        ("linear", "Yes, with linear", "none differed"),
    ],
)
def test_the_answer_turns_with_the_activation(name, begins, says):
    text = averages.answer(name, evidence(name), jensen.bend(name), smallest(name))
    assert text.startswith(begins)
    assert says in text


def test_the_sign_is_told_with_its_shares():
    rows = jensen.signs(jensen.windows(100, n=9), names=["relu", "log_sigmoid", "linear", "tanh"]).set_index(
        "activation", drop=False
    )
    relu, concave, straight, both = (averages.sign_told(rows.loc[name]) for name in rows.index)
    assert "less must not occur" in relu and relu.endswith("less in 0.0\N{NO-BREAK SPACE}%.")
    assert "more must not occur" in concave
    assert "there is no gap" in straight
    assert "says nothing about the sign" in both


def test_the_stored_gaps():
    results = store().largest(FIRST_ABLATIONS)
    gaps = averages.channel_gaps(results)
    means = gaps.groupby(["network", "layer", "step"])["pool_gap"].mean()
    layers = inside.layers(results).groupby(["network", "layer", "step"])["pool_gap"].mean()
    pd.testing.assert_series_equal(means, layers)
    relu = gaps["network"].map({k: v.conv_activation == "relu" for k, v in FIRST_ABLATIONS.networks.items()})
    assert (gaps[relu]["pool_gap"] >= 0).all()  # Jensen
    assert (gaps[~relu]["pool_gap"] == 0).all()  # nothing bends
    table = averages.yardstick(results)
    assert set(table["network"]) == set(gaps[relu]["network"])
    np.testing.assert_allclose(table["ratio"], table["gap"] / table["rms"])
    assert (table["ratio"] < table["independent"]).all()  # neighbours are alike
    assert "Behind conv2 the gap is" in averages.size_told(table)
    assert averages.size_told(table[:0]).startswith("No network with ReLU")


def test_a_bound_is_kept_or_not():
    betas = np.array([1.0, 100.0])
    x = soft_maximum.windows(400, n=9)
    frame = soft_maximum.largest_gaps(["relu", "gelu"], x, betas=betas)
    relu, gelu = (averages.within_told(name, part) for name, part in frame.groupby("activation", sort=False))
    assert relu.endswith("within it.")
    assert "beyond it. The theorem does not speak of it" in gelu
