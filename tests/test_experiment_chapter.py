"""The chapter on the experiment and its note: the text turns with what a reader asks and with the runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from notebooks import CHAPTERS
from relupool.book import execute, prose
from relupool.book.build import Build

CHAPTER, NOTE = CHAPTERS / "04_the_experiment.ipynb", CHAPTERS / "E_how_it_was_rebuilt.ipynb"


def read(chapter: Path, folder: Path, **values: Any) -> tuple[str, dict[str, Any]]:
    """The text of a chapter that was executed with ``values``, and its figures by their ids."""
    execute.execute(chapter, folder, Build(), values)
    cells = prose.filled(nbformat.read(folder / "executed.ipynb", as_version=4)).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    figures = [output.metadata.relupool.figure for output in outputs if "relupool" in output.get("metadata", {})]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return text, {figure.id: figure for figure in figures}


@pytest.mark.book
def test_another_margin_and_other_weights_give_another_answer(tmp_path):
    text, figures = read(CHAPTER, tmp_path, margin=0.1, weights="raw", read_at=1000, train_steps=1)
    answer = text[: text.index("The asker")]
    assert "which is\nalmost nothing" not in answer
    assert "Here it is 0.1 points." in text
    assert "does almost nothing to this network" not in text
    assert figures["fig-grid"].tag == "CIFAR-10, 1,000 steps, 3 seeds"
    assert figures["fig-single-changes"].title == "What ReLU in the convolutional layers is worth alone"
    assert figures["fig-superposition"].tag != "computed, nothing trained"
    assert next(iter(figures)) == "fig-grid"


@pytest.mark.book
def test_a_contrast_that_changes_nothing_moves_nothing(tmp_path):
    text, figures = read(NOTE, tmp_path, brightness=0.0, contrast=1.0)
    assert "0 more brightness moves a standardized value by at most 0 standard" in text
    moved = re.search(r"contrast times 1 by up to (\d+\.\d)", text)
    assert moved and float(moved[1]) == 0
    assert list(figures) == ["fig-claims-vs-measured"]
