"""What the head of a page tells machines, and the lists of pages: on three pages, published at several addresses."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree, html

from relupool.site import assets, citation, head
from relupool.site.corrections import correct, finish

BASE = "https://example.org/a/book/"
PAGE = "<!DOCTYPE html><html lang='en'><head><title>{0} — B</title></head><body>{1}</body></html>"
IMAGE = "<img src='../_images/0.svg' alt='a \"line\"'>"
CHAPTER = (
    "<article><h1>One</h1><div class='admonition'><p>A note.</p></div>"
    f"<figure id='fig-x'>{IMAGE}<figcaption><p>Caption.</p></figcaption></figure>"
    "<p><strong>Question.</strong> Is <span>\\(\\max(x_{i}) &lt; 1\\)</span> so?</p></article>"
)
FILES = {
    "index.html": PAGE.format("A", "<article><h1>A Book<a href='#b'>#</a></h1><p>It begins.</p></article>"),
    "chapters/1.html": PAGE.format("One", CHAPTER),
    "404.html": PAGE.format(
        "Gone", "<a href=\"#main\">skip</a><article><h1>Gone</h1><p><a href='index.html'>Back</a></p>"
    ),
    "figures/fig-x/index.html": PAGE.format("One", CHAPTER),
    "figures/fig-x.json": json.dumps({"id": "fig-x", "title": "X", "alt": "A </script> line", "basis": "3 seeds"}),
    "figures/fig-x.png": "",
    "_images/0.svg": "",
    "_source/chapters/1.ipynb": "",
    "_source/CITATION.cff": "title: A Book\nauthors: [{given-names: Ada, family-names: Writer}, {name: The <Team>}]\n"
    "version: 1.2.0\ndate-released: 2026-11-22\n",
}

Pages = dict[str, html.HtmlElement]
Finished = Callable[..., Pages]


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Finished:
    """The pages by their paths, once they are finished at an address; ``cff`` is added to CITATION.cff."""
    monkeypatch.setattr(assets, "finish", lambda *_: None)

    def finished(base: str = "", *, cff: str = "") -> Pages:
        site = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in FILES.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text + (cff if name.endswith(".cff") else ""))
        builder, config = SimpleNamespace(name="html"), SimpleNamespace(html_baseurl=base)
        finish(SimpleNamespace(outdir=site, srcdir=site / "_source", builder=builder, config=config), None)
        return {path.relative_to(site).as_posix(): html.parse(path).getroot() for path in site.rglob("*.html")} | {
            name: etree.parse(site / name) if name.endswith("xml") else (site / name).read_text()
            for name in ("sitemap.xml", "robots.txt")
            if (site / name).exists()
        }

    return finished


def told(page: html.HtmlElement, name: str) -> str:
    (content,) = page.xpath(f"/html/head/meta[@name='{name}' or @property='{name}']/@content")
    return content


def references(page: html.HtmlElement) -> list[tuple[str, str]]:
    """The tags for those who collect references, without the beginning of their names."""
    tags = page.xpath("/html/head/meta[starts-with(@name, 'citation_')]")
    return [(tag.get("name").removeprefix("citation_"), tag.get("content")) for tag in tags]


def linked(page: html.HtmlElement) -> dict[str, Any]:
    """What the page says in JSON-LD."""
    (text,) = page.xpath("/html/head/script[@type='application/ld+json']/text()")
    return json.loads(text)


def test_a_page_is_described_by_its_first_paragraph(finished: Finished) -> None:
    pages = finished()
    assert "sitemap.xml" not in pages
    names = ("404.html", "chapters/1.html", "index.html")
    assert [told(pages[name], "description") for name in names] == ["Back", "Is max(x_i) < 1 so?", "It begins."]
    assert [told(pages[name], "og:title") for name in names] == ["Gone", "One", "A Book"]
    assert told(pages["404.html"], "robots") == "noindex"
    for page in pages.values():
        assert page.xpath("//meta[@property='og:url'] | //link[@rel='canonical'] | //base") == []


def test_with_an_address_pages_know_where_they_are(finished: Finished) -> None:
    pages = finished(BASE)
    where = {
        "index.html": BASE,
        "chapters/1.html": f"{BASE}chapters/1.html",
        "figures/fig-x/index.html": f"{BASE}figures/fig-x/",
    }
    for name, address in where.items():
        assert pages[name].xpath("//link[@rel='canonical']/@href") == [address] == [told(pages[name], "og:url")]
    chapter = pages["chapters/1.html"]
    assert told(chapter, "og:image") == f"{BASE}figures/fig-x.png"
    assert told(chapter, "og:image:alt") == 'a "line"'
    assert told(chapter, "twitter:card") == "summary_large_image"
    assert told(pages["index.html"], "twitter:card") == "summary"
    assert sorted(pages["sitemap.xml"].xpath("//*[local-name()='loc']/text()")) == sorted(where.values())
    assert "robots.txt" not in pages
    assert pages["404.html"].xpath("//base/@href") == ["/a/book/"]
    assert pages["404.html"].xpath("//a/@href") == ["404.html#main", "index.html"]


def test_robots_are_addressed_only_where_the_site_is_all_of_its_host(finished: Finished) -> None:
    assert finished("https://example.org")["robots.txt"].endswith("\nSitemap: https://example.org/sitemap.xml\n")


def test_the_book_and_its_chapters_can_be_collected_as_references(finished: Finished) -> None:
    pages = finished(cff="doi: 10.5281/zenodo.1\n")
    authors, date = [("author", "Ada Writer"), ("author", "The <Team>")], ("publication_date", "2026/11/22")
    doi = ("doi", "10.5281/zenodo.1")
    assert references(pages["index.html"]) == [("title", "A Book"), *authors, date, doi]
    # the chapter has no DOI of its own
    assert references(pages["chapters/1.html"]) == [("title", "One"), *authors, date, ("inbook_title", "A Book")]
    assert references(pages["404.html"]) == references(pages["figures/fig-x/index.html"]) == []
    assert linked(pages["chapters/1.html"])["isPartOf"]["identifier"] == doi[1]
    assert doi not in references(finished()["index.html"])


def test_pages_say_in_json_what_they_are_and_the_policy_allows_it(finished: Finished) -> None:
    pages = finished(BASE)
    book, chapter = linked(pages["index.html"]), linked(pages["chapters/1.html"])
    assert [(each["@type"], each["url"]) for each in (book, chapter)] == [
        ("Book", BASE),
        ("Chapter", f"{BASE}chapters/1.html"),
    ]
    assert chapter["isPartOf"] == {"@type": "Book", "name": "A Book"}
    assert [(each["@type"], each["name"]) for each in book["author"]] == [
        ("Person", "Ada Writer"),
        ("Organization", "The <Team>"),
    ]
    assert (book["datePublished"], book["version"], book["description"]) == ("2026-11-22", "1.2.0", "It begins.")
    assert pages["404.html"].xpath("//script") == []
    assert "url" not in linked(finished()["chapters/1.html"])
    (text,) = pages["index.html"].xpath("//script/text()")
    (policy,) = pages["index.html"].xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy


@pytest.mark.parametrize(("base", "folder"), [(BASE, f"{BASE}figures/"), ("", "../")])
def test_a_page_of_a_figure_says_where_its_picture_and_its_data_are(finished: Finished, base: str, folder: str) -> None:
    image, data = linked(finished(base)["figures/fig-x/index.html"])["@graph"]
    assert (image["@type"], image["contentUrl"]) == ("ImageObject", f"{folder}fig-x.svg")
    files = [file["contentUrl"] for file in data["distribution"]]
    assert (data["@type"], files) == ("Dataset", [f"{folder}fig-x.csv", f"{folder}fig-x.json"])
    assert image["description"] == "A </script> line"


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


def test_the_policy_allows_the_scripts_of_the_head_alone() -> None:
    html = "<html><head><script>let a = 1</script></head><body><script>let b = 2</script></body></html>"
    one = head.with_policy(html)
    assert "'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='" in one  # printf 'let a = 1' | openssl dgst -sha256
    assert one.count("'sha256-") == 1
    assert head.with_policy(html, search=True).count("'sha256-") == 2
    assert "object-src 'none'; base-uri 'self'; form-action 'self'" in one


def test_the_foot_names_version_and_commit() -> None:
    book = citation.Work(key="relupool", title="A & B", authors=("Ada Writer",), year="2026", version="1.2.0")
    shown = html.fromstring(citation.footer(book, commit="0123456789abcdef", clean=False)).text_content().strip()
    assert shown == "Ada Writer (2026). A & B, version 1.2.0, commit 0123456789 and changes."
    assert html.fromstring(citation.footer(book)).text_content().strip() == "Ada Writer (2026). A & B, version 1.2.0."


def test_a_comma_does_not_leave_its_formula() -> None:
    formula = '<span class="math notranslate">\\(x &lt; 1\\)</span>'
    assert correct(f"<p>{formula}), {formula} and</p>") == f'<p><span class="kept">{formula}),</span> {formula} and</p>'


def test_no_line_ends_within_a_number_but_code_stays_as_it_is() -> None:
    page = '<img alt="81.3 ± 0.7 %"><p>81.3 ± 0.7 % of x ± y, 5 %.</p><pre>7 % 3 ± 2</pre>'
    said = "81.3\N{NBSP}±\N{NBSP}0.7\N{NBSP}%"
    assert correct(page) == f'<img alt="{said}"><p>{said} of x ± y, 5\N{NBSP}%.</p><pre>7 % 3 ± 2</pre>'


def test_every_page_has_a_description_a_policy_and_the_citation_of_the_book(small_site: Path) -> None:
    paths = [path for path in small_site.rglob("*.html") if "_static" not in path.parts]
    pages = {path.relative_to(small_site).as_posix(): html.parse(path).getroot() for path in paths}
    described = [told(page, "description") for page in pages.values()]
    assert len(set(described)) == len(described) >= 8
    assert told(pages["figures/fig-example/index.html"], "description") == "A hinge. It is max(0, x)."
    for page in pages.values():
        assert page.get("lang") == "en"
        assert page.xpath("string(//p[@class='book-citation'])") == "Ada Writer (2026). A Book, version 1.2.0."
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert "form-action 'self'" in policy
