"""Whether the stored results that the chapters will show are there, asked before the first chapter runs."""

from __future__ import annotations

import sys
from pathlib import Path

from relupool.book import sources
from relupool.book.runs import stored
from relupool.choices import PRESETS
from relupool.experiments import studies
from relupool.experiments.experiment import Study
from relupool.experiments.store import Missing


def shown(root: Path | str = ".") -> tuple[Study, ...]:
    """The studies that chapters of the book in ``root`` name."""
    used = {name for notebook in sources.chapters(root).values() for name in sources.names(notebook)}
    known = {name: value for name, value in vars(studies).items() if isinstance(value, Study)}
    return tuple(study for name, study in known.items() if name in used)


def lacking(preset: str, root: Path | str = ".") -> list[str]:
    """What a build of the book in ``root`` at ``preset`` lacks: for each study what is missing and what it takes."""
    lacks = []
    for study in shown(root):
        try:
            stored(study, preset)
        except Missing as error:
            lacks.append(str(error))
    return lacks


def main(preset: str = PRESETS[0]) -> None:
    """Say what a build at ``preset`` lacks, and end with an error unless its chapters can do without."""
    try:
        lacks = lacking(preset)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if lacks and preset != PRESETS[0]:
        fresh = f"Or train them while the book is built: make book PRESET={preset} FRESH=1"
        raise SystemExit("\n".join([*lacks, fresh]))
    print("\n".join(lacks))  # the chapters show what they train themselves, and say so


if __name__ == "__main__":
    main(*sys.argv[1:])
