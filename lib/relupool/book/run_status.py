"""The page that says how every chapter was run: when, where, how long, with which parameters, on which results."""

from __future__ import annotations

from collections.abc import Sequence

from relupool.book.chapter_page import ChapterPage
from relupool.book.record import commit_words
from relupool.figures.figure import BACKEND_NAMES, IMAGE_NAMES
from relupool.figures.words import count

PAGE = "runs"
"""Its page, as ``_toc.yml`` lists it."""

HEADING = """# How this build was made

Every chapter was executed by papermill before this site was rendered. The table is made from what was recorded then.

"""


def markdown(chapters: Sequence[ChapterPage]) -> str:
    """A table with a row for each chapter, in their order."""
    rows = [
        "| chapter | executed (UTC) | took | on | preset, images | stored runs | commit | parameters |",
        "|---|---|--:|---|---|--:|---|---|",
        *map(_row, chapters),
    ]
    seconds = sum(chapter.record["seconds"] for chapter in chapters)
    total = f"In all {count(len(chapters), 'chapter')} and {seconds:.0f} seconds of execution."
    return HEADING + "\n".join([*rows, "", total, ""])


def _row(chapter: ChapterPage) -> str:
    record = chapter.record
    data = record["data"]
    device = f"{record['device']} ({record['device_kind'].upper()})"
    backend = BACKEND_NAMES.get(record["backend"], record["backend"])
    images = "no images" if not data else IMAGE_NAMES[data["name"]]
    cells = (
        f"[{chapter.title}](/{chapter.page}.ipynb)",
        record["started"].replace("T", " ").rstrip("Z"),
        f"{record['seconds']:.0f} s",
        ", ".join(filter(None, (device, backend))),
        record["preset"] + (", all trained again" if record["fresh"] else "") + f", {images}",
        f"{len(record['runs']):,}",
        commit_words(record) or "none",
        ", ".join(f"`{name}={value!r}`" for name, value in record["parameters"].items()),
    )
    return f"| {' | '.join(cells)} |"
