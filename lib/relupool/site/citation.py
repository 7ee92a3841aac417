"""How to cite the book, one of its chapters or one of its figures; and what archives read of it.

The book's own entry is CITATION.cff. After it was changed ``python -m relupool.site.citation [ROOT]`` writes
``.zenodo.json`` and ``codemeta.json`` anew.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from relupool import files
from relupool.site.templates import fill
from relupool.validation import as_tuple

SPDX = "https://spdx.org/licenses/"


@frozen(kw_only=True)
class Work:
    """Something that can be cited.

    ``key``: of its BibTeX entry; ``title``; ``authors``: "Given Family" or a body's name; ``bodies``: those of them
    that are no people; ``year``; ``date``: of the version's release; ``version``; ``part``: chapter or figure of the
    book ("" for the book itself); ``url`` and ``doi``: "" where none is known; ``note``: what it rests on.
    """

    key: str
    title: str
    authors: tuple[str, ...] = field(converter=as_tuple)
    year: str
    version: str
    part: str = ""
    url: str = ""
    note: str = ""
    bodies: tuple[str, ...] = field(default=(), converter=as_tuple)
    date: str = ""
    doi: str = ""

    @property
    def kind(self) -> str:
        """What it is: "Book", "Chapter" or "Figure"."""
        if not self.part:
            return "Book"
        return "Figure" if self.key.startswith("relupool-fig-") else "Chapter"


def book(root: Path) -> Work:
    """The book in ``root`` as its CITATION.cff names it; raises ValueError naming the file and the missing field."""
    path = root / "CITATION.cff"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in ("title", "authors", "version", "date-released"):
        if not data.get(name):
            raise ValueError(f"{path} has no {name}")
    bodies = [author["name"] for author in data["authors"] if author.get("name")]
    return Work(
        key="relupool",
        title=data["title"],
        authors=[
            author.get("name") or f"{author.get('given-names', '')} {author.get('family-names', '')}".strip()
            for author in data["authors"]
        ],
        bodies=bodies,
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
    whole = f"{work.title}, version {work.version}"
    what = f"{work.part.rstrip('.')}. In: {whole}" if work.part else whole
    said = f"{', '.join(work.authors)} ({work.year}). {what}."
    return " ".join(filter(None, [said, work.note and f"{work.note}.", work.url]))


def apa(work: Work) -> str:
    """The same in the style of the American Psychological Association (7th edition)."""
    authors = ", ".join(name if name in work.bodies else _surname_first(name) for name in work.authors)
    what = f"{work.title} (Version {work.version})"
    if work.part:
        what = f"{work.part.rstrip('.')}{' [Figure]' if work.kind == 'Figure' else ''}. In {what}"
    return f"{authors} ({work.year}). {what}. {work.url}".rstrip()


def markdown(work: Work) -> str:
    """Entry and sentence as blocks of a page, to be copied from there."""
    return f"```bibtex\n{bibtex(work)}\n```\n\n```text\n{plain(work)}\n```\n"


def footer(book: Work, *, commit: str | None = None, clean: bool | None = None) -> str:
    """The book's citation as HTML for the foot of every page, with the commit that the pages were rendered from."""
    return fill("footer", book=book, commit=(commit or "")[:10], changed=clean is False)


def archived(root: Path) -> Iterator[tuple[str, str]]:
    """Names and texts of the files by which archives know the book in ``root``, made from CITATION.cff.

    cffconvert knows neither several licences nor authors that are no person, so these are put right: an archive takes
    one licence, the first, and reads of the others in a note.
    """
    from cffconvert import Citation  # of the extra dev

    source = (root / "CITATION.cff").read_text(encoding="utf-8")
    cff, made = yaml.safe_load(source), Citation(source)
    first, *others = licenses = [cff["license"]] if isinstance(cff["license"], str) else cff["license"]
    zenodo = {**json.loads(made.as_zenodo()), "license": first, "upload_type": "software"}
    if others:
        zenodo["notes"] = f"Licences: {', '.join(licenses)}; the file LICENSE says what stands under which."
    codemeta = json.loads(made.as_codemeta())
    codemeta["license"] = [f"{SPDX}{name}" for name in licenses]
    for author, listed in zip(codemeta["author"], cff["authors"], strict=True):
        author["@type"] = "Organization" if listed.get("name") else "Person"
    yield ".zenodo.json", _json(zenodo)
    yield "codemeta.json", _json(codemeta)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _surname_first(name: str) -> str:
    *given, family = name.split()
    return f"{family}, {' '.join(f'{part[0]}.' for part in given)}" if given else family


def _tex(text: str) -> str:
    """Plain text for BibTeX: its special characters escaped."""
    return re.sub(r"([&%#_])", r"\\\1", text)


def main(root: str = ".") -> None:
    """Write anew what archives read of the book in ``root``."""
    for name, text in archived(Path(root)):
        files.write_whole(Path(root, name), text)


if __name__ == "__main__":
    main(*sys.argv[1:])
