"""What is said of the pools between average and maximum follows from the evidence, and turns with it."""

from __future__ import annotations

import numpy as np

from relupool.theory import soft_maximum
from relupool.verdicts import averages


def test_a_bound_is_kept_or_not():
    betas = np.array([1.0, 100.0])
    x = soft_maximum.windows(400, n=9)
    frame = soft_maximum.largest_gaps(["relu", "gelu"], x, betas=betas)
    relu, gelu = (averages.within_told(name, part) for name, part in frame.groupby("activation", sort=False))
    assert relu.endswith("within it.")
    assert "beyond it. The theorem does not speak of it" in gelu
