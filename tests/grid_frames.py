"""Results of the whole grid as they might come out, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from relupool.experiments.factorial import label, levels
from relupool.experiments.studies import FIRST_ABLATIONS, SWAPS

SOFTMAX = "softmax regression"


def expected(conv: int, dense: int, pool: int, lrn: int) -> float:
    """What the sources lead one to expect, of levels +1 (there) and -1 (changed)."""
    bends = {(1, 1): 0.855, (-1, 1): 0.850, (1, -1): 0.82, (-1, -1): 0.37}[conv, pool]
    if dense > 0:
        bends = {(1, 1): 0.860, (-1, 1): 0.857, (1, -1): 0.84, (-1, -1): 0.55}[conv, pool]
    return bends + (0.005 if lrn > 0 else 0)


def frame(
    accuracy: Callable[..., float] = expected,
    *,
    seeds: int = 3,
    steps: int = 60_000,
    looks: tuple[int, ...] = (0, 3_000, 10_000, 30_000, 60_000),
    spread: float = 0.001,
    dataset: str = "cifar10",
    softmax: float = 0.36,
) -> pd.DataFrame:
    """Rows of the result store: 16 networks, two order swaps and softmax regression, at every look.

    Accuracies grow from 0.1 to ``accuracy`` of the levels at the last look; seeds are ``spread`` apart, every other
    network a little more. Raw weights are 0.02 below averaged ones.
    """
    ends = {network: accuracy(*signs) for network, signs in levels().items()}
    ends |= {label(a): ends["untouched"] for a in SWAPS} | {SOFTMAX: softmax}
    looks = tuple(look for look in looks if look < steps) + (steps,)
    rows = []
    for place, (network, end) in enumerate(ends.items()):
        study = "baseline" if network == SOFTMAX else FIRST_ABLATIONS.name
        study = study if network in FIRST_ABLATIONS.networks or network == SOFTMAX else "grid"
        for seed in range(seeds):
            off = spread * ((place + 1) % 3 + 1) * (seed - (seeds - 1) / 2)
            for look in looks:
                share = (look / steps) ** 0.3
                for weights, below in (("averaged", 0.0), ("raw", 0.02)):
                    a = 0.1 + share * (end - 0.1 + off - below)
                    rows.append((study, network, seed, look, weights, a, f"{network} {seed}"))
    columns = ["study", "network", "seed", "step", "weights", "accuracy", "key"]
    return pd.DataFrame(rows, columns=columns).assign(
        preset="standard",
        steps=steps,
        loss=1.0,
        diverged_at=float("nan"),
        dataset=dataset,
        train_images=50_000,
        test_images=10_000,
        dtype="mixed_bfloat16",
        backend="tensorflow",
        device="a processor",
        device_kind="cpu",
    )
