"""Small chapters for the tests that execute some."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

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
