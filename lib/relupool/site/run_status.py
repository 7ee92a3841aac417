"""The page that says how every chapter was run: when, where, how long, with which parameters, on which results."""

from __future__ import annotations

from collections.abc import Sequence

from relupool.book.record import commit_words
from relupool.figures.figure import BACKEND_NAMES, IMAGE_NAMES
from relupool.site.chapter_page import ChapterPage
from relupool.words import count

PAGE = "runs"
"""Its page, as ``_toc.yml`` lists it."""

HEADING = """# How this build was made

Every chapter was executed by papermill before this site was rendered. The table is made from what was recorded then.

"""

OFTEN_ALIKE = ("on", "preset", "commit")
"""What is said once, above the table, where it is the same for all chapters."""

NUMBERS = ("took", "runs in figures")


def markdown(chapters: Sequence[ChapterPage]) -> str:
    """A table with a row for each chapter, in their order."""
    rows = [_row(chapter) for chapter in chapters]
    alike = {name: rows[0][name] for name in OFTEN_ALIKE if len({row[name] for row in rows}) == 1}
    names = [name for name in rows[0] if name not in alike]
    lines = [names, ["--:" if name in NUMBERS else "---" for name in names]]
    lines += [[row[name] for name in names] for row in rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = f"All of them: {'; '.join(f'{name} {value}' for name, value in alike.items())}.\n\n" if alike else ""
    seconds = sum(chapter.record["seconds"] for chapter in chapters)
    total = f"In all {count(len(chapters), 'chapter')} and {seconds:.0f} seconds of execution."
    return f"{HEADING}{said}```{{table}}\n:class: runs\n\n{table}\n```\n\n{total}\n"


def _row(chapter: ChapterPage) -> dict[str, str]:
    record = chapter.record
    data = record["data"]
    device = f"{record['device']} ({record['device_kind'].upper()})"
    backend = BACKEND_NAMES.get(record["backend"], record["backend"])
    return {
        "chapter": f"[{chapter.title}](/{chapter.page}.ipynb)",
        "executed": record["started"][:10],
        "took": f"{record['seconds']:.0f} s",
        "on": ", ".join(filter(None, (device, backend))),
        "preset": record["build"]["preset"] + (", all trained again" if record["build"]["fresh"] else ""),
        "images": IMAGE_NAMES[data["name"]] if data else "none",
        "runs in figures": f"{len(record['runs']):,}",
        "commit": commit_words(record) or "none",
        "parameters": ", ".join(f"`{name}={value!r}`" for name, value in record["parameters"].items()),
    }
