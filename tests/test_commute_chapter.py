"""The chapter on ReLU and max-pooling: its parameters, its theorems, and that its answer turns with its activation."""

from __future__ import annotations

import re

import nbformat
import pytest

from notebooks import CHAPTERS, executed
from relupool.book import parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = CHAPTERS / "03_relu_and_max_pool_commute.ipynb"
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
    shown = executed(CHAPTER, tmp_path, **values)
    assert answer in shown.answer
    assert answer in shown.said[-1]
    assert box in shown.said[-1]
    assert len(shown.captions) == 4
    assert outcome in shown.captions["fig-both-orders"]
    assert "counterexample found for gelu" in shown.captions["fig-counterexample"]
    assert "commute bit for bit" in shown.captions["fig-order-gaps"]
