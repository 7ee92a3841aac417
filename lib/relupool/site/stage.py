"""Put together ``_build/stage``, the tree that Jupyter Book renders: the sources, with executed chapters in place.

Every file stands where its clean source stands, so that addresses and links to the source agree. Equal input gives
equal bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import nbformat
import yaml

from relupool.book import address, sources
from relupool.experiments.commit import commit
from relupool.files import read_whole, suspect, unsealed
from relupool.site import citation, downloads, figure_pages, first_page
from relupool.site.chapter_page import RUNS, ChapterPage, chapter_page, runs_page

MATHJAX = "sphinx-mathjax-offline/static/mathjax/tex-svg-full.js"
"""MathJax 3 with its SVG fonts in one file, as the package of that name brings it."""

GENERATED = {figure_pages.GALLERY, RUNS}
"""Pages that ``_toc.yml`` lists and that are made here."""

FOOTER = "footer.html"
"""What stands at the foot of every page; :mod:`relupool.site.website` hands it to the theme."""

NOT_FOUND = """---
orphan: true
nosearch: true
---
# There is no such page

It may have moved, or its address has a slip. [The first page](index.md) leads everywhere, and the search
knows every page.
"""

SOURCES = ("_config.yml", "_toc.yml", "references.bib", "CITATION.cff")


def stage(root: Path | str = ".") -> Path:
    """Write ``_build/stage`` of the book in ``root`` and return it.

    Raises ValueError naming the chapter of ``_toc.yml`` that has no source or was not executed, a chapter that
    ``_toc.yml`` leaves out, or one that fetches the book from another address than ``_config.yml`` has.
    """
    root = Path(root).resolve()
    target = root / "_build" / "stage"
    contents = dict(_contents(root))
    contents |= dict(figure_pages.contents(contents))
    shutil.rmtree(target, ignore_errors=True)
    for name, data in contents.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    return target


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Path below the stage and bytes of every file of it."""
    for name in SOURCES:
        yield name, (root / name).read_bytes()
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    book = citation.book(root)
    listed = sources.pages(root)
    address.check(root)
    chapters = []
    for page in listed:
        if page in GENERATED:
            continue
        if f"{page}.md" == first_page.PAGE:
            yield first_page.PAGE, first_page.text(root)
        elif (root / f"{page}.md").is_file():
            yield f"{page}.md", (root / f"{page}.md").read_bytes()
        elif (root / f"{page}.ipynb").is_file():
            chapter = _chapter(root, page, book, config["html"].get("baseurl", ""))
            chapters.append(chapter)
            yield f"{page}.ipynb", nbformat.writes(chapter_page(chapter)).encode()
            yield from _figures(root, chapter)
        else:
            raise ValueError(f"_toc.yml lists {page}, but there is neither {page}.md nor {page}.ipynb")
    yield from downloads.contents(root, book)
    yield f"{RUNS}.md", runs_page(chapters).encode()
    yield "cite.md", citation.markdown(book).encode()
    yield FOOTER, citation.footer(book, **commit(root)).encode()
    yield "404.md", NOT_FOUND.encode()
    yield "logo.svg", files("relupool.site").joinpath("static", "logo.svg").read_bytes()
    mathjax = Path(str(distribution("sphinx-mathjax-offline").locate_file(MATHJAX)))
    yield "extra/mathjax/tex-svg-full.js", mathjax.read_bytes()


def _chapter(root: Path, page: str, book: citation.Work, site: str) -> ChapterPage:
    folder = root / "_build" / page
    if not (folder / "executed.ipynb").is_file() or not (folder / "record.json").is_file():
        raise ValueError(f"chapter {page} was not executed: run `make book`")
    with suspect(folder / "record.json", "not the record of a chapter: {}. Execute it again."):
        record = unsealed(read_whole(folder / "record.json", 2**24))
    notebook = nbformat.read(folder / "executed.ipynb", as_version=4)
    return ChapterPage(page=page, notebook=notebook, record=record, book=book, site=site.rstrip("/"))


def _figures(root: Path, chapter: ChapterPage) -> Iterator[tuple[str, bytes]]:
    for path in sorted((root / "_build" / chapter.page / "figures").glob("*")):
        data = path.read_bytes()
        if path.suffix == ".json":
            data = f"{json.dumps(chapter.figure_record(json.loads(data)), indent=1, ensure_ascii=False)}\n".encode()
        yield f"extra/figures/{path.name}", data
