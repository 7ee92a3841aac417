"""What readers can play with on a page: HTML that a directive has made, and scripts that only such pages load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docutils import nodes


class element(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils writes its nodes so
    """An element in the tree of a document; ``name`` is its directive's, and ``html`` is what the page gets."""


def register(app: Any, name: str, directive: type, scripts: Sequence[str]) -> None:
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
