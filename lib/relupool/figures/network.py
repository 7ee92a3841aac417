"""The example as pictures: what it is given, its layers in forward order, and how far it is from linear."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import NullFormatter

from relupool import words
from relupool.experiments.data import central_crop, standardize
from relupool.experiments.networks import Activation, Architecture
from relupool.figures import marks, style
from relupool.figures.figure import DEMONSTRATION, NOTHING_TRAINED, Figure

SPREAD = 2.5
"""Standard deviations on either side of the mean that a standardized picture shows, black to white."""

ROW = 0.25
"""Height of a layer in inches."""

BAR = (0.12, 1.0)
"""Inches: width of the narrowest and of the widest bar."""

FILLS = {"activation": style.RELU, "pool": style.MAX, "norm": style.NORMALIZATION}
"""Colours of what is nonlinear."""

ROUNDING = 1e-5
"""A misfit below it is what 32-bit numbers leave of an affine map."""


@style.scoped()
def example_images(images: np.ndarray, *, labels: Sequence[str], dataset: str) -> Figure:
    """``images``, uint8 ``(n, 32, 32, 3)``, in a row with their ``labels``, and below each its standardized crop."""
    crops = standardize(central_crop(images))
    seen = np.clip(np.rint(255 * (0.5 + crops / (2 * SPREAD))), 0, 255).astype(np.uint8)
    plot, axes = style.canvas(style.WIDTH * 2.62 / len(images) + 0.05)
    for column, (image, crop, label) in enumerate(zip(images, seen, labels, strict=True)):
        for top, picture in ((0.55, image), (1.58, crop)):
            sides = (column + 0.03, column + 0.97, top + 0.97, top + 0.03)
            axes.imshow(picture, extent=sides, interpolation="none")
        name = label if len(label) <= 8 else f"{label[:4]}-\n{label[4:]}"
        axes.text(column + 0.5, 0.5, name, ha="center", va="bottom", size=style.SMALL, linespacing=1.05)
    axes.set(xlim=(0, len(images)), ylim=(2.57, 0), aspect="equal")
    axes.axis("off")
    moments = {"label": list(labels), "mean": images.mean(axis=(1, 2, 3)), "sd": images.std(axis=(1, 2, 3))}
    real, number = dataset == "cifar10", words.count(len(images), "image")
    which = words.capital(f"{number} of CIFAR-10" if real else words.count(len(images), "toy image"))
    return Figure(
        id="fig-example-images",
        plot=plot,
        frame=pd.DataFrame(moments).round(2),
        caption=f"Top: what a person sees; below: what the network is given. {which}"
        f", and the standardized 24 × 24 pixels in the middle of each; shown are {SPREAD:g} "
        "standard deviations to either side of the mean.",
        alt=f"Two rows of {number}: {words.listing(labels)}. The lower row shows their middles, with mean and contrast "
        "evened out.",
        basis=f"{which}; nothing was trained.",
        tag="CIFAR-10 test images" if real else DEMONSTRATION,
    )


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

    def add(name: str, kind: str, operation: str, shape: tuple[int, ...] | None = None, **more: Any) -> None:
        rows.append(Layer(name=name, kind=kind, operation=operation, shape=shape or rows[-1].shape, **more))

    def activate(number: int, which: Activation) -> None:
        name = "no activation" if which is None else "ReLU" if which == "relu" else str(which)
        add(f"activation{number}", "activation", name, nonlinear=which is not None, absent=which is None)

    def normalize(number: int) -> None:
        if a.lrn:
            add(f"norm{number}", "norm", "normalization", nonlinear=True)

    def pool(number: int) -> None:
        *sides, channels = rows[-1].shape
        shape, which = (*map(a.pool.places, sides), channels), f"{a.pool.kind} of {a.pool.size}×{a.pool.size}"
        add(f"pool{number}", "pool", which, shape, nonlinear=not a.pool.linear)

    def connect(name: str, units: int) -> None:
        parameters = math.prod(rows[-1].shape) * units + units
        add(name, "linear", f"dense, {units}", (units,), parameters=parameters)

    for number, order in enumerate(a.order, 1):
        shape, channels = (*rows[-1].shape[:2], 64), rows[-1].shape[2]
        add(f"conv{number}", "linear", "5×5, 64 filters", shape, parameters=5 * 5 * channels * 64 + 64)
        if order == "conv-act-pool":
            activate(number, a.conv_activation)
        if number == 2:  # layer 1 is normalized after its pool, layer 2 in front of it
            normalize(2)
        pool(number)
        if order == "conv-pool-act":
            activate(number, a.conv_activation)
        if number == 1:
            normalize(1)
    connect("local3", 384)
    activate(3, a.dense_activation)
    connect("local4", 192)
    activate(4, a.dense_activation)
    connect("softmax_linear", 10)
    return rows


@style.scoped()
def network_diagram(networks: Mapping[str, Architecture]) -> Figure:
    """The layers of ``networks``, by their titles, from top to bottom and side by side: the nonlinear ones coloured.

    At most two networks, with the same places for layers.
    """
    columns = {title: forward(network) for title, network in networks.items()}
    wide = style.WIDTH / len(columns)
    lines = max(len(rows) for rows in columns.values())
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
        [
            (title, row.name, row.operation, "×".join(map(str, row.shape)), math.prod(row.shape), row.parameters,
             row.nonlinear)
            for title, rows in columns.items() for row in rows if not row.absent
        ],
        columns=["network", "layer", "operation", "output", "values", "parameters", "nonlinear"],
    )  # fmt: skip
    first, *others = frame.groupby("network", sort=False)["nonlinear"].sum().astype(int)
    kept = f", {words.listing(map(str, others))} are left" if others else ""
    said = {}
    for title, rows in frame.groupby("network", sort=False):
        nonlinear = list(rows.loc[rows["nonlinear"], "layer"])
        said[str(title)] = f"{', '.join(rows['layer'])}; nonlinear: {words.listing(nonlinear or ['nothing'])}"
    return Figure(
        id="fig-network",
        plot=plot,
        frame=frame,
        caption=f"{'Of ' if others else ''}{first} nonlinear layers{kept}. Colour marks "
        "what is nonlinear: ReLU orange, maximum blue, normalization gold. Dashed: no activation. A bar is as wide as "
        "the square root of the number of values that its layer passes on.",
        alt=f"Diagram from top to bottom. {words.pairs(said)}.",
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


@style.scoped()
def superposition(shares: pd.DataFrame, *, told: tuple[str, str], basis: str, tag: str = NOTHING_TRAINED) -> Figure:
    """How far each network is from treating a sum like its parts, for inputs as they are and for larger ones.

    ``shares`` has the columns network, scale and share; the first scale of each is that of ordinary inputs.
    ``told`` are the two networks that the title compares.
    """
    networks, scales = list(shares["network"].unique()), sorted(shares["scale"].unique())
    plot, axes = style.canvas(0.95 + 0.36 * len(networks))
    axes.set_xscale("log")
    axes.axvspan(1e-8, ROUNDING, color=style.PALE, linewidth=0, zorder=0)
    for place, network in enumerate(networks):
        misfits = shares[shares["network"] == network].set_index("scale")["share"].clip(lower=1e-7)
        hue = style.INK if misfits.max() > ROUNDING else style.AVERAGE
        axes.plot(misfits, [place] * len(misfits), color=hue, linewidth=1.2, zorder=1)
        for scale in scales:
            fill = hue if scale == scales[0] else style.PAPER
            axes.plot(misfits[scale], place, "o", color=hue, markerfacecolor=fill, markersize=8, markeredgewidth=1.6)
    axes.set(xlim=(3e-8, 4), ylim=(len(networks) - 0.4, -0.8), xlabel="misfit of superposition")
    axes.text(4e-8, -0.5, "rounding", color=style.MUTED, va="center")
    marks.rows(axes, networks)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    marks.grid(axes, "x")
    first = shares[shares["scale"] == scales[0]].set_index("network")["share"]
    far, near = (words.percent(first[network], 0 if first[network] > 0.01 else 2) for network in told)
    title = f"With {told[0]} a network is {far} away from linear, with {told[1]} {near}."
    said = words.pairs({network: words.scientific(value) for network, value in first.items()})
    return Figure(
        id="fig-superposition",
        plot=plot,
        frame=shares,
        caption=f"{title} The largest f(a + b) − f(a) − f(b) + f(0), as a part of the "
        f"largest f(a + b) − f(0). Full dots: inputs of the size of standardized images; hollow: inputs "
        f"{scales[-1]:g} times as large.",
        alt=f"Dot chart of the misfit of superposition of networks, for inputs of the size of images: {said}.",
        basis=basis,
        tag=tag,
    )
