"""A page for each figure, ``figures/<id>/``, and the gallery of all of them, ``figures/``; made while staging.

Both are Markdown made from the records that lie beside the figures' files, so nothing on them is typed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from relupool.book.record import commit_words
from relupool.claims.ledger import LEDGER
from relupool.figures.figure import BACKEND_NAMES, IMAGE_NAMES
from relupool.site.citation import Work, apa, bibtex, plain

GALLERY = "figures/index"
"""The gallery's page, as ``_toc.yml`` lists it."""

DOWNLOADS = {
    "svg": "SVG, for the web",
    "pdf": "PDF, for print",
    "png": "PNG, 300 dots per inch",
    "csv": "the data that it draws (CSV)",
    "json": "how it was made (JSON)",
}

Record = dict[str, Any]


def contents(staged: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The pages of all figures whose files are ``staged``, as (path below the stage, bytes); the gallery comes last."""
    paths = sorted(path for path in staged if path.startswith("extra/figures/") and path.endswith(".json"))
    records = [json.loads(staged[path]) for path in paths]
    records.sort(key=lambda record: (record["chapter"], record["place"]))
    for record in records:
        formats = [format for format in DOWNLOADS if f"extra/figures/{record['id']}.{format}" in staged]
        yield f"figures/{record['id']}/index.md", page(record, formats).encode()
    yield f"{GALLERY}.md", gallery(records).encode()


def page(record: Record, formats: Sequence[str]) -> str:
    """One figure: large, with its caption, what was run to make it, its files, and how to cite it."""
    name, work = record["id"], Work.from_json(record["citation"])
    files = "\n".join(
        f'<li><a href="../{name}.{format}"{"" if format == "json" else " download"}>{DOWNLOADS[format]}</a></li>'
        for format in formats
    )
    facts = "\n".join(f"{term}\n: {said}\n" for term, said in _facts(record).items() if said)
    return f"""---
orphan: true
---
# {record["title"]}

```{{raw}} html
<p><img class="fig-auto figure-alone" src="../{name}.svg" alt="{escape(_one_line(record["alt"]))}"></p>
```

{record["caption"]}

## What was run to make it

:::{{container}} run-facts

{facts}
:::

## Files

<ul class="files">
{files}
</ul>

## Cite it

```{{code-block}} bibtex
:caption: BibTeX

{bibtex(work)}
```

```{{code-block}} text
:caption: APA

{apa(work)}
```

```{{code-block}} text
:caption: Plain text

{plain(work)}
```

[All figures](../index.md)
"""


def _facts(record: Record) -> dict[str, str]:
    made, parameters = record.get("made") or {}, record.get("parameters") or {}
    backend = BACKEND_NAMES.get(made.get("backend", ""), "")
    data = None if record["runs"] else made.get("data")
    return {
        "Stands in": f"{{numref}}`{record['id']}` of [{record['chapter_title']}](/{record['chapter']}.ipynb)",
        "Shows": record["basis"],
        "Rests on": f"{len(record['runs'])} stored training runs, which make it citable by its name and the version"
        if record["runs"]
        else "what was computed while the page was built; its citation names the day",
        "Parameters": ", ".join(f"`{name}` = `{value!r}`" for name, value in parameters.items()),
        "Executed": f"{made['started'].replace('T', ' ').rstrip('Z')} UTC" if made else "",
        "Device": ", ".join(filter(None, [made.get("device", ""), backend])),
        "Images": f"{IMAGE_NAMES[data['name']]}, SHA-256 `{data['sha256'][:16]}…`"
        if data and not record["runs"]
        else "",
        "Commit": commit_words(made),
    }


def gallery(records: Sequence[Record]) -> str:
    """All figures as small pictures that lead to their pages, with a choice of the chapter and of the claim."""
    titles = {record["chapter"]: record["chapter_title"] for record in records}
    claims = {record["id"]: [entry for entry in LEDGER if record["id"] in entry.figures] for record in records}
    shown = {entry.id for found in claims.values() for entry in found}
    named = {entry.id: f"{entry.id}: {entry.said}" for entry in LEDGER if entry.id in shown}
    entries = "\n".join(_entry(record, [entry.id for entry in claims[record["id"]]]) for record in records)
    return f"""# Figures

All figures of the book. Each has a page of its own, with its files, its data and ready citations.

```{{raw}} html
<p class="gallery-choice" hidden>{_choice("Chapter", "chapter", titles)} {_choice("Claim", "claims", named)}
<output aria-live="polite"></output></p>
<ul class="gallery" id="gallery">
{entries}
</ul>
```
"""


def _choice(label: str, by: str, names: Mapping[str, str]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in names.items())
    return f'<label>{label} <select data-by="{by}"><option value="">all</option>{options}</select></label>'


def _entry(record: Record, claims: Sequence[str]) -> str:
    name, alt = record["id"], escape(_one_line(record["alt"]))
    return (
        f'<li data-chapter="{escape(record["chapter"])}" data-claims="{" ".join(claims)}"><a href="{name}/index.html">'
        f'<img class="fig-auto" loading="lazy" src="{name}.svg" alt="{alt}">'
        f"<span>{escape(record['title'])}</span><small>{_number(record)}{escape(record['chapter_title'])}</small></a></li>"
    )


def _number(record: Record) -> str:
    """The figure's number, as the pages count it: "Fig. 3.2 of " or "Fig. A.1 of "."""
    page = record["chapter"].rpartition("/")[2].partition("_")[0]
    return f"Fig. {int(page) if page.isdecimal() else page}.{record['place'] + 1} of "


def _one_line(text: str) -> str:
    return " ".join(text.split())
