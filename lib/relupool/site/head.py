"""What the head of each finished page tells machines: search engines, those who share it, collectors of references.

Made from the page itself: its heading, its first paragraph (on a figure's page the caption) and its first figure; in
Open Graph's words, Highwire's ``citation_`` tags and schema.org's JSON-LD. And the list of all pages, and their policy:
only scripts of the site run, and none that an output might bring along.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html as parser

from relupool.site.citation import Work
from relupool.site.templates import fill, one_line
from relupool.validation import refuse

UNLISTED = ("404.html", "search.html", "genindex.html")
"""Pages that nobody should find instead of one with something to read."""

FIRST_PAGE = "index.html"

LENGTH = 200
"""Characters of a description, about what search engines show."""

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
"""Of text and figures, as LICENSE has it."""

ASIDE = "ancestor::figure or ancestor::table or ancestor::details or ancestor::*[contains(@class, 'admonition')]"

INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.S)

HANDLERS = {
    'onclick="window.print()"': 'data-does="print"',
    'onclick="toggleFullScreen()"': 'data-does="fullscreen"',
}
"""Handlers that the theme writes into its buttons, which no policy without loopholes allows, and what replaces them;
``site.js`` gives these buttons their work back."""


def with_tags(html: str, *, page: str, site: Path, book: Work, chapter: bool = False, base: str = "") -> str:
    """``html`` of ``page`` (its path below ``site``) with the tags in its head.

    ``chapter``: whether it is one of ``book``; ``base``: the address where the site is published, ends with a slash;
    without one there are neither canonical addresses nor pictures, which must be absolute.
    """
    html = re.sub(r'<link rel="canonical"[^>]*>\n?', "", html)  # Sphinx's own names a folder's page by its file
    root = parser.fromstring(html)
    title = heading(root)
    described = description(root) or f"{title}: a page of {book.title}."
    image, alt = picture(root, site) if base else ("", "")
    url = address(page, base) if base and page not in UNLISTED else ""
    record = site / f"figures/{Path(page).parts[1]}.json" if re.fullmatch(r"figures/[^/]+/index\.html", page) else None
    references, linked = [], None
    if record and record.is_file():
        linked = {"@graph": _figure(book, json.loads(record.read_text(encoding="utf-8")), base)}
    elif page == FIRST_PAGE or chapter:
        references = _references(book, title if chapter else "")
        linked = _chapter(book, title, described, url) if chapter else _book(book, described, base)
    not_found = bool(base) and page == "404.html"  # shown in place of any page that is not there, at any depth
    if not_found:
        html = html.replace('href="#', 'href="404.html#')
    tags = fill(
        "head",
        title=title,
        description=described,
        book=book.title,
        references=references,
        linked=_script(linked) if linked else "",
        robots="noindex" if page in UNLISTED else "",
        base=urlsplit(base).path if not_found else "",
        image=urljoin(base, image) if image else "",
        alt=alt,
        url=url,
    )
    return html.replace("<title>", f"{tags}<title>", 1)


def address(page: str, base: str) -> str:
    """Where ``page`` is published: a folder's page under the folder's own address."""
    return urljoin(base, re.sub(r"(^|/)index\.html$", r"\1", page))


def heading(root: parser.HtmlElement) -> str:
    """The page's first heading, without the sign that links to it."""
    text = root.xpath("string((//h1)[1])") or re.split(r" [—-] ", root.xpath("string(//title)"))[0]
    return _plain(text.removesuffix("#"))


def description(root: parser.HtmlElement) -> str:
    """The first paragraph of running text in words alone, cut after the last sentence or word that fits; may be ""."""
    paragraphs = root.xpath(f"//article//p[not(@hidden) and not({ASIDE})]")
    texts = filter(None, (_plain(paragraph.text_content()) for paragraph in paragraphs))
    text = re.sub(r"^Question\. ", "", next(texts, ""))
    if len(text) <= LENGTH:
        return text
    ends = [end.end() for end in re.finditer(r"[.?!](?= )", text[: LENGTH + 1])]
    return text[: ends[-1]] if ends and ends[-1] > LENGTH / 2 else f"{text[: text.rfind(' ', 0, LENGTH)]}…"


def picture(root: parser.HtmlElement, site: Path) -> tuple[str, str]:
    """Path below ``site`` and alternative text of the page's first figure that there is as PNG; ("", "") if none is."""
    for image in root.xpath("//article//img"):
        for id in (*image.xpath("ancestor::figure/@id"), Path(image.get("src", "")).stem):
            if (site / f"figures/{id}.png").is_file():
                return f"figures/{id}.png", image.get("alt", "")
    return "", ""


def _plain(text: str) -> str:
    r"""Words without the marks of TeX: \(\max(0, x)\) reads max(0, x)."""
    marks = r"\\[()]|\\(?=[a-zA-Z])|[{}$]"
    return one_line(re.sub(r"\\\(.*?\\\)", lambda formula: re.sub(marks, "", formula[0]), text, flags=re.S))


def _references(book: Work, chapter: str) -> list[tuple[str, str]]:
    """Names and contents of Highwire's tags: of the book, or of the ``chapter`` of that title."""
    tags = [("title", chapter or book.title), *(("author", name) for name in book.authors)]
    tags.append(("publication_date", book.date.replace("-", "/")))
    if chapter:
        tags.append(("inbook_title", book.title))
    elif book.doi:
        tags.append(("doi", book.doi))
    return tags


def _book(book: Work, described: str, base: str) -> dict[str, Any]:
    where = {"url": base or book.url, "identifier": book.doi}
    return _thing("Book", book, book.title, described, **where, inLanguage="en", isAccessibleForFree=True)


def _chapter(book: Work, title: str, described: str, url: str) -> dict[str, Any]:
    return _thing("Chapter", book, title, described, url=url, isPartOf=_whole(book), inLanguage="en")


def _figure(book: Work, record: dict[str, Any], base: str) -> list[dict[str, Any]]:
    """A figure as picture and as data, whose files stand beside the folder of its page."""
    title, described, whole = record["title"], one_line(record["alt"]), _whole(book)
    numbers = f"The numbers that this figure draws. {described} {record['basis']}"
    stem = urljoin(base, f"figures/{record['id']}") if base else f"../{record['id']}"
    svg = {"contentUrl": f"{stem}.svg", "encodingFormat": "image/svg+xml"}
    files = [
        {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{stem}.{suffix}"}
        for suffix, kind in (("csv", "text/csv"), ("json", "application/json"))
    ]
    return [
        _thing("ImageObject", book, title, described, isPartOf=whole, **svg),
        _thing("Dataset", book, title, numbers, isPartOf=whole, distribution=files),
    ]


def _thing(kind: str, book: Work, name: str, described: str, **more: Any) -> dict[str, Any]:
    """Something of the book in schema.org's words; what is not known is left out."""
    made: dict[str, Any] = {
        "@type": kind,
        "name": name,
        "description": described,
        "author": [
            {"@type": "Organization" if name in book.bodies else "Person", "name": name} for name in book.authors
        ],
        "datePublished": book.date,
        "version": book.version,
        "license": LICENSE,
    }
    return made | {name: value for name, value in more.items() if value not in ("", None)}


def _whole(book: Work) -> dict[str, Any]:
    where = {"url": book.url, "identifier": book.doi}
    return {"@type": "Book", "name": book.title} | {name: value for name, value in where.items() if value}


def _script(linked: dict[str, Any]) -> str:
    """JSON-LD for a script of the page, which no text in it can end."""
    return json.dumps({"@context": "https://schema.org", **linked}, ensure_ascii=False).replace("<", "\\u003c")


def with_policy(html: str, *, search: bool = False) -> str:
    """``html`` of a page with its Content-Security-Policy as the first thing in its head.

    Scripts without a file run if they stand in the head, which the theme writes; on the ``search`` page the theme
    writes one into the body too. Each is allowed by its hash.
    """
    for handler, mark in HANDLERS.items():
        html = html.replace(handler, mark)
    trusted = html if search else html.partition("</head>")[0]
    hashes = dict.fromkeys(f"'sha256-{_digest(script)}'" for script in INLINE.findall(trusted))
    policy = f"script-src 'self' {' '.join(hashes)}; object-src 'none'; base-uri 'self'; form-action 'self'"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(r"(<head[^>]*>)", rf"\1\n{meta}", html, count=1)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def write_lists(site: Path, pages: Iterable[str], base: str) -> None:
    """Write ``sitemap.xml``, and where the site is all of its host a ``robots.txt`` that names it.

    Elsewhere nobody reads a robots.txt; and without ``base`` neither file could say where a page is.
    """
    if not base:
        return
    urls = "".join(
        f"<url><loc>{escape(address(page, base))}</loc></url>\n" for page in sorted(pages) if page not in UNLISTED
    )
    (site / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n',
        encoding="utf-8",
    )
    if urlsplit(base).path == "/":
        (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", encoding="utf-8")


def base_address(configured: str) -> str:
    """``configured`` with a slash at its end, or ""; raises ValueError if it is not the address of a site."""
    parts = urlsplit(configured)
    if configured and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        refuse("html.baseurl", configured, "empty or an address such as 'https://example.org/book/'")
    return f"{configured.rstrip('/')}/" if configured else ""
