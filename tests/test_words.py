import io
from csv import reader as read

import pandas as pd
import pytest

from relupool.book.tables import table
from relupool.words import csv, hundredfold, p_value, percent, with_interval


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "<\xa00.001"),
        (0.0009, "<\xa00.001"),
        (0.001, "0.001"),
        (0.0344, "0.034"),
        (0.099, "0.099"),
        (0.996, "0.99"),
        (1, "1.00"),
    ],
)
def test_a_p_value_is_never_nothing_and_never_rounded_up_to_one(value, said):
    assert p_value(value) == said


@pytest.mark.parametrize("mean", [0.8105000000000001, 0.8105, 0.8104999999999999])
def test_the_same_mean_is_written_the_same_however_it_was_summed(mean):
    cells = pd.DataFrame({"x": [100 * mean]})
    assert "| 81.1 |" in table(cells, caption="Means", name="tab-means", formats={"x": "{:.1f}"})
    assert with_interval(mean, mean - 0.01, mean + 0.01) == "81.1\xa0±\xa01.0\xa0%"
    assert percent(mean) == "81.1\xa0%"
    assert hundredfold(-mean) == "\N{MINUS SIGN}81.1"
    assert hundredfold(mean, 2, sign="+") == "+81.05"


@pytest.mark.parametrize(
    ("accuracy", "said"), [(0.8185, "81.9"), (0.8255, "82.6"), (0.8105, "81.1"), (0.3645, "36.5"), (0.1005, "10.1")]
)
def test_halves_are_rounded_up_in_text_and_tables_alike(accuracy, said):
    assert hundredfold(accuracy) == said
    rows = pd.DataFrame({"x": [100 * accuracy]})
    assert f"| {said} |" in table(rows, caption="Ties", name="tab-ties", formats={"x": "{:.1f}"})


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]


def test_no_cell_of_a_csv_is_a_formula_to_a_spreadsheet_and_all_else_is_as_pandas_writes_it():
    frame = pd.DataFrame({"=n": [-1, 2], "text": ["a", None], "mixed": [-1, None], "kind": pd.Categorical(["x", "-y"])})
    frame["mixed"] = frame["mixed"].astype(object)
    assert csv(frame) == b"'=n,text,mixed,kind\n-1,a,-1.0,x\n2,,,'-y\n"
    assert frame.columns[0] == "=n" and frame["kind"][1] == "-y"
    for text in FORMULAS:
        assert next(read(io.StringIO(csv(pd.DataFrame({text: [text]})).decode(), newline=""))) == [f"'{text}"]
    plain = pd.DataFrame({"a": [1, 2], "b": [0.5, float("nan")], "c": ["x", "1 - 1"], "d": [True, False]})
    assert csv(plain) == plain.to_csv(index=False, lineterminator="\n").encode()


def test_a_column_of_a_table_may_be_written_by_a_function():
    rows = pd.DataFrame({"p": [1e-9, float("nan")]})
    assert "|\n| <\xa00.001 |\n| – |\n" in table(rows, caption="Tests", name="tab-tests", formats={"p": p_value})
