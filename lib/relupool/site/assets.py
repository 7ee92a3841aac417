"""Fonts and icons that the site serves, cut down to what its pages need; and what it need not carry at all.

The book's own letters come as Python packages under the SIL Open Font License, which wants a font that was changed to
have another name. The theme's icon font is 150 kB that a reader's first page would load.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from relupool.figures.style import font_file

FONTS = "fonts"
"""The folder below ``_static``; the faces are declared in ``site.css``."""

CHARACTERS = (
    *range(0x20, 0x7F), *range(0xA0, 0x180),  # Latin
    *range(0x2010, 0x2027), 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC,  # punctuation
    *range(0x2070, 0x209D), 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x221E,  # numbers
    *range(0x370, 0x3FF),  # Greek
)  # fmt: skip

FACES = {
    "book-serif": ("font_source_serif_pro", "SourceSerifPro-Regular.otf"),
    "book-serif-italic": ("font_source_serif_pro", "SourceSerifPro-It.otf"),
    "book-serif-bold": ("font_source_serif_pro", "SourceSerifPro-Semibold.otf"),
    "book-sans": ("font_source_sans_pro", "SourceSansPro-Regular.otf"),
    "book-sans-bold": ("font_source_sans_pro", "SourceSansPro-Semibold.otf"),
}
"""The name that a file gets, and the package and file that it is cut from."""

ICONS = "fa-solid-900"
SHEET = "styles/pydata-sphinx-theme.css"
SOURCE = re.compile(rf"url\(([^)]*{ICONS})\.woff2\) *format\(\"woff2\"\)[^;}}]*")
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
SIGN = re.compile(r'"\\([ef][0-9a-f]{3})"')
NAME = re.compile(r"\bfa-([a-z0-9-]+)")

UNUSED = ("**/*.map", "scripts/fontawesome.js*", "**/*.ttf", "locales", "**/*webpack-macros.html", "**/*.LICENSE.txt")
"""Below ``_static``: what no corrected page asks for. The icons are in the woff font."""


def finish(static: Path, pages: Iterable[Path]) -> None:
    """Write the letters and the icons of ``pages`` to ``static``, and delete there what is not used.

    Equal input gives equal bytes.
    """
    cut_icons(static, pages)
    (static / FONTS).mkdir(parents=True, exist_ok=True)
    for name, face in FACES.items():
        (static / FONTS / f"{name}.woff").write_bytes(cut(font_file(*face), CHARACTERS, name=name))
    (static / FONTS / "LICENSE.txt").write_bytes(font_file(FACES["book-serif"][0], "LICENSE.txt").read_bytes())
    for path in [path for pattern in UNUSED for path in static.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def cut(font: Path, characters: Iterable[int], *, name: str = "") -> bytes:
    """What ``font`` has of ``characters``, as WOFF, under another ``name`` if one is given."""
    options = subset.Options(flavor="woff", recalc_timestamp=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(characters))
    loaded = TTFont(font, recalcTimestamp=False)
    subsetter.subset(loaded)
    if name:
        for record in loaded["name"].names:
            if record.nameID in (1, 3, 4, 6, 16):  # family, unique name, full name, PostScript's, typographic family
                record.string = name
        if "CFF " in loaded:
            loaded["CFF "].cff.fontNames = [name]
    buffer = io.BytesIO()
    subset.save_font(loaded, buffer, options)
    return buffer.getvalue()


def cut_icons(static: Path, pages: Iterable[Path]) -> None:
    """Replace the theme's font below ``static`` by one with the icons that style sheets, scripts and ``pages`` name.

    The theme brings the font as TrueType too, which is what is cut.
    """
    users = (*pages, *static.rglob("*.js"))
    named = {name for path in users for name in NAME.findall(path.read_text(encoding="utf-8"))}
    signs = {sign for path in static.rglob("*.css") for sign in _signs(path.read_text(encoding="utf-8"), named)}
    for font in sorted(static.rglob(f"{ICONS}.ttf")):
        font.with_suffix(".woff").write_bytes(cut(font, signs))
        font.with_suffix(".woff2").unlink(missing_ok=True)
    sheet = static / SHEET
    sheet.write_text(SOURCE.sub(r'url(\1.woff) format("woff")', sheet.read_text(encoding="utf-8")), encoding="utf-8")


def _signs(css: str, named: set[str]) -> set[int]:
    """The characters of the icons ``named``, and of those that rules of ``css`` show without naming an icon."""
    return {
        int(sign, 16)
        for selector, body in RULE.findall(css)
        if not (names := NAME.findall(selector)) or named.intersection(names)
        for sign in SIGN.findall(body)
    }
