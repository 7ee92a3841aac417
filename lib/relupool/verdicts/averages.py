"""How large the gap of both orders is between average and maximum, in words."""

from __future__ import annotations

import pandas as pd

from relupool.figures.words import scientific


def within_told(name: str, found: pd.DataFrame) -> str:
    """How much of its bound the gap of an activation takes up: its rows of ``theory.soft_maximum.largest_gaps``."""
    share = float((found["gap"] / found["bound"]).max())
    kept = "within" if share <= 1 + 1e-9 else "beyond"  # a gap that equals the bound may be rounded above it
    said = f"{name}: the largest gap is {scientific(share)} times the bound, {kept} it."
    beside = " The theorem does not speak of it: it falls, jumps or is steeper than 1."
    return said if found["bounded"].all() else said + beside
