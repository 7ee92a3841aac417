"""The study from nothing to ReLU: what its labels say, and the same study with an activation of one's own."""

from __future__ import annotations

import math

import pandas as pd
from attrs import evolve

from relupool.experiments.networks import Activation, Architecture, LeakyReLU, Maxout, Network, Pool
from relupool.experiments.studies import ACTIVATIONS, SCALE
from relupool.experiments.study import Study
from relupool.validation import refuse

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


def own(activation: str, *, slope: float, pool: str) -> tuple[str, Study]:
    """The label of a reader's activation, and a study of it between no activation and ReLU.

    ``activation`` is one of Keras' names, "maxout" (two pieces, equal parameters) or "slope", which takes ``slope`` for
    negative numbers. ``pool`` is "average", with linear dense layers, or "max", with ReLU in them.
    """
    if pool not in ("average", "max"):
        refuse("pool", pool, "one of 'average', 'max'")
    named: dict[str, tuple[str, Activation]] = {
        "slope": (f"slope {slope:g}", LeakyReLU(slope)),
        "maxout": (EQUAL_PARAMETERS, Maxout(pieces=2, channels=59)),
    }
    label, its = named.get(activation, (activation, activation))
    dense = None if pool == "average" else "relu"
    networks: dict[str, Network] = {
        network(pool, name): Architecture(conv_activation=a, pool=Pool(pool), dense_activation=dense)  # type: ignore[arg-type]
        for name, a in {NOTHING: None, label: its, RELU: "relu"}.items()
    }
    return label, evolve(SCALE, networks=networks)
