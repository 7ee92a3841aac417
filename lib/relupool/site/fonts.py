"""The book's own letters, served by the site: what the pages can need of two open fonts, as small files.

Both come as Python packages under the SIL Open Font License, which wants a font that was changed to have another name.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from attrs import frozen
from fontTools import subset
from fontTools.ttLib import TTFont

from relupool.figures.style import font_file

FOLDER = "fonts"
"""Below ``_static``; the faces are declared in ``site.css``."""

CHARACTERS = (
    *range(0x20, 0x7F), *range(0xA0, 0x180),  # Latin
    *range(0x2010, 0x2027), 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC,  # punctuation
    *range(0x2070, 0x209D), 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x221E,  # numbers
    *range(0x370, 0x3FF),  # Greek
)  # fmt: skip


@frozen
class Face:
    """One file: the ``name`` that it gets, and the package and file that it is cut from."""

    name: str
    package: str
    file: str


FACES = (
    Face("book-serif", "font_source_serif_pro", "SourceSerifPro-Regular.otf"),
    Face("book-serif-italic", "font_source_serif_pro", "SourceSerifPro-It.otf"),
    Face("book-serif-bold", "font_source_serif_pro", "SourceSerifPro-Semibold.otf"),
    Face("book-sans", "font_source_sans_pro", "SourceSansPro-Regular.otf"),
    Face("book-sans-bold", "font_source_sans_pro", "SourceSansPro-Semibold.otf"),
)


def write(static: Path) -> None:
    """Write all faces and their licence to ``static``; equal input gives equal bytes."""
    folder = static / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        (folder / f"{face.name}.woff").write_bytes(_letters(face))
    (folder / "LICENSE.txt").write_bytes(font_file(FACES[0].package, "LICENSE.txt").read_bytes())


@cache
def _letters(face: Face) -> bytes:
    return cut(font_file(face.package, face.file), CHARACTERS, name=face.name)


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
