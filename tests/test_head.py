"""What the head of a page tells machines, and the lists of pages: on the small book, published at several addresses."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree, html

from relupool.site import citation, head
from relupool.site.check import faults
from relupool.site.corrections import correct, finish

BASE = "https://example.org/a/book/"


def published(site: Path, base: str, source: Path | None = None) -> dict[str, html.HtmlElement]:
    """The pages of the finished ``site`` by their paths, once it is finished anew at the address ``base``.

    ``source``: the folder that it was rendered from; by default the one that the fixture of this name has made.
    """
    config = SimpleNamespace(html_baseurl=base)
    builder = SimpleNamespace(name="html")
    finish(SimpleNamespace(outdir=site, srcdir=source or site / "_source", builder=builder, config=config), None)
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path.relative_to(site).as_posix(): html.parse(path).getroot() for path in paths}


def told(page: html.HtmlElement, name: str) -> str:
    (content,) = page.xpath(f"/html/head/meta[@name='{name}' or @property='{name}']/@content")
    return content


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Three pages as Sphinx leaves them, and a figure's picture."""
    page = "<!DOCTYPE html><html lang='en'><head><title>{0} — B</title></head><body>{1}</body></html>"
    image = "<img src='../_images/0.svg' alt='a \"line\"'>"
    figure = f"<figure id='fig-x'>{image}<figcaption><p>Caption.</p></figcaption></figure>"
    shown = {
        "index.html": "<article><h1>A Book<a href='#b'>#</a></h1><p>It begins.</p></article>",
        "chapters/1.html": "<article><h1>One</h1><div class='admonition'><p>A note.</p></div>"
        f"{figure}<p><strong>Question.</strong> Is <span>\\(\\max(x_{{i}}) &lt; 1\\)</span> so?</p></article>",
        "404.html": "<a href=\"#main\">skip</a><article><h1>Gone</h1><p><a href='index.html'>Back</a></p></article>",
    }
    for name, body in shown.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(page.format(name, body))
    for name in ("figures/fig-x.png", "_images/0.svg", "_source/chapters/1.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "_source/CITATION.cff").write_text(
        "title: A Book\nauthors: [{given-names: Ada, family-names: Writer}, {name: The <Team>}]\nversion: 1.2.0\n"
        "date-released: 2026-11-22\n"
    )
    return tmp_path


def test_a_page_is_described_by_its_first_paragraph(site: Path) -> None:
    pages = published(site, "")
    assert [told(pages[name], "description") for name in sorted(pages)] == ["Back", "Is max(x_i) < 1 so?", "It begins."]
    assert [told(pages[name], "og:title") for name in sorted(pages)] == ["Gone", "One", "A Book"]
    assert told(pages["404.html"], "robots") == "noindex"
    assert not any(
        page.xpath("//meta[@property='og:url'] | //link[@rel='canonical'] | //base") for page in pages.values()
    )
    assert not (site / "sitemap.xml").exists()


def test_with_an_address_pages_know_where_they_are(site: Path) -> None:
    pages = published(site, BASE)
    for name, address in (("index.html", BASE), ("chapters/1.html", f"{BASE}chapters/1.html")):
        assert pages[name].xpath("//link[@rel='canonical']/@href") == [address] == [told(pages[name], "og:url")]
    chapter = pages["chapters/1.html"]
    assert told(chapter, "og:image") == f"{BASE}figures/fig-x.png"
    assert told(chapter, "og:image:alt") == 'a "line"'
    assert told(chapter, "twitter:card") == "summary_large_image"
    assert told(pages["index.html"], "twitter:card") == "summary"
    listed = etree.parse(site / "sitemap.xml").xpath("//*[local-name()='loc']/text()")
    assert listed == [f"{BASE}chapters/1.html", BASE]
    assert head.address("figures/fig-x/index.html", BASE) == f"{BASE}figures/fig-x/"


def test_the_page_for_what_is_not_there_holds_at_any_depth_below_the_address(site: Path) -> None:
    page = published(site, BASE)["404.html"]
    assert page.xpath("//base/@href") == ["/a/book/"]
    assert page.xpath("//a/@href") == ["404.html#main", "index.html"]
    assert published(site, "")["404.html"].xpath("//base") == []


def references(page: html.HtmlElement) -> list[tuple[str, str]]:
    """The tags for those who collect references, without the beginning of their names."""
    found = page.xpath("/html/head/meta[starts-with(@name, 'citation_')]")
    return [(tag.get("name").removeprefix("citation_"), tag.get("content")) for tag in found]


def linked(page: html.HtmlElement) -> dict[str, Any]:
    """What the page says in JSON-LD."""
    (text,) = page.xpath("/html/head/script[@type='application/ld+json']/text()")
    return json.loads(text)


def test_the_book_and_its_chapters_can_be_collected_as_references(site: Path) -> None:
    pages = published(site, "")
    authors, date = [("author", "Ada Writer"), ("author", "The <Team>")], ("publication_date", "2026/11/22")
    assert references(pages["index.html"]) == [("title", "A Book"), *authors, date]
    assert references(pages["chapters/1.html"]) == [("title", "One"), *authors, date, ("inbook_title", "A Book")]
    assert references(pages["404.html"]) == []
    with (site / "_source/CITATION.cff").open("a") as file:
        file.write("doi: 10.5281/zenodo.1\n")
    pages = published(site, "")
    assert ("doi", "10.5281/zenodo.1") in references(pages["index.html"])
    assert "doi" not in dict(references(pages["chapters/1.html"]))  # the chapter has none of its own
    assert linked(pages["chapters/1.html"])["isPartOf"]["identifier"] == "10.5281/zenodo.1"


def test_pages_say_in_json_what_they_are(site: Path) -> None:
    pages = published(site, BASE)
    book, chapter = linked(pages["index.html"]), linked(pages["chapters/1.html"])
    assert [told["@type"] for told in (book, chapter)] == ["Book", "Chapter"]
    assert [told["url"] for told in (book, chapter)] == [BASE, f"{BASE}chapters/1.html"]
    assert chapter["isPartOf"] == {"@type": "Book", "name": "A Book"}
    assert book["author"] == [
        {"@type": "Person", "name": "Ada Writer"},
        {"@type": "Organization", "name": "The <Team>"},
    ]
    assert (book["datePublished"], book["version"], book["description"]) == ("2026-11-22", "1.2.0", "It begins.")
    assert pages["404.html"].xpath("//script") == []
    assert "url" not in linked(published(site, "")["chapters/1.html"])


def test_a_page_of_a_figure_says_where_its_picture_and_its_data_are(site: Path) -> None:
    record = {"id": "fig-x", "title": "X", "alt": "A </script> line", "basis": "3 seeds"}
    (site / "figures/fig-x.json").write_text(json.dumps(record))
    (site / "figures/fig-x").mkdir()
    shutil.copy(site / "chapters/1.html", site / "figures/fig-x/index.html")
    for base, folder in ((BASE, f"{BASE}figures/"), ("", "../")):
        page = published(site, base)["figures/fig-x/index.html"]
        image, data = linked(page)["@graph"]
        assert (image["@type"], image["contentUrl"]) == ("ImageObject", f"{folder}fig-x.svg")
        files = [file["contentUrl"] for file in data["distribution"]]
        assert (data["@type"], files) == ("Dataset", [f"{folder}fig-x.csv", f"{folder}fig-x.json"])
        assert image["description"] == "A </script> line"
        assert references(page) == []


def test_the_policy_allows_what_is_said_in_json(site: Path) -> None:
    page = published(site, BASE)["index.html"]
    (text,) = page.xpath("//script[@type='application/ld+json']/text()")
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy


def test_robots_are_addressed_only_where_the_site_is_all_of_its_host(site: Path) -> None:
    published(site, "https://example.org")
    assert (site / "robots.txt").read_text().endswith("\nSitemap: https://example.org/sitemap.xml\n")
    published(site, BASE)
    assert not (site / "robots.txt").exists()
    assert (site / "sitemap.xml").exists()


def test_finishing_again_changes_nothing(site: Path) -> None:
    published(site, BASE)
    before = {path: path.read_bytes() for path in site.rglob("*.*") if path.is_file()}
    published(site, BASE)
    assert {path: path.read_bytes() for path in site.rglob("*.*") if path.is_file()} == before


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org/", "https://example.org/?a=b"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^html.baseurl is "):
        head.base_address(wrong)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("Short. And whole.", "Short. And whole."),
        (f"{'word ' * 30}end. {'more ' * 20}", f"{'word ' * 30}end."),
        ("word " * 60, f"{'word ' * 40}".rstrip() + "…"),
    ],
)
def test_a_description_is_cut_where_a_sentence_or_a_word_ends(text: str, description: str) -> None:
    page = html.fromstring(f"<html><body><article><p>{text}</p></article></body></html>")
    assert head.description(page) == description


def test_the_foot_names_version_and_commit() -> None:
    book = citation.Work(key="relupool", title="A & B", authors=("Ada Writer",), year="2026", version="1.2.0")
    shown = html.fromstring(citation.footer(book, commit="0123456789abcdef", clean=False)).text_content().strip()
    assert shown == "Ada Writer (2026). A & B, version 1.2.0, commit 0123456789 and changes."
    assert html.fromstring(citation.footer(book)).text_content().strip() == "Ada Writer (2026). A & B, version 1.2.0."


def test_a_comma_does_not_leave_its_formula() -> None:
    formula = '<span class="math notranslate">\\(x &lt; 1\\)</span>'
    kept = f'<p><span class="kept">{formula}),</span> {formula} and</p>'
    assert correct(f"<p>{formula}), {formula} and</p>") == correct(kept) == kept


def test_no_line_ends_within_a_number_but_code_stays_as_it_is() -> None:
    page = '<img alt="81.3 ± 0.7 %"><p>81.3 ± 0.7 % of x ± y, 5 %.</p><pre>7 % 3 ± 2</pre>'
    said = "81.3\N{NBSP}±\N{NBSP}0.7\N{NBSP}%"
    assert correct(page) == f'<img alt="{said}"><p>{said} of x ± y, 5\N{NBSP}%.</p><pre>7 % 3 ± 2</pre>'


@pytest.mark.book
def test_every_page_has_a_description_and_the_citation_of_the_book(small_site: Path) -> None:
    pages = {path.relative_to(small_site).as_posix(): html.parse(path).getroot()
             for path in small_site.rglob("*.html") if "_static" not in path.parts}  # fmt: skip
    described = [told(page, "description") for page in pages.values()]
    assert len(pages) >= 8
    assert len(set(described)) == len(described)
    assert told(pages["figures/fig-example/index.html"], "description") == "A hinge. It is max(0, x)."
    for page in pages.values():
        assert page.get("lang") == "en"
        assert page.xpath("string(//p[@class='book-citation'])") == "Ada Writer (2026). A Book, version 1.2.0."


@pytest.mark.book
def test_pages_at_an_address_are_without_faults(small_site: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(small_site, tmp_path / "html"))
    pages = published(site, BASE, small_site.parent / "stage")
    page = pages["figures/fig-example/index.html"]
    kinds = ("index.html", "Book"), ("chapters/01_example.html", "Chapter")
    assert [linked(pages[name])["@type"] for name, _ in kinds] == [kind for _, kind in kinds]
    assert [part["@type"] for part in linked(page)["@graph"]] == ["ImageObject", "Dataset"]
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{BASE}figures/fig-example/"]
    assert told(page, "og:image") == f"{BASE}figures/fig-example.png"
    assert re.search(r"<loc>https://example.org/a/book/figures/fig-example/</loc>", (site / "sitemap.xml").read_text())
    assert faults(site) == []
