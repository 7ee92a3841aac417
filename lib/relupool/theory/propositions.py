"""Everything that Part I states about the functions of Keras, true and false, in the order of its chapters."""

from __future__ import annotations

from relupool.theory import averages, convolution, maximum, order, order_cost, windows
from relupool.theory.proposition import Proposition

PROPOSITIONS: tuple[Proposition, ...] = tuple(
    proposition
    for chapter in (convolution, maximum, order, averages, windows, order_cost)
    for proposition in chapter.PROPOSITIONS
)
"""Each with the check that searches for a counterexample."""
