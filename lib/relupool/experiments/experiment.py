"""Frozen values that name a training run completely: network, schedule, data, seed, dtype, backend.

Nothing here computes. A variant is a value, ``vary(Architecture(), pool=Pool("average"))``; two experiments are the
same run exactly if they are equal, and then their :attr:`Experiment.key` is equal too.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Literal, TypeVar

import attrs
import cattrs
from attrs import field, frozen
from cattrs.strategies import configure_tagged_union

from relupool.validation import (
    as_float,
    as_int,
    as_tuple,
    each,
    kind,
    known,
    one_of,
    real,
    refuse,
    rising,
    whole,
)

SCHEMA = 1
"""Number of the layout of these values; a new field bumps it and comes with a migration in ``store``."""

ELEMENTWISE = tuple(
    "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid mish relu "
    "relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid squareplus tanh "
    "tanh_shrink".split()
)
"""Keras' names of activations that act on each number by itself and need no argument."""

EXAMPLE_DECAY_EVERY = 136_718
"""int(50,000 / 128 * 350) steps: where the example multiplies its learning rate by 0.1."""


@frozen
class LeakyReLU:
    """max(x, 0) + slope * min(x, 0): the identity at slope 1, ReLU at 0, the absolute value at -1."""

    slope: float = field(default=0.2, converter=as_float, validator=real())


Activation = str | LeakyReLU | None
Order = Literal["conv-act-pool", "conv-pool-act"]


def _activation(value: Any) -> Any:
    return None if value == "linear" else value


def _check_activation(_: Any, attribute: Any, value: Any) -> None:
    if not (value is None or isinstance(value, LeakyReLU) or (isinstance(value, str) and value in ELEMENTWISE)):
        refuse(attribute.name, value, f"None, LeakyReLU(slope=...) or one of {', '.join(ELEMENTWISE)}")


def activation_field() -> Any:
    """An attrs field that holds an :data:`Activation`, ReLU unless said otherwise; "linear" becomes None."""
    return field(default="relu", converter=_activation, validator=_check_activation)


@frozen
class Pool:
    """One pooling layer; ``"same"`` padding is never counted: max ignores it and average divides by real values."""

    kind: Literal["max", "average"] = field(default="max", validator=one_of("max", "average"))
    size: int = field(default=3, converter=as_int, validator=whole(1))
    stride: int = field(default=2, converter=as_int, validator=whole(1))
    padding: Literal["same", "valid"] = field(default="same", validator=one_of("same", "valid"))


@frozen(kw_only=True)
class Architecture:
    """The TensorFlow CIFAR-10 example (2017); without arguments the untouched one, 1,068,298 parameters.

    ``order`` says for each of the two convolutional layers whether its activation stands before or after the pooling.
    In layer 2 the local response normalization stays in front of the pooling, so there ``"conv-pool-act"`` is
    conv2, norm2, pool2, activation.
    """

    conv_activation: Activation = activation_field()
    dense_activation: Activation = activation_field()
    pool: Pool = field(factory=Pool, validator=kind(Pool))
    order: tuple[Order, Order] = field(
        default=("conv-act-pool", "conv-act-pool"),
        converter=as_tuple,
        validator=each(one_of("conv-act-pool", "conv-pool-act"), length=2),
    )
    lrn: bool = field(default=True, validator=one_of(True, False))

    def __attrs_post_init__(self) -> None:
        side = 24
        for layer in (1, 2):
            if self.pool.padding == "valid" and self.pool.size > side:
                refuse("pool", self.pool, f"no larger than the {side}x{side} positions that pool{layer} is given")
            side = -(-(side if self.pool.padding == "same" else side - self.pool.size + 1) // self.pool.stride)


@frozen
class SoftmaxRegression:
    """One dense layer from the 24 x 24 x 3 pixels of the standardized crop to 10 logits: the honest linear baseline."""


Network = Architecture | SoftmaxRegression


@frozen(kw_only=True)
class Schedule:
    """How a network is trained and when it is looked at; the defaults are the example's own.

    ``evaluate_at`` lists the steps at which the network is evaluated, the last one being ``steps``; step 0 is the
    untrained network.
    """

    steps: int = field(default=100_000, converter=as_int, validator=whole(1))
    evaluate_at: tuple[int, ...] = field(converter=as_tuple, validator=rising(0))
    batch_size: int = field(default=128, converter=as_int, validator=whole(1))
    learning_rate: float = field(default=0.1, converter=as_float, validator=real(0, above=True))
    decay_factor: float = field(default=0.1, converter=as_float, validator=real(0, 1, above=True))
    decay_every: int = field(default=EXAMPLE_DECAY_EVERY, converter=as_int, validator=whole(1))
    weight_decay: float = field(default=0.004, converter=as_float, validator=real(0))
    averaging: float = field(default=0.9999, converter=as_float, validator=real(0, 1))

    @evaluate_at.default
    def _only_at_the_end(self) -> tuple[int, ...]:
        return (self.steps,)

    def __attrs_post_init__(self) -> None:
        if self.evaluate_at[-1] != self.steps:
            refuse("evaluate_at", self.evaluate_at, f"a tuple that ends with the last step, {self.steps}")


@frozen(kw_only=True)
class Experiment:
    """The whole identity of one training run. Device, versions, wall time and commit are provenance, not identity."""

    network: Network = field(factory=Architecture, validator=kind(Architecture, SoftmaxRegression))
    schedule: Schedule = field(factory=Schedule, validator=kind(Schedule))
    dataset: Literal["cifar10", "synthetic"] = field(default="cifar10", validator=one_of("cifar10", "synthetic"))
    train_images: int = field(default=50_000, converter=as_int, validator=whole(1, 50_000))
    test_images: int = field(default=10_000, converter=as_int, validator=whole(1, 10_000))
    seed: int = field(default=0, converter=as_int, validator=whole(0, 2**32 - 1))
    dtype: Literal["float32", "mixed_bfloat16"] = field(
        default="float32", validator=one_of("float32", "mixed_bfloat16")
    )
    backend: Literal["tensorflow", "jax"] = field(default="tensorflow", validator=one_of("tensorflow", "jax"))

    def __attrs_post_init__(self) -> None:
        if self.schedule.batch_size > self.train_images:
            refuse("batch_size", self.schedule.batch_size, f"at most train_images, {self.train_images}")

    @property
    def key(self) -> str:
        """SHA-256 (64 hexadecimal digits) of the full canonical JSON of this experiment and the schema's number."""
        return key_of(to_json(self), SCHEMA)


T = TypeVar("T")


def vary(value: T, **changes: Any) -> T:
    """``value`` with some fields changed: ``vary(Architecture(), lrn=False)``. Unknown names raise ValueError."""
    known([a.name for a in attrs.fields(type(value))], changes)  # type: ignore[arg-type]
    return attrs.evolve(value, **changes)  # type: ignore[misc]


def key_of(experiment: dict[str, Any], schema: int) -> str:
    """The key of an experiment that was written as JSON under ``schema``, the present one or an older one."""
    canonical = json.dumps({"schema": schema, "experiment": experiment}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def to_json(experiment: Experiment) -> dict[str, Any]:
    """Every field of ``experiment`` as JSON values, those that stand at their default too."""
    return json.loads(json.dumps(_converter.unstructure(experiment, Experiment)))


def from_json(data: dict[str, Any]) -> Experiment:
    """The experiment that :func:`to_json` wrote; raises ValueError where a field is missing, unknown or bad."""
    try:
        experiment = _converter.structure(copy.deepcopy(data), Experiment)  # cattrs takes tags out of what it reads
    except Exception as error:  # cattrs has many kinds of error, and data may be anything
        raise ValueError(f"not an experiment: {type(error).__name__}: {error}") from error
    if to_json(experiment) != data:  # cattrs fills defaults in and coerces; an identity must be complete as it stands
        raise ValueError("not an experiment: a field is missing or of another type than the one that is written")
    return experiment


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)

    def read_activation(data: Any, _: Any) -> Any:
        return converter.structure(data, LeakyReLU) if isinstance(data, dict) else data

    converter.register_structure_hook_func(lambda annotation: annotation == Activation, read_activation)
    # values are checked by the classes themselves; cattrs would turn "3" into 3
    for plain in (int, float, str, bool):
        converter.register_structure_hook(plain, lambda data, _: data)
    configure_tagged_union(Network, converter, tag_name="type")  # last: it takes the hooks it finds
    return converter


_converter = _make_converter()
