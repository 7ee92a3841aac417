"""The figures on floating-point numbers: an activation that falls in its last digits, and straight lines that bend."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from relupool import words
from relupool.figures import marks, style
from relupool.figures.figure import Figure


@style.scoped()
def falls(frame: pd.DataFrame, *, activation: str, backend: str) -> Figure:
    """An activation at float32 numbers next to each other; ``frame`` is a :func:`relupool.theory.rounding.zoom`."""
    place = np.arange(len(frame))
    wrong = int(frame["falls"].sum())
    plot, axes = style.canvas(3.0)
    axes.plot(place, frame["true"], color=style.MUTED, lw=1.4)
    axes.plot(place, frame["computed"], "o", color=style.INK, ms=4.5)
    for k in np.flatnonzero(frame["falls"]):
        axes.plot(place[k - 1 : k + 1], frame["computed"].iloc[k - 1 : k + 1], color=style.INK, lw=2.4)
    axes.set(xlabel=f"{len(frame)} float32 numbers next to each other", ylabel="result, in last places", xticks=[])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    marks.grid(axes, "y")
    x = frame["x"]
    title = f"As computed, {activation} falls" if wrong else f"Here the computed {activation} does not fall"
    return Figure(
        id="fig-rounding-falls",
        plot=plot,
        frame=frame,
        caption=f"{title}. Dots: what {backend} makes of neighbouring numbers about {x.iloc[len(x) // 2]:.6g}; line: "
        f"the true value. In {words.count(wrong, 'place')} (thick) the larger number gets the smaller result.",
        alt=f"Dots that scatter about a rising line. Between {words.count(wrong, 'pair')} of neighbours they fall.",
        basis=f"{activation} in float32 with {backend}; the true value in float64.",
    )


@style.scoped()
def bends(frames: dict[str, pd.DataFrame], *, basis: str) -> Figure:
    """How far an affine network is off its straight line in each number format: label -> ``rounding.off_the_chord``."""
    hues = dict(zip(frames, (style.AVERAGE, style.INK), strict=True))
    plot, axes = style.canvas(3.0)
    largest = {name: float(frame["off"].abs().max()) for name, frame in frames.items()}
    for name, frame in reversed(frames.items()):
        axes.plot(100 * frame["way"], 100 * frame["off"], color=hues[name], lw=1.2 if largest[name] > 1e-3 else 2.4)
    coarse, fine = max(largest, key=largest.__getitem__), min(largest, key=largest.__getitem__)
    axes.text(0.01, 0.97, coarse, color=hues[coarse], transform=axes.transAxes, va="top", weight="bold")
    marks.note(axes, fine, (100, 0), (8, 0), color=hues[fine], va="center", weight="bold", annotation_clip=False)
    axes.set(xlim=(0, 100), xlabel="way from one input to the other, in per cent", ylabel="off the line, in per cent")
    marks.grid(axes, "y")
    said = words.pairs({name: words.percent(size, 4 if size < 1e-4 else 2) for name, size in largest.items()})
    return Figure(
        id="fig-rounding-bends",
        plot=plot,
        frame=pd.concat([frame.assign(format=name) for name, frame in frames.items()], ignore_index=True),
        caption="A linear network bends by rounding. One output along a straight way between two inputs, less the "
        f"straight line between its ends, in per cent of its change. Largest distance: {said}.",
        alt=f"A jagged line about zero for {coarse}, and one that cannot be told from zero for {fine}. {said}.",
        basis=basis,
    )
