"""The book as a graph of files: what is executed again, when, and what stops a build; on two small chapters."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
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
    (book / "_toc.yml").write_text(
        json.dumps({"root": "index", "chapters": [{"file": f"chapters/{n}"} for n in NAMES]})
    )
    (book / "_build").mkdir()
    (book / "_build/data.json").write_text(json.dumps(DATA))
    return book


NAMES = ("03_first", "08_second")
EXECUTED = [f"_build/chapters/{name}/executed.ipynb" for name in NAMES]


def times(book: Path) -> list[float | None]:
    """When each chapter was executed."""
    return [(book / path).stat().st_mtime if (book / path).exists() else None for path in EXECUTED]


def test_a_run_is_a_job_that_trains_its_key_and_is_never_deleted(book: Path):
    key = hashlib.sha256(b"a run").hexdigest()
    result = book / f"_build/results/grid/{key}.json"
    result.parent.mkdir(parents=True)
    result.write_text("stored by another process meanwhile")
    plan = book / "_build/plan.json"
    plan.write_text(json.dumps({"words": ["all", "--dataset", "synthetic"], "jobs": {key: [key]}}))
    done = snakemake(
        *(book, str(result.relative_to(book)), "--config", "preset=quick", f"training={plan}", "--forcerun", "run"),
        *("--printshellcmds", "--retries", "0", "--quiet", "host"),
    )
    asked = f"-m relupool.cli train all --dataset synthetic --preset quick --backend tensorflow --key={key}"
    assert done.returncode == 1 and asked in done.stdout, done.stdout
    assert result.read_text() == "stored by another process meanwhile"
    shutil.rmtree(result.parent)


def test_only_what_has_changed_is_executed_again(book: Path):
    done = snakemake(book, *EXECUTED)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^(\w+): 2 cells in \d+ s; ", done.stdout, flags=re.M) in (
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
    assert [when is not None for when in times(book)] == [True, False]
    assert (book / "_build/chapters/08_second/partial.ipynb").exists()
    write(book / "chapters/08_second.ipynb", "2 + 2", parameters=ANY)
    assert snakemake(book, *EXECUTED).returncode == 0


def test_copies_by_jupyterlab_are_no_chapters_and_strays_are_refused_before_any_runs(book: Path):
    for name in ("03_first-Copy1", "Untitled"):
        write(book / f"chapters/{name}.ipynb", "1 / 0", parameters=ANY)
    done = snakemake(book, *EXECUTED, "--dry-run", "--forceall", "--quiet", "host")
    assert set(re.findall(r"wildcards: chapter=(.*)", done.stdout)) == set(NAMES)
    stray = write(book / "chapters/09_stray.ipynb", "1 / 0", parameters=ANY)
    done = snakemake(book, *EXECUTED, "--forceall")
    stray.unlink()
    assert done.returncode != 0
    assert "09_stray.ipynb lies in chapters, but _toc.yml does not list chapters/09_stray" in done.stdout
    assert "Execute" not in done.stdout


def test_after_a_kill_nothing_goes_on_and_the_same_command_does(book: Path):
    told = book / "kernel"
    waits = f"import os, re\nopen({str(told)!r}, 'w').write(str(os.getpid()))\nre.match(r'(a+)+b', 'a' * 60)"
    write(book / "chapters/08_second.ipynb", waits, parameters=ANY)
    command = [sys.executable, "-m", "snakemake", EXECUTED[1]]
    environment = os.environ | {"PYTHONPATH": str(book / "lib")}
    build = subprocess.Popen(command, cwd=book, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (told.exists() and told.read_text()):
        assert build.poll() is None
        time.sleep(0.1)
    kernel = psutil.Process(int(told.read_text()))
    second = snakemake(book, EXECUTED[1])
    assert second.returncode != 0
    assert "another process builds this book: wait until it has ended, or end it" in second.stdout
    assert build.poll() is None and kernel.is_running()
    build.kill()
    build.wait()
    psutil.wait_procs([kernel], timeout=20)
    assert not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE
    write(book / "chapters/08_second.ipynb", "2 + 2", parameters=ANY)
    done = snakemake(book, EXECUTED[1])
    assert done.returncode == 0, done.stdout
    assert times(book)[1] is not None


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


def test_a_chapter_that_trains_runs_alone(book: Path):
    write(book / "chapters/08_second.ipynb", "network_live\n")
    told = snakemake(book, *EXECUTED, "--cores", "7", "--dry-run", "--forceall", "--quiet", "host").stdout
    jobs = {
        match[1]: match[0] for match in re.finditer(r"rule chapter:.*?wildcards: chapter=(\w+).*?resources", told, re.S)
    }
    assert "threads: 7" in jobs["08_second"]
    assert "threads: 7" not in jobs["03_first"]
