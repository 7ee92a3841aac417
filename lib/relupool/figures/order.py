"""The figures on before and after: both orders of a few numbers and trained, activations that dip, what cancels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import IMAGE_NAMES, Figure, basis_of
from relupool.measures import orders, runs
from relupool.measures.estimate import Estimate

ABOVE, BELOW = "#1b9e77", "#c0509f"
"""Positive and negative in a picture, by their transparency on light and dark pages alike."""

FIRST, LAST = style.RELU, style.AVERAGE
"""Colours of "activation first" and of "pool first"."""

ORDERS = (orders.FIRST, orders.LAST)


@style.scoped()
def trained(frame: pd.DataFrame) -> Figure:
    """What accuracy each pair of activation and pool ends with in both orders; ``frame`` is of the study "order"."""
    differences = orders.first_minus_last(frame)
    ends = runs.ends(frame)
    ends = ends[ends["network"].isin([pair + order for pair in differences for order in ORDERS])]
    seeds = ends.set_index(["network", "seed"])["accuracy"]
    widest = max(differences, key=lambda pair: abs(differences[pair].mean))
    said = {pair: _outcome(difference) for pair, difference in differences.items()}
    plot, axes = style.canvas(0.85 + 0.47 * len(differences))
    for place, (pair, difference) in enumerate(differences.items()):
        first, last = (seeds.xs(pair + order) for order in ORDERS)
        axes.plot([first.mean(), last.mean()], [place, place], color=style.GRID, lw=5, zorder=0)
        if difference.n > 1:
            bar = first.mean() - np.array([difference.low, difference.high])
            axes.plot(bar, [place, place], color=LAST, lw=1.6)
        axes.plot(last.mean(), place, "o", ms=11, mfc=style.PAPER, mec=LAST, mew=2.2, zorder=3)
        axes.plot(first.mean(), place, "o", ms=6.5, color=FIRST, zorder=4)
        marks.beside(axes, said[pair], place, colour=style.INK)
        if pair == widest:
            look = {"fontsize": style.SMALL, "weight": "bold"}
            marks.note(axes, "activation first", (first.mean(), place), (-8, 9), ha="left", color=FIRST, **look)
            marks.note(axes, "pool first", (last.mean(), place), (12, 9), ha="right", color=LAST, **look)
    marks.beside(axes, "activation first\nminus pool first", -0.85, colour=style.MUTED)
    names = {pair: f"{pair.replace(' and ', ', ')}-pool" for pair in differences}
    axes.set(ylim=(len(differences) - 0.5, -0.55), xlabel="test accuracy at the end")
    marks.rows(axes, list(names.values()))
    axes.margins(x=0.22)
    marks.percent_axis(axes, "x")
    marks.grid(axes, "x")
    averages = [e for pair, e in differences.items() if pair.endswith(("average", "blur"))]
    matters = bool(averages) and all(e.low > 0 for e in averages)
    return Figure.of_runs(
        frame,
        drawn=ends,
        id="fig-orders-trained",
        plot=plot,
        frame=ends[["network", "seed", "weights", "step", "accuracy", "key"]].reset_index(drop=True),
        caption=f"{'With averages, ReLU belongs before the pool.' if matters else 'The same network in both orders.'} "
        "Test accuracy of a small network with its activations before its pools (full dots) and after them (hollow); "
        f"lines: {words.LEVEL_WORDS} intervals of their difference. A blur-pool is a weighted average.",
        alt="Dot chart of test accuracy in both orders. Activation first minus pool first: "
        f"{words.pairs({names[pair]: outcome for pair, outcome in said.items()})}.",
    )


def _outcome(estimate: Estimate) -> str:
    return "identical" if not any(estimate.values) else estimate.signed_points


@style.scoped()
def over_training(frame: pd.DataFrame) -> Figure:
    """Test accuracy over the training steps with ReLU before and after an average-pool; ``frame`` as above."""
    pair = "ReLU and average"
    difference = orders.first_minus_last(frame)[pair]
    networks = [pair + order for order in ORDERS]
    rows = frame[(frame["step"] > 0) & (frame["weights"] == "averaged") & frame["network"].isin(networks)]
    plot, axes = style.canvas(3.4)
    ends = {}
    looks = ((FIRST, "-"), (LAST, (0, (5, 1.5))))
    for network, name, (hue, dash) in zip(networks, pair.split(" and "), looks, strict=True):
        ours = rows[rows["network"] == network]
        curve = ours.groupby("step")["accuracy"].mean()
        axes.plot(curve, color=hue, lw=2.6, ls=dash)
        axes.plot(ours["step"], ours["accuracy"], "o", color=hue, ms=4.5, alpha=0.6, mew=0)
        ends[f"{name} first"] = float(curve.iloc[-1])
    last, low = int(rows["step"].max()), float(np.floor(20 * rows["accuracy"].min()) / 20)
    arrow = {"arrowstyle": "<->", "color": style.INK, "shrinkA": 4, "shrinkB": 4}
    axes.annotate("", (last, min(ends.values())), (last, max(ends.values())), arrowprops=arrow)
    axes.set(xlim=(0, 1.03 * last), ylim=(low, None), xlabel="training step", ylabel="test accuracy")
    marks.percent_axis(axes, "y")
    marks.count_axis(axes, "x")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    marks.grid(axes, "y")
    labels = {f"{name} {words.percent(end)}": end for name, end in ends.items()}
    labels[difference.signed_points] = float(np.mean(list(ends.values())))
    hues = [FIRST, LAST, style.INK]
    marks.end_labels(axes, list(labels), heights=list(labels.values()), colours=hues, width=24)
    verb = "costs" if difference.low > 0 else "may or may not cost"
    return Figure.of_runs(
        rows,
        id="fig-order-average",
        plot=plot,
        frame=rows[["network", "seed", "weights", "step", "accuracy", "diverged_at", "key"]].reset_index(drop=True),
        caption=f"Averaging before ReLU {verb} {difference.points}. The same network from the same "
        "weights on the same batches; only the order of its activations and pools differs. Dots are single seeds.",
        alt=f"Line chart of test accuracy over training steps for {words.listing(ends)}. At the end: "
        + words.pairs({name: words.percent(end) for name, end in ends.items()})
        + ".",
        basis=basis_of(frame[frame["network"].isin(networks)]),
    )


@style.scoped()
def both_orders(frame: pd.DataFrame, *, activation: str, basis: str) -> Figure:
    """A row of numbers max-pooled and activated in both orders, side by side.

    ``frame`` is of :func:`relupool.theory.survey.both_orders`: a row for each number shown, with order ("pool first",
    "activation first"), step (0 the input, 1, 2 the result), position, value, and first and last, the positions in the
    step above that it was made from.
    """
    results = frame[frame["step"] == 2].pivot(index="position", columns="order", values="value")
    wrong = results.index[results["pool first"].map(_number) != results["activation first"].map(_number)]
    plot, axes = style.canvas(2.45, ncols=2)
    pool, name = "max-pool", words.named(activation)
    steps = {"pool first": (pool, name), "activation first": (name, pool)}
    for ax, (order, names) in zip(axes, steps.items(), strict=True):
        _path(ax, frame[frame["order"] == order], names=names, wrong=wrong)
        ax.set_title(f"{names[0]}, then {names[1]}", color=LAST if order == "pool first" else FIRST)
    numbers = {order: _list(results[order]) for order in steps}
    given = _list(frame.loc[(frame["step"] == 0) & (frame["order"] == "pool first"), "value"])
    title = "Both orders give different numbers." if len(wrong) else "Both orders give the same numbers."
    return Figure(
        id="fig-both-orders",
        plot=plot,
        frame=frame,
        caption=f"{title} Each number is made from those above it that it is tied to; pink is negative, green positive"
        + (f"; framed are the {len(wrong)} of {len(results)} results that differ." if len(wrong) else "."),
        alt=f"On the left, {pool} and then {name} turn {given} into {numbers['pool first']}. "
        f"On the right, {name} and then {pool} turn it into {numbers['activation first']}.",
        basis=basis,
    )


def _path(axes: Axes, frame: pd.DataFrame, *, names: Sequence[str], wrong: pd.Index) -> None:
    """One order: three rows of cells from top to bottom, each cell tied to those it was made from."""
    places: dict[tuple[int, int], float] = {}
    for cell in frame.sort_values("step").itertuples():
        above = [places[cell.step - 1, p] for p in range(cell.first, cell.last + 1)] if cell.step else []
        x, y = float(np.mean(above)) if above else float(cell.position), -1.75 * cell.step
        places[cell.step, cell.position] = x
        for far, near in ((min(above) - 0.4, x - 0.4), (max(above) + 0.4, x + 0.4)) if above else ():
            axes.plot([far, near], [y + 1.33, y + 0.42], color=style.MUTED, lw=0.8, zorder=0)
        framed = cell.step == 2 and cell.position in wrong
        fill = style.PALE_PINK if cell.value < 0 else style.PALE_GREEN if cell.value > 0 else style.PALE
        edge, width = (style.INK, 2.4) if framed else (style.MUTED, 0.8)
        axes.add_patch(Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, fc=fill, ec=edge, lw=width))
        axes.text(x, y, _number(cell.value), ha="center", va="center_baseline", fontsize=style.SMALL)
    for step, name in enumerate(names, 1):
        axes.text(-0.8, 0.9 - 1.75 * step, name, ha="right", va="center", color=style.MUTED, fontsize=style.SMALL)
    axes.set(xlim=(-2.9, frame["position"].max() + 0.5), ylim=(-4.05, 0.55))
    axes.axis("off")


def _number(value: float) -> str:
    text = words.number(value, ".2f").rstrip("0").rstrip(".")
    return "0" if text in ("\N{MINUS SIGN}0", "") else text


def _list(values: pd.Series) -> str:
    return words.listing(map(_number, values))


@style.scoped()
def dips(graphs: pd.DataFrame, lowest: pd.DataFrame) -> Figure:
    """The graphs of activations that fall, with the stretch where they do and the lowest point.

    ``graphs`` is of :func:`relupool.theory.survey.graphs`, ``lowest`` of :func:`relupool.theory.survey.dips`.
    """
    said: dict[str, str] = {}
    plot, axes = style.canvas(2.2, ncols=len(lowest), sharey=True, squeeze=False)
    for ax, dip in zip(axes.flat, lowest.itertuples(), strict=True):
        curve = graphs[graphs["activation"] == dip.activation]
        ax.axhline(0, color=style.GRID, lw=0.8, zorder=0)
        ax.plot(curve["x"], curve["y"], color=style.MUTED)
        ax.plot(curve["x"], curve["y"].where(curve["falling"]), color=style.INK, lw=5, solid_capstyle="butt")
        ax.plot([dip.at], [dip.value], "o", mec=style.INK, mfc=style.PAPER, mew=1.8, ms=7, zorder=3)
        said[dip.activation] = where = f"{words.number(dip.value, '.3g')} at {words.number(dip.at, '.3g')}"
        at = where.replace(" at", "\nat")
        marks.note(ax, at, (dip.at, dip.value), (0, -8), ha="center", va="top", fontsize=style.SMALL)
        ax.set_title(words.named(dip.activation))
        ax.set(ylim=(-0.95, 1), xticks=[-4, 0])
        ax.tick_params(axis="y", length=0)
    return Figure(
        id="fig-activation-graphs",
        plot=plot,
        frame=graphs,
        caption=f"{words.capital(words.numeral(len(lowest)))} of Keras' activations dip before they rise. Thick: where "
        "the graph falls, so that the larger of two numbers gets the smaller result; the dot is its lowest point.",
        alt=f"Graphs that fall to a lowest point left of zero and rise from there: {words.pairs(said)}.",
        basis="Drawn from the definitions in float64; nothing was trained or measured.",
    )


@style.scoped()
def cancelled(picture: np.ndarray, maps: dict[str, np.ndarray], *, lost: float, dataset: str) -> Figure:
    """An image, what a filter makes of it, and both orders of ReLU and average-pool, all on one scale.

    ``picture`` is uint8 ``(height, width, 3)``, each of ``maps`` ``(side, side)`` by its title; ``lost`` is the share
    of what ReLU passes on that averaging first loses.
    """
    limit = max(float(np.abs(values).max()) for values in list(maps.values())[1:]) or 1.0
    plot, axes = style.canvas(2.3, ncols=1 + len(maps))
    shaded_maps = [shaded(values, np.abs(values) / limit) for values in maps.values()]
    for ax, title, pixels in zip(axes, ("image", *maps), (picture, *shaded_maps), strict=True):
        show(ax, pixels, title.replace(", ", ",\n"))
    rows = [(title, r, c, v) for title, values in maps.items() for (r, c), v in np.ndenumerate(values)]
    return Figure(
        id="fig-cancelling",
        plot=plot,
        frame=pd.DataFrame(rows, columns=["map", "row", "column", "value"]),
        caption="Averaging first lets fine detail cancel. A filter that looks for spots answers with positive numbers "
        "(green) beside negative ones (pink). ReLU first keeps the positive; averaging first lets the two cancel, and "
        f"{words.percent(lost, 0)} of what ReLU would have passed on is gone.",
        alt="An image; a filter's answer to it, mottled green and pink; its average after ReLU, which shows where the "
        "texture is; and ReLU of its average, of which little is left.",
        basis=f"One test image of {IMAGE_NAMES[dataset]} and a fixed 3 by 3 filter; nothing was trained.",
        tag="a CIFAR-10 image" if dataset == "cifar10" else "a toy image",
    )


def shaded(values: np.ndarray, strength: np.ndarray, *, below: str = BELOW) -> np.ndarray:
    """Colours of ``values`` ``(height, width)`` by their sign, as opaque as their ``strength``, at most 1."""
    return np.dstack([np.where(values[..., None] > 0, to_rgb(ABOVE), to_rgb(below)), np.clip(strength, 0, 1)])


def show(axes: Axes, pixels: np.ndarray, title: str) -> None:
    """A picture in a thin frame, with its title above."""
    axes.imshow(pixels, interpolation="none")
    axes.set_title(title, fontsize=style.SMALL, loc="center", pad=5)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=style.GRID)
