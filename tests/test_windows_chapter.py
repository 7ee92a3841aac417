"""How often does ReLU act: the chapter's numbers are the verdict's, and its sentences turn with what was found."""

from __future__ import annotations

import nbformat
import pytest

from frames import runs
from notebooks import CHAPTERS
from relupool.book import execute, prose
from relupool.book.build import Build
from relupool.claims import judge
from relupool.claims.claim import How
from relupool.claims.grounds import gather
from relupool.experiments.store import ResultSet, Store
from relupool.experiments.studies import FIRST_ABLATIONS, LONG, SEEDS
from relupool.measures import windows
from relupool.measures.estimate import Estimate

CHAPTER = CHAPTERS / "05_how_often_relu_acts.ipynb"
TEXT = "\n".join(cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "markdown")


def test_the_shares_are_those_of_the_verdict_at_the_same_step():
    store = Store.default()
    sets = [found for study in (FIRST_ABLATIONS, SEEDS, LONG) for found in store.sets(study)]
    found = windows.longest(sets, "untouched")
    shares = windows.shares(found)
    step = next(iter(shares.values())).steps
    (verdict,) = judge.judge(gather(store), "B9", how=How(step=step))
    assert verdict.number == "all negative: " + "; ".join(f"{each.per_cent} {where}" for where, each in shares.items())
    mean = windows.channels(found).query("step == @step").groupby("layer")["all_negative"].mean()
    assert mean.tolist() == pytest.approx([shares["after conv1"].mean, shares["after conv2"].mean])


def probe(share: float, positive: float = 0.2) -> dict[str, object]:
    layer = {"all_negative": {"9": [share, share], "6": [0.0, 0.0]}, "positive": [positive, positive],
             "pool_gap": [0, 0], "rms": 1.0, "lrn_gain": None}  # fmt: skip
    return {"conv1": layer, "conv2": layer}


def made(study, share, **how) -> ResultSet:
    return ResultSet(
        study, "standard", tuple(runs(study, dict.fromkeys(study.networks, 0.8), probes=probe(share), **how))
    )


def test_of_several_sets_one_with_enough_seeds_counts_then_the_longest_then_the_largest():
    few, long = made(LONG, 0.1, seeds=2, steps=60_000), made(LONG, 0.2, seeds=3, steps=60_000)
    short, many = made(FIRST_ABLATIONS, 0.3, seeds=3, steps=10_000), made(SEEDS, 0.4, seeds=8, steps=10_000)
    for sets, share, seeds in (((few, short, many), 0.4, 8), ((few, long, many), 0.2, 3), ((few, short), 0.3, 3)):
        found = windows.longest(sets, "untouched")
        conv1 = windows.shares(found)["after conv1"]
        assert (conv1.mean, conv1.n, len(found.runs)) == (pytest.approx(share), seeds, seeds)
    channels = windows.channels(windows.longest((short,), "untouched"))
    assert (channels["negative"] == 0.8).all() and channels["independent"].unique() == pytest.approx([0.8**9])


def shares(mean: float) -> Estimate:
    return Estimate(values=(mean - 0.01, mean, mean + 0.01), steps=10_000)


LAYER = {"negative": 0.6, "independent": 0.1, "all_negative": 0.3}
TOLD = {
    "conv1": shares(0.32), "conv2": shares(0.74), "both": shares(0.39), "without2": shares(0.47), "rare": 512,
    "with_relu": True, "start": {"conv1": LAYER, "conv2": LAYER}, "end": {"conv1": LAYER, "conv2": LAYER},
    "above": 512, "of": 512, "dead": 0, "least": 0.01,
    "worth": {"verdict": "true", "number": "+0.2 ± 0.5 points"},
    "whole": shares(-0.005), "alone": shares(-0.03), "averaged": shares(0.2),
    "gains": shares(0.03),
    "gone": {"gate": [2_100, 2_300, 3_000], "values": [400, 500, 550]}, "seeds": 3,
}  # fmt: skip


def text(**changes) -> str:
    return prose.fill(TEXT, {name: prose.plain(value) for name, value in (TOLD | changes).items()})


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, "is true after conv1 and false after conv2", "after both layers here"),
        ({"conv1": shares(0.6)}, "not the same in both layers", "is true after conv1"),
        ({"conv2": shares(0.3)}, "is true after both layers here", "false after conv2"),
        ({"both": shares(0.6)}, "false after conv2", "Over all windows of both layers"),
        ({"above": 500}, "Of 512 channels (over all seeds), 500", "every channel ends above"),
        ({"dead": 2}, "2 such channels", "We never met one"),
        ({"alone": shares(0.03)}, "The gate alone gained 3.0", "The gate alone cost"),
        ({"whole": shares(0.03)}, "all of ReLU gained 3.0", "nothing certain"),
        ({"gone": {"values": [400]}}, "ReLU is worth 3.0", "diverged, in every seed"),
        ({"worth": {"verdict": "open", "number": ""}}, "is another matter", "is about as accurate"),
        ({"gains": None}, "The gate alone cost", "where ReLU does gain"),
        (
            {"with_relu": False},
            "in the network trained without ReLU in its convolutional layers it is",
            "in the trained network",
        ),
    ],
    ids=str,
)
def test_the_text_turns(changes, said, unsaid):
    assert said in text(**changes)
    assert unsaid not in text(**changes)


@pytest.mark.book
def test_the_chapter_runs_with_other_parameters(tmp_path):
    execute.execute(CHAPTER, tmp_path, Build(), {"with_relu": False, "values": 4})
    cells = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    texts = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert "the same network trained without these ReLUs" in texts
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    figures = [o["metadata"]["relupool"]["figure"] for o in outputs if "relupool" in o.get("metadata", {})]
    assert [figure["id"] for figure in figures] == [
        "fig-windows-trained",
        "fig-correlation",
        "fig-channels",
        "fig-gates",
    ]
    assert "How many of 4 normal values" in figures[1]["caption"]
    assert any("[24, 24, 24, 24, 24] of 120" in output.get("text", "") for output in outputs)
