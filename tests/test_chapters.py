"""Every chapter: statements have proofs and checks, exercises solutions that are right, cells are short."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import nbformat
import pytest

from relupool.theory.propositions import PROPOSITIONS

FOLDER = Path(__file__).parent.parent / "chapters"
CHAPTERS, NOTES = (sorted(FOLDER.glob(pattern)) for pattern in ("[0-9]*.ipynb", "[A-Z]*.ipynb"))
PAGES = CHAPTERS + NOTES
TAUGHT = CHAPTERS[:-1]
"""All chapters but the last, which has the answers."""
STATEMENT = re.compile(r"\{prf:(?:theorem|lemma|corollary|proposition)\}.*?:label: (\S+)", flags=re.S)


def cells(chapter: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(chapter, as_version=4).cells


def text(chapter: Path) -> str:
    return "\n".join(cell["source"] for cell in cells(chapter) if cell["cell_type"] == "markdown")


def solutions(chapter: Path) -> dict[str, str]:
    return dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", text(chapter), flags=re.S))


SOLUTIONS = [(chapter, exercise) for chapter in PAGES for exercise in solutions(chapter)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_statement_has_a_proof_and_then_a_check(page):
    order = []
    for cell in cells(page):
        if cell["cell_type"] == "code":
            order.append("code")
        else:
            order += re.findall(r"\{prf:(theorem|lemma|corollary|proposition|proof)\}", cell["source"])
    statements = [place for place, kind in enumerate(order) if kind not in ("code", "proof")]
    assert statements or page not in CHAPTERS[:3]
    for place in statements:
        assert order[place + 1] == "proof"
        assert order[place + 2] == "code", f"statement {place} is not followed by its check"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_chapter_has_three_exercises_and_each_has_a_solution(page):
    exercises = re.findall(r":label: (ex-\S+)", text(page))
    assert len(exercises) == (3 if page in CHAPTERS else 0)
    assert set(exercises) == solutions(page).keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_opens_with_question_and_answer_and_has_two_kinds_of_boxes(page):
    first = cells(page)[0]["source"]
    asked = [word in first for word in ("**Question.** ", "**Answer.** ")]
    assert asked == [page in CHAPTERS] * 2
    boxes = set(re.findall(r"^`{3,}\{([\w:-]+)\}", text(page), flags=re.M))
    assert boxes <= {"prf:theorem", "prf:corollary", "prf:lemma", "prf:proof", "exercise", "solution", "pool-window",
                     "training-board", "raw", "guess", "stained-glass"}  # fmt: skip
    assert "{glue" not in text(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_shown_code_is_little_and_fits_its_column(page):
    shown = [cell["source"] for cell in cells(page) if "shown" in cell["metadata"].get("tags", [])]
    assert page not in TAUGHT or 5 <= len(shown) <= 12
    for source in shown:
        lines = source.splitlines()
        assert len(lines) <= 16 and max(map(len, lines)) <= 80, lines[0]


@pytest.mark.parametrize(("chapter", "exercise"), SOLUTIONS, ids=[exercise for _, exercise in SOLUTIONS])
def test_the_solution_is_right(chapter, exercise):
    example = doctest.DocTestParser().get_doctest(solutions(chapter)[exercise], {}, exercise, str(chapter), 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cells_are_short_and_show_at_most_one_figure_as_their_last_line(page):
    for cell in cells(page):
        if cell["cell_type"] == "code":
            lines = cell["source"].splitlines()
            counted = [line for line in lines if line and not line.startswith(("import ", "from "))]
            assert len(counted) <= 30 or "parameters" in cell["metadata"].get("tags", []), lines[0]
            assert not cell["outputs"]
            statements = ast.parse(cell["source"]).body
            shows = [place for place, statement in enumerate(statements) if ast.unparse(statement).startswith("show(")]
            assert shows in ([], [len(statements) - 1]), lines[0]


def test_every_theorem_that_a_proposition_names_is_there():
    labels = {label for chapter in PAGES for label in STATEMENT.findall(text(chapter))}
    named = {word for p in PROPOSITIONS for word in re.findall(r"thm-[\w-]+", p.reference)}
    assert named <= labels
    assert named
