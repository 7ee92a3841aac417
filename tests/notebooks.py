"""Chapters for the tests that execute some: small ones to be written, and what an executed one shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from attrs import frozen
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from relupool.book import execute
from relupool.book.build import Build

CHAPTERS = Path(__file__).parent.parent / "chapters"
PARAMETERS = """size: int = 3  # side of the window; pixels; 2 to 8
slope: float = 0.2  # of the line below zero; none; -1 to 1
activation: str = "relu"  # what is tried; none; one of relu, silu
live: bool = True  # whether to compute; none; any"""
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def chapter(*cells: str | NotebookNode, parameters: str = PARAMETERS) -> NotebookNode:
    """A notebook: texts that start with "#" and a space are Markdown, others are code."""
    tagged = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    others = [
        cell if not isinstance(cell, str) else new_markdown_cell(cell) if cell.startswith("# ") else new_code_cell(cell)
        for cell in cells
    ]
    return new_notebook(cells=[tagged, *others], metadata=KERNEL)


def write(path: Path, *cells: str | NotebookNode, parameters: str = PARAMETERS) -> Path:
    """Write such a notebook to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(chapter(*cells, parameters=parameters), path)
    return path


@frozen
class Shown:
    """What an executed chapter shows: its text, filled in; what its cells said, in order; its figures."""

    text: str
    said: list[str]
    figures: list[dict[str, Any]]

    @property
    def captions(self) -> dict[str, str]:
        """Each figure's caption by its id."""
        return {figure["id"]: figure["caption"] for figure in self.figures}


def executed(path: Path, folder: Path, *, build: Build | None = None, **values: Any) -> Shown:
    """Execute a chapter with these parameters into ``folder``, and say what it shows."""
    execute.execute(path, folder, build or Build(), values)
    cells = nbformat.read(folder / "executed.ipynb", as_version=4).cells
    outputs = [o for cell in cells if cell["cell_type"] == "code" for o in cell["outputs"] if "metadata" in o]
    return Shown(
        text="\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown"),
        said=[o["data"]["text/markdown"] for o in outputs if "text/markdown" in o["data"]],
        figures=[o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o["metadata"]],
    )
