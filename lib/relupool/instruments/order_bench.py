"""Both orders of activation and max-pooling timed: alone, in a training step, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from attrs import frozen

from relupool.instruments import profile, timing
from relupool.instruments.timing import Load

SIZES: dict[str, Any] = {"pool_size": 3, "stride": 2, "batch_size": 32}
"""The example's own pool, and a small batch."""


@frozen(eq=False, kw_only=True)
class Readings:
    """Seconds in tidy frames, the backend, how it usually runs a training step, and what else the machine had to do."""

    alone: pd.DataFrame
    steps: pd.DataFrame
    layers: pd.DataFrame
    backend: str
    usual: str
    load: Load


def both_orders(activations: Sequence[str], *, rounds: int = 11, seed: int = 0) -> Readings:
    """Time ``activations`` in both orders, in ``rounds`` in random order; see :func:`timing.alternate`."""
    before = timing.load().average
    numbers, often = {**SIZES, "seed": seed}, {"rounds": rounds, "seed": seed}
    by_order = ("activation", "order", "way")
    alone = timing.alternate(_by_words(profile.both_orders(activations, **numbers)), names=by_order, **often)
    usual = profile.usual_way()
    whole = profile.training_steps(activations, ways=(usual,), **numbers)
    steps = timing.alternate(_by_words(whole), names=by_order, **often)
    parts = profile.anatomy(activations, steps=whole, **numbers)
    layers = timing.alternate(_by_words(parts), names=("activation", "layer", "type", "direction"), **often)
    load = timing.load(alone, steps, layers, average=before)
    backend = "TensorFlow" if profile.on_tensorflow() else "JAX"
    return Readings(alone=alone, steps=steps, layers=layers, backend=backend, usual=usual, load=load)


def _by_words(calls: Mapping[Any, timing.Call]) -> dict[tuple[str, ...], timing.Call]:
    return {tuple(key): call for key, call in calls.items()}
