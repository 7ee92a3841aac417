"""The record of the order's times: read as it was written, and honest about what nobody took down."""

from __future__ import annotations

import pandas as pd
import pytest
from attrs import evolve
from pandas.testing import assert_frame_equal

from relupool import files
from relupool.instruments.timing import Load
from relupool.measures import order_times
from relupool.measures.order_times import MADE, READINGS, REST, TYPES, WHOLE, Conditions, OrderTimes

KNOWN = {"measured": "2026-12-01T10:00:00+00:00", "commit": "0123456789", "keras": "3", "backend_version": "2"}
MEASURED = OrderTimes(
    conditions=Conditions(
        device="a chip",
        backend="Pen",
        load=Load(cores=2, average=0.1),
        made={**dict.fromkeys(MADE), **KNOWN, "numpy": "1"},
    ),
    usual="graph",
    **{
        name: pd.DataFrame([{**dict.fromkeys(columns, "pool first"), "round": 0, "seconds": 0.1}])
        for name, columns in READINGS.items()
    },
)


def test_it_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "times.json"
    assert order_times.read(path) is None
    order_times.write(MEASURED, path)
    again = order_times.read(path)
    assert again is not None and again.conditions == MEASURED.conditions
    for name in READINGS:
        assert_frame_equal(getattr(again, name), getattr(MEASURED, name))


def test_pages_say_when_and_by_what_times_were_taken_and_what_was_not_recorded():
    assert MEASURED.conditions.words.endswith("; measured on 2026-12-01; commit 01234567; Keras 3, Pen 2, NumPy 1.")
    stored = order_times.read()
    assert stored is not None and stored.conditions.made is not None
    made = {**dict.fromkeys(MADE), "committed": "2026-11-22T23:08:40+00:00"}
    said = evolve(MEASURED.conditions, made=made).words
    assert said.endswith("; day not recorded, committed on 2026-11-22; commit not recorded; versions not recorded.")


HARM = {
    "no time": (lambda r: r["steps"].update(seconds=[None]), "seconds is None"),
    "a time below 0": (lambda r: r["steps"].update(seconds=[-0.1]), "seconds is -0.1"),
    "a round that is true": (lambda r: r["layers"].update(round=[True]), "round is True"),
    "columns of two lengths": (lambda r: r["steps"].update(round=[0, 1]), "same length"),
    "a column too few": (lambda r: r["layers"].pop("type"), "columns is"),
    "no machine": (lambda r: r.update(device=None), "device is None"),
    "no cores": (lambda r: r["load"].update(cores=0), "cores is 0"),
    "another way": (lambda r: r.update(usual="quick"), "usual is 'quick'"),
    "no day": (lambda r: r["made"].pop("measured"), "measured"),
    "a day that is a number": (lambda r: r["made"].update(measured=3), "measured is 3"),
    "empty": (dict.clear, "made"),
}


@pytest.mark.parametrize(("harm", "message"), HARM.values(), ids=HARM)
def test_what_is_no_record_is_refused_by_name(tmp_path, harm, message):
    path = tmp_path / "times.json"
    order_times.write(MEASURED, path)
    record = files.unsealed(path.read_bytes())
    harm(record)
    path.write_bytes(files.sealed(record))
    with pytest.raises(ValueError, match=rf"times\.json: not what `relupool bench order` writes: .*{message}"):
        order_times.read(path)


def test_a_step_is_that_of_the_usual_way_and_says_how_many_times_as_long_it_takes():
    rows = [
        (activation, order, way, round, seconds * (1 if way == "graph" else 2 - seconds / 2))
        for activation, ratio in (("relu", 1.3), ("sigmoid", 1.5))
        for order, seconds in (("activation first", ratio), ("pool first", 1.0))
        for way in ("graph", "XLA")
        for round in range(7)
    ]
    steps = pd.DataFrame(rows, columns=["activation", "order", "way", "round", "seconds"])
    found = evolve(MEASURED, steps=steps)
    assert found.activations == ("relu", "sigmoid")
    assert [found.step(name)["median"] for name in found.activations] == pytest.approx([1.3, 1.5])
    relu = found.ratios("steps").query("activation == 'relu'")
    assert order_times.times_as_long(relu) == (
        "1.30 (1.30 to 1.30) as a TensorFlow graph; 1.17 (1.17 to 1.17) compiled by XLA"
    )
    assert found.told_from_zero() == (["relu", "sigmoid"], [])
    assert found.saving("relu") == "23.1\N{NO-BREAK SPACE}% (23.1 to 23.1\N{NO-BREAK SPACE}%) with ReLU"
    uneven = 1.0 + 0.1 * (steps["round"] % 2)
    even = steps.assign(seconds=steps["seconds"].where(steps["activation"] == "sigmoid", uneven))
    assert evolve(MEASURED, steps=even).told_from_zero() == (["sigmoid"], ["relu"])
    slower = steps.assign(seconds=steps["seconds"] ** -1)
    assert evolve(MEASURED, steps=slower).told_from_zero() == ([], [])  # surely not 0, but a loss


def row(low: float, high: float, **more: object) -> pd.Series:
    return pd.Series({**more, "median": (low + high) / 2, "low": low, "high": high, "rounds": 9})


def test_savings_belong_to_ratios():
    assert order_times.saved(row(1.25, 2.0)) == pytest.approx((1 - 1 / 1.625, 0.2, 0.5))


def readings(**seconds: float) -> pd.DataFrame:
    kinds = {"conv1": "convolution", "pool1": "pooling", "activation1": "activation", "norm1": "normalization"}
    kinds |= {"local3": "dense", WHOLE: WHOLE}
    return pd.DataFrame(
        [
            {"layer": layer, "type": kinds[layer], "direction": way, "round": k, "seconds": seconds[layer] * (k + 1)}
            for layer in kinds
            for way in ("both ways", "forward")
            for k in range(6)
        ]
    )


PARTS = {"conv1": 4.0, "pool1": 1.0, "activation1": 2.0, "norm1": 0.5, "local3": 0.5}


def test_shares_are_taken_in_each_round_and_add_up():
    found = order_times.shares(readings(**PARTS, **{WHOLE: 10.0})).set_index("type")
    assert list(found.index) == list(TYPES)
    assert found["median"].sum() == pytest.approx(1)
    assert found.loc["convolution", ["median", "low", "high"]].tolist() == [0.4, 0.4, 0.4]
    assert found.loc[REST, "median"] == pytest.approx(0.2)
    over = order_times.shares(readings(**PARTS, **{WHOLE: 5.0})).set_index("type")
    assert over.loc[REST, "median"] == pytest.approx(-0.6)


def test_at_most_the_share_of_the_first_activation_is_saved():
    found = order_times.most(readings(**PARTS, **{WHOLE: 10.0}), factor=4)
    assert found[["median", "low", "high"]].tolist() == pytest.approx([0.15] * 3)
    assert order_times.most(readings(**PARTS, **{WHOLE: 10.0}), factor=1)["high"] == 0
