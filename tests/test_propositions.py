"""Every check finds what is true of Keras, and finds it out when something else is put in its place."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from attrs import evolve

from relupool.book.layers import KERAS
from relupool.theory import reference
from relupool.theory.propositions import PROPOSITIONS

TRIALS = 210
BY_NAME = {proposition.name: proposition for proposition in PROPOSITIONS}


def as_float32(function):
    return lambda *arguments: np.asarray(function(*arguments)).astype("float32")


def pooled_by(change):
    return evolve(KERAS, max_pool=change)


def convolved_by(change):
    """Keras, but for a convolution that is ``change(x, kernel, strides, padding)``, made of the NumPy truth."""
    return evolve(KERAS, convolution=as_float32(change))


def activated_by(change):
    return evolve(KERAS, activation=lambda name: keras.activations.get(change(name)))


def zero_padded(x, pool_size, strides, padding):
    """A max-pool that counts its padding as zeros."""
    return MAX(np.pad(np.asarray(x), [(0, 0), (0, 1), (0, 1), (0, 0)]), pool_size, strides, "valid")


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


AVERAGE, MAX = as_float32(reference.average_pool), as_float32(reference.max_pool)

GELU, RELU, SOFTPLUS = (activated_by(lambda _, name=name: name) for name in ("gelu", "relu", "softplus"))
IDLE = activated_by(lambda name: "linear" if name == "relu" else name)
RELU_FOR_SOFTPLUS = activated_by(lambda name: name.replace("softplus", "relu"))

AVERAGED, AVERAGED_BY_KERAS = pooled_by(AVERAGE), pooled_by(keras.ops.average_pool)  # which has a gradient
AVERAGED_BY_TWO = pooled_by(lambda x, *_: AVERAGE(x, 2, 2, "same"))
ZERO_PADDED, SQUARED = pooled_by(zero_padded), pooled_by(lambda *arguments: MAX(*arguments) ** 2)
LEAST = pooled_by(lambda x, *arguments: -MAX(-x, *arguments))
NEGATED = pooled_by(lambda *arguments: -MAX(*arguments))
RECTIFIED_POOL = pooled_by(lambda *arguments: keras.ops.relu(keras.ops.max_pool(*arguments)))
LONGER_STRIDES = pooled_by(lambda x, size, stride, _: MAX(x, size, stride + 1, "same"))
BY_SIZE = pooled_by(lambda x, size, stride, padding: keras.ops.max_pool(x, size, size, padding))
SHORTENED = pooled_by(lambda *arguments: keras.ops.max_pool(*arguments)[:, :-1])
MAX_FOR_AVERAGE = evolve(KERAS, average_pool=MAX)
THOUSANDFOLD = evolve(KERAS, average_pool=lambda *arguments: 1000 * AVERAGE(*arguments))

RECTIFIED = evolve(KERAS, convolution=lambda *arguments: keras.ops.relu(keras.ops.conv(*arguments)))
CANCELLED = evolve(KERAS, convolution=lambda *arguments: keras.ops.conv(*arguments) - np.float32([1, -2]))
MIDDLE_FOR_BLUR = evolve(KERAS, convolution=lambda x, kernel, stride, _: x[:, 1:-1:stride, 1:-1:stride])
FLIPPED, EARLY = convolved_by(reference.convolution), convolved_by(early)
FADING, FLIPPED_ONCE = convolved_by(fading), convolved_by(flipped_once)
SILENT = convolved_by(lambda *arguments: 0 * reference.cross_correlation(*arguments))
POINTWISE = evolve(convolved_by(only_middle), average_pool=lambda x, *_: x)  # so that no window meets a border

MUTANTS = {
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
    "stack-with-relu-is-one-convolution": [IDLE],
    "stack-with-lrn-is-one-convolution": [SILENT],
    "max-is-affine": [AVERAGED_BY_TWO],
    "max-is-positively-homogeneous": [SQUARED],
    "max-is-convex": [LEAST],
    "max-keeps-order": [NEGATED, SQUARED],
    "max-selects": [AVERAGED, ZERO_PADDED],
    "max-has-fewer-positions": [LONGER_STRIDES],
    "relu-is-a-max": [GELU, AVERAGED],
    "max-is-one-relu-beside-a-line": [GELU, AVERAGED],
    "max-is-three-relus": [GELU, AVERAGED],
    "convolutions-with-relu-are-affine": [IDLE],
    "convolutions-with-max-are-affine": [AVERAGED_BY_TWO],
    "convolutions-alone-are-affine": [RECTIFIED],
    "relu-commutes-with-max": [GELU, AVERAGED],
    "relu-commutes-with-max-in-gradients": [GELU, AVERAGED_BY_KERAS],
    "straight-activations-commute-with-max": [GELU, AVERAGED],
    "activations-commute-with-max-in-mathematics": [AVERAGED],
    "smooth-activations-commute-but-for-rounding": [GELU, AVERAGED],
    "commuting-is-not-falling": [AVERAGED],
    "gelu-commutes-with-max": [RELU],
    "relu-is-a-zero-in-every-window": [GELU, AVERAGED],
    "zero-padding-contains-relu": [GELU, AVERAGED],
    "falling-activations-turn-max-into-min": [GELU, AVERAGED],
    "min-pooling-commutes": [GELU, AVERAGED],
    "every-rank-commutes": [GELU],
    "median-of-nine-commutes": [GELU],
    "lower-and-upper-median-commute": [GELU],
    "average-of-the-two-in-the-middle-commutes": [IDLE],
    "last-relu-may-move": [GELU, AVERAGED],
    "first-relu-may-move": [IDLE],
    "relu-of-layer-1-may-move": [GELU, AVERAGED],
    "relu-may-pass-lrn": [IDLE],
    "relu-commutes-with-average": [MAX_FOR_AVERAGE],
    "linear-commutes-with-average": [GELU],
    "average-is-linear": [MAX_FOR_AVERAGE],
    "average-selects": [MAX_FOR_AVERAGE],
    "convex-activations-lie-above": [GELU],
    "concave-activations-lie-below": [SOFTPLUS],
    "relu-gap-is-the-smaller-side": [GELU, MAX_FOR_AVERAGE],
    "blur-is-linear": [RECTIFIED],
    "relu-commutes-with-blur": [MIDDLE_FOR_BLUR, IDLE],
    "log-mean-exp-lies-between": [THOUSANDFOLD, AVERAGED],
    "relu-commutes-with-log-mean-exp": [IDLE],
    "relu-and-log-mean-exp-are-within-log-n": [THOUSANDFOLD],
    "softplus-commutes-with-log-mean-exp": [RELU_FOR_SOFTPLUS],
    "relu-is-idle-after-l2": [GELU],
    "relu-commutes-with-l2": [IDLE],
    "relu-changes-exactly-the-negative": [GELU, IDLE, AVERAGED],
    "relu-is-idle-on-positive-values": [GELU],
    "relu-is-idle-on-positive-values-in-gradients": [GELU],
    "relu-is-idle-beside-a-positive-value": [GELU],
    "relu-makes-the-negative-zero": [IDLE, GELU],
    "relu-blocks-the-negative": [IDLE, GELU],
    "largest-negative-passes": [AVERAGED, RECTIFIED_POOL],
    "largest-negative-gets-the-gradient": [AVERAGED_BY_KERAS],
    "relu-blocks-exactly-the-not-positive": [IDLE, GELU],
    "leaky-relu-blocks-nothing": [RELU],
    "one-order-in-five": [AVERAGED, IDLE],
    "gated-identity-sends-as-relu": [GELU, IDLE],
    "ungated-relu-teaches-the-first": [IDLE, AVERAGED_BY_KERAS],
    "ungated-relu-teaches-the-largest": [IDLE],
    "pooling-divides-by-the-stride-squared": [BY_SIZE, SHORTENED],
    "pooling-divides-by-the-window-squared": [BY_SIZE],
}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_proposition_is_confirmed_on_keras(name):
    evidence = BY_NAME[name].check(KERAS, trials=TRIALS, seed=0)
    assert BY_NAME[name].confirmed(evidence)
    assert evidence.compared >= evidence.trials > 0


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="the mutants are the same on every backend")
@pytest.mark.parametrize(("name", "mutant"), [(name, mutant) for name, own in MUTANTS.items() for mutant in own])
def test_the_check_finds_a_mutant_out(name, mutant):
    evidence = BY_NAME[name].check(mutant, trials=TRIALS, seed=0)
    assert not BY_NAME[name].confirmed(evidence)


def test_every_proposition_has_a_mutant():
    assert MUTANTS.keys() == BY_NAME.keys()
