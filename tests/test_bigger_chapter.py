"""The chapter on bigger networks: its solutions, and an answer that turns with the parameters."""

from __future__ import annotations

import doctest
import re

import nbformat
import pytest

from notebooks import CHAPTERS, executed
from relupool.verdicts.bigger import FAMILIES

CHAPTER = CHAPTERS / "12_bigger_networks.ipynb"
SOLUTION = re.compile(r"````\{solution\} (\S+)\n.*?^````$", re.S | re.M)
CELLS = nbformat.read(CHAPTER, as_version=4).cells
SOLUTIONS = {match[1]: match[0] for cell in CELLS for match in SOLUTION.finditer(cell.source)}
FEW = {"live_steps": 2}


def test_every_exercise_has_a_solution():
    exercises = [label for cell in CELLS for label in re.findall(r"```\{exercise\}.*?\n:label: (\S+)", cell.source)]
    assert len(exercises) >= 3
    assert set(exercises) == set(SOLUTIONS)


@pytest.mark.parametrize("label", SOLUTIONS)
def test_a_solution_prints_what_the_page_says(label):
    example = doctest.DocTestParser().get_doctest(SOLUTIONS[label], {}, label, None, 0)
    assert example.examples
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_cells_are_short_and_have_no_outputs():
    for cell in CELLS:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            assert len(lines) <= 12, lines[0]
            assert not cell.outputs
            shows = [number for number, line in enumerate(lines) if line.startswith("show(")]
            assert shows in ([], [len(lines) - 1]), lines[0]


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "variant", "affine"),
    [
        ({"network": "ResNet-20", "fraction": 0.0}, "ResNet-20, no ReLU", True),
        ({"pool": "max", "seed": 3}, "VGG with max-pools, no ReLU", False),
        ({"fraction": 0.3, "learning_rate": 0.05}, "VGG with average-pools, 30 % of the ReLUs", False),
    ],
)
def test_the_answer_turns_with_the_network(tmp_path, values, variant, affine):
    shown = executed(CHAPTER, tmp_path, **FEW | values)
    said = f"The network trained on this page, {variant}, {'is' if affine else 'is not'} one affine map of its pixels."
    assert said in shown.answer
    assert said in shown.said[-1]  # the box to remember
    assert "fig-relu-fractions" in shown.captions
    assert "fig-depth" in shown.captions
    assert "ResNet-20, no ReLU" in shown.numbers["affine"]
    assert "VGG with max-pools, no ReLU" in shown.numbers["bent"]
    assert "lose without their ReLUs? Much, as ResNet-20 shows: true (+" in shown.said[-1]
    (box,) = [text for text in shown.said if text.startswith("```{admonition} How much do bigger networks lose?")]
    assert re.findall(r"\*\*(.*) loses much without its ReLUs\.\*\* \[", box) == list(FAMILIES)
