"""What a chapter calls while it runs: parameters checked, figures shown, numbers and sentences put into the text.

It works the same in papermill, in JupyterLab and in a build, which says by environment variables what it wants:
RELUPOOL_DATASET, RELUPOOL_FIGURES, RELUPOOL_RESULTS, RELUPOOL_PRESET, RELUPOOL_FRESH.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import display
from myst_nb import glue

from relupool.book import parameters
from relupool.experiments.data import DataRecord, Images, load
from relupool.figures.figure import Figure, render, save
from relupool.validation import refuse

if TYPE_CHECKING:
    from relupool.experiments.experiment import Experiment
    from relupool.experiments.run import Run
    from relupool.experiments.store import Store

PRESETS = ("quick", "standard", "paper")


def check_parameters() -> None:
    """Refuse what papermill or a reader has set wrongly: a name, a type, a value out of the range declared for it.

    Stands in the cell after the ``parameters`` cell, which it finds among the cells that this kernel has run.
    """
    shell = get_ipython()
    cells: list[str] = shell.user_ns["In"]
    place, declared = _last_declaration(cells)
    injected = [cell for cell in cells[place + 1 :] if cell.startswith("# Parameters\n")]  # papermill's first line
    for cell in injected:
        parameters.check(declared, parameters.assigned(cell))
    parameters.check(declared, {parameter.name: shell.user_ns[parameter.name] for parameter in declared})


def _last_declaration(cells: list[str]) -> tuple[int, tuple[parameters.Parameter, ...]]:
    for place in range(len(cells) - 1, -1, -1):
        try:
            if declared := parameters.declared(cells[place]):
                return place, declared
        except ValueError:
            continue
    raise ValueError(f"no parameters cell has run: run it first; it has {parameters.FORM} for each parameter")


def show(figure: Figure) -> None:
    """Display ``figure``, and in a build save its files. A cell shows at most one, as its last line."""
    if folder := os.environ.get("RELUPOOL_FIGURES"):
        save(figure, folder)
    rendered = render(figure, "svg", "png")
    display(
        # an SVG is shown only in notebooks that are trusted; others show the PNG
        {"image/svg+xml": rendered["svg"].decode(), "image/png": rendered["png"], "text/plain": figure.alt},
        metadata={"relupool": {"figure": {name: getattr(figure, name) for name in ("id", "caption", "alt", "basis")}}},
        raw=True,
    )


def say(markdown: str) -> None:
    """Display a computed sentence or box; MyST's roles and directives are allowed."""
    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def number(name: str, value: Any, format: str = "") -> None:
    """Let the text quote ``value`` as {glue:text}`name`, written by ``format``: number("gap", 0.0312, ".1%")."""
    glue(name, _Text(f"{value:{format}}"), display=False)


class _Text(str):
    """Text that is shown without quotation marks."""

    __repr__ = str.__str__


def preset() -> str:
    """The size of training that this build asks for: "quick", "standard" or "paper"."""
    wanted = os.environ.get("RELUPOOL_PRESET", "quick")
    if wanted not in PRESETS:
        refuse("RELUPOOL_PRESET", wanted, "one of " + ", ".join(PRESETS))
    return wanted


def fresh() -> bool:
    """Whether this build trains again what its figures show, instead of loading stored results."""
    wanted = os.environ.get("RELUPOOL_FRESH", "0")
    if wanted not in ("0", "1"):
        refuse("RELUPOOL_FRESH", wanted, "0 or 1")
    return wanted == "1"


@cache
def images() -> Images:
    """The data set of this build, the same for every chapter; outside a build, the one that is at hand."""
    if record := os.environ.get("RELUPOOL_DATASET"):
        return load(DataRecord.from_json(Path(record).read_text(encoding="utf-8")))
    found = load()
    if found.name == "synthetic":  # in a build, the page says so
        say("**Synthetic images stand in for CIFAR-10 here.** The numbers are not those of CIFAR-10.")
    return found


@cache
def store() -> Store:
    """The stored results: the book's own, and those of this machine."""
    from relupool.experiments.store import Store

    return Store.default()


def train_live(experiments: Mapping[str, Experiment]) -> dict[str, Run]:
    """Train each labelled experiment on :func:`images` now, with one line of print for each, and keep the runs.

    The runs go to the store of this machine (``_build/results``), not to the book's.
    """
    from relupool.experiments.training import train

    runs = {}
    for label, experiment in experiments.items():
        run = train(experiment, images())
        end = (
            f"diverged at step {run.diverged_at}"
            if run.diverged_at
            else f"{run.evaluations[-1].accuracy:.1%} of the test images right"
        )
        print(f"{label}: {experiment.schedule.steps:,} steps in {run.provenance['seconds']:.0f} s, {end}")
        runs[label] = run
    return runs
