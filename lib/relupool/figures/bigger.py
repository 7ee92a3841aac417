"""Figures of bigger networks with fewer ReLUs, beside what others have published."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool import words
from relupool.figures import style
from relupool.figures.figure import ONE_SET, Figure, basis, short
from relupool.figures.labels import beside, end_labels, percent_axis
from relupool.measures.networks import RESNET, VGG_AVERAGE, VGG_MAX
from relupool.validation import refuse

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

FEWER = {0.5: "half", 0.1: "a tenth", 0.05: "a twentieth"}
"""Fractions of the ReLUs in words."""


def relu_fractions(
    frame: pd.DataFrame, table: pd.DataFrame, *, linear: float | None = None, id: str = "fig-relu-fractions"
) -> Figure:
    """Test accuracy against the fraction of channels with ReLU, a line for each family of networks.

    ``table`` is what :func:`relupool.measures.bigger.fractions` makes of ``frame``, rows of the result store;
    ``linear`` is the accuracy of softmax regression, for a line across.
    """
    if table.empty:
        refuse("table", table.to_dict("list"), "a table with at least one network")
    ticks = sorted(table["fraction"].unique(), reverse=True)
    place = {fraction: i for i, fraction in enumerate(ticks)}  # evenly, or a tenth and none would be one place
    ends: dict[str, tuple[float, str]] = {}
    with style.scoped():
        plot, axes = style.canvas(3.1)
        if linear is not None:
            axes.axhline(linear, color=style.AVERAGE, linestyle=(0, (4, 3)), linewidth=1.4, zorder=0.5)
            axes.text(-0.2, linear - 0.03, f"softmax regression {words.percent(linear)}", color=style.AVERAGE, va="top")
        for family, rows in table.groupby("family", sort=False):
            ordered, hue = rows.sort_values("fraction", ascending=False), HUES[str(family)]
            at = ordered["fraction"].map(place)
            axes.plot(at, ordered["mean"], color=hue, zorder=2)
            _intervals(axes, at, ordered, hue, frame)
            last = ordered.iloc[-1]
            ends[str(family)] = (last["mean"], words.with_interval(last["mean"], last["low"], last["high"]))
        _last_tenth(axes, table, place)
        axes.set_xticks(list(place.values()), [_share(fraction) for fraction in ticks])
        top = float(np.nanmax([table["mean"].max(), table["high"].max()]))
        axes.set(ylim=(0, min(1, 0.1 * np.ceil(10 * top + 0.5))), xlim=(-0.25, len(ticks) - 0.75))
        axes.set_xlabel("channels that keep their ReLU, in every layer")
        axes.set_title("test accuracy", weight="normal")
        style.grid(axes, "y")
        percent_axis(axes, "y")
        end_labels(
            axes,
            [f"{value} {family}" for family, (_, value) in ends.items()],
            heights=[height for height, _ in ends.values()],
            colours=[HUES[family] for family in ends],
        )
    said = {
        family: words.listing(f"{words.percent(r.mean)} with {_share(r.fraction)} of its ReLUs" for r in _rows(rows))
        for family, rows in table.groupby("family", sort=False)
    }
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index(drop=True),
        caption=f"{_what_goes(table)} In the other channels the activation is the identity; which channels, is drawn "
        f"at random. {_seeds(table['n'])}{words.diverged(frame)}",
        alt=f"Line chart. {words.pairs(said)}."
        + (f" Softmax regression has {words.percent(linear)}." if linear is not None else ""),
        basis=_bases(frame, table),
        runs=_keys(frame, table),
    )


def _last_tenth(axes: Axes, table: pd.DataFrame, place: dict[float, int]) -> None:
    """What the last tenth of its ReLUs is worth to ResNet-20, written beside its line."""
    means = table[table["family"] == RESNET].set_index("fraction")["mean"]
    if {0.1, 0.0} <= set(means.index):
        worth = f"the last tenth of its ReLUs:\n{words.hundredfold(means[0.1] - means[0.0], 0)} points"
        at = place[0.0] - 1.0, means[0.0] + 0.42 * (means[0.1] - means[0.0])
        axes.text(*at, worth, color=HUES[RESNET], ha="right", va="center", linespacing=1.1)


def _what_goes(table: pd.DataFrame) -> str:
    """What half of the ReLUs and all of them are worth, as the title of :func:`relu_fractions`."""
    lost = {
        row.fraction: row.lost for row in _rows(table[table["family"] == RESNET]) if row.fraction < 1 and row.lost > 0
    }
    told = {0.5: "points without half of its ReLUs", 0.1: "without nine in ten", 0.0: "without any"}
    said = [f"{words.hundredfold(lost[part])} {what}" for part, what in told.items() if part in lost]
    return f"{RESNET} loses {words.listing(said)}." if said else "Networks with fewer ReLUs."


def losses_beside_published(
    frame: pd.DataFrame, table: pd.DataFrame, published: pd.DataFrame, *, id: str = "fig-losses-published"
) -> Figure:
    """Accuracy that networks lose when some or all of their ReLUs are gone: others' figures, and this book's.

    ``table`` is :func:`relupool.measures.bigger.fractions` of ``frame``; ``published`` has the columns of
    :data:`relupool.measures.published.RELUS_REMOVED`. Those in which something multiplies are a group of their own.
    """
    gone, multiplies = published["fraction"] == 0, published["still nonlinear"] == "products"
    theirs = pd.DataFrame(
        {
            "kind": np.select(
                [multiplies, gone],
                [published["data"] + ", no ReLU, but products", published["data"] + ", no ReLU left"],
                published["data"] + ", some ReLUs left",
            ),
            "row": published["network"] + [f", {FEWER[part]} left" if part else "" for part in published["fraction"]],
            "still nonlinear": published["still nonlinear"],
            "lost": published["with all"] - published["accuracy"],
            "published": True,
        }
    )
    ours = table[(table["fraction"] == 0) & table["lost"].notna()]
    measured = pd.DataFrame(
        {
            "kind": "CIFAR-10, no ReLU left: this book",
            "row": ours["family"],
            "still nonlinear": ["max-pools" if family == VGG_MAX else "nothing" for family in ours["family"]],
            "lost": ours["lost"],
            "published": False,
            "n": ours["n"],
        }
    )
    rows = pd.concat([theirs, measured], ignore_index=True)
    rows["place"] = rows.groupby("kind", sort=False).ngroup()
    rows = rows.sort_values(["place", "lost"], kind="stable", ignore_index=True).drop(columns="place")
    with style.scoped():
        plot, axes = style.canvas(0.75 + 0.27 * (len(rows) + rows["kind"].nunique()))
        _draw_losses(axes, rows)
    own = _bases(frame, ours)
    full = f" Filled: this book, {words.counts(ours['n'].astype(int), 'seed')} each." if len(ours) else ""
    said = {f"{r.row} ({r.kind})": f"{words.hundredfold(r.lost)} points" for r in _rows(rows)}
    return Figure(
        id=id,
        plot=plot,
        frame=rows,
        caption="Max-pools or products throughout a network make up for most of ReLU; one max-pool, or nothing, does "
        f"not. Colours and dashes: what is still nonlinear. Hollow: published by others.{full} Networks, data and "
        "lengths of training differ from row to row.",
        alt=f"Dot chart of accuracy lost. {words.pairs(said)}.",
        basis=own if len(ours) else "Published figures only.",
        runs=_keys(frame, ours),
        tag=f"published; this book: {short(own)}" if len(ours) else "published",
    )


def _draw_losses(axes: Axes, rows: pd.DataFrame) -> None:
    place, labels = 0.0, {}
    reach, least = max(0.5, float(rows["lost"].max())), min(0.0, float(rows["lost"].min()))
    for kind, group in rows.groupby("kind", sort=False):
        labels[place] = str(kind)
        place += 1
        for row in _rows(group.rename(columns={"still nonlinear": "still"})):
            labels[place] = row.row
            hue = STILL[row.still]
            axes.plot([least, reach], [place, place], color=style.PALE, linewidth=5, zorder=0)
            dashes = (0, (3, 2)) if row.still == "products" else "-"
            axes.plot([0, row.lost], [place, place], color=hue, linewidth=1.6, alpha=0.6, zorder=1, linestyle=dashes)
            axes.plot(
                row.lost,
                place,
                "o",
                color=hue,
                markersize=8,
                markerfacecolor=style.PAPER if row.published else hue,
                markeredgecolor=hue,
                markeredgewidth=1.8,
            )
            beside(axes, f"{words.hundredfold(row.lost)}  {row.still}", place, colour=hue)
            place += 1
        place += 0.25
    axes.set(ylim=(place - 0.5, -0.6), xlim=(least - 0.01, reach + 0.02), xlabel="accuracy lost, in points")
    axes.set_yticks(list(labels), list(labels.values()))
    axes.tick_params(axis="y", length=0)
    for tick in axes.get_yticklabels():
        if tick.get_text() in set(rows["kind"]):
            tick.set_fontweight("bold")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    percent_axis(axes, "x", sign="")


def _intervals(axes: Axes, at: pd.Series, rows: pd.DataFrame, hue: str, frame: pd.DataFrame) -> None:
    """A large dot for each mean, a bar for its interval, a small dot for each seed where there are several."""
    axes.vlines(at, rows["low"], rows["high"], color=hue, linewidth=2.5)
    for place, row in zip(at, _rows(rows), strict=True):
        if row.n > 1:
            ours = frame[(frame["network"] == row.network) & (frame["step"] == row.step)]
            seeds = ours.loc[ours["weights"] == "averaged", "accuracy"]
            axes.plot([place] * len(seeds), seeds, "o", color=hue, markersize=4, alpha=0.5, markeredgewidth=0)
    axes.plot(at, rows["mean"], "o", color=hue, markersize=8, markeredgecolor=style.PAPER, markeredgewidth=1.2)


def _rows(table: pd.DataFrame) -> list:
    return list(table.itertuples(name="Row"))


def _share(fraction: float) -> str:
    known = {0.0: "none", 1.0: "all", **FEWER}
    return known.get(fraction, f"{100 * fraction:g}{words.NBSP}%")


def _seeds(n: pd.Series) -> str:
    if n.max() == 1:
        return "One seed each, so there are no intervals."
    over = words.counts(n.astype(int), "seed")
    return f"Large dots: means over {over}, bars: their {words.LEVEL_WORDS} intervals, small dots: single seeds."


def _bases(frame: pd.DataFrame, table: pd.DataFrame) -> str:
    """What was run, said once for all networks where it is the same, else for those of each preset by themselves."""
    shown = frame[frame["network"].isin(table["network"])]
    return " ".join(basis(rows) for _, rows in shown.groupby(list(ONE_SET), sort=False))


def _keys(frame: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    return sorted(frame.loc[frame["network"].isin(table["network"]), "key"].unique())
