"""Figures of the grid: its networks, the effects of what is changed in them, and the question's two numbers.

Frames are those of the result store, of several studies put together; each figure but the curves compares at one step,
0 standing for the last that all of its networks have been evaluated at.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from relupool.experiments.factorial import levels
from relupool.experiments.statistics import intervals
from relupool.experiments.together import at_step, common_step
from relupool.figures import style, words
from relupool.figures.accuracy import evaluations, interval_dots, what_dots_are
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import beside, count_axis, end_labels, percent_axis
from relupool.thresholds import CHANCE, POINT
from relupool.validation import refuse
from relupool.verdicts import grid as tables
from relupool.verdicts.estimate import signed
from relupool.verdicts.headline import UNTOUCHED

WITH, WITHOUT = style.BLUE, style.ORANGE

FIRST_LOOK = 300
"""Training steps from which on the curves are drawn."""


def grid(
    frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged", reference: str = "", id: str = "fig-grid"
) -> Figure:
    """The 16 networks in pairs, with and without ReLU in the convolutional layers, as far as they are there.

    ``reference`` is a network whose accuracy is drawn across all rows.
    """
    networks = [network for network in levels() if network in set(frame["network"])]
    rows = _compared(frame, [*networks, *([reference] if reference else [])], step, weights)
    table = intervals(rows).set_index("network")
    pairs = _pairs(table)
    with style.scoped():
        plot, axes = style.canvas(1.15 + 0.53 * len(pairs))
        place, places = 0.0, {}
        for lrn, group in pairs.groupby("lrn", sort=False):
            axes.text(0, place, lrn, weight="bold", va="center")
            for pair in group.itertuples():
                place += 1
                places[pair.Index] = place
            place += 1
        for index, pair in pairs.iterrows():
            _dumbbell(axes, places[index], pair, table, rows)
        if reference:
            value = table.loc[reference, "mean"]
            for height in places.values():
                axes.plot([value, value], [height - 0.1, height + 0.1], color=style.INK, linewidth=1.5)
            axes.text(value, place - 0.75, f"| {reference} {words.percent(value)}", va="top", ha="left")
        axes.set(xlim=(-0.01, 1.01), ylim=(place - (0.1 if reference else 0.5), -0.7), yticks=[])
        for text, hue, x in (("● with conv ReLU", WITH, 0.72), ("● without", WITHOUT, 1.0)):
            axes.text(x, 0, text, color=hue, ha="right", va="center")
        _bare(axes)
        percent_axis(axes, "x")
        axes.set_xlabel(f"test accuracy after {rows['step'].iloc[0]:,} steps")
    worth = pairs.dropna(subset=["worth"])
    said = words.pairs({f"{p.pool}, {p.dense}, {p.lrn}": f"{signed(p.worth)} points" for p in worth.itertuples()})
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index().drop(columns="sd"),
        caption=f"The grid: what the conv ReLUs are worth, pair by pair. {what_dots_are(table['n'])} The number in "
        f"each row is the accuracy with them minus that without, in points.{words.diverged(frame)}",
        alt=f"Pairs of dots, one pair for each combination of pooling, dense layers and normalization. With minus "
        f"without conv ReLU: {said}.",
        basis=basis_of(rows),
        runs=sorted(rows["key"].unique()),
    )


def single_changes(
    frame: pd.DataFrame,
    *,
    step: int = 0,
    weights: str = "averaged",
    margin: float = POINT,
    id: str = "fig-single-changes",
) -> Figure:
    """Each network with one change minus the untouched one, with the margin within which a change is almost nothing."""
    table = tables.single_changes(frame, step=step, weights=weights, margin=margin)
    if table.empty:
        refuse("frame", list(frame["network"].unique()), f"one with {UNTOUCHED!r} and a network with one change")
    shown = list(table["network"])
    rows = _compared(frame, [*shown, UNTOUCHED], step, weights)
    seeds = _minus(rows, UNTOUCHED)
    with style.scoped():
        plot, axes = style.canvas(0.9 + 0.55 * len(shown))
        axes.axvspan(-100 * margin, 100 * margin, color=style.PALE_GREEN, linewidth=0, zorder=0)
        axes.axvline(0, color=style.INK, linewidth=1)
        for place, row in enumerate(table.to_dict("records")):
            in_points = pd.Series({k: 100 * row[k] for k in ("mean", "low", "high")})
            ours = 100 * seeds.loc[seeds["network"] == row["network"], "value"]
            interval_dots(axes, place, in_points, ours, WITH)
            beside(axes, signed(row["mean"]), place, colour=WITH)
        axes.set(ylim=(len(shown) - 0.5, -0.5), xlabel="test accuracy minus the untouched network's, in points")
        axes.set_yticks(range(len(shown)), [name.replace(", ", ",\n") for name in shown])
        style.grid(axes, "x")
        axes.tick_params(axis="y", length=0)
    said = words.pairs({row.network: f"{signed(row.mean)} points, {row.outcome}" for row in table.itertuples()})
    band = f"{100 * margin:g} point{'' if margin == POINT else 's'}"
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption=f"Each single change, minus the untouched network. {what_dots_are(table['n'])} Green: within {band} "
        f"of no change, this chapter's margin of “almost nothing”. After {rows['step'].iloc[0]:,} steps."
        f"{words.diverged(frame)}",
        alt=f"Dot chart of differences from the untouched network. {said}.",
        basis=basis_of(rows),
        runs=sorted(rows["key"].unique()),
    )


def effects(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged", id: str = "fig-effects") -> Figure:
    """Main effects and two-way interactions of the grid, in points and in log-odds."""
    table = tables.effect_table(frame, step=step, weights=weights)
    if table.empty:
        refuse("frame", f"{frame['network'].nunique()} networks", "one with all networks of the grid at one step")
    seeds = tables.effect_seeds(frame, step=step, weights=weights)
    names = list(table["contrast"].unique())
    rows = _compared(frame, list(levels()), step, weights)
    with style.scoped():
        plot, panels = style.canvas(0.9 + 0.4 * len(names), ncols=2, sharey=True)
        for axes, (scale, found), unit in zip(panels, table.groupby("scale", sort=False), (100, 1), strict=True):
            axes.axvline(0, color=style.INK, linewidth=1)
            for place, row in enumerate(found.to_dict("records")):
                ours = seeds[(seeds["scale"] == scale) & (seeds["contrast"] == row["contrast"])]["value"]
                hue = style.ORANGE if row["contrast"] == "conv ReLU × max pool" else style.BLUE
                drawn = pd.Series({k: unit * row[k] for k in ("mean", "low", "high")})
                interval_dots(axes, place, drawn, unit * ours, hue)
            axes.axhline(3.5, color=style.GRID, linewidth=1)
            axes.set_title(f"in {scale}", weight="normal")
            style.grid(axes, "x")
            axes.tick_params(axis="y", length=0)
        panels[0].set(ylim=(len(names) - 0.5, -0.6))
        panels[0].set_yticks(range(len(names)), names)
        panels[0].get_yticklabels()[names.index("conv ReLU × max pool")].set_color(style.ORANGE)
    points = table[table["scale"] == "points"].set_index("contrast")["mean"]
    said = words.pairs({name: signed(value) for name, value in points.items()})
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption="Main effects and interactions of the grid. A main effect is the mean of the eight networks that have "
        "something minus that of the eight without. An interaction (×) is the effect of the first where the second "
        f"is there, minus its effect where it is not. {what_dots_are(table['n'])} "
        f"After {rows['step'].iloc[0]:,} steps.{words.diverged(frame)}",
        alt=f"Dot charts of ten effects in points and in log-odds. In points: {said}.",
        basis=basis_of(rows),
        runs=sorted(rows["key"].unique()),
    )


DASHES = ("-", "-", "-", (0, (5, 5)), (4, (3, 7)), "-.")
"""Line styles of the headline's networks: the later ones can be seen where they lie on top of the third."""


def headline_curves(
    frame: pd.DataFrame, *, reported: dict[str, float], source: str, id: str = "fig-headline-curves"
) -> Figure:
    """Test accuracy against steps, by averaged and by raw weights, with ``reported`` accuracies as lines across.

    ``reported`` maps two names to accuracies, the higher first; at most six networks.
    """
    looks = frame[(frame["step"] >= FIRST_LOOK) & frame["diverged_at"].isna()]
    both = {weights: evaluations(looks, weights) for weights in ("averaged", "raw")}
    hues = style.hues(looks["network"])
    with style.scoped():
        plot, panels = style.canvas(4.6, ncols=2, sharey=True)
        for axes, (weights, rows) in zip(panels, both.items(), strict=True):
            axes.set_xscale("log")
            for (network, hue), dash in zip(hues.items(), DASHES, strict=False):
                ours = rows[rows["network"] == network]
                axes.plot(ours["step"], ours["accuracy"], "o", color=hue, markersize=4, alpha=0.6, markeredgewidth=0)
                axes.plot(ours.groupby("step")["accuracy"].mean(), color=hue, linewidth=1.6, linestyle=dash)
            axes.xaxis.set_minor_formatter(NullFormatter())
            for value in reported.values():
                axes.axhline(value, color=style.INK, linewidth=1.2, linestyle=":")
            axes.axhline(CHANCE, color=style.MUTED, linewidth=1, linestyle=":")
            axes.set(ylim=(0, 1), xlim=(looks["step"].min() * 0.8, looks["step"].max() * 1.25))
            axes.set_title(f"{weights} weights", weight="normal")
            percent_axis(axes, "y")
            count_axis(axes, "x")
            style.grid(axes, "y")
        places = ((0.03, 0.03, "left"), (0.97, 0.03, "right"))
        for (name, value), (x, above, ha) in zip(reported.items(), places, strict=True):
            panels[0].text(
                x, value + above, name, transform=panels[0].get_yaxis_transform(), ha=ha, va="center", size=10.5
            )
        ends = both["raw"].sort_values("step").groupby("network", sort=False)["accuracy"]
        heights = {network: ends.get_group(network).iloc[-1] for network in hues}
        end_labels(panels[1], list(hues), heights=list(heights.values()), colours=list(hues.values()), width=16)
        plot.supxlabel("training step", fontsize=11)
    last = intervals(pd.concat([_last(rows) for rows in both["averaged"].groupby("network", sort=False)]))
    found = words.pairs({row.network: words.percent(row.mean) for row in last[["network", "mean"]].itertuples()})
    said = words.listing(reported)
    return Figure(
        id=id,
        plot=plot,
        frame=pd.concat(both.values())[["network", "seed", "weights", "step", "accuracy", "key"]],
        caption=f"Accuracy against training steps, and what {source} reports. Dots are single seeds, lines their "
        f"means; dotted: {said}, for which {source} gives no number of steps, and guessing.{words.diverged(frame)}",
        alt=f"Line charts of test accuracy over training steps, with averaged and with raw weights. At the last step "
        f"of each network, averaged: {found}. Dotted: {said}.",
        basis=basis_of(looks, steps=True),
        runs=sorted(looks["key"].unique()),
    )


def basis_of(rows: pd.DataFrame, *, steps: bool = False) -> str:
    """:func:`~relupool.figures.figure.basis` of rows of several studies, at their step or (``steps``) in whole."""
    at = rows["steps"] if steps else rows["step"]
    return basis(rows.assign(steps=at, preset=rows["preset"].iloc[0]))


def _compared(frame: pd.DataFrame, networks: list[str], step: int, weights: str) -> pd.DataFrame:
    at = step or common_step(frame, networks)
    rows = at_step(frame, networks, step=at, weights=weights)
    if rows.empty:
        refuse("step", step, f"one at which all of {', '.join(networks)} were evaluated")
    return rows


def _pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Networks that differ in the conv ReLU alone, a row each: with, without, pool, dense, lrn, worth."""
    found: dict[tuple[int, ...], dict[str, str]] = {}
    for network, (conv, *others) in levels().items():
        if network in table.index:
            found.setdefault(tuple(others), {})["with" if conv > 0 else "without"] = network
    rows = [
        {
            "with": pair.get("with"),
            "without": pair.get("without"),
            "dense": "ReLU in the dense layers" if dense > 0 else "linear dense layers",
            "pool": "max pools" if pool > 0 else "average pools",
            "lrn": "with normalization" if lrn > 0 else "without normalization",
            "worth": table["mean"].get(pair.get("with")) - table["mean"].get(pair.get("without"))
            if len(pair) == 2
            else float("nan"),
        }
        for (dense, pool, lrn), pair in found.items()
    ]
    return pd.DataFrame(rows)


def _dumbbell(axes: Axes, place: float, pair: pd.Series, table: pd.DataFrame, rows: pd.DataFrame) -> None:
    axes.plot([0, 1], [place, place], color=style.PALE, linewidth=7, zorder=0)
    axes.text(0, place - 0.24, f"{pair['pool']}, {pair['dense']}", va="bottom")
    there = [
        (pair[key], height, hue)
        for key, height, hue in (("with", place - 0.07, WITH), ("without", place + 0.07, WITHOUT))
        if isinstance(pair[key], str)
    ]
    means = [table.loc[network, "mean"] for network, _, _ in there]
    axes.plot(means, [place] * len(means), color=style.MUTED, linewidth=2, zorder=1)
    for network, height, hue in there:
        interval_dots(axes, height, table.loc[network], rows.loc[rows["network"] == network, "accuracy"], hue)
    if len(there) == 2:
        axes.text(1, place - 0.24, signed(pair["worth"]), va="bottom", ha="right", weight="bold")


def _bare(axes: Axes) -> None:
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _minus(rows: pd.DataFrame, baseline: str) -> pd.DataFrame:
    wide = rows.pivot(index="seed", columns="network", values="accuracy")
    apart = wide.sub(wide[baseline], axis=0).drop(columns=baseline)
    return apart.melt(value_name="value").dropna()


def _last(group: tuple[str, pd.DataFrame]) -> pd.DataFrame:
    rows = group[1]
    return rows[rows["step"] == rows["step"].max()]
