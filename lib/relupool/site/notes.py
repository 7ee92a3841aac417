"""Numbers of figures, tables and theorems in the notes: A.1 and B.2, since a note has a letter in place of a number."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any


def letter(page: str) -> str:
    """The letter of the note ``page``, such as "chapters/A_flipped_kernels"; "" if it is none."""
    first, separator, _ = PurePosixPath(page).name.partition("_")
    return first if separator and len(first) == 1 and first.isupper() else ""


def number(_: Any, env: Any) -> list[str]:
    """Count each kind of thing anew in each note, and put the note's letter before it; the pages that this changes."""
    changed = []
    for page, kinds in env.toc_fignumbers.items():
        if not (name := letter(page)):
            continue
        for kind, numbers in kinds.items():
            kinds[kind] = {id: (name, place) for place, id in enumerate(numbers, 1)}
        changed.append(page)
    return changed


def register(app: Any) -> None:
    """Connect this module to Sphinx, after its own numbering."""
    app.connect("env-get-updated", number, priority=900)
