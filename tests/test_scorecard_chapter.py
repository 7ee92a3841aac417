"""The scorecard: its table holds the claims that were asked for, and its answer counts what the runs decide."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed
from relupool.book import scorecard
from relupool.claims import judge
from relupool.claims.changes import CHANGES
from relupool.claims.grounds import Grounds
from relupool.claims.ledger import LEDGER
from relupool.figures import scorecard as figures
from relupool.figures.figure import render

CHAPTER = CHAPTERS / "13_the_scorecard.ipynb"


def test_the_table_links_what_is_in_the_book_and_colours_every_verdict(tmp_path):
    contents = tmp_path / "_toc.yml"
    contents.write_text("- file: chapters/03_relu_and_max_pool_commute")
    table = scorecard.table(judge.judge(Grounds()), caption="All", name="tab-claims", contents=contents)
    rows = [line for line in table.splitlines() if line.startswith("| **")]
    assert len(rows) == len(LEDGER) == 31 and all(row.count(" | ") == 3 for row in rows)
    assert (
        "[chapter 3](03_relu_and_max_pool_commute.ipynb)" in rows[0]
        and "[True: documented, by Nielsen]{.is-true}" in rows[0]
    )
    assert "See chapter 1." in rows[1] and "[Open: not checked]{.is-open}" in rows[1]
    assert "See [its figure](../figures/fig-order-gaps/index.md) in [chapter 3](03_relu" in rows[2]


def test_what_is_missing_is_listed():
    judged = judge.judge(Grounds())
    assert "- **A4**, open: not timed. `relupool bench order`" in scorecard.open_questions(judged)
    assert scorecard.open_questions(judge.judge(Grounds(), "A1")) == "Nothing is missing: every claim has a verdict."


@pytest.mark.parametrize("ids", [(), ("A1",), ("A2", "B13")])
def test_the_picture_has_a_square_for_each_claim(ids):
    judged = judge.judge(Grounds(), *ids)
    figure = figures.scorecard(judge.frame(judged), basis="Nothing was run.")
    assert len(figure.frame) == len(judged)
    assert all(f">{claim.id}<" in render(figure, "svg")["svg"].decode() or claim.id in figure.alt for claim in judged)
    assert figure.caption.startswith(f"How the {len(judged)} claims stand: ")


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ({"source": "A", "trials": 5}, 17),
        ({"source": "B", "trials": 5, "price": 2.5}, 14),
        ({"trials": 5, "seed": 7}, 31),
    ],
)
def test_the_table_and_the_costs_turn_with_the_parameters(tmp_path, values, rows):
    shown = executed(CHAPTER, tmp_path, **values)
    table = next(text for text in shown.said if ":name: tab-claims" in text)
    assert sum(line.startswith("| **") for line in table.splitlines()) == rows
    claims, questions = (sum(c.kind == kind for c in LEDGER) for kind in ("claim", "question"))
    assert (
        f"Of {claims} claims: " in shown.answer and f"Of {questions} questions, by the answer given: " in shown.answer
    )
    changes = next(text for text in shown.said if ":name: tab-changes" in text)
    assert len(changes.splitlines()) == len(CHANGES) + 6
    assert list(shown.captions) == ["fig-scorecard"]
    price = any("a price of 2.5 an hour" in text for text in shown.said)
    assert price == ("price" in values)
