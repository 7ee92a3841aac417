"""The chapter from nothing to ReLU: its exercises, its cells, and its answer, which turns with what is stored."""

from __future__ import annotations

import doctest
import re

import nbformat
import numpy as np
import pytest

from frames import AVERAGE, MAX
from notebooks import CHAPTERS, executed
from relupool.book.execute import Build
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, Maxout
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.scale import EQUAL_PARAMETERS
from relupool.experiments.store import Store
from relupool.experiments.studies import SCALE

CHAPTER = CHAPTERS / "10_from_nothing_to_relu.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TEXT = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
SOLUTIONS = dict(re.findall(r"````\{solution\} (\S+)\n.*?```pycon\n(.*?)```", TEXT, flags=re.S))


def test_every_exercise_has_a_solution():
    exercises = re.findall(r":label: (ex-\S+)", TEXT)
    assert len(exercises) >= 3
    assert set(exercises) == SOLUTIONS.keys()


@pytest.mark.parametrize("exercise", SOLUTIONS)
def test_the_solution_is_right(exercise):
    example = doctest.DocTestParser().get_doctest(SOLUTIONS[exercise], {}, exercise, str(CHAPTER), 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_parameters_of_the_solution_are_those_of_the_networks():
    for maxout, channels, pieces in ((Maxout(channels=59), 59, 2), (Maxout(channels=64), 64, 2)):
        filters = pieces * channels
        counted = filters * 76 + filters * (25 * channels + 1) + (36 * channels + 1) * 384 + 73_920 + 1_930
        assert build(Architecture(conv_activation=maxout)).count_params() == counted


def test_every_theorem_has_a_proof_and_then_a_check():
    order = []
    for cell in CELLS:
        code = cell.cell_type == "code"
        order += ["code"] if code else re.findall(r"\{prf:(theorem|proof)\}", cell.source)
    places = [place for place, kind in enumerate(order) if kind == "theorem"]
    assert [order[place + 1 : place + 3] for place in places] == [["proof", "code"]] * 3


def test_cells_are_short_and_show_at_most_one_figure_as_their_last_line():
    for cell in CELLS:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            assert len(lines) <= 12, lines[0]
            assert not cell.outputs
            shows = [place for place, line in enumerate(lines) if line.startswith("show(")]
            assert shows in ([], [len(lines) - 1]), lines[0]


def store(folder, average, maximum) -> Build:
    """A build with made-up runs of the largest preset, which end with these accuracies.

    One seed has all networks, which the figures show; two more have those that a verdict is about.
    """
    ends = {f"average pool, {k}": v for k, v in average.items()} | {f"max pool, {k}": v for k, v in maximum.items()}
    judged = {SCALE.networks[f"average pool, {name}"] for name in ("linear", "ReLU", EQUAL_PARAMETERS)}
    for e in SCALE.experiments("paper"):
        if e.seed > 2 or (e.seed and e.network not in judged):
            continue
        right = round(ends[SCALE.label(e.network)] * e.test_images)
        share = right / e.test_images
        run = Run(
            experiment=e,
            evaluations=tuple(
                Evaluation(step=step, accuracy=share, loss=1.0, raw_accuracy=share, raw_loss=1.0)
                for step in e.schedule.evaluate_at
            ),
            losses=((100, 2.0),),
            diverged_at=None,
            hits=pack(np.arange(e.test_images) < right),
            provenance={"device": "none", "device_kind": "cpu", "seconds": 1.0},
        )
        Store(folder).put(SCALE, run)
    return Build(results=folder)


@pytest.mark.book
@pytest.mark.parametrize(
    ("values", "average", "own", "answer", "maxout"),
    [
        ({"slope": 1.0}, AVERAGE, "slope 1", "between 0.08 (sigmoid) and 1.12 (absolute value)", "True: 3 seeds"),
        (
            {"activation": "maxout", "pool": "max", "seed": 7},
            AVERAGE | {EQUAL_PARAMETERS: AVERAGE["linear"]},
            EQUAL_PARAMETERS,
            f"between 0.00 ({EQUAL_PARAMETERS}) and 1.12 (absolute value)",
            "False: 3 seeds",
        ),
        (
            {"activation": "softsign"},
            AVERAGE | {"ReLU": 0.355},
            "softsign",
            "to measure anything by",
            "Open: it is not certain that ReLU gains anything here",
        ),
    ],
)
def test_the_answer_turns_with_what_is_stored(tmp_path, values, average, own, answer, maxout):
    build = store(tmp_path / "results", average, MAX)
    shown = executed(CHAPTER, tmp_path / "chapter", build=build, live_steps=20, **values)
    assert answer in shown.answer
    assert shown.answer.strip("'") in shown.said[-1]  # what to remember
    (box,) = [text for text in shown.said if "{admonition} Verdicts" in text]
    assert re.search(r"\*\*Maxout.*?\*\* \[(.*?)\]", box)[1].startswith(maxout)
    assert own in shown.numbers["yours"]
    (placed,) = [text for text in shown.said if "Your activation" in text]
    found = re.search(r"No activation: (.*) %; (.*): (.*) %; ReLU: (.*) %\. ", placed)
    assert found[2] == own
    assert own != "slope 1" or found[1] == found[3]  # slope 1 is no activation, to the last bit
    ids = {"fig-bends", "fig-live-scale", "fig-slopes", "fig-length", "fig-ruler", "fig-scale-curves"}
    assert shown.captions.keys() == ids
    assert "One seed each, so there are no intervals." in shown.captions["fig-ruler"]
