"""How likely the values of a pooling window are negative, one by one and all together, if they are normal.

Values are measured in their standard deviations: ``mean`` 0.5 lies half a standard deviation above zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid
from scipy.special import comb
from scipy.stats import norm

from relupool.theory.evidence import Array

_FACTOR = np.linspace(-9, 9, 2001)
"""Where the shared part of the values is put: wide and close enough for twelve digits below a correlation of 0.999."""


def negatives(values: int, *, rho: float = 0.0, mean: float = 0.0) -> Array:
    """The probabilities that 0, 1, ..., all of ``values`` jointly normal numbers are negative.

    Any two have the correlation ``rho``, from 0 to 1. Each number is sqrt(rho) z plus a part of its own, with one z for
    all, and given z they are independent; so it is the mean over a standard normal z of binomial probabilities (Dunnett
    and Sobel 1955).
    """
    if rho == 1:  # all values are one and the same
        return np.array([norm.cdf(mean), *np.zeros(values - 1), norm.cdf(-mean)])
    given = norm.cdf(-(mean + np.sqrt(rho) * _FACTOR) / np.sqrt(1 - rho))
    k = np.arange(values + 1)[:, None]
    each = comb(values, k) * given**k * (1 - given) ** (values - k)
    return trapezoid(norm.pdf(_FACTOR) * each, _FACTOR, axis=1)


def by_share(values: int, *, rhos: Iterable[float], shares: Iterable[float]) -> pd.DataFrame:
    """How likely all ``values`` are negative, if a share of them is; columns rho, negative and all_negative."""
    rows = [(rho, q, negatives(values, rho=rho, mean=-float(norm.ppf(q)))[-1]) for rho, q in product(rhos, shares)]
    return pd.DataFrame(rows, columns=["rho", "negative", "all_negative"])
