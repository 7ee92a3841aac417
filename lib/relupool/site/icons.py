"""The theme's icon font, cut down to the icons that the site uses: 150 kB less for a reader's first page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from relupool.site.fonts import cut

FONT = "fa-solid-900"
SHEET = "styles/pydata-sphinx-theme.css"
SOURCE = re.compile(rf"url\(([^)]*{FONT})\.woff2\) *format\(\"woff2\"\)[^;}}]*")
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
SIGN = re.compile(r'"\\([ef][0-9a-f]{3})"')


def cut_down(static: Path, pages: Iterable[Path]) -> None:
    """Replace the font below ``static`` by one with the icons that its style sheets, scripts and ``pages`` name.

    The theme brings the font as TrueType too, which is what is cut; where that is gone, all was done before.
    """
    sheet = static / SHEET
    fonts = sorted(static.rglob(f"{FONT}.ttf"))
    if not fonts or not sheet.is_file():
        return
    named = {name for path in (*pages, *static.rglob("*.js")) for name in _names(path.read_text(encoding="utf-8"))}
    signs = {sign for path in static.rglob("*.css") for sign in _signs(path.read_text(encoding="utf-8"), named)}
    for font in fonts:
        font.with_suffix(".woff").write_bytes(cut(font, signs))
        font.with_suffix(".woff2").unlink(missing_ok=True)
    css = sheet.read_text(encoding="utf-8")
    sheet.write_text(SOURCE.sub(r'url(\1.woff) format("woff")', css), encoding="utf-8")


def _names(text: str) -> list[str]:
    return re.findall(r"\bfa-([a-z0-9-]+)", text)


def _signs(css: str, named: set[str]) -> set[int]:
    """The characters of the icons ``named``, and of those that rules of ``css`` show without naming an icon."""
    found = set()
    for selector, body in RULE.findall(css):
        names = _names(selector)
        if not names or named.intersection(names):
            found |= {int(sign, 16) for sign in SIGN.findall(body)}
    return found
