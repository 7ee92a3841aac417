"""The directive ``{pool-window}``: a window of numbers to change, and what both orders make of it.

.. code-block:: text

    ```{pool-window}
    :name: my-window
    :values: -2 -1 3 0.5 -4 1 2 -0.5 -3
    ```

The page holds the answer for ReLU as a table; where scripts run, ``pool-window.js`` puts the element in its place.
"""

from __future__ import annotations

import math
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

SCRIPT = "pool-window.js"


class pool_window(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils writes its nodes so
    """The element in the tree of a document; attributes ``values`` and ``name``."""


class PoolWindow(SphinxDirective):
    """Reads nine numbers, the window row by row."""

    option_spec: ClassVar[dict[str, Any]] = {"values": directives.unchanged_required, "name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if the values are not nine finite numbers."""
        text = self.options.get("values", "")
        try:
            values = [float(word) for word in text.split()]
        except ValueError:
            values = []
        if len(values) != 9 or not all(map(math.isfinite, values)):
            raise self.error(f"pool-window: values is {text!r}, but must be nine finite numbers")
        return [pool_window(values=values, name=self.options.get("name", "pool-window"))]


def html_of(values: list[float], name: str) -> str:
    """The element with what it shows without scripts: both orders of ReLU with max-pooling and with average-pooling."""
    relu = [max(value, 0.0) for value in values]
    rows = "".join(
        f"<tr><th scope='row'>{kind}-pooling</th><td>{before:.4g}</td><td>{after:.4g}</td></tr>"
        for kind, before, after in (
            ("max", max(relu), max(max(values), 0.0)),
            ("average", sum(relu) / len(relu), max(sum(values) / len(values), 0.0)),
        )
    )
    told = ", ".join(f"{value:g}" for value in values)
    given = " ".join(f"{value:g}" for value in values)
    return (
        f'<pool-window id="{escape(name)}" values="{given}"><table class="table"><caption>The window {told}, with ReLU'
        "</caption><thead><tr><th scope='col'></th><th scope='col'>ReLU, then pooling</th>"
        f"<th scope='col'>pooling, then ReLU</th></tr></thead><tbody>{rows}</tbody></table></pool-window>\n"
    )


def _visit_html(translator: Any, node: pool_window) -> None:
    translator.body.append(html_of(node["values"], node["name"]))
    raise nodes.SkipNode


def _skip(_: Any, __: pool_window) -> None:
    raise nodes.SkipNode


def _add_script(app: Any, _: str, __: str, ___: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is not None and next(doctree.findall(pool_window), None) is not None:
        app.add_js_file(SCRIPT, loading_method="defer")


def register(app: Any) -> None:
    """Connect this module to Sphinx; the script is loaded only by pages that use it."""
    app.add_node(pool_window, html=(_visit_html, None), latex=(_skip, None), text=(_skip, None))
    app.add_directive("pool-window", PoolWindow)
    app.connect("html-page-context", _add_script)
