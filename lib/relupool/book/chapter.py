"""What a chapter calls while it runs: parameters checked, figures shown, values told to the text.

It works the same in papermill, in JupyterLab and in a build, which alone has a folder for the files of figures. What a
chapter trains, or loads of what was trained, comes from :mod:`relupool.book.runs`.
"""

from __future__ import annotations

from typing import Any

from IPython import get_ipython
from IPython.display import display

from relupool.book import parameters, prose
from relupool.book.build import Build
from relupool.figures.figure import Figure, render, save

TOLD_OF_A_FIGURE = ("id", "caption", "title", "alt", "basis", "tag")

used: dict[str, parameters.Value] = {}
"""The parameters that this kernel was found to have when it checked them, for its record."""


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
    used.clear()
    used.update(parameters.check(declared, {parameter.name: shell.user_ns[parameter.name] for parameter in declared}))


def _last_declaration(cells: list[str]) -> tuple[int, tuple[parameters.Parameter, ...]]:
    for place in range(len(cells) - 1, -1, -1):
        try:
            if declared := parameters.declared(cells[place], edited=True):
                return place, declared
        except ValueError:
            continue
    raise ValueError(f"no parameters cell has run: run it first; it has {parameters.FORM} for each parameter")


def show(figure: Figure) -> None:
    """Display ``figure``, and in a build save its files. A cell shows at most one, as its last line."""
    if folder := Build.from_environ().figures:
        save(figure, folder)
    rendered = render(figure, "svg", "png")
    display(
        # an SVG is shown only in notebooks that are trusted; others show the PNG
        {"image/svg+xml": rendered["svg"].decode(), "image/png": rendered["png"], "text/plain": figure.alt},
        metadata={"relupool": {"figure": {name: getattr(figure, name) for name in TOLD_OF_A_FIGURE}}},
        raw=True,
    )


def say(markdown: str) -> None:
    """Display a computed sentence or box; MyST's roles and directives are allowed."""
    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def tell(**values: Any) -> None:
    """Let the text quote ``values``: after ``tell(gap=estimate)`` it may say {{ gap.points }}.

    Values are numbers, texts, lists, frames, and frozen values such as an Estimate; see :mod:`relupool.book.prose`.
    """
    plain = {name: prose.plain(value) for name, value in values.items()}
    listed = "\n".join(f"{name} = {value}" for name, value in plain.items())
    display({prose.MIME: plain, "text/plain": listed}, raw=True)


def checked(sentence: str) -> None:
    """Display that something was tried and what came out, in one line of small print."""
    say(f"```{{div}} checked\n{sentence}\n```")
