"""``relupool results``: look after stored training runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from relupool.cli.options import errors

app = typer.Typer(no_args_is_help=True, help="Look after stored training runs.")


@app.command("list")
def list_() -> None:
    """List the complete sets of results, the largest first."""
    from relupool.experiments.store import Store
    from relupool.experiments.studies import STUDIES

    with errors():
        for study in STUDIES.values():
            for found in Store.default().sets(study):
                e = found.runs[0].experiment
                print(f"{study.name}, {found.preset}: {found.seeds} seeds, {e.dtype}, {e.backend}, {e.dataset}")


@app.command()
def check() -> None:
    """Read every stored run strictly, and name the files that are not as they should be."""
    from relupool.experiments.store import Store

    problems = Store.default().check()
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise typer.Exit(1)
    print("every stored run is as it should be")


@app.command()
def add(files: Annotated[list[Path], typer.Argument(help="Runs in _build/results/STUDY.")]) -> None:
    """Put training runs of your own, and the weights they keep, among those that the book shows, in data/results."""
    from relupool.experiments import weights

    with errors():
        for path in weights.add(files):
            print(path)


@app.command()
def migrate(folder: Annotated[Path, typer.Argument(help="Where results of an older schema lie.")]) -> None:
    """Bring stored runs of an older schema to the present one, without training."""
    from relupool.experiments import weights

    with errors():
        for path in weights.migrate(folder):
            print(path)
