"""The figures of a rendered book as a list, and as files for a lecture or a paper: copied to a folder, or in a zip.

They are the site's own files, ``figures/<id>.svg`` and so on, with a record beside each.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from relupool.figures.figure import FORMATS
from relupool.site.citation import Work, bibtex
from relupool.validation import refuse

BIBLIOGRAPHY = "figures.bib"
"""The file of a zip, or of a folder, that cites what lies beside it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip, so that equal figures give equal bytes."""


def records(folder: Path) -> list[dict[str, Any]]:
    """The records of all figures in ``folder``, in the order of the book; ValueError if there are none."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("fig-*.json")]
    if not found:
        refuse("from", str(folder), "a folder with figures; `make book` leaves them in _build/html/figures")
    return sorted(found, key=lambda record: (record["chapter"], record["place"]))


def export(out: Path, *, folder: Path, ids: Sequence[str] = (), formats: Sequence[str] = ()) -> list[str]:
    """Write figures and their BibTeX entries to ``out``, a folder or a file that ends in .zip; the names written.

    All figures of ``folder`` if no ``ids`` are given, and all formats if no ``formats`` are. Nothing is written if an
    id or a format is not known.
    """
    there = records(folder)
    _refuse_others("id", ids, [record["id"] for record in there])
    _refuse_others("format", formats, FORMATS)
    chosen = [record for record in there if not ids or record["id"] in ids]
    files = dict(_files(chosen, folder, formats or FORMATS))
    if out.suffix == ".zip":
        out.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
        return list(files)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (out / name).write_bytes(data)
    return list(files)


def _refuse_others(name: str, asked: Sequence[str], there: Sequence[str]) -> None:
    for value in asked:
        if value not in there:
            refuse(name, value, "one of " + ", ".join(map(repr, there)))


def _files(chosen: Sequence[dict[str, Any]], folder: Path, formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for record in chosen:
        for format in formats:
            name = f"{record['id']}.{format}"
            yield name, (folder / name).read_bytes()
    yield BIBLIOGRAPHY, "\n\n".join([*(bibtex(Work.from_json(r["citation"])) for r in chosen), ""]).encode()
