"""The chapter on what the order costs runs with other values, and its answer turns with them."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed
from relupool.book import parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = CHAPTERS / "06_what_the_order_costs.ipynb"
SMALL = {"batch_size": 1, "rounds": 6}


def test_every_activation_but_none_can_be_timed():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS) - {"linear"}


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "check", "program"),
    [
        (
            {"activation": "gelu", "pool_size": 2},
            "4 times fewer numbers. But gelu does not commute",
            "So does the rule k²",
            "gelu alone",
        ),
        ({"activation": "relu", "stride": 8}, "64 times fewer", "The rule k² fails", "relu alone"),
        (
            {"activation": "tanh", "stride": 1},
            "on as many numbers",
            "The rule k² fails",
            "tanh alone",
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, check, program):
    shown = executed(CHAPTER, tmp_path, **SMALL | values)
    said = "\n".join(shown.said)
    assert answer in shown.answer
    assert check in said
    assert "stride², so k² only where the stride is the size" in shown.said[-1]
    assert program in said
    assert ("Nothing but relu was timed." in shown.said[-1]) == (values["activation"] == "relu")
    captions = shown.captions
    assert list(captions) == ["fig-order-alone", "fig-order-step", "fig-step-profile", "fig-roofline"]
    assert all(values["activation"] in captions[id] for id in ("fig-order-alone", "fig-order-step", "fig-step-profile"))
    assert all("load average" in figure["basis"] for figure in shown.figures)
    busy = "The machine was busy" in said
    assert busy == ("could not be measured" in shown.answer)
    assert busy == ("open: the machine was busy" in shown.said[-1].lower())
