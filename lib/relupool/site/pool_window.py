"""The directive ``{pool-window}``: a window of numbers to change, and what both orders make of it with max and average.

.. code-block:: text

    ```{pool-window}
    :name: my-window
    :values: -2 -1 3 0.5 -4 1 2 -0.5 -3
    :activation: gelu
    ```

``values`` are nine numbers, row by row; ``name`` is the element's id and ``activation`` the one that it begins with
(default relu), one of :data:`CHOICES`. The page holds the outcome as a table; where scripts run, ``pool-window.js``
puts the numbers and the choice in front of it and keeps it up to date.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from attrs import frozen
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from relupool.site import element
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.evidence import Function

SCRIPTS = ("activations.js", "pool-window.js")
POOLS: Mapping[str, Function] = MappingProxyType({"max": np.max, "average": np.mean})


@frozen
class Choice:
    """An activation that the element offers: the words for it and the function, float64."""

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

    option_spec: ClassVar[dict[str, Any]] = {
        "values": directives.unchanged_required,
        "name": directives.unchanged,
        "activation": directives.unchanged,
    }

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
        return [element.element(name="pool-window", html=html_of(values, name, activation))]


def html_of(values: list[float], name: str, activation: str = "relu") -> str:
    """The element with what it shows without scripts: both orders with max-pooling and with average-pooling."""
    choice, window = CHOICES[activation], np.array(values)
    rows = {
        "pool first": [float(choice.function(pool(window))) for pool in POOLS.values()],
        "activation first": [float(pool(choice.function(window))) for pool in POOLS.values()],
    }
    body = "".join(
        f"<tr><th scope='row'>{order}</th>{''.join(f'<td>{_shown(value)}</td>' for value in results)}</tr>"
        for order, results in rows.items()
    )
    outcomes = "".join(_outcome(first, last) for first, last in zip(*rows.values(), strict=True))
    heads = "".join(f"<th scope='col'>{pool}-pool</th>" for pool in POOLS)
    given = [f"{value:g}" for value in values]
    return (
        f'<pool-window id="{escape(name)}" values="{" ".join(given)}" activation="{activation}"><table class="table">'
        f"<caption>The window {', '.join(map(_shown, values))}, with {choice.label}</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}<tr class='outcome'><th scope='row'>compared</th>"
        f"{outcomes}</tr></tbody></table></pool-window>\n"
    )


def _shown(value: float) -> str:
    return f"{value + 0.0:.4g}".replace("-", "\N{MINUS SIGN}")  # there is no minus zero


def _outcome(first: float, last: float) -> str:
    if math.isclose(first, last, rel_tol=1e-9, abs_tol=1e-9):  # sums of doubles are rounded
        return "<td data-same='true'>= same</td>"
    return f"<td data-same='false'>\N{NOT EQUAL TO} by {_shown(abs(first - last))}</td>"


def register(app: Any) -> None:
    """Connect this module to Sphinx."""
    element.register(app, "pool-window", PoolWindow, SCRIPTS)
