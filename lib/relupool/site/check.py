"""Look through the finished pages for what a reader would stumble over; a build that has such faults has failed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from lxml import html

ASSETS = (
    *(".//@src", ".//link[not(@rel='canonical')]/@href", ".//object/@data", ".//@poster"),
    *(".//form/@action", ".//@formaction"),  # where a page may lead its readers by itself
)
LINKS = (".//a/@href", *ASSETS)
FILE_NAME = re.compile(r"\S+\.(svg|png|jpe?g|gif|pdf)")


def faults(site: Path | str, *, hidden: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the pages below ``site``, one sentence each that names the page; empty if nothing is.

    Links and anchors that lead nowhere, assets of other hosts, forms and pages that lead there by themselves, scripts
    as addresses, ids given twice, pictures without alternative text, errors among the outputs, and paths in ``hidden``
    (of this machine), which no file for readers may hold.
    """
    site = Path(site)
    pages = {path: html.parse(path).getroot() for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    if not pages:
        raise ValueError(f"there are no pages in {site}")
    anchors = {path: set(page.xpath(".//@id | .//a/@name")) for path, page in pages.items()}
    found = []
    for path, page in pages.items():
        for fault in (*_links(site, path, page, anchors), *_page(page)):
            found.append(f"{path.relative_to(site)}: {fault}")
    for path in sorted(p for p in site.rglob("*") if p.suffix in {".html", ".ipynb", ".md", ".json", ".csv", ".svg"}):
        text = path.read_text(encoding="utf-8")
        named = (place for place in hidden if path_of(place).search(text))
        found += [f"{path.relative_to(site)}: names a place on this machine, {place}" for place in named]
    return found


@cache
def path_of(place: str) -> re.Pattern[str]:
    """Finds ``place`` as a whole path, and not in addresses, as JSON and links write it too."""
    ways = {place, quote(place), json.dumps(place)[1:-1]}
    return re.compile(rf"(?<![\w./<-])(?:file://)?(?:{'|'.join(map(re.escape, ways))})(?![\w.-])")


def _links(site: Path, path: Path, page: html.HtmlElement, anchors: dict[Path, set[str]]) -> Iterator[str]:
    for address in sorted({str(address) for query in ASSETS for address in page.xpath(query)}):
        if urlsplit(address).netloc:
            yield f"loads {address} from another host"
    for address in sorted({str(address) for query in LINKS for address in page.xpath(query)}):
        parts = urlsplit(address)
        if parts.scheme in ("javascript", "vbscript"):
            yield f"{address} is a script"
        if parts.scheme or parts.netloc:
            continue
        if parts.path.startswith("/"):
            yield f"{address} holds only at the root of a host"
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_relative_to(site.resolve()) and target not in anchors:
            yield f"{address} leaves the site"
        elif not target.is_file():
            yield f"{address} leads to no file"
        elif parts.fragment and target in anchors and unquote(parts.fragment) not in anchors[target]:
            yield f"{address} leads to no such place on the page"


def _page(page: html.HtmlElement) -> Iterator[str]:
    if not page.get("lang"):
        yield "says not what language it is in"
    for name, count in sorted(Counter(map(str, page.xpath(".//@id"))).items()):
        if count > 1:
            yield f"id {name} is given {count} times"
    for image in page.xpath(".//img"):
        alt = (image.get("alt") or "").strip()
        if not alt or FILE_NAME.fullmatch(alt):
            yield f"picture {image.get('src')} has no alternative text"
    for meta in page.xpath(".//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']"):
        yield f"leaves by itself: {meta.get('content')}"
    for kind in ("traceback", "problematic", "system-message"):
        for node in page.xpath(f".//main//*[contains(concat(' ', @class, ' '), ' {kind} ')]"):
            yield f"shows an error: {' '.join(node.text_content().split())[:200]}"
