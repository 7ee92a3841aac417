"""``relupool figures``: what is listed is what is there, and what is exported is what the site has."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import small_book
from relupool import cli
from relupool.site.figure_pages import export, records
from relupool.site.stage import stage


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_book.write(tmp_path_factory.mktemp("export") / "book")
    return stage(root) / "extra" / "figures"


def test_figures_stand_in_the_order_of_the_book(folder: Path) -> None:
    assert [record["id"] for record in records(folder)] == ["fig-example", "fig-grid"]


def test_one_figure_in_one_format_comes_with_its_citation(folder: Path, tmp_path: Path) -> None:
    written = export(tmp_path / "mine", folder=folder, ids=["fig-example"], formats=["pdf"])
    assert sorted(written) == ["fig-example.pdf", "figures.bib"]
    assert (tmp_path / "mine/fig-example.pdf").read_bytes() == (folder / "fig-example.pdf").read_bytes()
    assert (tmp_path / "mine/figures.bib").read_text().startswith("@misc{relupool-fig-example,")


def test_a_zip_holds_everything_and_has_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        export(tmp_path / name, folder=folder)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert len(archive.namelist()) == 2 * 4 + 1
        assert archive.read("fig-grid.csv") == (folder / "fig-grid.csv").read_bytes()
        assert archive.read("figures.bib").count(b"@misc{") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--id", "fig-none"], "id is 'fig-none', but must be one of 'fig-example', 'fig-grid'"),
        (["--format", "gif"], "format is 'gif', but must be one of 'svg', 'pdf', 'png', 'csv'"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_written(
    folder: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(cli.app, ["figures", "--from", str(folder), "--out", str(out), *words])
    assert (result.exit_code, out.exists()) == (2, False)
    assert said in result.output


def test_the_list_names_id_chapter_and_title(folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["figures", "--from", str(folder), "--id", "fig-example"])
    assert result.output.split(maxsplit=2) == ["fig-example", small_book.PAGE, "A hinge\n"]
    nothing = CliRunner().invoke(cli.app, ["figures", "--from", str(tmp_path)])
    assert nothing.exit_code == 2 and "make book" in nothing.output
