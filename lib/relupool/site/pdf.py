"""The whole book as one PDF: every page of the rendered site, printed by Chromium, joined, with bookmarks.

``python -m relupool.site.pdf [ROOT]`` writes ``_build/book.pdf`` beside the site. No TeX is needed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import yaml

from relupool.book import sources
from relupool.site.citation import Work, book
from relupool.site.head import base_address

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What Chromium is called where it is installed."""

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND")
"""It prints files of this machine, and asks nobody for anything."""

TYPESET = """async () => {
    while (window.MathJax && !MathJax.startup?.promise) await new Promise(done => setTimeout(done, 50));
    await window.MathJax?.startup.promise;
}"""
"""What a page's formulas have to wait for."""

HEADING = """() => {
    const heading = document.querySelector("article h1").cloneNode(true);
    heading.querySelectorAll(".headerlink").forEach(link => link.remove());
    return heading.textContent.trim();
}"""

PICTURES = (
    """() => Promise.all([...document.images].map(image => { image.loading = "eager"; return image.decode(); }))"""
)

PAPER = "@page { size: A4; margin: 18mm 20mm }"
NUMBERS = """@page {{ @bottom-center {{ content: counter(page); font: 9pt sans-serif; color: #555 }} }}
:root {{ counter-reset: page {before} }}"""
SCALE = 0.8
"""Letters as large as in a book, not as on a screen."""

FRONT = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>
header {{ font: 14pt serif; text-align: center; padding-top: 30%; break-after: page }}
h1 {{ font: 600 32pt sans-serif }} h2 {{ font: 600 18pt sans-serif }} p {{ font: 12pt serif }}
nav p {{ display: flex; gap: 1em; margin: 0 0 .6em }} nav b {{ font-weight: normal; margin-left: auto }}
a {{ color: inherit; text-decoration: none }}
</style><header><h1>{title}</h1><p>{authors}</p><p>Version {version}, {year}</p></header>
<h2>Contents</h2><nav>{contents}</nav></html>"""
LINE = '<p><a href="{address}">{title}</a> <b>{number}</b></p>'


def chromium() -> str:
    """The path of a Chromium; raises FileNotFoundError that says how to get one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError("there is no Chromium to print with; install it (Debian: apt-get install chromium)")
    return found


def print_book(root: Path | str = ".") -> Path:
    """Print the site in ``root`` and return the PDF; raises FileNotFoundError without a site or without Chromium."""
    root = Path(root).resolve()
    site = root / "_build" / "html"
    if not (site / "index.html").is_file():
        raise FileNotFoundError('there is no site to print: run "make book" first')
    listed = [f"{page}.html" for page in sources.pages(root)]
    base = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["html"].get("baseurl") or ""
    work = book(root)
    printed = _print(site, listed, work)
    target = root / "_build" / "book.pdf"
    join(printed, listed, site=site.as_uri(), base=base_address(base), work=work, target=target)
    return target


def _print(site: Path, listed: Sequence[str], work: Work) -> list[bytes]:
    """The PDF of the title and the contents, then of each page in ``listed``, numbered on, with bookmarks."""
    from playwright.sync_api import sync_playwright
    from pypdf import PdfReader

    printed: list[bytes] = []
    contents: list[str] = []
    before = 0
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS)) as browser,
    ):
        page = browser.new_page()
        for name in listed:
            address = f"{site.as_uri()}/{name}"
            page.goto(address, wait_until="load")
            page.evaluate(TYPESET)
            page.evaluate(PICTURES)
            page.add_style_tag(content=PAPER + NUMBERS.format(before=before))
            printed.append(page.pdf(prefer_css_page_size=True, scale=SCALE, tagged=True, outline=True))
            title = escape(page.evaluate(HEADING))
            contents.append(LINE.format(address=address, title=title, number=before + 1))
            before += len(PdfReader(BytesIO(printed[-1])).pages)
        told = {"title": work.title, "authors": ", ".join(work.authors), "version": work.version, "year": work.year}
        front = {name: escape(str(value)) for name, value in told.items()} | {"contents": "".join(contents)}
        page.set_content(FRONT.format_map(front))
        page.add_style_tag(content=PAPER)
        return [page.pdf(prefer_css_page_size=True), *printed]


def join(printed: Sequence[bytes], listed: Sequence[str], *, site: str, base: str, work: Work, target: Path) -> None:
    """Write ``printed`` (title and contents, then the pages ``listed``, found below the address ``site``) as one book.

    Links from page to page lead to the page in the book; other links into the site lead to ``base``, or nowhere if
    that is "": no place on this machine stays in the file.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject

    writer = PdfWriter()
    begins = {}
    for name, data in zip(("", *listed), printed, strict=True):
        begins[f"{site}/{name}"] = len(writer.pages)
        writer.append(PdfReader(BytesIO(data)), import_outline=True)
    firsts = {address: writer.pages[number].indirect_reference for address, number in begins.items()}
    for page in writer.pages:
        page[NameObject("/Annots")] = _mended(page.get("/Annots", ()), firsts, site, base)
    writer.add_metadata({"/Title": work.title, "/Author": ", ".join(work.authors)})
    writer.write(target)


def _mended(annotations: Any, firsts: dict[str, Any], site: str, base: str) -> Any:
    """The links of a page, where ``firsts`` gives the page on which each page of the site begins."""
    from pypdf.generic import ArrayObject, NameObject, TextStringObject

    kept = ArrayObject()
    for reference in annotations:
        link = reference.get_object()
        action = link.get("/A", {})
        address = action.get("/URI", "")
        if (first := firsts.get(urldefrag(address)[0])) is not None:
            del link["/A"]
            link[NameObject("/Dest")] = ArrayObject([first, NameObject("/Fit")])
        elif base and address.startswith(f"{site}/"):
            action[NameObject("/URI")] = TextStringObject(urljoin(base, address.removeprefix(f"{site}/")))
        elif address.startswith("file:"):
            continue
        kept.append(reference)
    return kept


if __name__ == "__main__":
    try:
        print(f"The book is in {print_book(*sys.argv[1:])}")
    except (ValueError, OSError) as error:
        raise SystemExit(f"the book was not printed: {error}") from error
