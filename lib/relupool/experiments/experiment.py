"""Frozen values that name a training run completely, and studies, which ask for many of them. Nothing here computes.

A variant is a value, ``vary(Architecture(), pool=Pool("average"))``; two experiments are the same run exactly if they
are equal, and then their :attr:`Experiment.key` is equal too.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Literal, TypeVar, get_args

import attrs
import cattrs
from attrs import evolve, field, frozen
from cattrs.strategies import configure_tagged_union

from relupool.choices import BACKENDS, Backend
from relupool.experiments.networks import ACTIVATION_TYPES, BIG, Activation, Architecture, Network
from relupool.validation import (
    as_float,
    as_int,
    as_tuple,
    is_real,
    kind,
    known,
    one_of,
    real,
    refuse,
    rising,
    whole,
)

SCHEMA = 2
"""Number of the layout of these values: a new field bumps it, and stored runs are then brought to it by a script."""

FAMILIES = {"example": 1, "bigger": 1}
"""The version of all that makes a run of a family of networks and is no field: initial weights, constants of layers,
ranges of the augmentation, crops and scales of images, details of the optimizer. Whoever changes one of them raises the
version, so that the keys are new ones too. What a version computes is pinned in tests/families.json."""

VALIDATION = 5_000
"""How many training images, the last ones, judge a run that is to look at no test image."""

EXAMPLE_DECAY_EVERY = 136_718
"""int(50,000 / 128 * 350) steps: where the example multiplies its learning rate by 0.1."""


def _evaluate_at() -> Any:
    """The steps at which a network is evaluated, the last one being ``steps``; 0 is the untrained network."""

    def check(schedule: Any, _: Any, value: tuple[int, ...]) -> None:
        if value[-1] != schedule.steps:
            refuse("evaluate_at", value, f"a tuple that ends with the last step, {schedule.steps}")

    at_the_end = attrs.Factory(lambda schedule: (schedule.steps,), takes_self=True)
    return field(default=at_the_end, converter=as_tuple, validator=[rising(0), check])


@frozen(kw_only=True)
class Schedule:
    """How a network is trained and when it is looked at; the defaults are the example's own."""

    steps: int = field(default=100_000, converter=as_int, validator=whole(1))
    evaluate_at: tuple[int, ...] = _evaluate_at()
    batch_size: int = field(default=128, converter=as_int, validator=whole(1))
    learning_rate: float = field(default=0.1, converter=as_float, validator=real(0, above=True))
    decay_factor: float = field(default=0.1, converter=as_float, validator=real(0, 1, above=True))
    decay_every: int = field(default=EXAMPLE_DECAY_EVERY, converter=as_int, validator=whole(1))
    weight_decay: float = field(default=0.004, converter=as_float, validator=real(0))
    averaging: float = field(default=0.9999, converter=as_float, validator=real(0, 1))


@frozen(kw_only=True)
class Recipe:
    """How networks for CIFAR-10 are usually trained, here as He et al. (2016, sec. 4.2) did; no averaged weights.

    Momentum, a weight decay on every kernel, crops of images padded by 4 pixels, mirroring. The learning rate is
    multiplied by ``decay_factor`` when each of the fractions ``milestones`` of the steps is over.
    """

    steps: int = field(default=64_000, converter=as_int, validator=whole(1))
    evaluate_at: tuple[int, ...] = _evaluate_at()
    batch_size: int = field(default=128, converter=as_int, validator=whole(1))
    learning_rate: float = field(default=0.1, converter=as_float, validator=real(0, above=True))
    momentum: float = field(default=0.9, converter=as_float, validator=real(0, 1))
    milestones: tuple[float, ...] = field(default=(0.5, 0.75), converter=as_tuple)
    decay_factor: float = field(default=0.1, converter=as_float, validator=real(0, 1, above=True))
    weight_decay: float = field(default=1e-4, converter=as_float, validator=real(0))

    @milestones.validator
    def _rising_fractions(self, _: Any, value: Any) -> None:
        if not all(is_real(m) and 0 < m < 1 for m in value) or list(value) != sorted(set(value)):
            refuse("milestones", value, "rising fractions of the steps, between 0 and 1")


@frozen(kw_only=True)
class Experiment:
    """The whole identity of one training run. Device, versions, wall time and commit are provenance, not identity.

    The first ``train_images`` images train. The first ``test_images`` of those that the run is ``judged_on`` measure
    it: of the test images, or for "validation" of the last :data:`VALIDATION` training images, which then train not.
    """

    network: Network = field(factory=Architecture, validator=kind(*get_args(Network)))
    schedule: Schedule | Recipe = field(factory=Schedule, validator=kind(Schedule, Recipe))
    dataset: Literal["cifar10", "synthetic"] = field(default="cifar10", validator=one_of("cifar10", "synthetic"))
    train_images: int = field(default=50_000, converter=as_int, validator=whole(1, 50_000))
    test_images: int = field(default=10_000, converter=as_int, validator=whole(1, 10_000))
    judged_on: Literal["test", "validation"] = field(default="test", validator=one_of("test", "validation"))
    seed: int = field(default=0, converter=as_int, validator=whole(0, 2**32 - 1))
    dtype: Literal["float32", "mixed_bfloat16"] = field(
        default="float32", validator=one_of("float32", "mixed_bfloat16")
    )
    backend: Backend = field(default="tensorflow", validator=one_of(*BACKENDS))

    def __attrs_post_init__(self) -> None:
        if self.schedule.batch_size > self.train_images:
            refuse("batch_size", self.schedule.batch_size, f"at most train_images, {self.train_images}")
        if self.judged_on == "validation":
            for name, most in (("train_images", 50_000 - VALIDATION), ("test_images", VALIDATION)):
                if getattr(self, name) > most:
                    refuse(name, getattr(self, name), f"at most {most} where judged_on is 'validation'")
        fit = Recipe if isinstance(self.network, BIG) else Schedule
        if not isinstance(self.schedule, fit):
            trained = f"a {fit.__name__}, which is what a {type(self.network).__name__} is trained by"
            refuse("schedule", self.schedule, trained)

    @property
    def key(self) -> str:
        """SHA-256 (64 hexadecimal digits) of the full canonical JSON of this experiment and the schema's number.

        All that makes the run is in it: every field, and by its version what is no field, see :data:`FAMILIES`.
        """
        identity = {"schema": SCHEMA, "experiment": to_json(self)}
        canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


T = TypeVar("T")


def vary(value: T, **changes: Any) -> T:
    """``value`` with some fields changed: ``vary(Architecture(), lrn=False)``. Unknown names raise ValueError."""
    known([a.name for a in attrs.fields(type(value))], changes)  # type: ignore[arg-type]
    return evolve(value, **changes)  # type: ignore[misc]


def to_json(experiment: Experiment) -> dict[str, Any]:
    """Every field of ``experiment`` as JSON values, those at their default too, and the version of its family."""
    fields = json.loads(json.dumps(_converter.unstructure(experiment, Experiment)))
    return {**fields, "family": _family(experiment.network)}


def _family(network: Network) -> str:
    name = "bigger" if isinstance(network, BIG) else "example"
    return f"{name} {FAMILIES[name]}"


def from_json(data: dict[str, Any]) -> Experiment:
    """The experiment that :func:`to_json` wrote; raises ValueError where a field is missing, unknown or bad."""
    try:
        given = copy.deepcopy(data)  # cattrs takes tags out of what it reads
        family = given.pop("family", None)
        experiment = _converter.structure(given, Experiment)
    except Exception as error:  # cattrs has many kinds of error, and data may be anything
        raise ValueError(f"not an experiment: {type(error).__name__}: {error}") from error
    if family != (now := _family(experiment.network)):
        refuse("family", family, f"{now!r}: what is no field has changed since, and such a run is to be trained anew")
    if to_json(experiment) != data:  # cattrs fills defaults in and coerces; an identity must be complete as it stands
        raise ValueError("not an experiment: a field is missing or of another type than the one that is written")
    return experiment


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)

    def read_activation(data: Any, _: Any) -> Any:
        if not isinstance(data, dict):
            return data
        fitting = (t for t in ACTIVATION_TYPES if attrs.fields_dict(t).keys() == data.keys())
        return converter.structure(data, next(fitting, ACTIVATION_TYPES[0]))

    def read_schedule(data: Any, _: Any) -> Any:
        return converter.structure(data, Recipe if "momentum" in data else Schedule)

    converter.register_structure_hook_func(lambda annotation: annotation == Activation, read_activation)
    converter.register_structure_hook_func(lambda annotation: annotation == Schedule | Recipe, read_schedule)
    # values are checked by the classes themselves; cattrs would turn "3" into 3
    for plain in (int, float, str, bool):
        converter.register_structure_hook(plain, lambda data, _: data)
    configure_tagged_union(Network, converter, tag_name="type")  # last: it takes the hooks it finds
    return converter


_converter = _make_converter()


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
        asked = attrs.asdict(self.preset(preset), recurse=False)
        seeds, dtypes = asked.pop("seeds"), asked.pop("dtypes")
        return tuple(
            Experiment(**{**asked, "network": network, "seed": seed, "dtype": dtype, **changes})
            for seed in range(seeds)
            for network in self.networks.values()
            for dtype in ((changes["dtype"],) if "dtype" in changes else dtypes)
        )

    def preset_of(self, experiment: Experiment) -> str:
        """The preset that an experiment is of, by its schedule; "" if none trains so."""
        return next((name for name, p in self.presets.items() if p.schedule == experiment.schedule), "")

    def label(self, network: Network) -> str:
        """What figures call one of the study's networks."""
        return next(label for label, own in self.networks.items() if own == network)
