"""The chapter on what the order costs runs with other values, and its answer turns with them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from relupool.book import execute, parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = Path(__file__).parent.parent / "chapters" / "06_what_the_order_costs.ipynb"
SMALL = {"batch_size": 1, "rounds": 6}


def test_every_activation_but_none_can_be_timed():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS) - {"linear"}


def glued(cells: list[nbformat.NotebookNode], name: str) -> str:
    outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"]]
    (found,) = [o for o in outputs if o.get("metadata", {}).get("scrapbook", {}).get("name") == name]
    return next(iter(found["data"].values()))


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "check", "verdict", "program"),
    [
        (
            {"activation": "gelu", "pool_size": 2},
            "4 times fewer numbers. But gelu does not commute",
            "So does the rule k²",
            "stride equal to size, as here",
            "gelu alone",
        ),
        ({"activation": "relu", "stride": 8}, "64 times fewer", "The rule k² fails", "is not so here", "relu alone"),
        (
            {"activation": "tanh", "stride": 1},
            "on as many numbers",
            "The rule k² fails",
            "is not so here",
            "tanh alone",
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, check, verdict, program):
    execute.execute(CHAPTER, tmp_path, execute.Build(), SMALL | values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    shown = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == "display_data"]
    said = "\n".join(o["data"].get("text/markdown", "") for o in shown)
    assert answer in glued(cells, "answer")
    assert check in said
    assert verdict in shown[-1]["data"]["text/markdown"]
    assert program in said
    figures = [o["metadata"]["relupool"]["figure"] for o in shown if "relupool" in o["metadata"]]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert list(captions) == ["fig-order-alone", "fig-order-step", "fig-step-profile", "fig-roofline"]
    assert all(values["activation"] in captions[id] for id in ("fig-order-alone", "fig-order-step", "fig-step-profile"))
    assert all("load average" in figure["basis"] for figure in figures)
    busy = "The machine was busy" in said
    assert busy == ("could not be measured" in glued(cells, "answer"))
    assert busy == ("not decided: the machine was busy" in shown[-1]["data"]["text/markdown"].lower())
