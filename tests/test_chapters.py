"""Every chapter: statements have proofs and checks, exercises solutions that are right, cells are short."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import nbformat
import pytest

from relupool.theory.propositions import PROPOSITIONS

CHAPTERS = sorted((Path(__file__).parent.parent / "chapters").glob("[0-9][0-9]_*.ipynb"))
THEORY = [chapter for chapter in CHAPTERS if chapter.name < "07"]
STATEMENT = re.compile(r"\{prf:(?:theorem|lemma|corollary|proposition)\}.*?:label: (\S+)", flags=re.S)


def cells(chapter: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(chapter, as_version=4).cells


def text(chapter: Path) -> str:
    return "\n".join(cell["source"] for cell in cells(chapter) if cell["cell_type"] == "markdown")


def solutions(chapter: Path) -> dict[str, str]:
    return dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", text(chapter), flags=re.S))


SOLUTIONS = [(chapter, exercise) for chapter in CHAPTERS for exercise in solutions(chapter)]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_statement_has_a_proof_and_then_a_check(chapter):
    order = []
    for cell in cells(chapter):
        if cell["cell_type"] == "code":
            order.append("code")
        else:
            order += re.findall(r"\{prf:(theorem|lemma|corollary|proposition|proof)\}", cell["source"])
    statements = [place for place, kind in enumerate(order) if kind not in ("code", "proof")]
    assert statements or chapter not in THEORY
    for place in statements:
        assert order[place + 1] == "proof"
        assert order[place + 2] == "code", f"statement {place} is not followed by its check"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_exercise_has_a_solution(chapter):
    exercises = re.findall(r":label: (ex-\S+)", text(chapter))
    assert len(exercises) >= 3
    assert set(exercises) == solutions(chapter).keys()


@pytest.mark.parametrize(("chapter", "exercise"), SOLUTIONS, ids=[exercise for _, exercise in SOLUTIONS])
def test_the_solution_is_right(chapter, exercise):
    example = doctest.DocTestParser().get_doctest(solutions(chapter)[exercise], {}, exercise, str(chapter), 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_cells_are_short_and_show_at_most_one_figure_as_their_last_line(chapter):
    for cell in cells(chapter):
        if cell["cell_type"] == "code":
            lines = cell["source"].splitlines()
            counted = [line for line in lines if line and not line.startswith(("import ", "from "))]
            assert len(counted) <= 12 or "parameters" in cell["metadata"].get("tags", []), lines[0]
            assert not cell["outputs"]
            statements = ast.parse(cell["source"]).body
            shows = [place for place, statement in enumerate(statements) if ast.unparse(statement).startswith("show(")]
            assert shows in ([], [len(statements) - 1]), lines[0]


def test_every_theorem_that_a_proposition_names_is_there():
    labels = {label for chapter in CHAPTERS for label in STATEMENT.findall(text(chapter))}
    named = {word for p in PROPOSITIONS for word in re.findall(r"thm-[\w-]+", p.reference)}
    assert named <= labels
    assert named
