"""The example's network as a picture, drawn from its :class:`Architecture`: layers in forward order, what is linear."""

from __future__ import annotations

import math

import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from relupool.experiments.networks import Activation, Architecture, GradientGate, LeakyReLU, Maxout, PartialReLU, Pool
from relupool.figures import style, words
from relupool.figures.figure import Figure

ROW = 0.335
"""Height of a layer in inches."""

BAR = (0.15, 1.95)
"""Inches: width of the narrowest and of the widest bar."""

FILLS = {"activation": style.RELU, "pool": style.MAX, "norm": style.NORMALIZATION}
"""Colours of what is nonlinear."""


@frozen(kw_only=True)
class Layer:
    """A row of the picture; ``kind`` is "input", "linear", "activation", "pool" or "norm"."""

    name: str
    kind: str
    operation: str
    shape: tuple[int, ...]
    parameters: int = 0
    nonlinear: bool = False
    absent: bool = False


def forward(a: Architecture) -> list[Layer]:
    """The layers in the order in which values pass them, with what each puts out.

    An activation that is None keeps its place as an absent layer, so that pictures of variants can be compared.
    """
    rows = [Layer(name="input", kind="input", operation="standardized crop", shape=(24, 24, 3))]

    def convolve(number: int) -> None:
        *sides, channels = rows[-1].shape
        rows.append(
            Layer(
                name=f"conv{number}",
                kind="linear",
                operation="5×5 convolution",
                shape=(*sides, 64),
                parameters=5 * 5 * channels * 64 + 64,
            )
        )

    def activate(number: int, which: Activation) -> None:
        rows.append(
            Layer(
                name=f"activation{number}",
                kind="activation",
                operation=activation_name(which),
                shape=rows[-1].shape,
                nonlinear=not (which is None or which == LeakyReLU(1)),
                absent=which is None,
            )
        )

    def normalize(number: int) -> None:
        if a.lrn:
            name, what = f"norm{number}", "response normalization"
            rows.append(Layer(name=name, kind="norm", operation=what, shape=rows[-1].shape, nonlinear=True))

    def pool(number: int) -> None:
        *sides, channels = rows[-1].shape
        out = tuple(pooled_side(side, a.pool) for side in sides)
        what = f"{a.pool.kind} of {a.pool.size}×{a.pool.size}, stride {a.pool.stride}"
        nonlinear = a.pool.kind == "max" and a.pool.size > 1
        rows.append(
            Layer(name=f"pool{number}", kind="pool", operation=what, shape=(*out, channels), nonlinear=nonlinear)
        )

    def connect(name: str, units: int) -> None:
        inputs = math.prod(rows[-1].shape)
        rows.append(
            Layer(name=name, kind="linear", operation="dense", shape=(units,), parameters=inputs * units + units)
        )

    convolve(1)
    if a.order[0] == "conv-act-pool":
        activate(1, a.conv_activation)
    pool(1)
    if a.order[0] == "conv-pool-act":
        activate(1, a.conv_activation)
    normalize(1)
    convolve(2)
    if a.order[1] == "conv-act-pool":
        activate(2, a.conv_activation)
    normalize(2)
    pool(2)
    if a.order[1] == "conv-pool-act":
        activate(2, a.conv_activation)
    connect("local3", 384)
    activate(3, a.dense_activation)
    connect("local4", 192)
    activate(4, a.dense_activation)
    connect("softmax_linear", 10)
    return rows


def pooled_side(side: int, pool: Pool) -> int:
    """How many windows fit along ``side`` positions."""
    return -(-side // pool.stride) if pool.padding == "same" else (side - pool.size) // pool.stride + 1


def activation_name(which: Activation) -> str:
    """What the picture calls an activation."""
    if which is None:
        return "no activation"
    if isinstance(which, LeakyReLU):
        return f"leaky ReLU, slope {which.slope:g}"
    if isinstance(which, GradientGate):
        return f"{activation_name(which.forward)}, gradient {'gated' if which.gated else 'ungated'}"
    if isinstance(which, Maxout):
        return f"maxout of {which.pieces}"
    if isinstance(which, PartialReLU):
        return f"ReLU in {100 * which.fraction:g} % of the channels"
    return {"relu": "ReLU", "relu6": "ReLU6", "gelu": "GELU", "silu": "SiLU", "elu": "ELU", "linear": "identity"}.get(
        which, which
    )


def network_diagram(architecture: Architecture, *, name: str, id: str = "fig-network") -> Figure:
    """The layers of ``architecture``, called ``name``, from top to bottom: the nonlinear ones coloured."""
    rows = forward(architecture)
    most = math.sqrt(max(math.prod(row.shape) for row in rows))
    with style.scoped():
        plot, axes = style.canvas(ROW * len(rows) + 0.1)
        plot.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set(xlim=(0, style.WIDTH), ylim=(ROW * len(rows) + 0.05, -0.05))
        axes.axis("off")
        middle = BAR[1] / 2 + 0.05
        axes.plot([middle, middle], [ROW / 2, ROW * (len(rows) - 0.5)], color=style.MUTED, linewidth=1, zorder=0)
        for place, row in enumerate(rows):
            width = max(BAR[0], BAR[1] * math.sqrt(math.prod(row.shape)) / most)
            _draw_layer(axes, row, middle, ROW * (place + 0.5), width)
    frame = pd.DataFrame(
        {
            "layer": row.name,
            "operation": row.operation,
            "output": "×".join(map(str, row.shape)),
            "values": math.prod(row.shape),
            "parameters": row.parameters,
            "nonlinear": row.nonlinear,
        }
        for row in rows
        if not row.absent
    )
    total = f"{frame['parameters'].sum():,} parameters"
    nonlinear = frame.loc[frame["nonlinear"], "layer"]
    where = f"nonlinear are {words.listing(nonlinear)}" if len(nonlinear) else "nothing is nonlinear"
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"The layers of {name}, in forward order. Coloured layers are nonlinear, grey ones linear; a bar's "
        f"width grows with the square root of the number of values that the layer passes on. {total}.",
        alt=f"Diagram of {name} from top to bottom: {', '.join(frame['layer'])}. In it, {where}. {total}.",
        basis="Drawn from the definition of the network; nothing was trained.",
    )


def _draw_layer(axes: Axes, row: Layer, middle: float, height: float, width: float) -> None:
    hue = FILLS[row.kind] if row.nonlinear else style.PALE if row.kind != "input" else style.MUTED
    thick = ROW * 0.7
    bar = FancyBboxPatch(
        (middle - width / 2, height - thick / 2),
        width,
        thick,
        boxstyle=f"round,pad=0,rounding_size={min(0.06, width / 2)}",
        facecolor=style.PAPER if row.absent else hue,
        edgecolor=style.MUTED if row.absent or hue == style.PALE else hue,
        linestyle=(0, (3, 2)) if row.absent else "-",
        linewidth=0.9,
    )
    axes.add_patch(bar)
    ink = hue if row.nonlinear else style.MUTED if row.absent else style.INK
    left = BAR[1] + 0.22
    if not row.absent:
        axes.text(left, height, row.name, va="center", size=10.5, weight="bold", color=ink)
        axes.text(style.WIDTH - 0.05, height, "×".join(map(str, row.shape)), va="center", ha="right", size=10.5)
    axes.text(left + 1.32, height, row.operation, va="center", size=10.5, color=ink)
