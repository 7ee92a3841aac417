"""The chapter on other activations and bigger networks: what it tells and draws turns with its parameters and runs."""

from __future__ import annotations

import re

import nbformat
import pytest

from frames import AVERAGE, LOST, MAX, stored
from notebooks import CHAPTERS
from relupool.book import execute, prose
from relupool.book.build import Build
from relupool.experiments.studies import BASELINE, BIGGER, SCALE
from relupool.measures.activation_scale import EQUAL_PARAMETERS
from relupool.measures.bigger import RESNET, family_of, fraction_of

CHAPTER = CHAPTERS / "06_other_activations_bigger_networks.ipynb"


def text(folder, build=None, **values) -> str:
    execute.execute(CHAPTER, folder, build or Build(), values)
    notebook = prose.filled(nbformat.read(folder / "executed.ipynb", as_version=4))
    return "\n".join(re.sub(r"\s+", " ", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.book
def test_it_says_what_the_stored_runs_say(tmp_path):
    said = text(tmp_path)
    assert "A ResNet-20 does nearly as well with half of its ReLUs, drawn at random" in said
    assert "which softmax regression reaches as well" in said
    assert re.search(r"\d+ of 12 alternatives gain at least half of what ReLU gains, maxout more than all of it", said)
    assert "ELU gains " in said and "the absolute value loses " in said
    assert "The prediction was wrong." in said and "Bend does not explain that." in said


@pytest.mark.book
def test_it_turns_with_the_runs_and_the_step(tmp_path):
    folder = tmp_path / "results"
    maxout = {EQUAL_PARAMETERS: AVERAGE["ReLU"]}
    average = {f"average pool, {name}": end for name, end in (AVERAGE | maxout).items()}
    stored(folder, SCALE, average | {f"max pool, {name}": end for name, end in MAX.items()})
    ends = {label: 0.9 - LOST[family_of(n)] * (1 - fraction_of(n.activation)) for label, n in BIGGER.networks.items()}
    stored(folder, BIGGER, ends)
    stored(folder, BASELINE, {"softmax regression": 0.3})
    said = text(tmp_path / "chapter", Build(results=folder), step=391, spread=4.0)
    assert f"Without half of its ReLUs a {RESNET} loses 25.0 points" in said
    assert "softmax regression reaches" not in said
    assert "The prediction was not refuted." in said and "maxout more than all" not in said
