"""The figures of *Convolution is linear, and linear things collapse*, and of the note on flipped kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle

from relupool import words
from relupool.figures import style
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import percent_axis
from relupool.theory import kernels
from relupool.thresholds import CHANCE
from relupool.validation import refuse

ROWS = (style.PALE, style.GRID, style.MUTED)
"""Shades for the rows of a kernel, from the top and again: grey, as all that is linear."""

LARGEST = 5
"""Rows and columns of a kernel that can be drawn as a matrix."""

COMPUTED = "Computed while this page was built; nothing was trained."

SIDE = 24
"""Height and width in pixels of the images that :func:`templates` are laid over."""

CLIPPED = 0.99
"""The part of a template's weights that its colours tell apart; the few beyond look like the largest of these."""


def _cell(axes: Axes, column: float, row: float, *, colour: str, text: str = "", size: float = style.SMALL) -> None:
    axes.add_patch(Rectangle((column, row), 1, 1, fc=colour, ec=style.MUTED, lw=0.5))
    if text:
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center_baseline", fontsize=size, color=_ink(colour))


def _shade(row: int) -> str:
    return ROWS[row % len(ROWS)]


def _ink(colour: str) -> str:
    return style.PAPER if colour == style.MUTED else style.INK


def _whole(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _bare(axes: Axes, width: float, height: float, *, margin: float = 0.05) -> None:
    axes.set(xlim=(-margin, width + margin), ylim=(height + margin, -margin), aspect="equal")
    axes.axis("off")


def _shape(frame: pd.DataFrame) -> tuple[int, int]:
    return int(frame["row"].max()) + 1, int(frame["column"].max()) + 1


@style.scoped()
def toeplitz(kernel: np.ndarray, side: int, *, strides: int = 1, padding: str = "valid") -> Figure:
    """The matrix of a convolution: every row holds the kernel once, a shade for each of the kernel's rows.

    ``kernel`` is of two dimensions with equal sides of at most five; images are ``side`` x ``side``, of one channel.
    """
    size = len(kernel)
    if kernel.shape != (size, size) or size > LARGEST:
        refuse("kernel", kernel.shape, f"a square of at most {LARGEST} positions a side")
    numbered = np.arange(1, size**2 + 1).reshape(size, size, 1, 1)  # which value of the kernel stands in which place
    places = kernels.matrix(numbered, side, strides=strides, padding=padding)
    outputs, inputs = np.nonzero(places)
    rows, columns = np.divmod(places[outputs, inputs] - 1, size)
    frame = pd.DataFrame({"output": outputs, "input": inputs, "kernel_row": rows, "kernel_column": columns})
    frame["value"] = kernel[rows, columns]
    height, width = places.shape
    across = int(np.sqrt(height))
    cell = (style.WIDTH - 0.75) / width
    top = 0.28 * size + 0.45
    plot, axes = style.canvas(
        cell * height + top + 0.75, nrows=2, height_ratios=[top, cell * height + 0.3], squeeze=True
    )
    for (row, column), value in np.ndenumerate(kernel):
        _cell(axes[0], column, row, colour=_shade(row), text=_whole(value))
    _bare(axes[0], size, size)
    axes[0].set_anchor("W")
    axes[0].set_title("the kernel")
    legible = cell >= 0.19
    axes[1].add_patch(Rectangle((0, 0), width, height, fc="none", ec=style.MUTED, lw=0.8))
    for row, entries in frame.groupby("kernel_row"):
        corners = entries[["input", "output"]].to_numpy()
        squares = corners[:, None, :] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        axes[1].add_collection(
            PolyCollection(squares, facecolors=_shade(int(row)), edgecolors=style.MUTED, linewidths=0.5)
        )
    for entry in frame.itertuples() if legible else ():
        place = (entry.input + 0.5, entry.output + 0.5)
        colour = _ink(_shade(entry.kernel_row))
        axes[1].text(
            *place, _whole(entry.value), ha="center", va="center_baseline", fontsize=style.SMALLEST, color=colour
        )
    for row in range(1, side):
        axes[1].plot([row * side] * 2, [0, height], color=style.MUTED, lw=1.2)
    for row in range(1, across):
        axes[1].plot([0, width], [row * across] * 2, color=style.MUTED, lw=1.2)
    _bare(axes[1], width, height)
    axes[1].set_anchor("W")
    axes[1].axis("on")
    axes[1].tick_params(length=0)
    for spine in axes[1].spines.values():
        spine.set_visible(False)
    axes[1].set_xticks(
        [(r + 0.5) * side for r in range(side)], [f"row {r + 1}" if r == 0 else r + 1 for r in range(side)]
    )
    axes[1].set_yticks([(r + 0.5) * across for r in range(across)], [r + 1 for r in range(across)])
    axes[1].set(xlabel="rows of the input, pixel after pixel", ylabel="rows of the output")
    axes[1].set_title("the same convolution as a matrix")
    incomplete = int((frame.groupby("output").size() < size**2).sum())
    at_border = f" In {words.count(incomplete, 'row')} some are missing, beyond the border." if incomplete else ""
    return Figure(
        id="fig-toeplitz",
        plot=plot,
        frame=frame,
        caption=f"A convolution is a matrix of few and repeated numbers. Images of {side} × {side} pixels, written as "
        f"{width} numbers, become {height}. Of the {height * width:,} entries {len(frame):,} come from the kernel, "
        f"each of whose rows has its shade; all others are zero.{at_border}",
        alt=f"Above, the kernel, {size} × {size} numbers, each of its rows in a shade. Below, a matrix of "
        f"{height} rows and {width} columns, in blocks of {across} × {side}. The kernel's rows appear as bands that "
        f"move right by {words.count(strides, 'column')} from line to line, and whole blocks repeat along diagonals.",
        basis=COMPUTED,
    )


@style.scoped()
def flipping(frame: pd.DataFrame, *, kernel: np.ndarray) -> Figure:
    """What operations make of a single 1: the kernel, or the kernel flipped.

    ``frame`` is of :func:`relupool.theory.linear_layers.turns`, with two operations; ``kernel`` is what they slide.
    """
    names = list(dict.fromkeys(frame["operation"]))
    n = len(kernel)
    plot, axes = style.canvas(2.15, ncols=2 + len(names))
    impulse = np.zeros((2 * n - 1, 2 * n - 1))
    impulse[n - 1, n - 1] = 1
    pictures = {"image": impulse, "kernel": kernel}
    kinds = {}
    for name, part in frame.groupby("operation", sort=False):
        pictures[str(name)] = part["value"].to_numpy().reshape(_shape(part))
        kinds[str(name)] = str(part["is"].iloc[0])
    place = {value: row for (row, _), value in np.ndenumerate(kernel)}
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        for (row, column), value in np.ndenumerate(picture):
            colour = style.PAPER if name == "image" else _shade(place[value]) if value in place else style.PALE
            colour = style.PALE if name == "image" and value else colour
            text = _whole(value) if n <= 4 and (value or name != "image") else ""
            _cell(ax, column, row, colour=colour, text=text, size=style.SMALLEST if name == "image" else style.SMALL)
        _bare(ax, *picture.shape[::-1])
        ax.set_anchor("N")
        ax.text(0, -0.03, "\n.".join(name.rsplit(".", 1)), transform=ax.transAxes, va="top", size=style.SMALL)
    told = "; ".join(f"{name} returns {_AS[kind]}" for name, kind in kinds.items())
    return Figure(
        id="fig-flipping",
        plot=plot,
        frame=frame,
        caption="Feed in a single 1: a kernel that slides as it is comes out upside down. The same image and the same "
        f"kernel for all: {told}. Each row of the kernel has its shade.",
        alt=f"Four grids of numbers: an image that is zero but for a 1 in the middle, a kernel of {n} × {n} numbers, "
        f"and what comes out: {told}.",
        basis=COMPUTED,
    )


_AS = {
    "convolution": "the kernel as it is",
    "cross-correlation": "the kernel turned by half a turn",
    "neither": "something else",
}


@style.scoped()
def collapse(layers: dict[str, np.ndarray]) -> Figure:
    """Kernels of a stack and the one kernel they collapse into, the last of ``layers``: name -> values, each square.

    Every value is a square, of an area in proportion to it, relative to the largest of its kernel.
    """
    sides = [len(kernel) for kernel in layers.values()]
    widths = [side + 0.2 for side in sides]
    plot, axes = style.canvas(
        0.55 + 5.9 * max(widths) / (sum(widths) + 1.7 * len(sides)), ncols=len(layers), width_ratios=widths
    )
    parts = []
    for ax, (name, kernel) in zip(axes, layers.items(), strict=True):
        largest = np.abs(kernel).max() or 1.0
        for (row, column), value in np.ndenumerate(kernel):
            ax.add_patch(Rectangle((column, row), 1, 1, fc="none", ec=style.GRID, lw=0.8))
            half = 0.46 * np.sqrt(abs(value) / largest)
            corner = (column + 0.5 - half, row + 0.5 - half)
            ax.add_patch(
                Rectangle(corner, 2 * half, 2 * half, fc=style.POSITIVE if value > 0 else style.NEGATIVE, lw=0)
            )
        _bare(ax, len(kernel), len(kernel))
        ax.set_title(name, fontsize=style.SMALL)
        rows, columns = np.indices(kernel.shape).reshape(2, -1)
        parts.append(pd.DataFrame({"layer": name, "row": rows, "column": columns, "value": kernel.ravel()}))
    for ax, sign in zip(axes, ["then"] * (len(sides) - 2) + ["="], strict=False):
        ax.annotate(sign, (1, 0.5), xytext=(7, 0), xycoords="axes fraction", textcoords="offset points", va="center")
    *stacked, one = (f"{name} ({len(kernel)} × {len(kernel)})" for name, kernel in layers.items())
    return Figure(
        id="fig-collapse",
        plot=plot,
        frame=pd.concat(parts, ignore_index=True),
        caption=f"Linear layers that follow one another do the work of one. {words.capital(words.listing(stacked))} "
        f"together are a single kernel, {one}. Green is positive, pink negative; areas are in "
        "proportion to the values, relative to the largest of each kernel.",
        alt=f"Grids of squares, one for each kernel: {words.listing(stacked)}; and at the right {one}.",
        basis=COMPUTED,
    )


@style.scoped()
def templates(matrix: np.ndarray, *, names: Sequence[str], trained: str, tag: str, runs: Sequence[str] = ()) -> Figure:
    """The columns of the matrix of a linear network, ``(1728, classes)``, as pictures of 24 x 24 pixels.

    The mean of all is taken out, since a constant added to all logits changes no decision. All have one scale, grey
    for 0 and symmetric about it. ``trained`` says what was trained, as a sentence; ``tag`` the same in a few words.
    """
    own = (matrix - matrix.mean(axis=1, keepdims=True)).T.reshape(len(names), SIDE, SIDE, 3)
    reach = float(np.quantile(np.abs(own), CLIPPED)) or 1.0
    plot, axes = style.canvas(2.6, nrows=2, ncols=(len(names) + 1) // 2)
    for ax, name, picture in zip(axes.flat, names, own, strict=False):
        shown = np.clip(0.5 + picture / (2 * reach), 0, 1)
        ax.imshow(np.rint(255 * shown).astype(np.uint8), interpolation="none")
        ax.set_title(name, fontsize=style.SMALL, fontweight="normal", loc="center", pad=3)
    for ax in axes.flat:
        ax.axis("off")
    parts = []
    for name, picture in zip(names, own, strict=True):
        y, x, channel = np.indices(picture.shape).reshape(3, -1)
        part = {"class": name, "row": y, "column": x, "channel": channel, "weight": picture.ravel().round(7)}
        parts.append(pd.DataFrame(part))
    return Figure(
        id="fig-templates",
        plot=plot,
        frame=pd.concat(parts, ignore_index=True),
        caption=f"A linear network is {'ten' if len(names) == 10 else len(names)} pictures. Multiply each with the "
        "image, pixel by pixel and colour by colour, add up, and take the class with the largest sum: that is all the "
        "network does. Where a picture is brighter than grey in a colour, that colour speaks for the class; where "
        "darker, against it.",
        alt=f"{len(names)} small, blurred colour pictures, for {words.listing(names)}, on one scale about grey.",
        basis=trained,
        tag=tag,
        runs=runs,
    )


def linear_networks(frame: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Accuracies that linear networks end with, beside those of the same networks with their nonlinearities.

    ``table`` is what :func:`relupool.measures.bigger.linear_networks` makes of ``frame``, rows of the store.
    """
    if table.empty:
        refuse("table", table.to_dict("list"), "a table with at least one network")
    low, high = table["mean"].min(), table["mean"].max()
    with style.scoped():
        plot, axes = style.canvas(0.85 + 0.52 * len(table))
        axes.axvspan(low, high, color=style.PALE, lw=0, zorder=0)
        for place, row in enumerate(table.itertuples()):
            axes.plot([row.mean, row.bent], [place, place], color=style.GRID, lw=1.5, zorder=1)
            axes.plot(row.bent, place, "o", color=style.RELU, ms=8)
            axes.plot(row.mean, place, "o", color=style.AVERAGE, ms=8)
            axes.plot([row.low, row.high], [place, place], color=style.INK, lw=2, zorder=3)
            axes.annotate(
                words.with_interval(row.mean, row.low, row.high),
                (row.mean, place),
                xytext=(9, 5),
                textcoords="offset points",
                color=style.MUTED,
                weight="bold",
            )
            if not np.isnan(row.bent):
                axes.annotate(
                    words.percent(row.bent),
                    (row.bent, place),
                    xytext=(9, 0),
                    textcoords="offset points",
                    va="center",
                    color=style.RELU,
                )
        axes.plot([CHANCE, CHANCE], [-0.5, len(table) - 0.5], ":", color=style.MUTED, lw=1)
        axes.set_yticks(range(len(table)), [_sized(row) for row in table.itertuples()])
        axes.set(ylim=(len(table) - 0.4, -0.95), xlim=(0.05, 0.95), xlabel="test accuracy")
        axes.text(CHANCE, -0.6, "guessing", ha="center", color=style.MUTED)
        axes.text(high, -0.6, "linear", ha="center", color=style.MUTED, weight="bold")
        if table["bent"].notna().any():
            axes.text(table["bent"].mean(), -0.6, "with nonlinearities", ha="center", color=style.RELU)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        percent_axis(axes, "x")
    said = {row.label: words.percent(row.mean) for row in table.itertuples()}
    shown = frame[frame["network"].isin([*table["network"], *table["with"].dropna()])]
    return Figure(
        id="fig-linear-networks",
        plot=plot,
        frame=table,
        caption="However deep, linear networks end where softmax regression ends. Grey: without anything nonlinear, "
        f"with {words.LEVEL_WORDS} intervals where there are several seeds. Orange: the same networks with "
        "their ReLUs, and the example with its max-pools and its normalization, too.",
        alt=f"Dot chart of test accuracies without anything nonlinear. {words.pairs(said)}.",
        basis=basis(shown),
        runs=sorted(shown["key"].unique()),
    )


def _sized(row: Any) -> str:
    return f"{row.label}\n{words.count(row.layers, 'layer')}, {row.parameters:,} parameters"
