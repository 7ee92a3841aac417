"""One SVG for light and dark pages: drawn in the light colours, with a rule for each that a dark page applies.

Such a file stands in an ``<img>``; a browser evaluates its media query against the page's own colour scheme, so it
follows the switch on the page. Programs that know nothing of this (Inkscape, TeX) see a plain light picture.
"""

from __future__ import annotations

import io
import re
from html import escape

from matplotlib.figure import Figure as Plot

from relupool.figures.style import DARK

_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def adaptive(plot: Plot, *, id: str, title: str, description: str) -> str:
    """``plot`` as a transparent SVG with dark twins of its colours, a name and a description, and ids of its own.

    Call it inside :func:`relupool.figures.style.scoped`, which makes its bytes repeatable.
    """
    buffer = io.StringIO()
    plot.savefig(buffer, format="svg", transparent=True, metadata=_NO_METADATA)
    drawing = re.sub(r"<\?xml.*?<svg ", "<svg ", buffer.getvalue(), count=1, flags=re.S)
    drawing = re.sub(r'\bid="([^"]+)"', rf'id="{id}-\1"', drawing)  # two figures on one page must not share ids
    drawing = re.sub(r'(href="#|url\(#)([^")]+)', rf"\1{id}-\2", drawing)
    head = (
        f' role="img" aria-labelledby="{id}-title {id}-desc">\n'
        f' <title id="{id}-title">{escape(title)}</title>\n'
        f' <desc id="{id}-desc">{escape(description)}</desc>\n'
        f" <style>@media screen and (prefers-color-scheme:dark){{{_dark_rules(drawing)}}}</style>"
    )
    return re.sub(r"(<svg [^>]*?)>", lambda match: match[1] + head, drawing, count=1)


def _dark_rules(drawing: str) -> str:
    return "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in drawing
    )
