import pandas as pd
import pytest

from relupool.book.tables import table
from relupool.figures.words import p_value


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


def test_a_column_of_a_table_may_be_written_by_a_function():
    rows = pd.DataFrame({"p": [1e-9, float("nan")]})
    assert "|\n| <\xa00.001 |\n| – |\n" in table(rows, caption="Tests", name="tab-tests", formats={"p": p_value})
