"""The study from nothing to ReLU: what its labels say."""

from __future__ import annotations

import math

import pandas as pd

from relupool.experiments.networks import Activation, LeakyReLU
from relupool.experiments.studies import ACTIVATIONS

NOTHING, RELU = "linear", "ReLU"
EQUAL_WIDTH, EQUAL_PARAMETERS = "maxout, equal width", "maxout, equal parameters"

NAMED_SLOPES = {NOTHING: 1.0, RELU: 0.0, "absolute value": -1.0}
"""Slopes on the negative side of the activations that have names."""


def network(pool: str, activation: str) -> str:
    """The label of a network of the study."""
    return f"{pool} pool, {activation}"


def activations(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` of the result store with the column activation: what the study calls that of the convolutions."""
    return frame.assign(activation=[called(activation) for activation in frame["conv_activation"]])


def called(activation: Activation) -> str:
    """What the study calls an activation, or one of a reader's own."""
    own = next((name for name, act in ACTIVATIONS.items() if act == activation), None)
    return own or (f"slope {activation.slope:g}" if isinstance(activation, LeakyReLU) else str(activation))


def slope_of(activation: str) -> float:
    """The slope on the negative side of "linear", "slope 0.2", "ReLU" or "absolute value"; NaN for others."""
    if activation.startswith("slope "):
        return float(activation.removeprefix("slope "))
    return NAMED_SLOPES.get(activation, math.nan)


def written(activation: str) -> str:
    """The label as figures and tables write it, with a true minus sign."""
    return activation.replace("slope -", "slope \N{MINUS SIGN}")
