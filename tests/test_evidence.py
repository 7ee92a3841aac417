"""The search for counterexamples finds what differs and nothing else, and tells what it found in numbers."""

from __future__ import annotations

import keras
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.book.evidence import agreement_table, edge_table, told, with_minus
from relupool.book.layers import KERAS, pullback
from relupool.experiments.networks import ELEMENTWISE
from relupool.theory import checks, order, reference, survey
from relupool.theory.activations import ACTIVATIONS, STRAIGHT
from relupool.theory.checks import commutes
from relupool.theory.evidence import compare, deviations, draw, shrink, together

TRIALS = 210
FALLING = {"gelu", "hard_silu", "mish", "silu"}
EXAMPLES = 20 if keras.backend.backend() == "tensorflow" else 4  # JAX compiles every new shape


def pool_of_two(x):
    return keras.ops.max_pool(x, 2, 2, "same")


def test_a_misplaced_gradient_is_found_out():
    """Both orders go through the same pullback, so only one that depends on the order can be wrong."""

    def by_order(function, x, upstream):
        gradient = np.asarray(pullback(function, x, upstream))
        return np.roll(gradient, 1, axis=2) if "activate_first" in repr(function) else gradient

    relu = keras.activations.relu
    assert commutes(relu, KERAS.largest, trials=50, pullback=pullback).exact
    assert not commutes(relu, KERAS.largest, trials=50, pullback=by_order, shrinking=False).holds


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(STRAIGHT),
    size=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["same", "valid"]),
    shape=st.tuples(st.integers(5, 9), st.integers(5, 9), st.integers(1, 3)),
    dtype=st.sampled_from(["float32", "float16", "bfloat16"]),
    seed=st.integers(0, 99),
)
def test_straight_activations_commute_bit_for_bit(name, size, stride, padding, shape, dtype, seed):
    def pool(x):  # of NumPy's numbers with 16 bits Keras would make some with 32
        return keras.ops.max_pool(keras.ops.convert_to_tensor(x, dtype=dtype), size, stride, padding)

    assert commutes(keras.activations.get(name), pool, trials=21, shape=shape, dtype=dtype, seed=seed).exact


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(sorted(ACTIVATIONS)),
    size=st.integers(2, 4),
    stride=st.integers(1, 4),
    rank=st.integers(0, 8),
    seed=st.integers(0, 99),
)
def test_order_statistics_commute_exactly_with_what_never_falls(name, size, stride, rank, seed):
    pool = reference.order_pool(min(rank, size**2 - 1))
    evidence = commutes(ACTIVATIONS[name], lambda x: pool(x, size, stride, "same"), trials=105, seed=seed)
    assert evidence.exact or name in FALLING


def test_the_activations_that_do_not_commute():
    table = survey.survey(keras.activations.get, keras.ops.max_pool, pool_size=3, trials=1)  # few do not acquit
    verdicts = table.set_index("activation")["verdict"]
    assert set(verdicts.index) == set(ELEMENTWISE)
    assert set(verdicts.index[verdicts == "no"]) == FALLING
    assert (verdicts[[*STRAIGHT]] == "bit for bit").all()
    many = survey.survey(keras.activations.get, keras.ops.max_pool, pool_size=3, trials=TRIALS)
    assert many.set_index("activation").loc["tanh", "verdict"] == "but for rounding"


def test_the_orders_differ_for_just_the_pairs_that_are_out_of_order():
    pairs = draw(300, shape=(1, 2, 1))

    def search(name, pool=lambda x: x.max(axis=2, keepdims=True)):
        agrees, in_order = order.rising_or_not(ACTIVATIONS[name], pool)
        return compare(agrees, in_order, pairs, shrinking=False), int((in_order(pairs) == 0).sum())

    evidence, wrong = search("gelu")
    low, high = (ACTIVATIONS["gelu"](end.astype(float)) for end in (pairs.min(axis=2), pairs.max(axis=2)))
    assert evidence.exact and wrong == (low > high).sum() > 0
    assert search("relu")[1] == 0
    assert not search("gelu", lambda x: x.mean(axis=2, keepdims=True))[0].exact


def test_convexity_and_order_are_told_from_their_opposites():
    assert not checks.is_convex(lambda x: -KERAS.largest(x)).holds
    assert checks.is_convex(lambda x: x**2).exact
    assert not checks.is_convex(lambda x: np.sqrt(np.abs(x))).holds
    assert not checks.keeps_order(np.negative).holds
    assert not checks.keeps_order(lambda x: x - x.mean(axis=(1, 2), keepdims=True)).holds


def test_evidence_adds_up():
    x = np.array([[1.0], [2.0], [3.0]])
    good, off, far = (compare(lambda x: x, lambda x, c=c: c * x, x, shrinking=False) for c in (1, 2, 3))
    total = together([good, far, off])
    assert (total.trials, total.compared, total.differing, total.largest_deviation) == (9, 9, 6, 6)
    assert total.counterexample is far.counterexample
    assert not total.holds


@pytest.mark.parametrize(
    ("activation", "pool", "smallest"),
    [("gelu", reference.max_pool, [-2, -1]), ("relu", reference.average_pool, [-1, 1])],
)
def test_counterexamples_are_small(activation, pool, smallest):
    found = commutes(ACTIVATIONS[activation], lambda x: pool(x, 3, 2, "same"), trials=TRIALS).counterexample
    assert sorted(found.input.ravel()) == smallest
    assert not np.array_equal(found.left, found.right)


def test_functions_that_refuse_small_inputs_can_be_compared():
    evidence = commutes(ACTIVATIONS["gelu"], lambda x: reference.max_pool(x, 3, 2, "valid"), trials=TRIALS)
    assert evidence.counterexample.input.shape[1:3] == (3, 3)


@pytest.mark.parametrize("dtype", ["float32", "float16", ml_dtypes.bfloat16])
def test_shrinking_ends_at_the_simplest(dtype):
    x = np.array([[3.37, 5.1234, -7.7, 2.0]], dtype=dtype)
    assert shrink(x, lambda x: (x.astype(float) > 0.07).any(axis=1)).tolist() == [[1]]
    ((near,),) = shrink(x, lambda x: (np.abs(x.astype(float) - 5.1) < 0.03).any(axis=1))
    assert str(near) in ("5.1", "5.125")


def test_deviations_count_units_in_the_last_place():
    above_one = np.nextafter(np.float32(1), np.float32(2))
    a = np.array([1, 1, 0.0, np.nan, np.inf, np.inf, 2], dtype="float32")
    b = np.array([1, above_one, -0.0, np.nan, np.inf, 5, 2 + 2**-21], dtype="float32")
    gap, ulps = deviations(a, b)
    assert gap.tolist() == [0, 2.0**-23, 0, 0, 0, np.inf, 2.0**-21]
    assert ulps.tolist() == [0, 1, 0, 0, 0, np.inf, 2]
    strict, lenient = (compare(lambda x: x, lambda x: x * above_one, a[:1], allowed=n) for n in (0, 1))
    assert not strict.holds
    assert lenient.holds and not lenient.exact and lenient.allowed == lenient.ulps == 1


def test_draws_repeat_and_hold_every_kind():
    x = draw(70, shape=(4, 5, 2), seed=3)
    np.testing.assert_array_equal(x, draw(70, shape=(4, 5, 2), seed=3))
    assert not np.array_equal(x, draw(70, shape=(4, 5, 2), seed=4))
    whole, same, near, negative, zeros = (x[kind::7].reshape(10, -1) for kind in range(2, 7))
    np.testing.assert_array_equal(whole, np.round(whole))
    assert (np.ptp(same, axis=1) == 0).all()
    assert 0 < np.ptp(near / near[:, :1], axis=1).max() < 1e-5
    assert (negative <= 0).all()
    assert np.signbit(zeros[zeros == 0]).any()


@pytest.mark.parametrize(
    ("call", "named"),
    [(lambda right=right: deviations(np.zeros(3, "float32"), right), r"right is .* must be of the format and shape")
     for right in (np.zeros(3, "float64"), np.zeros(2, "float32"))]
    + [(lambda bad=bad: draw(**{"trials": 3, "shape": (2,)} | bad), f"{next(iter(bad))} is")
       for bad in ({"trials": 0}, {"trials": True}, {"trials": 2.5}, {"dtype": "int8"})],
)  # fmt: skip
def test_what_cannot_be_compared_or_drawn_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_a_result_that_depends_on_the_company_is_found():
    assert checks.is_the_same_everywhere(keras.activations.relu, trials=50).exact
    assert not checks.is_the_same_everywhere(lambda x: x * (1 + (len(x) > 3)), trials=50).holds


def test_edge_cases_at_zero_and_infinity():
    edges = survey.edge_cases(keras.activations.relu, pool_of_two)
    certain = ["two equal numbers", "the two zeros", "infinity", "minus infinity", "nothing but minus infinity"]
    assert edges.set_index("case").loc[certain, "same"].all()
    assert edge_table(edges).set_index("case").loc["minus infinity"].tolist() == ["−∞, 1", "1", "1", "yes"]


def test_evidence_is_told_with_its_numbers():
    gelu, relu = (commutes(keras.activations.get(name), KERAS.largest, trials=TRIALS) for name in ("gelu", "relu"))
    assert told(gelu).startswith(f"differed in {gelu.differing:,} of 5,250 numbers")
    assert told(relu) == "agreed bit for bit in 5,250 numbers from 210 random images"
    assert with_minus("3-4, -1 and e-07") == "3-4, −1 and e-07"


def test_what_agrees_is_told_at_the_last_step_and_as_far_as_it_is_known():
    rows = [("one kind", 300, 0.0), ("one kind", 3_000, 0.0144), ("two kinds", 10_000, 0.189)]
    twice = pd.DataFrame(rows, columns=["machines", "step", "one seed, twice"])
    told = dict(agreement_table(twice).to_numpy().tolist())
    assert told["accuracies of one seed after 3,000 steps, one kind of machine"] == "0.01 points"
    assert told["accuracies of one seed after 10,000 steps, two kinds of machines"] == "0.19 points"
    assert told["outputs of the untouched network, TensorFlow and JAX, in float32"] == "less than 0.001 %"
    assert len(agreement_table(twice[:0])) == 5
