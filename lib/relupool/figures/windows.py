"""The figures of *When does ReLU change a pooled value?*: what likeness and bias do to windows, and to channels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from relupool.figures import style, words
from relupool.figures.figure import Figure
from relupool.figures.labels import percent_axis

HEADROOM = 1.04


def _share(value: float) -> str:
    """A share in per cent: small ones with more digits."""
    return words.percent(value, 2 if value < 0.01 else 1)


@style.scoped()
def correlation(curves: pd.DataFrame, drawn: pd.DataFrame) -> Figure:
    """The probability that a window is all negative over the correlation of its values, with simulated windows.

    ``curves`` has columns values, rho, all_negative; ``drawn`` values, rho, windows, all_negative, low and high.
    """
    plot, axes = style.canvas(4.1)
    hues = style.hues(curves["values"])
    for values, hue in hues.items():
        line, dots = (frame[frame["values"] == values] for frame in (curves, drawn))
        axes.plot(line["rho"], line["all_negative"], color=hue, label=f"{values} values")
        reach = np.abs(
            [dots["all_negative"] - dots["low"], dots["high"] - dots["all_negative"]]
        )  # rounding at the ends
        axes.errorbar(dots["rho"], dots["all_negative"], yerr=reach, fmt="o", ms=5, color=hue, elinewidth=1.5)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.005, 0.5 * HEADROOM), xlabel="correlation of any two values in the window")
    axes.set_title("probability of an all-negative window", weight="normal")
    percent_axis(axes, "y")
    style.grid(axes, "y")
    axes.legend(loc="upper left")
    missed = drawn.merge(curves, on=["values", "rho"], suffixes=("", "_stated"))
    inside = missed["all_negative_stated"].between(missed["low"], missed["high"]).sum()
    ends = {
        f"{n} values": f"{_share(line['all_negative'].iloc[0])} at 0, {_share(line['all_negative'].iloc[-1])} at 1"
        for n, line in curves.sort_values("rho").groupby("values", sort=False)
    }
    return Figure(
        id="fig-correlation",
        plot=plot,
        frame=pd.concat([curves.assign(kind="computed"), drawn.assign(kind="drawn")], ignore_index=True),
        caption="The more alike the values of a window, the more often they are all negative. Lines: normal values of "
        f"mean zero, computed ({words.pairs(ends)}). Dots: {int(drawn['windows'].max()):,} windows drawn for each, "
        f"with {words.LEVEL_WORDS} intervals; of these {len(missed)} intervals {inside} hold the computed value.",
        alt=f"Rising lines of the probability of an all-negative window over the correlation: {words.pairs(ends)}. "
        "Simulated dots lie along the lines.",
        basis="Computed by integration, and simulated with a seed; nothing was trained.",
    )


@style.scoped()
def bias(curves: pd.DataFrame, *, mean: float) -> Figure:
    """The probability that a window is all negative over the mean of its values, a line for each correlation.

    ``curves`` has columns values (one number), rho, mean (in standard deviations) and all_negative; the given ``mean``
    is marked.
    """
    (values,) = curves["values"].unique()
    plot, axes = style.canvas(4.0)
    hues = style.hues(f"{rho:g}" for rho in curves["rho"])
    marked = {}
    for rho, hue in hues.items():
        line = curves[curves["rho"].map("{:g}".format) == rho]
        name = "independent" if rho == "0" else f"correlation {rho}"
        axes.plot(line["mean"], line["all_negative"], color=hue, label=name)
        marked[rho] = float(np.interp(mean, line["mean"], line["all_negative"]))
        axes.plot([mean], [marked[rho]], "o", color=hue)
    axes.legend(loc="upper right")
    axes.axvline(mean, color=style.MUTED, lw=1, ls=":", zorder=0)
    axes.set(xlabel="mean of the values, in standard deviations", ylim=(0, HEADROOM))
    axes.set(xlim=(curves["mean"].min(), curves["mean"].max()))
    axes.set_title(f"probability that all {values} values are negative", weight="normal")
    percent_axis(axes, "y")
    style.grid(axes, "y")
    found = words.pairs({f"correlation {rho}": _share(share) for rho, share in marked.items()})
    at = f"{mean:g}".replace("-", "\N{MINUS SIGN}")
    return Figure(
        id="fig-bias",
        plot=plot,
        frame=curves,
        caption=f"What a bias does. Probability that {values} normal values are all negative, over their mean. Dots: "
        f"at a mean of {at} standard deviations, {found}.",
        alt=f"Lines that fall from nearly 100 % to 0 as the mean rises. At {at}: {found}.",
        basis="Computed by integration; nothing was trained.",
    )


@style.scoped()
def neighbours(frame: pd.DataFrame, *, basis: str) -> Figure:
    """How alike neighbouring pre-activations are: correlation over distance, mean and spread of the channels.

    ``frame`` has columns layer, channel, distance (positions) and correlation.
    """
    plot, axes = style.canvas(3.9)
    hues = style.hues(frame["layer"])
    for k, (layer, hue) in enumerate(hues.items()):
        apart = frame[frame["layer"] == layer].groupby("distance")["correlation"]
        place = np.array(list(apart.groups)) + 0.05 * (2 * k - len(hues) + 1)
        mean, low, high = apart.mean(), apart.quantile(0.1), apart.quantile(0.9)
        axes.vlines(place, low, high, color=hue, lw=5, alpha=0.35)
        axes.plot(place, mean, "o-", color=hue, lw=1.2, label=layer)
    axes.axhline(0, color=style.GRID, lw=0.8)
    lowest = frame.groupby(["layer", "distance"])["correlation"].quantile(0.1).min()
    axes.set(ylim=(min(-0.05, lowest - 0.05), 1.02), xlabel="distance, in positions")
    axes.set_xticks(frame["distance"].unique(), [_root(distance) for distance in frame["distance"].unique()])
    axes.set_title("correlation of two pre-activations", weight="normal")
    style.grid(axes, "y")
    axes.legend(loc="lower left", handletextpad=0.4)
    nearest = frame[frame["distance"] == frame["distance"].min()].groupby("layer", sort=False)["correlation"].mean()
    said = words.pairs({layer: f"{value:.2f}" for layer, value in nearest.items()})
    return Figure(
        id="fig-neighbours",
        plot=plot,
        frame=frame,
        caption="How alike neighbours are in the untrained network. Correlation of two pre-activations of a channel "
        f"that fall into one window, over their distance; for direct neighbours {said}. Dots are means over channels, "
        "bars hold the middle 80 % of them.",
        alt=f"Dots with bars that fall with the distance; at distance 1 the mean correlation is {said}.",
        basis=basis,
    )


@style.scoped()
def channels(frame: pd.DataFrame, curves: pd.DataFrame, *, basis: str, id: str, runs: tuple[str, ...] = ()) -> Figure:
    """Every channel by its share of negative values and of all-negative windows, first and last time, layer by layer.

    ``frame`` has columns layer, channel, step, negative and all_negative; ``curves`` rho, negative and all_negative:
    what values of equal correlation would give.
    """
    layers, steps = list(frame["layer"].unique()), sorted(frame["step"].unique())
    first, last = steps[0], steps[-1]
    plot, panels = style.canvas(4.1, ncols=len(layers), sharex=True, sharey=True, squeeze=False)
    for axes, layer in zip(panels.flat, layers, strict=True):
        for rho, line in curves.groupby("rho", sort=False):
            axes.plot(line["negative"], line["all_negative"], color=style.MUTED, lw=1.1, ls=_dashes(rho))
        for step, colour, filled in ((first, style.ORANGE, False), (last, style.BLUE, True))[: len(steps)]:
            dots = frame[(frame["layer"] == layer) & (frame["step"] == step)]
            face = colour if filled else "none"
            axes.plot(
                dots["negative"], dots["all_negative"], "o", ms=5, mec=colour, mfc=face, mew=1.1, label=f"step {step:,}"
            )
        axes.set_title(layer)
        axes.set(xlim=(-0.03, 1.04), ylim=(-0.02, 1.02))
        axes.set_xticks([0, 0.5, 1])
        percent_axis(axes, "x")
        percent_axis(axes, "y")
        style.grid(axes, "y")
    panels.flat[0].legend(loc="upper left", handletextpad=0.1, borderpad=0)
    plot.supxlabel("negative pre-activations of the channel", fontsize=11)
    plot.supylabel("all-negative windows", fontsize=11)
    means = frame.groupby(["layer", "step"])[["negative", "all_negative"]].mean()
    said = words.pairs(
        {
            layer: f"from {words.percent(means.loc[(layer, first), 'all_negative'], 0)} to "
            f"{words.percent(means.loc[(layer, last), 'all_negative'], 0)}"
            for layer in layers
        }
    )
    between = words.listing(f"{rho:g}" for rho in sorted(curves["rho"].unique()))
    return Figure(
        id=id,
        plot=plot,
        frame=frame,
        caption=f"Where the channels go in training. A dot is a channel, at step {first:,} and at step {last:,}. Grey, "
        f"from the lowest curve up: normal values with a correlation of {between}. Mean share of all-negative windows: "
        f"{said}.",
        alt=f"Scatter plots of the share of all-negative windows over the share of negative values, one dot a channel, "
        f"between grey curves for correlations {between}. Means: {said}.",
        basis=basis,
        runs=runs,
    )


def _root(distance: float) -> str:
    """A distance between positions as readers know it: 1, √2, 2."""
    return f"{distance:.0f}" if distance == round(distance) else f"√{distance**2:.0f}"


def _dashes(rho: float) -> str | tuple[int, tuple[int, int]]:
    return "-" if rho in (0, 1) else (0, (4, 2))
