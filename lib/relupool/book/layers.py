"""The functions of Keras that the propositions of Part I are checked on, and the table of what came out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras
import pandas as pd

from relupool.experiments import settings
from relupool.theory.evidence import Array, Function
from relupool.theory.proposition import Layers
from relupool.theory.propositions import PROPOSITIONS


def pullback(function: Function, x: Array, upstream: Array) -> Any:
    """The gradient of sum(upstream * function(x)) with respect to ``x``, by the backend that Keras runs on."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(lambda x: (upstream * function(x)).sum())(x)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        x = tf.Variable(x)
        total = tf.reduce_sum(upstream * function(x))
    return tape.gradient(total, x)


KERAS = Layers(
    activation=keras.activations.get,
    max_pool=keras.ops.max_pool,
    average_pool=keras.ops.average_pool,
    convolution=keras.ops.conv,
    pullback=pullback,
)
"""Keras, on the backend that runs."""


def checked(
    names: Collection[str] | None = None, *, trials: int = 210, seed: int = 0, layers: Layers = KERAS
) -> pd.DataFrame:
    """Every proposition, or those ``names``, with what its check found; ValueError under settings that change numbers.

    Columns name, statement, reference, true, holds, confirmed, and the counts.

    ``true`` is what the book says, ``holds`` what the search found; they agree where ``confirmed``. Then trials,
    compared, differing, largest_deviation and ulps, as in :class:`~relupool.theory.evidence.Evidence`.
    """
    settings.check()
    rows = []
    for proposition in PROPOSITIONS:
        if names is not None and proposition.name not in names:
            continue
        evidence = proposition.check(layers, trials=trials, seed=seed)
        said = {name: getattr(proposition, name) for name in ("name", "statement", "reference", "true")}
        counts = ("trials", "compared", "differing", "largest_deviation", "ulps")
        found = {name: getattr(evidence, name) for name in counts}
        rows.append(said | {"holds": evidence.holds, "confirmed": proposition.confirmed(evidence)} | found)
    return pd.DataFrame(rows)
