"""The chapter on all-negative windows: its answer turns with the network that is looked at."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from relupool.book import execute

CHAPTER = Path(__file__).parent.parent / "chapters" / "05_when_relu_changes_a_pooled_value.ipynb"
FEW = {"trials": 20, "simulated": 100, "live_steps": 20}


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "label", "bias"),
    [
        ({"network": "max_only", "pool_size": 2, "mean": 1.0}, "max pool, no conv ReLU", "at a mean of 1 "),
        ({"network": "affine", "pool_size": 4, "rho": 0.0, "mean": -3.0}, "all linear, no LRN", "at a mean of −3 "),
        ({"network": "literal", "pool_size": 1, "rho": 1.0, "seed": 7}, "average pool, linear dense", "of −0.5 "),
    ],
)
def test_the_answer_turns_with_the_network(tmp_path, values, label, bias):
    execute.execute(CHAPTER, tmp_path, execute.Build(), FEW | values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    (headline,) = [o["data"] for o in outputs if o.get("metadata", {}).get("scrapbook", {}).get("name") == "answer"]
    assert f"of the network “{label}”" in str(headline)
    said = [o["data"]["text/markdown"] for o in outputs if "text/markdown" in o.get("data", {})]
    assert f"of the network “{label}”" in said[-1]  # the box to remember
    figures = [o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o.get("metadata", {})]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert len(captions) == 6
    assert f"conv2, {label}:" in captions["fig-windows-trained"]
    assert bias in captions["fig-bias"]
