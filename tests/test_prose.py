"""A chapter's text is filled in with what its kernel told: no missing name, no number without a format."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from relupool.book import prose
from relupool.measures.estimate import Estimate

GAP = Estimate(values=(0.06, 0.07, 0.05), steps=10_000)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ steps | thousands }} steps", "10,000 steps"),
        ("{{ share | percent }}", "83.4\N{NO-BREAK SPACE}%"),
        ("{{ share | percent(0) }}", "83\N{NO-BREAK SPACE}%"),
        ("{{ drop | points }}", "6.0 points"),
        ("{{ drop | fixed(3) }}", "\N{MINUS SIGN}0.060"),
        ("{{ gap.points }}, {{ gap.n | count('seed') }}", f"{GAP.points}, 3 seeds"),
        ("{% if gap.low > 0 %}better{% else %}worse{% endif %}", "better"),
        ("{% if gap.low > 0 %}One.{% endif %}\n\nTwo.", "One.\n\nTwo."),
        ("{{ names | listing }}", "a, b and c"),
        ("{% for row in rows %}{{ row.name }} {% endfor %}", "x y "),
        ("[words]{#name} $x_{ij}$", "[words]{#name} $x_{ij}$"),
    ],
)
def test_a_text_is_filled_with_values_in_the_books_formats(template, expected):
    values = {"steps": 10_000, "share": 0.8342, "drop": -0.06, "gap": GAP, "names": ("a", "b", "c")}
    values["rows"] = pd.DataFrame({"name": ["x", "y"]})
    assert prose.fill(template, prose.plain(values)) == expected


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{{ gpa }}", "'gpa' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ gap.ponts }}", "no attribute 'ponts'"),
        ("{{ share }}", "0.8342 stands in the text without a format"),
        ("{{ none }}", "a missing value"),
        ("{{ share | procent }}", "No filter named 'procent'"),
        ("{% if share %}", "endif"),
    ],
)
def test_a_text_that_cannot_be_finished_is_refused(template, complaint):
    with pytest.raises(ValueError, match=complaint):
        prose.fill(template, prose.plain({"gap": GAP, "share": 0.8342, "none": None}))


def test_values_are_told_as_json_has_them():
    assert prose.plain({"n": np.int64(3), "x": np.float32(0.5), "b": np.bool_(True), "a": np.arange(2)}) == {
        "n": 3, "x": 0.5, "b": True, "a": [0, 1],
    }  # fmt: skip
    assert prose.plain([float("nan"), Estimate(values=(0.5,), steps=1).ends]) == [None, [None, None]]
    with pytest.raises(TypeError, match="can quote no function"):
        prose.plain(lambda: 0)


def notebook(text, **told):
    output = new_output("display_data", data={prose.MIME: told, "text/plain": ""})
    return new_notebook(cells=[new_markdown_cell(text), new_code_cell("tell()", outputs=[output])])


def test_a_notebook_is_filled_with_what_its_cells_told_further_down_too_and_shows_no_telling():
    source = notebook("It is {{ gap | points }}.", gap=0.02)
    done = prose.filled(source)
    assert done.cells[0].source == "It is 2.0 points."
    assert done.cells[1].outputs == []
    assert source.cells[0].source == "It is {{ gap | points }}."


def test_the_cell_that_cannot_be_finished_is_named():
    with pytest.raises(ValueError, match="the text of cell 1: 'gpa' is undefined"):
        prose.filled(notebook("It is {{ gpa | points }}.", gap=0.02))


def test_a_name_has_one_value_in_a_chapter():
    once, again, other = notebook("", gap=0.02), notebook("", gap=0.02), notebook("", gap=0.03)
    assert prose.told(new_notebook(cells=once.cells + again.cells)) == {"gap": 0.02}
    with pytest.raises(ValueError, match=r"gap is told as 0\.03, but must stay what it was told before, 0\.02"):
        prose.told(new_notebook(cells=once.cells + other.cells))
