"""The book's studies: which networks are compared, and at which presets. Data only; a new ablation is one line."""

from __future__ import annotations

from typing import Any

from attrs import evolve, field, frozen

from relupool.experiments.experiment import (
    Architecture,
    Experiment,
    Network,
    Pool,
    Schedule,
)
from relupool.validation import refuse

AVERAGE = Pool("average")

PRESETS = ("quick", "standard", "paper")
"""From the smallest to the largest: live in a chapter, a night on two cores, a GPU."""


@frozen(kw_only=True)
class Preset:
    """How a study is run: schedule, number of seeds, dtypes, images."""

    schedule: Schedule
    seeds: int
    dtypes: tuple[str, ...] = ("mixed_bfloat16",)
    train_images: int = 50_000
    test_images: int = 10_000


@frozen(kw_only=True)
class Study:
    """A named comparison: ``networks`` maps the label in figures to the network, in the order of display."""

    name: str
    title: str
    networks: dict[str, Network] = field(hash=False)
    presets: dict[str, Preset] = field(hash=False)

    def preset(self, name: str) -> Preset:
        """The preset of that name; raises ValueError if the study has none such."""
        if name not in self.presets:
            refuse("preset", name, f"one that the study {self.name!r} has: {', '.join(self.presets)}")
        return self.presets[name]

    def experiments(self, preset: str, **changes: Any) -> tuple[Experiment, ...]:
        """Every run that the preset asks for, one seed of everything first; ``changes`` set fields of each of them."""
        p = self.preset(preset)
        return tuple(
            evolve(
                Experiment(
                    network=network,
                    schedule=p.schedule,
                    seed=seed,
                    dtype=dtype,  # type: ignore[arg-type]
                    train_images=p.train_images,
                    test_images=p.test_images,
                ),
                **changes,
            )
            for seed in range(p.seeds)
            for network in self.networks.values()
            for dtype in p.dtypes
        )

    def label(self, network: Network) -> str:
        """What figures call one of the study's networks."""
        return next(label for label, own in self.networks.items() if own == network)


QUICK = Preset(
    schedule=Schedule(steps=100, evaluate_at=(0, 20, 50, 100)),
    seeds=1,
    dtypes=("float32",),
    test_images=1_000,
)
STANDARD = Preset(
    schedule=Schedule(steps=10_000, evaluate_at=(0, 100, 300, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000)),
    seeds=3,
)
PAPER = Preset(
    schedule=Schedule(
        steps=100_000,
        evaluate_at=(0, 100, 300, 1_000, 3_000, 10_000, 20_000, 30_000, 45_000, 60_000, 80_000, 100_000),
    ),
    seeds=5,
)

FIRST_ABLATIONS = Study(
    name="first-ablations",
    title="The second source's networks, and the untouched example",
    networks={
        "untouched": Architecture(),
        "max pool, no conv ReLU": Architecture(conv_activation=None),
        "average pool, linear dense": Architecture(pool=AVERAGE, dense_activation=None),
        "average pool, all linear": Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None),
        "all linear, no LRN": Architecture(pool=AVERAGE, dense_activation=None, conv_activation=None, lrn=False),
    },
    presets={"quick": QUICK, "standard": STANDARD, "paper": PAPER},
)

DTYPE = Study(
    name="dtype",
    title="Does mixed_bfloat16 train to the same accuracy as float32?",
    networks={label: FIRST_ABLATIONS.networks[label] for label in ("untouched", "average pool, all linear")},
    presets={
        "standard": Preset(
            schedule=Schedule(steps=3_000, evaluate_at=(0, 300, 1_000, 2_000, 3_000)),
            seeds=3,
            dtypes=("mixed_bfloat16", "float32"),
        ),
    },
)

STUDIES = {study.name: study for study in (FIRST_ABLATIONS, DTYPE)}
