"""How far networks are from treating a sum of two inputs like the two, as a figure."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import NullFormatter

from relupool import words
from relupool.figures import style
from relupool.figures.figure import NOTHING_TRAINED, Figure

ROUNDING = 1e-5
"""A misfit below it is what 32-bit numbers leave of an affine map."""


def superposition(
    shares: pd.DataFrame,
    *,
    told: tuple[str, str],
    basis: str,
    tag: str = NOTHING_TRAINED,
    id: str = "fig-superposition",
) -> Figure:
    """How far each network is from treating a sum like its parts, for inputs as they are and for larger ones.

    ``shares`` has the columns network, scale and share; the first scale of each is that of ordinary inputs.
    ``told`` are the two networks that the title compares.
    """
    networks, scales = list(shares["network"].unique()), sorted(shares["scale"].unique())
    with style.scoped():
        plot, axes = style.canvas(0.95 + 0.36 * len(networks))
        axes.set_xscale("log")
        axes.axvspan(1e-8, ROUNDING, color=style.PALE, linewidth=0, zorder=0)
        for place, network in enumerate(networks):
            ours = shares[shares["network"] == network].set_index("scale")["share"].clip(lower=1e-7)
            bends = bool(ours.max() > ROUNDING)
            hue = style.INK if bends else style.AVERAGE
            axes.plot(ours, [place] * len(ours), color=hue, linewidth=1.2, zorder=1)
            for scale in scales:
                fill = hue if scale == scales[0] else style.PAPER
                axes.plot(ours[scale], place, "o", color=hue, markerfacecolor=fill, markersize=8, markeredgewidth=1.6)
        axes.set(xlim=(3e-8, 4), ylim=(len(networks) - 0.4, -0.8), xlabel="misfit of superposition")
        axes.text(4e-8, -0.5, "rounding", color=style.MUTED, va="center")
        axes.set_yticks(range(len(networks)), networks)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.minorticks_off()
        style.grid(axes, "x")
        axes.spines["left"].set_visible(False)
    first = shares[shares["scale"] == scales[0]].set_index("network")["share"]
    far, near = (words.percent(first[network], 0 if first[network] > 0.01 else 2) for network in told)
    title = f"With {told[0]} a network is {far} away from linear, with {told[1]} {near}."
    larger = f"; hollow: inputs {scales[-1]:g} times as large" if len(scales) > 1 else ""
    return Figure(
        id=id,
        plot=plot,
        frame=shares,
        caption=f"{title} The largest f(a + b) − f(a) − f(b) + f(0), as a part of the "
        f"largest f(a + b) − f(0). Full dots: inputs of the size of standardized images{larger}.",
        alt="Dot chart of the misfit of superposition of networks, for inputs of the size of images: "
        + words.pairs({network: words.scientific(value) for network, value in first.items()})
        + ".",
        basis=basis,
        tag=tag,
    )
