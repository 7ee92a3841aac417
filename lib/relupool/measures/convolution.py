"""What is known of flipped kernels, and the networks without nonlinearities, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from relupool.measures.estimate import estimated

CONVENTIONS = pd.DataFrame(
    [
        ("Theano's conv2d", "convolution", "documented: filter_flip=True is the default {cite}`theano2016theano`"),
        ("PyTorch's Conv2d", "cross-correlation", "documented in its reference {cite}`paszke2019pytorch`"),
    ],
    columns=["operation", "is", "how we know"],
)
"""What cannot be run here: Theano is no longer maintained, PyTorch is not among this book's backends."""

LINEAR = {
    "softmax regression": ("softmax regression", None),
    "all linear, no LRN": ("the example", "untouched"),
    "VGG with average-pools, no ReLU": ("VGG with average-pools", "VGG with average-pools, all ReLUs"),
    "ResNet-20, no ReLU": ("ResNet-20", "ResNet-20, all ReLUs"),
}
"""Networks without nonlinearities: what a figure calls each, and the same network with them."""


def flip_table(turned: pd.DataFrame) -> pd.DataFrame:
    """What :func:`relupool.theory.convolution.turns` found and what is documented, with headings for readers."""
    found = turned.drop_duplicates("operation")[["operation", "is"]].assign(**{"how we know": "measured here"})
    rows = pd.concat([found, CONVENTIONS], ignore_index=True)
    flips = rows["is"].map({"convolution": "yes", "cross-correlation": "no"}).fillna("something else")
    rows.insert(1, "flips?", flips)
    return rows


def linear_networks(frame: pd.DataFrame, models: Mapping[str, Any]) -> pd.DataFrame:
    """What each of :data:`LINEAR` ended with, and what the same network did with its nonlinearities.

    ``frame`` has rows of the store, ``models`` the networks as Keras models. Columns network, label, layers (with
    weights), parameters, n, mean, low, high, with (the other's label), bent (its mean); networks that are not stored
    are left out.
    """
    rows = [
        {
            "network": name,
            "label": label,
            "layers": sum(hasattr(layer, "kernel") for layer in models[name].layers),
            "parameters": sum(int(np.prod(v.shape)) for v in models[name].trainable_variables),
            **dict(zip(("n", "mean", "low", "high"), (end.n, end.mean, *end.ends), strict=True)),
            "with": other,
            "bent": bent.mean if other and (bent := estimated(frame, {other: 1})) else np.nan,
        }
        for name, (label, other) in LINEAR.items()
        if (end := estimated(frame, {name: 1}))
    ]
    columns = ["network", "label", "layers", "parameters", "n", "mean", "low", "high", "with", "bent"]
    return pd.DataFrame(rows, columns=columns).astype({"bent": float})
