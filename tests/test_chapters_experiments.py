"""The chapters on the example and the first ablations: their solutions, and verdicts, which turn with the data."""

from __future__ import annotations

import attrs
import numpy as np
import pandas as pd
import pytest

from relupool.book.tables import table
from relupool.experiments.cost import affine_map, layers, misfit
from relupool.experiments.crops import augmentation_steps
from relupool.experiments.experiment import Experiment, Schedule, vary
from relupool.experiments.networks import Architecture, Pool
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.verdicts import headline, inside, rules
from relupool.verdicts.documented import ACCURACIES, FIRST_LOSSES, MULTIPLY_ADDS, PARAMETERS, contradictions
from relupool.verdicts.example import beside
from relupool.verdicts.verdict import Verdict, box

AS_REPORTED = {
    "untouched": 0.86,
    "max pool, no conv ReLU": 0.855,
    "average pool, linear dense": 0.834,
    "average pool, all linear": 0.372,
    "all linear, no LRN": 0.37,
}


def frame(accuracies=AS_REPORTED, *, seeds=3, steps=100_000, spread=0.001, raw=0.03, dataset="cifar10"):
    """Results that end with these accuracies, ``spread`` apart from seed to seed, the raw weights ``raw`` below."""
    rows = [
        {
            "network": network,
            "seed": seed,
            "step": steps,
            "steps": steps,
            "weights": weights,
            "accuracy": accuracy + spread * (seed + (place % 2) * (seed % 2)) - (raw if weights == "raw" else 0),
            "diverged_at": None,
            "dataset": dataset,
        }
        for place, (network, accuracy) in enumerate(accuracies.items())
        for seed in range(seeds)
        for weights in ("averaged", "raw")
    ]
    return pd.DataFrame(rows).astype({"diverged_at": float})


def test_what_the_question_reports_is_confirmed_by_runs_that_agree():
    words = [verdict.words for verdict in headline.judge(frame())]
    assert words == ["holds"] * 4
    assert headline.answer(frame()).startswith("Removing the convolutional ReLUs costs 46.2")


def test_other_levels_refute_the_level_alone():
    lower = {name: accuracy - 0.05 for name, accuracy in AS_REPORTED.items()}
    assert headline.level(frame(lower)).verdict == "fails"
    assert headline.drop(frame(lower)).verdict == "holds"


def test_the_level_asks_the_longest_runs_of_each_network():
    literal = {headline.LITERAL: AS_REPORTED[headline.LITERAL]}
    short, long = frame(steps=10_000), frame(literal, seeds=1)
    assert headline.level(pd.concat([short, long])).words == "not decided: run length"
    off = frame({headline.LITERAL: 0.79}, seeds=1)
    assert headline.level(pd.concat([short, off])).words == "fails: with one seed"
    assert headline.level(pd.concat([short, frame({headline.LITERAL: 0.79})])).words == "fails"
    assert "after 100,000 steps (one seed), −4.4 points" in headline.level(pd.concat([short, off])).reason
    assert headline.judge(short, longest=pd.concat([short, off]))[0].words == "fails: with one seed"
    assert headline.answer(short, longest=pd.concat([short, off])).endswith("as reported? Fails: with one seed.")
    linear = frame({headline.LINEAR: AS_REPORTED[headline.LINEAR]}, seeds=1)
    assert headline.level(pd.concat([short, long, linear])).words == "holds under a condition: one seed"


def test_reversed_networks_turn_every_verdict():
    names = list(AS_REPORTED)
    swapped = AS_REPORTED | {
        "average pool, linear dense": 0.372,
        "average pool, all linear": 0.834,
        names[1]: AS_REPORTED[names[0]] - 0.3,
    }
    assert [verdict.verdict for verdict in headline.judge(frame(swapped))] == ["fails"] * 4
    assert "gains 46.2" in headline.answer(frame(swapped))
    assert "do not bear out" in headline.answer(frame(swapped))


@pytest.mark.parametrize(("seeds", "condition"), [(3, "10,000 steps"), (1, "one seed, 10,000 steps")])
def test_short_runs_decide_the_drop_under_a_condition_and_the_level_not_at_all(seeds, condition):
    short = frame(seeds=seeds, steps=10_000)
    assert headline.level(short).words == "not decided: run length"
    assert headline.drop(short).words == f"holds under a condition: {condition}"


def test_one_seed_has_no_interval_and_cannot_show_that_a_difference_is_small():
    one = frame(seeds=1)
    found = headline.difference(one, "max pool, no conv ReLU", "untouched")
    assert found.high - found.low == pytest.approx(2 * rules.ONE_SEED)
    assert "no interval" in found.basis
    assert headline.almost_nothing(one).words == "not decided: too close, one seed"
    assert headline.accuracies(one)["±"].isna().all()
    assert headline.almost_nothing(frame()).verdict == "holds"


def test_noise_makes_a_small_difference_undecided():
    assert headline.almost_nothing(frame(spread=0.02)).words == "not decided: too close"


@pytest.mark.parametrize(
    ("results", "why"),
    [(frame(steps=100), "too few steps"), (frame(dataset="synthetic"), "not trained on CIFAR-10")],
    ids=["few steps", "synthetic"],
)
def test_other_data_and_a_hundred_steps_decide_nothing(results, why):
    assert [verdict.words for verdict in headline.judge(results)] == [f"not decided: {why}"] * 4
    assert headline.answer(results).endswith("so this build has no answer.")


def test_networks_that_are_missing_or_diverged_are_named():
    without = frame()[lambda f: f["network"] != "average pool, all linear"]
    diverged = frame()
    diverged.loc[diverged["network"] == "average pool, all linear", "diverged_at"] = 50.0
    for results in (without, diverged):
        assert headline.drop(results).words == "not decided: not trained"
        assert "average pool, all linear" in headline.drop(results).reason
        assert "no answer" in headline.answer(results)
    summary = headline.accuracies(diverged).set_index("network")
    assert summary.loc["average pool, all linear", "n"] == 0
    assert summary.loc["max pool, no conv ReLU", "minus untouched (points)"] == pytest.approx(-0.5, abs=0.1)


def results(*, all_negative: float, seeds: int = 1, steps: int = 10_000) -> ResultSet:
    """A set of one network whose windows are all negative that often."""
    probe = {
        "all_negative": {"9": [all_negative - 0.1, all_negative + 0.1], "4": [0.9, 0.9]},
        "positive": [0.0, 0.5],
        "pool_gap": [0.1, 0.3],
        "rms": 2.0,
        "lrn_gain": None,
    }
    runs = []
    for seed in range(seeds):
        e = Experiment(schedule=Schedule(steps=steps), test_images=2, seed=seed)
        look = Evaluation(
            step=steps, accuracy=0.5, loss=1.0, raw_accuracy=0.5, raw_loss=1.0, probes={"conv1": probe, "conv2": probe}
        )
        runs.append(
            Run(
                experiment=e,
                evaluations=(look,),
                losses=((10, 2.5),),
                diverged_at=None,
                hits=pack(np.array([True, False])),
                provenance={"device": "none", "device_kind": "cpu"},
            )
        )
    networks = {"untouched": FIRST_ABLATIONS.networks["untouched"]}
    return ResultSet(attrs.evolve(FIRST_ABLATIONS, networks=networks), "quick", tuple(runs))


def test_probes_become_frames():
    found = results(all_negative=0.3)
    windows = inside.windows(found)
    assert windows.query("values == 9 and layer == 'conv2'")["all_negative"].tolist() == pytest.approx([0.2, 0.4])
    row = inside.layers(found).iloc[0]
    assert (row["positive"], row["dead"], row["pool_gap"], row["rms"]) == pytest.approx((0.25, 0.5, 0.2, 2.0))
    assert np.isnan(row["lrn_gain"])
    assert inside.losses(found).to_dict("records") == [{"network": "untouched", "seed": 0, "step": 10, "loss": 2.5}]


def test_the_answers_explanation_turns_with_the_windows():
    assert inside.seldom_all_negative(results(all_negative=0.3)).verdict == "holds under a condition"
    refuted = inside.seldom_all_negative(results(all_negative=0.7, seeds=2))
    assert (refuted.verdict, refuted.condition) == ("fails", "with 10,000 steps")
    assert inside.seldom_all_negative(results(all_negative=0.7, steps=100)).words == "not decided: too few steps"
    assert "70 % behind conv1" in refuted.reason


def test_the_worth_of_normalization_says_when_it_may_be_nothing():
    equal = AS_REPORTED | {"average pool, all linear": AS_REPORTED["all linear, no LRN"] + 0.0005}
    assert "which may be nothing" in inside.worth_of_normalization(frame(equal))
    much = AS_REPORTED | {"average pool, all linear": 0.5}
    assert "13.0 ± " in inside.worth_of_normalization(frame(much))
    assert "which may be nothing" not in inside.worth_of_normalization(frame(much))


def test_the_documents_contradict_themselves_and_would_not_if_they_agreed():
    (conflict,) = contradictions().to_dict("records")
    assert (conflict["steps"], conflict["lowest"], conflict["highest"]) == (100_000, 0.83, 0.86)
    assert contradictions(ACCURACIES.assign(accuracy=0.86)).empty


def test_the_tutorial_page_is_held_against_counts_and_runs():
    counted = layers_of(Architecture())
    measured = {"parameters": counted["parameters"].sum(), "multiply_adds": counted["multiply_adds"].sum()}
    said = beside(**measured, first_loss=4.6757, frame=frame())
    assert said["verdict"].tolist() == ["holds", "fails", "holds", "holds"]
    assert measured["multiply_adds"] == 18_470_784
    other = beside(parameters=1, multiply_adds=MULTIPLY_ADDS, first_loss=FIRST_LOSSES[0] + 0.02, frame=frame(raw=0.0))
    assert other["verdict"].tolist() == ["fails", "holds", "fails", "fails"]
    short = beside(parameters=PARAMETERS, multiply_adds=1, first_loss=4.68, frame=frame(steps=10_000))
    assert short["verdict"].iloc[-1] == "not decided: run length"


def layers_of(network: Architecture) -> pd.DataFrame:
    from relupool import build

    return layers(build(network))


def test_only_the_network_without_any_nonlinearity_is_its_affine_map():
    from relupool import build

    x = np.random.default_rng(0).normal(size=(4, 24, 24, 3)).astype("float32")
    affine = FIRST_ABLATIONS.networks["all linear, no LRN"]
    model = build(affine)
    matrix, offset = affine_map(model)
    assert matrix.shape == (1728, 10)
    np.testing.assert_allclose(x.reshape(4, -1) @ matrix + offset, model.predict(x, verbose=0), atol=1e-5)
    assert misfit(model, x, scales=(30,))[30] < 1e-3
    assert misfit(build(vary(affine, lrn=True)), x, scales=(30,))[30] > 1e-2
    assert misfit(build(vary(affine, pool=Pool())), x)[1.0] > 0.1


def test_augmentation_steps_are_what_the_layer_does():
    from relupool.experiments.augmentation import AugmentedCrops, draws
    from relupool.experiments.data import standardize

    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)
    rows = draws(0, 1, seed=3, batch_size=8, train_images=8)
    steps = augmentation_steps(images[rows[:, 0].astype(int)], rows)
    np.testing.assert_allclose(standardize(steps["contrast"]), np.asarray(AugmentedCrops(images)(rows)), atol=1e-4)
    assert rows[:, 3].min() == 0
    assert rows[:, 3].max() == 1
    one = steps["mirrored"][rows[:, 3] == 1][0] - steps["cropped"][rows[:, 3] == 1][0][:, ::-1]
    assert not one.any()
    brighter = (steps["brightness"] - steps["mirrored"]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(brighter, rows[:, 4], rtol=1e-6)


def test_a_table_has_a_name_right_aligned_numbers_and_dashes_for_what_is_missing():
    values = pd.DataFrame({"network": ["a", "b"], "gain": [-0.5, np.nan]})
    text = table(values, caption="Gains", name="tab-gains", formats={"gain": "{:.1%}"})
    assert text.splitlines() == [
        "```{table} Gains", ":name: tab-gains", "",
        "| network | gain |", "| --- | ---: |", "| a | −50.0% |", "| b | – |", "```",
    ]  # fmt: skip


def test_verdicts_are_of_a_known_kind_and_make_one_box():
    with pytest.raises(ValueError, match="verdict"):
        Verdict(claim="It is so.", verdict="perhaps", reason="")
    two = [Verdict(claim="A.", verdict=v, reason="R.") for v in ("holds", "fails")]
    assert box("Title", *two).count("**A.**") == 2
