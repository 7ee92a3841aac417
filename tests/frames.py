"""Results that were never trained: runs, and frames of the result store, that end as a test wants.

One factory, :func:`runs`, makes them all; the others say with which accuracies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from attrs import evolve

from relupool.experiments.experiment import Recipe, Schedule, Study
from relupool.experiments.networks import BIG
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.store import Store, frame_of
from relupool.experiments.studies import ACTIVATIONS, BASELINE, BIGGER, FIRST_ABLATIONS, GRID, SCALE
from relupool.measures.bigger import family_of, fraction_of
from relupool.measures.grid import LEVELS

MADE = {
    **{name: "made up" for name in ("device", "backend_version", "keras", "python", "dataset_sha256", "dataset_note")},
    **{"device_kind": "cpu", "processor": {}, "commit": "0" * 40, "started": "2026-12-01T10:00:00+00:00"},
}
"""The provenance of made-up runs."""


def runs(
    study: Study,
    ends: Mapping[str, float | Sequence[float]],
    *,
    seeds: int = 3,
    steps: int = 60_000,
    looks: Collection[int] = (1_000,),
    off: Callable[[int, int], float] = lambda place, seed: 0.001 * seed * (1 + place % 2),
    grown: Callable[[float], float] = lambda share: 1.0,
    raw: float = -0.02,
    diverged: Mapping[tuple[str, int], int] | None = None,
    probes: Mapping[str, object] | None = None,
    seconds: float = 3_600.0,
    device: str = "a chip",
    **changes: object,
) -> list[Run]:
    """Runs of the networks of ``study`` that ``ends`` names, with these final accuracies: one, or one for each seed.

    ``off(place, seed)`` is added to network number ``place``; ``grown(share of the steps)`` says which part of the way
    from 0.1 is done, and raw weights are off by ``raw``. ``diverged`` maps (label, seed) to the step at which the run
    ended. ``changes`` are fields of the experiments.
    """
    made = []
    for place, (label, end) in enumerate(ends.items()):
        network = study.networks[label]
        schedule = (Recipe if isinstance(network, BIG) else Schedule)(
            steps=steps, evaluate_at=tuple(sorted({look for look in looks if look < steps} | {steps}))
        )
        own = [end] * seeds if isinstance(end, int | float) else list(end)
        one = next(e for e in study.experiments(next(iter(study.presets))) if e.network == network)
        for seed, final in enumerate(own):
            experiment = evolve(one, schedule=schedule, seed=seed, test_images=10_000, dtype="mixed_bfloat16")
            experiment = evolve(experiment, **changes)
            gone = (diverged or {}).get((label, seed))
            evaluations = []
            for look in schedule.evaluate_at if gone is None else [s for s in schedule.evaluate_at if s < gone]:
                a = max(0.1 + grown(look / steps) * (final + off(place, seed) - 0.1), 0.0)
                evaluations.append(
                    Evaluation(step=look, accuracy=a, loss=1.0, raw_accuracy=max(a + raw, 0.0), raw_loss=1.0,
                               probes=dict(probes or {}))
                )  # fmt: skip
            provenance = {**MADE, "device": device, "seconds": seconds}
            made.append(
                Run(experiment=experiment, evaluations=tuple(evaluations), losses=((50, 2.0),), diverged_at=gone,
                    hits=None, provenance=provenance)
            )  # fmt: skip
    return made


def frame(study: Study, ends: Mapping[str, float | Sequence[float]], **how: object) -> pd.DataFrame:
    """Those runs as rows of the store."""
    return frame_of((study, run) for run in runs(study, ends, **how)).assign(preset="standard")


def of_study(
    study: Study, ends: Mapping[str, float], *, seeds: int = 3, spread: float = 0.002,
    diverged: Collection[tuple[str, int]] = (),
) -> pd.DataFrame:  # fmt: skip
    """As :func:`frame`, of 2,000 steps: seeds ``spread`` apart, alike in all networks but for one seed of each.

    So paired differences have some spread too. What has ``diverged`` did so at a seventh of the way.
    """
    return frame(
        study,
        {label: ends[label] for label in study.networks if label in ends},
        seeds=seeds,
        steps=2_000,
        looks=(0, 100, 300, 1_000),
        off=lambda place, seed: spread * (seed - (seeds - 1) / 2) + 0.01 * spread * (seed == place % seeds),
        grown=lambda share: float(np.log1p(share * 2_000) / np.log1p(2_000)),
        diverged={which: 300 for which in diverged},
    )


def expected(conv: int, dense: int, pool: int, lrn: int) -> float:
    """What the sources lead one to expect of the grid, of levels +1 (there) and -1 (changed)."""
    bends = {(1, 1): 0.855, (-1, 1): 0.850, (1, -1): 0.82, (-1, -1): 0.37}[conv, pool]
    if dense > 0:
        bends = {(1, 1): 0.860, (-1, 1): 0.857, (1, -1): 0.84, (-1, -1): 0.55}[conv, pool]
    return bends + (0.005 if lrn > 0 else 0)


def grid(
    accuracy: Callable[..., float] = expected,
    *,
    seeds: int = 3,
    steps: int = 60_000,
    looks: Collection[int] = (0, 3_000, 10_000, 30_000, 60_000),
    spread: float = 0.001,
    softmax: float = 0.36,
) -> pd.DataFrame:
    """16 networks, two order swaps and softmax regression, at every look; each network under its own study."""
    ends = {network: accuracy(*signs) for network, signs in LEVELS.items()}
    swaps = {label: ends["untouched"] for label in GRID.networks if label not in ends}
    parts = []
    for study, own in ((FIRST_ABLATIONS, ends), (GRID, ends | swaps), (BASELINE, {"softmax regression": softmax})):
        there = {label: end for label, end in own.items() if label in study.networks}
        parts.append(
            frame(
                study,
                there,
                seeds=seeds,
                steps=steps,
                looks=looks,
                off=lambda place, seed: spread * ((place + 1) % 3 + 1) * (seed - (seeds - 1) / 2),
                grown=lambda share: share**0.3,
            )
        )
    return pd.concat(parts, ignore_index=True)


AVERAGE = dict(
    zip(ACTIVATIONS, (0.36, 0.48, 0.55, 0.6, 0.62, 0.63, 0.38, 0.5, 0.47, 0.58, 0.6, 0.59, 0.61, 0.6), strict=True)
)
MAX = dict(
    zip(ACTIVATIONS, (0.6, 0.61, 0.62, 0.605, 0.61, 0.6, 0.5, 0.6, 0.59, 0.61, 0.6, 0.6, 0.63, 0.62), strict=True)
)
"""Accuracies from nothing to ReLU and beyond, at both poolings."""


def scale(
    average: Mapping[str, float] = AVERAGE,
    maximum: Mapping[str, float] = MAX,
    *,
    seeds: int = 3,
    spread: float = 0.004,
    diverged: Collection[str] = (),
) -> pd.DataFrame:
    """The study from nothing to ReLU; what has ``diverged`` did so at step 400."""
    random = np.random.default_rng(0)
    ends = {f"average pool, {k}": v for k, v in average.items()} | {f"max pool, {k}": v for k, v in maximum.items()}
    noise = {(place, seed): random.normal(0, spread) for place in range(len(ends)) for seed in range(seeds)}
    return frame(
        SCALE,
        ends,
        seeds=seeds,
        steps=1_000,
        looks=(0, 100, 300, 600),
        off=lambda place, seed: noise[place, seed],
        grown=lambda share: float(np.log1p(share * 1_000) / np.log1p(1_000)),
        diverged={(label, seed): 400 for label in diverged for seed in range(seeds)},
    )


LOST = {"ResNet-20": 0.5, "VGG with max-pools": 0.12, "VGG with average-pools": 0.45}
"""What each family loses without any ReLU, of an accuracy of 0.9 with all of them."""


def bigger(lost: Mapping[str, float] = LOST, *, seeds: int = 3, diverged: Collection[str] = ()) -> pd.DataFrame:
    """Every network of the study, its accuracy falling with the ReLUs that are gone; some ``diverged`` at step 50."""
    ends = {label: 0.9 - lost[family_of(network)] * (1 - fraction_of(network.activation))
            for label, network in BIGGER.networks.items()}  # fmt: skip
    return frame(
        BIGGER,
        ends,
        seeds=seeds,
        steps=64_000,
        looks=(0, 391, 3_910),
        off=lambda place, seed: 0.001 * (place % 4 + 1) * (seed - (seeds - 1) / 2),
        grown=lambda share: share**0.2,
        raw=0.0,
        diverged={(label, seed): 50 for label in diverged for seed in range(seeds)},
    )


def stored(folder: Path, study: Study, ends: Mapping[str, float], *, preset: str = "paper", spread: float = 0.002):
    """Write every run that ``preset`` asks for into ``folder``, as if it had been trained; each with its hits."""
    own = Store(folder)
    for experiment in study.experiments(preset):
        wanted = ends[study.label(experiment.network)] + spread * experiment.seed / 5
        right = round(wanted * experiment.test_images)
        hits = np.arange(experiment.test_images) < right
        looks = tuple(
            Evaluation(step=step, accuracy=right / len(hits), loss=1.0, raw_accuracy=right / len(hits), raw_loss=1.0)
            for step in experiment.schedule.evaluate_at
        )
        run = Run(
            experiment=experiment, evaluations=looks, losses=((experiment.schedule.steps, 2.0),), diverged_at=None,
            hits=pack(hits), provenance={**MADE, "seconds": 1.0},
        )  # fmt: skip
        own.put(study, run)
