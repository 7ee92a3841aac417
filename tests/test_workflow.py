"""The book as a graph of files: what is executed again, when, and what stops a build; on two small chapters."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from notebooks import write

pytestmark = pytest.mark.book

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
