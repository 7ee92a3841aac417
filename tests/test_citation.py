"""Citations: BibTeX that its usual styles take as it is, from the book's CITATION.cff to an entry in a list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import asdict, evolve
from pybtex import errors
from pybtex.database import parse_string
from pybtex.plugin import find_plugin

from relupool.site.citation import Work, bibtex, book, plain

ROOT = Path(__file__).parent.parent
BOOK = book(ROOT)
WORKS = {
    "Book": BOOK,
    "Chapter": evolve(BOOK, key="relupool-03_orders", part="Before & after: 50 % of it", url="https://example.org/a_b"),
    "Figure": evolve(BOOK, key="relupool-fig-x", part="A picture_of", note="Figure fig-x: CIFAR-10, 3 seeds"),
}


def listed(work: Work, style: str) -> str:
    """The work as ``style`` writes it into a list of references; whatever it lacks is an error."""
    with errors.capture() as complaints:
        entries = find_plugin("pybtex.style.formatting", style)()
        (entry,) = entries.format_bibliography(parse_string(bibtex(work), "bibtex"))
    assert complaints == []
    return entry.text.render(find_plugin("pybtex.backends", "plaintext")())


@pytest.mark.parametrize("style", ["plain", "unsrt", "alpha"])
@pytest.mark.parametrize("kind", WORKS)
def test_no_usual_style_misses_a_field(kind: str, style: str) -> None:
    text = listed(WORKS[kind], style)
    assert WORKS[kind].kind == kind
    assert text.startswith(f"{BOOK.authors[0]}. ")
    assert BOOK.title in text
    assert BOOK.year in text
    assert WORKS[kind].part in text
    assert WORKS[kind].url in text


def test_the_version_has_a_field_of_its_own() -> None:
    fields = parse_string(bibtex(WORKS["Chapter"]), "bibtex").entries["relupool-03_orders"].fields
    assert fields["version"] == BOOK.version
    assert not any(BOOK.version in value for name, value in fields.items() if name != "version")


def test_a_body_is_one_name_and_people_have_surnames() -> None:
    (person,) = parse_string(bibtex(BOOK), "bibtex").entries["relupool"].persons["author"]
    assert person.last_names == [f"{{{BOOK.authors[0]}}}"]
    people = evolve(BOOK, authors=("Ada B. Writer", "Max Pool"), bodies=())
    found = parse_string(bibtex(people), "bibtex").entries["relupool"].persons["author"]
    assert [each.last_names for each in found] == [["Writer"], ["Pool"]]


def test_the_authors_read_as_a_name_and_are_the_same_everywhere() -> None:
    (name,) = BOOK.authors
    assert not name.lower().startswith("the ")
    assert f"\nauthor: {name} " in (ROOT / "_config.yml").read_text()
    assert f" {name}\n" in (ROOT / "LICENSE").read_text()
    assert f'"{name}"' in (ROOT / "pyproject.toml").read_text()


def test_a_doi_is_cited_once_there_is_one(tmp_path: Path) -> None:
    source = (ROOT / "CITATION.cff").read_text()
    (tmp_path / "CITATION.cff").write_text(f"{source}doi: 10.5281/zenodo.1234\n")
    assert "  doi          = {10.5281/zenodo.1234},\n" in bibtex(book(tmp_path))
    assert "doi" not in bibtex(BOOK)


def test_a_work_survives_as_json() -> None:
    work = WORKS["Figure"]
    assert Work(**json.loads(json.dumps(asdict(work)))) == work
    assert plain(work).startswith(f"{BOOK.authors[0]} ({BOOK.year}). A picture_of. In: {BOOK.title}, version ")
