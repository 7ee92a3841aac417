"""Figure of the scale in training: what each activation has reached after how many steps."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from relupool.experiments.scale import EQUAL_PARAMETERS, NOTHING, RELU, activations, written
from relupool.figures import style, words
from relupool.figures.accuracy import curve_axes, end_of, evaluations
from relupool.figures.figure import Figure, basis
from relupool.figures.labels import end_labels
from relupool.figures.scale import SURROUNDINGS

COLOURED = (RELU, NOTHING, "absolute value", EQUAL_PARAMETERS, "tanh", "sigmoid")
"""Activations that have a colour of their own where there are too many for each to have one."""


def curves(frame: pd.DataFrame, *, weights: str = "averaged", id: str = "fig-scale-curves") -> Figure:
    """Accuracy over the training steps, a panel for each pooling; a few activations in colour, the others grey."""
    rows = activations(evaluations(frame, weights))
    rows = rows[rows["step"] > 0]
    names = list(rows["activation"].unique())
    few = names if len(names) <= len(style.HUES) else [name for name in COLOURED if name in names]
    hues = style.hues(few)
    pools = [pool for pool in SURROUNDINGS if pool in set(rows["pool"])]
    said: dict[str, str] = {}
    with style.scoped():
        plot, panels = style.canvas(0.6 + 2.7 * len(pools), nrows=len(pools), sharex=True, squeeze=False)
        for axes, pool in zip(panels.flat, pools, strict=True):
            ours = rows[rows["pool"] == pool]
            axes.set_xscale("log")
            for name in sorted(names, key=lambda n: n in few):
                width = (3.6, 1.6)[few.index(name) % 2] if name in few else 0.9  # equal lines stay visible
                _curve(axes, ours[ours["activation"] == name], hues.get(name), width)
            curve_axes(axes, rows)
            axes.set_title(SURROUNDINGS[pool])
            axes.minorticks_off()
            axes.set_xticks(sorted(rows["step"].unique()))
            ends = {name: end_of(ours[ours["activation"] == name]) for name in few if name in set(ours["activation"])}
            said |= {f"{SURROUNDINGS[pool]}, {name}": value for name, (value, _) in ends.items()}
            end_labels(
                axes,
                [f"{written(name)} {value}" for name, (value, _) in ends.items()],
                heights=[height for _, (_, height) in ends.items()],
                colours=[hues[name] for name in ends],
                width=26,
            )
        panels.flat[-1].set_xlabel("training step")
    one = rows["seed"].nunique() == 1
    lines = "One seed each." if one else "Lines are means over seeds."
    grey = " Grey: the other activations." if len(few) < len(names) else ""
    return Figure(
        id=id,
        plot=plot,
        frame=rows[["network", "pool", "activation", "seed", "step", "accuracy", "key"]].reset_index(drop=True),
        caption=f"Test accuracy during training, by activation. {lines}{grey} Dotted: guessing "
        f"among ten classes.{words.diverged(frame)}",
        alt=f"Line charts of test accuracy over training steps {rows['step'].min():,} to {rows['step'].max():,}. "
        f"At the end: {words.pairs(said)}.",
        basis=basis(frame),
        runs=sorted(rows["key"].unique()),
    )


def _curve(axes: Axes, rows: pd.DataFrame, hue: str | None, width: float) -> None:
    mean = rows[rows["diverged_at"].isna()].groupby("step")["accuracy"].mean()
    if hue is None:
        axes.plot(mean, color=style.MUTED, linewidth=width, alpha=0.7)
    else:
        axes.plot(mean, color=hue, linewidth=width, marker="o", markersize=1.5 + width, zorder=2 + 1 / width)
    ended = rows[rows["diverged_at"].notna()].groupby("seed").tail(1)
    axes.plot(ended["step"], ended["accuracy"], "X", color=hue or style.MUTED, markersize=8)
