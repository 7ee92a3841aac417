"""Staging: what of an executed chapter reaches its page, and that nothing is lost, invented or given away."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

import small_book
from relupool.site.stage import pages, stage


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_book.write(tmp_path / "a book with spaces and é")


def staged_notebook(root: Path) -> Any:
    return nbformat.read(stage(root) / f"{small_book.PAGE}.ipynb", as_version=4)


def text_of(root: Path) -> str:
    return "\n".join(cell.source for cell in staged_notebook(root).cells if cell.cell_type == "markdown")


def test_executed_chapter_takes_the_place_of_its_source(root: Path) -> None:
    cells = staged_notebook(root).cells
    code = [cell.id for cell in cells if cell.cell_type == "code"]
    assert code == ["parameters", "injected", "figure", "stored", "print"]
    assert next(cell for cell in cells if cell.id == "print").outputs[0].text == small_book.LINE


def test_staged_notebook_is_valid_and_still_runs_with_the_same_parameters(root: Path) -> None:
    notebook = staged_notebook(root)
    nbformat.validate(notebook)
    scope: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.id in ("parameters", "injected"):
            exec(cell.source, scope)
    assert (scope["size"], scope["activation"]) == (5, "relu")


def test_caption_and_alternative_text_from_the_kernel_reach_the_page(root: Path) -> None:
    cell = next(cell for cell in staged_notebook(root).cells if cell.id == "figure")
    shown = small_book.figure()
    caption = r"**A hinge.** It is $\max(0, x)$. [computed, nothing trained]{.tag}"
    assert cell.metadata.mystnb.figure == {"caption": caption, "name": shown.id}
    assert cell.metadata.mystnb.image == {"alt": shown.alt, "classes": "fig-auto"}


def test_two_figures_in_one_cell_are_refused(tmp_path: Path) -> None:
    output = small_book.figure_output()
    executed = small_book.notebook(new_code_cell("two", outputs=[output, output]))
    with pytest.raises(ValueError, match=r"01_example.*one cell shows 2 figures"):
        stage(small_book.write(tmp_path, executed=executed))


def test_parameters_become_a_table_with_the_values_used(root: Path) -> None:
    cells = {cell.id: cell for cell in staged_notebook(root).cells}
    assert "remove-cell" in cells["parameters"].metadata.tags
    assert "remove-cell" in cells["injected"].metadata.tags
    table = [line for line in cells["relupool-parameters"].source.splitlines() if line.startswith("| `")]
    assert [line.strip("| ").split(" | ") for line in table] == [
        ["`size`", "side of the window, in pixels", "a whole number from 1 to 8", "`3`", "**`5`**"],
        ["`activation`", "what is tried", "one of 'relu', 'silu'", "`'relu'`", "`'relu'`"],
    ]
    assert "relupool chapter 01_example -p size 5\n" in cells["relupool-parameters"].source
    command = cells["relupool-parameters"].source.replace(" \\\n ", "")
    assert "papermill chapters/01_example.ipynb 01_example.out.ipynb -p size 5 -p activation relu\n" in command


def test_code_is_folded_unless_it_teaches(tmp_path: Path) -> None:
    teaches = new_code_cell("act(max_pool(x))", id="teaches", execution_count=5, metadata={"tags": ["shown"]})
    cells = {c.id: c for c in staged_notebook(small_book.write(tmp_path, executed=small_book.notebook(teaches))).cells}
    assert cells["teaches"].metadata.tags == ["shown"]
    assert cells["figure"].metadata.tags == ["hide-input"]


def test_footer_says_how_the_page_was_made(root: Path) -> None:
    footer = staged_notebook(root).cells[-1].source
    for told in ("a processor (CPU)", "TensorFlow", "keras 3.15.1", "abababababababab", "`0123456789`", "in 12 s"):
        assert told in footer
    assert "@misc{relupool-01_example," in footer
    assert "Ada Writer (2026). Max and ReLU. In: A Book, version 1.2.0." in footer


@pytest.mark.parametrize(
    ("commit", "clean", "told"),
    [
        ("0123456789abcdef", True, ": `0123456789`\n"),
        ("0123456789abcdef", False, ": `0123456789`, with changes that were not committed\n"),
        (None, None, ": not under version control\n"),
    ],
)
def test_footer_tells_whether_the_code_is_that_of_a_commit(tmp_path: Path, commit: Any, clean: Any, told: str) -> None:
    assert told in staged_notebook(small_book.write(tmp_path, commit=commit, clean=clean)).cells[-1].source


def test_figure_files_stand_beside_the_pages_with_a_record_that_can_be_cited(root: Path) -> None:
    made, kept = root / "_build" / small_book.PAGE / "figures", stage(root) / "extra" / "figures"
    for format in ("svg", "pdf", "png", "csv"):
        assert (kept / f"fig-example.{format}").read_bytes() == (made / f"fig-example.{format}").read_bytes()
    record = json.loads((kept / "fig-example.json").read_text())
    assert record["parameters"] == {"size": 5, "activation": "relu"}
    assert record["made"]["data"]["sha256"] == "ab" * 32
    assert record["citation"]["part"] == "A hinge"


def test_the_first_page_is_filled_from_the_committed_results(root: Path) -> None:
    shutil.copytree(small_book.REPOSITORY / "data/results", root / "data/results")
    (root / "index.md").write_text("# A Book\n\n{{ rows[0].with_.mean | percent(0) }}, {{ cost | points }}\n")
    assert re.search(r"^\d\d\N{NO-BREAK SPACE}%, \d\.\d points$", (stage(root) / "index.md").read_text(), flags=re.M)


def test_without_results_the_first_page_names_what_it_needs(root: Path) -> None:
    (root / "index.md").write_text("# A Book\n\n{{ rows }}\n")
    with pytest.raises(ValueError, match="relupool train grid --preset standard"):
        stage(root)


def test_no_place_on_this_machine_is_told(root: Path) -> None:
    for path in stage(root).rglob("*"):
        if path.is_file() and path.suffix != ".js":
            text = path.read_bytes()
            assert b"/somewhere" not in text
            assert str(root).encode() not in text


def test_staging_again_touches_nothing(root: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in stage(root).rglob("*") if path.is_file()}
    assert {path: path.stat().st_mtime_ns for path in stage(root).rglob("*") if path.is_file()} == times


def test_the_same_book_elsewhere_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(root, copy)
    one, other = stage(root), stage(copy)
    assert {p.relative_to(one): p.read_bytes() for p in one.rglob("*") if p.is_file()} == {
        p.relative_to(other): p.read_bytes() for p in other.rglob("*") if p.is_file()
    }


def test_what_is_gone_from_the_sources_leaves_the_stage(root: Path) -> None:
    old = stage(root) / "extra" / "figures" / "fig-old.svg"
    old.write_text("<svg/>")
    stage(root)
    assert not old.exists()


def test_chapter_that_was_not_executed_is_named(root: Path) -> None:
    (root / "_build" / small_book.PAGE / "executed.ipynb").unlink()
    with pytest.raises(ValueError, match="chapters/01_example was not executed"):
        stage(root)


def test_page_without_source_is_named(root: Path) -> None:
    (root / "chapters/references.md").unlink()
    with pytest.raises(ValueError, match=r"neither chapters/references\.md nor chapters/references\.ipynb"):
        stage(root)


def test_chapter_that_the_table_of_contents_forgets_is_named(root: Path) -> None:
    (root / "chapters/02_forgotten.md").write_text("# Forgotten")
    with pytest.raises(ValueError, match=r"02_forgotten\.md lies in chapters, but _toc\.yml does not list"):
        stage(root)


def test_citation_without_a_version_is_named(root: Path) -> None:
    (root / "CITATION.cff").write_text("title: A Book\nauthors: [{name: the authors}]\ndate-released: 2026-11-22\n")
    with pytest.raises(ValueError, match=r"CITATION\.cff has no version"):
        stage(root)


def test_pages_are_listed_at_every_depth() -> None:
    toc = {
        "root": "index",
        "parts": [{"chapters": [{"file": "a", "sections": [{"file": "b"}]}]}, {"chapters": [{"file": "c"}]}],
    }
    assert pages(toc) == ["index", "a", "b", "c"]
