"""How long training takes, by what it took before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from statistics import median

from attrs import frozen

from relupool.experiments.experiment import Experiment
from relupool.experiments.networks import (
    SIDE,
    VGG,
    Architecture,
    Deeper,
    Maxout,
    Network,
    ResNet20,
    SoftmaxRegression,
)
from relupool.experiments.run import Run

STARTING = 33.0
"""Seconds that a job of the graph takes to start, measured through SLURM on two cores: Snakemake and a backend."""


@frozen(kw_only=True)
class Speed:
    """What one run took: ``seconds`` for each training image, evaluations and all."""

    network: Network
    dtype: str
    backend: str
    device: str
    seconds: float

    @classmethod
    def of(cls, experiment: Experiment, device: str, seconds: float, steps: int) -> Speed:
        """The speed at which ``steps`` steps took ``seconds`` seconds."""
        e, images = experiment, steps * experiment.schedule.batch_size
        return cls(network=e.network, dtype=e.dtype, backend=e.backend, device=device, seconds=seconds / images)


@frozen
class Pace:
    """Estimates by ``speeds``: the median of the same network's, or else of its kind's, scaled by multiply-adds.

    Only runs of the same dtype, backend and device count; where no device is given, those of the commonest one.
    """

    speeds: tuple[Speed, ...] = ()

    @classmethod
    def of(cls, runs: Iterable[Run]) -> Pace:
        """By the runs that went to their end."""
        whole = [run for run in runs if run.diverged_at is None]
        return cls(
            tuple(Speed.of(r.experiment, r.device, r.provenance["seconds"], r.experiment.schedule.steps) for r in whole)
        )

    def seconds(self, e: Experiment, device: str | None = None) -> float | None:
        """How long one experiment would take, or None if nothing of its kind has been trained."""
        images = e.schedule.steps * e.schedule.batch_size
        alike = [s for s in self.speeds if (s.dtype, s.backend) == (e.dtype, e.backend)]
        kind = [s for s in alike if _kind(s.network) is _kind(e.network)]
        if device is None and kind:
            device = Counter(s.device for s in kind).most_common(1)[0][0]
        kind = [s for s in kind if s.device == device]
        if same := [s.seconds for s in kind if s.network == e.network]:
            return images * median(same)
        if kind:
            return images * multiply_adds(e.network) * median(s.seconds / multiply_adds(s.network) for s in kind)
        return None

    def per_job(self, experiments: Iterable[Experiment]) -> int:
        """How many make a job of which starting it is a twentieth at most; 1 if none of their kind was trained."""
        each = [seconds for e in experiments if (seconds := self.seconds(e))]
        return math.ceil(20 * STARTING / median(each)) if each else 1


def _kind(network: Network) -> type:
    return Architecture if isinstance(network, Deeper) else type(network)


def multiply_adds(network: Network) -> float:
    """About how many multiply-adds one image costs forward: the larger, the slower."""
    match network:
        case SoftmaxRegression():
            return SIDE * SIDE * 3 * 10
        case ResNet20():
            return 40.6e6
        case VGG():
            return 38.6e6
        case Deeper():
            more = (network.convolutions - 2) * network.example.sides[2] ** 2
            return multiply_adds(network.example) + more * 25 * 64 * 64
        case Architecture():
            act = network.conv_activation
            filters, channels = (act.pieces * act.channels, act.channels) if isinstance(act, Maxout) else (64, 64)
            first, second, last = network.sides
            convolutions = 25 * filters * (first**2 * 3 + second**2 * channels)
            return convolutions + last**2 * channels * 384 + 384 * 192 + 192 * 10


def duration(seconds: float) -> str:
    """A time as people say it: "40 s", "25 min", "3.2 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
