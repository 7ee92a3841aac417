"""A chapter as its page shows it: the executed notebook, code folded, with figures, parameters and a footer.

All of it is generated from what was recorded while the chapter ran, and the notebook stays one that can be run.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

import attrs
from attrs import evolve, field, frozen
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from relupool.book.gate import figures_shown
from relupool.book.record import commit_words
from relupool.figures.figure import BACKEND_NAMES, IMAGE_NAMES, first_sentence
from relupool.site.citation import Work, markdown
from relupool.words import count

RUNS = "runs"
"""The page that says how every chapter was run, as ``_toc.yml`` lists it."""


@frozen(kw_only=True)
class ChapterPage:
    """What a chapter's page is made of.

    ``page``: path of the source without suffix, "chapters/07_the_cifar10_example"; ``notebook``: as executed;
    ``record``: what was recorded of the execution; ``book``: how to cite the book; ``site``: address of the published
    book without a slash at its end, "" if it has none.
    """

    page: str
    notebook: NotebookNode = field(repr=False)
    record: dict[str, Any] = field(repr=False)
    book: Work
    site: str = ""

    @property
    def title(self) -> str:
        """The chapter's first heading."""
        texts = (cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")
        headings = (line for text in texts for line in text.splitlines() if line.startswith("# "))
        return next(headings, f"# {self.page}")[2:].strip()

    @property
    def work(self) -> Work:
        """How to cite this chapter as it was built here."""
        url = f"{self.site}/{self.page}.html" if self.site else self.book.url
        return evolve(self.book, key=f"relupool-{self.page.rsplit('/', 1)[-1]}", part=self.title, url=url)

    def figure_record(self, figure: dict[str, Any]) -> dict[str, Any]:
        """The record of one of this chapter's figures, with what the chapter's record says of how it was made."""
        record, id, data = self.record, figure["id"], self.record["data"]
        note = f"Figure {id}: {figure['basis'].rstrip('.')}"
        note += "" if figure["runs"] else f", computed on {record['started'][:10]}"
        note += f", commit {record['commit'][:10]}" if record["commit"] else ""
        url = f"{self.site}/figures/{id}/" if self.site else self.book.url
        places = [shown.id for cell in self.notebook.cells for shown in figures_shown(cell)]
        made = {"started": record["started"], "preset": record["build"]["preset"]}
        made |= {name: record[name] for name in ("commit", "clean", "device", "backend")}
        return {
            **figure,
            "chapter": self.page,
            "chapter_title": self.title,
            "place": [*places, id].index(id),
            "parameters": record["parameters"],
            # all of the data set but where it lay on the machine that built the book
            "made": {
                **made,
                "data": {name: data[name] for name in ("name", "sha256", "note", "how")} if data else None,
            },
            "citation": attrs.asdict(evolve(self.work, key=f"relupool-{id}", part=figure["title"], url=url, note=note)),
        }


def chapter_page(chapter: ChapterPage) -> NotebookNode:
    """The notebook that Jupyter Book renders."""
    notebook = copy.deepcopy(chapter.notebook)
    notebook.metadata.pop("papermill", None)  # it names files of the machine that built the book
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.metadata["tags"] = sorted(_tags(cell))
            _announce_figure(cell)
    added = {"parameters": _parameters(chapter.record), "footer": _footer(chapter)}
    notebook.cells += [new_markdown_cell(text, id=f"relupool-{name}") for name, text in added.items() if text]
    return notebook


def _tags(cell: NotebookNode) -> set[str]:
    """The tags of a cell, and those that hide it, or fold its code unless it is ``shown`` since it teaches."""
    tags = set(cell.metadata.get("tags", []))
    if tags & {"parameters", "injected-parameters"}:
        return tags | {"remove-cell"}
    if cell.source.rstrip().endswith("check_parameters()"):
        return tags | {"remove-input"}  # it speaks only to who runs the notebook
    return tags if "shown" in tags else tags | {"hide-input"}


def _announce_figure(cell: NotebookNode) -> None:
    """Let the caption and alternative text that the kernel computed reach the page; a cell shows one figure at most."""
    for figure in figures_shown(cell):
        options = cell.metadata.setdefault("mystnb", {})
        rest = figure.caption.strip().removeprefix(first := first_sentence(figure.caption))
        caption = f"**{first.rstrip('.')}.**{rest} [{figure.tag}]{{.tag}}"
        options["figure"] = {"caption": caption, "name": figure.id}
        options["image"] = {"alt": figure.alt, "classes": "fig-auto"}


def _parameters(record: dict[str, Any]) -> str:
    """A folded box with the table of parameters and the commands that run the chapter with others; "" without any."""
    chapter, declared, used = record["chapter"], record["declared"], record["parameters"]
    if not declared:
        return ""
    changed = {p["name"]: used[p["name"]] for p in declared if used[p["name"]] != p["default"]}
    rows = []
    for p in declared:
        meaning = f"{p['meaning']}, in {p['unit']}" if p["unit"] else p["meaning"]
        bold = "**" if p["name"] in changed else ""
        value = f"{bold}`{used[p['name']]!r}`{bold}"
        rows.append(f"| `{p['name']}` | {meaning} | {p['allowed']} | `{p['default']!r}` | {value} |")
    table, short = "\n".join(rows), changed or {p["name"]: p["default"] for p in declared[:1]}
    options = _options({p["name"]: used[p["name"]] for p in declared})
    papermill = " \\\n  ".join([f"papermill chapters/{chapter}.ipynb {chapter}.out.ipynb", *options])
    return f"""\
````{{dropdown}} Run this chapter with values of your own
:class-container: parameters

| parameter | meaning | range | default | here |
|---|---|---|---|---|
{table}

Running it took {_duration(record["seconds"])} for this page. With values of your own:

```bash
relupool chapter {chapter} {" ".join(_options(short))}
{papermill}
```
````"""


def _options(values: dict[str, Any]) -> list[str]:
    """Parameters as a shell takes them."""
    texts = {name: str(value) for name, value in values.items()}
    plain = {name: text != "" and all(c.isalnum() or c in "._-+" for c in text) for name, text in texts.items()}
    return [f"-p {name} {text if plain[name] else json.dumps(text)}" for name, text in texts.items()]


def _footer(chapter: ChapterPage) -> str:
    """Where, when and with what the page was made, and how to cite it."""
    record = chapter.record
    data, build = record["data"], record["build"]
    images = "no images were used"
    if data:
        images = f"{IMAGE_NAMES[data['name']]}, SHA-256 `{data['sha256'][:16]}…`"
        images += f"; {data['note']}" if data["note"] else ""
    facts = {
        "Executed": f"{record['started'].replace('T', ' ').rstrip('Z')} UTC, in {_duration(record['seconds'])}",
        "Device": f"{record['device']} ({record['device_kind'].upper()})",
        "Backend": BACKEND_NAMES.get(record["backend"], record["backend"]) or "none",
        "Preset": build["preset"] + (", everything trained again" if build["fresh"] else ""),
        "Data": images,
        "Versions": ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items())),
        "Commit": commit_words(record) or "not under version control",
    }
    table = "\n".join(f"{name}\n: {fact}\n" for name, fact in facts.items() if fact)
    return (
        "`````{admonition} How this page was made\n:class: run-footer\n\n"
        f"{table}\n\n````{{dropdown}} Cite this chapter\n\n{markdown(chapter.work)}````\n`````"
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def runs_page(chapters: Sequence[ChapterPage]) -> str:
    """The page that says how every chapter was run: a row for each of them, and once what is the same for all."""
    rows = [_run(chapter) for chapter in chapters]
    shared = {name: rows[0][name] for name in ("on", "preset", "commit") if len({row[name] for row in rows}) == 1}
    names = [name for name in rows[0] if name not in shared]
    rule = ["--:" if name in ("took", "runs in figures") else "---" for name in names]
    lines = [names, rule, *([row[name] for name in names] for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = f"All of them: {'; '.join(f'{name} {value}' for name, value in shared.items())}.\n\n" if shared else ""
    seconds = sum(chapter.record["seconds"] for chapter in chapters)
    return f"""\
# How this build was made

Every chapter was executed by papermill before this site was rendered. The table is made from what was recorded then.

{said}```{{table}}
:class: runs

{table}
```

In all {count(len(chapters), "chapter")} and {seconds:.0f} seconds of execution.
"""


def _run(chapter: ChapterPage) -> dict[str, str]:
    record, build = chapter.record, chapter.record["build"]
    device = f"{record['device']} ({record['device_kind'].upper()})"
    return {
        "chapter": f"[{chapter.title}](/{chapter.page}.ipynb)",
        "executed": record["started"][:10],
        "took": f"{record['seconds']:.0f} s",
        "on": ", ".join(filter(None, (device, BACKEND_NAMES.get(record["backend"], record["backend"])))),
        "preset": build["preset"] + (", all trained again" if build["fresh"] else ""),
        "images": IMAGE_NAMES[record["data"]["name"]] if record["data"] else "none",
        "runs in figures": f"{len(record['runs']):,}",
        "commit": commit_words(record) or "none",
        "parameters": ", ".join(f"`{name}={value!r}`" for name, value in record["parameters"].items()),
    }
