"""The bibliography: every entry is cited, every citation has its entry, and no entry lacks who and when."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file, parse_string
from pybtex.plugin import find_plugin
from pybtex.style import FormattedEntry
from sphinxcontrib.bibtex.style.referencing import format_references
from sphinxcontrib.bibtex.style.template import SphinxReferenceInfo

from relupool.measures.published import MISHKIN, ORDERS, REDUCING, RELUS_REMOVED
from relupool.site import bibliography

ROOT = Path(__file__).parent.parent
ENTRIES = {
    entry.split(",")[0]: entry for entry in re.split(r"^@\w+\{", (ROOT / "references.bib").read_text(), flags=re.M)[1:]
}
DOI = re.compile(r"^  doi\s*= \{(.*)\},$", flags=re.M)
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
    assert {*ORDERS["work"], *RELUS_REMOVED["source"], *REDUCING, MISHKIN} <= set(ENTRIES)


def test_every_entry_says_who_and_when_and_where():
    for key, entry in ENTRIES.items():
        names = set(re.findall(r"^  (\w+)\s*= \{", entry, flags=re.M))
        assert {"author", "title", "year"} <= names, key
        assert names & {"journal", "booktitle", "publisher", "institution", "note", "url"}, key
        assert "and others" not in entry, key


def test_entries_are_sorted_and_no_title_or_doi_stands_twice():
    assert list(ENTRIES) == sorted(ENTRIES)
    titles = [re.search(r"^  title\s*= \{(.*)", entry, flags=re.M)[1] for entry in ENTRIES.values()]
    dois = [doi for entry in ENTRIES.values() for doi in DOI.findall(entry)]
    assert len(set(titles)) == len(titles)
    assert len({doi.lower() for doi in dois}) == len(dois)
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in dois)
    for key, entry in ENTRIES.items():
        for number in re.findall(r"10\.48550/arXiv\.([^}]+)", entry):
            assert f"arXiv:{number}" in entry, f"the DOI of the preprint {key} is not made of its number"


def listed(data) -> dict[str, str]:
    """Labels of the list of references by their keys, in its order."""
    bibliography.register()
    style = find_plugin("pybtex.style.formatting", bibliography.STYLE)()
    return {entry.key: entry.label for entry in style.format_bibliography(data)}


def test_the_list_is_in_the_order_of_authors_and_years():
    labels = listed(parse_file(ROOT / "references.bib", "bibtex"))
    assert set(labels) == set(ENTRIES)
    assert len(set(labels.values())) == len(labels)
    assert labels["student1908probable"] == "Student, 1908"
    assert labels["cohen2016convolutional"] == "Cohen and Shashua, 2016"
    assert labels["he2016deep"] == "He et al., 2016"
    assert labels["grappler2017arithmetic"] == "The TensorFlow Authors, 2017b"
    order = list(labels)
    for earlier, later in (
        ("aczel1966lectures", "agarwal2021deep"),
        ("goodfellow2013maxout", "goodfellow2016deep"),
        ("krizhevsky2011cudaconvnet", "krizhevsky2012imagenet"),
        ("montufar2014number", "montufar2022sharp"),
    ):
        assert order.index(earlier) < order.index(later)


def test_works_of_one_label_are_told_apart_and_one_without_author_is_named():
    same = "@misc{%s, author={{\\'E}mile Some}, title={%s}, year={2011}}"
    assert listed(parse_string(same % ("b", "Two") + same % ("a", "One"), "bibtex")) == {
        "a": "Some, 2011a",
        "b": "Some, 2011b",
    }
    with pytest.raises(ValueError, match="nobody has no author"):
        listed(parse_string("@misc{nobody, title={T}, year={2011}}", "bibtex"))


@pytest.mark.parametrize(
    ("role", "cited"), [("p", "[The TensorFlow Authors, 2017b]"), ("t", "The TensorFlow Authors [2017b]")]
)
def test_a_citation_has_the_letter_of_the_list(role, cited):
    data = parse_file(ROOT / "references.bib", "bibtex")
    label = listed(data)["grappler2017arithmetic"]
    info = SphinxReferenceInfo(None, "", "", "", None, "", "")
    one = data.entries["grappler2017arithmetic"], FormattedEntry("", "", label), info
    assert str(format_references(bibliography.Citations(), role, [one])) == cited
