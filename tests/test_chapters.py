"""Every chapter: statements have proofs and checks, solutions are right, cells are short, texts turn with what is told.

No kernel runs here; see test_altered_chapters and test_whole_book.
"""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import nbformat
import pytest

from conftest import ROOT
from notebooks import text
from relupool.book import parameters, prose, sources
from relupool.measures.estimate import Estimate
from relupool.theory import rounding
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.propositions import PROPOSITIONS

PAGES = list(sources.chapters(ROOT).values())
CHAPTERS = [page for page in PAGES if page.stem[0].isdigit()]
TAUGHT = CHAPTERS[:-1]
"""All chapters but the last, which has the answers."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
STATEMENT = re.compile(r"\{prf:(?:theorem|lemma|corollary|proposition)\}.*?:label: (\S+)", flags=re.S)


def cells(chapter: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(chapter, as_version=4).cells


def solutions(chapter: Path) -> dict[str, str]:
    return dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", text(chapter), flags=re.S))


SOLUTIONS = [(chapter, exercise) for chapter in PAGES for exercise in solutions(chapter)]


@every_page
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


@every_page
def test_a_chapter_has_three_exercises_and_each_has_a_solution(page):
    exercises = re.findall(r":label: (ex-\S+)", text(page))
    assert len(exercises) == (3 if page in CHAPTERS else 0)
    assert set(exercises) == solutions(page).keys()


@every_page
def test_a_page_opens_with_question_and_answer_and_has_two_kinds_of_boxes(page):
    first = cells(page)[0]["source"]
    asked = [word in first for word in ("**Question.** ", "**Answer.** ")]
    assert asked == [page in CHAPTERS] * 2
    boxes = set(re.findall(r"^`{3,}\{([\w:-]+)\}", text(page), flags=re.M))
    assert boxes <= {"prf:theorem", "prf:corollary", "prf:lemma", "prf:proof", "exercise", "solution", "pool-window",
                     "training-board", "raw", "guess", "stained-glass", "feature-maps"}  # fmt: skip
    assert "{glue" not in text(page)


@every_page
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


@every_page
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


COUNTS = {"ReLU alone": 156, "max alone": 114, "both": 90, "neither": 1}
FOLDS = {
    "counts": COUNTS, "fewer": {"both": True, "than_relu": True}, "levels": 0.5,
    "folded": COUNTS, "stay": {"ReLU alone": 20, "max alone": 70}, "lost": {"ReLU alone": 136, "max alone": 44},
    "mean": {"ReLU alone": 114.2, "max alone": 102.0, "both": 85.1}, "fewest": 13, "ways": 16, "glass": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        (
            {},
            [
                "of only 90",
                "One thing surprises",
                "Either way 90 are left",
                "Each takes more than it adds",
                "both together\n85, the fewest on 13",
            ],
            [],
        ),
        ({"fewer": {"both": False, "than_relu": False}}, ["with both of 90"], ["One thing surprises", "only 90"]),
        ({"stay": {"ReLU alone": 1, "max alone": 70}}, ["ReLU takes 44, and it adds 1"], ["Either way"]),
        ({"lost": {"ReLU alone": 3, "max alone": 44}}, ["max takes 3,"], ["Each takes more"]),
    ],
)
def test_the_text_of_chapter_2_turns_with_what_was_counted(changes, said, unsaid):
    filled = prose.fill(text(sources.chapter("02", ROOT)), FOLDS | changes)
    assert [sentence for sentence in said if sentence not in filled] == []
    assert [sentence for sentence in unsaid if sentence in filled] == []


def shares(mean: float) -> Estimate:
    return Estimate(values=(mean - 0.01, mean, mean + 0.01), steps=10_000)


LAYER = {"negative": 0.6, "independent": 0.1, "all_negative": 0.3}
WINDOWS = {
    "conv1": shares(0.32), "conv2": shares(0.74), "both": shares(0.39), "without2": shares(0.47), "rare": 512,
    "with_relu": True, "start": {"conv1": LAYER, "conv2": LAYER}, "end": {"conv1": LAYER, "conv2": LAYER},
    "above": 512, "of": 512, "dead": 0, "least": 0.01,
    "worth": {"verdict": "true", "estimates": [shares(0.002)]}, "worth_last": {"verdict": "open"},
    "with2": shares(0.74), "whole": shares(-0.005), "alone": shares(-0.03), "averaged": shares(0.2),
    "gains": shares(0.03), "less": shares(0.02), "wrong": ["10.1", "32.4"], "all_diverged": True,
    "gone": {"gate": [2_100, 2_300, 3_000], "values": [400, 500, 550]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, "is true after conv1 and false after conv2", "after both layers here"),
        ({"conv1": shares(0.6)}, "not the same in both layers", "is true after conv1"),
        ({"conv2": shares(0.3)}, "is true after both layers here", "false after conv2"),
        ({"both": shares(0.6)}, "false after conv2", "Over all windows of both layers"),
        ({"above": 500}, "Of 512 channels (over all seeds), 500", "every channel ends above"),
        ({"dead": 2}, "2 such channels", "We met none"),
        ({"alone": shares(0.03)}, "the gate alone was 3.0 ± 2.5 points above", "points below no ReLU"),
        ({"whole": shares(0.03)}, "ReLU itself gained 3.0", "nothing certain"),
        ({"gone": {"values": [400]}, "all_diverged": False}, "ReLU is worth 3.0", "diverged"),
        ({"worth": {"verdict": "open"}}, "without these ReLUs learns other weights", "is about as accurate"),
        ({"gains": None}, "points below no ReLU", "where ReLU does gain"),
        (
            {"with_relu": False},
            "in the network trained without ReLU in its convolutional layers it is",
            "in the trained network",
        ),
    ],
    ids=str,
)
def test_the_text_of_chapter_5_turns_with_the_runs(changes, said, unsaid):
    values = {name: prose.plain(value) for name, value in (WINDOWS | changes).items()}
    filled = prose.fill(text(sources.chapter("05", ROOT)), values)
    assert said in filled
    assert unsaid not in filled


@pytest.mark.parametrize(("page", "names"), [("03", ACTIVATIONS), ("B", rounding.SMOOTH)])
def test_every_activation_can_be_chosen(page, names):
    (activation,) = [p for p in parameters.read(sources.chapter(page, ROOT)) if p.name == "activation"]
    assert set(activation.options) == set(names)
