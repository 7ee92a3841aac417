"""A book of one chapter, as executed notebooks leave it, without a kernel: for the tests of staging and rendering."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import frames
from relupool import files
from relupool.book import address
from relupool.book.chapter import TOLD_OF_A_FIGURE
from relupool.book.parameters import declared
from relupool.experiments.data import standardize
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.figures import style
from relupool.figures.figure import Figure, save, short
from relupool.figures.glass import window
from relupool.figures.maps import first_layer
from relupool.measures.estimate import Estimate
from relupool.measures.grid import DESIGN
from relupool.site import downloads, stage, website
from relupool.site.first_page import Mixed, mixer
from relupool.theory.regions import Affine, relu, square

REPOSITORY = Path(__file__).parents[1]
PAGE = "chapters/01_example"
PARAMETERS = """size: int = 3  # side of the window; pixels; 1 to 8
activation: str = "relu"  # what is tried; none; one of relu, silu"""
TEXT = r"""# Max and ReLU

:::{prf:theorem} They commute
:label: thm-example
For non-decreasing $\varphi$: $\varphi(\max_i x_i) = \max_i \varphi(x_i)$.
:::

See {numref}`fig-example`, {prf:ref}`thm-example` and {cite:t}`someone2011`.

:::{exercise} A slope
:label: ex-example
Which slopes?
:::

:::{solution} ex-example
:class: dropdown
Those that are not negative.
:::

```{pool-window}
:name: window
:values: -2 -1 3 0.5 -4 1 2 -0.5 -3
:task: Make the "orders" agree.
```

```{pool-window}
:values: -2 -1 -3 -0.5 -4 -1 -2 -0.5 -3
:activation: gelu
```

| a | table | that | is | wider | than | a | telephone |
|---|---|---|---|---|---|---|---|
| 0.123456789 | 0.123456789 | 0.123456789 | 0.123456789 | 0.123456789 | 0.123456789 | 0.123456789 | 0.123456789 |
"""
BOARD = """```{training-board}
:name: board
:link: 01_example.ipynb#fig-example
```
"""
REPOSITORY_ADDRESS, ADDRESS = "https://github.com/someone/book", "https://example.org/a/book/"
GUESSES = """
```{guess} Which *slopes* are there?
:choices: all | those that are not $m < 0$ | none
:right: those that are not $m < 0$

By {prf:ref}`thm-example`.
```

```{guess} How many?
:range: 0 to 100 %
:right: 27

So it is.
```
"""
LINE = "done " * 60 + "\n"
INJECTED = {"tags": ["injected-parameters"]}
RECORD = {
    "chapter": "01_example",
    "parameters": {"size": 5, "activation": "relu"},
    "build": {"preset": "standard", "fresh": False},
    "declared": [parameter.to_json() for parameter in declared(PARAMETERS)],
    "data": {
        "name": "cifar10",
        "folder": "/somewhere/data",
        "sha256": "ab" * 32,
        "note": "",
        "how": "folder",
        "why": [],
    },
    "started": "2026-11-22T13:00:00Z",
    "seconds": 12.3,
    "device": "a processor",
    "device_kind": "cpu",
    "backend": "tensorflow",
    "commit": "0123456789abcdef",
    "clean": True,
    "versions": {"keras": "3.15.1", "python": "3.12.1"},
    "cells": [],
    "figures": ["fig-example", "fig-grid"],
    "runs": [],
}


@cache
def figure() -> Figure:
    """A line, with mathematics in its caption."""
    frame = pd.DataFrame({"x": [-1.0, 0.0, 1.0], "y": [0.0, 0.0, 1.0]})
    with style.scoped():
        plot, axes = style.canvas(3.0)
        axes.plot(frame["x"], frame["y"], color=style.BLUE)
    caption, alt = r"A hinge. It is $\max(0, x)$.", "A line that is flat to the left of zero and rises to the right."
    return Figure(id="fig-example", plot=plot, frame=frame, caption=caption, alt=alt, basis="computed here")


@cache
def stored() -> Figure:
    """The same line, as if five stored runs had made it."""
    basis = "CIFAR-10; 3,000 training steps; 3 seeds for each network; float32 with TensorFlow on a CPU."
    caption = "A stored hinge. It is the same."
    return evolve(
        figure(),
        id="fig-grid",
        caption=caption,
        basis=basis,
        runs=tuple(f"{n:064x}" for n in range(5)),
        tag=short(basis),
    )


@cache
def figure_files() -> dict[str, bytes]:
    """The files of both figures by their names, as relupool.book.chapter.show saves them."""
    with tempfile.TemporaryDirectory() as folder:
        saved = [save(shown, folder) for shown in (figure(), stored())]
        return {path.name: path.read_bytes() for files in saved for path in files.values()}


@cache
def networks() -> tuple[Mixed, ...]:
    """The sixteen networks of the mixer, with accuracies from 30 to 60 %."""
    return tuple(
        Mixed(
            on=tuple(sign > 0 for sign in signs),
            accuracy=Estimate(values=[0.3 + 0.02 * place + 0.001 * seed for seed in range(3)], steps=3_000),
        )
        for place, signs in enumerate(sorted(DESIGN.values()))
    )


@cache
def glass() -> list[dict[str, Any]]:
    """Windows of a network with two inputs: a bend for each part that is on, upright for conv, level for max."""
    bends = {"conv": (3.0, 0.0, -1.0), "dense": (0.0, 0.0, 1.0), "max": (0.0, 3.0, -2.0)}
    windows = []
    for switched in product((True, False), repeat=3):
        on = [part for part, there in zip(bends, switched, strict=True) if there]
        weights = np.array([bends[part] if part in on else (0.0, 0.0, 0.0) for part in bends])
        steps = [Affine(lambda x, w=weights: x @ w[:, :2].T + w[:, 2]), relu(len(bends))]
        windows.append(window(square(steps, np.zeros(2), np.eye(2)[0], np.eye(2)[1]), on=on))
    return windows


@cache
def maps() -> dict[str, Any]:
    """Three noisy photographs and a layer with four filters, the last of which is nowhere positive."""
    random = np.random.default_rng(0)
    photographs = random.integers(0, 256, (3, 24, 24, 3), np.uint8)
    bias = np.array([0.1, -0.2, 0.3, -100])
    kernel = random.normal(scale=0.2, size=(5, 5, 3, 4))
    return first_layer(photographs, standardize(photographs), kernel, bias, names=("ape", "bee", "cow"), tag="made up")


def figure_output(shown: Figure | None = None) -> Any:
    """What relupool.book.chapter.show leaves in a notebook."""
    shown = shown or figure()
    told = {name: getattr(shown, name) for name in TOLD_OF_A_FIGURE}
    return new_output(
        "display_data",
        data={"image/svg+xml": figure_files()[f"{shown.id}.svg"].decode(), "text/plain": shown.alt},
        metadata={"relupool": {"figure": told}},
    )


def notebook(*extra_cells: Any) -> Any:
    """The executed chapter, with the marks that papermill leaves."""
    cells = [
        new_markdown_cell(TEXT.split("\n\n")[0], id="title"),
        new_code_cell(PARAMETERS, id="parameters", execution_count=1, metadata={"tags": ["parameters"]}),
        new_code_cell("# Parameters\nsize = 5", id="injected", execution_count=2, metadata=INJECTED),
        new_markdown_cell(TEXT.split("\n\n", 1)[1], id="text"),
        new_markdown_cell(GUESSES, id="elements"),
        new_code_cell("show(f)", id="figure", execution_count=3, outputs=[figure_output()]),
        new_code_cell("show(g)", id="stored", execution_count=4, outputs=[figure_output(stored())]),
        new_code_cell("print(line)", id="print", execution_count=5, outputs=[new_output("stream", text=LINE)]),
        *extra_cells,
    ]
    papermill = {"input_path": "/somewhere/chapters/01_example.ipynb", "output_path": "/somewhere/out.ipynb"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    language = {"name": "python", "version": "3.12.1"}
    return new_notebook(cells=cells, metadata={"papermill": papermill, "kernelspec": kernel, "language_info": language})


def write(root: Path, *, executed: Any = None, **record: Any) -> Path:
    """Lay the book out in ``root``; ``record`` overrides parts of what was recorded of the chapter."""
    (root / "chapters").mkdir(parents=True)
    config = (REPOSITORY / "_config.yml").read_text()
    (root / "_config.yml").write_text(re.sub(r'^  (url|baseurl): ".*"$', r'  \1: ""', config, flags=re.M))
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nparts:\n- caption: One\n  numbered: 2\n  chapters:\n  - file: {PAGE}\n"
        "- caption: Two\n  chapters:\n  - file: figures/index\n  - file: runs\n  - file: chapters/references\n"
    )
    (root / "CITATION.cff").write_text(
        "cff-version: 1.2.0\ntitle: A Book\nauthors: [{given-names: Ada, family-names: Writer}]\nversion: 1.2.0\n"
        "date-released: 2026-11-22\n"
    )
    (root / "references.bib").write_text(
        "@book{someone2011, author={Some One}, title={A Title}, publisher={P}, year={2011}}"
    )
    (root / "index.md").write_text(
        f"# A Book\n\n```{{raw}} html\n{mixer(networks(), None, pictures='')}\n```\n\n"
        "[The example](chapters/01_example.ipynb)\n\n"
        f"It proves {{prf:ref}}`thm-example`.\n\n```{{stained-glass}}\n{json.dumps(glass())}\n```\n\n"
        f"```{{feature-maps}}\n{json.dumps(maps())}\n```\n"
    )
    (root / "chapters/references.md").write_text(f"# References\n\n```{{bibliography}}\n```\n\n{BOARD}")
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Max and ReLU", id="title")]), root / f"{PAGE}.ipynb")
    folder = root / "_build" / PAGE
    folder.mkdir(parents=True)
    nbformat.write(executed or notebook(), folder / "executed.ipynb")
    files.write_whole(folder / "record.json", files.sealed(RECORD | record))
    (folder / "figures").mkdir()
    for name, data in figure_files().items():
        (folder / "figures" / name).write_bytes(data)
    return root


def staged(root: Path, made: Callable[[Path], Path] = stage.stage) -> Path:
    """Stage the book in ``root``, without a search for counterexamples, which imports Keras."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "theorems", lambda backend: (None, None))
        return made(root)


def built(root: Path) -> Path:
    """Build the site of the book in ``root``, which is returned, in the same way."""
    staged(root, website.build)
    return root


def publish(root: Path) -> Path:
    """Give the book in ``root`` a repository, and an address at which its site is published."""
    config = root / "_config.yml"
    config.write_text(config.read_text().replace('baseurl: ""', f'baseurl: "{ADDRESS}"', 1))
    address.move(REPOSITORY_ADDRESS, root)
    return root


def add_results(root: Path) -> None:
    """Store made-up runs of the first ablations at preset quick in the book's ``data/results``."""
    ends = {label: 1 / (place + 2) for place, label in enumerate(FIRST_ABLATIONS.networks)}
    frames.stored(root / "data" / "results", FIRST_ABLATIONS, ends, preset="quick")


def contents(folder: Path) -> dict[str, bytes]:
    """The files below ``folder``, but for hidden ones, which tools leave there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()}
