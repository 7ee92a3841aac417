"""The figures of *How often does ReLU act?*: all-negative windows over training, by chance, by channel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import IMAGE_NAMES, Figure
from relupool.figures.order import shaded, show

CHANCE = 2.0**-9
"""The share of windows that are all negative if the signs of nine values are independent coin tosses."""


@style.scoped()
def over_training(channels: pd.DataFrame, *, runs: pd.DataFrame, has_relu: bool = True) -> Figure:
    """The share of all-negative windows over the training steps, a line for each layer.

    ``channels`` has columns seed, step, layer, channel and all_negative; ``runs`` are the rows of the store that they
    were counted in, of networks with ReLU in their convolutional layers or without it.
    """
    seeds = channels.groupby(["layer", "step", "seed"], sort=False)["all_negative"].mean()
    rows = seeds.groupby(["layer", "step"], sort=False).agg(["mean", "min", "max"]).reset_index()
    last = rows["step"].max()
    ends = rows[rows["step"] == last].set_index("layer")["mean"]
    apart = float((rows["max"] - rows["min"]).max())
    plot, axes = style.canvas(3.2)
    for _, line in rows.groupby("layer", sort=False):
        axes.plot(line["step"], line["mean"], "o-", color=style.RELU, lw=2.5, ms=5, clip_on=False)
    axes.axhline(CHANCE, color=style.MUTED, lw=2)
    tosses = f"{words.percent(CHANCE)} (2⁻⁹) if signs were independent coin tosses"
    marks.note(axes, tosses, (last, CHANCE), (0, 5), ha="right", color=style.MUTED)
    axes.set(xlim=(-0.012 * last, last), ylim=(-0.02, max(0.8, 0.1 * np.ceil(10 * rows["max"].max()))))
    axes.set_title("windows whose values are all negative", weight="normal")
    axes.set_xlabel("training step")
    marks.percent_axis(axes, "y")
    marks.count_axis(axes, "x")
    marks.grid(axes, "y")
    labels = [f"{words.percent(share, 0)} after {layer}" for layer, share in ends.items()]
    marks.end_labels(axes, labels, heights=list(ends), colours=[style.RELU] * len(labels))
    acts, said = "ReLU acts on" if has_relu else "ReLU would act on", words.listing(labels)
    return Figure.of_runs(
        runs,
        id="fig-windows-trained",
        plot=plot,
        frame=rows,
        caption=f"{acts} {said.replace(' after', ' of the windows after', 1)}. It changes what a max-pool gives only "
        "where all values of the window are negative (after conv2 also, a little, through the normalization between "
        f"the two). Lines are means over channels and seeds; no two seeds are more than {words.hundredfold(apart)} "
        "points apart.",
        alt=f"Line chart of the share of all-negative windows over training steps 0 to {last:,}. At the end: {said}. "
        f"Far below, a line at {words.percent(CHANCE)} marks what independent coin tosses would give.",
    )


@style.scoped()
def one_channel(picture: np.ndarray, values: np.ndarray, *, dataset: str, network: str) -> Figure:
    """An image, what a channel makes of it, and where in it ReLU acts before a max-pool of 3 x 3 with stride 2.

    ``picture`` is uint8 ``(side, side, 3)``, ``values`` ``(side, side)``, before the activation of a trained
    ``network``; only windows that lie wholly inside count.
    """
    largest = sliding_window_view(values, (3, 3)).max(axis=(2, 3))[::2, ::2]
    acts = float((largest < 0).mean())
    plot, axes = style.canvas(2.6, ncols=3)
    strength, most = (np.sqrt(np.abs(part) / np.abs(values).max()) for part in (values, largest))
    silent = np.where(largest < 0, 1, most)
    show(axes[0], picture, "image")
    show(axes[1], shaded(values, strength), "one channel’s values")
    show(axes[2], shaded(largest, silent, below=style.RELU), "the largest of each window")
    rows = [
        (name, *at, v) for name, part in (("value", values), ("largest", largest)) for at, v in np.ndenumerate(part)
    ]
    return Figure(
        id="fig-one-channel",
        plot=plot,
        frame=pd.DataFrame(rows, columns=["map", "row", "column", "value"]),
        caption=f"In this channel ReLU acts on {words.percent(acts, 0)} of the windows. Positive values are green, "
        "negative ones pink, the stronger the larger; orange: all nine values of the window are negative, so that ReLU "
        "puts a zero there.",
        alt="An image; a channel’s answer to it, mottled green and pink; and the maxima of its windows, green where "
        f"a value is positive, and orange in the {words.percent(acts, 0)} of them where none is.",
        basis=f"One test image of {IMAGE_NAMES[dataset]}; {network}.",
        tag=f"a {'CIFAR-10' if dataset == 'cifar10' else 'toy'} image; {network}",
    )


@style.scoped()
def signs(chances: dict[str, np.ndarray]) -> Figure:
    """How many values of a window are negative: a panel of bars for each of ``chances``, the last bar marked."""
    values = len(next(iter(chances.values()))) - 1
    plot, panels = style.canvas(2.7, ncols=len(chances), sharey=True)
    for axes, (name, chance) in zip(panels, chances.items(), strict=True):
        axes.bar(range(values), chance[:-1], color=style.MUTED, width=0.8)
        axes.bar([values], chance[-1:], color=style.RELU, width=0.8)
        share = words.percent(chance[-1], 1 if chance[-1] < 0.05 else 0)
        top = (values, max(chance[-2:]))
        marks.note(axes, share, top, (0, 4), ha="center", color=style.RELU, weight="bold")
        axes.set_title(name)
        axes.set_xticks([0, values])
        axes.set(xlim=(-0.7, values + 1), ylim=(0, 0.58))
        marks.percent_axis(axes, "y")
        marks.grid(axes, "y")
    plot.supxlabel(f"negative values among {values}")
    rows = [(name, k, p) for name, chance in chances.items() for k, p in enumerate(chance)]
    said = words.pairs({name: words.percent(chance[-1]) for name, chance in chances.items()})
    return Figure(
        id="fig-correlation",
        plot=plot,
        frame=pd.DataFrame(rows, columns=["values are", "negative", "probability"]),
        caption=f"Values that are alike are often negative together. How many of {values} normal values are negative, "
        "if each of them is negative half of the time. Only in the last, orange case does ReLU act.",
        alt=f"Three bar charts of the number of negative values among {values}: a bell, a flat row, and two bars at "
        f"the ends. All are negative with probability {said}.",
        basis="Computed by integration; nothing was trained.",
    )


@style.scoped()
def channels(frame: pd.DataFrame, curves: pd.DataFrame, *, runs: pd.DataFrame) -> Figure:
    """Every channel of the first seed by its share of negative values and of all-negative windows, first and last time.

    ``frame`` has columns seed, layer, channel, step, negative and all_negative; ``curves`` rho, negative and
    all_negative: what values of equal correlation would give.
    """
    steps = [frame["step"].min(), frame["step"].max()]
    ours = frame[(frame["seed"] == 0) & frame["step"].isin(steps)]
    layers = list(ours["layer"].unique())
    looks = dict(zip(steps, ({"mfc": "none", "alpha": 0.7}, {"mew": 0, "alpha": 0.55}), strict=True))
    plot, panels = style.canvas(3.7, ncols=len(layers), sharey=True)
    for axes, layer in zip(panels, layers, strict=True):
        for rho, line in curves.groupby("rho"):
            axes.plot(line["negative"], line["all_negative"], color=style.INK, lw=1.1, ls="-" if rho in (0, 1) else ":")
        for step, look in looks.items():
            dots = ours[(ours["layer"] == layer) & (ours["step"] == step)]
            axes.plot(dots["negative"], dots["all_negative"], "o", color=style.RELU, ms=5, **look)
        axes.set_title(layer)
        axes.set(xlim=(0, 1.01), ylim=(-0.01, 1.01))
        axes.set_xticks([0, 0.5, 1])
        marks.percent_axis(axes, "x")
        marks.percent_axis(axes, "y")
        marks.grid(axes, "y")
    first = panels[0]
    along = {"rotation_mode": "anchor", "transform_rotates_text": True}
    first.text(0.62, 0.65, "identical", rotation=45, **along)
    first.text(0.945, 0.2, "independent", rotation=77, **along)
    for place, (step, dot) in enumerate(zip(steps, "○●", strict=True)):
        first.text(0.04, 0.92 - 0.09 * place, f"{dot} step {step:,}", color=style.RELU)
    plot.supxlabel("negative values of the channel")
    plot.supylabel("all-negative windows")
    means = ours.groupby(["layer", "step"], sort=False)[["negative", "all_negative"]].mean()
    rises = all((part["negative"].diff().dropna() > 0).all() for _, part in means.groupby("layer"))
    selective = "Training makes channels selective, and their windows all negative"
    said = {
        f"{layer}, step {step:,}": f"{words.percent(row['negative'], 0)} of values, "
        f"{words.percent(row['all_negative'], 0)} of windows"
        for (layer, step), row in means.iterrows()
    }
    return Figure.of_runs(
        runs[runs["seed"] == 0],
        id="fig-channels",
        plot=plot,
        frame=ours.reset_index(drop=True),
        caption=f"{selective if rises else 'Channels and their windows'}. Each dot is a channel, before training and "
        "at its end. Lines: windows of nine independent values, of identical ones, and, dotted, of normal ones with "
        "correlation ½.",
        alt=f"Scatter plots, a panel for each layer, between a low and a high curve. Means: {words.pairs(said)}.",
    )
