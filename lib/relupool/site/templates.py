"""The site's own HTML and Markdown: the macros of ``templates.html``, each a part of a page that is made here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


def fill(macro: str, *data: Any, **values: Any) -> str:
    """What the macro of that name makes of ``data`` and ``values``; what is text in them is escaped."""
    return str(getattr(_macros().module, macro)(*data, **values))


def one_line(text: str) -> str:
    """``text`` with single spaces in place of all white space, as an attribute holds it."""
    return " ".join(text.split())


@cache
def _macros() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["one_line"] = one_line
    return environment.get_template("templates.html")
