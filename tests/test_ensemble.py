from functools import cache

import keras
import numpy as np
import pytest
from attrs import evolve

from relupool.experiments import training
from relupool.experiments.experiment import Schedule, vary
from relupool.experiments.networks import Architecture, LeakyReLU, PartialReLU
from relupool.experiments.weights import named
from relupool.instruments import bench
from relupool.running import ensemble
from relupool.running.ensemble import grouped, train_many
from test_checkpoint import IMAGES, SMALL, interrupt, stop_at

JAX = keras.backend.backend() == "jax"
SEEDS = [vary(SMALL, seed=seed) for seed in (0, 1)]
EXAMPLE = vary(
    SMALL,
    network=Architecture(conv_activation=LeakyReLU(0.5)),
    schedule=Schedule(steps=50, evaluate_at=(50,), batch_size=2, learning_rate=0.01),
)
OTHER = vary(
    EXAMPLE,
    seed=1,
    network=Architecture(conv_activation=LeakyReLU(-0.2)),
    schedule=vary(EXAMPLE.schedule, learning_rate=0.02, weight_decay=0.01),
)


@cache
def alone(experiment):
    """Its averaged weights and its run, which come the same each time."""
    network, run = training.trained(experiment, IMAGES)
    return named(network), run


def same(run, single, tolerance):
    assert run.experiment == single.experiment
    np.testing.assert_allclose(run.losses, single.losses, rtol=tolerance)
    for seen, alone in zip(run.evaluations, single.evaluations, strict=True):
        assert (seen.step, seen.loss) == (alone.step, pytest.approx(alone.loss, rel=tolerance))
        assert seen.raw_loss == pytest.approx(alone.raw_loss, rel=tolerance)


@pytest.mark.book  # minutes on a busy machine: XLA compiles four programs
def test_fifty_steps_together_are_fifty_steps_alone():
    """Other seeds, slopes, rates and decays in one program: losses agree to a thousandth."""
    for how in ensemble.HOWS:
        for run, e in zip(train_many([EXAMPLE, OTHER], IMAGES, how=how), (EXAMPLE, OTHER), strict=True):
            same(run, alone(e)[1], 1e-3)


@pytest.mark.parametrize("how", ensemble.HOWS if JAX else ["calls"])
def test_numbers_of_its_own_for_each_member(how):
    faster = vary(SEEDS[1], schedule=vary(SMALL.schedule, learning_rate=0.006))
    for run, e in zip(train_many([SMALL, faster], IMAGES, how=how), (SMALL, faster), strict=True):
        same(run, alone(e)[1], 1e-4)


def patterned():
    """Images of ten coarse patterns under noise, which a linear classifier can learn but not all of them."""
    random = np.random.default_rng(0)
    patterns = np.kron(random.normal(128, 10, (10, 4, 4, 3)), np.ones((8, 8, 1)))
    labels = random.integers(0, 10, 1000).astype(np.uint8)
    pictures = (patterns[labels] + random.normal(0, 60, (1000, 32, 32, 3))).clip(0, 255).astype(np.uint8)
    return evolve(IMAGES, x_train=pictures[:500], y_train=labels[:500], x_test=pictures[500:], y_test=labels[500:])


@pytest.mark.skipif(not JAX, reason="TensorFlow trains one after another")
def test_five_seeds_together_reach_the_mean_accuracy_of_five_alone():
    """What a study reads off its runs, after more steps than losses can be compared over: within a tenth of a point."""
    images = patterned()
    schedule = Schedule(steps=300, evaluate_at=(300,), batch_size=32, learning_rate=0.003)
    five = [vary(SMALL, seed=seed, schedule=schedule, train_images=500, test_images=500) for seed in range(5)]

    def mean(runs):
        return np.mean([run.evaluations[-1].raw_accuracy for run in runs])

    single = mean([training.train(e, images) for e in five])
    assert 0.3 < single < 0.95
    for how in ensemble.HOWS:
        assert mean(train_many(five, images, how=how)) == pytest.approx(single, abs=1e-3)


@pytest.mark.skipif(not JAX, reason="it looks into a program of JAX")
@pytest.mark.parametrize(("how", "grouped", "convolutions"), [("vmap", True, 5), ("each", False, 10)])
def test_convolutions_are_those_of_single_networks_where_each_has_its_own(how, grouped, convolutions):
    group = [vary(EXAMPLE, seed=seed) for seed in (0, 1)]
    program, rows = ensemble.Program(group, IMAGES.x_train, how), ensemble.rows_of(group, 0, 1)
    state, labels = ensemble.initial_state(group), np.zeros(rows.shape[:-1], "int32")
    lowered = program._run.lower(state, program.numbers, program.fixed, rows, labels)
    assert ("feature_group_count = 2" in lowered.as_text()) == grouped
    assert lowered.compile().as_text().count("convolution(") <= convolutions


@pytest.mark.skipif(not JAX, reason="it times programs of JAX")
def test_what_the_benchmark_times_is_training(monkeypatch):
    monkeypatch.setattr(bench, "BATCH", 8)
    train = bench.together(SEEDS, "calls")
    first, *_, last = (np.asarray(train(5)) for _ in range(4))
    assert first.shape == (2, 5)
    assert np.mean(last) < np.mean(first)  # the same batches again


def stop_both(folder):
    with pytest.raises(KeyboardInterrupt):
        train_many(SEEDS, IMAGES, on_progress=lambda e, step, loss: stop_at(5)(step, loss), checkpoints=folder)


def test_what_is_interrupted_goes_on_bit_for_bit(tmp_path):
    whole = train_many(SEEDS, IMAGES)
    stop_both(tmp_path)
    assert len(list(tmp_path.iterdir())) == (2 if JAX else 1)
    again = train_many(SEEDS, IMAGES, checkpoints=tmp_path)
    assert [(r.losses, r.evaluations, r.hits) for r in again] == [(r.losses, r.evaluations, r.hits) for r in whole]
    assert {path.stem for path in tmp_path.iterdir()} == {e.key for e in SEEDS}  # until they are stored


def test_members_that_were_kept_at_different_steps_are_brought_to_the_end(tmp_path):
    interrupt(SEEDS[0], tmp_path, 5)
    found = []
    runs = train_many(SEEDS, IMAGES, on_run=lambda *run: found.append(run), checkpoints=tmp_path)
    found.sort(key=lambda each: each[0].experiment.seed)
    assert [run for run, _ in found] == list(runs)
    for e, (_, weights) in zip(SEEDS, found, strict=True):
        averages, _ = alone(e)
        assert list(weights) == list(averages) == ["softmax_linear/kernel", "softmax_linear/bias"]
        for name, values in averages.items():
            np.testing.assert_allclose(weights[name], values, atol=1e-3)
    for run, e in zip(runs, SEEDS, strict=True):
        same(run, alone(e)[1], 1e-3)


def test_members_go_on_elsewhere_only_where_that_is_asked_for(tmp_path, monkeypatch):
    stop_both(tmp_path)
    here = training.machine()
    monkeypatch.setattr(training, "machine", lambda: {**here, "device": "B"})
    with pytest.raises(ValueError, match="a checkpoint of another machine"):
        train_many(SEEDS, IMAGES, checkpoints=tmp_path)
    run, _ = train_many(SEEDS, IMAGES, checkpoints=tmp_path, elsewhere=True)
    assert run.device == f"{here['device']}, then B from step 5"


@pytest.mark.book
def test_one_that_diverges_leaves_the_others_alone():
    tame = vary(EXAMPLE, schedule=Schedule(steps=4, evaluate_at=(4,), batch_size=2, learning_rate=0.01))
    wild = vary(tame, seed=1, schedule=vary(tame.schedule, learning_rate=1e30))
    run, lost = train_many([tame, wild], IMAGES)
    assert (lost.diverged_at, lost.hits, lost.evaluations) == (4, None, ())
    same(run, alone(tame)[1], 1e-3)


@pytest.mark.parametrize(("kind", "together_on_jax"), [("cpu", 1), ("gpu", 3)])
def test_a_campaign_trains_together_what_is_faster_together(monkeypatch, kind, together_on_jax):
    monkeypatch.setattr(ensemble, "machine", lambda: {"device_kind": kind})
    experiments = [vary(SMALL, seed=seed) for seed in range(3)]
    largest = max(map(len, ensemble.together(experiments)))
    assert largest == (together_on_jax if JAX else 1)


def test_only_numbers_may_differ_within_a_program():
    partial = vary(EXAMPLE, network=Architecture(conv_activation=PartialReLU(fraction=0.5)))
    groups = grouped([EXAMPLE, SEEDS[0], OTHER, SEEDS[1], partial, vary(partial, seed=1)])
    assert groups == [[EXAMPLE, OTHER], SEEDS, [partial], [vary(partial, seed=1)]]


@pytest.mark.parametrize(
    ("experiments", "options", "message"),
    [
        ([], {}, "experiments is '0, 0 of them distinct'"),
        ([SMALL, SMALL], {}, "experiments is '2, 1 of them distinct'"),
        ([SMALL, vary(SMALL, dataset="cifar10")], {}, "images is 'synthetic', but must be the experiment's data set"),
        ([SMALL], {"how": "pmap"}, "how is 'pmap', but must be None or one of 'each', 'vmap', 'map', 'calls'"),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(experiments, options, message):
    with pytest.raises(ValueError, match=message):
        train_many(experiments, IMAGES, on_progress=lambda *_: pytest.fail("work was begun"), **options)
