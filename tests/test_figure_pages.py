"""The pages of the figures, the gallery and the page of runs: made from records, complete, and citable."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import html

import small_book
from relupool.site.chapter_page import runs_page
from relupool.site.citation import Work, apa
from relupool.site.figure_pages import gallery
from relupool.site.head import with_policy
from relupool.site.stage import stage


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_book.write(tmp_path_factory.mktemp("staged") / "book")
    return stage(root)


def test_every_figure_has_a_page_with_what_was_run_to_make_it(staged: Path) -> None:
    page = (staged / "figures/fig-example/index.md").read_text()
    shown = small_book.figure()
    for part in (shown.caption, shown.alt, shown.basis, "`size` = `5`", "2026-11-22 13:00:00 UTC", "`0123456789`"):
        assert part in page
    for format in ("svg", "pdf", "png", "csv", "json"):
        assert f'href="../fig-example.{format}"' in page
    assert "{numref}`fig-example` of [Max and ReLU](/chapters/01_example.ipynb)" in page
    assert (staged / "figures/fig-grid/index.md").is_file()


def test_a_figure_computed_in_the_build_is_cited_with_its_day_and_a_stored_one_with_its_runs(staged: Path) -> None:
    live = (staged / "figures/fig-example/index.md").read_text()
    assert "computed on 2026-11-22" in live
    assert "stored training runs" not in live
    stored = (staged / "figures/fig-grid/index.md").read_text()
    assert "5 stored training runs" in stored
    assert "computed on" not in stored


def test_the_gallery_lists_every_figure_once_in_the_order_of_the_book(staged: Path) -> None:
    gallery = (staged / "figures/index.md").read_text()
    assert gallery.count("<li ") == 2
    assert gallery.index("fig-example/index.html") < gallery.index("fig-grid/index.html")


def test_the_gallery_offers_the_claims_that_its_figures_show() -> None:
    chapter = {
        "chapter": "chapters/03_orders",
        "place": 1,
        "chapter_title": "Orders",
        "title": "Some <picture>",
        "alt": "a line",
    }
    records = [{"id": id, **chapter} for id in ("fig-activation-graphs", "fig-both-orders", "fig-other")]
    entries = html.fromstring(gallery(records)).xpath("//li")
    assert [entry.get("data-claims") for entry in entries] == ["A3 A13", "A12", ""]
    offered = html.fromstring(gallery(records)).xpath("//select[@data-by='claims']/option/@value")
    assert offered == ["", "A3", "A12", "A13"]
    assert [entries[0].findtext(f".//{name}") for name in ("span", "small")] == ["Some <picture>", "Fig. 3.2 of Orders"]


def test_the_page_of_runs_says_how_each_chapter_was_run_and_once_what_all_share(staged: Path) -> None:
    page = (staged / "runs.md").read_text()
    assert "All of them: on a processor (CPU), TensorFlow; preset standard; commit `0123456789`." in page
    (row,) = [line for line in page.splitlines() if line.startswith("| [")]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "[Max and ReLU](/chapters/01_example.ipynb)",
        "2026-11-22",
        "12 s",
        "CIFAR-10",
        "0",
        "`size=5`, `activation='relu'`",
    ]


def test_what_differs_between_chapters_has_a_column_of_the_page_of_runs() -> None:
    records = (small_book.RECORD, small_book.RECORD | {"build": {"preset": "quick", "fresh": False}, "data": None})
    chapters = [SimpleNamespace(title="T", page="p", record=each) for each in records]
    page = runs_page(chapters)  # type: ignore[arg-type]
    assert "preset" in page.split("| chapter |")[1].splitlines()[0]
    assert "| standard | CIFAR-10 |" in page
    assert "| quick | none |" in page
    assert "All of them: on a processor (CPU), TensorFlow; commit" in page


def test_apa_puts_the_surname_first() -> None:
    work = Work(key="relupool-fig-x", title="A Book", authors=("Ada B. Writer",), year="2026", version="1.0", part="X.")
    assert apa(work) == "Writer, A. B. (2026). X [Figure]. In A Book (Version 1.0)."
    whole = Work(
        key="relupool", title="A Book", authors=("The Team",), bodies=("The Team",), year="2026", version="1.0"
    )
    assert apa(whole) == "The Team (2026). A Book (Version 1.0)."


def test_the_policy_allows_the_scripts_of_the_head_alone() -> None:
    html = "<html><head><script>let a = 1</script></head><body><script>let b = 2</script></body></html>"
    one = with_policy(html)
    assert "'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='" in one  # printf 'let a = 1' | openssl dgst -sha256
    assert one.count("'sha256-") == 1
    assert with_policy(html, search=True).count("'sha256-") == 2
    assert with_policy(one) == one
    assert "object-src 'none'; base-uri 'self'" in one
