"""The chapter on the ablations: its answer and its verdicts turn with what a reader asks; its solutions are right."""

from __future__ import annotations

import doctest
import re

import nbformat
import pytest

from notebooks import CHAPTERS, executed
from relupool.claims.claim import How
from relupool.claims.grounds import Grounds
from relupool.claims.judge import judge

CHAPTER = CHAPTERS / "09_the_ablations.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TEXT = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
SOLUTIONS = dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", TEXT, flags=re.S))


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "said", "rule", "verdict"),
    [
        (
            {"margin": 40.0, "conv_activation": "relu", "pool": "max"},
            "almost nothing to accuracy: true (",
            "must surely be within 40 points of zero",
            "almost nothing to accuracy.** [True: 8 seeds, ",
        ),
        (
            {"read_at": 100, "dense_activation": "gelu", "pool": "blur"},
            " points; too few steps).",
            "must surely be within one point of zero",
            "almost nothing to accuracy.** [Open: too few steps.]{.is-open}",
        ),
        (
            {"margin": 0.01, "weights": "raw", "lrn": False, "seed": 3},
            "almost nothing to accuracy: ",
            "must surely be within 0.01 points of zero",
            "almost nothing to accuracy.** [",
        ),
    ],
)
def test_the_answer_and_the_verdicts_turn_with_what_is_asked(tmp_path, values, said, rule, verdict):
    shown = executed(CHAPTER, tmp_path, **values, live_steps=1)
    assert said in shown.answer
    assert ("almost nothing to accuracy: true" in shown.answer) == (values.get("margin") == 40)
    (box,) = [text for text in shown.said if text.startswith("```{admonition} Verdicts on what can be left out")]
    assert rule in box
    assert verdict in box
    assert shown.said[-1].startswith("```{admonition} Remember")
    nothing, interaction = re.findall(r"[A-Z].*?\)\.(?= |$)", shown.answer.strip("'\""))
    assert f"- {nothing}" in shown.said[-1] and f"- {interaction}" in shown.said[-1]
    assert "fig-grid" in shown.captions
    pools = f"“{values.get('pool', 'average')} pool, {values.get('conv_activation', 'linear')} and "
    assert pools in shown.captions["fig-superposition"]
    assert ("no LRN”" in shown.captions["fig-superposition"]) == (values.get("lrn") is False)


@pytest.mark.parametrize(("margin", "words"), [(None, "one point"), (0.4, "40 points")])
def test_the_rule_that_is_shown_has_the_margin_that_was_asked_for(margin, words):
    (nothing, more) = judge(Grounds(), "B2", "B3", how=How(margin=margin))
    assert f"must surely be within {words} of zero" in nothing.rule
    assert more.rule.count("each must surely be at least one point.") == 1  # no margin, but a least effect


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
