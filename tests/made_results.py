"""Results that were never trained: frames of the result store, and whole runs on disk, that end as a test wants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.store import Store
from relupool.experiments.study import Study

LOOKS = (0, 100, 300, 1_000, 2_000)


def frame(
    study: Study,
    ends: Mapping[str, float],
    *,
    seeds: int = 3,
    steps: int = 2_000,
    spread: float = 0.002,
    dataset: str = "cifar10",
    diverged: Collection[tuple[str, int]] = (),
) -> pd.DataFrame:
    """Rows of the store for the networks of ``study`` that ``ends`` names, with these accuracies at the end.

    Seeds are ``spread`` apart, alike in all networks; network k adds a hundredth of that to seed k, so that paired
    differences have some spread too. What has ``diverged`` did so at step 300.
    """
    rows = []
    for place, label in enumerate(name for name in study.networks if name in ends):
        for seed in range(seeds):
            gone = (label, seed) in diverged
            final = ends[label] + spread * (seed - (seeds - 1) / 2) + 0.01 * spread * (seed == place % seeds)
            for step in (step * steps // LOOKS[-1] for step in LOOKS if not gone or step < 300):
                for weights in ("averaged", "raw"):
                    grown = 0.1 + (final - 0.1) * np.log1p(step) / np.log1p(steps)
                    rows.append(
                        {
                            "study": study.name, "preset": "standard", "network": label, "seed": seed, "step": step,
                            "steps": steps, "weights": weights, "accuracy": grown - 0.02 * (weights == "raw"),
                            "loss": 1.0, "diverged_at": 300.0 if gone else np.nan, "dataset": dataset,
                            "dtype": "mixed_bfloat16", "backend": "tensorflow", "device": "2 cores",
                            "device_kind": "cpu", "train_images": 50_000, "test_images": 10_000,
                            "key": f"{label}-{seed}",
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows)


def store(
    folder: Path, study: Study, ends: Mapping[str, float], *, preset: str = "paper", spread: float = 0.002
) -> None:
    """Write every run that ``preset`` asks for into ``folder``, as if it had been trained."""
    own = Store(folder)
    for experiment in study.experiments(preset):
        wanted = ends[study.label(experiment.network)] + spread * experiment.seed / 5
        right = round(wanted * experiment.test_images)
        hits = np.arange(experiment.test_images) < right
        looks = tuple(
            Evaluation(
                step=step, accuracy=right / len(hits), loss=1.0, raw_accuracy=right / len(hits), raw_loss=1.0, probes={}
            )
            for step in experiment.schedule.evaluate_at
        )
        run = Run(
            experiment=experiment,
            evaluations=looks,
            losses=((50, 2.0),),
            diverged_at=None,
            hits=pack(hits),
            provenance={"device": "made up", "device_kind": "cpu", "seconds": 1.0},
        )
        own.put(study, run)
