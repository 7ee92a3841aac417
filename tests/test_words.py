import pandas as pd
import pytest

from relupool.book.tables import table
from relupool.words import hundredfold, p_value, percent, with_interval


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


def test_a_column_of_a_table_may_be_written_by_a_function():
    rows = pd.DataFrame({"p": [1e-9, float("nan")]})
    assert "|\n| <\xa00.001 |\n| – |\n" in table(rows, caption="Tests", name="tab-tests", formats={"p": p_value})
