"""Whether the stored results that the chapters will show are there, asked before the first chapter runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from relupool.book import sources
from relupool.book.runs import stored
from relupool.choices import PRESETS
from relupool.experiments import studies
from relupool.experiments.store import Missing
from relupool.experiments.study import Study


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


def main(arguments: list[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m relupool.book.ready", description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default=PRESETS[0])
    preset = parser.parse_args(arguments).preset
    try:
        lacks = lacking(preset)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if lacks and preset == PRESETS[0]:  # the chapters show what they train themselves, and say so
        print("\n".join(lacks))
    elif lacks:
        raise SystemExit(
            "\n".join([*lacks, f"Or train them while the book is built: make book PRESET={preset} FRESH=1"])
        )


if __name__ == "__main__":
    main()
