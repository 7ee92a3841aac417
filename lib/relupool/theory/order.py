"""Activation and max-pooling in either order: the statements of the chapter *ReLU and max-pooling commute*."""

from __future__ import annotations

from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Evidence
from relupool.theory.proposition import Layers, Proposition, commuting


def _straight(layers: Layers, trials: int, seed: int) -> Evidence:
    """The evidence for the piecewise-linear activation that deviates most."""
    found = [
        commuting(name, "max_pool")(layers, trials=trials, seed=seed)
        for name, activation in ACTIVATIONS.items()
        if activation.piecewise_linear
    ]
    return max(found, key=lambda evidence: evidence.ulps)


COMMUTE = "Theorem thm-commute"
PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-commutes-with-max",
        "ReLU and max-pooling commute: max(relu(x)) = relu(max(x)).",
        COMMUTE,
        commuting("relu", "max_pool"),
        claims=("A3", "A12"),
    ),
    Proposition(
        "relu-commutes-with-max-in-gradients",
        "The gradients of relu(max(x)) and max(relu(x)) are the same, at ties and at zero too.",
        "Theorem thm-gradients",
        commuting("relu", "max_pool", gradient=True),
        claims=("A3",),
    ),
    Proposition(
        "straight-activations-commute-with-max",
        "Every non-decreasing, piecewise-linear activation of Keras commutes with max-pooling, bit for bit.",
        COMMUTE,
        _straight,
        claims=("A3", "A13"),
    ),
    Proposition(
        "gelu-commutes-with-max",
        "GELU and max-pooling commute.",
        "Theorem thm-converse",
        commuting("gelu", "max_pool"),
        true=False,
        claims=("A13",),
    ),
)
