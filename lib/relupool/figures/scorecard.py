"""How the claims of the two sources stand, as a picture: one square for each."""

from __future__ import annotations

import pandas as pd

from relupool.figures import style
from relupool.figures.figure import Figure
from relupool.figures.words import listing

COLOURS = {
    "true": (style.GREEN, style.PALE_GREEN),
    "partly true": (style.PINK, style.PALE_PINK),
    "false": (style.ORANGE, style.PALE_ORANGE),
    "open": (style.MUTED, style.PAPER),
}
"""Edge and filling of each verdict's squares."""

SIDE, ACROSS = 0.86, 6


def scorecard(claims: pd.DataFrame, *, basis: str, id: str = "fig-scorecard") -> Figure:
    """The claims in rows by verdict and columns by source; ``claims`` has columns id, source and verdict."""
    sources = list(dict.fromkeys(claims["source"]))
    kinds = [verdict for verdict in COLOURS if verdict in set(claims["verdict"])]
    with style.scoped():
        rows = {kind: _rows(claims, kind) for kind in kinds}
        height = sum(rows.values()) + 0.35 * len(kinds)
        plot, axes = style.canvas(0.9 + 0.37 * height)
        top = 0.0
        for kind in kinds:
            edge, filling = COLOURS[kind]
            axes.text(
                -0.6,
                top + SIDE / 2,
                kind,
                color=edge,
                ha="right",
                va="center",
                weight="bold",
            )
            for column, source in enumerate(sources):
                ours = claims[(claims["verdict"] == kind) & (claims["source"] == source)]
                for place, name in enumerate(ours["id"]):
                    x, y = column * (ACROSS + 1.2) + place % ACROSS, top + place // ACROSS
                    axes.fill_between([x, x + SIDE], y, y + SIDE, facecolor=filling, edgecolor=edge)
                    axes.text(x + SIDE / 2, y + SIDE / 2, name, ha="center", va="center", fontsize=9)
            top += rows[kind] + 0.35
        for column, source in enumerate(sources):
            axes.text(column * (ACROSS + 1.2), -0.45, _short(source), va="bottom", weight="bold")
        axes.set(xlim=(-4.1, 2 * (ACROSS + 1.2) - 1.2), ylim=(top, -1.4))
        axes.axis("off")
    return Figure(
        id=id,
        plot=plot,
        frame=claims[["id", "source", "author", "verdict", "condition", "number", "n"]],
        caption=f"How the {len(claims)} claims stand: {_tally(claims, kinds)}. "
        "A square is a claim, by its number in the table.",
        alt=f"Squares with the numbers of the claims, by verdict and source: {_listed(claims, kinds)}.",
        basis=basis,
    )


def _rows(claims: pd.DataFrame, kind: str) -> int:
    most = claims[claims["verdict"] == kind].groupby("source").size().max()
    return -(-int(most) // ACROSS)


def _tally(claims: pd.DataFrame, kinds: list[str]) -> str:
    counts = claims["verdict"].value_counts()
    return listing(f"{counts[kind]} {kind}" for kind in kinds)


def _listed(claims: pd.DataFrame, kinds: list[str]) -> str:
    return "; ".join(f"{kind}: {', '.join(claims.loc[claims['verdict'] == kind, 'id'])}" for kind in kinds)


def _short(source: str) -> str:
    return {"a": "A: the order", "n": "B: does ReLU matter?"}[source[0]]
