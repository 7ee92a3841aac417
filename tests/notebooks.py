"""Chapters for the tests that execute some: small ones to be written, and what an executed one shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from attrs import frozen
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from relupool.book import gate

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
    """What a reader of an executed chapter sees: its text, computed sentences at its end; what was printed; figures."""

    text: str
    printed: str
    figures: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, executed: Path) -> Shown:
        """What the executed notebook shows, with single spaces in place of all white space."""
        cells = nbformat.read(executed, as_version=4).cells
        outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        texts += [output.data["text/markdown"] for output in outputs if "text/markdown" in output.get("data", {})]
        return cls(
            text=" ".join("\n".join(texts).split()),
            printed="".join(output.get("text", "") for output in outputs),
            figures={figure.id: figure for cell in cells for figure in gate.figures_shown(cell)},
        )


def text(path: Path) -> str:
    """The text of a notebook, as it stands in its Markdown cells."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
