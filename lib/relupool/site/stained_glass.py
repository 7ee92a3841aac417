"""The directive ``{stained-glass}``: a plane of images, cut into the pieces of a network whose parts can be switched.

.. code-block:: text

    ```{stained-glass}
    {{ glass | tojson }}
    ```

Its content is a list of what :func:`relupool.figures.glass.window` makes, one for each setting of the switches. All of
them are drawn on the page; without scripts and in print the untouched network stands beside the one where nothing is
left. ``stained-glass.js`` adds the switches and a large window.
"""

from __future__ import annotations

import json
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from relupool.figures.glass import HEIGHT, WIDTH
from relupool.site.elements import add_element, element
from relupool.words import capital

SCRIPTS = ("activations.js", "stained-glass.js")
PARTS = {"conv": "conv ReLU", "dense": "dense ReLU", "max": "max-pooling"}
"""What can be switched, by the name that the windows have it by; without max-pooling, the pools are averages."""


class StainedGlass(SphinxDirective):
    """Reads the windows."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if there is not a window for each setting of the switches."""
        windows = json.loads("\n".join(self.content))
        if len({window["on"] for window in windows}) != 2 ** len(PARTS):
            raise self.error(f"stained-glass: {len(windows)} windows, but must be one for each setting of {[*PARTS]}")
        return [element(name="stained-glass", html=html_of(windows))]


def html_of(windows: list[dict[str, Any]]) -> str:
    """The element: every window with its number of pieces and what is on."""
    return f"<stained-glass><div class='windows'>{''.join(map(_window, windows))}</div></stained-glass>\n"


def _window(window: dict[str, Any]) -> str:
    on = window["on"].split()
    off = [name for part, name in PARTS.items() if part not in on]
    network = {
        0: "all three",
        1: f"without {off[0]}" if off else "",
        2: f"{PARTS[on[0]]} alone" if on else "",
        3: "nothing bends",
    }[len(off)]
    still = " still" if len(off) in {0, 3} else ""
    pieces = "1 piece" if window["pieces"] == 1 else f"{window['pieces']:,} pieces"
    paths = "".join(f"<path class='{hue}' fill-opacity='{shade}' d='{path}'/>" for hue, shade, path in window["panes"])
    return (
        f"<div class='window{still}' data-on='{window['on']}' data-pieces='{window['pieces']}'>"
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{capital(network)}: {pieces}'>{paths}</svg>"
        f"<p><strong>{pieces}</strong> {network}</p></div>"
    )


def register(app: Any) -> None:
    """Connect this module to Sphinx."""
    add_element(app, "stained-glass", StainedGlass, SCRIPTS)
