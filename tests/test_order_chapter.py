"""Chapter 3 and note B: every activation can be chosen, and what they say turns with their parameters."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed
from relupool.book import parameters
from relupool.theory import rounding
from relupool.theory.activations import ACTIVATIONS

CHAPTER, NOTE = CHAPTERS / "03_before_or_after.ipynb", CHAPTERS / "B_floating_point.ipynb"


@pytest.mark.parametrize(("page", "names"), [(CHAPTER, ACTIVATIONS), (NOTE, rounding.SMOOTH)])
def test_every_activation_can_be_chosen(page, names):
    (activation,) = [p for p in parameters.read(page) if p.name == "activation"]
    assert set(activation.options) == set(names)


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "orders", "average", "search"),
    [
        ({"activation": "gelu", "pool_size": 2, "seed": 3}, "give different", "gives more.", "both orders differed in"),
        ({"activation": "linear", "pool_size": 8}, "give the same", "both orders meet.", "both orders agreed bit"),
        ({"activation": "log_sigmoid", "pool_size": 1}, "give the same", "gives less.", "500 random images"),
    ],
)  # fmt: skip
def test_the_chapter_turns_with_the_parameters(tmp_path, values, orders, average, search):
    shown = executed(CHAPTER, tmp_path, **values)
    assert shown.captions["fig-both-orders"].startswith(f"Both orders {orders}")
    assert average in shown.captions["fig-jensen"]
    assert any(", max-pool of" in text and search in text for text in shown.said)
    assert len(shown.captions) == 6


@pytest.mark.book
def test_the_note_turns_with_the_activation(tmp_path):
    shown = executed(NOTE, tmp_path, activation="softplus")
    assert "softplus" in shown.captions["fig-rounding-falls"]
    assert set(shown.captions) == {"fig-rounding-falls", "fig-rounding-bends"}
