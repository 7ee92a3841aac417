"""One chapter with several values of parameters, and the page that lays the outcomes side by side: ``relupool sweep``.

A page shows what differs: sentences, printed numbers and figures that are the same for all values are left out.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
from attrs import frozen

from relupool.book import gate
from relupool.book.parameters import Parameter, Value, parse
from relupool.validation import refuse

PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<title>{title}</title>
<style>td {{ vertical-align: top; padding: 0 1em; }} img {{ max-width: 30em; }} pre {{ white-space: pre-wrap; }}</style>
<h1>{title}</h1>
<table>
{table}
</table>
"""


@frozen
class Outcome:
    """What a chapter has made in ``folder`` with the parameters ``given``; in no folder if it failed, which is why."""

    given: dict[str, Value]
    folder: Path | None
    why: str = ""

    def shown(self) -> dict[str, str]:
        """What a reader sees, as HTML by its place: the cell and, in it, the text, the output or the figure."""
        if self.folder is None:
            return {"why it failed": f"<pre>{escape(self.why)}</pre>"}
        found = {}
        for place, cell in enumerate(nbformat.read(self.folder / "executed.ipynb", as_version=4).cells, 1):
            if cell.cell_type == "markdown":
                for part, text in enumerate(cell.source.split("\n\n"), 1):
                    found[f"cell {place}, paragraph {part}"] = f"<p>{escape(text)}</p>"
                continue
            for figure in gate.figures_shown(cell):
                picture = b64encode((self.folder / "figures" / f"{figure.id}.svg").read_bytes()).decode()
                image = f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(figure.id)}">'
                found[figure.id] = f"{image}<p>{escape(figure.caption)}</p>"
            printed = [_text(output) for output in cell.outputs if "relupool" not in output.get("metadata", {})]
            if any(printed):
                found[f"cell {place}, output"] = f"<pre>{escape(''.join(printed))}</pre>"
        return found


def _text(output: Any) -> str:
    data = output.get("data", {})
    return str(data.get("text/markdown") or data.get("text/plain") or output.get("text", ""))


def combinations(declared: Sequence[Parameter], words: Mapping[str, str]) -> list[dict[str, Value]]:
    """Every combination of the values in ``words``, ``{"size": "2,3"}``; ValueError for one that does not fit."""
    if not words:
        refuse("-p", "not there", "given at least once: -p NAME=VALUE,VALUE")
    values = [[(name, text) for text in dict.fromkeys(several.split(","))] for name, several in words.items()]
    return [parse(declared, dict(chosen)) for chosen in product(*values)]


def page(title: str, outcomes: Sequence[Outcome]) -> str:
    """An HTML page with a column for each of the outcomes, and a row for each thing in which they differ."""
    columns = [outcome.shown() for outcome in outcomes]
    places = dict.fromkeys(place for column in columns for place in column)
    rows = [
        "".join(
            f"<th>{escape(', '.join(f'{name} = {value}' for name, value in o.given.items()))}</th>" for o in outcomes
        )
    ]
    for place in places:
        cells = [column.get(place, "") for column in columns]
        if len(set(cells)) > 1:
            rows.append(f"<th>{escape(place)}</th>" + "".join(f"<td>{cell}</td>" for cell in cells))
    table = "\n".join(f"<tr>{'<th></th>' * (not place)}{row}</tr>" for place, row in enumerate(rows))
    return PAGE.format(title=escape(title), table=table)
