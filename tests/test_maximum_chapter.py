"""The chapter on the maximum: its sentences turn with what was counted, and it runs with other parameters."""

from __future__ import annotations

import nbformat
import pytest

from notebooks import CHAPTERS, executed
from relupool.book import prose

CHAPTER = CHAPTERS / "02_max_is_not_linear.ipynb"
TEXT = "\n".join(cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "markdown")
COUNTS = {"ReLU alone": 156, "max alone": 114, "both": 90, "neither": 1}
TOLD = {
    "counts": COUNTS, "fewer": {"both": True, "than_relu": True}, "levels": 0.5,
    "folded": COUNTS, "stay": {"ReLU alone": 20, "max alone": 70}, "lost": {"ReLU alone": 136, "max alone": 44},
    "mean": {"ReLU alone": 114.2, "max alone": 102.0, "both": 85.1}, "fewest": 13, "ways": 16, "glass": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        (
            {},
            [
                "of only 90",
                "One thing surprises",
                "Either way 90 are left",
                "Each takes more than it adds",
                "both together\n85, the fewest on 13",
            ],
            [],
        ),
        ({"fewer": {"both": False, "than_relu": False}}, ["with both of 90"], ["One thing surprises", "only 90"]),
        ({"stay": {"ReLU alone": 1, "max alone": 70}}, ["ReLU takes 44, and it adds 1"], ["Either way"]),
        ({"lost": {"ReLU alone": 3, "max alone": 44}}, ["max takes 3,"], ["Each takes more"]),
    ],
)
def test_the_text_turns(changes, said, unsaid):
    text = prose.fill(TEXT, TOLD | changes)
    assert all(sentence in text for sentence in said)
    assert not any(sentence in text for sentence in unsaid)


@pytest.mark.book
def test_other_parameters(tmp_path):
    shown = executed(CHAPTER, tmp_path, pool_size=2, image=9, seed=7)
    assert shown.captions.keys() == {"fig-max-folds", "fig-regions-line", "fig-regions-plane"}
    assert any("kept these laws" in text for text in shown.said)
    assert any("if and only if the largest" in text for text in shown.said)
