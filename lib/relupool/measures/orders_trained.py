"""Activation before or after the pooling, trained both ways: do the two end at the same accuracy?

Frames are those of the result store, of the study "order".
"""

from __future__ import annotations

import pandas as pd

from relupool.experiments.studies import EXCHANGED
from relupool.measures.estimate import Estimate, estimated

FIRST, LAST = ", activation first", ", activation last"
PAIRS = tuple(EXCHANGED)
"""What is activated and pooled, in the study's order."""


def first_minus_last(frame: pd.DataFrame, *, weights: str = "averaged") -> dict[str, Estimate]:
    """Accuracy with the activation first minus last, for each pair that some seed has finished in both orders."""
    found = {pair: estimated(frame, {pair + FIRST: 1.0, pair + LAST: -1.0}, weights=weights) for pair in PAIRS}
    return {pair: estimate for pair, estimate in found.items() if estimate is not None}


def same_losses(losses: pd.DataFrame, pair: str) -> tuple[int, int]:
    """How many of the logged training losses are the same in both orders of ``pair``, and how many there are in both.

    ``losses`` has columns network, seed, step and loss, as :func:`relupool.measures.inside.losses` gives them.
    """
    wide = losses.pivot_table(index=["seed", "step"], columns="network", values="loss")
    both = wide.reindex(columns=[pair + FIRST, pair + LAST]).dropna()
    return int((both[pair + FIRST] == both[pair + LAST]).sum()), len(both)
