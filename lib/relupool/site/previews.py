"""Previews: what a link leads to, shown beside it while the pointer or the keyboard is there.

``site.js`` takes a theorem, figure or table from the page itself, and a work from the title that its citation has.
What lies on another page this module writes into a ``<template>``, which no browser shows or loads anything for.
"""

from __future__ import annotations

import re
from functools import cache
from os.path import relpath
from pathlib import Path
from typing import Any

from lxml import html as parser

LINK = re.compile(r'<a class="reference internal" href="(?P<page>[^"#:]+\.html)#(?P<id>[^"]+)"')
KINDS = "self::figure or self::table or contains(concat(' ', @class, ' '), ' proof ')"
LEFT_OUT = ".//details | .//*[contains(@class, 'headerlink')]"


def with_previews(html: str, page: Path) -> str:
    """``html`` of ``page`` with the theorems, figures and tables of other pages that it links to."""
    wanted = {(link["page"], link["id"]) for link in LINK.finditer(html)}
    kept = ""
    for target, id in sorted(wanted):
        if id != page.parent.name and (copied := _copied(page.parent, target, id)):  # a figure's own page shows it
            kept += f'<div data-href="{target}#{id}">{copied}</div>'
    return html.replace("</article>", f'<template id="previews">{kept}</template>\n</article>', 1) if kept else html


@cache
def _page(path: Path) -> parser.HtmlElement:
    return parser.fromstring(path.read_text(encoding="utf-8"))


def _copied(folder: Path, page: str, id: str) -> str:
    """What has this ``id`` on ``page``, seen from ``folder``, without ids, folds and links; "" if no preview."""
    path = folder / page
    found = _page(path.resolve()).xpath(f"//*[@id=$id][{KINDS}]", id=id) if path.is_file() else []
    if not found:
        return ""
    target = parser.fromstring(parser.tostring(found[0], with_tail=False))
    for part in target.xpath(LEFT_OUT):
        part.drop_tree()
    for part in target.xpath("descendant-or-self::*[@id]"):
        del part.attrib["id"]
    for link in list(target.iter("a")):
        link.drop_tag()
    for image in target.iter("img"):
        image.set("src", relpath(path.parent / image.get("src"), folder))
    return parser.tostring(target, encoding="unicode")


def write(app: Any, error: Exception | None) -> None:
    """Give every page of a finished build its previews."""
    if error is not None or app.builder.name != "html":
        return
    _page.cache_clear()
    for page in sorted(Path(app.outdir).rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        if (done := with_previews(html, page)) != html:
            page.write_text(done, encoding="utf-8")
