"""Averages, and what they do with activations: the statements of the chapter *Average pooling does not*."""

from __future__ import annotations

from relupool.theory import checks
from relupool.theory.proposition import Proposition, commuting, law

PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "relu-commutes-with-average",
        "ReLU and average-pooling commute.",
        "Chapter 3, average-pooling",
        commuting("relu", "average_pool"),
        true=False,
        claims=("A11", "A14"),
    ),
    Proposition(
        "average-is-linear",
        "Average-pooling is linear.",
        "Chapter 4",
        law(checks.is_linear, "average_pool", 2, 2, "same"),
        claims=("A14",),
    ),
    Proposition(
        "average-selects",
        "Average-pooling puts out numbers of its input.",
        "Chapter 4",
        law(checks.selects, "average_pool", 3, 2, "same"),
        true=False,
        claims=("A17",),
    ),
)
