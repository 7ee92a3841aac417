"""Figures of how linear a network is that is called so: its normalization in training, and superposition tried."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import NullFormatter

from relupool.figures import style, words
from relupool.figures.ablations import basis_of
from relupool.figures.figure import Figure
from relupool.figures.labels import count_axis

SMALLEST = 1e-6
"""Stored gains have six digits: nothing smaller than this can be told from nothing."""


def normalization_in_training(
    layers: pd.DataFrame, *, runs: pd.DataFrame, network: str, id: str = "fig-normalization"
) -> Figure:
    """How large the inputs of both normalizations of ``network`` become, and what that makes of them.

    ``layers`` is what :func:`relupool.verdicts.inside.layers` gives; ``runs`` are the rows of the store behind it.
    """
    ours = layers[(layers["network"] == network) & layers["lrn_gain"].notna()]
    names = list(ours["layer"].unique())
    hues = style.hues(names)
    ours = ours.assign(taken=(1 - ours["lrn_gain"]).clip(lower=SMALLEST))
    panels_of = {"rms": "size of what enters (rms)", "taken": "part that is taken away"}
    with style.scoped():
        plot, panels = style.canvas(3.5, ncols=2)
        for axes, (column, title) in zip(panels, panels_of.items(), strict=True):
            for layer, hue in hues.items():
                rows = ours[ours["layer"] == layer]
                axes.plot(rows["step"], rows[column], "o", color=hue, markersize=4, alpha=0.6, markeredgewidth=0)
                axes.plot(rows.groupby("step")[column].mean(), color=hue, linewidth=1.8)
            axes.set_xscale("symlog", linthresh=100, linscale=0.4)
            axes.set(xlim=(0, ours["step"].max() * 1.25), xlabel="training step")
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.set_title(title, weight="normal")
            count_axis(axes, "x")
            style.grid(axes, "y")
        panels[0].set_ylim(0, None)
        panels[1].set(yscale="log", ylim=(SMALLEST / 2, 1))
        panels[1].minorticks_off()
        for place, (layer, hue) in enumerate(hues.items()):
            panels[0].text(
                0.97, 0.06 + 0.1 * place, f"behind {layer}", color=hue, ha="right", transform=panels[0].transAxes
            )
    means = [
        ours[ours["step"] == at].groupby("layer")["taken"].mean() for at in (ours["step"].min(), ours["step"].max())
    ]
    at_both = words.pairs({f"behind {n}": " and ".join(_part(float(mean[n])) for mean in means) for n in names})
    of_network = runs[runs["network"] == network]
    seeds = words.count(ours["seed"].nunique(), "seed")
    return Figure(
        id=id,
        plot=plot,
        frame=ours.reset_index(drop=True),
        caption=f"How linear the normalization stays in “{network}”. Dots: single seeds ({seeds}), lines: their means. "
        "Right: by what part the values get smaller, on a scale on which a linear layer would lie at the bottom. "
        f"At the start and at the end, {at_both}.",
        alt=f"Line charts over training steps of the size of what enters both normalizations, and of the part that "
        f"they take away, at the start and at the end, {at_both}.",
        basis=basis_of(of_network, steps=True),
        runs=sorted(of_network["key"].unique()),
    )


def superposition_curves(shares: pd.DataFrame, *, network: str, basis: str, id: str = "fig-superposition") -> Figure:
    """How far a network is from treating a sum of two images like the two, against the size of the images.

    ``shares`` has the columns state (untrained, trained), scale and share.
    """
    states = list(shares["state"].unique())
    hues = style.hues(states)
    with style.scoped():
        plot, axes = style.canvas(3.6)
        axes.set(xscale="log", yscale="log")
        for state, hue in hues.items():
            rows = shares[shares["state"] == state]
            axes.plot(rows["scale"], rows["share"].clip(lower=1e-8), "o-", color=hue, linewidth=1.8)
        axes.axhline(1, color=style.MUTED, linewidth=1, linestyle=":")
        axes.set_ylim(1e-8, 10)
        axes.set_title("misfit of superposition", weight="normal")
        axes.set_xlabel("images multiplied by")
        style.grid(axes, "y")
        ends = [shares.loc[shares["state"] == state, "share"].iloc[-1] for state in states]
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.legend(axes.get_lines()[: len(states)], states, loc="lower right")
    at_one = shares[shares["scale"] == 1].set_index("state")["share"]
    found = words.pairs({state: words.scientific(value) for state, value in at_one.items()})
    largest = words.pairs({s: words.scientific(v) for s, v in zip(states, ends, strict=True)})
    top = words.scientific(float(shares["scale"].max()))
    return Figure(
        id=id,
        plot=plot,
        frame=shares,
        caption=f"How linear is it? For “{network}”: the largest f(a + b) − f(a) − f(b) + f(0) over pairs of test "
        "images, as a part of the largest f(a + b) − f(0). An affine network has zero but for rounding; at 1 (dotted) "
        f"nothing is left of linearity. Images as they are: {found}.",
        alt=f"Line chart of the misfit of superposition against the size of the images. As they are: {found}. "
        f"Multiplied by {top}: {largest}.",
        basis=basis,
    )


def _part(value: float) -> str:
    return words.scientific(value) if value > SMALLEST else "nothing that could be seen"
