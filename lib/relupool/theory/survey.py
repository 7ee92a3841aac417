"""The table of activations: which of them commute with a pool, in mathematics and as computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from relupool.theory import checks, reference
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.checks import Pullback
from relupool.theory.evidence import Array, Evidence, Function

VERDICTS = ("bit for bit", "but for rounding", "no")
"""Commutes as computed, commutes in mathematics and is not computed exactly, does not commute."""


def survey(
    activation: Callable[[str], Function],
    max_pool: Callable[..., Any],
    *,
    names: Iterable[str] = tuple(ACTIVATIONS),
    pool_size: int = 3,
    stride: int = 2,
    trials: int = 1000,
    seed: int = 0,
    pullback: Pullback | None = None,
) -> pd.DataFrame:
    """One row for each of the activations ``names``, from the functions ``activation(name)`` under test.

    Columns: activation; non_decreasing, by the sign of its derivative; verdict, one of :data:`VERDICTS`; trials,
    compared, differing, largest_deviation, ulps of the two orders in float32; out_of_order, pairs of numbers that its
    float32 version puts in the wrong order; counterexample, the smallest one of the mathematics, "" if there is none;
    with ``pullback`` also gradients_differing, away from corners.
    """

    def pool(x: Array) -> Any:
        return max_pool(x, pool_size, stride, "same")

    def row(name: str) -> dict[str, Any]:
        function = activation(name)
        common: dict[str, Any] = {"trials": trials, "seed": seed, "shrinking": False}
        computed = checks.commutes(function, pool, **common)
        truth = commutes_in_mathematics(name, pool_size=pool_size, stride=stride, trials=trials, seed=seed)
        found = {
            "activation": name,
            "non_decreasing": is_non_decreasing(name),
            "verdict": verdict(computed, truth),
            "trials": computed.trials,
            "compared": computed.compared,
            "differing": computed.differing,
            "largest_deviation": computed.largest_deviation,
            "ulps": computed.ulps,
            "out_of_order": checks.is_monotone(function, **common).differing,
            "counterexample": spelled(truth),
        }
        if pullback is not None:
            corners = () if name == "relu" else ACTIVATIONS[name].corners  # ReLU's slope at 0 is a settled convention
            gradient = checks.commutes(function, pool, pullback=pullback, avoid=corners, **common)
            found["gradients_differing"] = gradient.differing
        return found

    return pd.DataFrame([row(name) for name in names])


def commutes_in_mathematics(
    name: str, *, pool_size: int = 3, stride: int = 2, trials: int = 1000, seed: int = 0
) -> Evidence:
    """Whether the activation's float64 reference commutes with max-pooling on float32 inputs.

    Between neighbouring float32 numbers there is room for half a billion float64 numbers, so the rounding of the
    reference puts none of them in the wrong order: what fails here fails in mathematics.
    """
    return checks.commutes(
        ACTIVATIONS[name],
        lambda x: reference.max_pool(x, pool_size, stride, "same"),
        trials=trials,
        seed=seed,
    )


def is_non_decreasing(name: str) -> bool:
    """Whether the float64 reference of the activation never falls, by the sign of its derivative on a fine grid."""
    x = np.linspace(-30, 30, 60_001) + 1 / 7  # misses the corners
    return bool((ACTIVATIONS[name].slope(x) >= 0).all())


def verdict(computed: Evidence, truth: Evidence) -> str:
    """One of :data:`VERDICTS`, from the evidence for the computed function and for its float64 reference."""
    if computed.exact:
        return VERDICTS[0]
    return VERDICTS[1] if truth.holds else VERDICTS[2]


def spelled(evidence: Evidence) -> str:
    """The numbers of the counterexample, row by row: "-1, -2"; "" if there is none."""
    if evidence.counterexample is None:
        return ""
    return ", ".join(f"{value:.9g}" for value in np.ravel(evidence.counterexample.input).tolist())
