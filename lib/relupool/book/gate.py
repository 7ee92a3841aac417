"""Whether a chapter really finished, decided from facts: papermill calls a notebook complete whose kernel has died."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

_FIGURE = re.compile(r"\{(?:numref|ref)\}`(?:[^`<]*<)?(fig-[a-z0-9-]+)>?`")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def faults(
    notebook: NotebookNode, figures: Path, *, device: str, parameters: dict[str, Any], facts: dict[str, Any]
) -> list[str]:
    """What is wrong with an executed chapter, each as a message of its own; none if it may be rendered.

    ``figures`` is the folder that its figures were saved to, ``device`` ("cpu" or "gpu") and ``parameters`` what it was
    to use, ``facts`` what its kernel said of itself at the end, see :func:`relupool.book.record.facts`.
    """
    return list(_unfinished(notebook)) or [
        *_missing(notebook, figures),
        *_other_parameters(parameters, facts),
        *_other_device(device, facts),
    ]


def figures_shown(cell: NotebookNode) -> list[NotebookNode]:
    """What a cell has told of the figures that it shows, see :func:`relupool.book.chapter.show`."""
    outputs = cell.get("outputs", ()) if cell.cell_type == "code" else ()
    return [output.metadata.relupool.figure for output in outputs if "relupool" in output.get("metadata", {})]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that must run: those with code in them."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def name_of(cell: NotebookNode, place: int) -> str:
    """A cell as a reader finds it: its number among the code cells, counted from 1, and its first line."""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    return f"code cell {place}, `{lines[0]}`"


def _unfinished(notebook: NotebookNode) -> Iterator[str]:
    """The first cell that raised, or that did not run when its turn came."""
    for place, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            if output.output_type == "error":
                traceback = _COLOUR.sub("", "\n".join(output.traceback))
                yield f"{name_of(cell, place)} raised {output.ename}: {output.evalue}\n{traceback}"
                return
        if cell.execution_count != place:
            count = cell.execution_count
            yield f"{name_of(cell, place)} " + ("was not executed" if count is None else f"ran as number {count}")
            return


def _missing(notebook: NotebookNode, folder: Path) -> Iterator[str]:
    """Figures that the text refers to, or that a cell has shown, and that are not there."""
    shown = {figure.id for cell in code_cells(notebook) for figure in figures_shown(cell)}
    for place, text in _texts(notebook):
        for figure in _FIGURE.findall(text):
            if figure not in shown:
                yield f"{place} refers to {figure}, which no cell has shown"
    for figure in sorted(shown):
        yield from _damaged(folder, figure)


def _texts(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """The texts that a page shows, and where each stands: Markdown cells, and Markdown that cells have displayed."""
    place = 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            yield f"the text of cell {number}", cell.source
        elif cell.cell_type == "code" and cell.source.strip():
            place += 1
            for output in cell.outputs:
                if "text/markdown" in output.get("data", {}):
                    yield f"the output of {name_of(cell, place)}", output.data["text/markdown"]


def _damaged(folder: Path, figure: str) -> Iterator[str]:
    """Files of a figure that are not as its record says."""
    try:
        record = json.loads((folder / f"{figure}.json").read_text(encoding="utf-8"))
    except OSError:
        yield f"{figure} was shown, but {figure}.json was not saved in {folder}"
        return
    for name, digest in record["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"{figure} was shown, but {path} is not there as it was saved"


def _other_parameters(asked: dict[str, Any], facts: dict[str, Any]) -> Iterator[str]:
    for name, value in facts.get("parameters", {}).items():
        if value != asked[name]:
            yield f"its kernel ran with {name} = {value!r}, but {asked[name]!r} was asked for"


def _other_device(asked: str, facts: dict[str, Any]) -> Iterator[str]:
    # a chapter without a backend computes on no device that could be chosen
    if facts.get("backend") and facts["device_kind"] != asked:
        yield f"it was to run on the {asked}, but {facts['backend']} ran on {facts['device']} ({facts['device_kind']})"
