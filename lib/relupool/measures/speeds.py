"""How near training comes to what a machine can do: the record of ``relupool bench training`` that the book shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from relupool import files
from relupool.choices import BOOK, PRODUCTS
from relupool.experiments.cifar10 import ROOT
from relupool.validation import is_real, refuse

RECORD = ROOT / "data" / "training_speed.json"
"""Measured once on a quiet machine: ``relupool bench training -o data/training_speed.json``."""

COLUMNS = ["contender", "images_per_second", "low", "high", "ratio"]


def read(path: Path = RECORD) -> pd.DataFrame:
    """A row for each contender, in the columns of :func:`relupool.instruments.bench.training`; attrs tell the machine.

    Raises ValueError for a file that is no such record.
    """
    with files.suspect(path, "not what `relupool bench training` writes: {}"):
        record = files.unsealed(files.read_whole(path, 2**20))
        rows = pd.DataFrame(record.pop("contenders"))
        if list(rows) != COLUMNS or not rows[COLUMNS[1:]].map(lambda v: is_real(v) and v > 0).all(axis=None):
            refuse("contenders", list(rows), f"numbers above 0 in the columns {', '.join(COLUMNS)}")
    rows.attrs = record
    return rows


def reached(rows: pd.DataFrame) -> dict[str, float]:
    """What part of the speed of its bare multiplications training reaches, by the format that it multiplies in."""
    ratio = rows.set_index("contender")["ratio"]
    formats = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
    return {name: ratio[f"{BOOK}, {dtype}"] / ratio[f"{PRODUCTS}, {name}"] for name, dtype in formats.items()}
