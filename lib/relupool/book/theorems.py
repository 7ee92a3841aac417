"""What the search for counterexamples found, kept so that a command which judges claims need not import Keras."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pandas as pd

from relupool.book import sources
from relupool.book.build import ROOT
from relupool.claims.grounds import commuting_activations
from relupool.files import read_whole, sealed, unsealed, write_whole

KEPT = ROOT / "_build" / "theorems"


def theorems(backend: str, *, trials: int = 30, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of :func:`relupool.book.layers.checked` on ``backend``, and of :func:`commuting_activations`.

    The search is made anew where its code, an installed version or an argument is another than in the last one, or
    where that is damaged; then Keras is imported, which must be set to that backend.
    """
    path, searched = KEPT / f"{backend}.json", _searched(trials, seed)
    with suppress(OSError, ValueError):
        kept = unsealed(read_whole(path, 2**20))
        if kept["searched"] == searched:
            return pd.DataFrame(kept["propositions"]), pd.DataFrame(kept["activations"])
    from relupool.book.layers import checked

    propositions = checked(trials=trials, seed=seed)
    activations = commuting_activations(trials=trials, seed=seed)
    tables = {"propositions": propositions.to_dict("list"), "activations": activations.to_dict("list")}
    write_whole(path, sealed({"searched": searched, **tables}))
    return propositions, activations


def _searched(*asked: int) -> str:
    """A digest of the code that is searched, of all that it imports, of versions, and of what was ``asked``."""
    layers = sources.LIBRARY / "book" / "layers.py"
    code = [path.read_bytes() for path in (Path(__file__), layers, *sources.modules(layers))]
    return hashlib.sha256(repr((code, sources.versions(), asked)).encode()).hexdigest()
