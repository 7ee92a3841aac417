"""What the head of each finished page tells search engines and those who share it; and the list of all pages.

Made from the page itself: its heading, its first paragraph (on a figure's page the caption) and its first figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import html as parser

from relupool.site import metadata
from relupool.site.citation import Work
from relupool.validation import refuse

UNLISTED = ("404.html", "search.html", "genindex.html")
"""Pages that nobody should find instead of one with something to read."""

LENGTH = 200
"""Characters of a description, about what search engines show."""

FIRST_PAGE = "index.html"

OLD = re.compile(
    r'(?:<meta (?:property="og:|name="(?:description|robots|twitter:|citation_))|<link rel="canonical"|<base )[^>]*>\n?'
    r'|<script type="application/ld\+json">.*?</script>\n?'
)
ASIDE = "ancestor::figure or ancestor::table or ancestor::details or ancestor::*[contains(@class, 'admonition')]"


def with_tags(html: str, *, page: str, site: Path, book: Work, chapter: bool = False, base: str = "") -> str:
    """``html`` of ``page`` (its path below ``site``) with the tags in its head.

    ``chapter``: whether it is one of ``book``; ``base``: the address where the site is published, ends with a slash;
    without one there are neither canonical addresses nor pictures, which must be absolute.
    """
    html = OLD.sub("", html)
    root = parser.fromstring(html)
    title, text = heading(root), description(root)
    tags = {"description": text or f"{title}: a page of {book.title}."}
    if page in UNLISTED:
        tags["robots"] = "noindex"
    tags |= {"og:type": "website", "og:site_name": book.title, "og:title": title, "og:description": tags["description"]}
    image, alt = picture(root, site) if base else ("", "")
    if image:
        tags |= {"og:image": urljoin(base, image), "og:image:alt": alt}
    tags["twitter:card"] = "summary_large_image" if image else "summary"
    if base and page not in UNLISTED:
        tags["og:url"] = address(page, base)
    lines = [
        f'<meta {"property" if key.startswith("og:") else "name"}="{key}" content="{escape(value)}">'
        for key, value in tags.items()
    ]
    if "og:url" in tags:
        lines.append(f'<link rel="canonical" href="{tags["og:url"]}">')
    lines += _for_references(book, title, tags["description"], page=page, site=site, chapter=chapter, base=base)
    if base and page == "404.html":  # shown in place of any page that is not there, at any depth
        lines.insert(0, f'<base href="{urlsplit(base).path}">')
        html = html.replace('href="#', 'href="404.html#')
    return html.replace("<title>", "\n".join([*lines, "<title>"]), 1)


def _for_references(
    book: Work, title: str, described: str, *, page: str, site: Path, chapter: bool, base: str
) -> list[str]:
    """The lines for those who collect references: of the book on its first page, of a chapter, of a figure."""
    if record := metadata.record_of(page, site):
        return [metadata.script(metadata.of_figure(book, record, base=base))]
    if page == FIRST_PAGE:
        told = metadata.of_book(book, description=described, base=base)
    elif chapter:
        told = metadata.of_chapter(book, title, description=described, address=address(page, base) if base else "")
    else:
        return []
    tags = metadata.citation_tags(book, title, chapter=chapter)
    return [*(f'<meta name="{name}" content="{escape(value)}">' for name, value in tags), metadata.script(told)]


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
        ids = [*image.xpath("ancestor::figure/@id"), Path(image.get("src", "")).stem]
        found = next((f"figures/{id}.png" for id in ids if (site / f"figures/{id}.png").is_file()), "")
        if found:
            return found, image.get("alt", "")
    return "", ""


def _plain(text: str) -> str:
    r"""Words without the marks of TeX: \(\max(0, x)\) reads max(0, x)."""
    inside = r"\\[()]|\\(?=[a-zA-Z])|[{}$]"
    text = re.sub(r"\\\(.*?\\\)", lambda formula: re.sub(inside, "", formula[0]), text, flags=re.S)
    return " ".join(text.split())


def sitemap(pages: Iterable[str], base: str) -> str:
    """The list of all ``pages`` (paths below the site) that are worth finding, as sitemaps.org defines it."""
    urls = "".join(f"<url><loc>{escape(address(page, base))}</loc></url>\n" for page in sorted(pages))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'


def write_lists(site: Path, pages: Iterable[str], base: str) -> None:
    """Write ``sitemap.xml``, and where the site is all of its host a ``robots.txt`` that names it.

    Elsewhere nobody reads a robots.txt; and without ``base`` neither file could say where a page is.
    """
    files = {}
    if base:
        files["sitemap.xml"] = sitemap((page for page in pages if page not in UNLISTED), base)
        if urlsplit(base).path == "/":
            files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"
    for name in ("sitemap.xml", "robots.txt"):
        (site / name).unlink(missing_ok=True)
    for name, text in files.items():
        (site / name).write_text(text, encoding="utf-8")


def base_address(configured: str) -> str:
    """``configured`` with a slash at its end, or ""; raises ValueError if it is not the address of a site."""
    parts = urlsplit(configured)
    if configured and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        refuse("html.baseurl", configured, "empty or an address such as 'https://example.org/book/'")
    return f"{configured.rstrip('/')}/" if configured else ""
