"""The note on what the order costs: stored times by default, new ones if asked, and a text that turns with them."""

from __future__ import annotations

import re

import nbformat
import pandas as pd
import pytest

from notebooks import CHAPTERS
from relupool.book import bench_order, execute, prose
from relupool.book.build import Build
from relupool.measures import order_times

NOTE = CHAPTERS / "D_what_the_order_costs.ipynb"


def text(folder, **values) -> str:
    execute.execute(NOTE, folder, Build(), values)
    notebook = prose.filled(nbformat.read(folder / "executed.ipynb", as_version=4))
    return "\n".join(re.sub(r"\s+", " ", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.book
def test_by_default_it_shows_the_stored_times_with_their_making(tmp_path):
    stored = order_times.read()
    assert stored is not None
    said = text(tmp_path)
    assert f"Once, and stored with the book: {stored.conditions.words}" in said
    assert "Not by anything that we could measure; but with softplus" in said
    assert "No saving was measurably larger than its mark" in said
    assert "busy" not in said
    executed = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    printed = "".join(output.get("text", "") for cell in executed.cells for output in cell.get("outputs", []))
    saved = [float(share) for share in re.findall(r"saved: ([\d.]+)%", printed)]
    assert len(saved) == 3 and saved[-1] == max(saved) > 5 and "size 3, stride 2: one in 4 is left" in printed


@pytest.mark.book
def test_it_measures_anew_if_asked(tmp_path):
    said = text(tmp_path, measure=True, rounds=6)
    assert "Now, on this machine" in said
    assert "In each of 6 rounds" in said


def test_times_are_taken_with_what_they_were_taken_with(monkeypatch):
    from relupool.instruments import order_bench
    from relupool.instruments.timing import Load

    frame = pd.DataFrame({"activation": ["relu"], "round": [0], "seconds": [0.1]})
    readings = order_bench.Readings(
        alone=frame, steps=frame, layers=frame, backend="JAX", usual="XLA", load=Load(cores=2, average=0.0)
    )
    asked = []
    monkeypatch.setattr(order_bench, "both_orders", lambda names, *, rounds: asked.append((names, rounds)) or readings)
    times = bench_order.taken(rounds=9)
    assert asked == [(order_times.TIMED, 9)]
    assert (times.usual, times.activations) == ("XLA", ("relu",))
    made = times.conditions.made
    assert made is not None and made["measured"] and made["keras"] and made["onednn"] is None
