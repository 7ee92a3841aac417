"""Everything that Part I states about the functions of Keras, true and false, in the order of its chapters."""

from __future__ import annotations

from relupool.theory import averages, convolution, gating, maximum, order, order_cost, windows
from relupool.theory.proposition import Proposition

PROPOSITIONS: tuple[Proposition, ...] = (
    *convolution.PROPOSITIONS,
    *maximum.PROPOSITIONS,
    *order.PROPOSITIONS,
    *averages.PROPOSITIONS,
    *windows.PROPOSITIONS,
    *gating.PROPOSITIONS,
    *order_cost.PROPOSITIONS,
)
"""Each with the check that searches for a counterexample."""
