"""Frames as Markdown tables, numbered like figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from relupool.words import Format, written


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    name: str,
    formats: Mapping[str, Format] | None = None,
    tag: str = "",
) -> str:
    """``frame`` as a MyST table that {numref}`tab-...` finds by ``name``; its columns are the headings.

    ``formats`` maps columns to formats ("{:,}", "{:.1%}") or to functions that write a number; a missing value becomes
    a dash. Numbers stand right. ``tag`` says what the table rests on: data, steps and seeds.
    """
    formats = formats or {}
    columns = list(frame.columns)
    cells = [[_cell(value, formats.get(column, "{}")) for column, value in row.items()] for _, row in
             frame.astype(object).iterrows()]  # fmt: skip
    right = [column in formats or pd.api.types.is_numeric_dtype(frame[column]) for column in columns]
    rows = [columns, ["---:" if r else "---" for r in right], *cells]
    caption = f"{caption} [{tag}]{{.tag}}" if tag else caption
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([f"```{{table}} {caption}", f":name: {name}", "", *lines, "```"])


def _cell(value: Any, form: Format) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return "–"
    if not (isinstance(value, int | float) or hasattr(value, "dtype")):
        return str(value)
    if not isinstance(form, str):
        return form(value).replace("-", "−")
    return (written(value, form) if isinstance(value, float) else form.format(value)).replace("-", "−")
