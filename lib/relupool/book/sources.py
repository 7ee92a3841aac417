"""What a chapter is made of, so that it is executed again if, and only if, something of that has changed.

Cheap to import, and imports none of what it reads about: the Snakefile asks here each time.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

import relupool
from relupool.book import notebooks
from relupool.validation import refuse

LIBRARY = Path(__file__).resolve().parents[1]
"""The folder of the package."""

OFFERS = LIBRARY / "__init__.py"
"""Imports what it offers only when that is used."""

PACKAGES = ("jax", "keras", "matplotlib", "numpy", "pandas", "relupool", "scipy", "tensorflow")
"""What can change a number or a picture, beside the book itself."""


NAME = re.compile(r"(\d+|[A-Z])_\w+")
"""The name of a chapter or note; that of a copy by JupyterLab, "03_before_or_after-Copy1", is none."""


def chapters(root: Path | str = ".") -> dict[str, Path]:
    """The notebooks of the book in ``root`` by name, "03_before_or_after", chapters first and then notes."""
    found = sorted(Path(root, "chapters").glob("*.ipynb"))
    return {path.stem: path for path in found if NAME.fullmatch(path.stem)}


def pages(root: Path | str = ".") -> list[str]:
    """The pages that ``_toc.yml`` lists, the first page first, without suffix; ValueError names one it leaves out."""
    listed = list(_listed(yaml.safe_load(Path(root, "_toc.yml").read_text(encoding="utf-8"))))
    for path in (*chapters(root).values(), *sorted(Path(root, "chapters").glob("*.md"))):
        if (page := f"chapters/{path.stem}") not in listed:
            raise ValueError(f"{path.name} lies in chapters, but _toc.yml does not list {page}")
    return listed


def _listed(toc: dict[str, Any]) -> Iterator[str]:
    yield from (toc[key] for key in ("root", "file") if key in toc)
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, []):
            yield from _listed(entry)


def chapter(name: str, root: Path | str = ".") -> Path:
    """The notebook of the chapter or note ``name``: its number, "03" or "3", its letter, or its whole name."""
    known = chapters(root)
    found = [stem for stem in known if name in (stem, stem.partition("_")[0], stem.partition("_")[0].lstrip("0"))]
    if len(found) != 1:
        if not known:
            raise ValueError(f"no chapters in {Path(root).resolve()}: run this in the folder of the book")
        refuse("chapter", name, f"the number or the name of a chapter; there are {', '.join(known)}")
    return known[found[0]]


def trains(notebook: Path) -> bool:
    """Whether the chapter trains networks live: on all cores, so that two would only be in each other's way."""
    return "network_live" in names(notebook)


def names(notebook: Path) -> set[str]:
    """All names that the code of a notebook uses."""
    trees = (_tree(cell, notebook) for cell in _code(notebook))
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def modules(*sources: Path) -> tuple[Path, ...]:
    """The files of the package that notebooks or modules depend on, directly or through others, themselves left out.

    A module brings along the files beside it that hold no code, such as the style of the figures.
    """
    found: set[Path] = set()
    waiting = list(sources)
    while waiting:
        new = {path for name in _imports(waiting.pop()) for path in _files(name)} - found
        found |= new
        waiting += [path for path in new if path.suffix == ".py" and path != OFFERS]
    return tuple(sorted(found - set(sources)))


def digest(*folders: Path | str) -> str:
    """SHA-256 of the result files in ``folders``, of names and contents."""
    whole = hashlib.sha256()
    for path in (path for folder in folders for path in sorted(Path(folder).rglob("*.json"))):
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def versions() -> dict[str, str]:
    """The installed versions of :data:`PACKAGES`."""
    installed = {}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            installed[package] = version(package)
    return installed


def _code(source: Path) -> list[str]:
    """The Python in a module or in the cells of a notebook."""
    if source.suffix != ".ipynb":
        return [source.read_text(encoding="utf-8")]
    return [cell.source for cell in notebooks.read(source).cells if cell.cell_type == "code"]


def _imports(source: Path) -> tuple[str, ...]:
    """Every dotted name that ``source`` imports, wherever in it the import stands."""
    return tuple(name for code in _code(source) for name in _imported(code, source))


def _tree(code: str, source: Path) -> ast.Module:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:  # ValueError: a null or half a character
        raise ValueError(f"{source.name}: {code.strip().partition(chr(10))[0]!r} is no Python: {error}") from None


@cache
def _imported(code: str, source: Path) -> tuple[str, ...]:
    found = []
    for node in ast.walk(_tree(code, source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def _files(name: str) -> Iterator[Path]:
    """The files of the package that stand behind an imported name."""
    package, *parts = name.split(".")
    if package != LIBRARY.name:
        return
    for length in range(len(parts), 0, -1):
        path = LIBRARY.joinpath(*parts[:length])
        if (path / "__init__.py").is_file():
            yield path / "__init__.py"
            return
        if (module := path.with_suffix(".py")).is_file():
            yield module
            yield from (
                other for other in module.parent.iterdir() if other.is_file() and other.suffix not in (".py", ".typed")
            )
            return
    yield OFFERS
    homes = relupool._HOME_OF
    for home in {homes[parts[0]]} if parts and parts[0] in homes else set(homes.values()):
        yield from _files(home)
