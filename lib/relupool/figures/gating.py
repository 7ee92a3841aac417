"""ReLU's values and its gradient taken apart, and both orders of activation and pooling trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from relupool.experiments.statistics import intervals
from relupool.figures import style, words
from relupool.figures.accuracy import curve_axes, evaluations, final, interval_dots, what_dots_are
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import end_labels, percent_axis
from relupool.validation import refuse
from relupool.verdicts import orders_trained
from relupool.verdicts.estimate import signed

ORDER_HUES = {orders_trained.FIRST: style.BLUE, orders_trained.LAST: style.ORANGE}
NETWORKS = {
    "ReLU": ("ReLU, no LRN", "ReLU"),
    "no ReLU": ("identity, no LRN", "identity"),
    "the gate alone": (
        "identity forward, gradient gated, no LRN",
        "identity forward, gradient gated",
    ),
    "ReLU without\nits gate": (
        "ReLU ungated, behind the pools, no LRN",
        "ReLU ungated, behind the pools",
    ),
}
"""What a reader calls the networks of :func:`gates`, and their labels in the studies of the two panels."""

PANELS = ("with dense ReLUs", "linear dense layers")
"""How the networks of the two studies differ."""


def labels(place: int) -> tuple[str, ...]:
    """What the study of panel number ``place`` calls the networks: ReLU, no ReLU, the gate alone, the values alone."""
    return tuple(names[place] for names in NETWORKS.values())


def gates(*frames: pd.DataFrame, id: str = "fig-gates") -> Figure:
    """Final accuracy with ReLU, without, and of each with the other's gradient: a panel for each of two studies.

    ``frames`` are rows of the store: of :data:`~relupool.experiments.studies.GATING` with its network behind the pools,
    and where it is there of :data:`~relupool.experiments.studies.GATING_WHERE_IT_GAINS`.
    """
    found = pd.concat([_ends(frame, place) for place, frame in enumerate(frames)], ignore_index=True)
    with style.scoped():
        plot, panels = style.canvas(3.3, ncols=len(frames), sharey=True, sharex=True, squeeze=False)
        for place, (axes, frame) in enumerate(zip(panels.flat, frames, strict=True)):
            for row in found[found["panel"] == PANELS[place]].to_dict("records"):
                height = list(NETWORKS).index(row["network"])
                hue = style.RELU if row["network"].startswith("ReLU") else style.AVERAGE
                axes.axhline(height, color=style.PALE, linewidth=6, zorder=0)
                if row["n"]:
                    interval_dots(axes, height, pd.Series(row), _seeds(frame, NETWORKS[row["network"]][place]), hue)
                axes.text(0.02, height - 0.2, row["said"], color=hue, va="bottom", size=10.5)
            axes.set(xlim=(0, 1), ylim=(len(NETWORKS) - 0.6, -0.75))
            axes.set_title(f"{PANELS[place]}\n{frame['steps'].max():,} steps", pad=4, weight="normal")
            axes.set_yticks(range(len(NETWORKS)), list(NETWORKS))
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
            axes.xaxis.set_major_locator(MultipleLocator(0.2))
            percent_axis(axes, "x", sign="")
        plot.supxlabel("test accuracy in per cent", fontsize=11)
    shown = [frame[frame["network"].isin(labels(place))] for place, frame in enumerate(frames)]
    frame = pd.concat(shown, ignore_index=True)
    wide = found.pivot(index="panel", columns="network", values="mean")[list(NETWORKS)]
    worse = wide.iloc[:, 2:].max(axis=1).lt(wide.iloc[:, :2].min(axis=1)) | wide.iloc[:, 2:].isna().all(axis=1)
    lost = int((found["trained"] - found["n"]).sum())
    title = f"{'No network' if worse.all() else 'Some network'} did better with a gradient that is not its own"
    title += f", and {words.count(lost, 'run')} diverged" if lost else ""
    said = words.pairs(
        {f"{row.panel}, {' '.join(row.network.split())}": row.said for row in found.itertuples(index=False)}
    )
    return Figure(
        id=id,
        plot=plot,
        frame=found.drop(columns="said"),
        caption=f"{title}. The gate alone passes every value, and the gradient where the value is positive; "
        "ReLU without its gate has ReLU’s values, and passes every gradient. "
        f"{what_dots_are(found['n'][found['n'] > 0])}",
        alt=f"Dot chart of final test accuracies. {said}.",
        basis=basis(frame),
        runs=sorted(frame["key"].unique()),
    )


def _ends(frame: pd.DataFrame, place: int) -> pd.DataFrame:
    rows = []
    for name, label in zip(NETWORKS, labels(place), strict=True):
        seeds, trained = _seeds(frame, label), frame.loc[frame["network"] == label, "seed"].nunique()
        ends = intervals(pd.DataFrame({"network": name, "accuracy": seeds})) if len(seeds) else None
        row = ends.iloc[0].to_dict() if ends is not None else {"n": 0}
        said = words.with_interval(row["mean"], row["low"], row["high"]) if row["n"] else "diverged"
        lost = trained - row["n"]
        if lost:
            said += f", {lost} of {words.count(trained, 'seed')}"
        rows.append({"panel": PANELS[place], "network": name, "trained": trained, **row, "said": said})
    return pd.DataFrame(rows)


def _seeds(frame: pd.DataFrame, label: str) -> pd.Series:
    ends = final(evaluations(frame, "averaged"))
    return ends.loc[ends["network"] == label, "accuracy"].astype(float)


def orders(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-orders-trained") -> Figure:
    """Test accuracy over the steps with the activation before the pooling and behind it, a panel for each pair."""
    rows = evaluations(frame, weights)
    rows = rows[rows["step"] > 0]
    shown = [p for p in orders_trained.PAIRS if {p + order for order in ORDER_HUES} & set(rows["network"])]
    if not shown:
        refuse("frame", list(frame["network"].unique()), "one of the study “order”, evaluated behind step 0")
    gaps = orders_trained.pairs(frame, weights=weights).set_index("pair")
    lines = -(-len(shown) // 2)
    said = {p: f"{signed(gaps.loc[p, 'mean'])} points" if p in gaps.index else "not finished" for p in shown}
    with style.scoped():
        plot, panels = style.canvas(0.9 + 2.1 * lines, nrows=lines, ncols=2, sharex=True, sharey=True, squeeze=False)
        for axes, pair in zip(panels.flat, shown, strict=False):
            for (order, hue), width in zip(ORDER_HUES.items(), (3.6, 1.6), strict=True):
                _mean(axes, rows[rows["network"] == pair + order], hue, width=width)
            axes.set_title(pair, pad=4)
            axes.text(0.97, 0.2, said[pair], ha="right", transform=axes.transAxes)
            axes.set_xscale("log")
            curve_axes(axes, rows, room=1.1)
            axes.xaxis.set_tick_params(labelbottom=True)
        for axes in panels.flat[len(shown) :]:
            axes.remove()
        for line, (order, hue) in enumerate(ORDER_HUES.items()):
            panels.flat[0].text(0.05, 0.86 - 0.13 * line, order[2:], color=hue, transform=panels.flat[0].transAxes)
        plot.supxlabel("training step", fontsize=11)
        plot.supylabel("test accuracy", fontsize=11)
    return Figure(
        id=id,
        plot=plot,
        frame=rows[["network", "seed", "weights", "step", "accuracy", "diverged_at", "key"]].reset_index(drop=True),
        caption="Both orders, trained. Test accuracy during training with the activation before the pooling and behind "
        "it; dots are single seeds, lines their means. In the panels: activation last minus first, at the end, in "
        f"points.{words.diverged(frame)}",
        alt=f"Line charts of test accuracy, both orders in each. Activation last minus first: {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(rows["key"].unique()),
    )


def parting(lockstep: pd.DataFrame, *, basis: str, id: str = "fig-parting") -> Figure:
    """How far the training losses of two orders are apart, batch by batch, on a log scale with a place for zero."""
    found = orders_trained.coincidence(lockstep)
    hues = style.hues(lockstep["pair"])
    apart = lockstep.loc[lockstep["difference"] > 0, "difference"]
    least = 10.0 ** np.floor(np.log10(apart.min())) if len(apart) else 1e-7
    zero = least / 30
    top = max(10 * apart.max(), 1e3 * least) if len(apart) else 1.0
    equal = list(found.loc[found["parted"].isna(), "pair"])
    with style.scoped():
        plot, axes = style.canvas(4.4)
        axes.axhspan(zero / 3, zero * 3, color=style.PALE, linewidth=0, zorder=0)
        heights = []
        for place, (pair, hue) in enumerate(hues.items()):
            curve = lockstep[lockstep["pair"] == pair]
            drawn = curve["difference"].where(curve["difference"] > 0, zero)
            width = (2.2, 1.2)[equal.index(pair) % 2] if pair in equal else 1.6
            axes.plot(curve["step"], drawn, "o-", color=hue, lw=width, ms=3.5 + 1.5 * (pair in equal) * (width > 2),
                      zorder=2 + (width < 2))  # fmt: skip
            heights.append(np.log10(drawn.iloc[-5:].to_numpy(float)).mean() - 1e-3 * place)
        axes.set_yscale("log")
        axes.set(ylim=(zero / 3, top), xlabel="batch")
        axes.set_title("difference of the two training losses", weight="normal")
        powers = np.arange(np.log10(least), np.floor(np.log10(top)) + 0.5, 1 if top / least < 1e7 else 2)
        axes.set_yticks([zero, *10.0**powers], minor=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "none" if value < least / 3 else _power(value)))
        axes.minorticks_off()
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        style.grid(axes, "y")
        _names_at_the_end(axes, list(hues), heights, list(hues.values()))
    said = words.pairs(
        {
            row.pair: "no difference"
            if np.isnan(row.parted)
            else f"from batch {row.parted:.0f} on, by up to {words.scientific(row.largest)}"
            for row in found.itertuples()
        }
    )
    return Figure(
        id=id,
        plot=plot,
        frame=lockstep,
        caption="Where two orders part. Difference of the training losses of the same network with the activation "
        f"before and behind the pooling, same weights to begin with and same batches. {said}.",
        alt=f"Line chart of differences of losses over batches, log scale, with a band for no difference. {said}.",
        basis=basis,
    )


def _names_at_the_end(axes: Axes, names: list[str], heights: list[float], hues: list[str]) -> None:
    """:func:`end_labels` on a log axis: labels are spread on a linear one that shares its place."""
    beside = axes.twinx()
    low, high = axes.get_ylim()
    beside.set_ylim(float(np.log10(low)), float(np.log10(high)))
    beside.axis("off")
    end_labels(beside, names, heights=heights, colours=hues, width=20)


def _power(value: float) -> str:
    exponent = str(round(np.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == "⁰" else f"10{exponent}"


def _mean(axes: Axes, rows: pd.DataFrame, hue: str, *, width: float, dots: bool = True) -> None:
    """The mean of the seeds that did not diverge, a dot for each seed, and a cross where one diverged."""
    going = rows[rows["diverged_at"].isna()]
    axes.plot(going.groupby("step")["accuracy"].mean(), color=hue, linewidth=width, zorder=2 + 1 / width)
    if not dots:
        return
    axes.plot(rows["step"], rows["accuracy"], "o", color=hue, markersize=2.5 + width / 2, alpha=0.7, mew=0)
    for _, gone in rows[rows["diverged_at"].notna()].groupby("seed"):
        axes.plot(gone["step"].iloc[-1], gone["accuracy"].iloc[-1], "X", color=hue, markersize=9)
