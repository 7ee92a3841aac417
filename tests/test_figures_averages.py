"""The figures on averages show their frames, and say what they show."""

from __future__ import annotations

import numpy as np
import pytest

from relupool.figures import averages as figures
from relupool.theory import survey
from relupool.theory.activations import ACTIVATIONS

WINDOW = np.array([-2.0, 1.0, 2.5, 0.5])


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("relu", "Where the graph bends, averaging last gives more."),
        ("log_sigmoid", "Where the graph bends, averaging last gives less."),
        ("linear", "On a straight line both orders meet."),
    ],
)
def test_the_window_on_the_graph(name, outcome):
    graph = survey.graphs([name], low=-3, high=3)
    figure = figures.jensen(graph, activation=name, window=WINDOW, values=ACTIVATIONS[name](WINDOW))
    assert figure.caption.startswith(outcome)
    if name == "relu":
        assert set(texts(figure)) == {"relu first: 1", "average first: 0.5", "gap 0.5"}
        assert "−2, 1, 2.5 and 0.5" in figure.caption
