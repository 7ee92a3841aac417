"""A chapter's text as a template: ``{{ gap.points }}`` stands in the Markdown cells, and is filled in after the run.

Enters: an executed notebook, whose kernel has told values (:func:`relupool.book.chapter.tell`). Leaves: the same
notebook with finished text. A name that no cell has told is an error, and so is a number that says no format.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from numbers import Integral, Real
from reprlib import repr as brief
from typing import Any

import attrs
import numpy as np
import pandas as pd
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from nbformat import NotebookNode

from relupool import words

MIME = "application/vnd.relupool.told+json"
"""The kind of output by which a kernel tells its values."""

FILTERS: dict[str, Callable[..., str]] = {
    "thousands": "{:,}".format,  # 10000 -> 10,000
    "percent": words.percent,  # 0.8342 -> 83.4 %
    "points": lambda share, digits=1: f"{words.hundredfold(share, digits).lstrip('−')} points",  # -0.06 -> 6.0 points
    "fixed": lambda value, digits=1: words.written(value, f"{{:.{digits}f}}").replace("-", "\N{MINUS SIGN}"),
    "scientific": words.scientific,  # 2.4e-7 -> 2.4 × 10⁻⁷
    "count": words.count,  # 3 | count("seed") -> 3 seeds
    "listing": words.listing,  # ["a", "b", "c"] -> a, b and c
}
"""How a text writes numbers; each takes what is told, a fraction where it writes per cent or points."""


def filled(notebook: NotebookNode) -> NotebookNode:
    """``notebook`` with its text filled in and without the outputs that told the values.

    Raises ValueError naming each cell whose text cannot be finished, and why.
    """
    values = told(notebook)
    done = copy.deepcopy(notebook)
    faults = []
    for place, cell in enumerate(done.cells, 1):
        if cell.cell_type == "markdown":
            try:
                cell.source = fill(cell.source, values)
            except ValueError as fault:
                faults.append(f"the text of cell {place}: {fault}")
        else:
            cell.outputs = [output for output in cell.outputs if MIME not in output.get("data", {})]
    if faults:
        raise ValueError("\n".join(faults))
    return done


def told(notebook: NotebookNode) -> dict[str, Any]:
    """All that the kernel has told, by name; ValueError where one name is told with two values."""
    outputs = (output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
    values: dict[str, Any] = {}
    for name, value in (told for output in outputs for told in output.get("data", {}).get(MIME, {}).items()):
        if values.setdefault(name, value) != value:
            raise ValueError(
                f"{name} is told as {brief(value)}, but must stay what it was told before, {brief(values[name])}"
            )
    return values


BEFORE_A_GAP = re.compile(r"(?<=%})\n(?=\n)")
"""The line end after a block, which Jinja drops; before an empty line it is doubled, or two paragraphs would join."""


def fill(text: str, values: Mapping[str, Any]) -> str:
    """``text``, a Jinja template with the book's :data:`FILTERS`, filled with ``values``; else ValueError."""
    try:
        return _environment().from_string(BEFORE_A_GAP.sub("\n\n", text)).render(values)
    except (TemplateError, TypeError) as error:
        raise ValueError(str(error)) from error


def plain(value: Any) -> Any:
    """``value`` as JSON has it: numbers, texts, lists, and mappings; of a frozen value, its fields and properties.

    Raises TypeError for anything else.
    """
    match value:
        case None | bool() | str():
            return value
        case np.bool_():
            return bool(value)
        case Integral():
            return int(value)
        case Real():
            return float(value) if math.isfinite(value) else None  # JSON has no NaN; a text cannot quote either
        case Mapping():
            return {str(name): plain(of) for name, of in value.items()}
        case pd.DataFrame():
            return [plain(row) for row in value.to_dict("records")]
        case list() | tuple() | set() | pd.Series() | pd.Index() | np.ndarray():
            return [plain(of) for of in value]
        case _ if attrs.has(type(value)):
            return dict(_public(value))
    raise TypeError(f"a text can quote no {type(value).__name__}")


def _public(value: Any) -> Iterator[tuple[str, Any]]:
    properties = [name for name, of in vars(type(value)).items() if isinstance(of, property)]
    for name in [*(field.name for field in attrs.fields(type(value))), *properties]:
        if not name.startswith("_"):
            try:
                yield name, plain(getattr(value, name))
            except TypeError:
                continue  # a rule or another function, which no text quotes


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="{##",  # "{#" begins a name in MyST
        comment_end_string="##}",
        autoescape=False,
    )
    environment.filters |= FILTERS
    return environment


def _finished(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError(f"{value!r} stands in the text without a format; it takes one of {', '.join(FILTERS)}")
    if value is None:
        raise TypeError("a missing value stands in the text")
    return value
