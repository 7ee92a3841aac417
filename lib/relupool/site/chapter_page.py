"""A chapter as its page shows it: the executed notebook, code folded, with figures, parameters and a footer.

All of it is generated from what was recorded while the chapter ran, and the notebook stays one that can be run.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from attrs import evolve, field, frozen
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from relupool.book.record import commit_words
from relupool.figures.figure import BACKEND_NAMES, IMAGE_NAMES, first_sentence
from relupool.site.citation import Work, markdown

SHOWN = "shown"
"""The tag of a cell whose code teaches something. All other code is folded."""


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
    def figures(self) -> tuple[str, ...]:
        """The names of the figures that it shows, in their order."""
        outputs = (o for cell in self.notebook.cells if cell.cell_type == "code" for o in cell.outputs)
        return tuple(o.metadata.relupool.figure.id for o in outputs if "relupool" in o.get("metadata", {}))

    @property
    def address(self) -> str:
        """Where the page is published, or ""."""
        return f"{self.site}/{self.page}.html" if self.site else ""

    @property
    def work(self) -> Work:
        """How to cite this chapter as it was built here."""
        name = self.page.rsplit("/", 1)[-1]
        return evolve(self.book, key=f"relupool-{name}", part=self.title, url=self.address or self.book.url)

    def figure_record(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record of one of this chapter's figures, with what the chapter's record says of how it was made."""
        address = f"{self.site}/figures/{record['id']}/" if self.site else self.book.url
        commit = self.record["commit"]
        made_when = "" if record["runs"] else f", computed on {self.record['started'][:10]}"
        note = f"Figure {record['id']}: {record['basis'].rstrip('.')}{made_when}" + (
            f", commit {commit[:10]}" if commit else ""
        )
        work = evolve(self.work, key=f"relupool-{record['id']}", part=record["title"], url=address, note=note)
        made = {"started": self.record["started"], "preset": self.record["build"]["preset"]}
        made |= {name: self.record[name] for name in ("commit", "clean", "device", "backend")}
        made["data"] = _public(self.record["data"])
        place = [*self.figures, record["id"]].index(record["id"])
        told = {"chapter": self.page, "chapter_title": self.title, "place": place}
        told |= {"parameters": self.record["parameters"], "made": made}
        return {**record, **told, "citation": work.to_json()}


def chapter_page(chapter: ChapterPage) -> NotebookNode:
    """The notebook that Jupyter Book renders."""
    notebook = copy.deepcopy(chapter.notebook)
    notebook.metadata.pop("papermill", None)  # it names files of the machine that built the book
    cells = notebook.cells
    for cell in cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.metadata["tags"] = sorted(_tags(cell))
            _announce_figure(cell, chapter.page)
    if chapter.record["declared"]:
        cells.append(_cell(_parameters(chapter.record), "parameters"))
    cells.append(_cell(_footer(chapter), "footer"))
    return notebook


def _tags(cell: NotebookNode) -> set[str]:
    tags = set(cell.metadata.get("tags", []))
    if tags & {"parameters", "injected-parameters"}:
        return tags | {"remove-cell"}
    if cell.source.rstrip().endswith("check_parameters()"):
        return tags | {"remove-input"}  # it speaks only to who runs the notebook
    return tags if SHOWN in tags else tags | {"hide-input"}


def _public(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """What readers may know of the data set: everything but where it lay on the machine that built the book."""
    return {name: data[name] for name in ("name", "sha256", "note", "how")} if data else None


def _cell(source: str, name: str) -> NotebookNode:
    return new_markdown_cell(source, id=f"relupool-{name}")


def _announce_figure(cell: NotebookNode, page: str) -> None:
    """Let the caption and alternative text that the kernel computed reach the page."""
    shown = [output.metadata.relupool.figure for output in cell.outputs if "relupool" in output.get("metadata", {})]
    if len(shown) > 1:
        names = ", ".join(figure.id for figure in shown)
        raise ValueError(f"{page}: one cell shows {len(shown)} figures, {names}; a cell may show one")
    for figure in shown:
        options = cell.metadata.setdefault("mystnb", {})
        rest = figure.caption.strip().removeprefix(first := first_sentence(figure.caption))
        caption = f"**{first.rstrip('.')}.**{rest} [{figure.tag}]{{.tag}}"
        options["figure"] = {"caption": caption, "name": figure.id}
        options["image"] = {"alt": figure.alt, "classes": "fig-auto"}


def _parameters(record: dict[str, Any]) -> str:
    """A folded box with the table of parameters and the commands that run the chapter with others."""
    name, declared, used = record["chapter"], record["declared"], record["parameters"]
    changed = {p["name"]: used[p["name"]] for p in declared if used[p["name"]] != p["default"]}
    rows = []
    for p in declared:
        meaning = f"{p['meaning']}, in {p['unit']}" if p["unit"] else p["meaning"]
        bold = "**" if p["name"] in changed else ""
        value = f"{bold}`{used[p['name']]!r}`{bold}"
        rows.append(f"| `{p['name']}` | {meaning} | {p['allowed']} | `{p['default']!r}` | {value} |")
    options = "".join(f" \\\n  -p {name} {_shell(value)}" for name, value in used.items())
    shown = changed or {p["name"]: p["default"] for p in declared[:1]}
    short = " ".join(f"-p {name} {_shell(value)}" for name, value in shown.items())
    return "\n".join(
        [
            "````{dropdown} Run this chapter with values of your own",
            ":class-container: parameters",
            "",
            "| parameter | meaning | range | default | here |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Running it took {_duration(record['seconds'])} for this page. With values of your own:",
            "",
            "```bash",
            f"relupool chapter {name} {short}",
            f"papermill chapters/{name}.ipynb {name}.out.ipynb{options}",
            "```",
            "````",
        ]
    )


def _footer(chapter: ChapterPage) -> str:
    """Where, when and with what the page was made, and how to cite it."""
    record = chapter.record
    data = record["data"]
    rows = {
        "Executed": f"{record['started'].replace('T', ' ').rstrip('Z')} UTC, in {_duration(record['seconds'])}",
        "Device": f"{record['device']} ({record['device_kind'].upper()})",
        "Backend": BACKEND_NAMES.get(record["backend"], record["backend"]) or "none",
        "Preset": record["build"]["preset"] + (", everything trained again" if record["build"]["fresh"] else ""),
        "Data": _data(data) if data else "no images were used",
        "Versions": ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items())),
        "Commit": commit_words(record) or "not under version control",
    }
    table = "\n".join(f"{name}\n: {value}\n" for name, value in rows.items() if value)
    return (
        "`````{admonition} How this page was made\n:class: run-footer\n\n"
        f"{table}\n\n````{{dropdown}} Cite this chapter\n\n{markdown(chapter.work)}````\n`````"
    )


def _data(data: dict[str, Any]) -> str:
    words = f"{IMAGE_NAMES[data['name']]}, SHA-256 `{data['sha256'][:16]}…`"
    return f"{words}; {data['note']}" if data["note"] else words


def _shell(value: Any) -> str:
    text = str(value)
    return text if text and all(c.isalnum() or c in "._-+" for c in text) else json.dumps(text)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
