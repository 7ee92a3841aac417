"""``.zenodo.json`` and ``codemeta.json``, by which archives know the book; both are made from CITATION.cff.

``python -m relupool.site.deposit [ROOT]`` writes them after CITATION.cff was changed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SPDX = "https://spdx.org/licenses/"


def contents(root: Path) -> Iterator[tuple[str, str]]:
    """Names and texts of the two files of the book in ``root``.

    cffconvert knows neither several licences nor authors that are no person, so these are put right: an archive takes
    one licence, the first, and reads of the others in a note.
    """
    from cffconvert import Citation  # of the extra dev

    source = (root / "CITATION.cff").read_text(encoding="utf-8")
    cff, made = yaml.safe_load(source), Citation(source)
    first, *others = licenses = [cff["license"]] if isinstance(cff["license"], str) else cff["license"]
    zenodo = {**json.loads(made.as_zenodo()), "license": first, "upload_type": "software"}
    if others:
        zenodo["notes"] = f"Licences: {', '.join(licenses)}; the file LICENSE says what stands under which."
    codemeta = json.loads(made.as_codemeta())
    codemeta["license"] = [f"{SPDX}{name}" for name in licenses]
    for author, told in zip(codemeta["author"], cff["authors"], strict=True):
        author["@type"] = "Organization" if told.get("name") else "Person"
    yield ".zenodo.json", _text(zenodo)
    yield "codemeta.json", _text(codemeta)


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m relupool.site.deposit", description="Renew what archives read.")
    parser.add_argument("root", nargs="?", default=".", help="the folder with CITATION.cff (default: here)")
    root = Path(parser.parse_args(arguments).root)
    for name, text in contents(root):
        (root / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
