"""Frozen values that name a network: activations, pooling, architectures. Nothing here computes."""

from __future__ import annotations

from typing import Any, Literal, get_args

from attrs import asdict, field, frozen

from relupool.validation import as_float, as_int, as_tuple, each, kind, one_of, real, refuse, whole

SIDE, IMAGE = 24, 32
"""Height and width in pixels of the crops that the example's networks see, and of whole images."""

ELEMENTWISE = tuple(
    "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid mish relu "
    "relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid squareplus tanh "
    "tanh_shrink".split()
)
"""Keras' names of activations that act on each number by itself and need no argument."""


@frozen
class LeakyReLU:
    """max(x, 0) + slope * min(x, 0): the identity at slope 1, ReLU at 0, the absolute value at -1."""

    slope: float = field(default=0.2, converter=as_float, validator=real())


@frozen(kw_only=True)
class GradientGate:
    """ReLU taken apart: what passes forward, and whether the gradient passes only where the input is positive.

    ``GradientGate(forward="relu", gated=True)`` is ReLU, ``GradientGate(forward="linear", gated=False)`` the identity.
    """

    forward: Literal["linear", "relu"] = field(default="relu", validator=one_of("linear", "relu"))
    gated: bool = field(default=True, validator=one_of(True, False))


@frozen(kw_only=True)
class Maxout:
    """The largest of ``pieces`` numbers in each of ``channels`` channels (Goodfellow et al. 2013).

    The convolution in front of it has ``pieces * channels`` filters.
    """

    pieces: int = field(default=2, converter=as_int, validator=whole(2))
    channels: int = field(default=64, converter=as_int, validator=whole(1))


@frozen(kw_only=True)
class PartialReLU:
    """ReLU in a ``fraction`` of the channels of each layer, the identity in the others.

    The channels are drawn for each layer by the seed that draws the weights; their number is rounded.
    """

    fraction: float = field(converter=as_float, validator=real(0, 1))


Activation = str | LeakyReLU | GradientGate | Maxout | PartialReLU | None
ACTIVATION_TYPES = get_args(Activation)[1:-1]
"""Their stored values are told apart by the names of their fields, so no two may have the same."""

Order = Literal["conv-act-pool", "conv-pool-act"]


def activation_field() -> Any:
    """An attrs field that holds an :data:`Activation`, ReLU unless said otherwise; "linear" becomes None."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        named = isinstance(value, str) and value in ELEMENTWISE
        if not (value is None or named or isinstance(value, ACTIVATION_TYPES)):
            types = ", ".join(f"{t.__name__}(...)" for t in ACTIVATION_TYPES)
            refuse(attribute.name, value, f"None, {types} or one of {', '.join(ELEMENTWISE)}")

    return field(default="relu", converter=lambda value: None if value == "linear" else value, validator=check)


PoolKind = Literal["max", "average", "blur"]


@frozen
class Pool:
    """One pooling layer; ``"same"`` padding is never counted: max ignores it and average divides by real values.

    ``"blur"`` weighs a 3x3 window by (1, 2, 1) in each direction (BlurPool, Zhang 2019), as two averages in a row.
    """

    kind: PoolKind = field(default="max", validator=one_of(*get_args(PoolKind)))
    size: int = field(default=3, converter=as_int, validator=whole(1))
    stride: int = field(default=2, converter=as_int, validator=whole(1))
    padding: Literal["same", "valid"] = field(default="same", validator=one_of("same", "valid"))

    def __attrs_post_init__(self) -> None:
        if self.kind == "blur" and (self.size, self.padding) != (3, "same"):
            refuse("pool", self, 'of size 3 with "same" padding where its kind is "blur"')

    @property
    def linear(self) -> bool:
        """Whether it is an average, or takes windows of one number."""
        return self.kind in ("average", "blur") or self.size == 1

    def places(self, side: int) -> int:
        """How many windows lie along ``side`` numbers."""
        return -(-(side if self.padding == "same" else side - self.size + 1) // self.stride)


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
        if isinstance(self.dense_activation, Maxout):
            refuse("dense_activation", self.dense_activation, "one that leaves the number of units as it is")
        for layer, side in enumerate(self.sides[:2], start=1):
            if self.pool.padding == "valid" and self.pool.size > side:
                refuse("pool", self.pool, f"no larger than the {side}x{side} positions that pool{layer} is given")

    @property
    def sides(self) -> tuple[int, int, int]:
        """Side lengths of what conv1, conv2 and the dense layers are given, in pixels or positions."""
        second = self.pool.places(SIDE)
        return SIDE, second, self.pool.places(second)


@frozen
class SoftmaxRegression:
    """One dense layer from the 24 x 24 x 3 pixels of the standardized crop to 10 logits: the honest linear baseline."""


@frozen(kw_only=True)
class Deeper:
    """The example with more convolutions after its second pooling: 5x5, 64 channels, each with ``conv_activation``.

    ``convolutions`` counts all of them, the example's two among them; no pooling or normalization follows the others.
    """

    example: Architecture = field(factory=Architecture, validator=kind(Architecture))
    convolutions: int = field(default=3, converter=as_int, validator=whole(2, 8))

    def __attrs_post_init__(self) -> None:
        if isinstance(self.example.conv_activation, Maxout):
            refuse("conv_activation", self.example.conv_activation, "one that keeps 64 channels, in a Deeper network")


@frozen(kw_only=True)
class ResNet20:
    """The residual network of 20 layers for 32x32 images (He et al. 2016, sec. 4.2), shortcuts without parameters.

    269,722 parameters and 40.6 million multiply-adds for an image. ``activation`` stands after the first convolution
    and at two places in each of nine blocks, the second of them after the addition: 19 times in all.
    """

    activation: Activation = activation_field()


@frozen(kw_only=True)
class VGG:
    """Three blocks of two 3x3 convolutions with batch normalization, each block ending in a pooling of 2x2 windows.

    A small one of its kind (Simonyan and Zisserman 2015) for 32x32 images: 32, 64 and 128 channels, and one dense layer
    that sees their means. 288,746 parameters and 38.6 million multiply-adds for an image; ``activation`` stands at six
    places.
    """

    activation: Activation = activation_field()
    pool: Literal["max", "average"] = field(default="max", validator=one_of("max", "average"))


Network = Architecture | SoftmaxRegression | Deeper | ResNet20 | VGG


def columns(network: Network) -> dict[str, Any]:
    """What frames say of a network beside its label; None where a kind of network has no such thing.

    conv_activation, dense_activation, pool (its kind), lrn, convolutions, and order, of the example's two layers.
    """
    example = network.example if isinstance(network, Deeper) else network
    if isinstance(example, Architecture):
        own = {**asdict(example, recurse=False), "pool": example.pool.kind}
        return {**own, "convolutions": network.convolutions if isinstance(network, Deeper) else 2}
    own = {"conv_activation": getattr(network, "activation", None), "pool": getattr(network, "pool", None)}
    return {**own, **dict.fromkeys(("dense_activation", "lrn", "convolutions", "order"))}


BIG = (ResNet20, VGG)
"""Networks that see whole images; the others see crops."""
