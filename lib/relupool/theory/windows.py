"""Where ReLU changes a max-pooled value: the statements of the chapter *When does ReLU change a pooled value?*."""

from __future__ import annotations

from itertools import permutations, product
from math import factorial, isqrt

import numpy as np

from relupool.theory import reference
from relupool.theory.evidence import Array, Evidence, Function, compare, draw, to_array
from relupool.theory.orthant import window_kinds
from relupool.theory.proposition import Check, Layers, Proposition

POOL = (3, 2, "same")
"""Size, stride and padding of the example's pools; windows overlap, and some hang over the border."""

SHAPE = (7, 8, 1)


def _images(trials: int, seed: int) -> Array:
    return draw(trials, shape=SHAPE, seed=seed)


def _largest(x: Array) -> Array:
    return reference.max_pool(x, *POOL).astype(x.dtype)


def _with_relu(layers: Layers) -> Function:
    relu = layers.activation("relu")
    return lambda x: relu(layers.max_pool(x, *POOL))  # a tensor, so that it has a gradient


def _without(layers: Layers) -> Function:
    return lambda x: layers.max_pool(x, *POOL)


def _gradient(function: Function, layers: Layers) -> Function:
    """The gradient of the sum of all pooled values."""
    return lambda x: to_array(layers.pullback(function, x, np.ones_like(_largest(x))))


def _sent(arriving: Function) -> Function:
    """The gradient where ``arriving(largest)`` comes to each window, and all goes to the first of its largest."""
    return lambda x: reference.max_pool_pullback(x, arriving(_largest(x)), *POOL).astype(x.dtype)


def _exactly(layers: Layers, trials: int, seed: int) -> Evidence:
    def changed(x: Array) -> Array:
        return (to_array(_with_relu(layers)(x)) != to_array(_without(layers)(x))).astype(x.dtype)

    return compare(changed, lambda x: (_largest(x) < 0).astype(x.dtype), _images(trials, seed))


def _nothing_changes(layers: Layers, trials: int, seed: int) -> Evidence:
    return compare(_with_relu(layers), _without(layers), _images(trials, seed))


def _beside_a_positive(layers: Layers, trials: int, seed: int) -> Evidence:
    """Windows without a positive value are left as they are: nothing is stated of them."""

    def kept(x: Array) -> Array:
        return np.where(_largest(x) > 0, _without(layers)(x), _with_relu(layers)(x))

    return compare(_with_relu(layers), kept, _images(trials, seed))


def _positive_only(gradient: bool) -> Check:
    """All values are positive: with ReLU and without, the same value and the same gradient."""

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        left, right = _with_relu(layers), _without(layers)
        if gradient:
            left, right = _gradient(left, layers), _gradient(right, layers)
        return compare(_of(left, _made_positive), _of(right, _made_positive), _images(trials, seed))

    return run


def _made_positive(x: Array) -> Array:
    return np.where(x == 0, np.asarray(1, dtype=x.dtype), np.abs(x))


def _of(function: Function, change: Function) -> Function:
    return lambda x: function(change(x))


def _made_negative(x: Array) -> Array:
    return -_made_positive(x)


def _negative_gives_zero(gradient: bool) -> Check:
    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        side = _gradient(_with_relu(layers), layers) if gradient else _with_relu(layers)
        found = _of(side, _made_negative)
        return compare(found, lambda x: np.zeros_like(to_array(found(x))), _images(trials, seed))

    return run


def _negative_passes(gradient: bool) -> Check:
    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        found, truth = (_gradient(_without(layers), layers), _sent(np.ones_like)) if gradient else (
            _without(layers), _largest)  # fmt: skip
        return compare(_of(found, _made_negative), _of(truth, _made_negative), _images(trials, seed))

    return run


def _blocks(layers: Layers, trials: int, seed: int) -> Evidence:
    arriving = _sent(lambda largest: (largest > 0).astype(largest.dtype))
    return compare(_gradient(_with_relu(layers), layers), arriving, _images(trials, seed))


def _leaky_passes(layers: Layers, trials: int, seed: int) -> Evidence:
    """Leaky ReLU lets a fifth of the gradient through where ReLU lets none."""
    leaky = layers.activation("leaky_relu")

    def arriving(largest: Array) -> Array:
        return np.where(largest > 0, 1, np.asarray(0.2, dtype=largest.dtype)).astype(largest.dtype)

    found = _gradient(lambda x: leaky(layers.max_pool(x, *POOL)), layers)
    inputs = np.where(_images(trials, seed) == 0, np.float32(0.25), _images(trials, seed))  # not at the corner
    return compare(found, _sent(arriving), inputs, allowed=4)


def changed_windows(layers: Layers, windows: Array) -> Array:
    """How many of ``windows``, ``(trials, windows, values)``, ReLU changes the maximum of, in each trial."""
    trials, count, values = windows.shape
    rows = isqrt(values) if isqrt(values) ** 2 == values else 1
    side = max(rows, values // rows)
    image = np.full((trials * count, side, side, 1), -np.inf, dtype=windows.dtype)  # fills up what is not a square
    image[:, :rows, : values // rows, 0] = windows.reshape(trials * count, rows, -1)
    largest = to_array(layers.max_pool(image, side, side, "valid"))
    changed = to_array(layers.activation("relu")(largest)) != largest
    return changed.reshape(trials, count).sum(axis=1).astype(np.float64)


def _signs(values: int) -> Check:
    """Of all 2^n choices of signs, ReLU changes one."""
    signs = np.array(list(product([-1, 1], repeat=values)), dtype="float32")

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        x = draw(max(trials // 20, 1), shape=(values,), seed=seed)
        return compare(
            lambda x: changed_windows(layers, signs * _made_positive(x)[:, None]), lambda x: np.ones(len(x)), x
        )

    return run


def _orders(values: int) -> Check:
    """Of all (n + 1)! orders of Z0, ..., Zn, those n! in which Z0 is the largest make every Zi - Z0 negative."""
    orders = np.array(list(permutations(range(values + 1))))

    def run(layers: Layers, trials: int, seed: int) -> Evidence:
        x = draw(max(trials // 20, 1), shape=(values + 1,), seed=seed)

        def changed(x: Array) -> Array:
            rising = np.cumsum(_made_positive(x) + np.float32(1), axis=1)
            z = rising[:, orders]
            return changed_windows(layers, z[:, :, 1:] - z[:, :, :1])

        return compare(changed, lambda x: np.full(len(x), float(factorial(values))), x)

    return run


def _real_values(layers: Layers, trials: int, seed: int) -> Evidence:
    """A convolution of ones with ones counts the real values that a window of the same size and stride holds."""
    sides = np.random.default_rng(seed).integers(3, 26, (max(trials // 20, 1), 1))

    def counted(side: int) -> Array:
        ones = np.ones((1, side, side, 1), "float32")
        found = to_array(layers.convolution(ones, np.ones((3, 3, 1, 1), "float32"), 2, "same"))
        return np.array([(found == n).sum() for n in (9, 6, 4)], dtype=float)

    def stated(side: int) -> Array:
        kinds = window_kinds(side, pool_size=3, stride=2).set_index("values")["windows"]
        return np.array([kinds.get(n, 0) for n in (9, 6, 4)], dtype=float)

    return compare(
        lambda x: np.array([counted(int(side)) for side in x[:, 0]]),
        lambda x: np.array([stated(int(side)) for side in x[:, 0]]),
        sides,
        shrinking=False,
    )


CHANGES, BLOCKS = "Theorem thm-all-negative", "Theorem thm-blocked"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition("relu-changes-nothing", "ReLU changes no max-pooled value.", CHANGES, _nothing_changes, true=False),
    Proposition(
        "relu-changes-exactly-the-negative",
        "ReLU changes a max-pooled value exactly where all values of the window are negative.",
        CHANGES,
        _exactly,
    ),
    Proposition(
        "relu-is-idle-on-positive-values",
        "Where all values of a window are positive, ReLU changes nothing.",
        CHANGES,
        _positive_only(gradient=False),
    ),
    Proposition(
        "relu-is-idle-on-positive-values-in-gradients",
        "Where all values of a window are positive, ReLU changes no gradient.",
        BLOCKS,
        _positive_only(gradient=True),
    ),
    Proposition(
        "relu-is-idle-beside-a-positive-value",
        "Where one value of a window is positive, the pooled value is the same with ReLU and without.",
        CHANGES,
        _beside_a_positive,
    ),
    Proposition(
        "relu-makes-the-negative-zero",
        "Where all values of a window are negative, ReLU makes the pooled value 0.",
        CHANGES,
        _negative_gives_zero(gradient=False),
    ),
    Proposition(
        "relu-blocks-the-negative",
        "Where all values of a window are negative, no gradient passes ReLU.",
        BLOCKS,
        _negative_gives_zero(gradient=True),
    ),
    Proposition(
        "largest-negative-passes",
        "Without ReLU, the largest of negative values is what a max-pool puts out.",
        CHANGES,
        _negative_passes(gradient=False),
    ),
    Proposition(
        "largest-negative-gets-the-gradient",
        "Without ReLU, the first of the largest among negative values gets the whole gradient.",
        BLOCKS,
        _negative_passes(gradient=True),
    ),
    Proposition(
        "relu-blocks-exactly-the-not-positive",
        "With ReLU, a window lets its gradient through exactly if its largest value is above 0.",
        BLOCKS,
        _blocks,
    ),
    Proposition(
        "leaky-relu-blocks-nothing",
        "Leaky ReLU lets a fifth of the gradient through where ReLU lets none.",
        "Exercise ex-leaky",
        _leaky_passes,
    ),
    Proposition("one-choice-of-signs", "Of the 2^9 choices of signs in a window, ReLU changes one.",
                "Theorem thm-halves", _signs(9)),
    Proposition("one-order-in-five", "Z1 - Z0, ..., Z4 - Z0 are all negative in 4! of the 5! orders of Z0, ..., Z4.",
                "Theorem thm-one-in", _orders(4)),
    Proposition("border-windows-hold-fewer", "Windows of 3 × 3 at stride 2 hold 9, 6 or 4 real values, as counted.",
                "Chapter 5, Count the windows first", _real_values),
)  # fmt: skip
