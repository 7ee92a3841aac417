"""Chapter 1 and Note A: what they say turns with their parameters."""

from __future__ import annotations

import nbformat
import pytest

from notebooks import CHAPTERS
from relupool.book import execute
from relupool.book.build import Build

CHAPTER, NOTE = CHAPTERS / "01_convolution_is_linear.ipynb", CHAPTERS / "A_flipped_kernels.ipynb"


def read(chapter, folder, **values):
    """The finished text of a chapter, and the figures that it shows: captions and tags by id."""
    execute.execute(chapter, folder, Build(), values)
    cells = nbformat.read(folder / "executed.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    figures = [output.metadata.relupool.figure for output in outputs if "relupool" in output.get("metadata", {})]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    said = "\n".join(output.data["text/markdown"] for output in outputs if "text/markdown" in output.get("data", {}))
    return " ".join(f"{text}\n{said}".split()), {figure["id"]: figure for figure in figures}


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "there", "not_there"),
    [
        (
            {"live_steps": 2},
            ["is one matrix: ten pictures", "the work of a single kernel of 6 × 6", "and all agree"],
            ["breaks the law", "nothing collapses"],
        ),
        (
            {"live_steps": 1, "activation": "relu", "kernel_size": 2, "seed": 3},
            [
                "but followed by `relu` it is not",
                "`relu`, which follows it here, that breaks the law",
                "does not do the",
            ],
            ["and all agree", "Three layers did the work"],
        ),
    ],
)
def test_the_chapter_turns_with_its_parameters(tmp_path, values, there, not_there):
    text, figures = read(CHAPTER, tmp_path, **values)
    assert [part for part in there if part not in text] == []
    assert [part for part in not_there if part in text] == []
    assert figures.keys() == {"fig-templates", "fig-toeplitz", "fig-collapse", "fig-linear-networks"}
    assert figures["fig-templates"]["tag"].endswith("steps, one seed, trained for this page")
    assert "The rank is 1,728 of 1,728, so nothing is lost." in text and "full for almost all" in text


@pytest.mark.book
@pytest.mark.parametrize("size", [2, 4])
def test_the_note_tells_the_two_apart(tmp_path, size):
    text, figures = read(NOTE, tmp_path, kernel_size=size)
    assert "Keras does not (" in text
    assert "keras.ops.conv returns the kernel turned by half a turn" in figures["fig-flipping"]["caption"]
    assert "scipy.signal.convolve returns the kernel as it is" in figures["fig-flipping"]["caption"]
