"""What a check found, and the search behind it: draw inputs, compare two functions on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from attrs import evolve, frozen

from relupool.validation import refuse

Array = np.ndarray
Function = Callable[[Array], Array]


@frozen(eq=False, kw_only=True)
class Evidence:
    """The outcome of a search for a counterexample.

    ``trials`` inputs were tried and ``compared`` numbers looked at, of which ``differing`` were not equal.
    ``largest_deviation`` is the largest difference, ``ulps`` the largest in units in the last place of the larger of
    the two numbers; the statement ``holds`` if ``ulps`` is no more than what was ``allowed``.
    """

    trials: int
    compared: int
    differing: int
    largest_deviation: float
    ulps: float
    allowed: float = 0.0

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


def compare(left: Function, right: Function, inputs: Array, *, allowed: float = 0.0) -> Evidence:
    """Evidence that two functions of a batch ``(trials, ...)`` agree to ``allowed`` units in the last place."""
    gap, ulps = deviations(to_array(left(inputs)), to_array(right(inputs)))
    return Evidence(
        trials=len(inputs),
        compared=gap.size,
        differing=int((gap > 0).sum()),
        largest_deviation=float(gap.max()),
        ulps=float(ulps.max()),
        allowed=allowed,
    )


def together(found: Iterable[Evidence]) -> Evidence:
    """Evidence of several searches as one: counts added up, and the deviation of the one furthest off."""
    found = list(found)
    furthest = max(found, key=lambda evidence: evidence.ulps - evidence.allowed)
    total = {name: sum(getattr(e, name) for e in found) for name in ("trials", "compared", "differing")}
    return evolve(furthest, largest_deviation=max(e.largest_deviation for e in found), **total)
