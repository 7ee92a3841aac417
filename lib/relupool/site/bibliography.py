"""The list of references as readers look for it: by author and year, the words with which the text cites."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting import BaseSortingStyle
from pybtex.style.template import Node
from sphinxcontrib.bibtex.plugin import register_plugin as register_citations
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle
from sphinxcontrib.bibtex.style.template import year

STYLE = "author-year"
"""Its name and that of the citations, as ``_config.yml`` asks for them."""


def label(entry: Entry) -> str:
    """Who and when: "Wilson, 1927", "Cohen and Shashua, 2016", "He et al., 2016"."""
    first, others = _who(entry)
    return f"{first}{others}, {entry.fields['year']}"


class ByLabel(BaseSortingStyle):
    """Sorts entries as their labels say, an author alone before the same with others, without regard to accents."""

    def sorting_key(self, entry: Entry) -> tuple[str, ...]:
        return (*map(_folded, _who(entry)), entry.fields["year"], entry.fields["title"])


class AuthorAndYear(BaseLabelStyle):
    """Labels entries by author and year; several of one label end with a, b, c."""

    def format_labels(self, sorted_entries: Sequence[Entry]) -> list[str]:
        labels = [label(entry) for entry in sorted_entries]
        count, seen = Counter(labels), Counter[str]()
        found = []
        for each in labels:
            found.append(each + (chr(ord("a") + seen[each]) if count[each] > 1 else ""))
            seen[each] += 1
        return found


class Style(Unsorted):
    """Entries as pybtex's plain style writes them, sorted and labelled by author and year."""

    default_sorting_style = ByLabel
    default_label_style = AuthorAndYear


class Citations(AuthorYearReferenceStyle):
    """Citations by author and year, each year with the letter that the list gives it."""

    def inner(self, role_name: str) -> Node:
        """The template of one citation."""
        return _lettered(super().inner(role_name))


def register() -> None:
    """Make the styles known, that of the list to pybtex and that of citations to sphinxcontrib-bibtex."""
    register_plugin("pybtex.style.formatting", STYLE, Style)
    register_citations("sphinxcontrib.bibtex.style.referencing", STYLE, Citations)


def _year_and_letter(children: Any, data: Mapping[str, Any]) -> Text:
    return Text(data["formatted_entry"].label.rpartition(", ")[2])


def _lettered(template: Any) -> Any:
    """``template`` with :func:`_year_and_letter` wherever it has the bare year."""
    if template is year:
        return Node("year_and_letter", _year_and_letter)
    if isinstance(template, Node):
        template = template()  # a copy
        template.children = [_lettered(child) for child in template.children]
    return template


def _who(entry: Entry) -> tuple[str, str]:
    """The first author, and how the label goes on: "", " and Shashua" or " et al."."""
    persons = entry.persons.get("author", [])
    if not persons:
        raise ValueError(f"{entry.key} has no author")
    first, *others = (" ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in persons)
    return first, " et al." if len(others) > 1 else "".join(f" and {other}" for other in others)


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
