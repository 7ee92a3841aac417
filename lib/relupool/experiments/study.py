"""What a study is: networks to compare, and presets that say how long, how often and on what they are trained."""

from __future__ import annotations

from typing import Any

from attrs import evolve, field, frozen

from relupool.experiments.experiment import Experiment, Recipe, Schedule
from relupool.experiments.networks import Network
from relupool.validation import refuse


@frozen(kw_only=True)
class Preset:
    """How a study is run: schedule, number of seeds, dtypes, images."""

    schedule: Schedule | Recipe
    seeds: int
    dtypes: tuple[str, ...] = ("mixed_bfloat16",)
    train_images: int = 50_000
    test_images: int = 10_000
    judged_on: str = "test"


@frozen(kw_only=True)
class Study:
    """A named comparison: ``networks`` maps the label in figures to the network, in the order of display.

    Of the seed ``weights_of`` the averaged weights are kept (:mod:`relupool.experiments.weights`); of none if None.
    """

    name: str
    title: str
    networks: dict[str, Network] = field(hash=False)
    presets: dict[str, Preset] = field(hash=False)
    weights_of: int | None = None

    def preset(self, name: str) -> Preset:
        """The preset of that name; raises ValueError if the study has none such."""
        if name not in self.presets:
            refuse("preset", name, f"one that the study {self.name!r} has: {', '.join(self.presets)}")
        return self.presets[name]

    def experiments(self, preset: str, **changes: Any) -> tuple[Experiment, ...]:
        """Every run that the preset asks for, one seed of everything first; ``changes`` set fields of each of them.

        A ``dtype`` among them takes the place of the preset's dtypes, so that no run is there twice.
        """
        p = self.preset(preset)
        dtypes = (changes["dtype"],) if "dtype" in changes else p.dtypes
        return tuple(
            evolve(
                Experiment(
                    network=network,
                    schedule=p.schedule,
                    seed=seed,
                    dtype=dtype,  # type: ignore[arg-type]
                    train_images=p.train_images,
                    test_images=p.test_images,
                    judged_on=p.judged_on,  # type: ignore[arg-type]
                ),
                **changes,
            )
            for seed in range(p.seeds)
            for network in self.networks.values()
            for dtype in dtypes
        )

    def preset_of(self, experiment: Experiment) -> str:
        """The preset that an experiment is of, by its schedule; "" if none trains so."""
        return next((name for name, p in self.presets.items() if p.schedule == experiment.schedule), "")

    def label(self, network: Network) -> str:
        """What figures call one of the study's networks."""
        return next(label for label, own in self.networks.items() if own == network)
