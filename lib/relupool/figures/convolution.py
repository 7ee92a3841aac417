"""The figures of *Convolution is linear, and linear things collapse*, and of the note on flipped kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure
from relupool.theory import kernels
from relupool.thresholds import CHANCE

ROWS = (style.PALE, style.GRID, style.MUTED)
"""Shades for the rows of a kernel, from the top and again: grey, as all that is linear."""

COMPUTED = "Computed while this page was built; nothing was trained."

SIDE = 24
"""Height and width in pixels of the images that :func:`templates` are laid over."""

CLIPPED = 0.99
"""The part of a template's weights that its colours tell apart; the few beyond look like the largest of these."""


def _cell(axes: Axes, column: float, row: float, *, colour: str, text: str = "", size: float = style.SMALL) -> None:
    axes.add_patch(Rectangle((column, row), 1, 1, fc=colour, ec=style.MUTED, lw=0.5))
    if text:
        _number(axes, column, row, text, on=colour, size=size)


def _number(axes: Axes, column: float, row: float, text: str, *, on: str, size: float) -> None:
    ink = style.PAPER if on == style.MUTED else style.INK
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center_baseline", fontsize=size, color=ink)


def _shade(row: int) -> str:
    return ROWS[row % len(ROWS)]


def _bare(axes: Axes, width: float, height: float) -> None:
    axes.set(xlim=(-0.05, width + 0.05), ylim=(height + 0.05, -0.05), aspect="equal")
    axes.axis("off")


@style.scoped()
def toeplitz(kernel: np.ndarray, side: int) -> Figure:
    """The matrix of a convolution: every row holds the kernel once, a shade for each of the kernel's rows.

    ``kernel`` is of two dimensions with equal sides of at most five; images are ``side`` x ``side``, of one channel.
    """
    size = len(kernel)
    numbered = np.arange(1, size**2 + 1).reshape(size, size, 1, 1)  # which value of the kernel stands in which place
    places = kernels.matrix(numbered, side)
    outputs, inputs = np.nonzero(places)
    rows, columns = np.divmod(places[outputs, inputs] - 1, size)
    frame = pd.DataFrame({"output": outputs, "input": inputs, "kernel_row": rows, "kernel_column": columns})
    frame["value"] = kernel[rows, columns]
    height, width = places.shape
    across = int(np.sqrt(height))
    cell, top = (style.WIDTH - 0.75) / width, 0.28 * size + 0.45
    plot, (small, large) = style.canvas(
        cell * height + top + 0.75, nrows=2, height_ratios=[top, cell * height + 0.3], squeeze=True
    )
    for (row, column), value in np.ndenumerate(kernel):
        _cell(small, column, row, colour=_shade(row), text=words.number(value))
    _bare(small, size, size)
    small.set_title("the kernel")
    large.add_patch(Rectangle((0, 0), width, height, fc="none", ec=style.MUTED, lw=0.8))
    for row, entries in frame.groupby("kernel_row"):
        squares = entries[["input", "output"]].to_numpy()[:, None, :] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        shade = _shade(int(row))
        large.add_collection(PolyCollection(squares, facecolors=shade, edgecolors=style.MUTED, linewidths=0.5))
    for entry in frame.itertuples() if cell >= 0.19 else ():  # or the numbers could not be read
        shade = _shade(entry.kernel_row)
        _number(large, entry.input, entry.output, words.number(entry.value), on=shade, size=style.SMALLEST)
    for row in range(1, side):
        large.plot([row * side] * 2, [0, height], color=style.MUTED, lw=1.2)
    for row in range(1, across):
        large.plot([0, width], [row * across] * 2, color=style.MUTED, lw=1.2)
    _bare(large, width, height)
    large.axis("on")
    large.tick_params(length=0)
    large.spines[:].set_visible(False)
    large.set_xticks([(r + 0.5) * side for r in range(side)], ["row 1", *range(2, side + 1)])
    large.set_yticks([(r + 0.5) * across for r in range(across)], range(1, across + 1))
    large.set(xlabel="rows of the input, pixel after pixel", ylabel="rows of the output")
    large.set_title("the same convolution as a matrix")
    for axes in (small, large):
        axes.set_anchor("W")
    return Figure(
        id="fig-toeplitz",
        plot=plot,
        frame=frame,
        caption=f"A convolution is a matrix of few and repeated numbers. Images of {side} × {side} pixels, written as "
        f"{width} numbers, become {height}. Of the {height * width:,} entries {len(frame):,} come from the kernel, "
        "each of whose rows has its shade; all others are zero.",
        alt=f"Above, the kernel, {size} × {size} numbers, each of its rows in a shade. Below, a matrix of "
        f"{height} rows and {width} columns, in blocks of {across} × {side}. The kernel's rows appear as bands that "
        "move right by one column from line to line, and whole blocks repeat along diagonals.",
        basis=COMPUTED,
    )


@style.scoped()
def flipping(frame: pd.DataFrame, *, kernel: np.ndarray) -> Figure:
    """What operations make of a single 1: the kernel, or the kernel flipped.

    ``frame`` is of :func:`relupool.theory.convolution.turns`, with two operations; ``kernel`` is what they slide.
    """
    n = len(kernel)
    impulse = np.zeros((2 * n - 1, 2 * n - 1))
    impulse[n - 1, n - 1] = 1
    pictures, kinds = {"image": impulse, "kernel": kernel}, {}
    for name, part in frame.groupby("operation", sort=False):
        pictures[str(name)] = part.pivot(index="row", columns="column", values="value").to_numpy()
        kinds[str(name)] = str(part["is"].iloc[0])
    row_of = {value: row for (row, _), value in np.ndenumerate(kernel)}
    plot, axes = style.canvas(2.15, ncols=len(pictures))
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        for (row, column), value in np.ndenumerate(picture):
            if name == "image":
                colour, size, shown = style.PALE if value else style.PAPER, style.SMALLEST, bool(value)
            else:
                colour, size, shown = _shade(row_of[value]) if value in row_of else style.PALE, style.SMALL, True
            _cell(ax, column, row, colour=colour, text=words.number(value) if shown and n <= 4 else "", size=size)
        _bare(ax, *picture.shape[::-1])
        ax.set_anchor("N")
        ax.text(0, -0.03, "\n.".join(name.rsplit(".", 1)), transform=ax.transAxes, va="top", size=style.SMALL)
    said = "; ".join(f"{name} returns {RETURNED[kind]}" for name, kind in kinds.items())
    return Figure(
        id="fig-flipping",
        plot=plot,
        frame=frame,
        caption="Feed in a single 1: a kernel that slides as it is comes out upside down. The same image and the same "
        f"kernel for all: {said}. Each row of the kernel has its shade.",
        alt=f"Four grids of numbers: an image that is zero but for a 1 in the middle, a kernel of {n} × {n} numbers, "
        f"and what comes out: {said}.",
        basis=COMPUTED,
    )


RETURNED = {
    "convolution": "the kernel as it is",
    "cross-correlation": "the kernel turned by half a turn",
    "neither": "something else",
}


@style.scoped()
def collapse(layers: dict[str, np.ndarray]) -> Figure:
    """Kernels of a stack and the one kernel they collapse into, the last of ``layers``: name -> values, each square.

    Every value is a square, of an area in proportion to it, relative to the largest of its kernel.
    """
    widths = [len(kernel) + 0.2 for kernel in layers.values()]
    height = 0.55 + 5.9 * max(widths) / (sum(widths) + 1.7 * len(widths))
    plot, axes = style.canvas(height, ncols=len(layers), width_ratios=widths)
    for ax, (name, kernel) in zip(axes, layers.items(), strict=True):
        largest = np.abs(kernel).max() or 1.0
        for (row, column), value in np.ndenumerate(kernel):
            ax.add_patch(Rectangle((column, row), 1, 1, fc="none", ec=style.GRID, lw=0.8))
            half = 0.46 * np.sqrt(abs(value) / largest)
            corner, fill = (column + 0.5 - half, row + 0.5 - half), style.POSITIVE if value > 0 else style.NEGATIVE
            ax.add_patch(Rectangle(corner, 2 * half, 2 * half, fc=fill, lw=0))
        _bare(ax, len(kernel), len(kernel))
        ax.set_title(name, fontsize=style.SMALL)
    for ax, sign in zip(axes, ["then"] * (len(layers) - 2) + ["="], strict=False):
        marks.note(ax, sign, (1, 0.5), (7, 0), xycoords="axes fraction", va="center")
    rows = [(name, r, c, v) for name, kernel in layers.items() for (r, c), v in np.ndenumerate(kernel)]
    *stacked, one = (f"{name} ({len(kernel)} × {len(kernel)})" for name, kernel in layers.items())
    return Figure(
        id="fig-collapse",
        plot=plot,
        frame=pd.DataFrame(rows, columns=["layer", "row", "column", "value"]),
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
    which, y, x, channel = np.indices(own.shape).reshape(4, -1)
    weights = {"row": y, "column": x, "channel": channel, "weight": own.ravel().round(7)}
    return Figure(
        id="fig-templates",
        plot=plot,
        frame=pd.DataFrame({"class": np.array(names)[which], **weights}),
        caption=f"A linear network is {'ten' if len(names) == 10 else len(names)} pictures. Multiply each by the "
        "image, pixel by pixel and colour by colour, add up, add the class's constant, and take the class with the "
        "largest sum: that is all the network does. Where a picture is brighter than grey in a colour, that colour "
        "speaks for the class; where darker, against it.",
        alt=f"{len(names)} small, blurred colour pictures, for {words.listing(names)}, on one scale about grey.",
        basis=trained,
        tag=tag,
        runs=runs,
    )


@style.scoped()
def linear_networks(frame: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Accuracies that linear networks end with, beside those of the same networks with their nonlinearities.

    ``table`` is what :func:`relupool.measures.bigger.linear_networks` makes of ``frame``, rows of the store.
    """
    low, high = table["mean"].min(), table["mean"].max()
    plot, axes = style.canvas(0.85 + 0.52 * len(table))
    axes.axvspan(low, high, color=style.PALE, lw=0, zorder=0)
    for place, row in enumerate(table.itertuples()):
        axes.plot([row.mean, row.bent], [place, place], color=style.GRID, lw=1.5, zorder=1)
        axes.plot(row.bent, place, "o", color=style.RELU, ms=8)
        axes.plot(row.mean, place, "o", color=style.AVERAGE, ms=8)
        axes.plot([row.low, row.high], [place, place], color=style.INK, lw=2, zorder=3)
        value = words.with_interval(row.mean, row.low, row.high)
        marks.note(axes, value, (row.mean, place), (9, 5), color=style.MUTED, weight="bold")
        if not np.isnan(row.bent):
            marks.note(axes, words.percent(row.bent), (row.bent, place), (9, 0), va="center", color=style.RELU)
    axes.plot([CHANCE, CHANCE], [-0.5, len(table) - 0.5], ":", color=style.MUTED, lw=1)
    marks.rows(
        axes,
        [f"{r.label}\n{words.count(r.layers, 'layer')}, {r.parameters:,} parameters" for r in table.itertuples()],
    )
    axes.set(ylim=(len(table) - 0.4, -0.95), xlim=(0.05, 0.95), xlabel="test accuracy")
    axes.text(CHANCE, -0.6, "guessing", ha="center", color=style.MUTED)
    axes.text(high, -0.6, "linear", ha="center", color=style.MUTED, weight="bold")
    if table["bent"].notna().any():
        axes.text(table["bent"].mean(), -0.6, "with nonlinearities", ha="center", color=style.RELU)
    marks.percent_axis(axes, "x")
    said = {row.label: words.percent(row.mean) for row in table.itertuples()}
    shown = frame[frame["network"].isin([*table["network"], *table["with"].dropna()])]
    return Figure.of_runs(
        shown,
        id="fig-linear-networks",
        plot=plot,
        frame=table,
        caption="However deep, linear networks end where softmax regression ends. Grey: without anything nonlinear, "
        f"with {words.LEVEL_WORDS} intervals. Orange: the same networks with "
        "their ReLUs, and the example with its max-pools and its normalization, too.",
        alt=f"Dot chart of test accuracies without anything nonlinear. {words.pairs(said)}.",
    )
