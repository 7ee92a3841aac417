"""Chapter 4's figures: sixteen networks in four rows, one part at a time, the question's two numbers over training.

Frames are those of the result store, of several studies put together.
"""

from __future__ import annotations

import math

import pandas as pd
from attrs import evolve
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, NullFormatter

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure, basis_of
from relupool.measures.estimate import Estimate, difference, estimated, half_words, signed
from relupool.measures.grid import AFFINE, LEVELS, LINEAR, LITERAL, PARTS, UNTOUCHED, Part, parts
from relupool.measures.runs import compared, lengths
from relupool.thresholds import CHANCE, POINT
from relupool.validation import refuse

WITH, WITHOUT = style.RELU, style.AVERAGE
"""Colours of a network with ReLU in its convolutional layers, and of the same without."""

ALSO = {
    (1, 1): "max-pools, and ReLU between the dense layers",
    (-1, 1): "max-pools",
    (1, -1): "ReLU between the dense layers",
    (-1, -1): "nothing",
}
"""What else is nonlinear, by the levels of dense ReLU and of max-pool."""

HUES = dict(zip(PARTS, (style.RELU, style.RELU, style.MAX, style.NORMALIZATION), strict=True))
"""Colours of the untouched network's parts."""

FIRST_LOOK = 300
"""Training steps from which on the curves are drawn."""

HEADLINE = {
    UNTOUCHED: ([UNTOUCHED], "untouched", style.INK),
    LITERAL: ([LITERAL], "average-pools, linear dense layers", WITH),
    LINEAR: ([LINEAR, AFFINE], "the same without ReLU", WITHOUT),
}
"""The networks whose means are curves: those whose seeds are dots beside it, name, colour."""


@style.scoped()
def grid(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged", reference: str = "") -> Figure:
    """The networks with normalization in four rows, as far as both are there, with ReLU in their convolutions and not.

    ``reference`` is a network whose accuracy is a line across all rows; ``step`` 0 is the last at which all networks of
    the grid were evaluated.
    """
    others = [reference] if reference else []
    networks = {signs: network for network, signs in LEVELS.items() if network in set(frame["network"])}
    rows = compared(frame, [*networks.values(), *others], step=step, weights=weights)
    if rows.empty:
        refuse("step", step, f"one at which all of {', '.join([*networks.values(), *others])} were evaluated")
    at = int(rows["step"].iloc[0])
    pairs = {
        also: {conv: networks[conv, *also, 1] for conv in (1, -1)}
        for also in ALSO
        if {(1, *also, 1), (-1, *also, 1)} <= networks.keys()
    }
    rows = rows[rows["network"].isin([*others, *(network for pair in pairs.values() for network in pair.values())])]
    table = _accuracies(frame, list(rows["network"].unique()), at, weights)
    contrasts = {also: difference(pair[1], pair[-1]) for also, pair in pairs.items()}
    worth = {also: e for also, own in contrasts.items() if (e := estimated(frame, own, step=at, weights=weights))}
    plot, axes = style.canvas(0.98 + 0.55 * len(pairs))
    axes.set(xlim=_reach(table), ylim=(len(pairs) - 0.48, -1.05), yticks=[])
    across = axes.get_yaxis_transform()
    for place, (also, pair) in enumerate(pairs.items()):
        axes.text(0, place - 0.22, ALSO[also], va="bottom", transform=across)
        axes.text(1, place - 0.22, _signed(worth[also]), va="bottom", ha="right", weight="bold", transform=across)
        axes.axhline(place, color=style.PALE, linewidth=7, zorder=0)
        _pair(axes, place, {conv: table.loc[network] for conv, network in pair.items()})
    heading = {"va": "bottom", "color": style.MUTED, "transform": across}
    axes.text(0, -0.72, "what else is nonlinear, normalization aside", ha="left", **heading)
    axes.text(1, -0.72, "ReLU is worth, in points", ha="right", **heading)
    if reference:
        value = table.loc[reference, "mean"]
        for place in range(len(pairs)):
            axes.plot([value] * 2, [place - 0.12, place + 0.32], color=style.INK, linewidth=1.2, zorder=0.5)
        _below(axes, value, 0, f"{reference} {words.percent(value)}", style.INK)
    last = list(pairs.values())[-1]
    for conv, hue, text in ((1, WITH, "with ReLU in the convolutional layers"), (-1, WITHOUT, "without")):
        _below(axes, table.loc[last[conv], "mean"], len(pairs) - 1, text, hue)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    marks.percent_axis(axes, "x")
    axes.set_xlabel(f"test accuracy after {at:,} steps")
    said = words.pairs({ALSO[also]: f"{signed(e.mean)} points" for also, e in worth.items()})
    return Figure.of_runs(
        rows,
        id="fig-grid",
        plot=plot,
        frame=table.reset_index(),
        caption=f"{_what_grows(worth)} Each row is one network with ReLU in its convolutional layers (full dot) and "
        f"without (hollow dot). {marks.what_dots_are(table['n'], 'Bars are {level} intervals.')} A worth is accuracy "
        "with minus without.",
        alt="Dot chart in rows, a row for what else in a network is nonlinear. With minus without ReLU in the "
        f"convolutional layers: {said}.",
        basis=basis_of(_as_one(rows, steps="step")),
    )


@style.scoped()
def single_changes(frame: pd.DataFrame, *, weights: str = "averaged", margin: float = POINT) -> Figure:
    """What each part of the untouched network is worth alone, with the margin within which that is almost nothing.

    Each at the last step that enough seeds have reached, as :func:`relupool.measures.grid.parts` finds them; conv ReLU
    once more at the last step that most seeds have reached, where that is another one.
    """
    shown = parts(frame, weights=weights)
    pair = difference(UNTOUCHED, shown[0].without)
    most = int(lengths(frame, pair, weights=weights, most_seeds=True)["step"].iloc[0])
    worth = estimated(frame, pair, step=most, weights=weights)
    if worth is not None and most != shown[0].worth.steps:
        shown.insert(1, evolve(shown[0], worth=worth))
    networks = {UNTOUCHED, *(part.without for part in shown)}
    rows = frame[frame["network"].isin(networks) & (frame["weights"] == weights)]
    plot, axes = style.canvas(1.0 + 0.5 * len(shown))
    axes.axvspan(-100 * margin, 100 * margin, color=style.PALE, linewidth=0, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1)
    for place, part in enumerate(shown):
        e, hue = part.worth, HUES[part.name]
        if e.n > 1:
            axes.plot([100 * e.low, 100 * e.high], [place] * 2, color=hue, linewidth=2.5)
            seeds = {"markersize": 4, "alpha": 0.6, "markeredgewidth": 0}
            axes.plot([100 * v for v in e.values], [place + 0.24] * e.n, "o", color=hue, **seeds)
        axes.plot(100 * e.mean, place, "o", color=hue, markersize=8, markeredgecolor=style.PAPER)
        right = 100 * max(*e.values, e.mean, *(() if e.n == 1 else (e.high,)))
        marks.note(axes, _signed(e), (right, place), (9, 0), va="center", weight="bold", color=hue)
    low, high = axes.get_xlim()
    axes.set(xlim=(low, high + 0.22 * (high - low)), ylim=(len(shown) - 0.4, -0.6))
    axes.set_xlabel("accuracy with it minus without it, in points")
    marks.grid(axes, "x")
    marks.rows(axes, [f"{part.name}\n{part.worth.basis.split(', its')[0]}" for part in shown])
    said = words.pairs({f"{part.name}, {part.worth.steps:,} steps": part.worth.signed_points for part in shown})
    band = f"{100 * margin:g} point" + ("" if margin == POINT else "s")
    return Figure.of_runs(
        rows,
        id="fig-single-changes",
        plot=plot,
        frame=pd.DataFrame(
            [(p.name, p.worth.steps, p.worth.n, p.worth.mean, *p.worth.ends) for p in shown],
            columns=["part", "steps", "n", "mean", "low", "high"],
        ),
        caption=f"{_most_and_first(shown)} What one part is worth while all others stay. "
        f"Large dots are means, bars {words.LEVEL_WORDS} intervals, small dots single seeds; grey: within {band} of no "
        "difference.",
        alt=f"Dot chart of what the parts of the untouched network are worth, with minus without: {said}.",
        basis=basis_of(_as_one(rows)),
    )


@style.scoped()
def headline_curves(
    frame: pd.DataFrame, *, reported: dict[str, float], source: str, weights: str = "averaged"
) -> Figure:
    """Test accuracy against steps of the untouched network and of the question's two; ``reported`` are lines across.

    The linear network without normalization, where it is there, shares a line with the one that has it.
    """
    first = min(FIRST_LOOK, frame["step"].max())
    looks = frame[(frame["step"] >= first) & frame["diverged_at"].isna() & (frame["weights"] == weights)]
    lines = {network: line for network, line in HEADLINE.items() if network in set(looks["network"])}
    ends = {}
    plot, axes = style.canvas(3.5)
    axes.set_xscale("log")
    for network, (dots, _, hue) in lines.items():
        rows = looks[looks["network"].isin(dots)]
        axes.plot(rows["step"], rows["accuracy"], "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
        mean = looks[looks["network"] == network].groupby("step")["accuracy"].mean()
        axes.plot(mean, color=hue)
        ends[network] = float(mean.iloc[-1])
    steps = looks.loc[looks["network"].isin(lines), "step"]
    axes.set(ylim=(0, 0.95), xlim=(steps.min() * 0.9, steps.max() * 1.1), xlabel="training step")
    for value in reported.values():
        axes.axhline(value, color=style.INK, linewidth=1.2, linestyle=":")
    axes.axhline(CHANCE, color=style.MUTED, linewidth=1.2, linestyle=(0, (1, 4)))
    across = axes.get_yaxis_transform()
    for (name, value), x in zip(reported.items(), (0.01, 0.5), strict=True):
        axes.text(x, value + 0.015, name, transform=across, va="bottom")
    axes.text(0.01, CHANCE + 0.015, "guessing", transform=across, va="bottom", color=style.MUTED)
    axes.xaxis.set_minor_formatter(NullFormatter())
    marks.percent_axis(axes, "y")
    marks.count_axis(axes, "x")
    marks.grid(axes, "y")
    axes.set_title("test accuracy", weight="normal")
    names = {network: name for network, (_, name, _) in lines.items()}
    labels = [f"{words.percent(end)} {names[network]}" for network, end in ends.items()]
    hues = [hue for *_, hue in lines.values()]
    marks.end_labels(axes, labels, heights=list(ends.values()), colours=hues)
    said = words.pairs({names[network]: words.percent(end) for network, end in ends.items()})
    drawn = looks[looks["network"].isin({name for dots, *_ in lines.values() for name in dots})]
    return Figure.of_runs(
        frame,
        drawn=drawn,
        id="fig-headline-curves",
        plot=plot,
        frame=drawn[["network", "seed", "step", "accuracy", "key"]].reset_index(drop=True),
        caption=f"{_two_numbers(ends, reported)} Dots are single seeds, lines their means; the lowest dots are of the "
        f"linear network with normalization and of that without. Dotted: what {source} reports, for which it gives no "
        "number of steps.",
        alt=f"Line chart of test accuracy over training steps. At the end: {said}. Dotted: {words.listing(reported)}.",
        basis=basis_of(_as_one(drawn)),
    )


def _as_one(rows: pd.DataFrame, *, steps: str = "steps") -> pd.DataFrame:
    """``rows`` of several studies as if they were of one, trained for as many steps as that column says."""
    return rows.assign(steps=rows[steps], preset=rows["preset"].iloc[0])


def _accuracies(frame: pd.DataFrame, networks: list[str], step: int, weights: str) -> pd.DataFrame:
    """By network: n, mean, and the ends of its interval, missing for one seed."""
    estimates = {network: estimated(frame, {network: 1.0}, step=step, weights=weights) for network in networks}
    rows = [(network, e.n, e.mean, *e.ends) for network, e in estimates.items() if e is not None]
    return pd.DataFrame(rows, columns=["network", "n", "mean", "low", "high"]).set_index("network")


def _signed(e: Estimate) -> str:
    return signed(e.mean) + ("" if e.n == 1 else half_words(e.half()))


def _below(axes: Axes, x: float, place: int, text: str, hue: str) -> None:
    """Name what stands at ``x`` in a row, beside its stroke; to the left of it where there is no room on the right."""
    low, high = axes.get_xlim()
    shift, side = ((-5, 0), "right") if x > low + 0.6 * (high - low) else ((5, 0), "left")
    marks.note(axes, text, (x, place + 0.26), shift, va="center", ha=side, size=style.SMALL, color=hue)


def _reach(table: pd.DataFrame) -> tuple[float, float]:
    """From where to where the axis of accuracies goes: room for a number on either side of the dots."""
    low, high = table["low"].fillna(table["mean"]).min(), table["mean"].max()
    room = max(0.01, 0.12 * (high - low))
    return low - room, high + room


def _pair(axes: Axes, place: int, pair: dict[int, pd.Series]) -> None:
    """Two dots with their intervals and numbers, each on its own side, and a line between them."""
    means = [row["mean"] for row in pair.values()]
    axes.plot(means, [place] * 2, color=WITHOUT, linewidth=1.5, zorder=1)
    for conv, row in pair.items():
        hue, left = (WITH if conv > 0 else WITHOUT), row["mean"] == min(means)
        if not math.isnan(row["low"]):
            ends = [row["low"], row["high"]]
            axes.plot(ends, [place] * 2, color=hue, linewidth=3.5, alpha=0.6, solid_capstyle="butt")
        fill = hue if conv > 0 else style.PAPER
        axes.plot(row["mean"], place, "o", color=hue, markerfacecolor=fill, markersize=7, markeredgewidth=1.6)
        edge = row["mean"] if math.isnan(row["low"]) else row["low"] if left else row["high"]
        shift, side = ((-7, 0), "right") if left else ((7, 0), "left")
        look = {"va": "center", "ha": side, "size": style.SMALL, "color": hue}
        marks.note(axes, words.hundredfold(row["mean"]), (edge, place), shift, **look)


def _what_grows(worth: dict[tuple[int, int], Estimate]) -> str:
    means = [e.mean for e in worth.values()]
    if len(means) == len(ALSO) and means == sorted(means):
        return "The less else is nonlinear, the more ReLU is worth."
    return "What ReLU in the convolutional layers is worth, by what else is nonlinear."


def _most_and_first(shown: list[Part]) -> str:
    most, first = max(shown, key=lambda part: part.worth.mean), shown[0]
    named = dict.fromkeys((most, first))
    at = {p: f" ({p.worth.steps:,} steps)" if most.worth.steps != first.worth.steps else "" for p in named}
    worths = (f"{p.name.split(',')[0]} {signed(p.worth.mean)} points{at[p]}" for p in named)
    return f"Worth alone: {words.listing(worths)}."


def _two_numbers(ends: dict[str, float], reported: dict[str, float]) -> str:
    met = [
        network in ends and abs(ends[network] - value) <= POINT
        for network, value in zip((LITERAL, LINEAR), reported.values(), strict=True)
    ]
    if met == [False, True]:
        return "Without ReLU the reported accuracy is met; with ReLU it is not reached here."
    return "The question's two numbers, met." if all(met) else "The question's two numbers, and what training gives."
