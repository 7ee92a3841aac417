"""The figures on average-pooling: the gap and its sign, its size in trained networks, the road from average to max."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull, QhullError

from relupool.figures import style, words
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import count_axis

FIRST, LAST = style.ORANGE, style.GREEN
"""Colours of what is pooled first and of what is pooled last, in all figures of the chapter."""

DEFINITIONS = "Computed from the definitions in float64; nothing was trained."
BEND_WORDS = {"convex": "convex", "both ways": "bends both ways", "concave": "concave", "straight": "straight"}
CURVES = (style.BLUE, style.ORANGE, style.GREEN, style.PINK)
DASHES = ("-", (0, (6, 2)), (0, (1, 1.4)), (0, (6, 2, 1, 2)))


@style.scoped()
def jensen(graph: pd.DataFrame, *, activation: str, window: Sequence[float], values: Sequence[float]) -> Figure:
    """A window on the graph of an activation: the average of the points, and the point of the average.

    ``graph`` has columns x and y; ``values`` are what the activation makes of the numbers in ``window``.
    """
    mean, last = float(np.mean(window)), float(np.mean(values))
    first = float(np.interp(mean, graph["x"], graph["y"]))
    plot, ax = style.canvas(3.6)
    ax.axhline(0, color=style.GRID, lw=0.8)
    _hull(ax, window, values)
    ax.plot(graph["x"], graph["y"], color=style.BLUE)
    ax.plot(window, values, "o", color=style.BLUE, ms=7, zorder=3)
    ax.plot([mean, mean], [first, last], color=style.INK, lw=1.2, zorder=3)
    # the upper name stands to the left and the lower one to the right, where a rising graph leaves room
    up = last >= first
    for y, colour, text, above in (
        (last, LAST, f"{activation} first", up),
        (first, FIRST, "average first", not up),
    ):
        ax.plot([mean], [y], "D", color=colour, ms=8, zorder=4)
        ax.annotate(
            f"{text}: {_digits(y)}",
            (mean, y),
            xytext=(-9 if above else 9, 9 if above else -9),
            textcoords="offset points",
            ha="right" if above else "left",
            va="bottom" if above else "top",
            color=colour,
            fontweight="bold",
        )
    ax.margins(y=0.22)
    ax.set(xlabel="number in the window", ylabel=f"{activation} of it")
    gap = last - first
    level = abs(gap) < 1e-12 * (1 + abs(last))
    outcome = (
        "The two are the same."
        if level
        else f"The gap is {_digits(gap)}: averaging last gives {'more' if gap > 0 else 'less'}."
    )
    shown = words.listing(_digits(value) for value in window)
    return Figure(
        id="fig-jensen",
        plot=plot,
        frame=graph,
        caption=f"A window on the graph of {activation}. Its {len(window)} numbers, {shown}, have the average "
        f"{_digits(mean)}, where the graph is at {_digits(first)}. The average of their points lies in the shaded "
        f"region that they span, at {_digits(last)}. {outcome}",
        alt=f"The graph of {activation} with {len(window)} points on it, and the region between them. At the average "
        f"{_digits(mean)} the graph is at {_digits(first)} and the average of the points at {_digits(last)}.",
        basis=DEFINITIONS,
    )


def _hull(axes: Axes, window: Sequence[float], values: Sequence[float]) -> None:
    points = np.column_stack([window, values])
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:  # all points on one straight line span no region
        corners = points[[int(np.argmin(window)), int(np.argmax(window))]]
    axes.add_patch(Polygon(corners, closed=True, fc=style.PALE_GREEN, lw=0, zorder=1))


@style.scoped()
def gap_signs(frame: pd.DataFrame, *, n: int, trials: int) -> Figure:
    """How often averaging last gives more or less, for each activation: a frame as of ``theory.jensen.signs``."""
    order = list(BEND_WORDS)
    frame = frame.assign(place=frame["bend"].map(order.index))
    frame = frame.sort_values(["place", "above", "activation"], ascending=[False, True, False]).reset_index(drop=True)
    plot, ax = style.canvas(0.27 * len(frame) + 1.2)
    start = np.zeros(len(frame))
    parts = {"above": ("more", style.GREEN), "level": ("the same", style.GRID), "below": ("less", style.ORANGE)}
    for column, (label, colour) in parts.items():
        ax.barh(frame.index, 100 * frame[column], left=start, height=0.72, color=colour, label=label)
        start += 100 * frame[column].to_numpy()
    for bend, group in frame.groupby("bend", sort=False):
        low, high = group.index.min(), group.index.max()
        ax.plot([102, 102], [low - 0.36, high + 0.36], color=style.MUTED, lw=1.2, clip_on=False)
        ax.text(104, (low + high) / 2, BEND_WORDS[bend], va="center", color=style.INK, clip_on=False)
    ax.set_yticks(frame.index, frame["activation"])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(0, 100), ylim=(-0.6, len(frame) - 0.4), xlabel="windows, per cent")
    plot.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=3, title="averaging last gives")
    found = {bend: list(frame[frame["bend"] == bend]["activation"]) for bend in order}
    counts = "; ".join(f"{BEND_WORDS[bend]}: {len(names)}" for bend, names in found.items() if names)
    wrong = frame[((frame["bend"] == "convex") & (frame["below"] > 0))
                  | ((frame["bend"] == "concave") & (frame["above"] > 0))]  # fmt: skip
    ruled = (
        "No convex one ever gave less, no concave one more."
        if wrong.empty
        else f"Against the theorem: {words.listing(wrong['activation'])}."
    )
    return Figure(
        id="fig-gap-signs",
        plot=plot,
        frame=frame.drop(columns="place"),
        caption=f"The sign of the gap. How often, in {trials:,} windows of {n} numbers, averaging behind the "
        f"activation gives more or less than averaging in front of it ({counts}). {ruled}",
        alt=f"One bar for each of {len(frame)} activations, divided into windows where averaging last gives more, the "
        f"same and less. {ruled} Those that bend both ways have some of each.",
        basis=DEFINITIONS,
    )


@style.scoped()
def trained_gap(frame: pd.DataFrame, *, runs: pd.DataFrame) -> Figure:
    """The gap of average-pooling over training, layer by layer, a line for each network.

    ``frame`` has columns network, seed, step, layer and pool_gap; ``runs`` are the rows of the store behind it.
    """
    means = frame.groupby(["layer", "network", "step"])["pool_gap"].mean()
    largest = frame.groupby("network", sort=False)["pool_gap"].agg(lambda gaps: gaps.abs().max())
    bent, level = list(largest.index[largest > 0]), list(largest.index[largest == 0])
    layers, hues = list(frame["layer"].unique()), style.hues(bent or level)
    plot, panels = style.canvas(3.4, ncols=len(layers), sharey=True, squeeze=False)
    for axes, layer in zip(panels.flat, layers, strict=True):
        for (network, hue), dash in zip(hues.items(), ("-", (0, (4, 2)), ":", "-.", "-", ":"), strict=False):
            axes.plot(means[layer, network], color=hue, ls=dash, marker="o", ms=4, label=network)
        axes.set_title(layer)
        axes.set_xscale("symlog", linthresh=100, linscale=0.4)
        axes.set(xlim=(0, frame["step"].max() * 1.06), ylim=(0, None), xlabel="training step")
        axes.set_xticks([t for t in (0, 100, 1_000, 10_000, 100_000) if t <= frame["step"].max()])
        axes.minorticks_off()
        count_axis(axes, "x")
        style.grid(axes, "y")
    plot.supylabel("gap, mean over channels", fontsize=11)
    plot.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    last = frame[frame["step"] == frame.groupby("network")["step"].transform("max")]
    at_end = last[last["network"].isin(hues)].groupby(["network", "layer"], sort=False)["pool_gap"].mean()
    found = words.pairs({f"{network}, {layer}": _digits(gap) for (network, layer), gap in at_end.items()})
    named = words.listing(f"“{network}”" for network in level) if level else ""
    zero = f" In {named}, without ReLU there, it is exactly 0 throughout." if level and bent else ""
    return Figure(
        id="fig-trained-average-gap",
        plot=plot,
        frame=frame.reset_index(drop=True),
        caption="The gap in trained networks. How much more an average-pool behind the convolutions' activation gives "
        f"than one in front of it, mean over channels and test images. At the end: {found}.{zero}",
        alt=f"Line charts of the gap behind {words.listing(layers)} over training steps {frame['step'].min():,} to "
        f"{frame['step'].max():,}. At the end: {found}.",
        basis=basis(runs),
        runs=sorted(runs["key"].unique()),
    )


@style.scoped()
def average_to_max(frame: pd.DataFrame, *, activation: str, window: Sequence[float], beta: float) -> Figure:
    """One window on the road from average to maximum, in both orders.

    ``frame`` has columns beta, order ("pool first", "activation first") and value; the value at ``beta`` is marked.
    """
    curves = {order: part.set_index("beta")["value"] for order, part in frame.groupby("order", sort=False)}
    plot, ax = style.canvas(3.5)
    at, ends = {}, {}
    looks = {"activation first": (LAST, "-", f"{activation} first"), "pool first": (FIRST, (0, (5, 2)), "pool first")}
    for order, (colour, dash, label) in looks.items():
        curve = curves[order]
        ax.plot(curve, color=colour, ls=dash, label=label, zorder=3)
        at[order] = float(np.interp(np.log(beta), np.log(curve.index), curve))
        ends[order] = curve.iloc[0], curve.iloc[-1]
        ax.plot([beta], [at[order]], "D", color=colour, ms=7, zorder=4)
    ax.fill_between(curves["pool first"].index, curves["pool first"], curves["activation first"].to_numpy(),
                    color=style.PALE, lw=0)  # fmt: skip
    ax.axvline(beta, color=style.GRID, lw=0.8, zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(frame["beta"].min(), frame["beta"].max())
    ax.margins(y=0.12)
    ax.set(xlabel="beta (to the left the average, to the right the maximum)", ylabel="pooled value")
    ax.legend(loc="best")
    left, right = (abs(ends["activation first"][k] - ends["pool first"][k]) for k in (0, 1))
    gap = abs(at["activation first"] - at["pool first"])
    shown = words.listing(_digits(value) for value in window)
    return Figure(
        id="fig-average-to-max",
        plot=plot,
        frame=frame,
        caption=f"From average to maximum. Log-mean-exp pooling of the window {shown}, with {activation} before or "
        f"behind it. At beta {_digits(frame['beta'].min())}, nearly the average, the orders are "
        f"{words.scientific(left)} apart; at {_digits(beta)} (marked) {words.scientific(gap)}; at "
        f"{_digits(frame['beta'].max())}, nearly the maximum, {words.scientific(right)}.",
        alt=f"Two curves of the pooled value against beta, for {activation} first and for the pool first. They are "
        f"{words.scientific(left)} apart on the left and {words.scientific(right)} on the right.",
        basis=DEFINITIONS,
    )


@style.scoped()
def log_mean_exp_gap(frame: pd.DataFrame, *, n: int, trials: int) -> Figure:
    """The largest gap against beta with the bound log(n)/beta: a frame as of ``theory.soft_maximum.largest_gaps``."""
    floor = 1e-3
    plot, ax = style.canvas(4.0)
    bound = frame.drop_duplicates("beta").set_index("beta")["bound"]
    ax.plot(bound, color=style.INK, lw=1.2, ls=":", label="log(n)/beta")
    at_end, absent, over = {}, [], []
    for (name, part), colour, dash in zip(frame.groupby("activation", sort=False), CURVES, DASHES, strict=False):
        curve = part.set_index("beta")["gap"]
        if (curve < floor).all():
            absent.append(name)
            continue
        ax.plot(curve.clip(lower=floor / 10), color=colour, ls=dash, label=name)
        at_end[name] = words.scientific(curve.iloc[-1])
        # rounding may lift a gap that is equal to the bound a last digit above it
        if (part["gap"] > part["bound"] * (1 + 1e-9)).any():
            over.append(name)
    ax.set(xscale="log", yscale="log", xlim=(frame["beta"].min(), frame["beta"].max()), xlabel="beta",
           ylabel="largest gap of the two orders")  # fmt: skip
    ax.set_ylim(floor, max(3.0, 1.5 * frame["gap"].max()))
    style.grid(ax, "y")
    ax.tick_params(axis="y", which="minor", length=0)
    ax.legend(loc="lower left", handlelength=3)
    within = [name for name in at_end if name not in over]
    told = f"{words.listing(within)} stay{'s' if len(within) == 1 else ''} within the bound" if within else ""
    told += f"{', ' if told else ''}{words.listing(over)} do{'es' if len(over) == 1 else ''} not" if over else ""
    nothing = f" {words.listing(absent)} has no gap at all." if absent else ""
    return Figure(
        id="fig-log-mean-exp-gap",
        plot=plot,
        frame=frame,
        caption=f"How far apart the orders are between average and maximum. The largest gap in {trials:,} windows of "
        f"{n} numbers, and the bound log(n)/beta, dotted: {told}. At beta {_digits(frame['beta'].max())}, "
        f"{words.pairs(at_end)}.{nothing}",
        alt=f"Curves of the largest gap against beta on logarithmic axes, with the falling line log(n)/beta: {told}. "
        f"At the right end, {words.pairs(at_end)}.",
        basis=DEFINITIONS,
    )


def _digits(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
