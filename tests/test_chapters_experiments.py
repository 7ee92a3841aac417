"""What the chapter on the experiment and its note compute: differences, probes, tables, documents."""

from __future__ import annotations

import attrs
import numpy as np
import pandas as pd
import pytest

import frames
from relupool.book.tables import table
from relupool.experiments.experiment import Schedule, vary
from relupool.experiments.networks import Architecture, Pool
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.instruments.cost import affine_map, multiply_adds
from relupool.measures import inside
from relupool.measures.published import ACCURACIES, MULTIPLY_ADDS, PARAMETERS, contradictions
from test_models import misfit


def results(*, all_negative: float, seeds: int = 1) -> ResultSet:
    """A set of one network whose windows are all negative that often."""
    probe = {
        "all_negative": {"9": [all_negative - 0.1, all_negative + 0.1], "4": [0.9, 0.9]},
        "positive": [0.0, 0.5],
        "pool_gap": [0.1, 0.3],
        "rms": 2.0,
        "lrn_gain": None,
    }
    probes = {"conv1": probe, "conv2": probe}
    runs = frames.runs(FIRST_ABLATIONS, {"untouched": 0.5}, seeds=seeds, steps=10_000, looks=(), probes=probes)
    return ResultSet(FIRST_ABLATIONS, "quick", tuple(runs))


def test_probes_become_frames():
    found = results(all_negative=0.3)
    assert inside.channels(found).query("layer == 'conv2'")["all_negative"].tolist() == pytest.approx([0.2, 0.4])
    row = inside.layers(found).iloc[0]
    assert (row["positive"], row["pool_gap"], row["rms"]) == pytest.approx((0.25, 0.2, 2.0))
    assert np.isnan(row["lrn_gain"])
    assert inside.losses(found).to_dict("records") == [{"network": "untouched", "seed": 0, "step": 50, "loss": 2.0}]


def test_shares_of_all_negative_windows_are_those_of_whole_windows_once_for_each_seed_and_step():
    long, short = results(all_negative=0.7, seeds=2), results(all_negative=0.3)

    def shares(*runs):
        return {place: share.values for place, share in inside.negative_windows(runs).items()}

    # windows of 4 values, at the border, do not count
    assert shares(*long.runs)["after conv1"] == shares(*long.runs)["over all windows"] == pytest.approx((0.7, 0.7))
    (run,) = short.runs
    apart = {**run.evaluations[0].probes["conv2"], "all_negative": {"9": [0.9], "4": [0.0]}}
    (look,) = run.evaluations
    run = attrs.evolve(run, evaluations=(attrs.evolve(look, probes={**look.probes, "conv2": apart}),))
    assert [value for (value,) in shares(run).values()] == pytest.approx(
        [0.3, 0.9, (0.3 * 121 + 0.9 * 25) / 146]  # 11 x 11 whole windows after conv1, 5 x 5 after conv2
    )
    schedule = Schedule(steps=20_000, evaluate_at=(10_000, 20_000))
    longer = attrs.evolve(long.runs[0], experiment=attrs.evolve(long.runs[0].experiment, schedule=schedule))
    assert [value for (value,) in shares(longer, *short.runs).values()] == pytest.approx([0.3] * 3)
    assert shares() == {}


def test_the_documents_contradict_themselves_and_would_not_if_they_agreed():
    (conflict,) = contradictions().to_dict("records")
    assert (conflict["steps"], conflict["lowest"], conflict["highest"]) == (100_000, 0.83, 0.86)
    assert contradictions(ACCURACIES.assign(accuracy=0.86)).empty


def test_the_network_has_the_parameters_of_the_tutorial_page_and_fewer_multiply_adds():
    from relupool import build

    network = build(Architecture())
    assert network.count_params() == PARAMETERS
    assert multiply_adds(network) == 18_470_784 < MULTIPLY_ADDS


def test_only_the_network_without_any_nonlinearity_is_its_affine_map():
    from relupool import build

    x = np.random.default_rng(0).normal(size=(4, 24, 24, 3)).astype("float32")
    affine = FIRST_ABLATIONS.networks["all linear, no LRN"]
    model = build(affine)
    matrix, offset = affine_map(model)
    assert matrix.shape == (1728, 10)
    np.testing.assert_allclose(x.reshape(4, -1) @ matrix + offset, model.predict(x, verbose=0), atol=1e-5)
    assert misfit(model, 30 * x) < 1e-3
    assert misfit(build(vary(affine, lrn=True)), 30 * x) > 1e-2
    assert misfit(build(vary(affine, pool=Pool())), x) > 0.1


def test_a_table_has_a_name_right_aligned_numbers_and_dashes_for_what_is_missing():
    values = pd.DataFrame({"network": ["a", "b"], "gain": [-0.5, np.nan]})
    text = table(values, caption="Gains", name="tab-gains", formats={"gain": "{:.1%}"})
    assert text.splitlines() == [
        "```{table} Gains", ":name: tab-gains", "",
        "| network | gain |", "| --- | ---: |", "| a | −50.0% |", "| b | – |", "```",
    ]  # fmt: skip
