"""Rounding is found where it is put, and nowhere else."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import expit

from relupool.book.evidence import falls_table, saturation_table
from relupool.book.layers import pullback
from relupool.theory import reference, rounding
from relupool.theory.activations import ACTIVATIONS


def pool(x):
    return reference.max_pool(x, 3, 2, "same").astype(np.asarray(x).dtype)


def pool_of_two(x):
    return keras.ops.max_pool(x, 2, 2, padding="same")


def coarse(name):
    """Functions made of float32's first digits, so that they are level in steps; tanh with a fall in each."""

    def saw(x):
        x = np.asarray(x)
        return (np.floor(8 * x) - (8 * x - np.floor(8 * x)) / 2).astype("float32")

    return saw if name == "tanh" else lambda x: np.floor(8 * np.asarray(x))


def test_steps_do_not_fall_and_a_saw_does():
    found = rounding.falls(coarse, pool, numbers=2000).set_index("activation")
    saw, steps = found.loc["tanh"], found.drop("tanh")
    assert not steps[["out_of_order", "ordinary", "differing"]].any(axis=None)
    assert steps["low"].isna().all()
    assert 1000 < saw["out_of_order"] < 2000
    assert saw["ordinary"] > 0 < saw["differing"]
    assert (found["compared"] >= 2000).all()


def test_sizes_are_those_that_are_stated():
    found = rounding.falls(keras.activations.get, pool)
    assert found["activation"].tolist() == list(rounding.SMOOTH)
    assert (found["pairs"] == 70_000).all()
    assert (found["compared"] == 70_000).all()
    assert found.set_index("activation").loc["tanh", "out_of_order"] > 0
    assert found["largest_deviation"].max() < 1e-6
    shown = falls_table(found)
    assert shown["neighbours in the wrong order"].tolist() == found["out_of_order"].tolist()


def test_the_truth_does_not_fall():
    found = rounding.falls(lambda name: ACTIVATIONS[name], lambda x: reference.max_pool(x, 3, 2), numbers=5000)
    assert found[["out_of_order", "ordinary", "differing"]].to_numpy().sum() == 0


@pytest.mark.parametrize(("dtype", "count"), [("float16", 31_743), ("bfloat16", 32_639)])
def test_every_positive_number_of_a_format(dtype, count):
    x = rounding.positive(dtype).astype(float)
    assert len(x) == count
    assert (np.diff(x) > 0).all()
    assert x[0] > 0
    assert np.isfinite(x[-1])


def test_an_exactly_rounded_sigmoid_saturates_where_it_must():
    def rounded(x):  # rounds to 1 from halfway to the number below it on
        return expit(np.asarray(x).astype(float)).astype(np.asarray(x).dtype)

    def none(function, x, upstream):
        return np.zeros_like(x)

    def largest(x):
        return np.asarray(x).max(axis=2, keepdims=True)

    found = rounding.saturation(rounded, largest, none)
    for row in found[found["result"] == 1].itertuples():
        exact = {"float16": 12, "bfloat16": 9}[row.format] * np.log(2)  # e^-x is half of the last digit below 1
        assert row.low == pytest.approx(exact, rel=0.01)
    below = found[found["result"] < 1]
    assert (below["low"] < below["high"]).all()
    assert below["result"].tolist() == [1 - 2.0**-11, 1 - 2.0**-8]


def test_from_the_number_that_is_told_on_every_result_is_1():
    def uneven(x):  # as TensorFlow's sigmoid: 1 at some numbers below others that do not reach it
        y = expit(np.asarray(x).astype(float))
        return np.where(np.asarray(x).astype(float) == 2.0, 1.0, y).astype(np.asarray(x).dtype)

    found = rounding.saturation(uneven, lambda x: np.asarray(x).max(axis=2, keepdims=True), lambda f, x, u: 0 * x)
    below, ones = found[found["result"] < 1], found[found["result"] == 1]
    assert (ones["low"].to_numpy() > below["high"].to_numpy()).all()


def test_a_tie_sends_the_gradient_to_the_other_number():
    found = rounding.saturation(keras.activations.sigmoid, pool_of_two, pullback)
    assert found["format"].tolist() == ["float16"] * 2 + ["bfloat16"] * 2
    below, ones = found[found["result"] < 1], found[found["result"] == 1]
    assert (below["first_high"] == below["last_low"]).all()
    assert (below["first_high"] > 0).all()
    assert (below[["first_low", "last_high"]] == 0).all(axis=None)
    assert (ones[["first_low", "first_high", "last_low", "last_high"]] == 0).all(axis=None)
    assert saturation_table(found)["sigmoid of both"].tolist()[1::2] == ["1", "1"]
