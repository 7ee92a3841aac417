"""What a check found, and the search behind it: draw inputs, compare two functions, shrink what tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from attrs import evolve, frozen

from relupool.validation import refuse

Array = np.ndarray
Function = Callable[[Array], Array]


@frozen(eq=False)
class Counterexample:
    """An input for which two functions that should agree do not, with what each makes of it."""

    input: Array
    left: Array
    right: Array


@frozen(eq=False, kw_only=True)
class Evidence:
    """The outcome of a search for a counterexample.

    ``trials`` inputs were tried and ``compared`` numbers looked at, of which ``differing`` were not equal.
    ``largest_deviation`` is the largest difference, ``ulps`` the largest in units in the last place of the larger of
    the two numbers; the statement ``holds`` if ``ulps`` is no more than what was ``allowed``. If not,
    ``counterexample`` is the smallest input found that is still off by a quarter of ``ulps`` or more.
    """

    trials: int
    compared: int
    differing: int
    largest_deviation: float
    ulps: float
    allowed: float = 0.0
    counterexample: Counterexample | None = None

    @property
    def holds(self) -> bool:
        """Whether no difference exceeded what was allowed."""
        return self.ulps <= self.allowed

    @property
    def exact(self) -> bool:
        """Whether every number was equal, bit for bit save for the sign of zero."""
        return self.differing == 0


def to_array(x: object) -> Array:
    """A tensor of any library as a NumPy array."""
    return np.asarray(x)


def deviations(left: Array, right: Array) -> tuple[Array, Array]:
    """|left - right| in value and in units in the last place of the larger; 0 where both are NaN or the same infinity.

    A number against a NaN or an infinity deviates without bound. The two zeros are one number. Arrays of different
    formats or shapes raise ValueError, since then there is no common last place.
    """
    if left.dtype != right.dtype or left.shape != right.shape:
        refuse("right", f"{right.dtype} {right.shape}", f"of the format and shape of left, {left.dtype} {left.shape}")
    format = np.finfo(left.dtype)
    with np.errstate(invalid="ignore", over="ignore"):  # a cast of NaN may warn, by flags that other threads have left
        a, b = (np.asarray(side, dtype=np.float64) for side in (left, right))
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        gap = np.where(same, 0.0, np.abs(a - b))
    gap = np.where(np.isnan(gap), np.inf, gap)
    finite = np.where(np.isfinite(gap), np.maximum(np.abs(a), np.abs(b)), 1.0)
    unit = np.ldexp(float(format.eps), np.frexp(finite)[1] - 1)
    return gap, gap / np.maximum(unit, float(format.smallest_subnormal))


def draw(trials: int, *, shape: tuple[int, ...], seed: int = 0) -> Array:
    """``(trials, *shape)`` float32 numbers of seven kinds in turn, each chosen to make a different claim fail.

    Ordinary (standard normal); of any size from a thousandth to ten; small whole numbers, which tie; one number
    throughout; neighbours, a few units in the last place apart; all negative; and mostly zeros of either sign.
    """
    rng = np.random.default_rng(seed)
    full = (trials, *shape)
    single = (trials, *(1 for _ in shape))
    normal = rng.standard_normal(full)
    size = 10.0 ** rng.uniform(-3, 1, single)
    whole_numbers = rng.integers(-3, 4, full)
    eps = float(np.finfo(np.float32).eps)
    centre = rng.standard_normal(single) * rng.choice([0.3, 1, 3], single)
    kinds = [
        normal,
        normal * size,
        whole_numbers.astype(float),
        np.broadcast_to(centre, full),
        centre * (1 + eps * rng.integers(-4, 5, full)),
        -3 * np.abs(normal),
        whole_numbers * (np.abs(whole_numbers) == 3) * rng.choice([-1.0, 1.0], full),
    ]
    turn = (np.arange(trials) % len(kinds)).reshape(single)
    return np.choose(turn, kinds).astype(np.float32)


def compare(
    left: Function, right: Function, inputs: Array, *, allowed: float = 0.0, shrinking: bool = True
) -> Evidence:
    """Evidence that ``left`` and ``right`` agree on ``inputs`` to ``allowed`` units in the last place.

    ``inputs`` are ``(trials, ...)``, and both functions take such a batch; a counterexample is a batch of one, left as
    it was drawn unless ``shrinking``.
    """
    gap, ulps = deviations(*_both(left, right, inputs))
    counterexample = None
    if ulps.max() > allowed:
        worst = int(ulps.reshape(len(inputs), -1).max(axis=1).argmax())
        at_least = max(ulps[worst].max() / 4, np.nextafter(allowed, np.inf))

        def fails(x: Array) -> Array:
            try:
                _, ulps = deviations(*_both(left, right, x))
                return ulps.reshape(len(x), -1).max(axis=1) >= at_least
            except Exception:  # functions may refuse an input that was cut too small, each library in its own way
                return np.zeros(len(x), dtype=bool)

        drawn = inputs[worst : worst + 1]
        smallest = shrink(drawn, fails) if shrinking else drawn
        counterexample = Counterexample(smallest, *_both(left, right, smallest))
    return Evidence(
        trials=len(inputs),
        compared=gap.size,
        differing=int((gap > 0).sum()),
        largest_deviation=float(gap.max()),
        ulps=float(ulps.max()),
        allowed=allowed,
        counterexample=counterexample,
    )


def together(found: Iterable[Evidence]) -> Evidence:
    """Evidence of several searches as one: counts added up, deviation and counterexample of the one furthest off."""
    found = list(found)
    furthest = max(found, key=lambda evidence: evidence.ulps - evidence.allowed)
    total = {name: sum(getattr(e, name) for e in found) for name in ("trials", "compared", "differing")}
    return evolve(furthest, largest_deviation=max(e.largest_deviation for e in found), **total)


def _both(left: Function, right: Function, x: Array) -> tuple[Array, Array]:
    return to_array(left(x)), to_array(right(x))


def shrink(x: Array, fails: Callable[[Array], Array]) -> Array:
    """The smallest batch of one to be had from ``x``, ``(1, ...)``, that still fails: fewer numbers, then simpler ones.

    ``fails`` answers for each trial of a batch, and does so for ``x``. Halves and then single slices are left out of
    every axis for as long as the failure lasts; then numbers are replaced by the simplest that keep it. Deterministic.
    """
    while (shorter := _cut(x, fails)) is not None:
        x = shorter
    while (simpler := _simplify(x, fails)) is not None:
        x = simpler
    return x


def _first(candidates: list[Array], fails: Callable[[Array], Array]) -> Array | None:
    """The first of ``candidates``, batches of one of the same shape, that fails."""
    if not candidates:
        return None
    failing = np.flatnonzero(fails(np.concatenate(candidates)))
    return candidates[failing[0]] if len(failing) else None


def _cut(x: Array, fails: Callable[[Array], Array]) -> Array | None:
    for axis in range(1, x.ndim):
        length = x.shape[axis]
        if length == 1:
            continue
        half = length // 2
        for left_out in ([slice(half, None)], [slice(0, half)], range(length)):
            if (shorter := _first([np.delete(x, k, axis) for k in left_out], fails)) is not None:
                return shorter
    return None


def _simplify(x: Array, fails: Callable[[Array], Array]) -> Array | None:
    candidates = []
    for index in np.ndindex(x.shape):
        for value in _simpler(x[index]):
            candidates.append(x.copy())
            candidates[-1][index] = value
    return _first(candidates, fails)


def _simpler(value: Any) -> list[Any]:
    """Numbers of the same format simpler than ``value``, the simplest first: 0, 1, -1, 2, -2, then fewer digits."""
    near = [0.0, 1.0, -1.0, 2.0, -2.0]
    exact = float(value)
    if np.isfinite(exact):
        near += [float(np.trunc(exact)), *(round(exact, digits) for digits in range(4))]
    candidates = [type(value)(number) for number in dict.fromkeys(near)]
    return [candidate for candidate in candidates if _complexity(candidate) < _complexity(value)]


def _complexity(value: Any) -> tuple[int, float, bool]:
    """A strict order of the numbers of a format, so that making them simpler comes to an end."""
    exact = float(value)
    is_fraction = np.isfinite(exact) and exact != int(exact)
    return len(str(value)) if is_fraction else 0, abs(exact), exact < 0
