"""The one judge: every rule has data that bear it out and data that turn it, and every threshold has one place."""

from __future__ import annotations

import ast
import gc
import importlib
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attrs import evolve

import frames
from grounds import (
    NEARLY,
    PAIR,
    TWO,
    WIDE,
    activations,
    at_best_rates,
    families,
    formats,
    gate,
    grid,
    lrn,
    maxout,
    orders,
    propositions,
    runs,
    timed,
    turned,
    windows,
)
from relupool import thresholds
from relupool.claims import judge
from relupool.claims.changes import CHANGES
from relupool.claims.claim import CHAPTERS, How, Runs, Theorems
from relupool.claims.grounds import Grounds, gather
from relupool.claims.ledger import CLAIMS, FINDINGS, LEDGER
from relupool.claims.rules import VERDICTS, at_least, less_than, together, within
from relupool.claims.special import both_orders
from relupool.experiments.store import Store
from relupool.experiments.studies import (
    LONG,
    PAST_THE_FALL,
    SEEDS,
)
from relupool.measures import bigger
from relupool.measures.estimate import Estimate
from relupool.measures.published import ORDERS
from relupool.site import scorecard
from relupool.theory.propositions import PROPOSITIONS

LIBRARY = Path(judge.__file__).parents[1]


TABLE = [
    ("A2", Grounds(propositions=propositions()), "partly true"),
    ("A2", Grounds(propositions=turned("keras-convolves")), "true"),
    ("A2", Grounds(propositions=turned("convolution-is-linear-in-data")), "partly true"),
    ("A6", Grounds(propositions=propositions()), "partly true"),
    ("A8", evolve(grid(), propositions=propositions()), "false"),
    ("A8", evolve(grid(), propositions=turned("convolution-is-linear-in-data")), "partly true"),
    ("A8", evolve(grid(average=0.03, alone=0.0, extra=0.0), propositions=turned("convolution-is-linear-in-data")),
     "true"),
    ("A8", evolve(grid(conv=0.3), propositions=turned("convolution-is-linear-in-data")), "false"),
    ("A13", Grounds(activations=activations(24)), "true"),
    ("A13", Grounds(activations=activations(21)), "partly true"),
    ("A13", Grounds(activations=activations(12)), "false"),
    ("A4", timed(costly=1.2), "true"),
    ("A4", timed(costly=1.01), "false"),
    ("A4", timed(costly=1.2, names=("relu", "softplus")), "open"),
    ("A5", timed(relu=1.01), "true"),
    ("A5", timed(relu=1.2), "false"),
    ("A15", timed(), "partly true"),
    ("A15", timed(alone=0.9), "false"),
    ("A15", evolve(timed(), propositions=turned("pooling-divides-by-the-window-squared")), "true"),
    ("A16", timed(), "true"),
    ("A16", timed(costly=1.2), "partly true"),
    ("A16", timed(relu=1.2, costly=1.2, convolutions=0.3), "false"),
    ("B2", runs(SEEDS, TWO), "true"),
    ("B2", runs(SEEDS, TWO | {"untouched": 0.83}), "false"),
    ("B2", runs(SEEDS, TWO | {"untouched": 0.77}), "false"),
    ("B2", runs(SEEDS, TWO, **WIDE), "open"),
    ("B3", grid(), "true"),
    ("B3", grid(average=0.0, dense=0.0), "false"),
    ("B3", grid(conv=0.1), "false"),
    ("B3", grid(dense=0.0), "partly true"),
    ("B4a", runs(LONG, PAIR), "true"),
    ("B4a", runs(LONG, PAIR | {"average pool, linear dense": 0.70}), "false"),
    ("B4a", runs(LONG, PAIR | {"average pool, all linear": 0.45}), "false"),
    ("B4a", runs(LONG, PAIR, **WIDE), "open"),
    ("B4a", runs(LONG, PAIR, steps=50_000), "open"),
    ("B4a", runs(LONG, PAIR, seeds=1), "open"),
    ("B4b", runs(LONG, PAIR), "true"),
    ("B4b", runs(LONG, PAIR | {"average pool, all linear": 0.70}), "false"),
    ("B4b", runs(LONG, PAIR | {"average pool, all linear": 0.58}, **WIDE), "open"),
    ("B4b", runs(LONG, PAIR, steps=900, looks=()), "open"),
    ("B4b", runs(LONG, PAIR, dataset="synthetic"), "open"),
    ("normalization", Grounds(runs=lrn(0.0).runs.assign(dtype="mixed_bfloat16")), "open"),
    ("B9", windows(0.2, 0.3), "true"),
    ("B9", windows(0.35, 0.75), "partly true"),
    ("B9", windows(0.6, 0.9), "false"),
    ("B9", windows(0.49, 0.49, seeds=1), "open"),
    ("B10", gate(0.80, 0.79, 0.76, 0.75), "true"),
    ("B10", gate(0.80, 0.75, 0.80, 0.75), "false"),
    ("B10", gate(0.80, 0.79, 0.80, 0.75), "partly true"),
    ("B10", gate(0.78, 0.74, 0.60, 0.75), "partly true"),  # ReLU gains 3 points, and the gate alone costs one
    ("B10", gate(0.78, 0.74, 0.78, 0.75), "false"),
    ("B10", gate(0.74, 0.79, 0.60, 0.75), "open"),  # nothing is gained that could be explained
    ("B11", maxout(0.58), "true"),
    ("B11", maxout(0.40), "false"),
    ("B11", maxout(0.58, relu=0.36), "open"),
    ("B12", runs(LONG, PAIR), "true"),
    ("B12", runs(LONG, PAIR | {"average pool, all linear": 0.80}), "false"),
    ("B12", runs(LONG, PAIR, seconds=25 * 3600.0), "true"),  # a thousand steps show it, in less than half an hour
    ("B12", runs(LONG, PAIR, seconds=25 * 3600.0, looks=()), "false"),
    ("B12", runs(LONG, PAIR | {"average pool, all linear": 0.735}, **WIDE), "open"),
    ("past-the-fall", runs(PAST_THE_FALL, {"average pool, linear dense": 0.86}, steps=160_000), "true"),
    ("past-the-fall", runs(PAST_THE_FALL, {"average pool, linear dense": 0.80}, steps=160_000), "false"),
    ("best-rates", at_best_rates(PAIR), "true"),
    ("best-rates", at_best_rates(PAIR, **WIDE), "open"),
    ("best-rates", at_best_rates({**PAIR, "average pool, all linear": 0.75}), "partly true"),
    ("best-rates", at_best_rates({**dict.fromkeys(PAIR, 0.6), "untouched": 0.9}), "false"),
    ("best-rates", evolve(at_best_rates(PAIR), rates={}), "open"),
    ("B13", families(0.4), "true"),
    ("B13", families(0.05), "false"),
    ("interaction", grid(), "true"),
    ("interaction", grid(extra=-0.2, conv=0.25, alone=0.0), "false"),
    ("max-alone", grid(), "true"),
    ("max-alone", grid(conv=0.5, extra=-0.3, alone=0.0), "false"),
    ("normalization", lrn(0.0), "true"),
    ("normalization", lrn(0.05), "false"),
    ("precision", formats(0.001), "true"),
    ("precision", formats(0.05), "false"),
    *((f"order-{pair.lower().replace(' ', '-')}", orders(pair, 0.0), "true")
      for pair in ("ReLU and max", "GELU and max", "ReLU and average", "ReLU and blur")),
    *((f"order-{pair.lower().replace(' ', '-')}", orders(pair, 0.06), "false")
      for pair in ("ReLU and max", "GELU and max", "ReLU and average", "ReLU and blur")),
    *((f"bigger-{family}", families(0.4), "true") for family in ("resnet-20", "vgg-max-pools", "vgg-average-pools")),
    *((f"bigger-{family}", families(0.01), "false") for family in ("resnet-20", "vgg-max-pools", "vgg-average-pools")),
    *((f"scale-{pool}", Grounds(runs=frames.scale(maximum={"linear": 0.5, "ReLU": 0.6})), "true")
      for pool in ("average", "max")),
    *((f"scale-{pool}", Grounds(runs=frames.scale(*2 * ({"linear": 0.6, "ReLU": 0.5},))), "false")
      for pool in ("average", "max")),
]  # fmt: skip


@pytest.mark.parametrize(("id", "grounds", "wanted"), TABLE, ids=[f"{id}-{wanted}" for id, _, wanted in TABLE])
def test_turned_data_turn_verdicts(id, grounds, wanted):
    (found,) = judge.judge(grounds, id)
    assert found.verdict == wanted in VERDICTS, found.reason
    assert found.reason.endswith(".") and found.rule.endswith(".")


def test_every_claim_that_numbers_decide_has_data_that_bear_it_out_and_data_that_turn_it():
    by_numbers = [claim.id for claim in CLAIMS.values() if isinstance(claim.takes, Runs)] + ["A4", "A5", "A8", "A13",
                  "A15", "A16", "B9", "B12", "precision"]  # fmt: skip
    for id in by_numbers:
        assert {"true", "false"} <= {wanted for name, _, wanted in TABLE if name == id}, id


BY_THEOREMS = [claim for claim in LEDGER if isinstance(claim.takes, Theorems)]


@pytest.mark.parametrize("claim", BY_THEOREMS, ids=lambda claim: claim.id)
def test_each_proposition_of_a_claim_turns_it(claim):
    assert judge.judge(Grounds(propositions=propositions()), claim.id)[0].verdict == "true"
    for name in claim.takes.propositions:
        found = judge.judge(Grounds(propositions=turned(name)), claim.id)[0]
        assert found.verdict == "false"
        assert "came out otherwise" in found.number
    without = propositions().query("name != @claim.takes.propositions[0]")
    assert judge.judge(Grounds(propositions=without), claim.id)[0].words == "open: not checked"


def test_the_same_author_must_have_both_orders():
    assert both_orders(Grounds(), How()).verdict == "true"
    assert both_orders(Grounds(), How(), ORDERS[ORDERS["place"] != "network3.py"]).verdict == "false"


def test_without_grounds_only_what_was_written_is_decided():
    found = judge.judge(Grounds())
    assert [claim.id for claim in found if claim.verdict != "open"] == ["A1"]
    assert all(claim.condition and claim.reason for claim in found)


def test_a_busy_machine_decides_nothing():
    for id in ("A4", "A5", "A15", "A16"):
        found = judge.judge(timed(costly=1.2, relu=1.2, others=1.5), id)[0]
        assert found.words == "open: the machine was busy"


def test_the_ledger_is_whole():
    assert [claim.id for claim in LEDGER] == [f"A{n}" for n in range(1, 18)] + [
        "B1", "B2", "B3", "B4a", "B4b", *(f"B{n}" for n in range(5, 14))]  # fmt: skip
    known = {p.name for p in PROPOSITIONS}
    for claim in CLAIMS.values():
        assert set(claim.takes.propositions) <= known
        assert claim.chapter in CHAPTERS and claim.takes.rule.endswith(".") and claim.said[-1] in ".?"
        assert (claim.kind == "finding") == (claim in FINDINGS) and claim.kind in ("claim", "question", "finding")
        if isinstance(claim.takes, Runs):
            there = {network for study in claim.takes.studies for network in study.networks.values()}
            assert set(claim.takes.networks) <= there, claim.id
    assert set(CHANGES["effect"]) == {"stricter", "milder", "neither"}
    named = {id for row in CHANGES["claim"] for id in re.findall(r"\b[AB]\d+[ab]?\b", row)}
    assert named <= CLAIMS.keys()


def test_what_an_open_claim_lacks_is_a_command(tmp_path):
    empty = {claim.id: claim.lacks for claim in judge.judge(gather(Store(tmp_path), times=tmp_path / "none"))}
    assert "Missing: 16 of 16 runs of the study “seeds”" in empty["B2"]
    assert "`relupool train seeds --preset standard`" in empty["B2"]
    assert (empty["A3"], empty["A4"], empty["A1"]) == ("`relupool check`", "`relupool bench order`", "")
    (open_,) = judge.judge(runs(SEEDS, TWO, **WIDE), "B2")
    assert open_.lacks == "The runs that were planned for it are all there; it stays open."
    assert judge.judge(runs(SEEDS, TWO), "B2")[0].lacks == ""
    planned = evolve(runs(SEEDS, TWO), missing={"long": "Missing: 9 of 12 runs."})
    assert judge.judge(planned, "B2")[0].lacks == "Missing: 9 of 12 runs."


def test_what_one_kind_of_machine_says_alone_stands_beside_a_verdict_if_it_is_another():
    label, both = "max pool, no conv ReLU", dict.fromkeys(TWO, 0.8)
    mixed = [frames.frame(SEEDS, {"untouched": 0.8}, steps=10_000, device="here"),
             frames.frame(SEEDS, {label: 0.8}, steps=10_000, device="there")]  # fmt: skip
    same = frames.frame(LONG, {"untouched": 0.84}, looks=(10_000,), device="there")
    (found,) = judge.judge(Grounds(runs=pd.concat(mixed)), "B2")
    assert (found.verdict, found.elsewhere) == ("true", "")
    (found,) = judge.judge(Grounds(runs=pd.concat([*mixed, same.assign(steps=20_000).query("step == 10_000")])), "B2")
    assert found.verdict == "true"
    assert found.elsewhere.startswith("With what is compared on one kind of machine, it is false: +4.0")
    assert judge.judge(runs(SEEDS, both, steps=10_000), "B2")[0].elsewhere == ""


def test_an_unknown_claim_is_named():
    with pytest.raises(ValueError, match=r"claim is 'B4'.*B4a"):
        judge.judge(Grounds(), "B4")


def test_what_a_reader_asks_for_goes_to_the_judge():
    frame = pd.concat([
        frames.frame(SEEDS, TWO | {"untouched": 0.815}, steps=10_000, looks=(1_000,), grown=lambda s: 0.9 + s / 10),
        frames.frame(LONG, TWO, raw=-0.1),
    ])  # fmt: skip
    grounds = Grounds(runs=frame)
    (found,) = judge.judge(grounds, "B2")
    assert found.words == "true: 3 seeds, 60,000 steps"
    assert "After 10,000 steps (3 seeds) it is false" in found.elsewhere
    assert judge.judge(grounds, "B2", how=How(step=10_000))[0].words == "false: 3 seeds, 10,000 steps"
    assert judge.judge(grounds, "B2", how=How(step=10_000, margin=0.03))[0].verdict == "true"
    assert judge.judge(grounds, "B2", how=How(step=7))[0].words == "open: not trained"
    more = pd.concat([frame, frames.frame(SEEDS, TWO, steps=5_000, seeds=8)])
    many = judge.judge(Grounds(runs=more), "B2", how=How(most_seeds=True))[0]
    assert many.words == "true: 8 seeds, 5,000 steps" and "After" not in many.reason
    low = judge.judge(runs(LONG, PAIR, raw=-0.1), "B4a", how=How(weights="raw"))[0]
    assert low.verdict == "false"
    early = judge.judge(runs(LONG, PAIR), "B4a", how=How(step=1_000))[0]
    assert early.words == "open: too few steps" and "Judged from 60,000 steps on." in early.rule
    assert judge.judge(windows(0.2, 0.3), "B9", how=How(step=1_000))[0].words == "true: 3 seeds, 1,000 steps"
    assert judge.judge(windows(0.2, 0.3), "B9", how=How(step=7))[0].words == "open: not trained"


def test_runs_that_diverged_are_told():
    looks = (0, 1_000)
    one, every = {("untouched", 1): 300}, {("untouched", seed): 300 for seed in range(3)}
    found = judge.judge(runs(SEEDS, TWO, diverged=one, looks=looks), "B2")[0]
    assert found.words == "true: 2 seeds, 60,000 steps, one run diverged"
    found = judge.judge(runs(SEEDS, TWO, diverged=every, looks=looks), "B2")[0]
    assert found.words == "open: all runs of 1 of its 2 networks diverged"
    assert found.reason == "Every run of “untouched” diverged, so there is nothing to compare."
    absent = judge.judge(runs(SEEDS, {"untouched": 0.8}), "B2")[0]
    assert absent.words == "open: not trained"
    assert absent.reason == "There are no runs of “max pool, no conv ReLU”."


def test_windows_of_two_backends_are_not_mixed():
    few, many = windows(0.2, 0.3), windows(0.9, 0.9)
    other = tuple(evolve(run, experiment=evolve(run.experiment, backend="jax", dtype="float32")) for run in many.probed)
    for both in ((*few.probed, *other[:2]), (*other[:2], *few.probed)):
        assert judge.judge(Grounds(probed=both), "B9")[0].verdict == "true"


def test_formats_of_two_backends_are_not_mixed():
    one = formats(0.001).runs
    both = Grounds(runs=pd.concat([one, one.assign(backend="jax", accuracy=0.1)]))
    assert judge.judge(both, "precision")[0].verdict == "true"


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["true", "true"], "true"), (["false", "false"], "false"), (["true", "false"], "partly true"),
        (["true", "open"], "open"), (["false", "open"], "open"), (["true", "false", "open"], "partly true"),
        (["partly true", "true"], "partly true"), (["open"], "open"),
    ],
)  # fmt: skip
def test_parts_make_a_whole(words, whole):
    assert together(words) == whole


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize(
    ("rule", "on_the_way"),
    [
        (within(0.05), ["false", "open", "true", "open", "false"]),
        (at_least(0.05), ["false", "open", "true"]),
        (at_least(0.0), ["false", "open", "true"]),
        (less_than(0.05), ["true", "open", "false"]),
    ],
)
def test_a_rule_turns_once_on_the_way_and_is_open_in_between(rule, on_the_way, seeds):
    found = [rule.decide(Estimate(values=[mean + 0.004 * s for s in range(seeds)], steps=60_000))
             for mean in np.linspace(-0.2, 0.2, 401)]  # fmt: skip
    assert [a for a, b in zip(found, [None, *found], strict=False) if a != b] == on_the_way
    assert set(found) <= set(VERDICTS)


def test_an_equivalence_needs_the_90_per_cent_interval_and_its_refutation_the_95():
    near = Estimate(values=(0.0, 0.005, 0.01, 0.0055), steps=60_000)
    margin = near.mean + (near.half(0.9) + near.half(0.95)) / 2
    assert within(margin).decide(near) == "true"
    assert within(near.mean - (near.half(0.9) + near.half(0.95)) / 2).decide(near) == "open"


def test_the_stored_runs_are_judged_from_each_file_read_once(monkeypatch):
    from relupool.experiments import run as runs
    from relupool.experiments import store as stores

    stores._read.cache_clear()
    seen = []
    monkeypatch.setattr(runs, "from_json", lambda data, read=runs.from_json: seen.append(data["key"]) or read(data))
    found = judge.judge(gather(Store(stores.COMMITTED)))
    assert sorted(seen) == sorted(path.stem for path in stores.COMMITTED.glob("*/*.json"))
    by_id = {claim.id: claim for claim in found}
    assert by_id["B4b"].verdict == "true" and json.dumps(by_id["B4b"].number)


# --- thresholds -------------------------------------------------------------------------------------------------------

OTHERS = {
    "LEVEL": 0.8, "POINT": 0.02, "NOTICEABLE": 0.17, "LARGE": 0.31, "HALF": 0.43, "MOST": 0.77, "STRONG": 0.63,
    "ENOUGH": 1_700, "LONG": 47_000, "SEEDS": 2, "ONE_SEED": 0.037, "CHANCE": 0.13, "DAY": 19, "SMALL_SHARE": 0.07,
    "HIGH_LOAD": 0.5, "DISTURBED": 0.2, "ROUNDED": 32.0, "ROUNDING": 700, "NEAR": 0.23, "FIRST_LOSS": 0.021,
    "AGREE": {},
}  # fmt: skip
"""Each threshold, and another value for it."""

TOLD = {
    "LEVEL": ("95 %", "80 %"), "POINT": ("one point", "2 points"), "NOTICEABLE": ("10 points", "17 points"),
    "LARGE": ("25 points", "31 points"), "HALF": ("50 %", "43 %"), "MOST": ("90 %", "77 %"),
    "ENOUGH": ("1,000", "1,700"), "LONG": ("60,000", "47,000"), "SEEDS": ("3 seeds", "2 seeds"),
    "ONE_SEED": ("2 points to either", "3.7 points to either"), "DAY": ("24 hours", "19 hours"),
    "SMALL_SHARE": ("5 % of a training step", "7 % of a training step"),
}  # fmt: skip
"""What the rules say of it, before and after."""


def every_rule() -> str:
    """All that the judge says of its rules, from modules that are loaded anew."""
    ledger = importlib.import_module("relupool.claims.ledger")
    changes = importlib.import_module("relupool.claims.changes")
    rules = [claim.takes.rule for claim in ledger.CLAIMS.values()]
    now = changes.CHANGES["is"].tolist()
    return "\n".join([*rules, *now, *importlib.import_module("relupool.claims.judge").GENERAL.values()])


def nearly(name: str) -> str:
    """The verdict on the data near a threshold, by modules that are loaded anew."""
    id, made = importlib.import_module("grounds").NEARLY[name]
    return importlib.import_module("relupool.claims.judge").judge(made(), id)[0].verdict


def with_threshold(name: str, value: float, said: Callable[[], str]) -> str:
    """What is said in a process in which a threshold has another value, before anything else reads it."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        gc.disable()  # TensorFlow's functions, if others made some, cannot be collected where its threads are not
        try:
            for module in [m for m in sys.modules if m.split(".")[0] in ("relupool", "frames", "grounds")]:
                del sys.modules[module]
            setattr(importlib.import_module("relupool.thresholds"), name, value)
            text = said()
        except BaseException as error:
            text = f"failed: {error!r}"
        os.write(writing, text.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    assert status == 0, text
    assert text
    assert not text.startswith("failed"), text
    return text


def test_every_threshold_has_another_value_here():
    assert OTHERS.keys() == {name for name in vars(thresholds) if name.isupper()}
    assert TOLD.keys() == OTHERS.keys() - {
        "STRONG", "CHANCE", "HIGH_LOAD", "DISTURBED", "ROUNDED", "ROUNDING", "NEAR", "FIRST_LOSS", "AGREE"}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_a_threshold_that_is_changed_leaves_no_old_value_behind(name):
    old, new = TOLD[name]
    before, after = every_rule(), with_threshold(name, OTHERS[name], every_rule)
    assert before.count(old) > 0
    assert (after.count(old), after.count(new)) == (0, before.count(old) + before.count(new)), after


@pytest.mark.parametrize("name", NEARLY)
def test_a_threshold_that_is_changed_turns_a_verdict(name):
    assert with_threshold(name, OTHERS[name], lambda: nearly(name)) != nearly(name)


def test_no_threshold_stands_anywhere_else():
    """Numbers that decide something have names in ``thresholds``: rooms above hold no numeric constant of their own."""
    allowed = {"0", "1", "2", "-1", "0.0", "1.0"}  # counts, signs and ends of a range
    for room in ("claims", "measures"):
        for path in sorted(p for p in (LIBRARY / room).glob("*.py") if p.name != "published.py"):  # others' numbers
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                    assert ast.unparse(value) in allowed, f"{path.name}: {ast.unparse(node)}"
                compared = [c for n in ast.walk(node) if isinstance(n, ast.Compare) for c in (n.left, *n.comparators)]
                for c in compared:
                    if isinstance(c, ast.Constant) and isinstance(c.value, int | float):
                        assert ast.unparse(c) in allowed, f"{path.name}:{c.lineno}: {ast.unparse(c)}"


def test_a_number_close_to_its_threshold_has_one_digit_more():
    assert judge.judge(grid(dense=0.03), "B3")[0].number.endswith("that: +3.0 ± 0.1 points")
    close = judge.judge(grid(dense=0.0114), "B3")[0]
    assert close.verdict == "true" and re.search(r"that: \+1\.1\d ± 0\.\d\d points$", close.number)
    assert [each.mean for each in close.estimates] == pytest.approx([0.07, 0.0114], abs=1e-3)


def test_a_difference_of_orders_is_activation_first_minus_pool_first():
    found = judge.judge(orders("ReLU and average", 0.06), "order-relu-and-average")[0]
    assert found.estimates[0].mean == pytest.approx(0.06, abs=2e-3)
    assert found.reason.startswith("Activation first minus pool first is +5.9")


def test_a_theorem_lists_all_that_was_looked_for():
    found = judge.judge(Grounds(propositions=propositions()), "A3", "B8")
    for claim in found:
        assert claim.reason.startswith("Holds: ") and "Refuted" not in claim.reason
        assert all(p.statement in claim.reason for p in PROPOSITIONS if p.name in CLAIMS[claim.id].takes.propositions)
    assert "6 statements held" in found[0].number


def test_the_table_of_costs_has_the_runs_of_the_claim():
    frame = pd.concat([runs(SEEDS, TWO).runs, runs(LONG, TWO, steps=10_000).runs])
    assert bigger.costs(frame)["n"].tolist() == [judge.judge(Grounds(runs=frame), "B2")[0].estimates[0].n]


def test_verdicts_are_counted_with_questions_apart():
    said = judge.summary(judge.judge(Grounds(propositions=propositions())))
    assert said.startswith("Of 26 claims: ") and "Of our answers to five questions and remarks: 2 true" in said
    assert judge.tally(["open", "true", "true"]) == "2 true and one open"
    hold = judge.judge(evolve(timed(), runs=families(0.4).runs), "A12", "A10", "A11", "B13")
    assert judge.summary(hold) == "Of one claim: one true. Three were asked or remarked; all three of our answers hold."


def test_the_scorecard_folds_what_was_changed_and_what_is_planned():
    planned = judge.judge(evolve(runs(SEEDS, TWO), missing={"long": "Missing: `a` < b."}), "B2", "B4b")
    page = scorecard.appendix(planned, CHANGES)
    assert page.count("<details>") == 2 and page.count("<b>Before:</b>") == len(CHANGES)
    assert '<th scope="row">B2, B4b</th><td>Missing: <code>a</code> &lt; b.</td>' in page
    assert "planned" not in scorecard.appendix(judge.judge(Grounds(), "A1"), CHANGES)
