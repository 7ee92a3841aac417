"""Results of the bigger and of the deeper networks as they might come out, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from relupool.experiments.studies import BIGGER, DEPTH
from relupool.verdicts.bigger import NONE, split

LOST = {"ResNet-20": 0.5, "VGG with max-pools": 0.12, "VGG with average-pools": 0.45}
"""What each family loses without any ReLU, of an accuracy of 0.9 with all of them."""


def bigger(lost: Mapping[str, float] = LOST, **changes) -> pd.DataFrame:
    """Every network of the study, its accuracy falling evenly with the ReLUs that are gone."""
    ends = {label: 0.9 - lost[split(label)[0]] * (1 - split(label)[1]) for label in BIGGER.networks}
    return frame(ends, **changes)


def deeper(gain: float = 0.02, linear: float = -0.01, **changes) -> pd.DataFrame:
    """Accuracy that grows by ``gain`` with each convolution with ReLU, and by ``linear`` with each without."""
    ends = {}
    for label, network in DEPTH.networks.items():
        each = linear if network.example.conv_activation is None else gain
        ends[label] = 0.7 + each * (network.convolutions - 2)
    return frame(ends, **changes)


def frame(
    ends: Mapping[str, float],
    *,
    seeds: int = 3,
    steps: int = 64_000,
    looks: tuple[int, ...] = (0, 391, 3_910),
    spread: float = 0.001,
    diverged: tuple[str, ...] = (),
    dataset: str = "cifar10",
    device: str = "a chip",
) -> pd.DataFrame:
    """Rows of the result store; accuracies rise from 0.1, and seeds lie ``spread`` apart."""
    rows = []
    for place, (network, end) in enumerate(ends.items()):
        for seed in range(seeds):
            off = spread * (place % 4 + 1) * (seed - (seeds - 1) / 2)
            for look in (*(look for look in looks if look < steps), steps):
                if network in diverged and look > 0:
                    continue
                accuracy = 0.1 + (look / steps) ** 0.2 * (end + off - 0.1)
                for weights in ("averaged", "raw"):
                    at = 50.0 if network in diverged else float("nan")
                    rows.append((network, seed, look, weights, accuracy, at, f"{network} {seed}"))
    columns = ["network", "seed", "step", "weights", "accuracy", "diverged_at", "key"]
    return pd.DataFrame(rows, columns=columns).assign(
        study="s",
        preset="standard",
        steps=steps,
        loss=1.0,
        dataset=dataset,
        dtype="mixed_bfloat16",
        backend="tensorflow",
        device=device,
        device_kind="cpu",
        train_images=50_000,
        test_images=10_000,
    )


def taken(rows: pd.DataFrame, *, seconds: float = 7_200.0) -> pd.DataFrame:
    """The times of all runs of a frame, each of ``seconds``; networks without ReLU are twice as fast."""
    runs = rows.drop_duplicates(["network", "seed"])[["network", "seed", "steps", "device", "device_kind"]]
    factor = runs["network"].map(lambda label: 0.5 if label.endswith((NONE, "linear")) else 1.0)
    return runs.assign(seconds=seconds * factor)
