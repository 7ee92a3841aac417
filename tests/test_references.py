"""The bibliography: every entry is cited, every citation has its entry, and no entry lacks who and when."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from relupool.claims.special import WRITTEN
from relupool.verdicts.documented import MISHKIN, REDUCING, RELUS_REMOVED

ROOT = Path(__file__).parent.parent
ENTRIES = {
    entry.split(",")[0]: entry for entry in re.split(r"^@\w+\{", (ROOT / "references.bib").read_text(), flags=re.M)[1:]
}
CITED = re.compile(r"\{+cite(?::\w+)?\}+`([^`]+)`")


def sources() -> list[str]:
    """Text of pages and chapters, code cells too, and of the library."""
    cells = [
        cell["source"]
        for chapter in (ROOT / "chapters").glob("*.ipynb")
        for cell in nbformat.read(chapter, as_version=4).cells
    ]
    files = [*ROOT.glob("chapters/*.md"), ROOT / "index.md", *ROOT.glob("lib/relupool/**/*.py")]
    return cells + [file.read_text() for file in files]


def cited() -> set[str]:
    return {key.strip() for text in sources() for keys in CITED.findall(text) for key in keys.split(",")}


def test_every_citation_has_its_entry_and_every_entry_is_cited():
    assert cited() == set(ENTRIES)


def test_keys_in_tables_have_their_entries():
    assert {*WRITTEN["work"], *RELUS_REMOVED["source"], *REDUCING, MISHKIN} <= set(ENTRIES)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_says_who_and_when_and_where(key):
    entry = ENTRIES[key]
    names = set(re.findall(r"^  (\w+)\s*= \{", entry, flags=re.M))
    assert {"author", "title", "year"} <= names
    assert names & {"journal", "booktitle", "publisher", "institution", "note", "url"}
    assert "and others" not in entry


def test_entries_are_in_the_order_of_their_keys():
    assert list(ENTRIES) == sorted(ENTRIES)
