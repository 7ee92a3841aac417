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

    ``key``: of its BibTeX entry; ``title``; ``authors``: "Given Family" or a body's name; ``bodies``: those of them
    that are no people; ``year``; ``date``: of the version's release; ``version``; ``part``: chapter or figure of the
    book ("" for the book itself); ``url`` and ``doi``: "" where none is known; ``note``: what it rests on.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    year: str
    version: str
    part: str = ""
    url: str = ""
    note: str = ""
    bodies: tuple[str, ...] = ()
    date: str = ""
    doi: str = ""

    @property
    def kind(self) -> str:
        """What it is: "Book", "Chapter" or "Figure"."""
        if not self.part:
            return "Book"
        return "Figure" if self.key.startswith("relupool-fig-") else "Chapter"

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Work:
        """The work that :meth:`to_json` wrote."""
        return cls(**{**data, **{name: tuple(data.get(name, ())) for name in ("authors", "bodies")}})

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
    authors = tuple(
        author.get("name") or f"{author.get('given-names', '')} {author.get('family-names', '')}".strip()
        for author in data["authors"]
    )
    return Work(
        key="relupool",
        title=data["title"],
        authors=authors,
        bodies=tuple(author["name"] for author in data["authors"] if author.get("name")),
        year=str(data["date-released"])[:4],
        date=str(data["date-released"]),
        version=str(data["version"]),
        url=data.get("url") or data.get("repository-code") or "",
        doi=data.get("doi", ""),
    )


def bibtex(work: Work) -> str:
    """A BibTeX entry: @misc, since a book of this kind has no publisher, without which styles refuse a @book."""
    whole = f"\\emph{{{_tex(work.title)}}}"
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" if name in work.bodies else name for name in work.authors),
        "title": f"{{{_tex(work.part or work.title)}}}",
        "howpublished": f"{work.kind} {'of' if work.kind == 'Chapter' else 'in'} {whole}" if work.part else "",
        "year": work.year,
        "version": work.version,
        "note": _tex(work.note),
        "doi": work.doi,
        "url": work.url,
    }
    lines = [f"  {name:<12} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{work.key},", *lines, "}"])


def plain(work: Work) -> str:
    """The same in one sentence."""
    authors = ", ".join(work.authors)
    whole = f"{work.title}, version {work.version}"
    what = f"{work.part.rstrip('.')}. In: {whole}" if work.part else whole
    return " ".join(filter(None, [f"{authors} ({work.year}). {what}.", work.note and f"{work.note}.", work.url]))


def apa(work: Work) -> str:
    """The same in the style of the American Psychological Association (7th edition)."""
    authors = ", ".join(name if name in work.bodies else _surname_first(name) for name in work.authors)
    version = f"(Version {work.version})"
    if not work.part:
        return " ".join(filter(None, [f"{authors} ({work.year}). {work.title} {version}.", work.url]))
    kind = "[Figure]" if work.kind == "Figure" else ""
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
    *given, family = name.split()
    return f"{family}, {' '.join(f'{part[0]}.' for part in given)}" if given else family


def markdown(work: Work) -> str:
    """Both forms as blocks of a page, to be copied from there."""
    return f"```bibtex\n{bibtex(work)}\n```\n\n```text\n{plain(work)}\n```\n"


def _tex(text: str) -> str:
    """Plain text for BibTeX: its special characters escaped."""
    return re.sub(r"([&%#_])", r"\\\1", text)
