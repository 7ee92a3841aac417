"""What the head of a page tells those who collect references: Highwire's ``citation_`` tags, and JSON-LD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from relupool.site.citation import Work

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
"""Of text and figures, as LICENSE has it."""

FORMATS = {"csv": "text/csv", "json": "application/json"}
"""Files of a figure that are data."""


def citation_tags(book: Work, title: str, *, chapter: bool) -> list[tuple[str, str]]:
    """Names and contents of the tags of the first page, or of the ``chapter`` of that ``title``."""
    of_book = [("citation_inbook_title", book.title)] if chapter else []
    doi = [("citation_doi", book.doi)] if book.doi and not chapter else []
    return [
        ("citation_title", title if chapter else book.title),
        *(("citation_author", name) for name in book.authors),
        ("citation_publication_date", book.date.replace("-", "/")),
        *of_book,
        *doi,
    ]


def of_book(book: Work, *, description: str, base: str = "") -> dict[str, Any]:
    """The book itself, published at ``base``."""
    told = {"@type": "Book", **_common(book, book.title, description), "url": base or book.url, "identifier": book.doi}
    return _filled({**told, "inLanguage": "en", "isAccessibleForFree": True})


def of_chapter(book: Work, title: str, *, description: str, address: str = "") -> dict[str, Any]:
    """A chapter, published at ``address``."""
    told = {"@type": "Chapter", **_common(book, title, description), "url": address, "isPartOf": _whole(book)}
    return _filled({**told, "inLanguage": "en"})


def of_figure(book: Work, record: dict[str, Any], *, base: str = "") -> list[dict[str, Any]]:
    """A figure as picture and as data, from its ``record``; their files stand beside its folder."""
    name, title, described = record["id"], record["title"], " ".join(record["alt"].split())
    same = {**_common(book, title, described), "isPartOf": _whole(book)}

    def at(suffix: str) -> str:
        return urljoin(base, f"figures/{name}.{suffix}") if base else f"../{name}.{suffix}"

    image = {"@type": "ImageObject", **same, "contentUrl": at("svg"), "encodingFormat": "image/svg+xml"}
    files = [{"@type": "DataDownload", "encodingFormat": kind, "contentUrl": at(end)} for end, kind in FORMATS.items()]
    told = f"The numbers that this figure draws. {described} {record['basis']}"
    return [_filled(image), _filled({"@type": "Dataset", **same, "description": told, "distribution": files})]


def script(told: dict[str, Any] | list[dict[str, Any]]) -> str:
    """``told``, in schema.org's words, as an element of the head; no text in it can end the element."""
    whole = {"@graph": told} if isinstance(told, list) else told
    text = json.dumps({"@context": "https://schema.org", **whole}, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def record_of(page: str, site: Path) -> dict[str, Any] | None:
    """The record of the figure whose own ``page`` this is, or None."""
    parts = Path(page).parts
    path = site / f"figures/{parts[1]}.json" if len(parts) == 3 and parts[0] == "figures" else None
    if path is None or not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _common(book: Work, name: str, description: str) -> dict[str, Any]:
    kinds = [("Organization" if author in book.bodies else "Person", author) for author in book.authors]
    return {
        "name": name,
        "description": description,
        "author": [{"@type": kind, "name": author} for kind, author in kinds],
        "datePublished": book.date,
        "version": book.version,
        "license": LICENSE,
    }


def _whole(book: Work) -> dict[str, Any]:
    return _filled({"@type": "Book", "name": book.title, "url": book.url, "identifier": book.doi})


def _filled(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in ("", None)}
