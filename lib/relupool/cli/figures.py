"""``relupool figures``: the figures of the rendered book, listed or exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relupool.cli.options import errors


def figures(
    id: Annotated[list[str] | None, typer.Option(help="Only this figure; may be repeated.")] = None,
    format: Annotated[list[str] | None, typer.Option(help="svg, pdf, png or csv; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A folder, or a file that ends in .zip.")] = None,
    source: Annotated[Path, typer.Option("--from", help="Where the figures lie.")] = Path("_build/html/figures"),
) -> None:
    """List the figures of the rendered book; with --out, export them with their data and citations."""
    from relupool.site import figure_pages

    with errors():
        if out is None:
            for record in figure_pages.records(source):
                if not id or record["id"] in id:
                    print(f"{record['id']:28}{record['chapter']:42}{record['title']}")
            return
        written = figure_pages.export(out, folder=source, ids=id or (), formats=format or ())
    print(f"{len(written)} files in {out}")
