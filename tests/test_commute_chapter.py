"""The chapter on ReLU and max-pooling: its parameters, its exercises, and that its answer turns with its activation."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import nbformat
import pytest

from relupool.book import execute, parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = Path(__file__).parent.parent / "chapters" / "03_relu_and_max_pool_commute.ipynb"
TEXT = "\n".join(c["source"] for c in nbformat.read(CHAPTER, as_version=4).cells if c["cell_type"] == "markdown")
SOLUTIONS = dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", TEXT, flags=re.S))


def test_every_activation_can_be_chosen():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS)


def test_every_exercise_has_a_solution():
    assert set(re.findall(r":label: (ex-\S+)", TEXT)) == SOLUTIONS.keys() != set()


@pytest.mark.parametrize("exercise", SOLUTIONS)
def test_the_solution_is_right(exercise):
    example = doctest.DocTestParser().get_doctest(SOLUTIONS[exercise], {}, exercise, str(CHAPTER), 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


def test_every_theorem_has_a_proof():
    kinds = re.findall(r"\{prf:(theorem|proof)\}", TEXT)
    assert kinds == ["theorem", "proof"] * 4


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "outcome"),
    [
        ({"activation": "gelu", "pool_size": 2, "trials": 50}, "Yes, for gelu it does", "not the same"),
        ({"activation": "linear", "pool_size": 8, "stride": 8, "trials": 1}, "No, not for linear", "are the same"),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, outcome):
    execute.execute(CHAPTER, tmp_path, execute.Build(), values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    shown = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == "display_data"]
    assert answer in shown[-1]["data"]["text/markdown"]
    figures = [o["metadata"]["relupool"]["figure"] for o in shown if "relupool" in o["metadata"]]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert len(captions) == 5
    assert outcome in captions["fig-both-orders"]
    assert "counterexample found for gelu" in captions["fig-counterexample"]
