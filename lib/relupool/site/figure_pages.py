"""What the site offers of each figure: a page of its own, a place in the gallery, links below it, files to take away.

All of it is made from the records that :func:`relupool.figures.figure.save` left beside the files, so nothing is typed.
Staging has put them under ``extra/figures``, from where they become ``figures/<id>.svg`` and so on of the site.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes

from relupool.book.record import commit_words
from relupool.claims.ledger import LEDGER
from relupool.figures.figure import BACKEND_NAMES, FORMATS, IMAGE_NAMES
from relupool.site.citation import Work, apa, bibtex, plain
from relupool.site.templates import fill
from relupool.validation import refuse

GALLERY = "figures/index"
"""The gallery's page, as ``_toc.yml`` lists it."""

DOWNLOADS = {
    "svg": ("SVG", "SVG, for the web"),
    "pdf": ("PDF", "PDF, for print"),
    "png": ("PNG", "PNG, 300 dots per inch"),
    "csv": ("data (CSV)", "the data that it draws (CSV)"),
    "json": ("record (JSON)", "how it was made (JSON)"),
}
"""What links call the files of a figure, below it and on its page."""

BIBLIOGRAPHY = "figures.bib"
"""The file of a zip, or of a folder, that cites what lies beside it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip, so that equal figures give equal bytes."""

Record = dict[str, Any]


def in_order(records: Sequence[Record]) -> list[Record]:
    """The records of figures in the order of the book."""
    return sorted(records, key=lambda record: (record["chapter"], record["place"]))


def contents(staged: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The pages of all figures whose files are ``staged``, as (path below the stage, bytes); the gallery comes last."""
    paths = sorted(path for path in staged if path.startswith("extra/figures/") and path.endswith(".json"))
    records = in_order([json.loads(staged[path]) for path in paths])
    for record in records:
        formats = [format for format in DOWNLOADS if f"extra/figures/{record['id']}.{format}" in staged]
        yield f"figures/{record['id']}/index.md", page(record, formats).encode()
    yield f"{GALLERY}.md", gallery(records).encode()


def page(record: Record, formats: Sequence[str]) -> str:
    """One figure: large, with its caption, what was run to make it, its files, and how to cite it."""
    work = Work(**record["citation"])
    files = {format: DOWNLOADS[format][1] for format in formats}
    entries = [("bibtex", "BibTeX", bibtex(work)), ("text", "APA", apa(work)), ("text", "Plain text", plain(work))]
    return fill("figure_page", record=record, files=files, facts=_facts(record), entries=entries)


def _facts(record: Record) -> dict[str, str]:
    made, parameters = record.get("made") or {}, record.get("parameters") or {}
    data = None if record["runs"] else made.get("data")
    rests = "what was computed while the page was built; its citation names the day"
    if record["runs"]:
        rests = f"{len(record['runs'])} stored training runs, which make it citable by its name and the version"
    facts = {
        "Stands in": f"{{numref}}`{record['id']}` of [{record['chapter_title']}](/{record['chapter']}.ipynb)",
        "Shows": record["basis"],
        "Rests on": rests,
        "Parameters": ", ".join(f"`{name}` = `{value!r}`" for name, value in parameters.items()),
        "Executed": f"{made['started'].replace('T', ' ').rstrip('Z')} UTC" if made else "",
        "Device": ", ".join(filter(None, [made.get("device"), BACKEND_NAMES.get(made.get("backend", ""))])),
        "Images": f"{IMAGE_NAMES[data['name']]}, SHA-256 `{data['sha256'][:16]}…`" if data else "",
        "Commit": commit_words(made),
    }
    return {name: fact for name, fact in facts.items() if fact}


def gallery(records: Sequence[Record]) -> str:
    """All figures as small pictures that lead to their pages, with a choice of the chapter and of the claim."""
    claims = {record["id"]: [claim.id for claim in LEDGER if record["id"] in claim.figures] for record in records}
    shown = {id for ids in claims.values() for id in ids}
    choices = {
        "chapter": ("Chapter", {record["chapter"]: record["chapter_title"] for record in records}),
        "claims": ("Claim", {claim.id: f"{claim.id}: {claim.said}" for claim in LEDGER if claim.id in shown}),
    }
    entries = [(record, " ".join(claims[record["id"]]), _place(record)) for record in records]
    return fill("gallery", choices=choices, entries=entries)


def _place(record: Record) -> str:
    """Where a figure stands, numbered as the pages count it: "Fig. 3.2 of ..." or "Fig. A.1 of ..."."""
    page = record["chapter"].rpartition("/")[2].partition("_")[0]
    return f"Fig. {int(page) if page.isdecimal() else page}.{record['place'] + 1} of {record['chapter_title']}"


def add_toolbars(app: Any, doctree: nodes.document, docname: str) -> None:
    """Give every figure that has files its links and its citation, below the caption."""
    folder = Path(app.srcdir) / "extra" / "figures"
    for figure in doctree.findall(nodes.figure):
        name = next((id for id in figure["ids"] if id.startswith("fig-")), None)
        if name is None or not (folder / f"{name}.json").is_file():
            continue
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        files = {format: link for format, (link, _) in DOWNLOADS.items() if (folder / f"{name}.{format}").is_file()}
        work = Work(**record["citation"])
        up = "../" * docname.count("/")
        bar = fill("toolbar", record=record, files=files, up=up, entries=(bibtex(work), plain(work)))
        legend = next(figure.findall(nodes.legend), None)
        if legend is None:
            legend = nodes.legend()
            figure += legend
        legend += nodes.raw("", bar, format="html")


def records(folder: Path) -> list[Record]:
    """The records of all figures in ``folder``, in the order of the book; ValueError if there are none."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("fig-*.json")]
    if not found:
        refuse("from", str(folder), "a folder with figures; `make book` leaves them in _build/html/figures")
    return in_order(found)


def export(out: Path, *, folder: Path, ids: Sequence[str] = (), formats: Sequence[str] = ()) -> list[str]:
    """Write figures and their BibTeX entries to ``out``, a folder or a file that ends in .zip; the names written.

    All figures of ``folder`` if no ``ids`` are given, and all formats if no ``formats`` are. Nothing is written if an
    id or a format is not known.
    """
    there = records(folder)
    for name, asked, known in (("id", ids, [record["id"] for record in there]), ("format", formats, FORMATS)):
        for value in asked:
            if value not in known:
                refuse(name, value, "one of " + ", ".join(map(repr, known)))
    chosen = [record for record in there if not ids or record["id"] in ids]
    names = [f"{record['id']}.{format}" for record in chosen for format in formats or FORMATS]
    files = {name: (folder / name).read_bytes() for name in names}
    files[BIBLIOGRAPHY] = "\n\n".join([*(bibtex(Work(**record["citation"])) for record in chosen), ""]).encode()
    if out.suffix == ".zip":
        out.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    else:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / name).write_bytes(data)
    return list(files)
