"""What readers can play with on a page: HTML that a directive has made, and scripts that only such pages load.

.. code-block:: text

    ```{pool-window}
    :values: -2 -1 3 0.5 -4 1 2 -0.5 -3
    :activation: gelu
    :task: Make the two orders agree.
    ```

is a window of numbers to change, row by row, and what both orders make of it with max and average; ``activation`` is
the one that it begins with (default relu), one of :data:`CHOICES`; ``task`` is a sentence above it for those who can
play, so where no script runs it is left out.

.. code-block:: text

    ```{training-board}
    :link: chapters/04_the_experiment.ipynb
    ```

is small networks that train on the reader's machine. ``link`` is the page to which the toy leads: a document of the
book as seen from the folder of the page that has the directive, with or without a ``#fragment``.

Each may have a ``name``, its id. The page holds the outcome as a table, computed while it is built; where scripts run
they take its place.

.. code-block:: text

    ```{stained-glass}
    {{ glass | tojson }}
    ```

is the windows of :func:`relupool.figures.glass.window`, one for each setting of the switches, and ``feature-maps`` in
the same way what :func:`relupool.figures.maps.first_layer` makes: both are drawn on the page, and scripts let readers
choose. ``guess`` is a directive of :mod:`relupool.site.guess`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from attrs import frozen
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from relupool.site.templates import fill
from relupool.theory import tiny_network as tiny
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Function


class element(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils writes its nodes so
    """An element in the tree of a document; ``name`` is its directive's, and ``html`` is what the page gets."""


@frozen
class Choice:
    """An activation that an element offers: the words for it and the function, float64."""

    label: str
    function: Function


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        "relu": Choice("ReLU", ACTIVATIONS["relu"]),
        "leaky_relu": Choice("leaky ReLU, slope 0.2", ACTIVATIONS["leaky_relu"]),
        "elu": Choice("ELU", ACTIVATIONS["elu"]),
        "softplus": Choice("softplus", ACTIVATIONS["softplus"]),
        "tanh": Choice("tanh", ACTIVATIONS["tanh"]),
        "sigmoid": Choice("sigmoid", ACTIVATIONS["sigmoid"]),
        "silu": Choice("SiLU", ACTIVATIONS["silu"]),
        "gelu": Choice("GELU", ACTIVATIONS["gelu"]),
        "abs": Choice("absolute value", np.abs),
        "square": Choice("square", np.square),
        "negative": Choice("\N{MINUS SIGN}x", np.negative),
        "linear": Choice("no activation", ACTIVATIONS["linear"]),
    }
)
"""By the name that the directive takes, in the order that the script offers them in; the script has them too."""


class PoolWindow(SphinxDirective):
    """Reads nine numbers, the window row by row, and the activation to begin with."""

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("values", "name", "activation", "task"), directives.unchanged
    )

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if the values are not nine finite numbers or the activation is unknown."""
        text = self.options.get("values", "")
        try:
            values = [float(word) for word in text.split()]
        except ValueError:
            values = []
        if len(values) != 9 or not all(map(math.isfinite, values)):
            raise self.error(f"pool-window: values is {text!r}, but must be nine finite numbers")
        activation = self.options.get("activation", "relu")
        if activation not in CHOICES:
            raise self.error(f"pool-window: activation is {activation!r}, but must be one of {', '.join(CHOICES)}")
        name = self.options.get("name", f"pool-window-{self.env.new_serialno('pool-window')}")
        return [element(name="pool-window", html=window_html(values, name, activation, self.options.get("task", "")))]


def window_html(values: list[float], name: str, activation: str = "relu", task: str = "") -> str:
    """The window with what it shows without scripts: both orders with max-pooling and with average-pooling."""
    choice, window, pools = CHOICES[activation], np.array(values), (np.max, np.mean)
    first = [float(choice.function(pool(window))) for pool in pools]
    last = [float(pool(choice.function(window))) for pool in pools]
    return fill(
        "pool_window",
        name=name,
        values=" ".join(f"{value:g}" for value in values),
        activation=activation,
        task=task,
        caption=f"The window {', '.join(map(_shown, values))}, with {choice.label}",
        rows={"pool first": map(_shown, first), "activation first": map(_shown, last)},
        outcomes=[_compared(*orders) for orders in zip(first, last, strict=True)],
    )


def _shown(value: float) -> str:
    return f"{value + 0.0:.4g}".replace("-", "\N{MINUS SIGN}")  # there is no minus zero


def _compared(first: float, last: float) -> tuple[str, bool]:
    """What the table says of two results, and whether they are the same, but for the rounding of sums."""
    if math.isclose(first, last, rel_tol=1e-9, abs_tol=1e-9):
        return "= same", True
    return f"\N{NOT EQUAL TO} by {_shown(abs(first - last))}", False


ROWS = {"before": "ReLU, then the pool", "none": "no ReLU", "after": "the pool, then ReLU"}
COLUMNS = {"max": "max-pool", "average": "average-pool"}
SEED = 1
"""Of the pictures and first weights that the board begins with."""


class TrainingBoard(SphinxDirective):
    """Finds the page that the board leads to, and runs the networks."""

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(("link", "name"), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if there is no such page."""
        path, _, fragment = self.options.get("link", "").partition("#")
        target = self.env.relfn2path(path)[0].rpartition(".")[0]
        if target not in self.env.found_docs:
            raise self.error(f"training-board: link is {path!r}, but must be a document of the book")
        link = "../" * self.env.docname.count("/") + f"{target}.html" + (f"#{fragment}" if fragment else "")
        name = self.options.get("name", f"training-board-{self.env.new_serialno('training-board')}")
        return [element(name="training-board", html=board_html(link=link, name=name))]


def board_html(*, link: str, name: str) -> str:
    """The board with what it shows without scripts: accuracy and curve of each network, in both orders."""
    runs = tiny.run(SEED)
    rows = {head: [_cell(runs, relu, pool) for pool in COLUMNS] for relu, head in ROWS.items()}
    return fill("training_board", name=name, seed=SEED, link=link, columns=list(COLUMNS.values()), rows=rows, tiny=tiny)


def _cell(runs: dict[str, tiny.Run], relu: str, pool: str) -> dict[str, str]:
    """A network on the board: its name, the per cent that it reached, its learning curve, and what to note of it."""
    network = f"{relu}-{pool}"
    accuracies, note = runs[network].accuracies, ""
    if relu == "after":
        many = tiny.differing(runs[f"before-{pool}"], runs[network])
        note = f"{many} of its {tiny.PARAMETERS} weights differ from those of the first row"
    elif network == "none-average":
        note = "nothing bends: it is one matrix"
    ends = len(accuracies) - 1
    points = " ".join(f"{100 * place / ends:.0f},{100 - 100 * value:.1f}" for place, value in enumerate(accuracies))
    return {"network": network, "reached": f"{100 * accuracies[-1]:.0f}", "points": points, "note": note}


class Drawn(SphinxDirective):
    """An element that a chapter has drawn: the macro of its name makes HTML of the JSON that is its content."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """One node."""
        return [element(name=self.name, html=fill(self.name.replace("-", "_"), json.loads("\n".join(self.content))))]


def add_element(app: Any, name: str, directive: type, scripts: Sequence[str]) -> None:
    """Offer ``directive`` as ``name`` to Sphinx, and load ``scripts`` on pages that hold such an element."""
    app.add_node(element, override=True, html=(_visit_html, None), latex=(_skip, None), text=(_skip, None))
    app.add_directive(name, directive)
    add_scripts(app, scripts, lambda doctree: any(found["name"] == name for found in doctree.findall(element)))


def add_scripts(app: Any, scripts: Sequence[str], wanted: Callable[[nodes.document], bool]) -> None:
    """Load ``scripts``, in their order, on those pages alone whose document is ``wanted``."""

    def add(app: Any, _: str, __: str, ___: dict[str, Any], doctree: nodes.document | None) -> None:
        if doctree is not None and wanted(doctree):
            for script in scripts:
                app.add_js_file(script, loading_method="defer")

    app.connect("html-page-context", add)


def _visit_html(translator: Any, node: element) -> None:
    translator.body.append(node["html"])
    raise nodes.SkipNode


def _skip(_: Any, __: element) -> None:
    raise nodes.SkipNode
