"""The chapter on the maximum runs with other parameters, and its answer turns with the window."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from relupool.book import execute

CHAPTER = Path(__file__).parent.parent / "chapters" / "02_max_is_not_linear.ipynb"
SMALL = {"reach": 0.001, "side": 0.0001, "directions": 8, "trials": 20}
FIGURES = {"fig-max-folds", "fig-few-relus", "fig-regions-line", "fig-regions-plane", "fig-maxout"}


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "caption", "verdict"),
    [
        ({"pool_size": 1}, "Yes, here it is", "1 (only max-pools)", "*Holds under a condition:"),
        ({"pool_size": 2, "stride": 4, "seed": 7}, "No. A maximum", "1 (neither).", "*Holds.* Superposition"),
        ({"image": 997, "pool_size": 6, "stride": 3, "trials": 1}, "No.", "1 (neither).", "*Holds.* Superpos"),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, caption, verdict):
    execute.execute(CHAPTER, tmp_path, execute.Build(), SMALL | values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    shown = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == "display_data"]
    said = [o["data"].get("text/markdown", "") for o in shown]
    assert answer in said[-1]
    assert verdict in said[-2]
    assert any(text.startswith("The pieces add up to the whole") for text in said)
    figures = [o["metadata"]["relupool"]["figure"] for o in shown if "relupool" in o["metadata"]]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert captions.keys() == FIGURES
    assert caption in captions["fig-regions-plane"] and caption in captions["fig-regions-line"]
