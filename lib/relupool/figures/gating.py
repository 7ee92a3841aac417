"""The figures of *What the gradient does*: ReLU taken apart, and both orders of activation and pooling trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from relupool.figures import style, words
from relupool.figures.accuracy import curve_axes, end_of, evaluations, interval_dots, what_dots_are
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import beside, end_labels
from relupool.validation import refuse
from relupool.verdicts import gating, orders_trained
from relupool.verdicts.estimate import signed

LRN_HUES = {True: style.BLUE, False: style.ORANGE}
ORDER_HUES = {orders_trained.FIRST: style.BLUE, orders_trained.LAST: style.ORANGE}
PANELS = ("ReLU", "ReLU forward, gradient passes", "identity, gradient gated", "identity")
"""Titles of the 2 x 2: what passes forward from row to row, the gate from column to column."""


def four_networks(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-four-networks") -> Figure:
    """Test accuracy over the steps in a 2 x 2 of panels: ReLU or identity forward, gradient gated or not.

    Dots are seeds, lines their means; ReLU's own line is repeated in grey in the other panels.
    """
    rows = evaluations(frame, weights)
    rows = rows[rows["step"] > 0]
    of = {lrn: gating.design(lrn) for lrn in LRN_HUES}
    here = [lrn for lrn in of if set(of[lrn]) & set(rows["network"])]
    if not here:
        refuse("frame", list(frame["network"].unique()), "one of the study “gating”, evaluated behind step 0")
    found = {}
    with style.scoped():
        plot, panels = style.canvas(5.2, nrows=2, ncols=2, sharex=True, sharey=True)
        for place, (axes, title) in enumerate(zip(panels.flat, PANELS, strict=True)):
            for line, lrn in enumerate(here):
                label, relu = list(of[lrn])[place], next(iter(of[lrn]))
                if place:
                    _mean(axes, rows[rows["network"] == relu], style.MUTED, width=1, dots=False)
                ours = rows[rows["network"] == label]
                _mean(axes, ours, LRN_HUES[lrn], width=2)
                found[label] = end_of(ours)[0] if len(ours) else "not trained"
                said = f"{found[label]} {'with' if lrn else 'without'} LRN"
                axes.text(0.97, 0.32 - 0.12 * line, said, color=LRN_HUES[lrn], ha="right", transform=axes.transAxes)
            axes.set_title(title, pad=4)
            axes.set_xscale("log")
            curve_axes(axes, rows, room=1.1)
            axes.xaxis.set_tick_params(labelbottom=True)
        plot.supxlabel("training step", fontsize=11)
        plot.supylabel("test accuracy", fontsize=11)
    return Figure(
        id=id,
        plot=plot,
        frame=rows[["network", "seed", "weights", "step", "accuracy", "diverged_at", "key"]].reset_index(drop=True),
        caption="ReLU taken apart. Test accuracy during training; above with ReLU forward, below with the identity; on "
        "the left the gradient is gated, on the right it passes. Dots are single seeds, lines their means, grey lines "
        f"those of ReLU. Dotted: guessing.{words.diverged(frame)}",
        alt=f"Four line charts of test accuracy over training steps. At the end: {words.pairs(found)}.",
        basis=basis(frame),
        runs=sorted(rows["key"].unique()),
    )


def effects(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-gate-effects") -> Figure:
    """What the gate, the forward pass, both together and all of ReLU add to the accuracy, with and without LRN."""
    table, seeds = gating.effects(frame, weights=weights), gating.per_seed(frame, weights=weights)
    if table.empty:
        refuse("frame", f"a frame of {len(frame)} rows", "one where a seed has finished with all four networks")
    with style.scoped():
        plot, axes = style.canvas(3.9)
        axes.axvline(0, color=style.INK, linewidth=1)
        ends: list[tuple[float, str, str]] = []
        here = [lrn for lrn in LRN_HUES if lrn in set(table["lrn"])]
        for row in table.to_dict("records"):
            lrn, effect = bool(row["lrn"]), str(row["effect"])
            place = gating.EFFECTS.index(effect) + (0.32 * here.index(lrn) - 0.16 if len(here) > 1 else 0)
            points = pd.Series({name: 100 * row[name] for name in ("mean", "low", "high")})
            ours = 100 * seeds.loc[(seeds["lrn"] == lrn) & (seeds["effect"] == effect), "accuracy"].astype(float)
            interval_dots(axes, place, points, ours, LRN_HUES[lrn])
            ends.append((place, signed(row["mean"]), LRN_HUES[lrn]))
        for place, text, hue in ends:
            beside(axes, text, place, colour=hue)
        names = ("the gate on\nthe gradient", "what passes\nforward", "interaction", "all of ReLU")
        axes.set(ylim=(len(names) - 0.45, -0.5), xlabel="effect on the test accuracy, in points")
        axes.set_yticks(range(len(names)), names)
        for line, lrn in enumerate(here):
            text = f"● {'with' if lrn else 'without'} LRN"
            axes.text(0.3 * line, 1.02, text, color=LRN_HUES[lrn], transform=axes.transAxes)
        axes.xaxis.set_major_locator(MaxNLocator(7))
        style.grid(axes, "x")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    said = words.pairs(
        {
            f"{row.effect}, {'with' if row.lrn else 'without'} LRN": f"{signed(row.mean)} points"
            for row in table.itertuples()
        }
    )
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption="The parts of ReLU in points of accuracy. The gate's effect is the mean over both forward passes, "
        "that of the forward pass the mean over both gradients; the two add up to all of ReLU, ReLU minus identity. "
        "The interaction is what the gate adds to ReLU forward, less what it adds to the identity. "
        f"{what_dots_are(table['n'])}{words.diverged(frame)}",
        alt=f"Dot chart of effects on the accuracy. {said}.",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def orders(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-orders-trained") -> Figure:
    """Test accuracy over the steps with the activation before the pooling and behind it, a panel for each pair."""
    rows = evaluations(frame, weights)
    rows = rows[rows["step"] > 0]
    shown = [p for p in orders_trained.PAIRS if {p + order for order in ORDER_HUES} & set(rows["network"])]
    if not shown:
        refuse("frame", list(frame["network"].unique()), "one of the study “order”, evaluated behind step 0")
    gaps = orders_trained.pairs(frame, weights=weights).set_index("pair")
    lines = -(-len(shown) // 2)
    said = {p: f"{signed(gaps.loc[p, 'mean'])} points" if p in gaps.index else "not finished" for p in shown}
    with style.scoped():
        plot, panels = style.canvas(0.9 + 2.1 * lines, nrows=lines, ncols=2, sharex=True, sharey=True, squeeze=False)
        for axes, pair in zip(panels.flat, shown, strict=False):
            for (order, hue), width in zip(ORDER_HUES.items(), (3.6, 1.6), strict=True):
                _mean(axes, rows[rows["network"] == pair + order], hue, width=width)
            axes.set_title(pair, pad=4)
            axes.text(0.97, 0.2, said[pair], ha="right", transform=axes.transAxes)
            axes.set_xscale("log")
            curve_axes(axes, rows, room=1.1)
            axes.xaxis.set_tick_params(labelbottom=True)
        for axes in panels.flat[len(shown) :]:
            axes.remove()
        for line, (order, hue) in enumerate(ORDER_HUES.items()):
            panels.flat[0].text(0.05, 0.86 - 0.13 * line, order[2:], color=hue, transform=panels.flat[0].transAxes)
        plot.supxlabel("training step", fontsize=11)
        plot.supylabel("test accuracy", fontsize=11)
    return Figure(
        id=id,
        plot=plot,
        frame=rows[["network", "seed", "weights", "step", "accuracy", "diverged_at", "key"]].reset_index(drop=True),
        caption="Both orders, trained. Test accuracy during training with the activation before the pooling and behind "
        "it; dots are single seeds, lines their means. In the panels: activation last minus first, at the end, in "
        f"points.{words.diverged(frame)}",
        alt=f"Line charts of test accuracy, both orders in each. Activation last minus first: {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(rows["key"].unique()),
    )


def parting(lockstep: pd.DataFrame, *, basis: str, id: str = "fig-parting") -> Figure:
    """How far the training losses of two orders are apart, batch by batch, on a log scale with a place for zero."""
    found = orders_trained.coincidence(lockstep)
    hues = style.hues(lockstep["pair"])
    apart = lockstep.loc[lockstep["difference"] > 0, "difference"]
    least = 10.0 ** np.floor(np.log10(apart.min())) if len(apart) else 1e-7
    zero = least / 30
    top = max(10 * apart.max(), 1e3 * least) if len(apart) else 1.0
    equal = list(found.loc[found["parted"].isna(), "pair"])
    with style.scoped():
        plot, axes = style.canvas(4.4)
        axes.axhspan(zero / 3, zero * 3, color=style.PALE, linewidth=0, zorder=0)
        heights = []
        for place, (pair, hue) in enumerate(hues.items()):
            curve = lockstep[lockstep["pair"] == pair]
            drawn = curve["difference"].where(curve["difference"] > 0, zero)
            width = (2.2, 1.2)[equal.index(pair) % 2] if pair in equal else 1.6
            axes.plot(curve["step"], drawn, "o-", color=hue, lw=width, ms=3.5 + 1.5 * (pair in equal) * (width > 2),
                      zorder=2 + (width < 2))  # fmt: skip
            heights.append(np.log10(drawn.iloc[-5:].to_numpy(float)).mean() - 1e-3 * place)
        axes.set_yscale("log")
        axes.set(ylim=(zero / 3, top), xlabel="batch")
        axes.set_title("difference of the two training losses", weight="normal")
        powers = np.arange(np.log10(least), np.floor(np.log10(top)) + 0.5, 1 if top / least < 1e7 else 2)
        axes.set_yticks([zero, *10.0**powers], minor=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "none" if value < least / 3 else _power(value)))
        axes.minorticks_off()
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        style.grid(axes, "y")
        _names_at_the_end(axes, list(hues), heights, list(hues.values()))
    said = words.pairs(
        {
            row.pair: "no difference"
            if np.isnan(row.parted)
            else f"from batch {row.parted:.0f} on, by up to {words.scientific(row.largest)}"
            for row in found.itertuples()
        }
    )
    return Figure(
        id=id,
        plot=plot,
        frame=lockstep,
        caption="Where two orders part. Difference of the training losses of the same network with the activation "
        f"before and behind the pooling, same weights to begin with and same batches. {said}.",
        alt=f"Line chart of differences of losses over batches, log scale, with a band for no difference. {said}.",
        basis=basis,
    )


def _names_at_the_end(axes: Axes, names: list[str], heights: list[float], hues: list[str]) -> None:
    """:func:`end_labels` on a log axis: labels are spread on a linear one that shares its place."""
    beside = axes.twinx()
    low, high = axes.get_ylim()
    beside.set_ylim(float(np.log10(low)), float(np.log10(high)))
    beside.axis("off")
    end_labels(beside, names, heights=heights, colours=hues, width=20)


def _power(value: float) -> str:
    exponent = str(round(np.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == "⁰" else f"10{exponent}"


def _mean(axes: Axes, rows: pd.DataFrame, hue: str, *, width: float, dots: bool = True) -> None:
    """The mean of the seeds that did not diverge, a dot for each seed, and a cross where one diverged."""
    going = rows[rows["diverged_at"].isna()]
    axes.plot(going.groupby("step")["accuracy"].mean(), color=hue, linewidth=width, zorder=2 + 1 / width)
    if not dots:
        return
    axes.plot(rows["step"], rows["accuracy"], "o", color=hue, markersize=2.5 + width / 2, alpha=0.7, mew=0)
    for _, gone in rows[rows["diverged_at"].notna()].groupby("seed"):
        axes.plot(gone["step"].iloc[-1], gone["accuracy"].iloc[-1], "X", color=hue, markersize=9)
