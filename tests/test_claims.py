"""The ledger: thirty claims, each with a check, and verdicts that turn when what they are made of is turned around."""

from __future__ import annotations

import json
from types import SimpleNamespace

import grid_frames
import made_results
import pandas as pd
import pytest
import scale_frames
from attrs import asdict, evolve

from relupool.experiments.studies import BIGGER, FIRST_ABLATIONS, GATING, ORDER, RUN_LENGTH, SCALE
from relupool.experiments.timing import Load
from relupool.theory.propositions import PROPOSITIONS
from relupool.verdicts import bigger, claims, order_times, second_source
from relupool.verdicts.conditions import Conditions
from relupool.verdicts.headline import AFFINE, LINEAR, LITERAL, UNTOUCHED
from relupool.verdicts.ledger import LEDGER
from relupool.verdicts.material import TOGETHER, Material, gather
from relupool.verdicts.order_times import OrderTimes
from relupool.verdicts.rules import RULES
from relupool.verdicts.theorems import NEEDS
from relupool.verdicts.verdict import VERDICTS

IDS = [f"A{n}" for n in range(1, 18)] + [f"B{n}" for n in range(1, 14)]
BY_THEOREMS = ["A2", "A3", "A6", "A7", "A9", "A10", "A11", "A12", "A14", "A17", "B1", "B6", "B7", "B8"]


def propositions() -> pd.DataFrame:
    """The table as it comes out when all is as the book says."""
    rows = [(p.name, p.statement, p.claims, p.true, p.true, True, 10, 100, 0 if p.true else 7) for p in PROPOSITIONS]
    columns = ["name", "statement", "claims", "true", "holds", "confirmed", "trials", "compared", "differing"]
    return pd.DataFrame(rows, columns=columns)


def turned(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(holds=~table["holds"])


def results(ends: dict[str, float], *, steps: int = 60_000, seeds: int = 3) -> pd.DataFrame:
    """Rows of the result store with these accuracies, seeds a thousandth apart."""
    rows = [
        (network, seed, step, weights, end + 0.001 * seed * (1 + place % 2), f"{network} {seed}")
        for place, (network, end) in enumerate(ends.items())
        for seed in range(seeds)
        for step in (1_000, steps)
        for weights in ("averaged", "raw")
    ]
    return pd.DataFrame(rows, columns=["network", "seed", "step", "weights", "accuracy", "key"]).assign(
        study="s", preset="paper", steps=steps, loss=1.0, diverged_at=float("nan"), dataset="cifar10",
        train_images=50_000, test_images=10_000, dtype="float32", backend="jax", device="a chip", device_kind="cpu",
    )  # fmt: skip


def taken(networks, *, hours: float) -> pd.DataFrame:
    rows = [(network, 0, 60_000, 3600 * hours, "a chip", "cpu") for network in networks]
    return pd.DataFrame(rows, columns=bigger.TIMES)


def probed(share: float) -> SimpleNamespace:
    """Runs of the untouched network of whose windows this share is all negative."""
    probe = {"all_negative": {9: [share, share]}}
    run = SimpleNamespace(
        experiment=SimpleNamespace(network="n", seed=0),
        evaluations=[SimpleNamespace(step=60_000, probes={"conv1": probe, "conv2": probe})],
    )
    study = SimpleNamespace(label=lambda _: UNTOUCHED)
    return SimpleNamespace(study=study, runs=[run], frame=results({UNTOUCHED: 0.8}))


def times(*, ratio: float, convolutions: float = 0.7, others: float = 0.0) -> OrderTimes:
    """Readings in which the activation first takes ``ratio`` times as long as the pool first."""
    rows = [
        (activation, order, way, round, seconds + 1e-5 * round)
        for activation in ("relu", "softplus")
        for order, seconds in (("activation first", ratio), ("pool first", 1.0))
        for way in ("graph", "XLA")
        for round in range(7)
    ]
    both = pd.DataFrame(rows, columns=["activation", "order", "way", "round", "seconds"])
    parts = {
        "whole step": 1.0,
        "convolution": convolutions,
        **dict.fromkeys(("pooling", "activation", "normalization", "dense"), 0.02),
    }
    layers = pd.DataFrame(
        [("relu", kind, kind, "both ways", round, s) for kind, s in parts.items() for round in range(7)],
        columns=["activation", "layer", "type", "direction", "round", "seconds"],
    )
    where = Conditions(device="a chip", backend="Pen", load=Load(cores=2, average=0.1, others=others))
    return OrderTimes(conditions=where, activation="softplus", usual="graph", alone=both, steps=both, layers=layers)


def verdict(material: Material, id: str) -> str:
    return claims.judge(material, id)[0].verdict


def of_gate(gate: float, forward: float) -> pd.DataFrame:
    ends = {
        f"{label}{behind}": 0.6 + forward * f + gate * g
        for behind in ("", ", no LRN")
        for label, (f, g) in zip(
            ("ReLU", "ReLU forward, gradient ungated", "identity forward, gradient gated", "identity"),
            ((1, 1), (1, 0), (0, 1), (0, 0)),
            strict=True,
        )
    }
    return results(ends)


def of_families(lost: float) -> pd.DataFrame:
    ends = {name: 0.9 if name.endswith(bigger.ALL) else 0.9 - lost for name in BIGGER.networks}
    return results(ends)


def of_grid(accuracy=grid_frames.expected) -> dict[str, pd.DataFrame]:
    return {TOGETHER: grid_frames.frame(accuracy)}


def reversed_grid(conv: int, dense: int, pool: int, lrn: int) -> float:
    return grid_frames.expected(-conv, dense, -pool, lrn)


def of_first(**ends: float) -> dict[str, pd.DataFrame]:
    names = {"literal": LITERAL, "linear": LINEAR, "affine": AFFINE, "untouched": UNTOUCHED}
    return {FIRST_ABLATIONS.name: results({names[name]: value for name, value in ends.items()})}


ALL = propositions()
MEASURED = {
    "A4": (Material(times=times(ratio=1.3)), Material(times=times(ratio=0.8))),
    "A5": (Material(times=times(ratio=1.001)), Material(times=times(ratio=1.3))),
    "A8": (
        Material(propositions=turned(ALL), frames=of_first(affine=0.8, untouched=0.82)),
        Material(propositions=turned(ALL), frames=of_first(affine=0.08, untouched=0.82)),
    ),
    "A13": (
        Material(activations=pd.DataFrame({"activation": list("abc"), "commutes": [True, True, False]})),
        Material(activations=pd.DataFrame({"activation": list("abc"), "commutes": [False, False, True]})),
    ),
    "A15": (
        Material(propositions=ALL, times=times(ratio=1.3)),
        Material(propositions=ALL.assign(holds=False), times=times(ratio=0.8)),
    ),
    "A16": (Material(times=times(ratio=1.001)), Material(times=times(ratio=1.3, convolutions=0.2))),
    "B2": (Material(frames=of_grid()), Material(frames=of_grid(reversed_grid))),
    "B3": (
        Material(frames=of_grid(lambda conv, dense, pool, lrn: 0.8 + 0.03 * (dense + pool))),
        Material(frames=of_grid(lambda conv, dense, pool, lrn: 0.8 - 0.03 * (dense + pool))),
    ),
    "B4": (
        Material(frames=of_first(literal=0.834, linear=0.372)),
        Material(frames=of_first(literal=0.372, linear=0.834)),
    ),
    "B5": (
        Material(propositions=ALL, frames=of_grid()),
        Material(propositions=ALL, frames=of_grid(reversed_grid)),
    ),
    "B9": (Material(probed=probed(0.1)), Material(probed=probed(0.9))),
    "B10": (
        Material(frames={GATING.name: of_gate(0.2, 0.01)}),
        Material(frames={GATING.name: of_gate(-0.2, 0.01)}),
    ),
    "B11": (
        Material(frames={SCALE.name: scale_frames.frame()}),
        Material(frames={SCALE.name: scale_frames.frame({**scale_frames.AVERAGE, "maxout, equal parameters": 0.37})}),
    ),
    "B12": (
        Material(frames={BIGGER.name: of_families(0.5)}, taken=taken(BIGGER.networks, hours=2)),
        Material(frames={BIGGER.name: of_families(0.01)}, taken=taken(BIGGER.networks, hours=2)),
    ),
    "B13": (
        Material(frames={BIGGER.name: of_families(0.5)}),
        Material(frames={BIGGER.name: of_families(-0.5)}),
    ),
}  # fmt: skip
"""For each claim that numbers decide: what bears it out, and the same turned around."""


def test_the_claims_are_those_of_the_sources():
    assert [entry.id for entry in LEDGER] == IDS == list(RULES)
    assert set(NEEDS) <= set(IDS)


@pytest.mark.parametrize("entry", LEDGER, ids=lambda entry: entry.id)
def test_every_claim_has_a_check_a_rule_and_a_place(entry):
    assert entry.check and entry.turns and entry.author and RULES[entry.id].endswith(".")
    assert entry.link.startswith("https://") and entry.said.endswith((".", "?"))
    turns_by_theory = entry.id in BY_THEOREMS or any(entry.id in p.claims for p in PROPOSITIONS)
    assert turns_by_theory or entry.id in MEASURED or entry.id == "A1"


def test_without_material_nothing_is_decided_but_what_is_documented():
    found = claims.judge(Material())
    assert [claim.id for claim in found if claim.decided] == ["A1"]
    assert all(claim.lacks for claim in found if not claim.decided)
    assert claims.summary(found) == "Of 30 claims, one is documented and 29 are not decided."


def test_what_theorems_decide_is_decided_when_they_are_checked():
    found = {claim.id: claim for claim in claims.judge(Material(propositions=ALL))}
    for id in BY_THEOREMS:
        conditional = id in ("A2", "A6")
        assert found[id].verdict == ("holds under a condition" if conditional else "holds"), id
    assert found["A8"].verdict == "fails"


@pytest.mark.parametrize("id", BY_THEOREMS)
def test_a_theorems_verdict_turns_with_what_was_found(id):
    as_said, other = Material(propositions=ALL), Material(propositions=turned(ALL))
    assert verdict(as_said, id) != verdict(other, id) in ("fails", "holds")


@pytest.mark.parametrize(("id", "name"), [(id, name) for id, n in NEEDS.items() for name in (*n.holding, *n.refuted)])
def test_one_proposition_is_enough_to_turn_it(id, name):
    one = ALL.assign(holds=ALL["holds"] ^ (ALL["name"] == name))
    assert verdict(Material(propositions=one, frames=of_grid()), id) == "fails"


@pytest.mark.parametrize("id", MEASURED)
def test_a_measured_verdict_turns_when_the_data_are_turned_around(id):
    bears_out, against = MEASURED[id]
    first, second = verdict(bears_out, id), verdict(against, id)
    assert first in ("holds", "holds under a condition")
    assert second == "fails"


def test_documented_fails_where_an_order_is_nowhere_found():
    assert claims.documented("said").verdict.verdict == "documented"
    only = claims.WRITTEN[claims.WRITTEN["order"] == "pool first"]
    assert claims.documented("said", only).verdict.verdict == "fails"


@pytest.mark.parametrize("id", claims.TIMED)
def test_a_busy_machine_decides_nothing(id):
    busy = Material(propositions=ALL, times=times(ratio=1.3, others=1.5))
    assert verdict(busy, id) == "not decided"


def test_the_record_of_times_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "times.json"
    assert order_times.read(path) is None
    order_times.write(times(ratio=1.3), path)
    again = order_times.read(path)
    assert again is not None
    assert order_times.judge(again) == order_times.judge(times(ratio=1.3))
    path.write_text("{}")
    with pytest.raises(ValueError, match="relupool bench order"):
        order_times.read(path)


def test_two_rules_are_said_apart():
    found = {c.id: c for c in claims.judge(Material(frames=of_first(literal=0.6, linear=0.2)))}["B4"]
    assert found.verdict == "holds under a condition"
    assert found.condition == "the drop holds; the level fails"
    short = {FIRST_ABLATIONS.name: results({LITERAL: 0.834, LINEAR: 0.372}, steps=10_000)}
    found = {c.id: c for c in claims.judge(Material(frames=short))}["B4"]
    assert "the level not decided, run length" in found.condition
    longer = short | {RUN_LENGTH.name: pd.concat([*short.values(), results({LITERAL: 0.7}, seeds=1)])}
    found = {c.id: c for c in claims.judge(Material(frames=longer))}["B4"]
    assert "the level fails" in found.condition
    assert found.number.startswith("from 70.0 % after 60,000 steps (one seed); from 83.5")
    both = short | {RUN_LENGTH.name: pd.concat([*short.values(), results({LITERAL: 0.82, LINEAR: 0.37}, seeds=1)])}
    found = {c.id: c for c in claims.judge(Material(frames=both))}["B4"]
    conditions = found.condition.split("; ")
    assert conditions[0] == "the drop holds under a condition, 10,000 steps"
    assert conditions[1] == "the level holds under a condition, one seed"
    assert found.number.startswith("from 82.0 % to 37.0 % after 60,000 steps (one seed); from 83.5")
    assert found.number.endswith("after 10,000") and found.n == "3 seeds"


def test_trained_orders_stand_beside_the_theorem():
    ends = {name: 0.6 + 0.1 * name.endswith("last") for name in ORDER.networks}
    found = {c.id: c for c in claims.judge(Material(propositions=ALL, frames={ORDER.name: results(ends)}))}["A11"]
    assert found.verdict == "holds" and "ReLU and blur: +10.1 points" in found.number


def test_claims_are_values_that_json_can_hold():
    found = claims.judge(Material(propositions=ALL, frames=of_grid()))
    read = json.loads(json.dumps([asdict(claim) for claim in found]))
    assert len(read) == 30 and {row["verdict"] for row in read} <= set(VERDICTS)
    assert list(claims.frame(found)["id"]) == IDS


def test_a_store_without_runs_gives_a_ledger_that_says_what_is_missing(tmp_path):
    from relupool.experiments.store import Store

    material = gather(Store(tmp_path), trials=20, times=tmp_path / "none.json")
    lacks = {c.id: c.lacks for c in claims.judge(material)}
    assert "`relupool train grid --preset standard`" in lacks["B3"]
    assert "`relupool train gating --preset standard`" in lacks["B10"]
    assert lacks["A4"] == "`relupool bench order`"
    assert lacks["A13"] == ""


def test_an_open_claim_asks_for_the_smallest_preset_that_is_not_complete(tmp_path):
    from relupool.experiments.store import Store

    ends = {label: 0.4 if "ungated" in label else 0.7 for label in GATING.networks}  # all of ReLU gains nothing
    made_results.store(tmp_path, GATING, ends, preset="standard")

    def lacks():
        material = gather(Store(tmp_path), trials=20, times=tmp_path / "none.json")
        return {c.id: c.lacks for c in claims.judge(material)}["B10"]

    assert lacks() == "More seeds or longer runs: `relupool train gating --preset paper`."
    for experiment in GATING.experiments("standard"):
        if experiment.seed:
            (tmp_path / GATING.name / f"{experiment.key}.json").unlink()
    assert lacks() == "More seeds or longer runs: `relupool train gating --preset standard`."


def test_the_three_questions_are_answered_from_the_claims():
    frames = {**of_grid(), BIGGER.name: of_families(0.5), **of_first(literal=0.834, linear=0.372)}
    names = [*BIGGER.networks, *frames[TOGETHER]["network"].unique()]
    material = Material(propositions=ALL, frames=frames, taken=taken(names, hours=0.5))
    by_id = {claim.id: claim for claim in claims.judge(material)}
    table = second_source.costs(material, price=2.0)
    assert second_source.affordable(by_id, table).startswith("Yes. The largest effect")
    assert "30\N{NO-BREAK SPACE}minutes" in second_source.affordable(by_id, table)
    assert "loses" in second_source.impact(by_id)
    assert "almost nothing to accuracy.” That is what the book finds" in second_source.consistent(by_id)
    assert second_source.interaction(material).verdict == "holds"
    assert "cost of both runs" in second_source.cost_table(table, price=2.0)
    assert "cost of both runs" not in second_source.cost_table(table, price=0.0)
    several = table.assign(device=["one machine", *["another"] * (len(table) - 1)])
    assert "device" not in second_source.cost_table(table, price=0.0), "the sentence above the table names it"
    assert "device" in second_source.cost_table(several, price=0.0)
    slow = evolve(material, taken=taken(names, hours=30))
    by_id = {claim.id: claim for claim in claims.judge(slow)}
    assert second_source.affordable(by_id, second_source.costs(slow)).startswith("No")
    nothing = Material()
    by_id = {claim.id: claim for claim in claims.judge(nothing)}
    assert len(second_source.costs(nothing)) == 0
    assert second_source.affordable(by_id, second_source.costs(nothing)).startswith("The book cannot say yet")
    assert second_source.impact(by_id).startswith("Not measured yet")
