"""The picture on the first page: the result of the book, drawn from the committed runs each time it is staged.

``python -m relupool.book.headline`` writes it for the README, ``data/headline.svg``, after new runs were committed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from relupool.book.citation import Work
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.store import Missing, Store
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.figures.accuracy import headline
from relupool.figures.figure import Figure, render, save
from relupool.verdicts.documented import QUESTION, REPORTED

MISSING = """```{admonition} The headline figure is not here yet
:class: warning notice
It is drawn from the stored runs of the first ablations, and no complete set of them lies in `data/results`.
```
"""


FIRST_PAGE = {"chapter": "index", "chapter_title": "the first page", "place": 0, "parameters": {}, "made": None}


def contents(root: Path, book: Work) -> Iterator[tuple[str, bytes]]:
    """``headline.md``, which the first page includes, and the figure's files, as (path below the stage, bytes)."""
    try:
        figure = picture(root)
    except Missing:
        yield "headline.md", MISSING.encode()
        return
    yield "headline.md", _markdown(figure).encode()
    with tempfile.TemporaryDirectory() as folder:
        for format, path in save(figure, folder).items():
            data = path.read_bytes()
            if format == "json":
                data = _record(json.loads(data), book)
            if format == "svg":
                yield f"pictures/{path.name}", data
            yield f"extra/figures/{path.name}", data


def picture(root: Path) -> Figure:
    """The headline figure of the runs in ``root/data/results``; raises Missing if they hold no complete set."""
    results = Store(root / "data" / "results").largest(FIRST_ABLATIONS)
    return headline(results.frame, reported=REPORTED, source=QUESTION)


def _markdown(figure: Figure) -> str:
    return (
        f"```{{figure}} pictures/{figure.id}.svg\n:name: {figure.id}\n:class: fig-auto\n"
        f":alt: {' '.join(figure.alt.split())}\n\n{figure.caption}\n```\n"
    )


def _record(record: dict[str, object], book: Work) -> bytes:
    note = f"Figure {record['id']}: {str(record['basis']).rstrip('.')}"
    work = evolve(book, key=f"relupool-{record['id']}", part=str(record["title"]), note=note)
    return (json.dumps({**record, **FIRST_PAGE, "citation": work.to_json()}, indent=1) + "\n").encode()


if __name__ == "__main__":
    (ROOT / "data" / "headline.svg").write_bytes(render(picture(ROOT), "svg")["svg"])
