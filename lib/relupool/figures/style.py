"""One look for all figures: the palette with its dark twins, and the scope in which a figure is drawn and saved.

:func:`scoped` sets the style and puts back what was there; all that stays is that matplotlib knows one font more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distribution
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.figure import Figure as Plot

WIDTH = 6.5
"""Inches: the width of every figure."""

SMALL, SMALLEST = 12, 10.5
"""Points: texts beside marks, as at the ticks; numbers in cells. The least is 7.5 pixels where a page is 360 wide."""

FAMILY = "Book Sans"
"""The sans of the site's pages. The name is the book's own: a font of the system must not stand in for it."""

CUTS = (("Regular", "normal", 400), ("It", "italic", 400), ("Semibold", "normal", 700))
"""File, style and weight, as :mod:`relupool.site.assets` cuts them for the pages."""

INK, MUTED, GRID, PAPER = "#1a1c20", "#5f656d", "#d4d8dc", "#ffffff"
BLUE, ORANGE, GREEN, PINK, GOLD = "#0072b2", "#a33500", "#005f40", "#7a2a6b", "#a07200"
PALE, PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_PINK = "#eceff1", "#d6e8f4", "#fbe3d2", "#d3ede4", "#f3e1ec"

HUES = (BLUE, ORANGE, GREEN, PINK, GOLD, INK)
"""For lines, dots and text: 4.2:1 and more on white, and told apart by colour-blind readers on light and dark pages."""

RELU, MAX, NORMALIZATION, AVERAGE = ORANGE, BLUE, GOLD, MUTED
"""One colour for each thing that makes a network nonlinear, in every figure; what is linear is grey."""

POSITIVE, NEGATIVE = GREEN, PINK
"""The signs of numbers, wherever a picture shows them."""

DARK = {
    INK: "#dfe5ea",
    MUTED: "#9aa4ad",
    GRID: "#3b424a",
    PAPER: "#121212",
    BLUE: "#45abea",
    ORANGE: "#f98550",
    GREEN: "#3fd6a6",
    PINK: "#f49ad0",
    GOLD: "#ffd24f",
    PALE: "#23282d",
    PALE_BLUE: "#143247",
    PALE_ORANGE: "#46270f",
    PALE_GREEN: "#10392d",
    PALE_PINK: "#40283a",
}
"""Light colour -> the colour that a page in dark mode shows in its place. Draw with these alone."""

COLOURS = {
    # ink, never pure black: matplotlib leaves "fill: #000000" out of glyphs, and then no rule could turn them light
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("legend.labelcolor", "patch.edgecolor", "hatch.color"), INK),
    "grid.color": GRID,
    "savefig.facecolor": PAPER,
    "axes.prop_cycle": cycler(color=HUES),
}
"""What matplotlib draws in which colour, beside the sheet ``relupool.mplstyle``, which has all else."""


def font_file(package: str, name: str) -> Path:
    """A file of a font that comes as a package of PyPI, such as font_source_sans_pro."""
    return Path(str(distribution(package.replace("_", "-")).locate_file(f"{package}/files/{name}")))


@cache
def _settings() -> dict[str, Any]:
    """Every setting of matplotlib: its defaults, and the book's style over them; a user's own are left out.

    The first call makes the book's letters known to matplotlib.
    """
    for cut, slant, weight in CUTS:
        path = font_file("font_source_sans_pro", f"SourceSansPro-{cut}.ttf")
        font_manager.fontManager.ttflist.append(
            font_manager.FontEntry(
                fname=str(path), name=FAMILY, style=slant, variant="normal", weight=weight, stretch="normal",
                size="scalable",
            )
        )  # fmt: skip
    with as_file(files(__package__).joinpath("relupool.mplstyle")) as sheet:
        settings = {**mpl.rcParamsDefault, **mpl.rc_params_from_file(sheet, use_default_template=False), **COLOURS}
    machine = {name for name in settings if name.startswith(("backend", "webagg", "tk.", "macosx", "keymap", "date"))}
    return {name: value for name, value in settings.items() if name not in machine | {"interactive", "toolbar"}}


@contextmanager
def scoped() -> Iterator[None]:
    """Inside, matplotlib draws in the book's style whatever the reader has set; also a decorator: ``@scoped()``."""
    with mpl.rc_context(_settings()):
        yield


def canvas(height: float = 4.0, **layout: Any) -> tuple[Plot, Any]:
    """An empty figure of the book's width and its axes; ``layout`` as for ``matplotlib.figure.Figure.subplots``.

    It is unknown to pyplot, so nothing shows it, and nothing keeps it once it is out of use. Call it in
    :func:`scoped`.
    """
    plot = Plot(figsize=(WIDTH, height))
    return plot, plot.subplots(**layout)
