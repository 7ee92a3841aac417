"""The figures of *What the order costs*: savings, ratios of times, where a training step's time goes."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure
from relupool.measures.order_times import WAYS, saved

PAINT = {
    "convolution": (style.MUTED, style.PAPER),
    "dense": (style.GRID, style.INK),
    "pooling": (style.MAX, style.PAPER),
    "activation": (style.RELU, style.PAPER),
    "normalization": (style.NORMALIZATION, style.PAPER),
    "all else": (style.PALE, style.INK),
}
"""Of types of layers, and of the numbers on them: what is linear is grey."""

TAG = "timed, nothing trained"


@style.scoped()
def savings(steps: pd.DataFrame, most: pd.DataFrame, *, basis: str) -> Figure:
    """What pooling first saves of a training step, with its interval, and a mark where Amdahl's estimate is.

    ``steps`` has the columns of :func:`relupool.instruments.timing.ratios`, a row for each activation; ``most`` the
    same of the estimates, as parts of a step.
    """
    steps, most = (rows.replace({"activation": words.ACTIVATIONS}) for rows in (steps, most))
    frame = steps[["activation", "rounds"]].reset_index(drop=True)
    frame[["median", "low", "high"]] = [saved(row) for _, row in steps.iterrows()]
    bounds = most.set_index("activation").loc[frame["activation"]]
    frame = frame.assign(**{f"bound {name}": bounds[name].to_numpy() for name in ("median", "low", "high")})
    plot, ax = style.canvas(0.5 * len(frame) + 1.25)
    ax.axvline(0, color=style.INK, lw=0.8)
    for place, row in frame.iterrows():
        ax.fill_betweenx([place - 0.32, place + 0.32], row["bound low"], row["bound high"], color=style.PALE, lw=0)
        ax.plot([row["bound median"]] * 2, [place - 0.32, place + 0.32], color=style.MUTED, lw=2)
        _mark(ax, place, row)
    marks.rows(ax, frame["activation"])
    ax.set_ylim(len(frame) - 0.4, -0.75)
    above = (frame["bound median"].iloc[-1], len(frame) - 1.32)
    marks.note(ax, "Amdahl’s estimate", above, (0, 2), ha="center", va="bottom", color=style.MUTED)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{words.number(100 * value)} %"))
    ax.set_xlabel("part of the training step that pooling first saves")
    said = {row["activation"]: _interval(row, 100, " %") for _, row in frame.iterrows()}
    return Figure(
        id="fig-order-step",
        plot=plot,
        frame=frame,
        caption=f"{_who_saves(frame)} Dots: medians of {frame['rounds'].min()} rounds, with their {words.LEVEL_WORDS} "
        "intervals. Grey: Amdahl’s estimate, from the activation’s own share of the step.",
        alt=f"A dot with an interval for each activation. {words.pairs(said)}.",
        basis=basis,
        tag=TAG,
    )


def _who_saves(frame: pd.DataFrame) -> str:
    """With which activations time is saved, as the title of :func:`savings`."""
    sure = frame["low"] > 0
    gains = [f"{words.percent(row['median'])} with {row['activation']}" for _, row in frame[sure].iterrows()]
    others = words.listing(frame.loc[~sure, "activation"]) if (~sure).any() else ""
    if not gains:
        return f"With {others} pooling first saves nothing that could be told from zero."
    rest = f", with {others} nothing that could be told from zero" if others else ""
    return f"Of a training step, pooling first saves {words.listing(gains)}{rest}."


@style.scoped()
def order_ratios(frame: pd.DataFrame, *, basis: str) -> Figure:
    """How many times as long activation and pool alone take with the activation first: a mark for each row.

    ``frame`` is of :func:`relupool.instruments.timing.ratios`: activation, way, median, low, high, rounds.
    """
    frame = frame.replace({"activation": words.ACTIVATIONS}).reset_index(drop=True)
    names, ways = list(frame["activation"].unique()), list(frame["way"].unique())
    plot, panels = style.canvas(2.3, ncols=len(names), sharex=True, sharey=True, squeeze=False)
    for ax, name in zip(panels.flat, names, strict=True):
        ax.axvline(1, color=style.INK, lw=0.8)
        for _, row in frame[frame["activation"] == name].iterrows():
            _mark(ax, ways.index(row["way"]), row)
        ax.set_title(name)
        ax.set_ylim(len(ways) - 0.5, -0.5)
        marks.rows(ax, [WAYS[way] for way in ways])
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    low, high = min(frame["low"].min(), 0.95), max(frame["high"].max(), 1.05)
    panels.flat[0].set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    panels.flat[len(names) // 2].set_xlabel("time with the activation first, by time with the pool first")
    said = {f"{row['activation']}, {WAYS[row['way']]}": _interval(row, 1, "", 2) for _, row in frame.iterrows()}
    most = frame.loc[frame["median"].idxmax()]
    return Figure(
        id="fig-order-alone",
        plot=plot,
        frame=frame,
        caption=f"By themselves, {most['activation']} and the pool take up to {most['median']:.1f} times as long with "
        f"the activation first. Medians of {frame['rounds'].min()} rounds, with their {words.LEVEL_WORDS} intervals; "
        "right of 1, pooling first is faster.",
        alt=f"One mark with an interval for each activation and way of running. {words.pairs(said)}.",
        basis=basis,
        tag=TAG,
    )


@style.scoped()
def step_profile(frame: pd.DataFrame, *, basis: str) -> Figure:
    """Where the time of a training step goes: a bar for each network, cut into types of layers.

    ``frame`` has columns network, type, median, low, high and rounds; medians are parts of the whole step. Where the
    layers, timed one by one, took longer than the step, they are drawn as parts of their sum.
    """
    frame = frame.replace({"network": words.ACTIVATIONS})
    shares = {network: rows.set_index("type")["median"] for network, rows in frame.groupby("network", sort=False)}
    plot, ax = style.canvas(0.6 * len(shares) + 1.35)
    for y, share in enumerate(shares.values()):
        widths = share.reindex(list(PAINT)).clip(lower=0)
        left = 0.0
        for kind, width in (widths / widths.sum()).items():
            paint, ink = PAINT[str(kind)]
            ax.barh(y, width, left=left, height=0.66, color=paint, ec=style.PAPER, lw=1, label=kind if not y else None)
            if width > 0.03:
                ax.text(left + width / 2, y, f"{100 * width:.0f}", color=ink, ha="center", va="center")
            left += width
    marks.rows(ax, list(shares))
    ax.set(ylim=(len(shares) - 0.5, -0.5), xlim=(0, 1))
    marks.percent_axis(ax, "x")
    ax.set_xlabel("part of the training step")
    plot.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3, handlelength=1, columnspacing=1.4)
    said = {
        network: words.listing(f"{kind} {words.percent(round(part, 2) + 0.0, 0)}" for kind, part in share.items())
        for network, share in shares.items()  # adding 0 makes of -0 a 0
    }
    first, share = next(iter(shares.items()))
    return Figure(
        id="fig-step-profile",
        plot=plot,
        frame=frame,
        caption=f"With {first}, convolutions take {words.percent(share['convolution'], 0)} of a training step and "
        f"activations {words.percent(share['activation'], 0)}. Each layer was timed alone, forward and backward, "
        "beside the whole step; “all else” is what they leave of it.",
        alt=f"A bar for each network, cut into types of layers. {words.pairs(said)}.",
        basis=basis,
        tag=TAG,
    )


def _mark(ax: Axes, place: float, row: pd.Series) -> None:
    hue = style.RELU if row["activation"] == "ReLU" else style.INK
    marks.estimate(ax, place, row["median"], (row["low"], row["high"]), hue)


def _interval(row: pd.Series, factor: float, unit: str, digits: int = 1) -> str:
    value, low, high = (words.number(factor * row[name], f".{digits}f") for name in ("median", "low", "high"))
    return f"{value}{unit} ({low} to {high})"
