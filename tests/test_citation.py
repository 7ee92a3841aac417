"""Citations: BibTeX that its usual styles take as it is, and what archives read, all of it as CITATION.cff has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import asdict, evolve
from pybtex import errors
from pybtex.database import parse_string
from pybtex.plugin import find_plugin

from conftest import ROOT
from relupool.site import citation
from relupool.site.citation import Work, apa, bibtex, book, plain

BOOK = book(ROOT)
CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text())
WORKS = {
    "Book": BOOK,
    "Chapter": evolve(BOOK, key="relupool-03_orders", part="Before & after: 50 % of it", url="https://example.org/a_b"),
    "Figure": evolve(BOOK, key="relupool-fig-x", part="A picture_of", note="Figure fig-x: CIFAR-10, 3 seeds"),
}


@pytest.mark.parametrize("style", ["plain", "unsrt", "alpha"])
@pytest.mark.parametrize("kind", WORKS)
def test_no_usual_style_misses_a_field(kind: str, style: str) -> None:
    work = WORKS[kind]
    with errors.capture() as complaints:
        entries = find_plugin("pybtex.style.formatting", style)()
        (entry,) = entries.format_bibliography(parse_string(bibtex(work), "bibtex"))
    text = entry.text.render(find_plugin("pybtex.backends", "plaintext")())
    assert complaints == []
    assert work.kind == kind
    assert text.startswith(f"{BOOK.authors[0]}. ")
    assert all(part in text for part in (BOOK.title, BOOK.year, work.part, work.url))


def test_the_version_has_a_field_of_its_own() -> None:
    fields = parse_string(bibtex(WORKS["Chapter"]), "bibtex").entries["relupool-03_orders"].fields
    assert [name for name, value in fields.items() if BOOK.version in value] == ["version"]


def test_a_body_is_one_name_and_people_have_surnames() -> None:
    people = evolve(BOOK, authors=("Ada B. Writer", "Max Pool"), bodies=())
    names = [parse_string(bibtex(work), "bibtex").entries["relupool"].persons["author"] for work in (BOOK, people)]
    assert [[name.last_names for name in each] for each in names] == [
        [[f"{{{BOOK.authors[0]}}}"]],
        [["Writer"], ["Pool"]],
    ]
    assert apa(people).startswith("Writer, A. B., Pool, M. (")
    assert apa(BOOK).startswith(f"{BOOK.authors[0]} ({BOOK.year}). {BOOK.title} (Version {BOOK.version}).")
    figure = Work(
        key="relupool-fig-x", title="A Book", authors=("Ada B. Writer",), year="2026", version="1.0", part="X."
    )
    assert apa(figure) == "Writer, A. B. (2026). X [Figure]. In A Book (Version 1.0)."


def test_the_authors_read_as_a_name_and_are_the_same_everywhere() -> None:
    (name,) = BOOK.authors
    assert not name.lower().startswith("the ")
    for file, form in (("_config.yml", "\nauthor: {} "), ("LICENSE", " {}\n"), ("pyproject.toml", '"{}"')):
        assert form.format(name) in (ROOT / file).read_text()


def test_a_doi_is_cited_once_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(CFF | {"doi": "10.5281/zenodo.1234"}))
    assert "  doi          = {10.5281/zenodo.1234},\n" in bibtex(book(tmp_path))
    assert "doi" not in bibtex(BOOK)


def test_a_work_survives_as_json() -> None:
    work = WORKS["Figure"]
    assert Work(**json.loads(json.dumps(asdict(work)))) == work
    assert plain(work).startswith(f"{BOOK.authors[0]} ({BOOK.year}). A picture_of. In: {BOOK.title}, version ")


# --- archives ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".zenodo.json", "codemeta.json"])
def test_what_archives_read_is_made_from_the_citation(name: str) -> None:
    made = dict(citation.archived(ROOT))[name]
    assert (ROOT / name).read_text() == made, "CITATION.cff has changed: run `python -m relupool.site.citation`"


def archived(folder: Path, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What archives read of the book after these changes of its CITATION.cff."""
    (folder / "CITATION.cff").write_text(yaml.safe_dump(CFF | changes))
    citation.main(str(folder))
    zenodo, codemeta = (json.loads((folder / name).read_text()) for name in (".zenodo.json", "codemeta.json"))
    return zenodo, codemeta


def test_archives_learn_who_what_when_and_under_which_licence(tmp_path: Path) -> None:
    person = {"given-names": "Ada", "family-names": "Writer"}
    zenodo, codemeta = archived(tmp_path, authors=[*CFF["authors"], person])
    assert [author["name"] for author in zenodo["creators"]] == [CFF["authors"][0]["name"], "Writer, Ada"]
    assert [author["@type"] for author in codemeta["author"]] == ["Organization", "Person"]
    assert (
        (zenodo["title"], zenodo["version"])
        == (codemeta["name"], codemeta["version"])
        == (CFF["title"], CFF["version"])
    )
    assert zenodo["publication_date"] == codemeta["datePublished"] == str(CFF["date-released"])
    assert (zenodo["license"], zenodo["upload_type"]) == ("MIT", "software")
    assert "CC-BY-4.0" in zenodo["notes"]
    assert codemeta["license"] == ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/CC-BY-4.0"]


def test_one_licence_needs_no_note(tmp_path: Path) -> None:
    zenodo, codemeta = archived(tmp_path, license="MIT")
    assert "notes" not in zenodo
    assert codemeta["license"] == ["https://spdx.org/licenses/MIT"]
