"""How to cite the book, one of its chapters or one of its figures; the book's own entry is CITATION.cff."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

import attrs
import yaml
from attrs import frozen


@frozen(kw_only=True)
class Work:
    """Something that can be cited.

    ``key``: of its BibTeX entry; ``title``; ``authors``: "Given Family" or a group's name; ``year``; ``version``;
    ``part``: chapter or figure of the book ("" for the book itself); ``url``: "" where none is known; ``note``: what
    it rests on.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    year: str
    version: str
    part: str = ""
    url: str = ""
    note: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Work:
        """The work that :meth:`to_json` wrote."""
        return cls(**{**data, "authors": tuple(data["authors"])})

    def to_json(self) -> dict[str, Any]:
        """This work as JSON values."""
        return attrs.asdict(self)


def book(root: Path) -> Work:
    """The book in ``root`` as its CITATION.cff names it; raises ValueError naming the file and the missing field."""
    path = root / "CITATION.cff"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in ("title", "authors", "version", "date-released"):
        if not data.get(name):
            raise ValueError(f"{path} has no {name}")
    people = tuple(
        author.get("name") or f"{author.get('given-names', '')} {author.get('family-names', '')}".strip()
        for author in data["authors"]
    )
    url = data.get("url") or data.get("repository-code") or ""
    year = str(data["date-released"])[:4]
    return Work(key="relupool", title=data["title"], authors=people, year=year, version=str(data["version"]), url=url)


def bibtex(work: Work) -> str:
    """A BibTeX entry: @book for the book, @incollection for a part of it."""
    fields = {
        "author": " and ".join(f"{{{name}}}" if _is_group(name) else name for name in work.authors),
        "title": f"{{{_tex(work.part or work.title)}}}",
        "booktitle": _tex(work.title) if work.part else "",
        "year": work.year,
        "edition": f"version {work.version}",
        "note": _tex(work.note),
        "url": work.url,
    }
    lines = [f"  {name:<9} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{'incollection' if work.part else 'book'}{{{work.key},", *lines, "}"])


def plain(work: Work) -> str:
    """The same in one sentence."""
    authors = ", ".join(work.authors)
    whole = f"{work.title}, version {work.version}"
    what = f"{work.part.rstrip('.')}. In: {whole}" if work.part else whole
    return " ".join(filter(None, [f"{authors} ({work.year}). {what}.", work.note and f"{work.note}.", work.url]))


def apa(work: Work) -> str:
    """The same in the style of the American Psychological Association (7th edition)."""
    authors = ", ".join(map(_surname_first, work.authors))
    version = f"(Version {work.version})"
    if not work.part:
        return " ".join(filter(None, [f"{authors} ({work.year}). {work.title} {version}.", work.url]))
    kind = "[Figure]" if work.key.startswith("relupool-fig-") else ""
    part = " ".join(filter(None, [work.part.rstrip("."), kind]))
    return " ".join(filter(None, [f"{authors} ({work.year}). {part}. In {work.title} {version}.", work.url]))


def footer(book: Work, *, commit: str | None = None, clean: bool | None = None) -> str:
    """The book's citation as HTML for the foot of every page, with the commit that the pages were rendered from."""
    authors = escape(", ".join(book.authors))
    made = f", commit <code>{commit[:10]}</code>{' and changes' if clean is False else ''}" if commit else ""
    link = f' <a href="{escape(book.url)}">{escape(book.url)}</a>' if book.url else ""
    whole = f"<cite>{escape(book.title)}</cite>, version {escape(book.version)}{made}"
    return f'<p class="book-citation">{authors} ({book.year}). {whole}.{link}</p>\n'


def _surname_first(name: str) -> str:
    if _is_group(name):
        return name
    *given, family = name.split()
    return f"{family}, {' '.join(f'{part[0]}.' for part in given)}" if given else family


def markdown(work: Work) -> str:
    """Both forms as blocks of a page, to be copied from there."""
    return f"```bibtex\n{bibtex(work)}\n```\n\n```text\n{plain(work)}\n```\n"


def _is_group(name: str) -> bool:
    return name.startswith(("the ", "The "))


def _tex(text: str) -> str:
    """Plain text for BibTeX: its special characters escaped."""
    return re.sub(r"([&%#_])", r"\\\1", text)
