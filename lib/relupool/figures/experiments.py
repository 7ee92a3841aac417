"""Figures of networks in training: rows of the result store in, :class:`Figure` out; nothing is shown.

A store frame has one row per evaluation and kind of weights: study, preset, network, seed, step, weights, accuracy,
loss, diverged_at, steps, dataset, dtype, backend, device, train_images, test_images, key.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool.figures import style, words
from relupool.figures.accuracy import curve_axes, end_of, evaluations, final
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import count_axis, end_labels, percent_axis
from relupool.validation import refuse

SHOWN = ["network", "seed", "weights", "step", "accuracy", "diverged_at", "key"]
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def learning_curves(
    frame: pd.DataFrame, *, weights: str = "averaged", scale: str = "log", id: str = "fig-learning-curves"
) -> Figure:
    """Test accuracy against training steps: a line for each network, thin lines for its seeds.

    ``weights`` is "averaged" or "raw"; ``scale`` of the steps "log", on which step 0 has no place, or "linear".
    """
    if scale not in ("log", "linear"):
        refuse("scale", scale, "one of 'log', 'linear'")
    rows = evaluations(frame, weights)
    rows = rows[rows["step"] > 0] if scale == "log" else rows
    hues = style.hues(frame["network"])
    ends = {name: end_of(rows[rows["network"] == name]) for name in rows["network"].unique()}
    with style.scoped():
        plot, axes = style.canvas(4.2)
        axes.set_xscale(scale)
        for (network, hue), width in zip(hues.items(), _widths(len(hues)), strict=True):
            _draw_curves(axes, rows[rows["network"] == network], hue, width=width)
        curve_axes(axes, rows)
        axes.set_title("test accuracy", weight="normal")
        axes.set_xlabel("training step")
        end_labels(
            axes,
            [f"{value} {name}" for name, (value, _) in ends.items()],
            heights=[height for _, height in ends.values()],
            colours=[hues[name] for name in ends],
        )
    of = "moving averages of the weights" if weights == "averaged" else "the weights as they are"
    return Figure(
        id=id,
        plot=plot,
        frame=rows[SHOWN].reset_index(drop=True),
        caption=f"Test accuracy during training, with {of}. {_what_lines_are(rows)} Dotted: guessing among ten "
        f"classes.{words.diverged(frame)}",
        alt=f"Line chart of test accuracy over training steps {rows['step'].min():,} to {rows['step'].max():,}. "
        f"At the end: {words.pairs({name: value for name, (value, _) in ends.items()})}.",
        basis=basis(frame),
        runs=sorted(rows["key"].unique()),
    )


def averaged_vs_raw(frame: pd.DataFrame, *, id: str = "fig-averaged-vs-raw") -> Figure:
    """Test accuracy of the averaged and of the raw weights during training, a panel for each network."""
    both = pd.concat([evaluations(frame, "averaged"), evaluations(frame, "raw")])
    both = both[both["step"] > 0]
    networks = list(both["network"].unique())
    columns = min(len(networks), 2)
    lines = -(-len(networks) // columns)
    with style.scoped():
        plot, panels = style.canvas(
            1.0 + 2.1 * lines, nrows=lines, ncols=columns, sharex=True, sharey=True, squeeze=False
        )
        for axes, network in zip(panels.flat, networks, strict=False):
            axes.set_xscale("log")
            for weights, hue in (("raw", style.ORANGE), ("averaged", style.BLUE)):
                _draw_curves(axes, both[(both["network"] == network) & (both["weights"] == weights)], hue)
            curve_axes(axes, both)
            axes.set_title(network, pad=4)
            axes.xaxis.set_tick_params(labelbottom=True)
        for axes in panels.flat[len(networks) :]:
            axes.remove()
        first = panels.flat[0]
        for place, (weights, hue) in enumerate((("raw", style.ORANGE), ("averaged", style.BLUE))):
            first.text(
                0.97, 0.19 + 0.15 * place, f"{weights} weights", color=hue, ha="right", transform=first.transAxes
            )
        plot.supxlabel("training step", fontsize=11)
        plot.supylabel("test accuracy", fontsize=11)
    gained = {name: f"{words.hundredfold(gain, sign='+')}{words.NBSP}points" for name, gain in _gains(both).items()}
    gains = words.pairs(gained)
    gains = f" What averaging adds at the end: {gains}." if gains else ""
    return Figure(
        id=id,
        plot=plot,
        frame=both[SHOWN].reset_index(drop=True),
        caption="What averaging the weights gives. Test accuracy during training, of moving averages of the weights "
        f"and of the weights as they are. {_what_lines_are(both)}{gains}{words.diverged(frame)}",
        alt=f"Line charts of test accuracy over training steps, averaged against raw weights.{gains}",
        basis=basis(frame),
        runs=sorted(both["key"].unique()),
    )


def all_negative_windows(frame: pd.DataFrame, *, runs: pd.DataFrame, id: str = "fig-all-negative-windows") -> Figure:
    """Fraction of pooling windows with negative values alone, layer by layer, over the training steps.

    ``frame`` has one row per network, seed, step, layer, channel and number of real ``values`` in the window, with the
    fraction ``all_negative``; ``runs`` are the rows of the store that it was measured in. Drawn are the whole windows,
    those with the most values: the mean over channels and seeds, and for a single network the middle 80 % of the
    channels. Dotted is 2^-n, what n independent values of either sign would give.
    """
    needed = {"network", "seed", "step", "layer", "channel", "values", "all_negative"}
    if missing := needed - set(frame.columns):
        refuse("frame", list(frame.columns), f"a frame with the columns {', '.join(sorted(missing))} too")
    values = int(frame["values"].max())
    whole = frame[frame["values"] == values]
    layers, hues = list(whole["layer"].unique()), style.hues(whole["network"])
    top = 0.1 * np.ceil(10 * max(0.5, whole.groupby(["layer", "network", "step"])["all_negative"].quantile(0.9).max()))
    with style.scoped():
        plot, panels = style.canvas(3.4 + 0.25 * -(-len(hues) // 2), ncols=len(layers), sharey=True, squeeze=False)
        for axes, layer in zip(panels.flat, layers, strict=True):
            for (network, hue), width in zip(hues.items(), _widths(len(hues)), strict=True):
                shares = whole[(whole["layer"] == layer) & (whole["network"] == network)].groupby("step")[
                    "all_negative"
                ]
                if len(hues) == 1:
                    low, high = shares.quantile(0.1), shares.quantile(0.9)
                    axes.fill_between(low.index, low, high, color=style.PALE_BLUE, linewidth=0)
                axes.plot(
                    shares.mean(),
                    color=hue,
                    linewidth=width,
                    marker="o",
                    markersize=1.5 + width,
                    zorder=2 + 1 / width,
                    label=network,
                )
            axes.axhline(2.0**-values, color=style.INK, linewidth=1.2, linestyle=":")
            axes.set_title(layer)
            axes.set_xscale("symlog", linthresh=100, linscale=0.4)
            axes.set(xlim=(0, whole["step"].max() * 1.06), ylim=(0, top), xlabel="training step")
            percent_axis(axes, "y")
            count_axis(axes, "x")
            style.grid(axes, "y")
        plot.supylabel("all-negative windows", fontsize=11)
        if len(hues) > 1:
            plot.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    last = whole[whole["step"] == whole["step"].max()].groupby(["layer", "network"], sort=False)["all_negative"].mean()
    found = words.pairs({f"{layer}, {network}": words.percent(share) for (layer, network), share in last.items()})
    over = " and seeds" if whole["seed"].nunique() > 1 else ""
    band = " the band holds the middle 80 % of the channels." if len(hues) == 1 else ""
    return Figure(
        id=id,
        plot=plot,
        frame=whole.reset_index(drop=True),
        caption="How often ReLU can matter to a max-pool. Fraction of whole pooling windows in which all values are "
        f"negative, the only ones where ReLU changes the maximum. Lines are means over channels{over}"
        f"{';' if band else '.'}{band} Dotted: 2⁻{str(values).translate(SUPERSCRIPT)}, which is "
        f"{words.percent(2.0**-values)}, as for {values} independent values of either sign. At the end: {found}.",
        alt=f"Line charts of the fraction of all-negative pooling windows behind {words.listing(layers)}, over "
        f"training steps {whole['step'].min():,} to {whole['step'].max():,}. At the end: {found}.",
        basis=basis(runs),
        runs=sorted(runs["key"].unique()),
    )


def _widths(lines: int) -> list[float]:
    """Widths in points: every other line is thin, and runs on top of a neighbour that has the same values."""
    return [2.0] if lines == 1 else [(3.6, 1.6)[line % 2] for line in range(lines)]


def _draw_curves(axes: Axes, rows: pd.DataFrame, hue: str, *, width: float = 2) -> None:
    """The runs of one network, thin, the mean of those that did not diverge, and a cross where one did."""
    for _, curve in rows.groupby("seed"):
        axes.plot(curve["step"], curve["accuracy"], color=hue, linewidth=0.8, alpha=0.5)
        if curve["diverged_at"].notna().any():
            axes.plot(curve["step"].iloc[-1], curve["accuracy"].iloc[-1], "X", color=hue, markersize=9)
    mean = rows[rows["diverged_at"].isna()].groupby("step")["accuracy"].mean()
    axes.plot(mean, color=hue, linewidth=width, marker="o", markersize=1.5 + width, zorder=2 + 1 / width)


def _what_lines_are(rows: pd.DataFrame) -> str:
    seeds = rows.groupby("network")["seed"].nunique()
    if seeds.max() == 1:
        return "One seed each."
    return f"Pale lines are single seeds ({words.counts(seeds, 'seed')} for each network), full ones their mean."


def _gains(both: pd.DataFrame) -> dict[str, float]:
    """Mean final accuracy of the averaged weights minus that of the raw ones, by network."""
    means = final(both).groupby(["network", "weights"], sort=False)["accuracy"].mean().unstack()
    return (means["averaged"] - means["raw"]).to_dict() if len(means) else {}
