"""The picture on the first page: the result of the book, drawn from the stored runs each time the book is staged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relupool.book.citation import Work

MISSING = """```{admonition} The headline figure is missing
:class: warning notice
There are no stored runs of the first ablations in `data/results`, so there is nothing to draw here yet.
```
"""


def contents(root: Path, book: Work) -> Iterator[tuple[str, bytes]]:
    """``headline.md``, which the first page includes, and the figure's files, as (path below the stage, bytes)."""
    yield "headline.md", MISSING.encode()
