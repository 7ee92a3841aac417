"""How likely all values of a pooling window are negative: by counting, for normal values, in simulation, in data.

Values are measured in their standard deviations: ``mean`` 0.5 lies half a standard deviation above zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid
from scipy.stats import binomtest, norm

from relupool.theory.evidence import Array
from relupool.theory.reference import spans
from relupool.validation import at_least_one, is_real, refuse

_FACTOR = np.linspace(-9, 9, 2001)
"""Where the shared part of the values is put: wide and close enough for twelve digits below a correlation of 0.999."""


def window_kinds(length: int, *, pool_size: int, stride: int, padding: str = "same") -> pd.DataFrame:
    """How many windows of a pool over ``length`` × ``length`` positions hold how many real values.

    Columns values and windows, those with the most values first.
    """
    covered = [span.stop - span.start for span in spans(length, size=pool_size, stride=stride, padding=padding)]
    counts = pd.Series(np.outer(covered, covered).ravel()).value_counts().sort_index(ascending=False)
    return counts.rename_axis("values").reset_index(name="windows")


def over_kinds(kinds: pd.DataFrame, share: Callable[[int], float]) -> float:
    """The mean of ``share(values)`` over all windows of :func:`window_kinds`."""
    return float(np.average([share(int(n)) for n in kinds["values"]], weights=kinds["windows"]))


def independent(values: int, *, negative: float = 0.5) -> float:
    """The probability that ``values`` independent numbers are all negative, each being so with probability 1/2."""
    return negative**values


def all_negative(values: int, *, rho: float = 0.0, mean: float = 0.0) -> float:
    """The probability that ``values`` jointly normal numbers of equal correlation ``rho`` (0 to 1) are all negative.

    Each number is sqrt(rho) z plus a part of its own, with one z for all, and given z they are independent; so it is
    the mean of Phi(-(mean + sqrt(rho) z) / sqrt(1 - rho)) ** values over a standard normal z (Dunnett and Sobel 1955).
    """
    at_least_one(values=values)
    if not is_real(rho) or not 0 <= rho <= 1:
        refuse("rho", rho, "a number from 0 to 1")
    if not is_real(mean) or not np.isfinite(mean):
        refuse("mean", mean, "a finite number")
    if rho == 1:  # all values are one and the same
        return float(norm.cdf(-mean))
    given = norm.cdf(-(mean + np.sqrt(rho) * _FACTOR) / np.sqrt(1 - rho)) ** values
    return float(trapezoid(norm.pdf(_FACTOR) * given, _FACTOR))


def correlations(values: int, rho: float) -> Array:
    """The matrix of ``values`` numbers with correlation ``rho`` between any two."""
    return np.full((values, values), float(rho)) + (1 - rho) * np.eye(values)


def simulated(
    sizes: Iterable[int], *, rhos: Iterable[float], trials: int, seed: int = 0, mean: float = 0.0
) -> pd.DataFrame:
    """Windows of normal numbers, drawn and looked at: the share with negative numbers alone.

    One row per number of ``values`` and correlation ``rho``: values, rho, windows (drawn), all_negative (the share) and
    the ends of its 95 % interval, low and high (Wilson's).
    """
    at_least_one(trials=trials)
    sizes, rng = list(sizes), np.random.default_rng(seed)
    rows = []
    for rho in rhos:
        shared = rng.standard_normal((trials, 1))
        drawn = mean + np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.standard_normal((trials, max(sizes)))
        for values in sizes:
            found = int((drawn[:, :values] < 0).all(axis=1).sum())
            ends = binomtest(found, trials).proportion_ci(method="wilson")
            share = {"all_negative": found / trials, "low": ends.low, "high": ends.high}
            rows.append({"values": values, "rho": rho, "windows": trials} | share)
    return pd.DataFrame(rows)


def curves(sizes: Iterable[int], *, rhos: Iterable[float], means: Iterable[float]) -> pd.DataFrame:
    """:func:`all_negative` for every combination; columns values, rho, mean, all_negative."""
    grid = list(product(sizes, rhos, means))
    rows = [(n, rho, mean, all_negative(n, rho=rho, mean=mean)) for n, rho, mean in grid]
    return pd.DataFrame(rows, columns=["values", "rho", "mean", "all_negative"])


def by_share(values: int, *, rhos: Iterable[float], shares: Iterable[float]) -> pd.DataFrame:
    """:func:`all_negative` for normal values of which a share is ``negative``; columns rho, negative, all_negative."""
    rows = [(rho, q, all_negative(values, rho=rho, mean=-float(norm.ppf(q)))) for rho, q in product(rhos, shares)]
    return pd.DataFrame(rows, columns=["rho", "negative", "all_negative"])


def neighbours(z: Array, *, pool_size: int) -> pd.DataFrame:
    """Correlation of the numbers of ``z``, ``(images, height, width, channels)``, that share a pooling window.

    One row per channel and offset within the window: channel, down, right, distance (in positions), pairs (how many
    pairs of places in a window lie so far apart) and correlation (missing for a channel that never changes).
    """
    rows = []
    for down, right in product(range(pool_size), range(1 - pool_size, pool_size)):
        if (down, right) <= (0, 0):  # the other of a pair, or no pair at all
            continue
        height, width = z.shape[1] - down, z.shape[2] - abs(right)
        left = max(-right, 0)
        first = z[:, :height, left : left + width]
        second = z[:, down:, left + right : left + right + width]
        pairs = (pool_size - down) * (pool_size - abs(right))
        for channel, correlation in enumerate(_correlation(first, second)):
            offset = {"down": down, "right": right, "distance": float(np.hypot(down, right)), "pairs": pairs}
            rows.append({"channel": channel} | offset | {"correlation": correlation})
    return pd.DataFrame(rows)


def _correlation(first: Array, second: Array) -> Array:
    """Channel by channel, over all images and positions; NaN where either is constant."""
    a, b = (side.reshape(-1, side.shape[3]).astype(np.float64) for side in (first, second))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.where(size > 0, (a * b).sum(axis=0) / np.where(size > 0, size, 1), np.nan)


def explained(z: Array, *, pool_size: int, stride: int) -> pd.DataFrame:
    """The share of all-negative windows in ``z``, ``(images, height, width, channels)``, beside what would explain it.

    One row per channel: negative (share of negative numbers), correlation (mean over the pairs of a window), then the
    share of all-negative windows as ``even`` (independent, either sign alike), ``own`` (independent, with the channel's
    own share of negatives), ``normal`` (normal, with that share and that correlation) and ``counted`` (as it is).
    Windows that hang over the border are left out.
    """
    values = pool_size**2
    pairs = neighbours(z, pool_size=pool_size).dropna()
    weighted = (pairs["correlation"] * pairs["pairs"]).groupby(pairs["channel"]).sum()
    rho = (weighted / pairs["pairs"].groupby(pairs["channel"]).sum()).clip(0, 1).reindex(range(z.shape[3]))
    negative = (z < 0).mean(axis=(0, 1, 2))
    counted = (whole_windows(z, pool_size=pool_size, stride=stride) < 0).mean(axis=(0, 1, 2))
    rows = []
    for channel, (q, r, share) in enumerate(zip(negative, rho, counted, strict=True)):
        predicted = q if q in (0, 1) or np.isnan(r) else all_negative(values, rho=r, mean=-norm.ppf(q))
        by = {"even": independent(values), "own": independent(values, negative=q), "normal": predicted}
        rows.append({"channel": channel, "negative": q, "correlation": r} | by | {"counted": share})
    return pd.DataFrame(rows)


def whole_windows(z: Array, *, pool_size: int, stride: int) -> Array:
    """The largest value of each window of a "same" max-pool that does not hang over the border."""

    def starts(length: int) -> Array:
        windows = spans(length, size=pool_size, stride=stride, padding="same")
        return np.array([span.start for span in windows if span.stop - span.start == pool_size])

    rows, columns = (starts(length) for length in z.shape[1:3])
    parts = [z[:, rows + i][:, :, columns + j] for i, j in product(range(pool_size), repeat=2)]
    return np.maximum.reduce(parts)
