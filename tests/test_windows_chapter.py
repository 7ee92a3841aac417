"""The chapter on all-negative windows: its answer turns with the network that is looked at."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed

CHAPTER = CHAPTERS / "05_when_relu_changes_a_pooled_value.ipynb"
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
    shown = executed(CHAPTER, tmp_path, **FEW | values)
    assert f"of the network “{label}”" in shown.answer
    assert f"of the network “{label}”" in shown.said[-1]  # the box to remember
    assert len(shown.captions) == 6
    assert f"conv2, {label}:" in shown.captions["fig-windows-trained"]
    assert bias in shown.captions["fig-bias"]
