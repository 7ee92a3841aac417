"""The chapter on average-pooling: every activation can be chosen, and its answer turns with the parameters."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from relupool.book import execute, parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = Path(__file__).parent.parent / "chapters" / "04_average_pooling_does_not.ipynb"


def test_every_activation_can_be_chosen():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS)


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "sign", "picture", "verdict"),
    [
        (
            {"activation": "linear", "pool_size": 2, "stride": 1, "trials": 1},
            "Yes, with linear it does",
            "there is no gap",
            "The two are the same.",
            "*Fails: linear is a straight line.*",
        ),
        (
            {"activation": "log_sigmoid", "trials": 20, "beta": 100.0, "seed": 3},
            "log_sigmoid is concave, so averaging last never gives more.",
            "more must not occur",
            "averaging last gives less.",
            "*Holds.*",
        ),
        (
            {"activation": "gelu", "pool_size": 8, "stride": 8, "trials": 7, "beta": 0.01},
            "gelu bends both ways, so averaging last can give more or less.",
            "says nothing about the sign",
            "averaging last gives more.",
            "*Holds.*",
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, sign, picture, verdict):
    execute.execute(CHAPTER, tmp_path, execute.Build(), values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    headline = [o["data"] for o in outputs if o.get("metadata", {}).get("scrapbook", {}).get("name") == "answer"]
    assert len(headline) == 1
    assert answer in str(headline[0])
    said = [o["data"]["text/markdown"] for o in outputs if "text/markdown" in o.get("data", {})]
    assert answer in said[-2]  # the box to remember
    assert verdict in said[-1]
    assert any(sign in text for text in said)
    figures = [o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o.get("metadata", {})]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert len(captions) == 5
    assert captions["fig-jensen"].endswith(picture)
    assert "gelu does not" in captions["fig-log-mean-exp-gap"]
