"""The figures of *What the order costs*: ratios of times, where a training step's time goes, a roofline."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from relupool.figures import style, words
from relupool.figures.figure import Figure
from relupool.figures.labels import percent_axis, spread

COLOURS = {
    "convolution": style.BLUE,
    "pooling": style.ORANGE,
    "activation": style.GREEN,
    "normalization": style.PINK,
    "dense": style.GOLD,
    "all else": style.MUTED,
}
"""Of types of layers."""


@style.scoped()
def order_ratios(frame: pd.DataFrame, *, what: str, id: str, basis: str) -> Figure:
    """How many times as long it takes with the activation first: a mark with its interval for each row.

    ``frame`` is of :func:`relupool.experiments.timing.ratios`: activation, way, median, low, high, rounds. ``what``
    completes "... with the activation in front of the pool".
    """
    frame = frame.reset_index(drop=True)
    hue = style.hues(frame["activation"])
    plot, ax = style.canvas(0.42 * len(frame) + 1.3)
    rows = len(frame) - 1 - frame.index
    ax.axvline(1, color=style.INK, lw=0.8)
    for y, (_, row) in zip(rows, frame.iterrows(), strict=True):
        ax.plot([row["low"], row["high"]], [y, y], color=hue[row["activation"]])
        ax.plot([row["median"]], [y], "o", color=hue[row["activation"]], ms=8)
    ax.set_yticks(rows, [f"{row['activation']}, {row['way']}" for _, row in frame.iterrows()])
    ax.set_ylim(-0.6, len(frame) - 0.4)
    low, high = min(frame["low"].min(), 0.95), max(frame["high"].max(), 1.05)
    ax.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.set_xlabel("time with activation first, by time with pool first")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    told = words.pairs(
        {
            f"{row['activation']}, {row['way']}": f"{row['median']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
            for _, row in frame.iterrows()
        }
    )
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"{words.capital(what)}: how many times as long with the activation in front of the pool. Right "
        f"of 1, pooling first is faster. Medians of {frame['rounds'].min()} rounds with intervals: {told}.",
        alt=f"One mark with an interval for each activation and way of running. {told}.",
        basis=basis,
    )


@style.scoped()
def step_profile(frame: pd.DataFrame, *, basis: str) -> Figure:
    """Where the time of a training step goes: a bar for each network, cut into types of layers.

    ``frame`` has columns network, type, median, low, high and rounds; medians are parts of the whole step.
    """
    networks = list(dict.fromkeys(frame["network"]))
    plot, ax = style.canvas(0.75 * len(networks) + 1.9)
    named: set[str] = set()
    for y, network in enumerate(reversed(networks)):
        left = 0.0
        for _, row in frame[frame["network"] == network].iterrows():
            width = max(row["median"], 0.0)
            label = None if row["type"] in named else row["type"]
            named.add(row["type"])
            ax.barh(y, width, left=left, height=0.62, color=COLOURS[row["type"]], ec=style.PAPER, lw=1, label=label)
            if width > 0.035:
                ax.text(left + width / 2, y, f"{100 * width:.0f}", color=style.PAPER, ha="center", va="center")
            left += width
    ax.axvline(1, color=style.INK, lw=1.2)
    ax.set_yticks(range(len(networks)), reversed(networks))
    ax.set_ylim(-0.5, len(networks) - 0.5)
    percent_axis(ax, "x")
    ax.set_xlabel("part of the training step")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    plot.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3, handlelength=1, columnspacing=1.4)
    told = "; ".join(
        f"{network}: "
        + words.listing(
            f"{row['type']} {_signed_percent(row['median'])}"
            for _, row in frame[frame["network"] == network].iterrows()
        )
        for network in networks
    )
    over = frame[(frame["type"] == "all else") & (frame["median"] < 0)]
    excess = (
        " Where the rest is negative, the layers took longer one by one than together, and the bar passes the line."
        if len(over)
        else ""
    )
    return Figure(
        id="fig-step-profile",
        plot=plot,
        frame=frame,
        caption=f"Where the time of a training step goes, in per cent of the step. {told}. Each layer was timed alone, "
        f"forward and backward; the rest is what the layers leave of the whole step, timed beside them.{excess}",
        alt=f"A bar for each network, cut into types of layers. {told}.",
        basis=basis,
    )


def _signed_percent(part: float) -> str:
    return words.percent(round(part, 2) + 0.0, 0)  # adding 0 makes of -0 a 0


@style.scoped()
def roofline(frame: pd.DataFrame, *, peak: float, bandwidth: float, basis: str) -> Figure:
    """How fast each layer computes beside what the machine can do (Williams, Waterman and Patterson 2009).

    ``frame`` has columns layer, type, intensity (operations a byte) and speed (operations a second); ``peak`` is the
    speed of a matrix product, ``bandwidth`` that of memory in bytes a second.
    """
    frame = frame.sort_values("intensity").reset_index(drop=True)
    plot, ax = style.canvas(5)
    ridge = peak / bandwidth
    low, high = min(frame["intensity"].min(), ridge) / 8, max(frame["intensity"].max(), ridge) * 2
    x = np.geomspace(min(frame["intensity"].min(), ridge) / 1.5, high, 200)  # the names on the left stay clear of it
    ax.plot(x, np.minimum(peak, bandwidth * x), color=style.INK)
    for kind, group in frame.groupby("type", sort=False):
        ax.plot(group["intensity"], group["speed"], "o", color=COLOURS[str(kind)], ms=8, label=kind)
    ax.set(xscale="log", yscale="log", xlim=(low, high * 6))
    floor = min(frame["speed"].min(), bandwidth * low)
    ax.set_ylim(floor / 2, peak * 8)
    roof = np.minimum(peak, bandwidth * frame["intensity"])
    _name_points(ax, frame, under=(frame["speed"] > 0.7 * roof) & (frame["speed"] < 1.4 * roof))
    for text, where, offset in (
        ("arithmetic", (high * 5.6, peak), (0, 14)),
        ("memory", (np.sqrt(x[0] * ridge), bandwidth * np.sqrt(x[0] * ridge)), (-12, 8)),
    ):
        ax.annotate(text, where, xytext=offset, textcoords="offset points", ha="right", va="bottom", style="italic")
    ax.plot([high, high * 6], [peak, peak], color=style.INK)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1e9:g}"))
    ax.set_xlabel("operations for each byte that must move")
    ax.set_ylabel("10⁹ operations a second")
    ax.legend(loc="lower right", handletextpad=0.2)
    far = frame[frame["intensity"] < ridge]["layer"]
    told = words.pairs({row["layer"]: f"{row['speed'] / 1e9:.2g}" for _, row in frame.iterrows()})
    return Figure(
        id="fig-roofline",
        plot=plot,
        frame=frame,
        caption=f"The layers under the machine's roof. A product of matrices ran at {peak / 1e9:.3g} × 10⁹ operations "
        f"a second, memory at {bandwidth / 1e9:.2g} × 10⁹ bytes a second: the slope and the ceiling. They meet at "
        f"{ridge:.2g} operations a byte, and {len(far)} of {len(frame)} layers lie left of that, where "
        "memory is the limit.",
        alt=f"Speed against operations a byte, both on logarithmic scales. In 10⁹ operations a second: {told}.",
        basis=basis,
    )


def _name_points(ax: Axes, frame: pd.DataFrame, *, under: pd.Series) -> None:
    """The layers' names beside their marks, moved apart where marks of about one intensity are close.

    Those ``under`` the roof, and close to it, stand a little lower.
    """
    log, across = (np.log10(frame[name].to_numpy()) for name in ("speed", "intensity"))
    low, high = np.log10(ax.get_ylim())
    line = 14 * (high - low) / (72 * 4.2)  # of 9.5 points on axes some 4.2 inches high
    log = log - np.where(under, 0.8 * line, 0)
    heights = log.copy()
    column = np.ceil(across - across.min())  # a name is nearly a power of ten wide; the first stand on the left
    for place in np.unique(column):
        mine = np.flatnonzero(column == place)
        heights[mine] = spread(log[mine], np.full(len(mine), line))
    for place, height, (_, row) in zip(column, heights, frame.iterrows(), strict=True):
        ax.annotate(
            row["layer"],
            (row["intensity"], 10**height),
            xytext=(8 if place else -8, 0),
            textcoords="offset points",
            ha="left" if place else "right",
            va="center",
            fontsize=9.5,
            color=COLOURS[row["type"]],
        )
