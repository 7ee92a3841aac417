"""The chapter on the ablations: its answer and its verdicts turn with what a reader asks; its solutions are right."""

from __future__ import annotations

import doctest
import re

import nbformat
import pytest

from notebooks import CHAPTERS, executed

CHAPTER = CHAPTERS / "09_the_ablations.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TEXT = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
SOLUTIONS = dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", TEXT, flags=re.S))


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "said", "verdict"),
    [
        (
            {"margin": 40.0, "conv_activation": "relu", "pool": "max"},
            "surely less than 40 points, and in that sense almost nothing",
            "does almost nothing to accuracy. *Holds under a condition",
        ),
        ({"read_at": 100, "dense_activation": "gelu", "pool": "blur"}, "have too few steps", "*Not decided: too few"),
        ({"margin": 0.01, "weights": "raw", "lrn": False, "seed": 3}, "0.01 points", "almost nothing to accuracy. *"),
    ],
)  # fmt: skip
def test_the_answer_and_the_verdicts_turn_with_what_is_asked(tmp_path, values, said, verdict):
    shown = executed(CHAPTER, tmp_path, **values, live_steps=1)
    assert said in shown.answer
    assert ("surely less" in shown.answer) == (values.get("margin") == 40)
    assert shown.said[-1].startswith("```{admonition} Remember")
    assert shown.answer.strip("'") in shown.said[-1]
    assert verdict in shown.said[-1]
    assert "fig-grid" in shown.captions
    pools = f"“{values.get('pool', 'average')} pool, {values.get('conv_activation', 'linear')} and "
    assert pools in shown.captions["fig-superposition"]
    assert ("no LRN”" in shown.captions["fig-superposition"]) == (values.get("lrn") is False)


def test_cells_are_short_and_show_at_most_one_figure_as_their_last_line():
    for cell in CELLS:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            assert len(lines) <= 12, lines[0]
            assert not cell.outputs
            assert [n for n, line in enumerate(lines) if line.lstrip().startswith("show(")] in ([], [len(lines) - 1])


def test_every_exercise_has_a_solution():
    exercises = re.findall(r"```\{exercise\}.*?\n:label: (\S+)", TEXT)
    assert len(exercises) >= 3
    assert set(exercises) == set(SOLUTIONS)


@pytest.mark.parametrize("exercise", SOLUTIONS)
def test_the_solution_is_right(exercise):
    example = doctest.DocTestParser().get_doctest(SOLUTIONS[exercise], {}, exercise, str(CHAPTER), 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0
