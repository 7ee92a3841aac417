from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from lxml import html

import reader
from notebooks import write
from relupool.book import sources
from relupool.claims.claim import CHAPTERS
from relupool.claims.ledger import LEDGER
from relupool.site.stage import pages

pytestmark = pytest.mark.book

ROOT = Path(__file__).resolve().parents[1]
ANY = "x: int = 3  # something; none; any"
DATA = {"name": "synthetic", "folder": None, "sha256": "0" * 64, "note": "", "how": "synthetic", "why": []}


def snakemake(book: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run snakemake in the folder ``book``, with the copy of the library that lies there, if one does."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(book / "lib"), **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small chapters and a copy of the library, in a folder with a difficult name."""
    book = tmp_path_factory.mktemp("two words é") / "a book"
    for name in ("lib", "profiles"):
        shutil.copytree(ROOT / name, book / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "Snakefile", book)
    write(book / "chapters/03_first.ipynb", "from relupool import validation", parameters=ANY)
    write(book / "chapters/08_second.ipynb", "1 + 1", parameters=ANY)
    (book / "_build").mkdir()
    (book / "_build/data.json").write_text(json.dumps(DATA))
    return book


EXECUTED = [f"_build/chapters/{name}/executed.ipynb" for name in ("03_first", "08_second")]


def times(book: Path) -> list[float | None]:
    """When each chapter was executed."""
    return [(book / path).stat().st_mtime if (book / path).exists() else None for path in EXECUTED]


def test_only_what_has_changed_is_executed_again(book: Path):
    done = snakemake(book, *EXECUTED)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^(\w+): 2 cells in \d+ s$", done.stdout, flags=re.M) in (
        ["03_first", "08_second"],
        ["08_second", "03_first"],
    )
    first = times(book)

    done = snakemake(book, *EXECUTED)
    assert "Nothing to be done" in done.stdout, done.stdout

    with (book / "lib/relupool/validation.py").open("a") as module:
        module.write("# changed\n")
    assert snakemake(book, *EXECUTED).returncode == 0
    second = times(book)
    assert second[0] > first[0]
    assert second[1] == first[1]

    write(book / "chapters/08_second.ipynb", "2 + 2", parameters=ANY)
    assert snakemake(book, *EXECUTED).returncode == 0
    third = times(book)
    assert third[0] == second[0]
    assert third[1] > second[1]


def test_a_failing_chapter_fails_the_build_and_leaves_the_others(book: Path):
    write(book / "chapters/03_first.ipynb", "1 + 1", parameters=ANY)
    write(book / "chapters/08_second.ipynb", "1 / 0", parameters=ANY)
    done = snakemake(book, *EXECUTED)
    assert done.returncode != 0
    assert "chapter 08_second failed\n- code cell 2, `1 / 0` raised ZeroDivisionError" in done.stdout
    assert [time is not None for time in times(book)] == [True, False]
    assert (book / "_build/chapters/08_second/partial.ipynb").exists()
    write(book / "chapters/08_second.ipynb", "2 + 2", parameters=ANY)
    assert snakemake(book, *EXECUTED).returncode == 0


@pytest.mark.parametrize(("name", "value"), [("preset", "huge"), ("fresh", "maybe")])
def test_what_a_build_does_not_know_is_refused(book: Path, name: str, value: str):
    done = snakemake(book, *EXECUTED, "--config", f"{name}={value}")
    assert done.returncode != 0
    assert f"{name} is '{value}', but must be one of" in done.stdout


@pytest.mark.parametrize("other", ["backend=jax", "device=gpu", "fresh=1"])
def test_a_build_with_other_wishes_executes_all_chapters_again(book: Path, other: str):
    told = snakemake(book, *EXECUTED, "--dry-run", "--quiet", "host", "--config", other).stdout
    assert set(re.findall(r"wildcards: chapter=(\w+)", told)) == {"03_first", "08_second"}


def test_a_preset_without_its_results_stops_before_any_chapter(book: Path):
    cell = "from relupool.experiments.studies import FIRST_ABLATIONS\nFIRST_ABLATIONS.name"
    write(book / "chapters/08_second.ipynb", cell, parameters=ANY)
    before = times(book)
    done = snakemake(book, *EXECUTED, "--config", "preset=paper")
    assert done.returncode != 0
    assert "study 'first-ablations', preset 'paper'" in done.stdout
    assert "make book PRESET=paper FRESH=1" in done.stdout
    assert times(book) == before


@pytest.mark.parametrize(("metadata", "cell"), [({"measures_time": True}, "size"), ({}, "network_live")])
def test_a_chapter_that_measures_time_or_trains_runs_alone(book: Path, metadata, cell):
    path = write(book / "chapters/08_second.ipynb", f"{cell}\n")
    notebook = json.loads(path.read_text())
    notebook["metadata"]["relupool"] = metadata
    path.write_text(json.dumps(notebook))
    told = snakemake(book, *EXECUTED, "--cores", "7", "--dry-run", "--forceall", "--quiet", "host").stdout
    jobs = {
        match[1]: match[0] for match in re.finditer(r"rule chapter:.*?wildcards: chapter=(\w+).*?resources", told, re.S)
    }
    assert "threads: 7" in jobs["08_second"]
    assert "threads: 7" not in jobs["03_first"]


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
    listed = pages(yaml.safe_load((whole_book / "_toc.yml").read_text()))
    assert len(listed) > len(sources.chapters(whole_book)) > 0
    for page in listed:
        assert html.parse(whole_book / "_build/html" / f"{page}.html").findtext(".//h1")


def test_every_chapter_was_executed_here_at_quick(whole_book: Path):
    for name in sources.chapters(whole_book):
        record = json.loads((whole_book / "_build/chapters" / name / "record.json").read_text())
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


@pytest.mark.browser
def test_readers_find_and_can_use_every_page(whole_book: Path, chromium: str):
    site = whole_book / "_build/html"
    listed = [f"{page}.html" for page in pages(yaml.safe_load((whole_book / "_toc.yml").read_text()))]
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


def test_an_unchanged_book_is_not_built_again(whole_book: Path):
    started = time.monotonic()
    done = snakemake(whole_book, "--config", "preset=quick", RELUPOOL_DATA="synthetic")
    assert "Nothing to be done" in done.stdout, done.stdout
    assert time.monotonic() - started < 60  # ten times what a machine with nothing else to do takes
