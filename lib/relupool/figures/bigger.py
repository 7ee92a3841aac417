"""Bigger networks with fewer ReLUs, beside what others have published."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import ONE_SET, Figure, basis_of, short
from relupool.measures.networks import RESNET, VGG_AVERAGE, VGG_MAX

HUES = {RESNET: style.INK, VGG_MAX: style.MAX, VGG_AVERAGE: style.AVERAGE}
"""Of families of networks: blue where max-pools are left when the ReLUs are gone."""

STILL = {
    "nothing": style.AVERAGE,
    "max-pools": style.MAX,
    "one max-pool": style.MAX,
    "products": style.INK,
    "ReLUs": style.RELU,
}
"""Of what is still nonlinear where ReLUs are gone."""

FRACTIONS = {1.0: "all", 0.5: "half", 0.1: "a tenth", 0.05: "a twentieth", 0.0: "none"}
"""Fractions of the ReLUs in words."""


@style.scoped()
def relu_fractions(frame: pd.DataFrame, table: pd.DataFrame, *, linear: float) -> Figure:
    """Test accuracy against the fraction of channels with ReLU, a line for each family of networks.

    ``table`` is what :func:`relupool.measures.bigger.fractions` makes of ``frame``, rows of the result store;
    ``linear`` is the accuracy of softmax regression, for a line across.
    """
    families = {str(family): rows for family, rows in table.groupby("family", sort=False)}
    ticks = sorted(table["fraction"].unique(), reverse=True)
    place = {fraction: i for i, fraction in enumerate(ticks)}  # evenly, or a tenth and none would be one place
    plot, axes = style.canvas(3.1)
    softmax = words.percent(linear)
    axes.axhline(linear, color=style.AVERAGE, linestyle=(0, (4, 3)), linewidth=1.4, zorder=0.5)
    axes.text(-0.2, linear - 0.03, f"softmax regression {softmax}", color=style.AVERAGE, va="top")
    last = {}
    beside = np.linspace(-0.06, 0.06, len(families))  # or one line would hide another
    for aside, (family, rows) in zip(beside, families.items(), strict=True):
        ordered = rows.sort_values("fraction", ascending=False)
        at = ordered["fraction"].map(place) + aside
        axes.plot(at, ordered["mean"], color=HUES[family], zorder=2)
        _intervals(axes, at, ordered, HUES[family], frame)
        last[family] = ordered.iloc[-1]
    _last_tenth(axes, table, place)
    axes.set_xticks(list(place.values()), [_share(fraction) for fraction in ticks])
    top = float(np.nanmax([table["mean"].max(), table["high"].max()]))
    axes.set(ylim=(0, min(1, 0.1 * np.ceil(10 * top + 0.5))), xlim=(-0.25, len(ticks) - 0.75))
    axes.set_xlabel("channels that keep their ReLU, in every layer")
    axes.set_title("test accuracy", weight="normal")
    marks.grid(axes, "y")
    marks.percent_axis(axes, "y")
    names = [f"{words.with_interval(row['mean'], row['low'], row['high'])} {family}" for family, row in last.items()]
    hues = [HUES[family] for family in last]
    marks.end_labels(axes, names, heights=[row["mean"] for row in last.values()], colours=hues)
    said = {
        family: words.listing(
            f"{words.percent(row.mean)} with {_share(row.fraction)} of its ReLUs" for row in rows.itertuples(name="Row")
        )
        for family, rows in families.items()
    }
    shown = frame[frame["network"].isin(table["network"])]
    return Figure.of_runs(
        frame,
        drawn=shown,
        id="fig-relu-fractions",
        plot=plot,
        frame=table.reset_index(drop=True),
        caption=f"{_what_goes(table)} In the other channels the activation is the identity; which channels, is drawn "
        f"at random. {marks.what_dots_are(table['n'])}",
        alt=f"Line chart. {words.pairs(said)}. Softmax regression has {softmax}.",
        basis=_bases(shown),
    )


def _intervals(axes: Axes, at: pd.Series, rows: pd.DataFrame, hue: str, frame: pd.DataFrame) -> None:
    """A large dot for each mean, a bar for its interval, a small dot for each seed where there are several."""
    axes.vlines(at, rows["low"], rows["high"], color=hue, linewidth=2.5)
    for place, row in zip(at, rows.itertuples(), strict=True):
        if row.n > 1:
            ours = frame[(frame["network"] == row.network) & (frame["step"] == row.step)]
            seeds = ours.loc[ours["weights"] == "averaged", "accuracy"]
            axes.plot([place] * len(seeds), seeds, "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
    axes.plot(at, rows["mean"], "o", color=hue, markersize=8, markeredgecolor=style.PAPER, markeredgewidth=1.2)


def _last_tenth(axes: Axes, table: pd.DataFrame, place: dict[float, int]) -> None:
    """What the last tenth of its ReLUs is worth to ResNet-20, written beside its line."""
    means = table[table["family"] == RESNET].set_index("fraction")["mean"]
    if {0.1, 0.0} <= set(means.index):
        worth = f"the last tenth of its ReLUs:\n{words.hundredfold(means[0.1] - means[0.0], 0)} points"
        at = place[0.0] - 1.0, means[0.0] + 0.42 * (means[0.1] - means[0.0])
        axes.text(*at, worth, color=HUES[RESNET], ha="right", va="center", linespacing=1.1)


def _share(fraction: float) -> str:
    return FRACTIONS.get(fraction, f"{100 * fraction:g}{words.NBSP}%")


def _what_goes(table: pd.DataFrame) -> str:
    """What most of the ReLUs and all of them are worth, as the title of :func:`relu_fractions`."""
    lost = table[(table["family"] == RESNET) & (table["fraction"] < 1) & (table["lost"] > 0)].set_index("fraction")
    named = {0.1: "points with one in ten of its ReLUs", 0.0: "with none"}
    said = [f"{words.hundredfold(lost.loc[f, 'lost'])} {what}" for f, what in named.items() if f in lost.index]
    return f"{RESNET} loses {words.listing(said)}." if said else "Networks with fewer ReLUs."


@style.scoped()
def losses_beside_published(frame: pd.DataFrame, table: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """The share of their accuracy that networks keep with few ReLUs or none: others' figures, and this book's.

    ``table`` is :func:`relupool.measures.bigger.fractions` of ``frame``; ``published`` has the columns of
    :data:`relupool.measures.published.RELUS_REMOVED`. Those in which something multiplies are a group of their own.
    """
    ours = table[(table["fraction"] == 0) & table["lost"].notna()]
    rows = _losses(ours, published)
    reach = max(1.0, float(rows["kept"].max()))
    plot, axes = style.canvas(0.75 + 0.27 * (len(rows) + rows["kind"].nunique()))
    drawn = rows.rename(columns={"still nonlinear": "still"})
    for place, row in marks.grouped_rows(axes, drawn, lambda row: row.row, gap=0.25):
        hue, dashes = STILL[row.still], (0, (3, 2)) if row.still == "products" else "-"
        axes.plot([0, reach], [place, place], color=style.PALE, linewidth=5, zorder=0)
        axes.plot([0, row.kept], [place, place], color=hue, linewidth=1.6, alpha=0.6, zorder=1, linestyle=dashes)
        fill = style.PAPER if row.published else hue
        axes.plot(row.kept, place, "o", color=hue, markersize=8, markerfacecolor=fill, markeredgewidth=1.8)
        marks.beside(axes, f"{words.percent(row.kept, 0)}  {row.still}", place, colour=hue)
    axes.set(xlim=(-0.02, reach + 0.02), xlabel="share of the accuracy with all ReLUs that is kept")
    marks.percent_axis(axes, "x")
    shown = frame[frame["network"].isin(ours["network"])]
    own = _bases(shown)
    full = f" Filled: this book, {words.counts(ours['n'].astype(int), 'seed')} each." if own else ""
    said = {f"{r.row} ({r.kind})": words.percent(r.kept, 0) for r in drawn.itertuples()}
    return Figure(
        id="fig-losses-published",
        plot=plot,
        frame=rows,
        caption="Max-pools or products throughout a network make up for most of ReLU; one max-pool, or nothing, does "
        f"not. Colours and dashes: what is still nonlinear. Hollow: published by others.{full} Networks, data and "
        "lengths of training differ from row to row.",
        alt=f"Dot chart of the share of accuracy kept. {words.pairs(said)}.",
        basis=own or "Published figures only.",
        runs=sorted(shown["key"].unique()),
        tag=f"published; this book: {short(own)}" if own else "published",
    )


def _losses(ours: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """What others' networks keep and this book's, the most of each kind first."""
    theirs = published.assign(
        kind=np.select(
            [published["still nonlinear"] == "products", published["fraction"] == 0],
            [published["data"] + ", no ReLU, but products", published["data"] + ", no ReLU left"],
            published["data"] + ", some ReLUs left",
        ),
        row=published["network"] + [f", {FRACTIONS[part]} left" if part else "" for part in published["fraction"]],
        kept=published["accuracy"] / published["with all"],
        published=True,
    )
    measured = ours.assign(kind="CIFAR-10, no ReLU left: this book", row=ours["family"], published=False,
                           kept=ours["mean"] / (ours["mean"] + ours["lost"]))  # fmt: skip
    measured["still nonlinear"] = np.where(ours["family"] == VGG_MAX, "max-pools", "nothing")
    columns = ["kind", "row", "still nonlinear", "kept", "published"]
    rows = pd.concat([theirs[columns], measured[[*columns, "n"]]], ignore_index=True)
    kinds = list(rows["kind"].unique())
    order = (
        rows.assign(place=rows["kind"].map(kinds.index))
        .sort_values(["place", "kept"], ascending=[True, False], kind="stable")
        .index
    )
    return rows.loc[order].reset_index(drop=True)


def _bases(shown: pd.DataFrame) -> str:
    """What was run, said once for all networks where it is the same, else for those of each preset by themselves."""
    return " ".join(basis_of(rows) for _, rows in shown.groupby(list(ONE_SET), sort=False))
