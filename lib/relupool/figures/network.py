"""The example's network as a picture, drawn from its :class:`Architecture`: layers in forward order, what is linear."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from relupool import words
from relupool.experiments.networks import Activation, Architecture, GradientGate, LeakyReLU, Maxout, PartialReLU, Pool
from relupool.figures import style
from relupool.figures.figure import Figure

ROW = 0.25
"""Height of a layer in inches."""

BAR = (0.12, 1.0)
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
    rows = [Layer(name="input", kind="input", operation="24×24 crop", shape=(24, 24, 3))]

    def convolve(number: int) -> None:
        *sides, channels = rows[-1].shape
        rows.append(
            Layer(
                name=f"conv{number}",
                kind="linear",
                operation="5×5, 64 filters",
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
            name, what = f"norm{number}", "normalization"
            rows.append(Layer(name=name, kind="norm", operation=what, shape=rows[-1].shape, nonlinear=True))

    def pool(number: int) -> None:
        *sides, channels = rows[-1].shape
        out = tuple(pooled_side(side, a.pool) for side in sides)
        what = f"{a.pool.kind} of {a.pool.size}×{a.pool.size}"
        nonlinear = a.pool.kind == "max" and a.pool.size > 1
        rows.append(
            Layer(name=f"pool{number}", kind="pool", operation=what, shape=(*out, channels), nonlinear=nonlinear)
        )

    def connect(name: str, units: int) -> None:
        inputs = math.prod(rows[-1].shape)
        rows.append(
            Layer(
                name=name, kind="linear", operation=f"dense, {units}", shape=(units,), parameters=inputs * units + units
            )
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


def network_diagram(networks: Mapping[str, Architecture], *, id: str = "fig-network") -> Figure:
    """The layers of ``networks``, by their titles, from top to bottom and side by side: the nonlinear ones coloured.

    At most two networks, with the same places for layers.
    """
    columns = {title: forward(network) for title, network in networks.items()}
    wide = style.WIDTH / len(columns)
    lines = max(len(rows) for rows in columns.values())
    with style.scoped():
        plot, axes = style.canvas(ROW * (lines + 1) + 0.12)
        plot.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set(xlim=(0, style.WIDTH), ylim=(ROW * lines + 0.05, -ROW - 0.07))
        axes.axis("off")
        for column, (title, rows) in enumerate(columns.items()):
            left = column * wide
            most = math.sqrt(max(math.prod(row.shape) for row in rows))
            middle = left + BAR[1] / 2 + 0.03
            axes.text(left + 0.03, -ROW / 2, title, va="center", weight="bold")
            axes.plot([middle] * 2, [ROW / 2, ROW * (len(rows) - 0.5)], color=style.MUTED, linewidth=1, zorder=0)
            for place, row in enumerate(rows):
                width = max(BAR[0], BAR[1] * math.sqrt(math.prod(row.shape)) / most)
                _draw_layer(axes, row, middle, ROW * (place + 0.5), width)
    frame = pd.DataFrame(
        {
            "network": title,
            "layer": row.name,
            "operation": row.operation,
            "output": "×".join(map(str, row.shape)),
            "values": math.prod(row.shape),
            "parameters": row.parameters,
            "nonlinear": row.nonlinear,
        }
        for title, rows in columns.items()
        for row in rows
        if not row.absent
    )
    first, *others = frame.groupby("network", sort=False)["nonlinear"].sum().astype(int)
    kept = f", {words.listing(map(str, others))} are left" if others else ""
    layers = {title: ", ".join(of["layer"]) for title, of in frame.groupby("network", sort=False)}
    nonlinear = {
        title: words.listing(of.loc[of["nonlinear"], "layer"]) if of["nonlinear"].any() else "nothing"
        for title, of in frame.groupby("network", sort=False)
    }
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"{'Of ' if others else ''}{first} nonlinear layers{kept}. Colour marks "
        "what is nonlinear: ReLU orange, maximum blue, normalization gold. Dashed: no activation. A bar is as wide as "
        "the square root of the number of values that its layer passes on.",
        alt="Diagram from top to bottom. "
        + words.pairs({title: f"{layers[title]}; nonlinear: {nonlinear[title]}" for title in layers})
        + ".",
        basis="Drawn from the definition of the network; nothing was trained.",
    )


def _draw_layer(axes: Axes, row: Layer, middle: float, height: float, width: float) -> None:
    hue = FILLS[row.kind] if row.nonlinear else style.PALE if row.kind != "input" else style.MUTED
    thick = ROW * 0.7
    bar = FancyBboxPatch(
        (middle - width / 2, height - thick / 2),
        width,
        thick,
        boxstyle=f"round,pad=0,rounding_size={min(0.05, width / 2)}",
        facecolor=style.PAPER if row.absent else hue,
        edgecolor=style.MUTED if row.absent or hue == style.PALE else hue,
        linestyle=(0, (3, 2)) if row.absent else "-",
        linewidth=0.9,
    )
    axes.add_patch(bar)
    ink = hue if row.nonlinear else style.MUTED if row.absent else style.INK
    text = row.operation if row.kind in ("activation", "input") else f"{row.name}: {row.operation}"
    axes.text(middle + BAR[1] / 2 + 0.12, height, text, va="center", size=style.SMALL, color=ink)
