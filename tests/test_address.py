"""The repository's address: one value, the cell that follows from it, and what that cell does where nothing is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

import relupool
import small_book
from conftest import ROOT
from relupool.book import address, sources
from relupool.cli import app
from relupool.site.stage import stage

HERE = "https://github.com/someone/book"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return small_book.write(tmp_path / "book")


def source(book: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(book / f"{small_book.PAGE}.ipynb", as_version=4).cells]


def test_the_book_s_own_chapters_follow_from_its_address() -> None:
    address.check(ROOT)


def test_an_address_is_one_value_and_a_cell_after_each_title(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in [book / "_config.yml", book / f"{small_book.PAGE}.ipynb"]}
    monkeypatch.chdir(book)
    assert CliRunner().invoke(app, ["address", HERE]).exit_code == 0
    assert address.address(book) == HERE
    title, cell = source(book)
    assert title == "# Max and ReLU"
    assert f'"git+{HERE}@v{relupool.__version__}#egg=relupool"' in cell
    address.check(book)
    address.move("https://github.com/someone/else", book)
    assert len(source(book)) == 2
    assert "someone/else@v" in source(book)[1]
    assert CliRunner().invoke(app, ["address", ""]).exit_code == 0
    assert {path: path.read_bytes() for path in before} == before


def test_a_cell_that_names_another_book_stops_the_build(book: Path) -> None:
    address.move(HERE, book)
    stage(book)
    config = book / "_config.yml"
    config.write_text(config.read_text().replace(HERE, "https://github.com/someone/else"))
    with pytest.raises(ValueError, match=r"01_example.ipynb fetches another book .* `relupool address .*someone/else"):
        stage(book)


@pytest.mark.parametrize("wrong", ["github.com/a/b", "http://github.com/a/b", f"{HERE}.git", f"{HERE}/", f'{HERE}"'])
def test_what_is_no_address_is_refused_and_changes_nothing(book: Path, wrong: str) -> None:
    before = (book / "_config.yml").read_bytes()
    with pytest.raises(ValueError, match=r"address is .*, but must be empty, or https://github\.com/OWNER/NAME"):
        address.move(wrong, book)
    assert (book / "_config.yml").read_bytes() == before
    assert len(source(book)) == 1


@pytest.mark.book
def test_the_cell_installs_the_tagged_book_into_a_bare_environment_and_keeps_its_tensorflow(tmp_path: Path) -> None:
    """Everything but the book is there, by a path; TensorFlow in a version older than this machine's."""
    tagged = repository(tmp_path / "book")
    environment = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin/python"
    (packages,) = (environment / "lib").glob("python*/site-packages")
    for old in packages.glob("*setuptools*"):  # Python 3.11 brings one that is too old, and no index could help
        shutil.rmtree(old)
    (packages / "all_but_the_book.pth").write_text(sysconfig.get_path("purelib"))
    older = packages / "tensorflow-2.19.0.dist-info"
    older.mkdir()
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.19.0\n")
    notebook = nbformat.read(next(iter(sources.chapters(ROOT).values())), as_version=4)
    (cell,) = [cell for cell in address.cells(notebook, f"file://{tagged}") if cell.id == address.NAME]
    found = 'print(relupool.book.runs.store().folders, importlib.metadata.version("tensorflow"))'
    program = f"{cell.source}\nimport importlib.metadata\nimport relupool.book.runs\n{found}\n{cell.source}\n"
    done = subprocess.run(
        [python, "-c", program],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert f"{environment}/src/relupool/data/results" in done.stdout
    assert done.stdout.strip().endswith("2.19.0")
    assert [path.name for path in packages.glob("tensorflow*")] == [older.name]


def repository(folder: Path) -> Path:
    """A repository with what the package is built from, tagged with its version."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "lib", folder / "lib", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for command in (
        "init --quiet",
        "add .",
        "-c user.name=a -c user.email=a@example.org commit --quiet --message one",
        f"tag v{relupool.__version__}",
    ):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    return folder
