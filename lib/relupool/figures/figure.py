"""A figure as a value: the picture, the frame that it draws, and everything that a reader or a citation needs."""

from __future__ import annotations

import hashlib
import io
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from attrs import field, frozen
from matplotlib.figure import Figure as Plot

from relupool import words
from relupool.figures import style
from relupool.validation import as_tuple, refuse

FORMATS = ("svg", "pdf", "png", "csv")
"""What a figure can be rendered as; :func:`save` adds the record, ``json``."""

ONE_SET = ("dataset", "preset", "dtype", "backend", "train_images", "test_images")
"""Columns of the result store that have one value in all that a figure shows."""

CIFAR10_TRAIN, CIFAR10_TEST = 50_000, 10_000

IMAGE_NAMES = {"cifar10": "CIFAR-10", "synthetic": "toy images"}
"""What figures and tables call a data set and its images."""

BACKEND_NAMES = {"tensorflow": "TensorFlow", "jax": "JAX"}
"""What figures and pages call the backends of Keras."""

NOTHING_TRAINED = "computed, nothing trained"
"""The tag of a figure that shows neither runs nor images."""

DEMONSTRATION = "a demonstration on toy images"
"""The tag of what was made with the book's synthetic images."""


def _check_sentence(_: Any, attribute: Any, value: Any) -> None:
    if not value.strip() or re.search(r"\{\w*\}|\bnan\b|\bNone\b|\binf\b", value):
        refuse(attribute.name, value, "a finished sentence, without a placeholder or a missing number")


def _check_finite(plot: Plot, frame: pd.DataFrame) -> None:
    """Refuse a figure of nothing, or whose numbers, or whose lines and dots, are all missing or infinite."""
    if frame.empty:
        refuse("frame", "an empty DataFrame", "what is drawn, with at least one row")
    numbers = [frame.select_dtypes("number").to_numpy(float, na_value=np.nan)]
    marks = [line.get_ydata(orig=False) for axes in plot.axes for line in axes.lines]
    marks += [np.ma.filled(dots.get_offsets(), np.nan) for axes in plot.axes for dots in axes.collections]
    for name, values in (("frame", numbers), ("plot", marks)):
        values = [of for of in values if np.size(of)]
        if values and not any(np.isfinite(of).any() for of in values):
            refuse(name, "of missing or infinite values alone", "one with finite values")


@frozen(eq=False, kw_only=True)
class Figure:
    """A picture with what it shows and where that comes from.

    ``id``: name for good, "fig-learning-curves"; ``plot``: the matplotlib figure; ``frame``: the tidy frame that is
    drawn; ``caption``: Markdown, its first sentence a title; ``alt``: what a reader who cannot see it should know;
    ``basis``: what was run to make it; ``runs``: keys of the training runs behind it; ``tag``: data, steps and seeds
    in a few words, by default those of the runs.
    """

    id: str
    plot: Plot = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    caption: str = field(validator=_check_sentence)
    alt: str = field(validator=_check_sentence)
    basis: str = field(validator=_check_sentence)
    runs: tuple[str, ...] = field(default=(), converter=as_tuple)
    tag: str = field(validator=_check_sentence)

    @tag.default
    def _(self) -> str:
        return short(self.basis) if self.runs else NOTHING_TRAINED

    def __attrs_post_init__(self) -> None:
        _check_finite(self.plot, self.frame)
        # a layout engine works anew for each format, starting from where the last one left things; settle it once
        if self.plot.get_layout_engine() is not None:
            with style.scoped():
                self.plot.draw_without_rendering()
            self.plot.set_layout_engine("none")

    @classmethod
    def of_runs(
        cls, rows: pd.DataFrame, *, caption: str, basis: str = "", drawn: pd.DataFrame | None = None, **fields: Any
    ) -> Figure:
        """A figure of ``rows`` of the result store, of which ``drawn`` are shown; those that diverged are named."""
        keys = (rows if drawn is None else drawn)["key"].unique()
        return cls(caption=caption + words.diverged(rows), basis=basis or basis_of(rows), runs=sorted(keys), **fields)

    @property
    def title(self) -> str:
        """The caption's first sentence, without its markup."""
        return re.sub(r"\{[\w:-]+\}|[*`$]", "", first_sentence(self.caption)).rstrip(".")


def first_sentence(caption: str) -> str:
    """The title that ``caption`` begins with."""
    return re.split(r"(?<=[.?!])\s", caption.strip(), maxsplit=1)[0]


def render(figure: Figure, *formats: str) -> dict[str, bytes]:
    """The bytes of ``figure`` in each of ``formats`` (all of :data:`FORMATS` if none is named).

    Equal figures give equal bytes, in any process: "svg" suits light and dark pages, "pdf" and "png" (300 dpi) are
    on white, "csv" is the frame.
    """
    return {format: _render(figure, format) for format in formats or FORMATS}


def _render(figure: Figure, format: str) -> bytes:
    if format == "csv":
        return words.csv(figure.frame)
    metadata: dict[str, dict[str, Any]] = {
        "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
        "pdf": {"Title": figure.title, "CreationDate": None, "Creator": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    with style.scoped():
        figure.plot.savefig(buffer, format=format, transparent=format == "svg", metadata=metadata[format])
    return _adaptive(buffer.getvalue().decode(), figure).encode() if format == "svg" else buffer.getvalue()


def _adaptive(drawing: str, figure: Figure) -> str:
    """An SVG with dark twins of its colours, a name and a description, and ids of its own.

    It stands in an ``<img>``; a browser evaluates its media query against the page's own colour scheme, so it follows
    the switch on the page. Programs that know nothing of this (Inkscape, TeX) see a plain light picture.
    """
    id = figure.id
    drawing = re.sub(r"<\?xml.*?<svg ", "<svg ", drawing, count=1, flags=re.S)
    drawing = re.sub(r'\bid="([^"]+)"', rf'id="{id}-\1"', drawing)  # two figures on one page must not share ids
    drawing = re.sub(r'(href="#|url\(#)([^")]+)', rf"\1{id}-\2", drawing)
    dark = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in style.DARK.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in drawing
    )
    head = (
        f' role="img" aria-labelledby="{id}-title {id}-desc">\n'
        f' <title id="{id}-title">{escape(figure.title)}</title>\n'
        f' <desc id="{id}-desc">{escape(figure.alt)}</desc>\n'
        f" <style>@media screen and (prefers-color-scheme:dark){{{dark}}}</style>"
    )
    return re.sub(r"(<svg [^>]*?)>", lambda match: match[1] + head, drawing, count=1)


def basis_of(frame: pd.DataFrame) -> str:
    """What was run to get ``frame``, rows of the result store, as a sentence to stand under a figure.

    A figure shows one set of results: more than one data set, preset, dtype, backend or size raises ValueError.
    """
    sole = {name: _sole(frame, name) for name in ONE_SET}
    data = words.capital(IMAGE_NAMES[sole["dataset"]])
    if sole["train_images"] < CIFAR10_TRAIN:
        data += f", {sole['train_images']:,} training images"
    if "judged_on" in frame and _sole(frame, "judged_on") == "validation":
        data += f", judged on {sole['test_images']:,} other training images"
    elif sole["test_images"] < CIFAR10_TEST:
        data += f", {sole['test_images']:,} test images"
    steps = " and ".join(f"{n:,}" for n in sorted(frame["steps"].unique()))
    steps += " training steps" if sole["preset"] != "quick" else " training steps, which is few (preset quick)"
    looks = ["network", "step"] if "step" in frame else ["network"]  # of some networks one seed was trained for longer
    counts = frame.groupby(looks)["seed"].nunique()
    seeds = str(counts.min()) if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    seeds = {"1": "one seed"}.get(seeds, f"{seeds} seeds") + " for each network"
    backend = BACKEND_NAMES.get(sole["backend"], sole["backend"])
    machines = frame[["device", "device_kind"]].drop_duplicates()
    devices = " and ".join(f"a {kind.upper()} ({device})" for device, kind in machines.itertuples(index=False))
    return f"{data}; {steps}; {seeds}; {sole['dtype']} with {backend} on {devices}."


def short(basis: str) -> str:
    """The tag in :func:`basis_of`: "CIFAR-10, 3,000 steps, 3 seeds"."""
    data_steps_and_seeds = ", ".join(basis.rstrip(".").split("; ")[:3])
    return data_steps_and_seeds.replace(" training steps", " steps").replace(" for each network", "")


def tag(frame: pd.DataFrame) -> str:
    """What a figure or a table of ``frame``, rows of the result store, rests on, in a few words."""
    return short(basis_of(frame))


def _sole(frame: pd.DataFrame, name: str) -> Any:
    values = frame[name].unique()
    if len(values) != 1:
        refuse(name, sorted(map(str, values)), "one and the same in all rows of a figure")
    return values[0]


def save(figure: Figure, folder: Path | str) -> dict[str, Path]:
    """Write ``figure`` to ``folder`` as <id>.svg, .pdf, .png, .csv and a record, <id>.json; the paths by format.

    The record comes last, with the SHA-256 of the others.
    """
    contents = render(figure)
    record = {name: getattr(figure, name) for name in ("id", "title", "caption", "alt", "basis", "tag", "runs")}
    record["files"] = {f"{figure.id}.{format}": hashlib.sha256(data).hexdigest() for format, data in contents.items()}
    contents["json"] = (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()
    Path(folder).mkdir(parents=True, exist_ok=True)
    paths = {format: Path(folder, f"{figure.id}.{format}") for format in contents}
    for format, path in paths.items():
        path.write_bytes(contents[format])
    return paths
