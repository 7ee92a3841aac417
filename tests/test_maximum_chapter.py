"""The chapter on the maximum runs with other parameters, and its answer turns with the window."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed

CHAPTER = CHAPTERS / "02_max_is_not_linear.ipynb"
SMALL = {"reach": 0.001, "side": 0.0001, "directions": 8, "trials": 20}
FIGURES = {"fig-max-folds", "fig-few-relus", "fig-regions-line", "fig-regions-plane", "fig-maxout"}


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "caption"),
    [
        ({"pool_size": 1}, "Yes, here it is", "1 (only max-pools)"),
        ({"pool_size": 2, "stride": 4, "seed": 7}, "No. A maximum", "1 (neither)."),
        ({"image": 997, "pool_size": 6, "stride": 3, "trials": 1}, "No.", "1 (neither)."),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, caption):
    shown = executed(CHAPTER, tmp_path, **SMALL | values)
    assert answer in shown.said[-1]
    assert "a network is still nonlinear.** [True.]{.is-true} Refuted: " in shown.said[-2]  # whatever the window is
    assert "fewer positions.** [True.]{.is-true}" in shown.said[-2]
    assert any(text.startswith("The pieces add up to the whole") for text in shown.said)
    assert shown.captions.keys() == FIGURES
    assert caption in shown.captions["fig-regions-plane"] and caption in shown.captions["fig-regions-line"]
