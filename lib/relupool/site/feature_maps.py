"""The directive ``{feature-maps}``: an image, a channel, an activation and a pooling to choose, in both orders.

.. code-block:: text

    ```{feature-maps} fig-feature-maps
    ```

Its argument is the figure that stands there without scripts, and until the maps are there; ``name`` is the element's
id. A chapter keeps the maps as :data:`relupool.site.maps.FILE` beside that figure. ``feature-maps.js`` loads them when
the element comes into view; it pools, activates and compares.
"""

from __future__ import annotations

import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from relupool.site.elements import add_element, element
from relupool.site.maps import FILE

SCRIPTS = ("activations.js", "feature-maps.js")
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "abs", "silu", "gelu", "linear")
"""What the element offers of :data:`relupool.site.elements.CHOICES`, in the script's order."""


class FeatureMaps(SphinxDirective):
    """Finds the maps and the figure among the staged files."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """One node; an error of the document if no chapter has left such a figure, or none has left maps."""
        folder = Path(self.env.srcdir) / "extra" / "figures"
        record, maps = folder / f"{self.arguments[0]}.json", folder / FILE
        for path in (record, maps):
            if not path.is_file():
                raise self.error(f"feature-maps: no executed chapter has left {path.name}; execute its chapter again")
            self.env.note_dependency(str(path))
        html = html_of(
            json.loads(record.read_text(encoding="utf-8")),
            version=hashlib.sha256(maps.read_bytes()).hexdigest()[:8],
            up="../" * self.env.docname.count("/"),
            name=self.options.get("name", f"feature-maps-{self.env.new_serialno('feature-maps')}"),
        )
        return [element(name="feature-maps", html=html)]


def html_of(record: dict[str, Any], *, version: str, up: str, name: str) -> str:
    """The element, with the figure of ``record`` in it, how to read it and what was run to make it.

    ``version`` keeps browsers from using older maps; ``up`` leads from the page to the root of the site.
    """
    made_in = f'<a href="{up}{record["chapter"]}.html#{record["id"]}">{escape(record["chapter_title"])}</a>'
    return (
        f'<feature-maps id="{escape(name)}" src="{up}figures/{FILE}?v={version}">'
        f'<img class="fig-auto" src="{up}figures/{record["id"]}.svg" alt="{escape(" ".join(record["alt"].split()))}">'
        f'<p class="fig-basis">Blue is below zero, orange above; a dot marks a window where the two orders differ. '
        f"{escape(record['basis'].rstrip('.'))}. Computed in {made_in}.</p></feature-maps>\n"
    )


def register(app: Any) -> None:
    """Connect this module to Sphinx."""
    add_element(app, "feature-maps", FeatureMaps, SCRIPTS)
