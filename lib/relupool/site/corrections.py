"""Corrections of the finished HTML that the theme gives no other way to make, and what the site does not need to carry.

They suit sphinx-book-theme 1.3.0 with pydata-sphinx-theme 0.17.1; the tests of the built pages are the alarm when a
new version needs others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from relupool.site import assets, citation
from relupool.site.head import base_address, with_policy, with_tags, write_lists
from relupool.words import NBSP

PRUNED = re.compile(r"\s*<(script|link)[^>]*(scripts/fontawesome|design-tabs)\.js[^>]*>(</script>)?")

MATHJAX = re.compile(r"\s*<script[^>]*>window\.MathJax = .*?</script>|\s*<script[^>]*tex-svg-full\.js[^>]*></script>")
"""A third of a megabyte and more, which extensions ask for on every page; pages without formulas do without it."""

CORRECTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # a list of sources is no ARIA list, since its entries are no list items; nor are their roles allowed on a div
        (r'(<div[^>]*?) role="list"([^>]*class="[^"]*citation-list)', r"\1\2"),
        (r' role="doc-biblioentry"', ""),
        # visible words and accessible name must agree
        (r'(<button[^>]*class="[^"]*search-button[^>]*?) aria-label="Search"', r"\1"),
        (r'(<summary) aria-label="Toggle hidden content"', r"\1"),
        (r'(<i class="theme-switch [^>]*?) +title="[^"]*"', r'\1 aria-hidden="true"'),
        # a summary holds words, not paragraphs; ours says the same folded and open
        (
            r'(<summary[^>]*>)\s*<p class="collapsed[^>]*>([^<]*)</p>\s*<p class="expanded[^>]*>[^<]*</p>',
            r"\1<span>\2</span>",
        ),
        # the logo belongs to a landmark
        (r'(<dialog|<div)([^>]*id="pst-primary-sidebar")(?![^>]*role=)', r'\1\2 role="navigation" aria-label="Book"'),
        # what stands beside _static, and what stands on a page without a use
        (r"/_static/\.\./", "/"),
        (r'(")_static/\.\./', r"\1"),
        (r'\s*<div class="sidebar-primary-item">\s*<div id="ethical-ad-placement"[^>]*>\s*</div>\s*</div>', ""),
        (r'(<meta name="viewport"[^>]*>)\s*<meta name="viewport"[^>]*>', r"\1"),
        (r'(<div class="proof admonition"[^>]*>\s*<p>)Proof\. ', r'\1<span class="proof-word">Proof.</span> '),
        # a comma or a full stop does not leave its formula
        (r'(<span class="math [^>]*>[^<]*</span>[.,;:?!)]+)', r'<span class="kept">\1</span>'),
        # ids that every theorem and exercise repeats
        (r'(<(?:section|div)[^>]*?) id="(?:proof|exercise|solution)(?:-content)?"', r"\1"),
    )
)


UNBROKEN = re.compile(r"(?<=\d) (?=± \d|%)|(?<=\d ±) (?=\d)")
"""Where no line may end: 81.3 ± 0.7 %."""

CODE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


def correct(html: str, size_of: Callable[[str], tuple[int, int] | None] = lambda _: None) -> str:
    """``html`` of a page corrected; ``size_of`` gives width and height in pixels of an SVG that the page shows."""
    html = PRUNED.sub("", html)
    if 'class="math ' not in html:
        html = MATHJAX.sub("", html)
    for pattern, replacement in CORRECTIONS:
        html = pattern.sub(replacement, html)
    html = "".join(part if CODE.match(part) else UNBROKEN.sub(NBSP, part) for part in CODE.split(html))
    return re.sub(r'<img (?![^>]*\bwidth=)[^>]*src="([^"]+\.svg)"[^>]*>', partial(_with_size, size_of), html)


def _with_size(size_of: Callable[[str], tuple[int, int] | None], match: re.Match[str]) -> str:
    """The picture with its size as attributes, so that the page keeps its place free while it loads."""
    size = size_of(match[1])
    return match[0] if size is None else match[0].replace("<img ", f'<img width="{size[0]}" height="{size[1]}" ', 1)


def svg_size(folder: Path, source: str) -> tuple[int, int] | None:
    """Width and height in pixels (of 1/96 inch) of the SVG that a page in ``folder`` names ``source``."""
    path = folder / source
    if not path.is_file():
        return None
    box = re.search(r'<svg[^>]*\bviewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', path.read_text(encoding="utf-8"))
    return (round(float(box[1]) * 4 / 3), round(float(box[2]) * 4 / 3)) if box else None


def finish(app: Any, error: Exception | None) -> None:
    """Correct every page of a finished build, tell in its head what it is about, and remove what none needs."""
    if error is not None or app.builder.name != "html":
        return
    site, source, base = Path(app.outdir), Path(app.srcdir), base_address(app.config.html_baseurl)
    book = citation.book(source)
    pages = sorted(path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts)
    for path in pages:
        html = path.read_text(encoding="utf-8")
        corrected = correct(html, partial(svg_size, path.parent))
        page = path.relative_to(site).as_posix()
        chapter = (source / page).with_suffix(".ipynb").is_file()
        corrected = with_tags(corrected, page=page, site=site, book=book, chapter=chapter, base=base)
        corrected = with_policy(corrected, search=path.name == "search.html")
        path.write_text(corrected, encoding="utf-8")
    write_lists(site, [path.relative_to(site).as_posix() for path in pages], base)
    assets.finish(site / "_static", pages)
