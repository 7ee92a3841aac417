"""How near training comes to what a machine can do: the record of ``relupool bench training`` that the book shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from relupool import files
from relupool.experiments.cifar10 import ROOT
from relupool.validation import is_real, refuse

RECORD = ROOT / "data" / "training_speed.json"
"""Measured once on a quiet machine: ``relupool bench training -o data/training_speed.json``."""

YARDSTICKS = (
    ("float32", "this book, float32", "nothing but multiplications, float32"),
    ("bfloat16", "this book, mixed_bfloat16", "nothing but multiplications, bfloat16"),
)
"""A format, who trains in it, and what no training in it is much faster than."""

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
