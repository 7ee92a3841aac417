"""Figures of the grid: sixteen networks in four rows, one part at a time, and the question's two numbers over training.

Frames are those of the result store, of several studies put together.
"""

from __future__ import annotations

import math

import pandas as pd
from attrs import evolve
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, NullFormatter

from relupool import words
from relupool.figures import style
from relupool.figures.accuracy import evaluations
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import count_axis, end_labels, percent_axis
from relupool.measures.estimate import ALPHA, Estimate, difference, estimated, half_words, signed
from relupool.measures.grid import AFFINE, LEVELS, LINEAR, LITERAL, PARTS, UNTOUCHED, parts
from relupool.measures.runs import compared
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


def grid(
    frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged", reference: str = "", id: str = "fig-grid"
) -> Figure:
    """The networks with normalization in four rows, as far as they are there, with ReLU in their convolutions and not.

    ``reference`` is a network whose accuracy is a line across all rows; ``step`` 0 is the last at which all networks of
    the grid were evaluated.
    """
    others = [reference] if reference else []
    networks = [network for network in LEVELS if network in set(frame["network"])]
    rows = _compared(frame, [*networks, *others], step, weights)
    at = int(rows["step"].iloc[0])
    by_levels = {signs: network for network, signs in LEVELS.items() if network in networks and signs[-1] > 0}
    rows = rows[rows["network"].isin([*by_levels.values(), *others])]
    table = _accuracies(frame, list(rows["network"].unique()), at, weights)
    there = [also for also in ALSO if any((conv, *also, 1) in by_levels for conv in (1, -1))]
    worth = {also: _worth(frame, by_levels.get((1, *also, 1)), by_levels.get((-1, *also, 1)), at, weights)
             for also in there}  # fmt: skip
    with style.scoped():
        plot, axes = style.canvas(0.98 + 0.55 * len(there))
        axes.set(xlim=_reach(table), ylim=(len(there) - 0.48, -1.05), yticks=[])
        across = axes.get_yaxis_transform()
        for place, also in enumerate(there):
            axes.text(0, place - 0.22, ALSO[also], va="bottom", transform=across)
            if (estimate := worth[also]) is not None:
                said = signed(estimate.mean) + ("" if estimate.n == 1 else half_words(estimate.half()))
                axes.text(1, place - 0.22, said, va="bottom", ha="right", weight="bold", transform=across)
            axes.axhline(place, color=style.PALE, linewidth=7, zorder=0)
            _networks(axes, place, {conv: by_levels.get((conv, *also, 1)) for conv in (1, -1)}, table)
        for x, ha, text in (
            (0, "left", "what else is nonlinear, normalization aside"),
            (1, "right", "ReLU is worth, in points"),
        ):
            axes.text(x, -0.72, text, va="bottom", ha=ha, color=style.MUTED, transform=across)
        if reference:
            value = table.loc[reference, "mean"]
            for place in range(len(there)):
                axes.plot([value] * 2, [place - 0.12, place + 0.32], color=style.INK, linewidth=1.2, zorder=0.5)
            _below(axes, value, 0, f"{reference} {words.percent(value)}", style.INK)
        for conv, hue, text in ((1, WITH, "with ReLU in the convolutional layers"), (-1, WITHOUT, "without")):
            if network := by_levels.get((conv, *there[-1], 1)):
                _below(axes, table.loc[network, "mean"], len(there) - 1, text, hue)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.xaxis.set_major_locator(MultipleLocator(0.1))
        percent_axis(axes, "x")
        axes.set_xlabel(f"test accuracy after {at:,} steps")
    said = words.pairs({ALSO[also]: f"{signed(e.mean)} points" for also, e in worth.items() if e is not None})
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index(),
        caption=f"{_what_grows(worth)} Each row is one network with ReLU in its convolutional layers (full dot) and "
        f"without (hollow dot). {_bars(table['n'])} A worth is accuracy with minus without.{words.diverged(rows)}",
        alt=f"Dot chart in rows, a row for what else in a network is nonlinear. With minus without ReLU in the "
        f"convolutional layers: {said}.",
        basis=basis_of(rows),
        runs=sorted(rows["key"].unique()),
    )


def single_changes(
    frame: pd.DataFrame, *, weights: str = "averaged", margin: float = POINT, id: str = "fig-single-changes"
) -> Figure:
    """What each part of the untouched network is worth alone, with the margin within which that is almost nothing.

    Each at the last step that enough seeds have reached, as :func:`relupool.measures.grid.parts` finds them; conv ReLU
    once more at the step of the others, where that is another one.
    """
    found = parts(frame, weights=weights)
    for step in {part.worth.steps for part in found[1:]} - {part.worth.steps for part in found[:1]}:
        early = estimated(frame, difference(UNTOUCHED, found[0].without), step=step, weights=weights)
        found[1:1] = [evolve(found[0], worth=early)] if early is not None else []
    if not found:
        refuse("frame", list(frame["network"].unique()), f"one with {UNTOUCHED!r} and a network with one change")
    networks = {UNTOUCHED, *(part.without for part in found)}
    rows = frame[frame["network"].isin(networks) & (frame["weights"] == weights)]
    with style.scoped():
        plot, axes = style.canvas(1.0 + 0.5 * len(found))
        axes.axvspan(-100 * margin, 100 * margin, color=style.PALE, linewidth=0, zorder=0)
        axes.axvline(0, color=style.INK, linewidth=1)
        for place, part in enumerate(found):
            e, hue = part.worth, HUES[part.name]
            if e.n > 1:
                axes.plot([100 * e.low, 100 * e.high], [place] * 2, color=hue, linewidth=2.5)
                axes.plot([100 * v for v in e.values], [place + 0.24] * e.n, "o", color=hue, markersize=4,
                          alpha=0.6, markeredgewidth=0)  # fmt: skip
            axes.plot(100 * e.mean, place, "o", color=hue, markersize=8, markeredgecolor=style.PAPER)
            said = signed(e.mean) + ("" if e.n == 1 else half_words(e.half()))
            right = 100 * max(*e.values, e.mean, *(() if e.n == 1 else (e.high,)))
            axes.annotate(said, (right, place), xytext=(9, 0), textcoords="offset points", va="center",
                          weight="bold", color=hue)  # fmt: skip
        low, high = axes.get_xlim()
        axes.set(xlim=(low, high + 0.22 * (high - low)), ylim=(len(found) - 0.4, -0.6))
        axes.set_xlabel("accuracy with it minus without it, in points")
        axes.set_yticks(range(len(found)), [f"{part.name}\n{part.worth.basis.split(', its')[0]}" for part in found])
        axes.tick_params(axis="y", length=0)
        style.grid(axes, "x")
        axes.spines["left"].set_visible(False)
    told = words.pairs({f"{part.name}, {part.worth.steps:,} steps": part.worth.signed_points for part in found})
    band = f"{100 * margin:g} point" + ("" if margin == POINT else "s")
    first = found[0]
    return Figure(
        id=id,
        plot=plot,
        frame=pd.DataFrame({"part": p.name, "steps": p.worth.steps, "n": p.worth.n, "mean": p.worth.mean,
                            "low": p.worth.ends[0], "high": p.worth.ends[1]} for p in found),
        caption=f"{_how_much(first.worth, first.name, margin)} What one part is worth while all others stay. "
        f"Large dots are means, bars {words.LEVEL_WORDS} intervals, small dots single seeds; grey: within {band} of no "
        f"difference.{words.diverged(rows)}",
        alt=f"Dot chart of what the parts of the untouched network are worth, with minus without: {told}.",
        basis=basis(rows.assign(preset=rows["preset"].iloc[0])),
        runs=sorted(rows["key"].unique()),
    )  # fmt: skip


def headline_curves(
    frame: pd.DataFrame,
    *,
    reported: dict[str, float],
    source: str,
    weights: str = "averaged",
    id: str = "fig-headline-curves",
) -> Figure:
    """Test accuracy against steps of the untouched network and of the question's two; ``reported`` are lines across.

    The linear network without normalization, where it is there, shares a line with the one that has it.
    """
    first = min(FIRST_LOOK, frame["step"].max())
    looks = evaluations(frame[(frame["step"] >= first) & frame["diverged_at"].isna()], weights)
    lines = {
        UNTOUCHED: ([UNTOUCHED], "untouched", style.INK),
        LITERAL: ([LITERAL], "average-pools, linear dense layers", WITH),
        LINEAR: ([LINEAR, AFFINE], "the same without ReLU", WITHOUT),
    }
    lines = {network: line for network, line in lines.items() if network in set(looks["network"])}
    ends = {}
    with style.scoped():
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
        for value, dash in (*((value, ":") for value in reported.values()), (CHANCE, (0, (1, 4)))):
            axes.axhline(value, color=style.INK if value != CHANCE else style.MUTED, linewidth=1.2, linestyle=dash)
        across = axes.get_yaxis_transform()
        for (name, value), x in zip(reported.items(), (0.01, 0.5), strict=True):
            axes.text(x, value + 0.015, name, transform=across, va="bottom")
        axes.text(0.01, CHANCE + 0.015, "guessing", transform=across, va="bottom", color=style.MUTED)
        axes.xaxis.set_minor_formatter(NullFormatter())
        percent_axis(axes, "y")
        count_axis(axes, "x")
        style.grid(axes, "y")
        axes.set_title("test accuracy", weight="normal")
        end_labels(axes, [f"{words.percent(ends[n])} {lines[n][1]}" for n in lines], heights=list(ends.values()),
                   colours=[line[2] for line in lines.values()])  # fmt: skip
    found = words.pairs({lines[network][1]: words.percent(value) for network, value in ends.items()})
    drawn = looks[looks["network"].isin({name for dots, _, _ in lines.values() for name in dots})]
    return Figure(
        id=id,
        plot=plot,
        frame=drawn[["network", "seed", "step", "accuracy", "key"]].reset_index(drop=True),
        caption=f"{_two_numbers(ends, reported)} Dots are single seeds, lines their means; the lowest dots are of the "
        f"linear network with normalization and of that without. Dotted: what {source} reports, for which it gives no "
        f"number of steps.{words.diverged(frame)}",
        alt=f"Line chart of test accuracy over training steps. At the end: {found}. Dotted: {words.listing(reported)}.",
        basis=basis_of(drawn, steps=True),
        runs=sorted(drawn["key"].unique()),
    )


def basis_of(rows: pd.DataFrame, *, steps: bool = False) -> str:
    """:func:`~relupool.figures.figure.basis` of rows of several studies, at their step or (``steps``) in whole."""
    at = rows["steps"] if steps else rows["step"]
    return basis(rows.assign(steps=at, preset=rows["preset"].iloc[0]))


def _compared(frame: pd.DataFrame, networks: list[str], step: int, weights: str) -> pd.DataFrame:
    rows = compared(frame, networks, step=step, weights=weights)
    if rows.empty:
        refuse("step", step, f"one at which all of {', '.join(networks)} were evaluated")
    return rows


def _accuracies(frame: pd.DataFrame, networks: list[str], step: int, weights: str) -> pd.DataFrame:
    """By network: n, mean, and the ends of its interval, missing for one seed."""
    found = {network: estimated(frame, {network: 1.0}, step=step, weights=weights) for network in networks}
    rows = [(network, e.n, e.mean, *e.ends) for network, e in found.items() if e is not None]
    return pd.DataFrame(rows, columns=["network", "n", "mean", "low", "high"]).set_index("network")


def _worth(frame: pd.DataFrame, ours: str | None, theirs: str | None, step: int, weights: str) -> Estimate | None:
    if ours is None or theirs is None:
        return None
    return estimated(frame, difference(ours, theirs), step=step, weights=weights)


def _below(axes: Axes, x: float, place: int, text: str, hue: str) -> None:
    """Name what stands at ``x`` in a row, beside its stroke; to the left of it where there is no room on the right."""
    low, high = axes.get_xlim()
    left = x > low + 0.6 * (high - low)
    axes.annotate(text, (x, place + 0.26), xytext=(-5 if left else 5, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", size=style.SMALL, color=hue)  # fmt: skip


def _reach(table: pd.DataFrame) -> tuple[float, float]:
    """From where to where the axis of accuracies goes: room for a number on either side of the dots."""
    low, high = table["low"].fillna(table["mean"]).min(), table["mean"].max()
    room = max(0.01, 0.12 * (high - low))
    return low - room, high + room


def _networks(axes: Axes, place: int, pair: dict[int, str | None], table: pd.DataFrame) -> None:
    """Two dots with their intervals and numbers, each on its own side, and a line between them."""
    found = {conv: table.loc[network] for conv, network in pair.items() if network is not None}
    means = {conv: row["mean"] for conv, row in found.items()}
    axes.plot(list(means.values()), [place] * len(means), color=WITHOUT, linewidth=1.5, zorder=1)
    for conv, row in found.items():
        hue, left = (WITH if conv > 0 else WITHOUT), row["mean"] == min(means.values()) and len(means) > 1
        if not math.isnan(row["low"]):
            axes.plot([row["low"], row["high"]], [place] * 2, color=hue, linewidth=3.5, alpha=0.6,
                      solid_capstyle="butt")  # fmt: skip
        fill = hue if conv > 0 else style.PAPER
        axes.plot(row["mean"], place, "o", color=hue, markerfacecolor=fill, markersize=7, markeredgewidth=1.6)
        edge = row["mean"] if math.isnan(row["low"]) else row["low"] if left else row["high"]
        axes.annotate(words.hundredfold(row["mean"]), (edge, place), xytext=(-7 if left else 7, 0), size=style.SMALL,
                      textcoords="offset points", va="center", ha="right" if left else "left", color=hue)  # fmt: skip


def _what_grows(worth: dict[tuple[int, int], Estimate | None]) -> str:
    means = [e.mean for e in worth.values() if e is not None]
    if len(means) == len(ALSO) and means == sorted(means):
        return "The less else is nonlinear, the more ReLU is worth."
    return "What ReLU in the convolutional layers is worth, by what else is nonlinear."


def _how_much(worth: Estimate, name: str, margin: float) -> str:
    if worth.n > 1 and worth.equivalent(margin) < ALPHA:
        return f"Alone, {name} can go: the difference is almost nothing."
    return f"What {name} is worth alone."


def _two_numbers(ends: dict[str, float], reported: dict[str, float]) -> str:
    values = [ends.get(network) for network in (LITERAL, LINEAR)]
    near = [
        value is not None and abs(value - said) <= POINT for value, said in zip(values, reported.values(), strict=True)
    ]
    if near == [False, True]:
        return "Without ReLU the reported accuracy is met; with ReLU it is not reached here."
    return "The question's two numbers, met." if all(near) else "The question's two numbers, and what training gives."


def _bars(n: pd.Series) -> str:
    if n.max() == 1:
        return "One seed each, so there are no intervals."
    return f"Bars are {words.LEVEL_WORDS} intervals."
