"""Notebooks as they are stored, read strictly; cheap to import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load(notebook: Path) -> dict[str, Any]:
    """The notebook as it is stored; ValueError names the file that is none."""
    try:
        found = json.loads(notebook.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{notebook.name} is no notebook: {error}") from None
    match found:
        case {"metadata": dict(metadata), "cells": list(cells)} if isinstance(metadata.get("relupool", {}), dict):
            if all(map(_is_cell, cells)):
                return found
    raise ValueError(f"{notebook.name} is no notebook: it must have metadata, and cells with type, metadata and source")


def _is_cell(cell: Any) -> bool:
    match cell:
        case {"cell_type": str(), "metadata": dict(metadata), "source": str() | list() as source}:
            words = [metadata.get("tags", []), [source] if isinstance(source, str) else source]
            return all(isinstance(of, list) and all(isinstance(word, str) for word in of) for of in words)
    return False
