"""The chapter on convolution: that its answer, captions and verdicts turn with its parameters."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from relupool.book import execute, parameters

CHAPTER = Path(__file__).parent.parent / "chapters" / "01_convolution_is_linear.ipynb"
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
    execute.execute(CHAPTER, tmp_path, execute.Build(), values)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == "display_data"]
    box = outputs[-1]["data"]["text/markdown"]
    headline = next(o for o in outputs if o["metadata"].get("scrapbook", {}).get("name") == "answer")
    for part in answer:
        assert part in box
        assert part in headline["data"]["application/papermill.record/text/plain"]
    figures = [o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o["metadata"]]
    captions = {figure["id"]: figure["caption"] for figure in figures}
    assert captions.keys() == FIGURES
    assert caption[1] in captions[caption[0]]
    texts = "\n".join(o["data"].get("text/markdown", "") for o in outputs)
    assert (
        texts.count("Both sides agreed bit for bit") >= 5
    )  # convolution itself stays linear whatever stands behind it
