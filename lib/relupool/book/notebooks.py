"""Notebooks as they are stored, read strictly; apart from what else reads them, since chapters depend on this."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4


def read(notebook: Path) -> NotebookNode:
    """The notebook as it is stored; ValueError names the file that is none."""
    try:
        found = v4.reads(notebook.read_text(encoding="utf-8"))
        nbformat.validate(found, version=4)
    except Exception as error:  # damaged bytes raise what they will
        raise ValueError(f"{notebook.name} is no notebook: {str(error).partition(chr(10))[0]}") from None
    return found
