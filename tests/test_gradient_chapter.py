"""The chapter on what the gradient does: its headline and its box turn with the results and with the parameters."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import nbformat
import pytest

from frames import stored as store
from relupool.book import execute
from relupool.experiments.studies import GATING, GATING_WHERE_IT_GAINS, ORDER

CHAPTER = Path(__file__).parent.parent / "chapters" / "11_what_the_gradient_does.ipynb"
FEW = {"steps": 10, "batches": 2}
GATE = dict(zip(GATING.networks, (0.86, 0.80, 0.86, 0.80) * 2, strict=True))
FORWARD = dict(zip(GATING.networks, (0.86, 0.86, 0.80, 0.80) * 2, strict=True))
IT_GATES, IT_PASSES, EITHER_IS_ENOUGH = (
    dict(zip(GATING_WHERE_IT_GAINS.networks, ends, strict=True))
    for ends in ((0.86, 0.86, 0.80, 0.80), (0.86, 0.80, 0.86, 0.80), (0.86, 0.86, 0.86, 0.80))
)
SAME = dict(zip(ORDER.networks, (0.86, 0.86, 0.85, 0.85, 0.84, 0.84, 0.84, 0.84), strict=True))
APART = dict(zip(ORDER.networks, (0.86, 0.86, 0.85, 0.85, 0.84, 0.80, 0.84, 0.79), strict=True))

TEXT = "\n".join(cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "markdown")
SOLUTIONS = dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", TEXT, flags=re.S))


def test_every_exercise_has_a_solution_and_cells_are_short():
    assert set(re.findall(r"\{exercise\}.*?\n:label: (\S+)", TEXT)) == SOLUTIONS.keys()
    assert len(SOLUTIONS) >= 3
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        assert cell.cell_type == "markdown" or len(cell.source.splitlines()) <= 12, cell.source


@pytest.mark.parametrize("label", SOLUTIONS)
def test_a_solution_prints_what_the_page_says(label):
    example = doctest.DocTestParser().get_doctest(SOLUTIONS[label], {}, label, None, 0)
    assert example.examples
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "gates", "judged", "orders", "verdict", "variant"),
    [
        (
            {"forward": "linear", "gated": True, "lrn": False, "seed": 3},
            GATE,
            IT_GATES,
            SAME,
            "True",
            "the identity forward and the gradient gated, max-pools, conv-act-pool, no normalization",
        ),
        (
            {"gated": True, "pool": "average", "order": "conv-pool-act", "weights": "raw"},
            FORWARD,
            IT_PASSES,
            APART,
            "False",
            "ReLU forward and the gradient gated, average-pools, conv-pool-act, with normalization",
        ),
        (
            {"pool": "blur", "batches": 3, "seed": 1},
            {**GATE, **{label: FORWARD[label] for label in list(FORWARD)[4:]}},
            EITHER_IS_ENOUGH,
            APART,
            "Partly true",
            "ReLU forward and the gradient passing, blur-pools, conv-act-pool, with normalization",
        ),
    ],
    ids=["the gate", "forward", "either alone"],
)
def test_headline_and_box_turn(tmp_path, values, gates, judged, orders, verdict, variant):
    store(tmp_path / "results", GATING, gates)
    store(tmp_path / "results", GATING_WHERE_IT_GAINS, judged, preset="standard")
    store(tmp_path / "results", ORDER, orders)
    given = FEW | values
    execute.execute(CHAPTER, tmp_path, execute.Build(preset="paper", results=tmp_path / "results"), given)
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    (headline,) = [o["data"] for o in outputs if o.get("metadata", {}).get("scrapbook", {}).get("name") == "answer"]
    answer = f"where nothing is of use: {verdict.lower()} (the gain of the gate alone minus 50 % of ReLU"
    assert answer in str(headline)
    assert f"Over {given['batches']} batches both orders stayed equal to the last bit" in str(headline)
    said = [o["data"]["text/markdown"] for o in outputs if "text/markdown" in o.get("data", {})]
    assert answer in said[-1]
    (blocked,) = [text for text in said if "Verdict on the blocked gradient" in text]
    assert f"where nothing is of use.** [{verdict}: 3 seeds, 10,000 steps.]{{.is-" in blocked
    assert variant in said[-1]
    assert "after 10 steps" in said[-1]
    (trained,) = [text for text in said if "Verdicts on the trained orders" in text]
    assert ("average: both orders train to the same accuracy.** [False: " in trained) == (orders is APART)
    figures = {o["metadata"]["relupool"]["figure"]["id"]: o["metadata"]["relupool"]["figure"]
               for o in outputs if "relupool" in o.get("metadata", {})}  # fmt: skip
    assert len(figures) == 5
    assert "ReLU, max, no LRN: no difference" in figures["fig-parting"]["caption"]
    assert "100,000 training steps; 5 seeds" in figures["fig-gate-effects"]["basis"]
