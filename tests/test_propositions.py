"""Every check finds what is true of Keras, and finds it out when something else is put in its place."""

from __future__ import annotations

import keras
import ml_dtypes
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool.book.evidence import edge_table, told, with_minus
from relupool.book.layers import KERAS, pullback
from relupool.experiments.networks import ELEMENTWISE
from relupool.theory import checks, reference, survey
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import commutes
from relupool.theory.evidence import compare, deviations, draw, shrink, together
from relupool.theory.propositions import PROPOSITIONS

TRIALS = 210
BY_NAME = {proposition.name: proposition for proposition in PROPOSITIONS}
FALLING = {"gelu", "hard_silu", "mish", "silu"}
EXAMPLES = 20 if keras.backend.backend() == "tensorflow" else 4  # JAX compiles every new shape


def named(name: str):
    """A float32 version of the float64 truth."""
    return lambda x: ACTIVATIONS[name](x).astype("float32")


def zero_padded(x, pool_size, strides, padding):
    """A max-pool that counts its padding as zeros."""
    x = np.pad(np.asarray(x), [(0, 0), (0, 1), (0, 1), (0, 0)])
    return reference.max_pool(x, pool_size, strides, "valid").astype("float32")


def pooled(pool):
    return lambda x, *arguments: pool(x, *arguments).astype("float32")


AVERAGE, MAX = pooled(reference.average_pool), pooled(reference.max_pool)
GELU_FOR_RELU = evolve(KERAS, activation=lambda name: named("gelu"))
RELU_FOR_GELU = evolve(KERAS, activation=lambda name: named("relu"))
AVERAGE_FOR_MAX = evolve(KERAS, max_pool=AVERAGE)
AVERAGE_FOR_MAX_IN_KERAS = evolve(KERAS, max_pool=keras.ops.average_pool)  # it has a gradient
MAX_FOR_AVERAGE = evolve(KERAS, average_pool=MAX)
ZERO_PADDED = evolve(KERAS, max_pool=zero_padded)
SQUARED = evolve(KERAS, max_pool=lambda x, *arguments: MAX(x, *arguments) ** 2)
RECTIFIED = evolve(KERAS, convolution=lambda *arguments: keras.ops.relu(keras.ops.conv(*arguments)))
RECTIFIED_POOL = evolve(KERAS, max_pool=lambda *arguments: keras.ops.relu(keras.ops.max_pool(*arguments)))
UNPADDED = evolve(KERAS, convolution=lambda x, kernel, *_: keras.ops.conv(x, kernel, 2, "valid"))
CANCELLED = evolve(KERAS, convolution=lambda *arguments: keras.ops.conv(*arguments) - np.float32([1, -2]))
GELU_FOR_ALL = evolve(KERAS, activation=lambda name: keras.activations.gelu)
SOFTPLUS_FOR_ALL = evolve(KERAS, activation=lambda name: keras.activations.softplus)
LINEAR_FOR_RELU = evolve(KERAS, activation=lambda name: keras.activations.get("linear" if name == "relu" else name))
RELU_FOR_SOFTPLUS = evolve(KERAS, activation=lambda name: keras.activations.get(name.replace("softplus", "relu")))
THOUSANDFOLD = evolve(KERAS, average_pool=lambda x, *arguments: 1000 * AVERAGE(x, *arguments))
MIDDLE_FOR_BLUR = evolve(KERAS, convolution=lambda x, kernel, stride, _: x[:, 1:-1:stride, 1:-1:stride])


def convolved_by(change):
    """Keras, but for a convolution that is ``change(x, kernel, strides, padding)``, made of the NumPy truth."""
    return evolve(KERAS, convolution=lambda *arguments: np.asarray(change(*arguments)).astype("float32"))


def early(x, kernel, strides, padding):
    """A convolution whose windows stand one row too far up."""
    return reference.cross_correlation(np.roll(np.asarray(x), 1, axis=1), kernel, strides, padding)


def fading(x, *arguments):
    """A convolution that is weaker in lower rows."""
    y = reference.cross_correlation(x, *arguments)
    return y * np.arange(y.shape[1], 0, -1)[:, None, None]


def only_middle(x, kernel, strides, padding):
    """A convolution that sees only the value in the middle of each window."""
    return reference.cross_correlation(x, kernel[1:2, 1:2], strides, padding)


def flipped_once(x, kernel, *arguments):
    """A convolution that flips the kernels of its own making, and leaves those of others."""
    return (reference.convolution if len(kernel) == 3 else reference.cross_correlation)(x, kernel, *arguments)


FLIPPED, EARLY = convolved_by(reference.convolution), convolved_by(early)
FADING, FLIPPED_ONCE = convolved_by(fading), convolved_by(flipped_once)
SILENT = convolved_by(lambda *arguments: 0 * reference.cross_correlation(*arguments))
POINTWISE = evolve(convolved_by(only_middle), average_pool=lambda x, *_: x)  # so that no window meets a border

MUTANTS = {
    "relu-commutes-with-max": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "relu-commutes-with-max-in-gradients": [
        evolve(KERAS, activation=lambda name: keras.activations.gelu),
        evolve(KERAS, max_pool=keras.ops.average_pool),
    ],
    "straight-activations-commute-with-max": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "activations-commute-with-max-in-mathematics": [AVERAGE_FOR_MAX],
    "smooth-activations-commute-but-for-rounding": [GELU_FOR_ALL, AVERAGE_FOR_MAX],
    "commuting-is-not-falling": [AVERAGE_FOR_MAX],
    "gelu-commutes-with-max": [RELU_FOR_GELU],
    "relu-is-a-zero-in-every-window": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "zero-padding-contains-relu": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "falling-activations-turn-max-into-min": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "min-pooling-commutes": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "every-rank-commutes": [GELU_FOR_RELU],
    "median-of-nine-commutes": [GELU_FOR_RELU],
    "lower-and-upper-median-commute": [GELU_FOR_RELU],
    "average-of-the-two-in-the-middle-commutes": [LINEAR_FOR_RELU],
    "last-relu-may-move": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "first-relu-may-move": [LINEAR_FOR_RELU],
    "relu-of-layer-1-may-move": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "relu-may-pass-lrn": [LINEAR_FOR_RELU],
    "relu-changes-exactly-the-negative": [GELU_FOR_ALL, LINEAR_FOR_RELU, AVERAGE_FOR_MAX],
    "relu-is-idle-on-positive-values": [GELU_FOR_ALL],
    "relu-is-idle-on-positive-values-in-gradients": [GELU_FOR_ALL],
    "relu-is-idle-beside-a-positive-value": [GELU_FOR_ALL],
    "relu-makes-the-negative-zero": [LINEAR_FOR_RELU, GELU_FOR_ALL],
    "relu-blocks-the-negative": [LINEAR_FOR_RELU, GELU_FOR_ALL],
    "largest-negative-passes": [AVERAGE_FOR_MAX, RECTIFIED_POOL],
    "largest-negative-gets-the-gradient": [evolve(KERAS, max_pool=keras.ops.average_pool)],
    "relu-blocks-exactly-the-not-positive": [LINEAR_FOR_RELU, GELU_FOR_ALL],
    "leaky-relu-blocks-nothing": [evolve(KERAS, activation=lambda name: keras.activations.relu)],
    "gated-identity-sends-as-relu": [GELU_FOR_ALL, LINEAR_FOR_RELU],
    "ungated-relu-teaches-the-first": [LINEAR_FOR_RELU, AVERAGE_FOR_MAX_IN_KERAS],
    "ungated-relu-teaches-the-largest": [LINEAR_FOR_RELU],
    "one-order-in-five": [AVERAGE_FOR_MAX, LINEAR_FOR_RELU],
    "relu-commutes-with-average": [MAX_FOR_AVERAGE],
    "average-is-linear": [MAX_FOR_AVERAGE],
    "max-is-affine": [evolve(KERAS, max_pool=lambda x, *_: AVERAGE(x, 2, 2, "same"))],
    "max-is-positively-homogeneous": [SQUARED],
    "max-is-convex": [evolve(KERAS, max_pool=lambda x, *arguments: -MAX(-x, *arguments))],
    "max-keeps-order": [evolve(KERAS, max_pool=lambda x, *arguments: -MAX(x, *arguments)), SQUARED],
    "max-selects": [AVERAGE_FOR_MAX, ZERO_PADDED],
    "max-has-fewer-positions": [evolve(KERAS, max_pool=lambda x, size, stride, _: MAX(x, size, stride + 1, "same"))],
    "relu-is-a-max": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "max-is-one-relu-beside-a-line": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "max-is-three-relus": [GELU_FOR_RELU, AVERAGE_FOR_MAX],
    "convolutions-with-relu-are-affine": [evolve(KERAS, activation=lambda name: lambda x: x)],
    "convolutions-with-max-are-affine": [evolve(KERAS, max_pool=lambda x, *_: AVERAGE(x, 2, 2, "same"))],
    "convolutions-alone-are-affine": [RECTIFIED],
    "average-selects": [MAX_FOR_AVERAGE],
    "linear-commutes-with-average": [GELU_FOR_ALL],
    "convex-activations-lie-above": [GELU_FOR_ALL],
    "concave-activations-lie-below": [SOFTPLUS_FOR_ALL],
    "relu-gap-is-the-smaller-side": [GELU_FOR_ALL, MAX_FOR_AVERAGE],
    "blur-is-linear": [RECTIFIED],
    "relu-commutes-with-blur": [MIDDLE_FOR_BLUR, LINEAR_FOR_RELU],
    "log-mean-exp-lies-between": [THOUSANDFOLD, AVERAGE_FOR_MAX],
    "relu-commutes-with-log-mean-exp": [LINEAR_FOR_RELU],
    "relu-and-log-mean-exp-are-within-log-n": [THOUSANDFOLD],
    "softplus-commutes-with-log-mean-exp": [RELU_FOR_SOFTPLUS],
    "relu-is-idle-behind-l2": [GELU_FOR_ALL],
    "relu-commutes-with-l2": [LINEAR_FOR_RELU],
    "convolution-is-linear-in-data": [RECTIFIED],
    "convolution-is-linear-in-filters": [RECTIFIED],
    "convolution-with-bias-is-affine": [RECTIFIED],
    "convolution-with-bias-is-linear": [CANCELLED],
    "convolution-is-a-matrix": [FLIPPED, EARLY],
    "convolution-commutes-with-shifts": [FADING],
    "keras-correlates": [FLIPPED, EARLY],
    "keras-convolves": [FLIPPED],
    "flipping-the-kernel-exchanges-the-two": [FLIPPED, EARLY],
    "average-pool-is-a-convolution": [MAX_FOR_AVERAGE],
    "stack-is-one-convolution": [RECTIFIED, MAX_FOR_AVERAGE, FLIPPED_ONCE],
    "strided-stack-is-one-convolution": [RECTIFIED, MAX_FOR_AVERAGE, EARLY],
    "padded-stack-is-one-convolution": [POINTWISE],
    "padded-stack-is-affine": [RECTIFIED, MAX_FOR_AVERAGE],
    "stack-with-relu-is-one-convolution": [evolve(KERAS, activation=lambda name: lambda x: x)],
    "stack-with-lrn-is-one-convolution": [SILENT],
    "pooling-divides-by-the-stride-squared": [
        evolve(KERAS, max_pool=lambda x, size, stride, padding: keras.ops.max_pool(x, size, size, padding)),
        evolve(KERAS, max_pool=lambda *arguments: keras.ops.max_pool(*arguments)[:, :-1]),
    ],
    "pooling-divides-by-the-window-squared": [
        evolve(KERAS, max_pool=lambda x, size, stride, padding: keras.ops.max_pool(x, size, size, padding)),
    ],
}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_proposition_is_confirmed_on_keras(name):
    proposition = BY_NAME[name]
    evidence = proposition.check(KERAS, trials=TRIALS, seed=0)
    assert proposition.confirmed(evidence)
    assert evidence.holds == (evidence.counterexample is None)
    assert evidence.compared >= evidence.trials > 0


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="the mutants are the same on every backend")
@pytest.mark.parametrize(("name", "mutant"), [(name, mutant) for name, all_ in MUTANTS.items() for mutant in all_])
def test_the_check_finds_a_mutant_out(name, mutant):
    evidence = BY_NAME[name].check(mutant, trials=TRIALS, seed=0)
    assert not BY_NAME[name].confirmed(evidence)


def test_every_proposition_has_a_mutant():
    assert MUTANTS.keys() == BY_NAME.keys()


def test_a_misplaced_gradient_is_found_out():
    """Both orders go through the same pullback, so only one that depends on the order can be wrong."""

    def by_order(function, x, upstream):
        gradient = np.asarray(pullback(function, x, upstream))
        return np.roll(gradient, 1, axis=2) if "activate_first" in repr(function) else gradient

    def pool(x):
        return keras.ops.max_pool(x, 3, 2, "same")

    relu = keras.activations.relu
    assert commutes(relu, pool, trials=50, pullback=pullback).exact
    assert not commutes(relu, pool, trials=50, pullback=by_order, shrinking=False).holds


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(sorted(n for n, a in ACTIVATIONS.items() if a.piecewise_linear)),
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

    evidence = commutes(keras.activations.get(name), pool, trials=21, shape=shape, dtype=dtype, seed=seed)
    assert evidence.exact


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
    found = survey.survey(keras.activations.get, keras.ops.max_pool, trials=TRIALS)
    assert set(found[found["verdict"] == "no"]["activation"]) == FALLING
    assert set(found[found["counterexample"] != ""]["activation"]) == FALLING
    rounded = found[found["verdict"] == "but for rounding"]
    assert "tanh" in set(rounded["activation"])
    assert rounded["largest_deviation"].max() < 1e-5
    straight = found["activation"].map(lambda name: ACTIVATIONS[name].piecewise_linear)
    assert (found[straight]["verdict"] == "bit for bit").all()


def test_evidence_adds_up():
    x = np.array([[1.0], [2.0], [3.0]])
    good, off, far = (compare(lambda x: x, lambda x, c=c: c * x, x, shrinking=False) for c in (1, 2, 3))
    total = together([good, far, off])
    assert (total.trials, total.compared, total.differing) == (9, 9, 6)
    assert total.largest_deviation == 6
    assert total.counterexample is far.counterexample
    assert not total.holds


def test_the_list_of_activations_is_the_experiments_own():
    assert set(ACTIVATIONS) == set(ELEMENTWISE)


def test_few_trials_do_not_acquit():
    def pool(x):
        return keras.ops.max_pool(x, 3, 2, "same")

    gelu = keras.activations.gelu
    computed = commutes(gelu, pool, trials=1)
    truth = survey.commutes_in_mathematics("gelu", trials=1)
    assert survey.verdict(computed, truth) == "no"


@pytest.mark.parametrize(
    ("activation", "pool", "smallest"),
    [("gelu", reference.max_pool, [-1, -2]), ("relu", reference.average_pool, [1, -1])],
)
def test_counterexamples_are_small(activation, pool, smallest):
    evidence = commutes(ACTIVATIONS[activation], lambda x: pool(x, 3, 2, "same"), trials=TRIALS)
    found = evidence.counterexample
    assert sorted(found.input.ravel()) == sorted(smallest)
    assert not np.array_equal(found.left, found.right)


@pytest.mark.parametrize("dtype", ["float32", "float16", ml_dtypes.bfloat16])
def test_shrinking_ends_at_the_simplest(dtype):
    x = np.array([[3.37, 5.1234, -7.7, 2.0]], dtype=dtype)
    assert shrink(x, lambda x: (x.astype(float) > 0.07).any(axis=1)).tolist() == [[1]]
    near = shrink(x, lambda x: (np.abs(x.astype(float) - 5.1) < 0.03).any(axis=1))
    assert near.shape == (1, 1)
    assert str(near[0, 0]) in ("5.1", "5.125")


def test_deviations_count_units_in_the_last_place():
    one = np.float32(1)
    a = np.array([1, 1, 0.0, np.nan, np.inf, np.inf, 2], dtype="float32")
    b = np.array([1, np.nextafter(one, 2, dtype="float32"), -0.0, np.nan, np.inf, 5, 2 + 2**-21], dtype="float32")
    gap, ulps = deviations(a, b)
    assert gap.tolist() == [0, 2.0**-23, 0, 0, 0, np.inf, 2.0**-21]
    assert ulps.tolist() == [0, 1, 0, 0, 0, np.inf, 2]


def test_draws_repeat_and_hold_every_kind():
    x = draw(70, shape=(4, 5, 2), seed=3)
    np.testing.assert_array_equal(x, draw(70, shape=(4, 5, 2), seed=3))
    assert not np.array_equal(x, draw(70, shape=(4, 5, 2), seed=4))
    whole, same, near, negative, zeros = (x[kind::7] for kind in range(2, 7))
    np.testing.assert_array_equal(whole, np.round(whole))
    assert (np.ptp(same.reshape(10, -1), axis=1) == 0).all()
    assert 0 < np.ptp(near.reshape(10, -1) / near.reshape(10, -1)[:, :1], axis=1).max() < 1e-5
    assert (negative <= 0).all()
    assert np.signbit(zeros[zeros == 0]).any()


@pytest.mark.parametrize("right", [np.zeros(3, "float64"), np.zeros(2, "float32")])
def test_numbers_of_different_formats_have_no_common_last_place(right):
    with pytest.raises(ValueError, match=r"right is .* must be of the format and shape of left"):
        deviations(np.zeros(3, "float32"), right)


@pytest.mark.parametrize("changed", [{"trials": 0}, {"trials": True}, {"trials": 2.5}, {"dtype": "int8"}])
def test_draw_refuses(changed):
    (name,) = changed
    with pytest.raises(ValueError, match=f"{name} is"):
        draw(**{"trials": 3, "shape": (2,)} | changed)


def test_functions_that_refuse_small_inputs_can_be_compared():
    evidence = commutes(ACTIVATIONS["gelu"], lambda x: reference.max_pool(x, 3, 2, "valid"), trials=TRIALS)
    assert evidence.counterexample.input.shape[1:3] == (3, 3)


def test_a_result_that_depends_on_the_company_is_found():
    assert checks.is_the_same_everywhere(keras.activations.relu, trials=50).exact
    assert not checks.is_the_same_everywhere(lambda x: x * (1 + (len(x) > 3)), trials=50).holds


def test_an_allowance_is_stated_not_hidden():
    x = np.ones((4, 1), dtype="float32")
    up = np.nextafter(np.float32(1), np.float32(2))
    strict, lenient = (compare(lambda x: x, lambda x: x * up, x, allowed=allowed) for allowed in (0, 1))
    assert not strict.holds
    assert lenient.holds
    assert not lenient.exact
    assert lenient.allowed == lenient.ulps == 1


def test_bilinear_is_not_linear_in_both_at_once():
    def product(pair):
        return pair[:, :1] * pair[:, 1:]

    assert not checks.is_linear(product, shape=(2,)).holds


def test_edge_cases_at_zero_and_infinity():
    edges = survey.edge_cases(keras.activations.relu, lambda x: keras.ops.max_pool(x, 2, 2, "same")).set_index("case")
    certain = ["two equal numbers", "the two zeros", "infinity", "minus infinity", "nothing but minus infinity"]
    assert edges.loc[certain, "same"].all()


def find(name: str):
    def pool(x):
        return keras.ops.max_pool(x, 3, 2, "same")

    return commutes(keras.activations.get(name), pool, trials=TRIALS, shrinking=False)


def test_evidence_is_told_with_its_numbers():
    computed = find("gelu")
    assert told(computed).startswith(f"differed in {computed.differing:,} of 5,250 numbers")
    assert told(find("relu")) == "agreed bit for bit in 5,250 numbers from 210 random images"
    assert with_minus("3-4, -1 and e-07") == "3-4, −1 and e-07"


def test_tables_are_written_for_readers():
    edges = survey.edge_cases(keras.activations.relu, lambda x: keras.ops.max_pool(x, 2, 2, "same"))
    written = edge_table(edges).set_index("case")
    assert written.loc["minus infinity"].tolist() == ["−∞, 1", "1", "1", "yes"]
