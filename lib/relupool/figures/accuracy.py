"""Figures of what accuracy networks end with, beside what others have reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Plot
from matplotlib.ticker import MultipleLocator

from relupool import words
from relupool.figures import style
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import beside, percent_axis
from relupool.measures.estimate import estimated, over_seeds
from relupool.thresholds import CHANCE
from relupool.validation import known, refuse


def evaluations(frame: pd.DataFrame, weights: str) -> pd.DataFrame:
    """The rows of ``frame`` with one kind of ``weights`` and a finite accuracy; ValueError if there are none."""
    if weights not in ("averaged", "raw"):
        refuse("weights", weights, "one of 'averaged', 'raw'")
    rows = frame[(frame["weights"] == weights) & np.isfinite(frame["accuracy"].astype(float))]
    if rows.empty:
        refuse("frame", f"a frame of {len(frame)} rows", f"one that has accuracies of {weights} weights")
    return rows


def final(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step of each run that came so far."""
    return frame[(frame["step"] == frame["steps"]) & frame["diverged_at"].isna()]


def top_of(accuracy: pd.Series) -> float:
    """Where an axis of accuracies ends that starts at 0."""
    return min(1.0, float(np.ceil(10 * accuracy.max() + 0.2)) / 10)


def headline(
    frame: pd.DataFrame, *, reported: dict[str, float], source: str, weights: str = "averaged", id: str = "fig-headline"
) -> Figure:
    """Final test accuracy of each network with its interval over seeds, beside what ``source`` reported for it.

    ``reported`` maps networks of the frame to accuracies between 0 and 1.
    """
    networks = list(frame["network"].unique())
    known(networks, reported)
    last = final(evaluations(frame, weights))
    table = over_seeds(last).set_index("network").reindex(networks)
    values = {
        name: words.with_interval(row["mean"], row["low"], row["high"]) if row["n"] > 0 else "diverged"
        for name, row in table.iterrows()
    }
    few = len(networks) <= len(style.HUES)
    hues = style.hues(networks) if few else dict.fromkeys(networks, style.BLUE)
    with style.scoped():
        plot, axes = style.canvas(0.7 + 0.72 * len(networks))
        for place, name in enumerate(networks):
            axes.plot([0, 1], [place, place], color=style.PALE, linewidth=7, zorder=0)
            axes.text(0, place - 0.25, name, va="bottom")
            axes.text(1, place - 0.25, values[name], va="bottom", ha="right", color=hues[name], weight="bold")
            seeds = last.loc[last["network"] == name, "accuracy"]
            interval_dots(axes, place, table.loc[name], seeds, hues[name])
            if name in reported:
                _reported(axes, place, reported[name], f"{source}: {words.percent(reported[name])}")
            axes.plot([CHANCE, CHANCE], [place - 0.09, place + 0.09], color=style.MUTED, linewidth=1.5, zorder=0.5)
        axes.text(CHANCE, len(networks) - 0.87, "guessing", ha="center", va="top", color=style.MUTED, size=style.SMALL)
        axes.set(ylim=(len(networks) - 0.35, -0.75), xlim=(-0.01, 1.01), yticks=[])
        axes.set_xlabel(f"test accuracy after {words.listing(f'{n:,}' for n in sorted(frame['steps'].unique()))} steps")
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_locator(MultipleLocator(0.2))
        percent_axis(axes, "x")
    triangles = f" Triangles: what {source} reported." if reported else ""
    said = f" As reported by {source}: {words.pairs({k: words.percent(v) for k, v in reported.items()})}."
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index().assign(reported=[reported.get(name) for name in networks]),
        caption=f"Test accuracy at the end of training. {what_dots_are(table['n'])}{triangles}{words.diverged(frame)}",
        alt=f"Dot chart of final test accuracy. {words.pairs(values)}.{said if reported else ''}",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def claims_vs_measured(
    frame: pd.DataFrame, documented: pd.DataFrame, *, network: str, id: str = "fig-claims-vs-measured"
) -> Figure:
    """What documents say of ``network``'s accuracy, and what was measured here, a row each.

    ``documented`` has the columns kind (heading of a group of rows), place, steps (NaN where not stated) and accuracy.
    Measured are the averaged and the raw weights at the last step, and at every step that a document names.
    """
    if missing := {"kind", "place", "steps", "accuracy"} - set(documented.columns):
        refuse("documented", list(documented.columns), f"a frame with the columns {', '.join(sorted(missing))} too")
    if network not in set(frame["network"]):
        refuse("network", network, "one of " + ", ".join(map(repr, frame["network"].unique())))
    ours = frame[frame["network"] == network]
    ours = pd.concat([evaluations(ours, "averaged"), evaluations(ours, "raw")])
    ours = ours[ours["step"].isin({*documented["steps"].dropna(), ours["step"].max()})]
    found = [
        (step, weights, estimated(ours, {network: 1.0}, step=step, weights=weights))
        for step in sorted(ours["step"].unique())
        for weights in ("averaged", "raw")
    ]
    measured = pd.DataFrame(
        [(step, weights, e.n, e.mean, *e.ends) for step, weights, e in found if e is not None],
        columns=["step", "weights", "n", "mean", "low", "high"],
    )
    measured = measured.assign(kind="measured here", place=measured["weights"] + " weights", accuracy=measured["mean"])
    table = pd.concat([documented, measured.rename(columns={"step": "steps"})], ignore_index=True)
    table = table[["kind", "place", "steps", "accuracy", "n", "low", "high", "weights"]]
    with style.scoped():
        plot = _draw_claims(table, ours)
    values = documented["accuracy"]
    return Figure(
        id=id,
        plot=plot,
        frame=table.drop(columns="weights"),
        caption="Published accuracies of one network are up to "
        f"{words.hundredfold(values.max() - values.min())} points apart. Hollow: what others have published; "
        "full: runs of this book. "
        f"{what_dots_are(measured['n'])}{words.diverged(ours)}",
        alt=f"Dot chart. {len(values)} published accuracies reach from {words.percent(values.min())} to "
        f"{words.percent(values.max())}; measured here are "
        + words.listing(
            f"{words.percent(row.mean)} with {row.weights} weights after {row.step:,} steps"
            for row in measured[["mean", "weights", "step"]].itertuples(name="Row")
        )
        + ".",
        basis=basis(ours),
        runs=sorted(ours["key"].unique()),
    )


def _draw_claims(table: pd.DataFrame, ours: pd.DataFrame) -> Plot:
    kinds = list(table["kind"].unique())
    plot, axes = style.canvas(0.8 + 0.25 * (len(table) + len(kinds)))
    low = np.floor(20 * table["accuracy"].min() - 0.5) / 20
    high = np.ceil(20 * table["accuracy"].max() + 0.2) / 20
    place, labels = 0.0, {}
    for kind, rows in table.groupby("kind", sort=False):
        labels[place] = kind
        place += 1
        for row in rows.itertuples():
            steps = "" if pd.isna(row.steps) else f", {int(row.steps):,} steps"
            labels[place] = f"{row.place}{steps}"
            axes.plot([low, high], [place, place], color=style.PALE, linewidth=5, zorder=0)
            if pd.isna(row.n):
                axes.plot(
                    row.accuracy,
                    place,
                    "D",
                    color=style.MUTED,
                    markerfacecolor=style.PAPER,
                    markersize=7,
                    markeredgewidth=1.8,
                )
                value, hue = words.percent(row.accuracy), style.MUTED
            else:
                seeds = ours.loc[(ours["step"] == row.steps) & (ours["weights"] == row.weights), "accuracy"]
                interval_dots(
                    axes,
                    place,
                    pd.Series({"mean": row.accuracy, "low": row.low, "high": row.high, "n": row.n}),
                    seeds,
                    style.INK,
                )
                value, hue = words.with_interval(row.accuracy, row.low, row.high), style.INK
            beside(axes, value, place, colour=hue)
            place += 1
        place += 0.3
    axes.set(ylim=(place - 0.5, -0.6), xlim=(low, high), xlabel="test accuracy")
    axes.set_yticks(list(labels), list(labels.values()))
    axes.tick_params(axis="y", length=0)
    for text in axes.get_yticklabels():
        if text.get_text() in kinds:
            text.set_weight("bold")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.xaxis.set_major_locator(MultipleLocator(0.05))
    percent_axis(axes, "x")
    return plot


def interval_dots(axes: Axes, place: float, row: pd.Series, seeds: pd.Series, hue: str) -> None:
    """A dot for the mean, a bar for its interval, a small dot for each seed where there are several."""
    if len(seeds) > 1:
        axes.plot([row["low"], row["high"]], [place, place], color=hue, linewidth=2.5)
        axes.plot(seeds, [place] * len(seeds), "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
    axes.plot(row["mean"], place, "o", color=hue, markersize=8, markeredgecolor=style.PAPER, markeredgewidth=1.2)


def _reported(axes: Axes, place: float, value: float, text: str) -> None:
    axes.plot(value, place + 0.17, "^", color=style.INK, markersize=7, markeredgewidth=0)
    side, shift = ("right", -8) if value > 0.5 else ("left", 8)
    axes.annotate(
        text,
        (value, place + 0.19),
        xytext=(shift, 0),
        textcoords="offset points",
        ha=side,
        va="center",
        size=style.SMALL,
    )


def what_dots_are(n: pd.Series) -> str:
    seeds = n.dropna().astype(int)
    if seeds.max() == 1:
        return "One seed each, so there are no intervals."
    over = words.counts(seeds, "seed")
    return f"Large dots: means over {over}, bars: their {words.LEVEL_WORDS} intervals, small dots: single seeds."
