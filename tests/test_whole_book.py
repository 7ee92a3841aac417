"""The book itself, built at quick on the synthetic images from a copy of its sources: complete, and fit to be read."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import nbformat
import pytest
from lxml import html

import reader
import small_book
from conftest import ROOT
from notebooks import Shown
from relupool import files
from relupool.book import sources
from relupool.book.build import Build
from relupool.book.execute import execute
from relupool.claims.claim import CHAPTERS
from relupool.claims.ledger import LEDGER
from test_workflow import snakemake

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book itself, built at quick on the synthetic images from a copy of its sources."""
    copy = tmp_path_factory.mktemp("whole") / "le livre é"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    done = snakemake(copy, "--config", "preset=quick", RELUPOOL_DATA="synthetic")
    assert done.returncode == 0, done.stdout
    return copy


def test_every_page_is_rendered(whole_book: Path):
    listed = sources.pages(whole_book)
    assert len(listed) > len(sources.chapters(whole_book)) > 0
    for page in listed:
        assert html.parse(whole_book / "_build/html" / f"{page}.html").findtext(".//h1")


def test_every_chapter_was_executed_here_at_quick(whole_book: Path):
    for name in sources.chapters(whole_book):
        record = files.unsealed((whole_book / "_build/chapters" / name / "record.json").read_bytes())
        assert (record["chapter"], record["build"]["preset"], record["build"]["fresh"]) == (name, "quick", False)
        assert record["device_kind"] == "cpu"
        assert record["data"] is None or record["data"]["name"] == "synthetic"
        page = (whole_book / "_build/html/chapters" / f"{name}.html").read_text()
        assert all(f'id="{figure}"' in page for figure in record["figures"])
        assert ("toy images, SHA-256" in page) == (record["data"] is not None)


def test_the_gallery_knows_the_figures_of_every_claim(whole_book: Path):
    gallery = html.parse(whole_book / "_build/html/figures/index.html").getroot()
    found = {(entry.get("data-chapter"), id) for entry in gallery.xpath("//li[@data-claims]")
             for id in entry.get("data-claims").split()}  # fmt: skip
    wanted = {(f"chapters/{CHAPTERS[entry.chapter]}", entry.id) for entry in LEDGER if entry.figures}
    assert found == wanted
    assert len(gallery.xpath("//select[@data-by='claims']/option")) == len(wanted) + 1


def shown(whole_book: Path, name: str) -> Shown:
    return Shown.of(whole_book / "_build/chapters" / sources.chapter(name, whole_book).stem / "executed.ipynb")


SAID = {
    "01": ["is one matrix: ten pictures", "the work of a single kernel of 6 × 6", "and all agree"],
    "06": [
        "ResNet-20 does nearly as well with half of its ReLUs, drawn at random",
        "about as good as softmax regression",
        "more than ReLU, though it bends no more.",
        "ELU gains ",
        "the absolute value loses ",
        "The prediction was wrong.",
        "Bend does not explain that.",
    ],
    "D": [
        "Once, and stored with the book; each figure says where and when.",
        "how much shorter is a training step? Probably by less than 3.9 %, perhaps by nothing.",
        "With softplus, which is costly to compute,",
        "so that a saving may exceed its mark; none measurably did.",
    ],
}


@pytest.mark.parametrize("name", SAID)
def test_chapters_say_what_the_stored_runs_say(whole_book: Path, name: str):
    assert [sentence for sentence in SAID[name] if sentence not in shown(whole_book, name).text] == []


def test_with_its_own_parameters_the_note_on_the_cost_of_the_order_measures_nothing(whole_book: Path):
    note = shown(whole_book, "D")
    assert "busy" not in note.text
    saved = [float(share) for share in re.findall(r"saved: ([\d.]+)%", note.printed)]
    assert len(saved) == 3 and saved[-1] == max(saved) > 5
    assert "size 3, stride 2: one in 4 is left" in note.printed


@pytest.mark.browser
def test_readers_find_and_can_use_every_page(whole_book: Path, chromium: str):
    site = whole_book / "_build/html"
    listed = [f"{page}.html" for page in sources.pages(whole_book)]
    titles = {name: html.parse(site / name).xpath("string(//h1)") for name in listed}
    words = {name: max(re.findall(r"\w+", title), key=len) for name, title in titles.items()}
    figure = min(site.glob("figures/fig-*/index.html")).relative_to(site).as_posix()
    with reader.served(site) as address, reader.browser(chromium, address) as context:
        looks = [reader.look(context, address, site, name) for name in [*listed, figure]]
        with reader.watched(context, address, "file:") as (page, complaints, _):
            lost = [*reader.search(page, address, words), *reader.search(page, f"{site.as_uri()}/", words)]
    print(*looks, sep="\n")
    assert [fault for look in looks for fault in look.faults] == []
    assert (lost, complaints) == ([], [])


def test_the_site_keeps_its_budget(whole_book: Path):
    size = sum(path.stat().st_size for path in (whole_book / "_build/html").rglob("*") if path.is_file())
    assert size <= reader.BUDGETS["site"]["bytes"]


@pytest.mark.validator
def test_every_page_is_valid_html(whole_book: Path, html_checker: tuple[str, ...]):
    assert reader.invalid(html_checker, whole_book / "_build/html") == []


@pytest.mark.parametrize("name", ["02", "A"])
def test_a_chapter_executed_again_differs_in_its_times_alone(whole_book: Path, name: str, tmp_path: Path):
    source = sources.chapter(name, whole_book)
    first, second = whole_book / "_build/chapters" / source.stem, tmp_path / "again"
    execute(source, second, Build(data=whole_book / "_build/data.json"), {})
    assert small_book.contents(first / "figures") == small_book.contents(second / "figures")
    records = [files.unsealed((folder / "record.json").read_bytes()) for folder in (first, second)]
    for record in records:
        for told in ("started", "seconds", "load", "cells", "build", "commit", "clean"):
            del record[told]
    assert records[0] == records[1]
    notebooks = [nbformat.read(folder / "executed.ipynb", as_version=4) for folder in (first, second)]
    for part in (part for notebook in notebooks for part in (notebook, *notebook.cells)):
        for told in ("papermill", "execution"):
            part.metadata.pop(told, None)
    assert notebooks[0] == notebooks[1]


def test_an_unchanged_book_is_not_built_again(whole_book: Path):
    started = time.monotonic()
    done = snakemake(whole_book, "--config", "preset=quick", RELUPOOL_DATA="synthetic")
    assert "Nothing to be done" in done.stdout, done.stdout
    assert time.monotonic() - started < 60  # ten times what a machine with nothing else to do takes
