"""The tables of :mod:`relupool.verdicts.grid` as a chapter prints them: accuracies in per cent, effects in points."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from relupool.experiments.store import ResultSet
from relupool.figures.words import Format, hundredfold, p_value
from relupool.verdicts import grid
from relupool.verdicts.estimate import half_words

FORMATS: dict[str, Format] = {
    **dict.fromkeys(("points", "off (points)"), "{:+.1f}"),
    **dict.fromkeys(("±", "reported (%)", "measured (%)", "raw weights (%)"), "{:.1f}"),
    **dict.fromkeys(("it alone (%)", "untouched alone (%)"), "{:.1f}"),
    **dict.fromkeys(("from seed to seed", "from images to images", "±  "), "{:.2f}"),
    **dict.fromkeys(("p, differs", "p, equivalent"), p_value),
    "log-odds": "{:+.2f}",
    "steps": "{:,}",
}
"""How the numbers of each column are written."""


def single_changes(found: pd.DataFrame) -> pd.DataFrame:
    """What :func:`grid.single_changes` gives: points with half of the 95 % interval, log-odds, both p, outcome."""
    return pd.DataFrame(
        {
            "network": found["network"],
            "n": found["n"],
            "points": 100 * found["mean"],
            "±": 50 * (found["high"] - found["low"]),
            "log-odds": found["log_odds"],
            "p, differs": found["differs"],
            "p, equivalent": found["equivalent"],
            "outcome": found["outcome"],
        }
    )


def on_the_same_images(results: ResultSet, *, baseline: str) -> pd.DataFrame:
    """What :func:`grid.on_the_same_images` gives, in points and per cent."""
    found = grid.on_the_same_images(results, baseline=baseline)
    columns = {
        "difference": "points",
        "spread": "from seed to seed",
        "error": "from images to images",
        "only_ours": "it alone (%)",
        "only_theirs": f"{baseline} alone (%)",
    }
    found[list(columns)] *= 100
    return found[["network", "n", *columns]].rename(columns=columns)


def effects(found: pd.DataFrame) -> pd.DataFrame:
    """What :func:`grid.effect_table` gives: a row per effect, on both scales with half of the 95 % interval."""
    points, odds = (found[found["scale"] == scale].reset_index(drop=True) for scale in grid.SCALES)
    return pd.DataFrame(
        {
            "effect": points["contrast"],
            "n": points["n"],
            "points": 100 * points["mean"],
            "±": 50 * (points["high"] - points["low"]),
            "log-odds": odds["mean"],
            "±  ": (odds["high"] - odds["low"]) / 2,
        }
    )


def meant(frame: pd.DataFrame, reported: Sequence[float], *, weights: str = "averaged") -> pd.DataFrame:
    """What :func:`grid.meant` gives, in per cent and points."""
    columns = {
        "reported": "reported (%)",
        "network": "network",
        "steps": "steps",
        "n": "n",
        "mean": "measured (%)",
        "half": "±",
        "raw": "raw weights (%)",
        "off": "off (points)",
    }
    found = grid.meant(frame, reported, weights=weights)
    found[["reported", "mean", "half", "raw", "off"]] *= 100
    return found[list(columns)].rename(columns=columns)


def read_off(frame: pd.DataFrame, networks: Sequence[str], *, at: Sequence[int] = grid.READ_AT) -> pd.DataFrame:
    """What :func:`grid.readings` gives: a row per network and kind of weights, a column per step, in per cent.

    "83.6 ± 0.4" has the half-width of its interval, "83.6" is of a single seed; missing where nobody looked.
    """
    table = grid.readings(frame, networks, at=at)
    half = table["high"] - table["mean"]
    cells = [hundredfold(m) + half_words(h) for m, h in zip(table["mean"], half, strict=True)]
    wide = table.assign(cell=cells).pivot(index=["network", "weights"], columns="step", values="cell")
    order = [row for network in networks for row in wide.index if row[0] == network]
    return wide.loc[order].rename(columns="{:,}".format).rename_axis(columns=None).reset_index()
