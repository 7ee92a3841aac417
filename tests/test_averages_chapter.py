"""The chapter on average-pooling: every activation can be chosen, and its answer turns with the parameters."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed
from relupool.book import parameters
from relupool.theory.activations import ACTIVATIONS

CHAPTER = CHAPTERS / "04_average_pooling_does_not.ipynb"


def test_every_activation_can_be_chosen():
    (activation,) = [p for p in parameters.read(CHAPTER) if p.name == "activation"]
    assert set(activation.options) == set(ACTIVATIONS)


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "sign", "picture"),
    [
        (
            {"activation": "linear", "pool_size": 2, "stride": 1, "trials": 1},
            "Yes, with linear it does",
            "there is no gap",
            "The two are the same.",
        ),
        (
            {"activation": "log_sigmoid", "trials": 20, "beta": 100.0, "seed": 3},
            "log_sigmoid is concave, so averaging last never gives more.",
            "more must not occur",
            "averaging last gives less.",
        ),
        (
            {"activation": "gelu", "pool_size": 8, "stride": 8, "trials": 7, "beta": 0.01},
            "gelu bends both ways, so averaging last can give more or less.",
            "says nothing about the sign",
            "averaging last gives more.",
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, sign, picture):
    shown = executed(CHAPTER, tmp_path, **values)
    assert answer in shown.answer
    assert answer in shown.said[-2]  # the box to remember
    assert "such as the average.** [True.]{.is-true} Holds: " in shown.said[-1]  # whatever the parameters are
    assert "There the order matters.** [True.]{.is-true}" in shown.said[-1]
    assert any(sign in text for text in shown.said)
    assert len(shown.captions) == 5
    assert shown.captions["fig-jensen"].endswith(picture)
    assert "gelu does not" in shown.captions["fig-log-mean-exp-gap"]
