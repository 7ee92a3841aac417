"""The figures of *ReLU and max-pooling commute*: both orders, activations that fall, how far the orders differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from relupool.figures import style, words
from relupool.figures.figure import Figure

COLOURS = {"bit for bit": style.BLUE, "but for rounding": style.GOLD, "no": style.ORANGE}
MARKS = {"bit for bit": "o", "but for rounding": "s", "no": "D"}
MEANINGS = {
    "bit for bit": "commutes, bit for bit",
    "but for rounding": "commutes but for rounding",
    "no": "does not commute",
}


@style.scoped()
def both_orders(frame: pd.DataFrame, *, activation: str, pool: str = "max-pool", basis: str) -> Figure:
    """A row of numbers pooled and activated in both orders.

    ``frame`` has a row for each number shown: order ("pool first", "activation first"), step (0 the input, 1, 2 the
    result), position, value, and first and last, the positions in the step above that it was made from.
    """
    results = frame[frame["step"] == 2].pivot(index="position", columns="order", values="value")
    gap = (results["pool first"] - results["activation first"]).abs()
    wrong = results.index[results["pool first"].map(_number) != results["activation first"].map(_number)]
    plot, axes = style.canvas(4.9, nrows=2)
    steps = {
        "pool first": ("input", pool, activation),
        "activation first": ("input", activation, pool),
    }
    for ax, (order, names) in zip(axes, steps.items(), strict=True):
        _path(ax, frame[frame["order"] == order], names=names, wrong=wrong)
        ax.set_title(f"{names[1]}, then {names[2]}")
    if len(wrong):
        outcome = f"not the same: {len(wrong)} of {len(gap)} differ (framed), by up to {words.scientific(gap.max())}"
    else:
        outcome = "the same" + (f" but for the last digits ({words.scientific(gap.max())})" if gap.max() else "")
    numbers = {order: _list(results[order]) for order in steps}
    given = _list(frame.loc[(frame["step"] == 0) & (frame["order"] == "pool first"), "value"])
    return Figure(
        id="fig-both-orders",
        plot=plot,
        frame=frame,
        caption="Eight numbers, both orders. Each number is made from those it is tied to; "
        f"the outcomes are {outcome}.",
        alt=f"Above, {pool} and then {activation} turn {given} into {numbers['pool first']}. "
        f"Below, {activation} and then {pool} turn it into {numbers['activation first']}.",
        basis=basis,
    )


def _path(axes: Axes, frame: pd.DataFrame, *, names: Sequence[str], wrong: pd.Index) -> None:
    """One order: three rows of cells from top to bottom, each cell tied to those it was made from."""
    place: dict[tuple[int, int], float] = {}
    for cell in frame.sort_values("step").itertuples():
        above = [place[cell.step - 1, p] for p in range(cell.first, cell.last + 1)] if cell.step else []
        x = float(np.mean(above)) if above else float(cell.position)
        place[cell.step, cell.position] = x
        y = -1.75 * cell.step
        if len(above) == 1 and len(frame[frame["step"] == cell.step]) == len(frame[frame["step"] == cell.step - 1]):
            axes.plot([x, x], [y + 1.33, y + 0.42], color=style.MUTED, lw=0.8, zorder=0)
        elif above:
            for far, near in ((min(above) - 0.44, x - 0.44), (max(above) + 0.44, x + 0.44)):
                axes.plot([far, near], [y + 1.33, y + 0.42], color=style.MUTED, lw=0.8, zorder=0)
        framed = cell.step == 2 and cell.position in wrong
        axes.add_patch(
            Rectangle(
                (x - 0.44, y - 0.42),
                0.88,
                0.84,
                fc=style.PALE_ORANGE if cell.value < 0 else style.PALE_BLUE if cell.value > 0 else style.PALE,
                ec=style.ORANGE if framed else style.MUTED,
                lw=2.4 if framed else 0.8,
            )
        )
        axes.text(x, y, _number(cell.value), ha="center", va="center_baseline", fontsize=12)
    width = frame["position"].max()
    for step, name in enumerate(names):
        axes.text(-0.75, -1.75 * step, name, ha="right", va="center_baseline", color=style.MUTED)
    axes.set(xlim=(-2.9, width + 0.6), ylim=(-4.05, 0.55))
    axes.axis("off")


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "\N{MINUS SIGN}")


def _digits(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _list(values: pd.Series) -> str:
    return words.listing(_number(value) for value in values) if len(values) > 1 else _number(values.iloc[0])


@style.scoped()
def activation_graphs(frame: pd.DataFrame) -> Figure:
    """The graphs of activations, with the stretches where they fall.

    ``frame`` has columns activation, x, y and falling (bool), as :func:`relupool.theory.survey.graphs` makes it.
    """
    names = list(dict.fromkeys(frame["activation"]))
    rows = math.ceil(len(names) / 2)
    plot, axes = style.canvas(1.75 * rows + 0.2, nrows=rows, ncols=2, sharex=True, squeeze=False)
    falling = []
    for ax, name in zip(axes.flat, names, strict=False):
        curve = frame[frame["activation"] == name]
        ax.axhline(0, color=style.GRID, lw=0.8)
        ax.axvline(0, color=style.GRID, lw=0.8)
        ax.plot(curve["x"], curve["y"], color=style.BLUE)
        down = curve[curve["falling"]]
        if len(down):
            falling.append(f"{name} from {_number(down['x'].min())} to {_number(down['x'].max())}")
            ax.plot(curve["x"], curve["y"].where(curve["falling"]), color=style.ORANGE, lw=4)
        ax.set_title(f"{name}{' falls' if len(down) else ''}", color=style.ORANGE if len(down) else style.INK)
    for ax in axes.flat[len(names) :]:
        ax.axis("off")
    low, high = frame["x"].min(), frame["x"].max()
    told = f"{words.listing(falling) if len(falling) > 1 else falling[0]}" if falling else "none"
    return Figure(
        id="fig-activation-graphs",
        plot=plot,
        frame=frame,
        caption=f"Where activations fall. Of the {len(names)} drawn, {len(falling)} fall somewhere (thick): "
        f"between {_number(low)} and {_number(high)}, {told}.",
        alt=f"Graphs of {words.listing(names)}. The stretches where one falls are drawn thick: {told}.",
        basis="Drawn from the definitions in float64; nothing was trained or measured.",
    )


@style.scoped()
def order_gaps(frame: pd.DataFrame, *, basis: str) -> Figure:
    """How far apart the two orders are for each activation; ``frame`` is a :func:`relupool.theory.survey.survey`."""
    frame = frame.sort_values(["largest_deviation", "activation"], ascending=[True, False]).reset_index(drop=True)
    positive = frame.loc[frame["largest_deviation"] > 0, "largest_deviation"]
    zero = 10.0 ** (math.floor(math.log10(positive.min())) - 1) if len(positive) else 1e-9
    plot, ax = style.canvas(0.27 * len(frame) + 1.1)
    ax.hlines(frame.index, zero / 3, frame["largest_deviation"].clip(lower=zero), color=style.GRID, lw=0.8, zorder=0)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for verdict, group in frame.groupby("verdict", sort=False):
        ax.plot(
            group["largest_deviation"].clip(lower=zero),
            group.index,
            MARKS[verdict],
            color=COLOURS[verdict],
            label=f"{MEANINGS[verdict]} ({len(group)})",
            ls="none",
        )
    ax.set_xscale("log")
    ax.set_xlim(zero / 3, 10)
    first = math.ceil(math.log10(zero) + 0.5)
    ticks = [zero, *(10.0**n for n in range(first, 1, 2))]
    ax.set_xticks(ticks, ["0", *(f"$10^{{{round(math.log10(tick))}}}$" for tick in ticks[1:])])
    ax.minorticks_off()
    ax.set_yticks(frame.index, frame["activation"])
    ax.set_ylim(-0.7, len(frame) - 0.3)
    ax.set_xlabel("largest difference between the two orders")
    ax.legend(loc="lower right", handletextpad=0.2)
    exact, rounded, never = (frame[frame["verdict"] == verdict] for verdict in MEANINGS)
    small = f", differing by at most {words.scientific(rounded['largest_deviation'].max())}" if len(rounded) else ""
    far = (
        f": {_names(never)}, with differences up to {words.scientific(never['largest_deviation'].max())}"
        if len(never)
        else ""
    )
    return Figure(
        id="fig-order-gaps",
        plot=plot,
        frame=frame,
        caption=f"Which activations commute with max-pooling. Of {len(frame)}, {len(exact)} commute bit for bit, "
        f"{len(rounded)} but for rounding{small}; {len(never)} do not{far}.",
        alt=f"One mark for each activation at the largest difference of the two orders: {len(exact)} at zero; "
        f"{len(rounded)} further right, at the size of rounding{small}; {len(never)} far to the right{far}.",
        basis=basis,
    )


def _names(frame: pd.DataFrame) -> str:
    return words.listing(frame["activation"]) if len(frame) > 1 else str(frame["activation"].iloc[0])


@style.scoped()
def counterexample(frame: pd.DataFrame, *, activation: str, window: Sequence[float], values: Sequence[float]) -> Figure:
    """A window for which max-pooling and ``activation`` do not commute, on the activation's graph.

    ``frame`` has the graph, columns x and y; ``values`` are what the activation makes of the numbers in ``window``.
    """
    largest, highest = int(np.argmax(window)), int(np.argmax(values))
    plot, ax = style.canvas(3.6)
    ax.axhline(0, color=style.GRID, lw=0.8)
    ax.plot(frame["x"], frame["y"], color=style.BLUE)
    for k, (x, y) in enumerate(zip(window, values, strict=True)):
        colour = {largest: style.ORANGE, highest: style.GREEN}.get(k, style.INK)
        ax.plot([x], [y], "o", color=colour, ms=9, zorder=3)
    left = float(frame["x"].min())
    for k, colour, text, below in (
        (largest, style.ORANGE, "pool first", False),
        (highest, style.GREEN, f"{activation} first", True),
    ):
        ax.plot([left, window[k]], [values[k]] * 2, color=colour, lw=1.2, ls=(0, (4, 2)))
        ax.annotate(
            f"{text}: {_digits(values[k])}",
            (left, values[k]),
            xytext=(0, -4 if below else 4),
            textcoords="offset points",
            va="top" if below else "bottom",
            color=colour,
            fontweight="bold",
        )
    ax.margins(y=0.18)
    ax.set(xlabel="number in the window", ylabel=f"{activation} of it")
    shown = _list(pd.Series(window))
    return Figure(
        id="fig-counterexample",
        plot=plot,
        frame=frame,
        caption=f"The smallest counterexample found for {activation}. In the window {shown} the largest number is "
        f"{_number(window[largest])}, but {activation} is highest at {_number(window[highest])}: pooling first gives "
        f"{_digits(values[largest])}, pooling last {_digits(values[highest])}.",
        alt=f"The graph of {activation} with the numbers {shown} marked on it. The graph is higher at "
        f"{_number(window[highest])} than at {_number(window[largest])}.",
        basis="Found by a seeded search and shrunk; nothing was trained.",
    )
