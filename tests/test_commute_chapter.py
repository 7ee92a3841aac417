"""The chapter on ReLU and max-pooling: its parameters, its theorems, and that its answer turns with its activation."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from relupool.book import execute, parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = Path(__file__).parent.parent / "chapters" / "03_relu_and_max_pool_commute.ipynb"
TEXT = "\n".join(c["source"] for c in nbformat.read(CHAPTER, as_version=4).cells if c["cell_type"] == "markdown")


def test_every_activation_can_be_chosen():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS)


def test_every_theorem_has_a_proof():
    assert re.findall(r"\{prf:(theorem|proof)\}", TEXT) == ["theorem", "proof"] * 6


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "outcome", "box"),
    [
        (
            {"activation": "gelu", "pool_size": 2, "trials": 50},
            "Yes, for gelu it does",
            "not the same",
            "gelu falls somewhere, and so it commutes with no max-pool",
        ),
        (
            {"activation": "linear", "pool_size": 8, "stride": 8, "trials": 1},
            "No, not for linear",
            "are the same",
            "linear commutes with max-pooling, with every other rank, and as a straight line with averages too.",
        ),
        (
            {"activation": "hard_tanh", "stride": 3, "trials": 30, "seed": 7},
            "No, not for hard_tanh",
            "are the same",
            "hard_tanh never falls: it commutes with max-pooling and with every other rank, but not with averages.",
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, outcome, box):
    execute.execute(CHAPTER, tmp_path, execute.Build(), values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == "display_data"]
    glued = {o["metadata"].get("scrapbook", {}).get("name", ""): str(o["data"]) for o in outputs}
    (headline,) = [text for name, text in glued.items() if name.endswith("answer")]
    assert answer in headline
    said = [o["data"]["text/markdown"] for o in outputs if "text/markdown" in o["data"]]
    assert answer in said[-1]
    assert box in said[-1]
    figures = [o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o["metadata"]]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert len(captions) == 4
    assert outcome in captions["fig-both-orders"]
    assert "counterexample found for gelu" in captions["fig-counterexample"]
    assert "commute bit for bit" in captions["fig-order-gaps"]
