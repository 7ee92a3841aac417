"""Staging: what of an executed chapter reaches its page and those of its figures; nothing is lost, invented or told."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import CliRunner

import small_book
from relupool import cli
from relupool.book import sources
from relupool.book.record import commit_words
from relupool.figures.figure import FORMATS
from relupool.site.chapter_page import runs_page
from relupool.site.figure_pages import export, records
from relupool.site.website import number_notes
from small_book import staged

PAGE = small_book.PAGE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book that a test may change."""
    return small_book.write(tmp_path / "a book with spaces and é")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A staged book, to be read only."""
    return staged(small_book.write(tmp_path_factory.mktemp("staged") / "book"))


@pytest.fixture(scope="module")
def notebook(stage: Path) -> Any:
    return nbformat.read(stage / f"{PAGE}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def cells(notebook: Any) -> dict[str, Any]:
    """The cells of the staged chapter by their ids."""
    return {cell.id: cell for cell in notebook.cells}


# --- a chapter --------------------------------------------------------------------------------------------------------


def test_an_executed_chapter_takes_the_place_of_its_source_and_still_runs(notebook: Any, cells: dict[str, Any]) -> None:
    code = [cell.id for cell in notebook.cells if cell.cell_type == "code"]
    assert code == ["parameters", "injected", "figure", "stored", "print"]
    assert cells["print"].outputs[0].text == small_book.LINE
    nbformat.validate(notebook)
    scope: dict[str, Any] = {}
    for id in ("parameters", "injected"):
        assert "remove-cell" in cells[id].metadata.tags
        exec(cells[id].source, scope)
    assert (scope["size"], scope["activation"]) == (5, "relu")


def test_caption_and_alternative_text_from_the_kernel_reach_the_page(cells: dict[str, Any]) -> None:
    shown, told = small_book.figure(), cells["figure"].metadata.mystnb
    caption = r"**A hinge.** It is $\max(0, x)$. [computed, nothing trained]{.tag}"
    assert told.figure == {"caption": caption, "name": shown.id}
    assert told.image == {"alt": shown.alt, "classes": "fig-auto"}


def test_parameters_become_a_table_with_the_values_used(cells: dict[str, Any]) -> None:
    source = cells["relupool-parameters"].source
    table = [line for line in source.splitlines() if line.startswith("| `")]
    assert [line.strip("| ").split(" | ") for line in table] == [
        ["`size`", "side of the window, in pixels", "a whole number from 1 to 8", "`3`", "**`5`**"],
        ["`activation`", "what is tried", "one of 'relu', 'silu'", "`'relu'`", "`'relu'`"],
    ]
    assert "relupool chapter 01_example -p size 5\n" in source
    command = source.replace(" \\\n ", "")
    assert "papermill chapters/01_example.ipynb 01_example.out.ipynb -p size 5 -p activation relu\n" in command


def test_code_is_folded_unless_it_teaches(tmp_path: Path) -> None:
    teaches = new_code_cell("act(max_pool(x))", id="teaches", execution_count=5, metadata={"tags": ["shown"]})
    stage = staged(small_book.write(tmp_path, executed=small_book.notebook(teaches)))
    tags = {cell.id: cell.metadata.get("tags") for cell in nbformat.read(stage / f"{PAGE}.ipynb", as_version=4).cells}
    assert (tags["teaches"], tags["figure"]) == (["shown"], ["hide-input"])


def test_the_footer_says_how_the_page_was_made_and_how_to_cite_it(notebook: Any) -> None:
    footer = notebook.cells[-1].source
    for told in ("a processor (CPU)", "TensorFlow", "keras 3.15.1", "abababababababab", ": `0123456789`\n", "in 12 s"):
        assert told in footer
    assert "@misc{relupool-01_example," in footer
    assert "Ada Writer (2026). Max and ReLU. In: A Book, version 1.2.0." in footer


def test_code_that_is_not_that_of_a_commit_is_told(tmp_path: Path) -> None:
    assert "`0123456789`, with changes" in commit_words({"commit": "0123456789abcdef", "clean": False})
    stage = staged(small_book.write(tmp_path, commit=None, clean=None))
    assert ": not under version control\n" in nbformat.read(stage / f"{PAGE}.ipynb", as_version=4).cells[-1].source


# --- figures ----------------------------------------------------------------------------------------------------------


def test_files_of_figures_are_those_of_the_chapter_with_a_record_that_can_be_cited(stage: Path) -> None:
    made, kept = stage.parent / PAGE / "figures", stage / "extra" / "figures"
    for format in FORMATS:
        assert (kept / f"fig-example.{format}").read_bytes() == (made / f"fig-example.{format}").read_bytes()
    record = json.loads((kept / "fig-example.json").read_text())
    assert record["parameters"] == {"size": 5, "activation": "relu"}
    assert record["made"]["data"]["sha256"] == "ab" * 32
    assert record["citation"]["part"] == "A hinge"


def test_every_figure_has_a_page_with_what_was_run_to_make_it(stage: Path) -> None:
    page, shown = (stage / "figures/fig-example/index.md").read_text(), small_book.figure()
    for part in (shown.caption, shown.alt, shown.basis, "`size` = `5`", "2026-11-22 13:00:00 UTC", "`0123456789`"):
        assert part in page
    for format in (*FORMATS, "json"):
        assert f'href="../fig-example.{format}"' in page
    assert "{numref}`fig-example` of [Max and ReLU](/chapters/01_example.ipynb)" in page


def test_a_figure_is_cited_with_its_day_or_with_its_runs(stage: Path) -> None:
    computed, trained = ((stage / f"figures/{id}/index.md").read_text() for id in ("fig-example", "fig-grid"))
    assert "computed on 2026-11-22" in computed and "stored training runs" not in computed
    assert "5 stored training runs" in trained and "computed on" not in trained


def test_the_gallery_lists_every_figure_once_in_the_order_of_the_book(stage: Path) -> None:
    page = (stage / "figures/index.md").read_text()
    assert re.findall(r'<li .*href="(\S+)/index.html"', page) == ["fig-example", "fig-grid"]
    assert [record["id"] for record in records(stage / "extra/figures")] == ["fig-example", "fig-grid"]


def test_figures_are_taken_away_with_their_citations(stage: Path, tmp_path: Path) -> None:
    folder = stage / "extra/figures"
    written = export(tmp_path / "mine", folder=folder, ids=["fig-example"], formats=["pdf"])
    assert sorted(written) == ["fig-example.pdf", "figures.bib"]
    assert (tmp_path / "mine/fig-example.pdf").read_bytes() == (folder / "fig-example.pdf").read_bytes()
    assert (tmp_path / "mine/figures.bib").read_text().startswith("@misc{relupool-fig-example,")


def test_a_zip_of_figures_holds_everything_and_has_the_same_bytes_each_time(stage: Path, tmp_path: Path) -> None:
    folder = stage / "extra/figures"
    for name in ("a.zip", "b.zip"):
        export(tmp_path / name, folder=folder)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert len(archive.namelist()) == 2 * len(FORMATS) + 1
        assert archive.read("fig-grid.csv") == (folder / "fig-grid.csv").read_bytes()
        assert archive.read("figures.bib").count(b"@misc{") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--id", "fig-none"], "id is 'fig-none', but must be one of 'fig-example', 'fig-grid'"),
        (["--format", "gif"], "format is 'gif', but must be one of 'svg', 'pdf', 'png', 'csv'"),
    ],
)
def test_no_figure_is_taken_away_that_is_not_there(stage: Path, tmp_path: Path, words: list[str], said: str) -> None:
    out = tmp_path / "out"
    asked = ["figures", "--from", str(stage / "extra/figures"), "--out", str(out), *words]
    result = CliRunner().invoke(cli.app, asked)
    assert (result.exit_code, out.exists()) == (2, False)
    assert said in result.output


def test_figures_are_listed_with_id_chapter_and_title(stage: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["figures", "--from", str(stage / "extra/figures"), "--id", "fig-example"])
    assert result.output.split(maxsplit=2) == ["fig-example", PAGE, "A hinge\n"]
    nothing = CliRunner().invoke(cli.app, ["figures", "--from", str(tmp_path)])
    assert nothing.exit_code == 2 and "make book" in nothing.output


# --- other pages ------------------------------------------------------------------------------------------------------


def test_the_page_of_runs_says_how_each_chapter_was_run_and_once_what_all_share(stage: Path) -> None:
    page = (stage / "runs.md").read_text()
    assert "All of them: on a processor (CPU), TensorFlow; preset standard; commit `0123456789`." in page
    (row,) = [line for line in page.splitlines() if line.startswith("| [")]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        *("[Max and ReLU](/chapters/01_example.ipynb)", "2026-11-22", "12 s", "CIFAR-10", "0"),
        "`size=5`, `activation='relu'`",
    ]


def test_what_differs_between_chapters_has_a_column_of_the_page_of_runs() -> None:
    record = small_book.RECORD
    both = record, record | {"build": {"preset": "quick", "fresh": False}, "data": None}
    page = runs_page([SimpleNamespace(title="T", page="p", record=each) for each in both])  # type: ignore[misc]
    assert "preset" in page.split("| chapter |")[1].splitlines()[0]
    assert "| standard | CIFAR-10 |" in page
    assert "| quick | none |" in page
    assert "All of them: on a processor (CPU), TensorFlow; commit" in page


def test_each_note_counts_from_one_and_chapters_keep_their_numbers() -> None:
    kept = {
        "chapters/03_before_or_after": {"figure": {"fig-a": (3, 1)}},
        "chapters/AB_not_a_note": {"figure": {"fig-e": (4, 1)}},
    }
    notes = {
        "chapters/A_flipped_kernels": {"figure": {"fig-b": (1,)}, "theorem": {"thm-b": (1,)}},
        "chapters/B_floating_point": {"figure": {"fig-c": (2,), "fig-d": (3,)}},
    }
    env = SimpleNamespace(toc_fignumbers=kept | notes)
    assert number_notes(None, env) == list(notes)
    assert env.toc_fignumbers == kept | {
        "chapters/A_flipped_kernels": {"figure": {"fig-b": ("A", 1)}, "theorem": {"thm-b": ("A", 1)}},
        "chapters/B_floating_point": {"figure": {"fig-c": ("B", 1), "fig-d": ("B", 2)}},
    }


# --- all of it --------------------------------------------------------------------------------------------------------


def test_no_place_on_this_machine_is_told(stage: Path) -> None:
    for path in stage.rglob("*"):
        if path.is_file() and path.suffix != ".js":
            text = path.read_bytes()
            assert b"/somewhere" not in text
            assert str(stage.parents[1]).encode() not in text


def test_the_same_book_elsewhere_gives_the_same_bytes_and_nothing_old_stays(root: Path, stage: Path) -> None:
    (staged(root) / "extra/figures/fig-old.svg").write_text("<svg/>")
    again = staged(root)
    assert small_book.contents(again) == small_book.contents(stage)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        (f"_build/{PAGE}/executed.ipynb", None, "chapters/01_example was not executed"),
        ("chapters/references.md", None, r"neither chapters/references\.md nor chapters/references\.ipynb"),
        ("chapters/02_forgotten.md", "# X", r"02_forgotten\.md lies in chapters, but _toc\.yml does not list"),
        ("CITATION.cff", "title: A\nauthors: [{name: B}]\ndate-released: 2026", r"CITATION\.cff has no version"),
        ("index.md", "# A Book\n\n{{ rows }}\n", "relupool train grid --preset standard"),
    ],
)
def test_what_is_missing_or_too_much_is_named(root: Path, name: str, text: str | None, fault: str) -> None:
    if text is None:
        (root / name).unlink()
    else:
        (root / name).write_text(text)
    with pytest.raises(ValueError, match=fault):
        staged(root)


def test_pages_are_listed_at_every_depth(tmp_path: Path) -> None:
    deep = {"chapters": [{"file": "a", "sections": [{"file": "b"}]}]}
    toc = {"root": "index", "parts": [deep, {"chapters": [{"file": "c"}]}]}
    (tmp_path / "_toc.yml").write_text(json.dumps(toc))
    assert sources.pages(tmp_path) == ["index", "a", "b", "c"]
