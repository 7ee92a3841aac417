"""The address of the book's repository: one value in ``_config.yml``, and a cell that follows from it.

With an address, pages link to the source, to Colab and to Binder, and each chapter has a cell that fetches the book
where it is missing, as on Colab. Without one there are neither. ``relupool address`` sets the address and the cells.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import relupool
from relupool import files
from relupool.book import sources
from relupool.validation import refuse

SHAPE = r"https://github\.com/[\w-]+/[\w.-]+(?<!\.git)"
NAME = "install"
FETCH = """\
# Where the book is not installed, as on Colab, this fetches it; packages that are there, such as TensorFlow, stay.
import importlib.util

if importlib.util.find_spec("relupool") is None:
    import site
    import subprocess
    import sys
    import sysconfig

    book = "git+{address}@v{version}#egg=relupool"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--editable", book], check=True)
    site.addsitedir(sysconfig.get_path("purelib"))"""


def address(root: Path | str = ".") -> str:
    """The repository's address as ``_config.yml`` in ``root`` has it, "" for none."""
    settings = yaml.safe_load(Path(root, "_config.yml").read_text(encoding="utf-8"))
    found: str = settings.get("repository", {}).get("url") or ""
    return found


def move(to: str, root: Path | str = ".") -> None:
    """Write the address ``to``, "" for none, into ``_config.yml`` and the cells of the chapters in ``root``.

    Raises ValueError, before anything is written, if ``to`` is no address on GitHub, which is where Colab reads from.
    """
    if to and not re.fullmatch(SHAPE, to):
        refuse("address", to, "empty, or https://github.com/OWNER/NAME")
    config = Path(root, "_config.yml")
    before = config.read_text(encoding="utf-8")
    text, found = re.subn(r'^(repository:\n  url: )".*"$', rf'\g<1>"{to}"', before, flags=re.M)
    if found != 1:
        refuse("_config.yml", text.partition("\n")[0], 'a file with the lines `repository:` and `  url: "..."`')
    files.write_whole(config, text)
    for path in sources.chapters(root).values():
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = cells(notebook, to)
        files.write_whole(path, nbformat.writes(notebook).rstrip("\n") + "\n")


def cells(notebook: NotebookNode, to: str) -> list[NotebookNode]:
    """The cells of a chapter of the book at ``to``: after its title, the one that fetches the book."""
    others = [cell for cell in notebook.cells if cell.get("id") != NAME]
    if to:
        source = FETCH.format(address=to, version=relupool.__version__)
        others.insert(1, new_code_cell(source, id=NAME, metadata={"tags": ["remove-cell"]}))
    return others


def check(root: Path | str = ".") -> None:
    """Raise ValueError that names the chapter whose cell does not follow from ``_config.yml``."""
    to = address(root)
    for path in sources.chapters(root).values():
        notebook = nbformat.read(path, as_version=4)
        if notebook.cells != cells(notebook, to):
            raise ValueError(f'{path.name} fetches another book than _config.yml names: run `relupool address "{to}"`')
