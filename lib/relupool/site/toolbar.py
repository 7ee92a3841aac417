"""What the site adds to each figure: links to its files, a citation to copy; and no picture without alternative text.

The files of a figure are those that :func:`relupool.figures.figure.save` wrote; staging has put them under
``extra/figures``, from where they become ``figures/<id>.svg`` and so on of the site.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging

from relupool.site.citation import Work, bibtex, plain

logger = logging.getLogger(__name__)
FORMATS = {"svg": "SVG", "pdf": "PDF", "png": "PNG", "csv": "data (CSV)", "json": "record (JSON)"}


def add_toolbars(app: Any, doctree: nodes.document, docname: str) -> None:
    """Give every figure that has files its links and its citation, below the caption."""
    up = "../" * docname.count("/")
    for figure in doctree.findall(nodes.figure):
        name = next((id for id in figure["ids"] if id.startswith("fig-")), None)
        folder = Path(app.srcdir) / "extra" / "figures"
        if name is None or not (folder / f"{name}.json").is_file():
            continue
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        present = [format for format in FORMATS if (folder / f"{name}.{format}").is_file()]
        bar = nodes.raw("", _bar(record, present, up), format="html")
        legend = next(figure.findall(nodes.legend), None)
        if legend is None:
            legend = nodes.legend()
            figure += legend
        legend += bar


def _bar(record: dict[str, Any], formats: list[str], up: str) -> str:
    name = record["id"]
    links = " ".join(
        f'<a href="{up}figures/{name}.{format}"{"" if format == "json" else " download"}>{FORMATS[format]}</a>'
        for format in formats
    )
    work = Work.from_json(record["citation"])
    return (
        f'<details class="fig-tools"><summary>Data, files, citation</summary>'
        f'<p class="fig-basis">{escape(record["basis"])}</p>'
        f'<p class="fig-links"><a href="{up}figures/{name}/index.html">Page</a> {links}</p>'
        f'<div class="highlight"><pre>{escape(bibtex(work))}</pre></div>'
        f'<div class="highlight"><pre class="prose">{escape(plain(work))}</pre></div>'
        "</details>"
    )


def check_pictures(_: Any, doctree: nodes.document, docname: str) -> None:
    """Warn, which under -W ends the build, of a picture whose alternative text is missing or is a file's name."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image.get("uri") or re.fullmatch(r"\S+\.(svg|png|jpe?g|gif|pdf)", alt):
            logger.warning("%s: picture %s has no alternative text", docname, image.get("uri"), location=image)


def register(app: Any) -> None:
    """Connect this module to Sphinx."""
    app.connect("doctree-resolved", check_pictures)
    app.connect("doctree-resolved", add_toolbars)
