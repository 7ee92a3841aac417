"""Results of the study from nothing to ReLU, made up, for the tests of its verdicts and figures."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from relupool.experiments.studies import ACTIVATIONS

STEPS = (0, 100, 300, 600, 1_000)
AVERAGE = dict(
    zip(ACTIVATIONS, (0.36, 0.48, 0.55, 0.6, 0.62, 0.63, 0.38, 0.5, 0.47, 0.58, 0.6, 0.59, 0.61, 0.6), strict=True)
)
MAX = dict(
    zip(ACTIVATIONS, (0.6, 0.61, 0.62, 0.605, 0.61, 0.6, 0.5, 0.6, 0.59, 0.61, 0.6, 0.6, 0.63, 0.62), strict=True)
)


def frame(
    average=AVERAGE,
    maximum=MAX,
    *,
    seeds: int = 3,
    spread: float = 0.004,
    steps: int = STEPS[-1],
    diverged=(),
    **changes,
) -> pd.DataFrame:
    """What the store gives. ``spread`` is that of the seeds; ``diverged`` lists networks that ended at step 400."""
    rng = np.random.default_rng(0)
    ends = {f"average pool, {k}": v for k, v in average.items()} | {f"max pool, {k}": v for k, v in maximum.items()}
    rows = []
    for (network, end), seed in itertools.product(ends.items(), range(seeds)):
        noise = rng.normal(0, spread)
        for step, weights in itertools.product((*STEPS[:-1], steps), ("averaged", "raw")):
            accuracy = 0.1 + (end + noise - 0.1) * np.log1p(step) / np.log1p(steps) - 0.02 * (weights == "raw")
            gone = network in diverged
            rows.append(
                {"study": "scale", "preset": "standard", "network": network, "seed": seed, "step": step,
                 "weights": weights, "accuracy": accuracy, "loss": 1.0, "diverged_at": 400 if gone else None,
                 "steps": steps, "dataset": "cifar10", "dtype": "mixed_bfloat16", "backend": "tensorflow",
                 "device": "a chip", "device_kind": "cpu", "train_images": 50_000, "test_images": 10_000,
                 "key": f"{network}-{seed}", **changes}
            )  # fmt: skip
    found = pd.DataFrame(rows).astype({"diverged_at": float})
    return found[found["diverged_at"].isna() | (found["step"] < 400)].reset_index(drop=True)
