"""Training: steps that NumPy repeats, runs that are whole and come again, and what is looked at inside."""

import json

import keras
import numpy as np
import pytest
from attrs import evolve

from relupool.experiments import run as runs
from relupool.experiments import training
from relupool.experiments.data import Images, channel_scale, normalize
from relupool.experiments.experiment import Experiment, Recipe, Schedule, vary
from relupool.experiments.networks import VGG, Architecture, Pool, SoftmaxRegression
from relupool.experiments.probes import real_values

BACKEND = keras.backend.backend()


def noise(n_train=256, n_test=60):
    random = np.random.default_rng(0)
    x = [random.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8) for n in (n_train, n_test)]
    y = [random.integers(0, 10, n).astype(np.uint8) for n in (n_train, n_test)]
    return Images(x[0], y[0], x[1], y[1], name="synthetic", sha256="0" * 64, note="noise")


IMAGES = noise()
SMALL = Experiment(
    schedule=Schedule(steps=6, evaluate_at=(0, 4, 6), batch_size=16),
    dataset="synthetic",
    train_images=256,
    test_images=60,
    backend=BACKEND,
)


PROGRESS = []


@pytest.fixture(scope="module")
def run():
    return training.train(SMALL, IMAGES, on_progress=lambda step, _: PROGRESS.append(step))


def test_a_run_has_what_its_schedule_asks_for(run):
    assert [e.step for e in run.evaluations] == [0, 4, 6]
    assert run.diverged_at is None
    hits = runs.unpack(run.hits, 60)
    assert hits.mean() == run.evaluations[-1].accuracy
    assert run.provenance["device_kind"] in ("cpu", "gpu")
    assert runs.from_json(json.loads(json.dumps(runs.to_json(run)))) == run


def test_the_same_experiment_gives_the_same_run(run):
    again = training.train(SMALL, IMAGES)
    assert again.losses == run.losses
    assert again.evaluations == run.evaluations
    assert again.hits == run.hits
    assert training.train(vary(SMALL, seed=1), IMAGES).losses != run.losses


def test_the_loss_starts_at_ln_10_and_the_weight_decay():
    e = vary(SMALL, schedule=Schedule(steps=1, batch_size=256))
    assert training.train(e, IMAGES).losses[0][1] == pytest.approx(4.6757, abs=0.02)


def test_averaging_decay_has_the_examples_ramp():
    at = [float(training.averaging_decay(t)) for t in (0, 1000, 89_989, 89_990, 1_000_000)]
    assert at[:2] == pytest.approx([0.1, 1001 / 1010])
    assert at[2] < 0.9999
    assert at[3:] == pytest.approx([0.9999, 0.9999])


@pytest.mark.parametrize(
    ("schedule", "steps", "rates"),
    [
        (Schedule(), (0, 136_717, 136_718, 273_436), (0.1, 0.1, 0.01, 0.001)),
        (Recipe(steps=8, milestones=(0.5, 0.75)), range(8), [0.1] * 4 + [0.01] * 2 + [0.001] * 2),
        (Recipe(steps=9, milestones=(0.5,), decay_factor=0.2), (4, 5), (0.1, 0.02)),
    ],
    ids=["example", "recipe", "uneven"],
)
def test_the_learning_rate_falls_when_a_stretch_is_over(schedule, steps, rates):
    rate = training.optimizer_of(schedule)._learning_rate
    assert [float(rate(step)) for step in steps] == pytest.approx(list(rates))


@pytest.mark.parametrize("momentum", [0.0, 0.8], ids=["example", "recipe"])
def test_training_takes_the_steps_that_numpy_takes(momentum):
    """Softmax regression by hand: gradient, momentum or moving average, the fall of the rate, all in float64."""
    schedule, side = Schedule(steps=4, batch_size=16, learning_rate=0.01, decay_every=2), 24
    if momentum:
        schedule, side = Recipe(steps=4, learning_rate=0.01, momentum=momentum, milestones=(0.5,)), 32
    network = keras.Sequential(
        [keras.Input((side, side, 3)), keras.layers.Flatten(), keras.layers.Dense(10, kernel_initializer="zeros")]
    )
    trainer = training.compiled(network, IMAGES.x_train, schedule)
    rows = training.draws(0, 4, seed=0, batch_size=16, train_images=256)
    labels = IMAGES.y_train[rows[:, 0].astype(int)].astype(int)
    trainer.fit(rows, labels, batch_size=16, shuffle=False, verbose=0)
    crops = np.asarray(trainer.layers[1](rows), "float64").reshape(4, 16, -1)
    weights = [np.zeros((side * side * 3, 10)), np.zeros(10)]
    averages, moves = ([w.copy() for w in weights] for _ in range(2))
    for step, (x, y) in enumerate(zip(crops, labels.reshape(4, 16), strict=True)):
        logits = x @ weights[0] + weights[1]
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(10)[y]
        decay = min(0.9999, (2 + step) / (11 + step))
        for w, average, move, gradient in zip(weights, averages, moves, (x.T @ p / 16, p.mean(0)), strict=True):
            move *= momentum
            move -= (0.01 if step < 2 else 0.001) * gradient
            w += move
            average *= decay
            average += (1 - decay) * w
    pairs = list(zip(weights, network.trainable_variables, strict=True))
    if not momentum:
        pairs += zip(averages, trainer.optimizer.averages, strict=True)
    for by_hand, variable in pairs:
        np.testing.assert_allclose(np.asarray(variable), by_hand, atol=1e-5)


def test_a_diverging_run_is_a_result():
    schedule = Schedule(steps=100, evaluate_at=(0, 100), batch_size=16, learning_rate=1e30)
    run = training.train(vary(SMALL, schedule=schedule), IMAGES)
    assert run.diverged_at == 50
    assert [e.step for e in run.evaluations] == [0]
    assert run.hits is None
    assert runs.from_json(json.loads(json.dumps(runs.to_json(run)))) == run


def test_progress_is_told(run):
    assert [step for step, _ in run.losses] == PROGRESS == [4, 6]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"dataset": "cifar10"}, "images"), ({"backend": "jax" if BACKEND == "tensorflow" else "tensorflow"}, "backend")],
)
def test_what_does_not_fit_is_refused_before_any_work(change, named):
    with pytest.raises(ValueError, match=named):
        training.train(vary(SMALL, **change), IMAGES)


def test_a_run_that_is_judged_on_training_images_looks_at_no_test_image(monkeypatch):
    monkeypatch.setattr(training, "VALIDATION", 60)
    e = vary(SMALL, judged_on="validation", train_images=196)
    run = training.train(e, IMAGES)
    blind = evolve(IMAGES, x_test=np.zeros_like(IMAGES.x_test), y_test=IMAGES.y_test[::-1])
    assert training.train(e, blind).evaluations == run.evaluations
    last = evolve(IMAGES, x_test=IMAGES.x_train[-60:], y_test=IMAGES.y_train[-60:])
    same = training.train(vary(SMALL, train_images=196), last)
    assert (same.evaluations, same.hits, same.losses) == (run.evaluations, run.hits, run.losses)
    with pytest.raises(ValueError, match="train_images is 200, but must be at most 196"):
        training.train(vary(e, train_images=200), IMAGES)


def test_pieces_end_at_every_evaluation():
    assert list(training.pieces(Schedule(steps=120, evaluate_at=(0, 30, 120)))) == [
        (0, 30), (30, 50), (50, 100), (100, 120)
    ]  # fmt: skip


@pytest.mark.skipif(BACKEND != "tensorflow", reason="only tf.data has an autotuner")
def test_what_fit_is_fed_is_whole_and_in_order_and_waits_for_no_autotuner():
    x = np.arange(10.0)
    for y, size, lengths in ((x + 1, 5, [5, 5]), (None, 4, [4, 4, 2])):
        given = training.batched(x, y, batch_size=size)["x"]
        batches = [batch if y is None else batch[0] for batch in given.as_numpy_iterator()]
        assert [len(batch) for batch in batches] == lengths
        np.testing.assert_array_equal(np.concatenate(batches), x)
        assert given.options().autotune.enabled is False


def test_averaged_weights_are_only_lent():
    network = training.build(SoftmaxRegression())
    trainer = training.compiled(network, IMAGES.x_train, SMALL.schedule)
    rows = training.draws(0, 4, seed=0, batch_size=16, train_images=256)
    trainer.fit(rows, IMAGES.y_train[rows[:, 0].astype(int)].astype(int), batch_size=16, shuffle=False, verbose=0)
    raw = network.get_weights()
    with training.averaged(network, trainer.optimizer):
        assert not np.array_equal(network.get_weights()[0], raw[0])
    assert all(np.array_equal(a, b) for a, b in zip(network.get_weights(), raw, strict=True))


@pytest.mark.parametrize(("side", "counts"), [(24, {9: 121, 6: 22, 4: 1}), (12, {9: 25, 6: 10, 4: 1})])
def test_windows_of_the_example_hold_nine_six_or_four_values(side, counts):
    n, times = np.unique(real_values(side, Pool()), return_counts=True)
    assert dict(zip(n.tolist(), times.tolist(), strict=True)) == counts


@pytest.mark.parametrize("pool", [Pool(size=2), Pool(size=3, stride=1), Pool(size=5, stride=3), Pool(padding="valid")])
def test_window_counts_agree_with_pooling_ones(pool):
    ones = np.ones((1, 13, 13, 1), "float32")
    average = keras.layers.AveragePooling2D(pool.size, pool.stride, pool.padding)
    mask = np.zeros_like(ones)
    mask[0, 6, 6] = 1  # a single one: its average is 1 / (real values), wherever its window is
    pooled = np.asarray(average(mask))[0, ..., 0]
    real = real_values(13, pool)
    assert pooled.shape == real.shape
    np.testing.assert_allclose(pooled[pooled > 0], 1 / real[pooled > 0], rtol=1e-6)


def test_probes_agree_with_loops_over_windows():
    architecture = Architecture()
    model = training.build(architecture, seed=3)
    crops = np.random.default_rng(2).normal(size=(3, 24, 24, 3)).astype("float32")
    found = training.probe(model, architecture, crops)["conv1"]
    z = np.asarray(keras.Model(model.inputs, model.get_layer("conv1").output)([crops]), "float64")
    windows = [z[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] for i in range(12) for j in range(12)]
    for n in (9, 6, 4):
        chosen = [w for w in windows if w.shape[1] * w.shape[2] == n]
        expected = np.mean([(w < 0).all(axis=(1, 2)).mean(axis=0) for w in chosen], axis=0)
        np.testing.assert_allclose(found["all_negative"][str(n)], expected, atol=1e-5)
    gap = [np.maximum(w, 0).mean(axis=(1, 2)) - np.maximum(w.mean(axis=(1, 2)), 0) for w in windows]
    np.testing.assert_allclose(found["pool_gap"], np.mean(gap, axis=(0, 1)), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(found["positive"], (z > 0).mean(axis=(0, 1, 2)), atol=1e-5)
    pooled = np.array([np.maximum(w, 0).max(axis=(1, 2)) for w in windows])
    assert found["rms"] == pytest.approx(np.sqrt((pooled**2).mean()), rel=1e-4)
    assert 0.9 < found["lrn_gain"] < 1


def test_probes_of_a_linear_layer_have_no_gap_and_no_gain():
    architecture = Architecture(conv_activation=None, lrn=False, pool=Pool("average"))
    crops = np.random.default_rng(2).normal(size=(2, 24, 24, 3)).astype("float32")
    found = training.probe(training.build(architecture), architecture, crops)
    assert np.abs(found["conv2"]["pool_gap"]).max() == 0
    assert found["conv2"]["lrn_gain"] is None


@pytest.fixture(scope="module")
def bright():
    """A VGG that learns to tell bright from dark images."""
    y = (np.arange(64) % 2).astype(np.uint8)
    noise = np.random.default_rng(1).integers(0, 80, (64, 32, 32, 3), dtype=np.uint8)
    x = (noise + 120 * y[:, None, None, None]).astype(np.uint8)
    images = Images(x, y, x, y, name="synthetic", sha256="0" * 64)
    recipe = Recipe(steps=24, evaluate_at=(0, 12, 24), batch_size=16, learning_rate=0.02)
    e = Experiment(
        network=VGG(),
        schedule=recipe,
        dataset="synthetic",
        train_images=64,
        test_images=64,
        backend=keras.backend.backend(),
    )
    return training.trained(e, images), images


def test_training_lowers_the_loss_and_both_kinds_of_weights_are_one(bright):
    (_, outcome), _ = bright
    first, *_, last = outcome.evaluations
    assert last.loss < 0.5 * first.loss
    assert last.accuracy > 0.9
    assert all((e.accuracy, e.loss) == (e.raw_accuracy, e.raw_loss) for e in outcome.evaluations)
    assert not last.probes


def test_evaluation_uses_running_statistics_so_that_an_image_is_judged_by_itself(bright):
    (model, outcome), images = bright
    x = normalize(images.x_test, channel_scale(images.x_train))
    together, alone = model.predict(x, verbose=0), model.predict(x[:1], verbose=0)
    np.testing.assert_allclose(together[:1], alone, rtol=1e-3, atol=1e-3)
    assert (together.argmax(1) == images.y_test).mean() == outcome.evaluations[-1].accuracy
    assert np.asarray(model.get_layer("conv1_norm").moving_mean).any()
