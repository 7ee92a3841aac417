"""The chapter on convolution: that its answer, captions and verdicts turn with its parameters."""

from __future__ import annotations

import pytest

from notebooks import CHAPTERS, executed
from relupool.book import parameters

CHAPTER = CHAPTERS / "01_convolution_is_linear.ipynb"
FIGURES = {"fig-toeplitz", "fig-flipping", "fig-collapse", "fig-border", "fig-templates"}


def test_its_parameters_have_ranges():
    known = {p.name: p for p in parameters.read(CHAPTER)}
    assert {"activation", "kernel_size", "size", "strides", "padding", "live_steps", "seed"} == known.keys()
    assert known["padding"].options == ("valid", "same")


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "answer", "caption"),
    [
        (
            {"activation": "relu", "kernel_size": 2, "live_steps": 2},
            ["Not with relu behind it", "No one kernel replaces the stack"],
            ("fig-templates", "They are not what the network is"),
        ),
        (
            {"padding": "same", "strides": 2, "kernel_size": 5, "size": 8, "live_steps": 1},
            ["Yes: it is linear", "no longer one convolution"],
            ("fig-toeplitz", "some are missing, beyond the border"),
        ),
        (
            {"kernel_size": 1, "strides": 3, "size": 6, "seed": 7, "live_steps": 1},
            ["Yes: it is linear", "Stacking adds nothing: 3 layers did what one kernel of 4 × 4 does"],
            ("fig-border", "Of 9 positions none differs, as was predicted."),
        ),
    ],
)
def test_the_answer_turns_with_the_parameters(tmp_path, values, answer, caption):
    shown = executed(CHAPTER, tmp_path, **values)
    for part in answer:
        assert part in shown.said[-1]
        assert part in shown.answer
    assert shown.captions.keys() == FIGURES
    assert caption[1] in shown.captions[caption[0]]
    # convolution itself stays linear whatever stands behind it
    assert "\n".join(shown.said).count("Both sides agreed bit for bit") >= 5
