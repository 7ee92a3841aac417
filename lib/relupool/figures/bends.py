"""Activations themselves: how far each is from a straight line. Nothing is trained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from relupool import words
from relupool.experiments import networks
from relupool.figures import style
from relupool.figures.figure import Figure
from relupool.measures.scale import RELU, written
from relupool.theory import activations
from relupool.theory.bend import bend_of_maxout, closest_line, leaky
from relupool.validation import refuse

SPAN = 3.0
"""Inputs are drawn from minus to plus so much."""

COLUMNS = 4


def curve(which: networks.Activation) -> activations.Activation:
    """The activation as a function of one number; raises ValueError for those that are none."""
    if which is None:
        return leaky(1.0)
    if isinstance(which, networks.LeakyReLU):
        return leaky(which.slope)
    if isinstance(which, str):
        return activations.ACTIVATIONS[which]
    refuse("activation", which, "a function of one number")


def bends(which: Mapping[str, networks.Activation], *, scale: float = 1.0) -> pd.Series:
    """The bend of each activation, by its label: the share of what it puts out that no straight line follows.

    Inputs are normal with mean 0 and standard deviation ``scale``; those of a maxout of two pieces are independent.
    """
    by_label = {
        label: bend_of_maxout() if isinstance(a, networks.Maxout) else closest_line(curve(a), scale=scale).bend
        for label, a in which.items()
    }
    return pd.Series(by_label, dtype=float, name="bend")


@style.scoped()
def shapes(which: Mapping[str, networks.Activation], *, scale: float = 1.0) -> Figure:
    """The graph of each activation, the straight line nearest to it, and the bend that it leaves: least first."""
    curves = {label: curve(a) for label, a in which.items() if not isinstance(a, networks.Maxout)}
    lines = {label: closest_line(function, scale=scale) for label, function in curves.items()}
    bent = pd.Series({label: line.bend for label, line in lines.items()}).sort_values(kind="stable")
    x, parts = np.linspace(-SPAN, SPAN, 241), []
    rows = -(-len(curves) // COLUMNS)
    plot, panels = style.canvas(0.3 + 1.4 * rows, nrows=rows, ncols=COLUMNS, sharex=True, squeeze=False)
    for axes, label in zip(panels.flat, bent.index, strict=False):
        y, nearest = curves[label](x), lines[label].slope * x + lines[label].offset
        parts.append(pd.DataFrame({"activation": label, "x": x, "value": y, "nearest line": nearest}))
        axes.axhline(0, color=style.GRID, linewidth=0.8, zorder=0)
        axes.axvline(0, color=style.GRID, linewidth=0.8, zorder=0)
        hue, pale = (style.RELU, style.PALE_ORANGE) if label == RELU else (style.INK, style.PALE)
        axes.fill_between(x, y, nearest, color=pale, linewidth=0)
        axes.plot(x, nearest, color=style.AVERAGE, linewidth=1.6, linestyle="--")
        axes.plot(x, y, color=hue)
        axes.set_title(written(label), fontsize=style.SMALL, pad=14)
        axes.text(0, 1.03, words.percent(bent[label]), transform=axes.transAxes, color=hue, size=style.SMALL)
        axes.set(xlim=(-SPAN, SPAN), ylim=(-1.4, 3.2) if y.max() > 1.3 else (-1.2, 1.6), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    for axes in panels.flat[len(curves) :]:
        axes.remove()
    said = words.pairs({written(label): words.percent(share) for label, share in bent.items()})
    return Figure(
        id="fig-bends",
        plot=plot,
        frame=pd.concat(parts, ignore_index=True),
        caption=f"{_ends(bent)} Each activation from −{SPAN:g} to {SPAN:g}. Dashed: the straight line that is "
        f"nearest to it for normal inputs of mean 0 and standard deviation {scale:g}. The number is the bend: "
        "the share of the activation’s variance that the line does not follow.",
        alt=f"Small graphs of {len(curves)} activations, each with its nearest straight line. Bends: {said}.",
        basis="Computed from the formulas, in float64; nothing was trained.",
    )


def _ends(bent: pd.Series) -> str:
    """The title of :func:`shapes`, from bends in their order."""
    bent = bent[bent > 1e-6]  # no bend, but for rounding
    chosen = {label: bent[label] for label in (bent.index[0], RELU, bent.index[-1]) if label in bent}
    said = [f"{written(label)} {words.percent(share)}" for label, share in chosen.items()]
    return f"From straight to all bend: {words.listing(said)}."
