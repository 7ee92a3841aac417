"""The road from average to maximum: one window on it in both orders, and how far apart the orders can be."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from relupool import words
from relupool.figures import style
from relupool.figures.figure import Figure

BASIS = "Computed from the definitions in float64; nothing was trained."

LOOKS = {
    "relu": ("ReLU", style.RELU, "-"),
    "softplus": ("softplus", style.INK, (0, (6, 2))),
    "gelu": ("GELU", style.MUTED, (0, (6, 2, 1, 2))),
}
"""Name, colour and dashes of the activations that are drawn."""

FLOOR = 1e-3
"""Gaps below this are drawn at the foot of the picture."""


@style.scoped()
def average_to_max(frame: pd.DataFrame, *, window: Sequence[float]) -> Figure:
    """One window on the road from average to maximum, with ReLU before the pool and after it.

    ``frame`` has columns beta, order ("pool first", "activation first") and value.
    """
    first, last = (
        frame[frame["order"] == order].set_index("beta")["value"] for order in ("activation first", "pool first")
    )
    plot, ax = style.canvas(2.9)
    ax.fill_between(first.index, last, first.to_numpy(), color=style.PALE_ORANGE, lw=0)
    for curve, name, dash, up in ((first, "ReLU, then pool", "-", True), (last, "pool, then ReLU", (0, (5, 2)), False)):
        ax.plot(curve, color=style.RELU, ls=dash)
        beta = curve.index[len(curve) // 4]
        ax.annotate(name, (beta, curve[beta]), (0, 8 if up else -8), textcoords="offset points", ha="center",
                    va="bottom" if up else "top", color=style.RELU, weight="bold")  # fmt: skip
    ax.set(xscale="log", xlim=(first.index[0], first.index[-1]), ylabel="pooled value")
    ax.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01\naverage", "0.1", "1", "10", "100\nmaximum"])
    ax.set_xlabel("\N{GREEK SMALL LETTER BETA}", labelpad=-12)
    ax.margins(y=0.2)
    left, right = (abs(first.iloc[end] - last.iloc[end]) for end in (0, -1))
    shown = words.listing(f"{value:g}".replace("-", "\N{MINUS SIGN}") for value in window)
    return Figure(
        id="fig-average-to-max",
        plot=plot,
        frame=frame,
        caption="The nearer to the maximum, the less the order matters. Log-mean-exp pooling of one window, "
        f"{shown}: near the average the two orders are {words.scientific(left)} apart, near the maximum "
        f"{words.scientific(right)}.",
        alt="Two curves of the pooled value against beta, for ReLU before the pool and after it. They are "
        f"{words.scientific(left)} apart on the left and {words.scientific(right)} on the right.",
        basis=BASIS,
    )


@style.scoped()
def log_mean_exp_gap(frame: pd.DataFrame, *, n: int, trials: int) -> Figure:
    """The largest gap against beta, with the bound: a frame as of ``theory.soft_maximum.largest_gaps``."""
    plot, ax = style.canvas(3.6)
    bound = frame.drop_duplicates("beta").set_index("beta")["bound"]
    ax.plot(bound, color=style.MUTED, lw=1.2, ls=":")
    _name(ax, "log(n)/\N{GREEK SMALL LETTER BETA}", bound, 0.62, style.MUTED, up=True)
    over = []
    for activation, part in frame.groupby("activation", sort=False):
        name, colour, dash = LOOKS[activation]
        curve = part.set_index("beta")["gap"]
        ax.plot(curve.clip(lower=FLOOR / 10), color=colour, ls=dash)
        if (curve > bound * (1 + 1e-9)).any():
            over.append(name)
    curves = {name: part.set_index("beta")["gap"] for name, part in frame.groupby("activation")}
    _name(ax, "ReLU", curves["relu"], 0.85, LOOKS["relu"][1], up=False)
    _name(ax, "GELU", curves["gelu"], 0.88, LOOKS["gelu"][1], up=True)
    beside = {"textcoords": "offset points", "ha": "right", "weight": "bold"}
    ax.annotate(
        "softplus: no gap\nat all at \N{GREEK SMALL LETTER BETA} = 1",
        (1, 2 * FLOOR),
        (-14, 6),
        color=LOOKS["softplus"][1],
        **beside,
    )
    ax.set(xscale="log", yscale="log", xlim=(bound.index[0], bound.index[-1]), ylim=(FLOOR, 300),
           xlabel="\N{GREEK SMALL LETTER BETA}", ylabel="largest gap of the orders")  # fmt: skip
    ax.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    ax.set_yticks([0.001, 0.01, 0.1, 1, 10, 100], ["0.001", "0.01", "0.1", "1", "10", "100"])
    ax.tick_params(which="minor", length=0)
    style.grid(ax, "y")
    at_end = {LOOKS[name][0]: words.scientific(curve.iloc[-1]) for name, curve in curves.items()}
    title = "The gap closes for ReLU, and not for GELU" if over == ["GELU"] else "How far apart the two orders can be"
    return Figure(
        id="fig-log-mean-exp-gap",
        plot=plot,
        frame=frame,
        caption=f"{title}. The largest gap found in {trials:,} windows of {n} numbers; dotted, the bound.",
        alt="Curves of the largest gap against beta on logarithmic axes, with the falling line log(n)/beta. At the "
        f"right end, {words.pairs(at_end)}. The curve of softplus drops to nothing at beta 1.",
        basis=BASIS,
    )


def _name(axes: Axes, text: str, curve: pd.Series, place: float, colour: str, *, up: bool) -> None:
    """``text`` beside a curve, above it or below, at this part of its way."""
    x = curve.index[int(place * (len(curve) - 1))]
    axes.annotate(text, (x, curve[x]), (4, 5) if up else (-4, -5), textcoords="offset points", color=colour,
                  weight="bold", ha="left" if up else "right", va="bottom" if up else "top")  # fmt: skip
