"""Figures of bigger and of deeper networks with fewer ReLUs, beside what others have published."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from relupool.figures import style, words
from relupool.figures.figure import ONE_SET, Figure, basis
from relupool.figures.labels import beside, end_labels, percent_axis
from relupool.thresholds import CHANCE
from relupool.validation import refuse


def relu_fractions(frame: pd.DataFrame, table: pd.DataFrame, *, id: str = "fig-relu-fractions") -> Figure:
    """Test accuracy against the fraction of channels with ReLU, a line for each family of networks.

    ``table`` is what :func:`relupool.verdicts.bigger.fractions` makes of ``frame``, rows of the result store.
    """
    if table.empty:
        refuse("table", table.to_dict("list"), "a table with at least one network")
    hues = style.hues(table["family"])
    ticks = sorted(table["fraction"].unique(), reverse=True)
    place = {fraction: i for i, fraction in enumerate(ticks)}  # evenly, or a tenth and none would be one place
    ends: dict[str, tuple[float, str]] = {}
    with style.scoped():
        plot, axes = style.canvas(4.2)
        for family, rows in table.groupby("family", sort=False):
            ordered = rows.sort_values("fraction", ascending=False)
            at = ordered["fraction"].map(place)
            axes.plot(at, ordered["mean"], color=hues[family], zorder=2)
            _intervals(axes, at, ordered, hues[family], frame)
            last = ordered.iloc[-1]
            ends[str(family)] = (last["mean"], words.with_interval(last["mean"], last["low"], last["high"]))
        axes.axhline(CHANCE, color=style.MUTED, linestyle=":", linewidth=1.2)
        axes.set_xticks(list(place.values()), [_share(fraction) for fraction in ticks])
        top = float(np.nanmax([table["mean"].max(), table["high"].max()]))
        axes.set(ylim=(0, min(1, 0.1 * np.ceil(10 * top + 0.5))), xlim=(-0.25, len(ticks) - 0.75))
        axes.set_xlabel("channels with ReLU, in every layer")
        axes.set_title("test accuracy", weight="normal")
        style.grid(axes, "y")
        percent_axis(axes, "y")
        end_labels(
            axes,
            [f"{value} {family}" for family, (_, value) in ends.items()],
            heights=[height for height, _ in ends.values()],
            colours=[hues[family] for family in ends],
        )
    said = {
        family: words.listing(f"{words.percent(r.mean)} with {_share(r.fraction)} of its ReLUs" for r in _rows(rows))
        for family, rows in table.groupby("family", sort=False)
    }
    steps = words.listing(f"{n:,}" for n in sorted(table["step"].unique()))
    return Figure(
        id=id,
        plot=plot,
        frame=table.reset_index(drop=True),
        caption=f"Test accuracy of bigger networks by how many of their ReLUs are left, after {steps} steps. The "
        f"others are the identity. {_seeds(table['n'])} Dotted: guessing among ten classes.{words.diverged(frame)}",
        alt=f"Line chart. {words.pairs(said)}.",
        basis=_bases(frame, table),
        runs=_keys(frame, table),
    )


def losses_beside_published(
    frame: pd.DataFrame, table: pd.DataFrame, published: pd.DataFrame, *, id: str = "fig-losses-published"
) -> Figure:
    """Accuracy that networks lose when only some or none of their ReLUs are left: others' figures, and this book's.

    ``table`` is :func:`relupool.verdicts.bigger.fractions` of ``frame``; ``published`` has the columns network, data,
    "ReLUs left", fraction, "with all" and accuracy.
    """
    theirs = pd.DataFrame(
        {
            "kind": "published, " + published["data"],
            "row": published["network"] + ": " + published["ReLUs left"],
            "fraction": published["fraction"],
            "lost": published["with all"] - published["accuracy"],
        }
    )
    ours = table[(table["fraction"] < 1) & table["lost"].notna()]
    row = [f"{r.family}: {'none' if r.fraction == 0 else _share(r.fraction)}" for r in _rows(ours)]
    measured = pd.DataFrame(
        {"kind": "measured here", "row": row, "fraction": ours["fraction"], "lost": ours["lost"], "n": ours["n"]}
    )
    rows = pd.concat([theirs, measured], ignore_index=True)
    rows = rows.sort_values(["fraction", "lost"], ascending=[True, False], kind="stable", ignore_index=True)
    rows = rows.sort_values("kind", ascending=False, kind="stable", ignore_index=True)  # published first
    with style.scoped():
        plot, axes = style.canvas(1.1 + 0.33 * (len(rows) + rows["kind"].nunique()))
        _draw_losses(axes, rows)
    full = f" Full: measured here, {words.counts(ours['n'].astype(int), 'seed')} each." if len(ours) else ""
    said = {f"{r.row} ({r.kind})": f"{words.hundredfold(r.lost)} points" for r in _rows(rows)}
    return Figure(
        id=id,
        plot=plot,
        frame=rows,
        caption="What networks lose in accuracy when the others of their ReLUs become the identity; behind the colon, "
        f"those that are left. Hollow: as others have published.{full} Networks, data and lengths of training differ "
        "from row to row.",
        alt=f"Dot chart of accuracy lost. {words.pairs(said)}.",
        basis=_bases(frame, ours) if len(ours) else "Published figures only.",
        runs=_keys(frame, ours),
    )


def depth(frame: pd.DataFrame, table: pd.DataFrame, *, id: str = "fig-depth") -> Figure:
    """Test accuracy against the number of convolutions, with ReLU in them and without.

    ``table`` is what :func:`relupool.verdicts.depth.depths` makes of ``frame``, rows of the result store.
    """
    if table.empty:
        refuse("table", table.to_dict("list"), "a table with at least one network")
    hues = {"ReLU": style.BLUE, "linear": style.ORANGE}
    ends = {}
    with style.scoped():
        plot, axes = style.canvas(3.6)
        for kind, rows in table.groupby("kind", sort=False):
            rows = rows.sort_values("convolutions")
            axes.plot(rows["convolutions"], rows["mean"], color=hues[kind], zorder=2)
            _intervals(axes, rows["convolutions"], rows, hues[kind], frame)
            ends[kind] = rows.iloc[-1]
        low, high = (getattr(table, c).fillna(table["mean"]) for c in ("low", "high"))
        axes.set(ylim=(0.1 * np.floor(10 * low.min() - 0.3), min(1, 0.1 * np.ceil(10 * high.max() + 0.3))))
        axes.set_xlabel("convolutions")
        axes.set_title("test accuracy", weight="normal")
        ticks = sorted(table["convolutions"].unique())
        axes.set(xticks=ticks, xlim=(min(ticks) - 0.3, max(ticks) + 0.3))
        style.grid(axes, "y")
        percent_axis(axes, "y")
        named = {"ReLU": "with ReLU", "linear": "without"}
        end_labels(
            axes,
            [f"{words.with_interval(e['mean'], e['low'], e['high'])} {named[kind]}" for kind, e in ends.items()],
            heights=[e["mean"] for e in ends.values()],
            colours=[hues[kind] for kind in ends],
        )
    said = {
        f"{named[kind]} in the convolutions": words.listing(
            f"{words.percent(r.mean)} with {r.convolutions}" for r in _rows(rows)
        )
        for kind, rows in table.groupby("kind", sort=False)
    }
    return Figure(
        id=id,
        plot=plot,
        frame=table,
        caption=f"The example with more convolutions. Test accuracy after {int(table['step'].iloc[0]):,} steps, with "
        f"ReLU behind each convolution and without; max-pools and the dense layers' ReLUs stay. {_seeds(table['n'])}"
        f"{words.diverged(frame)}",
        alt=f"Line chart. {words.pairs(said)}.",
        basis=_bases(frame, table),
        runs=_keys(frame, table),
    )


def _draw_losses(axes: Axes, rows: pd.DataFrame) -> None:
    place, labels = 0.0, {}
    reach = max(0.5, float(rows["lost"].max()))
    least = min(0.0, float(rows["lost"].min()))
    for kind, group in rows.groupby("kind", sort=False):
        labels[place] = str(kind)
        place += 1
        for row in _rows(group):
            labels[place] = row.row
            axes.plot([least, reach], [place, place], color=style.PALE, linewidth=5, zorder=0)
            theirs = str(kind).startswith("published")
            hue = style.ORANGE if theirs else style.BLUE
            axes.plot(
                row.lost,
                place,
                "D" if theirs else "o",
                color=hue,
                markersize=7 if theirs else 8,
                markerfacecolor=style.PAPER if theirs else hue,
                markeredgecolor=hue if theirs else style.PAPER,
                markeredgewidth=1.8 if theirs else 1.2,
            )
            beside(axes, words.hundredfold(row.lost), place, colour=hue)
            place += 1
        place += 0.3
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
    return {0.0: "none", 1.0: "all"}.get(fraction, f"{100 * fraction:g}{words.NBSP}%")


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
