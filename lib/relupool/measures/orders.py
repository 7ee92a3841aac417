"""Activation before or after the pooling, trained both ways: do the two end at the same accuracy?

Frames are those of the result store, of the study ORDER.
"""

from __future__ import annotations

import pandas as pd

from relupool.experiments.studies import EXCHANGED, ORDER
from relupool.measures.estimate import Estimate, difference, estimated

FIRST, LAST = ", activation first", ", activation last"
"""After what is exchanged, the order in the labels of the study."""

FIRST_MINUS_LAST = {pair: difference(ORDER.networks[pair + FIRST], ORDER.networks[pair + LAST]) for pair in EXCHANGED}
"""Accuracy with the activation first minus that with the pool first, for what the study exchanges."""


def first_minus_last(frame: pd.DataFrame) -> dict[str, Estimate]:
    """That difference for each pair that some seed has finished in both orders."""
    return {pair: e for pair, contrast in FIRST_MINUS_LAST.items() if (e := estimated(frame, contrast))}


def same_losses(losses: pd.DataFrame, pair: str) -> tuple[int, int]:
    """How many of the logged training losses are the same in both orders of ``pair``, and how many there are in both.

    ``losses`` has columns network, seed, step and loss, as :func:`relupool.measures.inside.losses` gives them.
    """
    wide = losses.pivot_table(index=["seed", "step"], columns="network", values="loss")
    both = wide.reindex(columns=[pair + FIRST, pair + LAST]).dropna()
    return int((both[pair + FIRST] == both[pair + LAST]).sum()), len(both)
