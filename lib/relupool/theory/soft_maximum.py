"""Log-mean-exp pooling, (1/beta) log mean exp(beta x): the road from the average, beta to 0, to the maximum.

A window is the last axis of an array ``(..., n)``; float64 throughout. What is said of it here is proved in note C.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Array


def log_mean_exp(x: Array, beta: float) -> Array:
    """(1/beta) log mean exp(beta x) over the last axis, for any beta above 0, without overflow."""
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(logsumexp(beta * x, axis=-1, b=1 / x.shape[-1]) / beta)


def windows(trials: int, *, n: int, seed: int = 0) -> Array:
    """``(trials, n)`` normal numbers: windows of every size from 1/300 to 3, each about a centre of that size.

    The orders are furthest apart for windows of a size near 1/beta, and beta runs over several powers of ten.
    """
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(-2.5, 0.5, (trials, 1))
    return size * (rng.normal(size=(trials, 1)) + rng.normal(size=(trials, n)))


def gap(name: str, x: Array, beta: float) -> Array:
    """Pool(activation(x)) - activation(pool(x)) for log-mean-exp pooling over the last axis."""
    activation = ACTIVATIONS[name]
    return log_mean_exp(activation(x), beta) - activation(log_mean_exp(x, beta))


def bound(n: int, beta: float) -> float:
    """log(n)/beta: how far the orders may be apart, if the activation never falls and is nowhere steeper than 1."""
    return float(np.log(n) / beta)


def path(name: str, window: Array, *, betas: Array) -> pd.DataFrame:
    """One window, ``(n,)``, on the road from average to maximum in both orders: columns beta, order, value."""
    activation = ACTIVATIONS[name]
    rows = [(beta, "activation first", float(log_mean_exp(activation(window), beta))) for beta in betas]
    rows += [(beta, "pool first", float(activation(log_mean_exp(window, beta)))) for beta in betas]
    return pd.DataFrame(rows, columns=["beta", "order", "value"])


def largest_gaps(names: Iterable[str], x: Array, *, betas: Array) -> pd.DataFrame:
    """The largest |gap| over the windows ``x``, ``(trials, n)``, over ``x / beta``, and where ReLU's is largest of all.

    Columns: activation, beta, gap and bound.
    """
    n = x.shape[-1]
    alone = np.array([[np.log(n), *[-1e3] * (n - 1)]])
    rows = []
    for beta in betas:
        tried = np.concatenate([x, x / beta, alone / beta])
        largest = {name: float(np.abs(gap(name, tried, beta)).max()) for name in names}
        rows += [(name, float(beta), found, bound(n, beta)) for name, found in largest.items()]
    return pd.DataFrame(rows, columns=["activation", "beta", "gap", "bound"])
