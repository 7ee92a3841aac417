"""The built pages: what a reader needs is on them, and the checks find what is planted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from fontTools.ttLib import TTFont
from lxml import html

import reader
import small_book
from relupool.book import contained
from relupool.site import assets, check, website


@pytest.fixture
def root(small_book_root: Path) -> Path:
    return small_book_root


@pytest.fixture
def chapter(root: Path) -> html.HtmlElement:
    return html.parse(root / "_build/html" / f"{small_book.PAGE}.html").getroot()


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The pages, to be damaged."""
    return Path(shutil.copytree(root / "_build/html", tmp_path / "html"))


def test_figure_is_numbered_described_and_offers_its_files(root: Path, chapter: html.HtmlElement) -> None:
    (figure,) = chapter.xpath("//figure[@id='fig-example']")
    shown = small_book.figure()
    (image,) = figure.xpath(".//img")
    assert image.get("alt") == shown.alt
    assert int(image.get("width")) > int(image.get("height")) > 0
    assert figure.xpath("string(.//span[@class='caption-number'])").strip() == "Fig. 1.1"
    page, *links = figure.xpath(".//p[@class='fig-links']/a/@href")
    assert page == "../figures/fig-example/index.html"
    assert links == [f"../figures/fig-example.{format}" for format in ("svg", "pdf", "png", "csv", "json")]
    for link in links:
        assert (root / "_build/html/chapters" / link).is_file()
    assert "@misc{relupool-fig-example," in figure.xpath("string(.//details[@class='fig-tools'])")
    assert figure.xpath("string(.//p[@class='fig-basis'])") == shown.basis


def test_references_have_become_numbers_and_links(chapter: html.HtmlElement) -> None:
    article = chapter.xpath("string(//article)")
    assert "See Fig. 1.1, Theorem 1.1 and One [2011]." in " ".join(article.split())


def test_download_is_the_executed_notebook(root: Path, chapter: html.HtmlElement) -> None:
    (link,) = chapter.xpath("//a[contains(@class, 'btn-download-source-button')]/@href")
    notebook = nbformat.read(root / "_build/html/chapters" / link, as_version=4)
    assert small_book.LINE in [output.get("text") for cell in notebook.cells for output in cell.get("outputs", [])]


def test_mathematics_is_loaded_only_where_it_stands(root: Path, chapter: html.HtmlElement) -> None:
    assert chapter.xpath("//script[contains(@src, 'mathjax')]/@src") == ["../mathjax/tex-svg-full.js?v=fe9f5dce"]
    assert "tex-svg-full.js" not in (root / "_build/html/runs.html").read_text()


def test_pages_carry_only_what_they_use(root: Path) -> None:
    static = root / "_build/html/_static"
    assert not [path for pattern in assets.UNUSED for path in static.glob(pattern)]
    assert sum(path.stat().st_size for path in static.rglob("*") if path.is_file()) < 2_000_000


def test_the_icons_are_those_that_pages_use(root: Path) -> None:
    (font,) = (root / "_build/html/_static").rglob("fa-solid-900.*")
    assert font.stat().st_size < 10_000
    assert 0xF002 in TTFont(font).getBestCmap()  # the magnifying glass
    assert 'fa-solid-900.woff) format("woff")}' in (root / "_build/html/_static" / assets.SHEET).read_text()


@pytest.mark.validator
def test_every_page_is_valid_html_and_what_is_not_is_found(copy: Path, html_checker: tuple[str, ...]) -> None:
    (copy / "planted.html").write_text("<!DOCTYPE html><title>x</title><p><div></p>")
    found = reader.invalid(html_checker, copy)
    assert any("planted.html" in fault for fault in found)
    assert [fault for fault in found if "planted.html" not in fault] == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('href="../figures/fig-example.svg"', 'href="../figures/gone.svg"', "../figures/gone.svg leads to no file"),
        ('href="#thm-example"', 'href="#gone"', "#gone leads to no such place on the page"),
        ('href="../index.html"', 'href="/index.html"', "/index.html holds only at the root of a host"),
        ('href="../index.html"', 'href="../../stage/index.md"', "../../stage/index.md leaves the site"),
        (
            "../mathjax/",
            "https://cdn.example/",
            "loads https://cdn.example/tex-svg-full.js?v=fe9f5dce from another host",
        ),
        ('id="fig-example"', 'id="thm-example"', "id thm-example is given 2 times"),
        ('alt="A line', 'data-alt="A line', "has no alternative text"),
        ("<article ", '<article data-x="/somewhere/private" ', "names a place on this machine, /somewhere/private"),
        (' lang="en"', "", "says not what language it is in"),
        ("<article ", "<form action='//x.example/'></form><article ", "loads //x.example/ from another host"),
        ("<article ", "<embed src='https://x.example/'><article ", "loads https://x.example/ from another host"),
        ("<article ", "<a href='javascript:alert(1)'>x</a><article ", "javascript:alert(1) is a script"),
        ("<article ", "<meta http-equiv='Refresh' content='1;url=x'><article ", "leaves by itself: 1;url=x"),
        ('class="output stream', 'class="output traceback', "shows an error: done done"),
    ],
)
def test_planted_faults_are_found(copy: Path, before: str, after: str, fault: str) -> None:
    assert check.faults(copy, hidden=("/somewhere/private",)) == []
    path = copy / f"{small_book.PAGE}.html"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    assert any(fault in found for found in check.faults(copy, hidden=("/somewhere/private",)))


@pytest.mark.parametrize(
    ("place", "text", "named"),
    [("/app", "at /app/x.py", True), ("/app", '"/app"', True), ("/app", "file:///app/x", True)]
    + [("/app", "https://app/x", False), ("/app", "https://example.org/app/x", False), ("/app", "/apple ./app", False)]
    + [("/code", "<code>1</code>", False), ("/a é", "/a%20%C3%A9/x", True), ("/a é", '"/a \\u00e9/x"', True)],
)
def test_places_of_this_machine_are_whole_paths(place: str, text: str, named: bool) -> None:
    assert bool(check.path_of(place).search(text)) is named


@pytest.mark.parametrize(("home", "told"), [("/", ()), ("/home/me/", ("/home/me",)), ("", ())])
def test_a_home_folder_that_is_no_place_names_none(home: str, told: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home)
    assert set(website.places(Path("/book"))) - {os.path.expanduser("~")} == {"/book"}
    assert set(told) <= set(website.places(Path("/book")))


def test_a_site_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are no pages"):
        check.faults(tmp_path)


def test_what_readers_would_miss_ends_the_build(root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "book"
    shutil.copytree(root, broken, ignore=shutil.ignore_patterns("html", ".doctrees", "stage"))
    (broken / "chapters/references.md").write_text(
        "# References\n\n```{pool-window}\n:values: 1 2 three\n```\n\n"
        "```{pool-window}\n:values: 1 2 3 4 5 6 7 8 9\n:activation: rleu\n```\n"
        "```{guess} Which?\n:choices: a | b\n:right: c\n```\n\n"
        "```{training-board}\n:link: gone.ipynb\n```\n"
    )
    with pytest.raises(RuntimeError, match="Jupyter Book ended with code 1"):
        small_book.built(broken)
    printed = "".join(capfd.readouterr())
    for fault in (
        "pool-window: values is '1 2 three', but must be nine finite numbers",
        "pool-window: activation is 'rleu', but must be one of relu, leaky_relu",
        "guess: right is 'c', but must be one of 2 to 4 choices, here ['a', 'b']",
        "training-board: link is 'gone.ipynb', but must be a document of the book",
        "could not find bibtex key",
    ):
        assert fault in printed


def test_what_renders_the_pages_ends_with_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def fail(*_: object, env: dict[str, str], **__: object) -> SimpleNamespace:
        asked.append(env)
        return SimpleNamespace(returncode=1)

    monkeypatch.setattr(website, "stage", lambda root: root)
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(RuntimeError, match="Jupyter Book ended with code 1"):
        website.build(tmp_path)
    assert contained.MARK in asked[0]


def test_the_same_book_built_elsewhere_has_the_same_pages(root: Path, tmp_path: Path) -> None:
    again = small_book.write(tmp_path / "another folder")
    small_book.add_results(again)
    code = "import pathlib, sys, small_book; small_book.built(pathlib.Path(sys.argv[1]))"
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    apart = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", code, str(again)], env=apart, check=True, capture_output=True)
    assert small_book.contents(again / "_build/html") == small_book.contents(root / "_build/html")


def test_an_address_brings_links_to_the_repository(published: Path, chapter: html.HtmlElement) -> None:
    without = html.tostring(chapter, encoding="unicode")
    assert not any(word in without for word in ("github.com", "colab", "binder"))
    page = (published / f"{small_book.PAGE}.html").read_text()
    source = f"someone/book/blob/main/{small_book.PAGE}.ipynb"
    assert f"https://colab.research.google.com/github/{source}" in page
    assert f"https://mybinder.org/v2/gh/someone/book/main?urlpath=tree/{small_book.PAGE}.ipynb" in page
    assert f"https://github.com/{source}" in page
    assert f'<link rel="canonical" href="{small_book.ADDRESS}{small_book.PAGE}.html"' in page
    record = json.loads((published / "figures/fig-example.json").read_text())
    assert record["citation"]["url"] == f"{small_book.ADDRESS}figures/fig-example/"
