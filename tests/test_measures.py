"""What is measured of the grid, the scale, bigger networks, both orders and both formats has the right size, and leaves
out what is missing."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as sm

import frames
from relupool.book.evidence import flip_table
from relupool.book.tables import table
from relupool.experiments.networks import LeakyReLU
from relupool.experiments.run import pack
from relupool.experiments.studies import ACTIVATIONS, BASELINE, BIGGER, FIRST_ABLATIONS, FRACTIONS, GRID, LONG, ORDER
from relupool.measures import arithmetic, bigger, grid, orders, scale
from relupool.measures.fieller import fieller
from relupool.measures.networks import FAMILIES, NO_CONV_RELU, PAIRS, RESNET, UNTOUCHED, VGG_AVERAGE
from relupool.measures.published import AUTOREP, RELUS_REMOVED, averaging_gain, held_against
from relupool.measures.runs import on_one_machine

# --- the grid ---------------------------------------------------------------------------------------------------------


def test_effects_of_the_grid_agree_with_least_squares():
    assert grid.LEVELS["untouched"] == (1, 1, 1, 1) and len(grid.LEVELS) == 16
    assert set(grid.LEVELS) <= {*FIRST_ABLATIONS.networks, *GRID.networks}
    y = dict(zip(grid.DESIGN, np.random.default_rng(5).random(16), strict=True))
    x = pd.DataFrame([dict(zip("abcd", signs, strict=True)) for signs in grid.DESIGN.values()])
    fit = sm.ols("y ~ (a + b + c + d)**2", x.assign(y=list(y.values()))).fit().params
    # least squares on +1 and -1 has half a main effect, and a quarter of an interaction
    for name, wanted in (("conv ReLU", 2 * fit["a"]), ("conv ReLU × max pool", 4 * fit["a:c"]),
                         ("max pool × LRN", 4 * fit["c:d"])):  # fmt: skip
        assert sum(factor * y[network] for network, factor in grid.EFFECTS[name].items()) == pytest.approx(wanted)
    assert len(grid.EFFECTS) == 4 + 6


def test_relu_is_worth_what_it_adds_on_average_over_the_networks_with_a_kind_of_pool():
    worths = grid.relu_by_pool(frames.grid())
    for kind, pool in (("max", 1), ("average", -1)):
        worth = np.mean([frames.expected(1, d, pool, 1) - frames.expected(-1, d, pool, 1) for d in (1, -1)])
        assert worths[kind].mean == pytest.approx(worth)
    assert grid.relu_by_pool(frames.grid(), step=10_000)["max"].steps == 10_000


def test_parts_are_with_minus_without_each_at_its_own_step():
    frame = frames.grid(spread=0.002)
    longer = frame[(frame["step"] <= 3_000) | frame["network"].isin(["untouched", "average pool"])]
    worths = {part.name: part.worth for part in grid.parts(longer)}
    assert worths["max-pools, not average-pools"].mean == pytest.approx(0.02, abs=0.003)
    assert (worths["max-pools, not average-pools"].steps, worths["normalization"].steps) == (60_000, 3_000)


def test_what_is_missing_or_diverged_in_the_grid_is_left_out():
    frame = frames.grid()
    frame.loc[frame["network"] == "no LRN", "diverged_at"] = 50.0
    assert [part.name for part in grid.parts(frame)] == list(grid.PARTS)[:3]
    assert grid.relu_by_pool(frame) == {"max": None, "average": grid.relu_by_pool(frames.grid())["average"]}
    assert len(grid.without_normalization(frame)) == 7
    assert grid.without_normalization(frames.grid(spread=0)) == pytest.approx([0.005] * 8)


def test_readings_stand_in_one_row_for_each_kind_of_weights():
    rows = grid.read_off(frames.grid(), ["no LRN", "untouched"])
    assert list(rows) == ["network", "weights", "3,000", "10,000", "30,000", "60,000"]
    assert rows[["network", "weights"]].to_numpy().tolist() == [
        [network, weights] for network in ("no LRN", "untouched") for weights in ("averaged", "raw")
    ]
    assert rows.notna().all(axis=None) and rows.loc[2, "60,000"] == "86.5 ± 0.5"
    assert grid.read_off(frames.grid(seeds=1), ["untouched"]).loc[0, "60,000"] == "86.5"


# --- from nothing to ReLU ---------------------------------------------------------------------------------------------


def test_activations_are_called_as_the_study_calls_them():
    named = scale.activations(frames.scale()).drop_duplicates("network")
    assert named["activation"].tolist() == [*ACTIVATIONS, *ACTIVATIONS]
    assert (named["network"] == named["pool"] + " pool, " + named["activation"]).all()
    slopes = {name: scale.slope_of(activation) for name, activation in ACTIVATIONS.items()}
    straight = {name: a.slope for name, a in ACTIVATIONS.items() if isinstance(a, LeakyReLU)} | {"linear": 1, "ReLU": 0}
    assert {name: slope for name, slope in slopes.items() if not math.isnan(slope)} == straight


def test_scores_are_ratios_of_differences_with_fiellers_interval():
    frame = frames.scale()
    scores = scale.scores(frame).set_index("activation")
    last = frame[(frame["step"] == frame["steps"]) & (frame["weights"] == "averaged")]
    ends = last.pivot(index="seed", columns="network", values="accuracy")
    tanh, nothing, relu = (ends[f"average pool, {name}"] for name in ("tanh", "linear", "ReLU"))
    ratio = fieller(tanh - nothing, relu - nothing)
    assert scores.loc["tanh", ["score", "low", "high"]].tolist() == pytest.approx([ratio.mean, ratio.low, ratio.high])
    assert scores.loc["tanh", "score"] == pytest.approx((tanh - nothing).mean() / (relu - nothing).mean())
    assert list(scores.index) == [name for name in ACTIVATIONS if name not in ("linear", "ReLU")]
    assert (scores["shape"] == "interval").all()


def test_one_seed_has_a_score_and_no_interval():
    scores = scale.scores(frames.scale(seeds=1))
    assert (scores["n"] == 1).all() and scores["score"].notna().all()
    assert scores[["low", "high"]].isna().all(axis=None)
    short = scale.scores(frames.scale(frames.MAX | {"ReLU": 0.605}, seeds=1, spread=0))
    assert (short["shape"] == "all").all() and short["score"].isna().all()


def test_without_a_length_no_score_has_bounds():
    assert set(scale.scores(frames.scale(frames.MAX))["shape"]) <= {"outside", "all"}
    length = scale.length(frames.scale(), pool="max")
    assert length.low < 0 < length.high
    assert (scale.scores(frames.scale(frames.MAX | {"ReLU": 0.5}))["shape"] == "interval").all()


def test_diverged_and_missing_networks_have_no_score():
    scores = scale.scores(frames.scale(diverged=("average pool, ELU",))).set_index("activation")
    assert scores.loc["ELU", "n"] == 0 and np.isnan(scores.loc["ELU", "score"])
    assert scores.drop("ELU")["score"].notna().all()
    without = scale.scores(frames.scale(diverged=("average pool, ReLU",)))
    assert (without["n"] == 0).all() and len(without) == 12
    assert scale.scores(frames.scale(average={})).empty


def test_bend_and_score_are_held_against_each_other():
    scores = pd.DataFrame({"activation": list("abcd"), "score": [0.1, 0.4, 0.9, math.nan]})
    assert scale.agreement(pd.Series({"a": 0, "b": 1, "c": 2}), scores) == pytest.approx(1)
    assert scale.agreement(pd.Series({"a": 2, "b": 1, "c": 0}), scores) == pytest.approx(-1)
    assert math.isnan(scale.agreement(pd.Series({"a": 2, "b": 1}), scores))


# --- bigger networks, and linear ones ---------------------------------------------------------------------------------


def test_networks_are_told_by_their_values():
    pairs = {(bigger.family_of(n), bigger.fraction_of(n.activation)) for n in BIGGER.networks.values()}
    assert pairs == {(family, fraction) for family in FAMILIES for fraction in (1.0, 0.5, 0.1, 0.0)}
    assert [bigger.fraction_of(activation) for activation in FRACTIONS.values()] == [1.0, 0.5, 0.1, 0.0]
    for label, network in BIGGER.networks.items():
        assert label.startswith(f"{bigger.family_of(network)}, ")


def test_a_family_is_shown_as_far_as_it_is_complete():
    whole = [set(bigger.of_family(family).networks) for family in FAMILIES]
    ends = {f"{RESNET}, all ReLUs", f"{RESNET}, no ReLU"}

    def shown(*complete):
        return [set(study.networks) for study in bigger.families(lambda study: set(study.networks) in complete)]

    assert shown() == shown(*whole, ends) == whole
    assert shown(ends) == [ends, *whole[1:]]


def test_fractions_are_means_over_seeds_below_all():
    fractions = bigger.fractions(frames.bigger())
    assert fractions["family"].unique().tolist() == list(FAMILIES)
    assert fractions["fraction"].tolist() == [1, 0.5, 0.1, 0] * 3
    row = fractions.set_index(["family", "fraction"]).loc[(RESNET, 0)]
    assert (row["n"], row["step"]) == (3, 64_000) and row["low"] < row["mean"] < row["high"]
    assert row["lost"] == pytest.approx(frames.LOST[RESNET], abs=1e-6)
    assert (fractions.loc[fractions["fraction"] == 1, "lost"] == 0).all()


def test_fractions_leave_out_what_diverged_and_compare_at_a_common_step():
    assert len(bigger.fractions(frames.bigger(diverged=("ResNet-20, no ReLU",)))) == 11
    assert set(bigger.fractions(frames.bigger(), step=391)["step"]) == {391}
    only = frames.bigger()[lambda f: f["network"] == "ResNet-20, no ReLU"]
    assert bigger.fractions(only)["lost"].isna().all()
    assert bigger.fractions(only.head(0)).empty


def test_the_pools_decide_what_the_relus_are_worth():
    more, less = {VGG_AVERAGE: 0.45, "VGG with max-pools": 0.12}, {VGG_AVERAGE: 0.12, "VGG with max-pools": 0.45}
    worth, turned = (bigger.by_pool(frames.bigger(frames.LOST | lost)) for lost in (more, less))
    assert worth.mean == pytest.approx(0.33, abs=1e-3) and worth.low > 0 > turned.high
    assert bigger.by_pool(frames.bigger()[lambda f: f["network"] != "VGG with max-pools, no ReLU"]) is None


def test_what_the_runs_cost_that_show_a_large_effect():
    ends = {"average pool, linear dense": 0.834, "average pool, all linear": 0.372}
    row = bigger.costs(frames.frame(LONG, ends)).set_index("pair").loc[next(iter(PAIRS))]
    assert (row["n"], row["steps"], row["least_steps"]) == (3, 60_000, 1_000)
    assert (row["hours"], row["least_hours"]) == pytest.approx((1.0, 1 / 60))


def test_linear_networks_stand_beside_themselves_with_nonlinearities():
    def model(*shapes):
        layers = [SimpleNamespace(kernel=np.zeros(shape)) for shape in shapes]
        return SimpleNamespace(layers=[*layers, SimpleNamespace()], trainable_variables=[m.kernel for m in layers])

    models = {name: model((5, 2)) for name in bigger.LINEAR} | {"ResNet-20, no ReLU": model((3, 3, 1, 4), (4, 2))}
    ends = {"ResNet-20, no ReLU": 0.35, "ResNet-20, all ReLUs": [0.8, 0.9]}
    deep = frames.frame(BIGGER, ends, seeds=1, off=lambda *_: 0)
    both = pd.concat([frames.frame(BASELINE, {"softmax regression": 0.36}), deep])
    found = bigger.linear_networks(both, models).set_index("network")
    assert found.index.tolist() == ["softmax regression", "ResNet-20, no ReLU"]  # what is not stored is left out
    softmax, deep = found.loc["softmax regression"], found.loc["ResNet-20, no ReLU"]
    assert softmax[["layers", "parameters", "n"]].tolist() == [1, 10, 3]
    assert softmax["low"] < softmax["mean"] < softmax["high"] and np.isnan(softmax["bent"])
    assert deep[["layers", "parameters", "n", "bent"]].tolist() == pytest.approx([2, 44, 1, 0.85])
    assert np.isnan(deep["low"])
    assert bigger.linear_networks(frames.frame(FIRST_ABLATIONS, {"untouched": 0.8}), models).empty


# --- both orders, both formats ----------------------------------------------------------------------------------------

ORDERED = dict(zip(ORDER.networks, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.63), strict=True))


def test_differences_of_orders_are_first_minus_last_without_what_diverged():
    gaps = orders.first_minus_last(frames.of_study(ORDER, ORDERED, spread=0.3))
    assert [gap.mean for gap in gaps.values()] == pytest.approx([0, -0.001, 0.04, 0.02], abs=5e-3)
    gone = [("ReLU and average, activation first", seed) for seed in range(3)]
    part = frames.of_study(ORDER, ORDERED, diverged=gone)
    assert list(orders.first_minus_last(part)) == ["ReLU and max", "GELU and max", "ReLU and blur"]


def test_logged_losses_are_compared_entry_by_entry():
    def losses(*changed):
        rows = [("ReLU and max" + order, seed, step, step + 0.1 * (order == orders.LAST and step in changed))
                for order in (orders.FIRST, orders.LAST) for seed in (0, 1) for step in (50, 100, 150)]  # fmt: skip
        return pd.DataFrame(rows, columns=["network", "seed", "step", "loss"])

    assert orders.same_losses(losses(), "ReLU and max") == (6, 6)
    assert orders.same_losses(losses(100, 150), "ReLU and max") == (2, 6)
    assert orders.same_losses(losses(), "GELU and max") == (0, 0)


def formats(bfloat16: list[float], float32: list[float]) -> pd.DataFrame:
    how = {"steps": 3_000, "off": lambda place, seed: 0.0}
    return pd.concat([frames.frame(FIRST_ABLATIONS, {"untouched": ends}, dtype=dtype, **how)
                      for dtype, ends in (("mixed_bfloat16", bfloat16), ("float32", float32))])  # fmt: skip


def test_formats_are_compared_seed_by_seed():
    (row,) = arithmetic.in_both_formats(formats([0.70, 0.74], [0.71, 0.73, 0.99])).itertuples(index=False)
    assert row[:2] == ("untouched", 2)
    # t(0.975, 1 degree of freedom) times sd 0.01414 by root 2
    assert row[2:] == pytest.approx((0.72, 0.72, 0, 0.12706205), rel=1e-6, abs=1e-9)
    near = arithmetic.in_both_formats(formats([0.70004, 0.74], [0.70, 0.74]))
    written = table(near, caption="Both", name="tab-both", formats=arithmetic.FORMATS)
    assert "| untouched | 2 | 72.0 | 72.0 | 0.00 | 0.03 |" in written  # what is less than a digit has no sign


def twice(runs: dict[tuple[str, str, int], list[float]]) -> pd.DataFrame:
    """Accuracies after 1,000 and 2,000 steps, by (key, device, seed)."""
    rows = [
        {"key": key, "device": device, "seed": seed, "step": step, "steps": 1_000 * len(all_), "accuracy": accuracy}
        for (key, device, seed), all_ in runs.items()
        for step, accuracy in zip((1_000, 2_000), all_, strict=False)
    ]
    same = {"network": "a", "dtype": "float32", "backend": "tensorflow", "weights": "averaged"}
    return pd.DataFrame(rows).assign(**same, diverged_at=float("nan"), hits=None)


def test_one_seed_on_one_machine_and_on_two_beside_two_seeds():
    pairs = arithmetic.same_seed_twice(
        twice({("short", "here", 0): [0.70], ("long", "here", 0): [0.70, 0.80], ("there", "there", 0): [0.71, 0.84],
               ("short, 1", "here", 1): [0.74], ("there, 1", "there", 1): [0.74, 0.81]})
    )  # fmt: skip
    kinds = [["one kind", 1000, 1], ["two kinds", 1000, 2], ["two kinds", 2000, 1]]
    assert pairs.iloc[:, :3].to_numpy().tolist() == kinds
    assert pairs["one seed, twice"].tolist() == pytest.approx([0, 1 / 2**0.5, 4])  # 0 and 1; 4
    assert pairs["two seeds"].tolist() == pytest.approx([4, 4, 1])  # the machine that is first by name
    unlike = arithmetic.same_seed_twice(twice({("short", "here", 0): [0.70], ("long", "here", 0): [0.69, 0.80]}))
    assert unlike["one seed, twice"].tolist() == pytest.approx([1]) and unlike["two seeds"].isna().all()
    assert arithmetic.same_seed_twice(twice({("long", "here", 0): [0.69, 0.80]})).empty


def test_two_runs_of_a_seed_are_compared_over_all_images_also_where_one_of_them_ends():
    right = np.arange(10_000) % 4 > 0
    (_, short), (_, long) = twice({("short", "here", 0): [0.70], ("long", "here", 0): [0.75, 0.80]}).groupby("steps")
    ended = short.assign(hits=pack(right), test_images=10_000, accuracy=0.7503)  # without the altered ones
    pairs = arithmetic.same_seed_twice(pd.concat([ended, long]))
    assert pairs["one seed, twice"].tolist() == [0]


def test_rows_of_one_kind_of_machine_are_those_where_it_trained_all_networks_of_a_seed():
    pair = (UNTOUCHED, NO_CONV_RELU)
    ends = {"untouched": 0.8, "max pool, no conv ReLU": 0.7}
    here = frames.frame(LONG, ends, seeds=2, device="here")
    there = frames.frame(LONG, {"untouched": 0.9}, seeds=3, device="there")
    last = frames.frame(LONG, {"max pool, no conv ReLU": [0.5, 0.5, 0.5]}, seeds=3, device="elsewhere").query(
        "seed == 2"
    )
    rows = on_one_machine(pd.concat([here, there, last]), pair)
    assert set(rows["device"]) == {"here"} and set(rows["seed"]) == {0, 1}
    assert on_one_machine(there, pair).empty


# --- what others have published ---------------------------------------------------------------------------------------

SAID = pd.DataFrame(
    {"place": ["a", "b", "c", "d"], "steps": [60_000, 63_000, 90_000, None], "accuracy": [0.86, 0.834, 0.5, 0.9]}
).astype({"steps": "Int64"})


def ending(accuracy, **how):
    return frames.grid(lambda *_: accuracy, **how)


@pytest.mark.parametrize(
    ("frame", "n"),
    [
        (ending(0.855), [3, 3, None]),  # 63,000 is within a tenth
        (ending(0.855, seeds=1), [1, 1, None]),
        (ending(0.8, steps=3_000), [None] * 3),
        (ending(0.8, steps=100_000, looks=(10_000,)), [None] * 3),
    ],
)
def test_published_accuracies_stand_beside_runs_of_their_length(frame, n):
    held = held_against(frame, SAID).set_index("place")
    assert list(held.index) == ["a", "b", "c"]  # d names no steps
    assert held["n"].tolist() == [pd.NA if each is None else each for each in n]
    assert held["averaged"].notna().tolist() == [each is not None for each in n]
    if n[0]:
        assert held.loc["b", ["steps", "stated", "averaged"]].tolist() == [63_000, 0.834, pytest.approx(0.855)]


def test_averaging_gains_what_the_averaged_weights_are_better_by():
    assert averaging_gain(ending(0.8), step=60_000) == pytest.approx(0.02)


def test_no_published_row_has_cifar_10_without_any_relu():
    cifar = RELUS_REMOVED[RELUS_REMOVED["data"] == "CIFAR-10"]
    assert (cifar["fraction"] > 0).all() and set(cifar["source"]) == {AUTOREP}
    assert (RELUS_REMOVED["accuracy"] < RELUS_REMOVED["with all"]).all()
    assert ((RELUS_REMOVED["still nonlinear"] == "ReLUs") == (RELUS_REMOVED["fraction"] > 0)).all()


def test_the_table_of_flips_has_what_was_measured_and_what_is_documented():
    turned = pd.DataFrame({"operation": ["mine", "mine", "odd"], "is": ["cross-correlation"] * 2 + ["neither"]})
    rows = flip_table(turned).set_index("operation")
    assert rows["flips?"].to_dict() == {
        "mine": "no", "odd": "something else", "Theano's conv2d": "yes", "PyTorch's Conv2d": "no"}  # fmt: skip
    assert rows["how we know"].str.startswith("measured").tolist() == [True, True, False, False]
