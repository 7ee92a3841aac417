"""ResNet-20 and the VGG: counted, looked at, collapsed to one map, and trained by a recipe that NumPy repeats."""

import keras
import numpy as np
import pytest

from relupool.experiments import training
from relupool.experiments.augmentation import PaddedCrops, draws
from relupool.experiments.data import Images, channel_scale, normalize
from relupool.experiments.experiment import Experiment, Recipe
from relupool.experiments.layers import BatchNormalization
from relupool.experiments.models import build, shortcut
from relupool.experiments.networks import VGG, PartialReLU, ResNet20
from relupool.instruments.cost import layers, misfit

BACKEND = keras.backend.backend()
IMAGES = np.random.default_rng(0).normal(size=(4, 32, 32, 3)).astype("float32")


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def by_hand(network):
    """Kernels 3x3 without bias, two numbers a channel of batch normalization, one dense layer with bias."""
    if isinstance(network, ResNet20):
        convolutions, features = [(3, 16, 32)] + [(16, 16, 32)] * 6, 64
        convolutions += [(16, 32, 16)] + [(32, 32, 16)] * 5 + [(32, 64, 8)] + [(64, 64, 8)] * 5
    else:
        convolutions = [(3, 32, 32), (32, 32, 32), (32, 64, 16), (64, 64, 16), (64, 128, 8), (128, 128, 8)]
        features = 128
    parameters = sum(9 * i * o + 2 * o for i, o, _ in convolutions) + 10 * features + 10
    return parameters, sum(9 * i * o * side**2 for i, o, side in convolutions) + 10 * features


@pytest.mark.parametrize(
    ("network", "parameters", "millions"), [(ResNet20(), 269_722, 40.6), (VGG(), 288_746, 38.6)], ids=["ResNet", "VGG"]
)
def test_parameters_and_multiply_adds(network, parameters, millions):
    model = build(network)
    assert (trainable(model), int(layers(model)["multiply_adds"].sum())) == by_hand(network)
    assert trainable(model) == parameters
    assert layers(model)["multiply_adds"].sum() / 1e6 == pytest.approx(millions, abs=0.05)


def names(model, kind):
    return [layer.name for layer in model.layers if isinstance(layer, kind)]


def test_resnet_20_has_twenty_layers_with_weights_and_nineteen_activations():
    model = build(ResNet20())
    assert len(names(model, (keras.layers.Conv2D, keras.layers.Dense))) == 20
    assert len(names(model, keras.layers.Activation)) == 19
    assert not names(build(ResNet20(activation=None)), keras.layers.Activation)
    sides = [model.get_layer(f"stage{stage}_block3_add").output.shape[1:] for stage in (1, 2, 3)]
    assert sides == [(32, 32, 16), (16, 16, 32), (8, 8, 64)]
    add = model.get_layer("stage1_block1_add").output
    assert model.get_layer("stage1_block1_activation2").input is add


def test_the_vgg_reads_in_forward_order():
    assert [layer.name for layer in build(VGG(pool="average")).layers if "norm" not in layer.name][1:] == [
        "conv1", "activation1", "conv2", "activation2", "pool1", "conv3", "activation3", "conv4", "activation4",
        "pool2", "conv5", "activation5", "conv6", "activation6", "pool3", "global_pool", "softmax_linear",
    ]  # fmt: skip
    kinds = {pool: type(build(VGG(pool=pool)).get_layer("pool1")) for pool in ("max", "average")}
    assert kinds == {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}


def test_a_shortcut_takes_every_other_pixel_and_fills_up_with_zeros():
    x = IMAGES[:, :5]
    out = np.asarray(shortcut(x, 7, 2))
    np.testing.assert_array_equal(out[..., :3], x[:, [0, 2, 4]][:, :, ::2])
    assert out.shape == (4, 3, 16, 7)
    assert not out[..., 3:].any()


@pytest.mark.parametrize("fraction", [0.1, 0.5])
def test_channels_without_relu_differ_from_layer_to_layer_and_come_again(fraction):
    def linear(seed):
        network = VGG(activation=PartialReLU(fraction=fraction))
        model = build(network, seed=seed)
        return [model.get_layer(f"activation{i}").linear for i in range(1, 7)]

    one, same, other = linear(1), linear(1), linear(2)
    assert [len(a) - a.sum() for a in one] == [round(fraction * n) for n in (32, 32, 64, 64, 128, 128)]
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not all((a == b).all() for a, b in zip(one, other, strict=True))
    assert (one[0] != one[1]).any()


def test_a_partial_relu_bends_its_channels_only():
    model = build(ResNet20(activation=PartialReLU(fraction=0.5)), seed=3)
    layer = model.get_layer("stage2_block1_activation2")
    inside = keras.Model(model.inputs, [layer.input, layer.output])
    before, after = (np.asarray(x) for x in inside([IMAGES], training=False))
    np.testing.assert_array_equal(after[..., layer.linear], before[..., layer.linear])
    np.testing.assert_array_equal(after[..., ~layer.linear], np.maximum(before, 0)[..., ~layer.linear])
    assert (before[..., layer.linear] < 0).any()


def jogged(network):
    """The network with running statistics that are not those it begins with."""
    model = build(network, seed=1)
    random = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, BatchNormalization):
            layer.moving_mean.assign(random.normal(size=layer.moving_mean.shape))
            layer.moving_variance.assign(random.uniform(0.5, 2, layer.moving_variance.shape))
    return model


@pytest.mark.parametrize(
    ("network", "affine"),
    [
        (VGG(activation=None, pool="average"), True),
        (ResNet20(activation=None), True),
        (VGG(activation=None, pool="max"), False),
        (VGG(activation=PartialReLU(fraction=0.1), pool="average"), False),
    ],
    ids=["linear VGG, average", "linear ResNet", "linear VGG, max", "a tenth"],
)
def test_only_without_relu_and_max_is_a_network_one_affine_map_at_evaluation(network, affine):
    error = misfit(jogged(network), IMAGES[:2])[1.0]
    assert error < 1e-3 if affine else error > 3e-2  # 3,072 columns, each with the rounding of the offset


def test_batch_normalization_agrees_with_numpy_in_training_and_after():
    layer = BatchNormalization(momentum=0.9, epsilon=1e-5)
    x = 3 * IMAGES.astype("float64") + 2
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    out = layer(x.astype("float32"), training=True)
    np.testing.assert_allclose(np.asarray(out), (x - mean) / np.sqrt(variance + 1e-5), atol=1e-4)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), 0.1 * mean, rtol=1e-4)
    np.testing.assert_allclose(np.asarray(layer.moving_variance), 0.9 + 0.1 * variance, rtol=1e-3)
    after = (x - 0.1 * mean) / np.sqrt(np.asarray(layer.moving_variance, float) + 1e-5)
    np.testing.assert_allclose(np.asarray(layer(x.astype("float32"), training=False)), after, rtol=1e-3, atol=1e-4)


def test_bfloat16_keeps_float32_weights_and_logits():
    model = build(ResNet20(), dtype="mixed_bfloat16", seed=3)
    assert {w.dtype for w in model.weights} == {"float32"}
    logits, exact = (m.predict(IMAGES, verbose=0) for m in (model, build(ResNet20(), seed=3)))
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, exact, atol=0.05 * np.abs(exact).max())


def test_weight_decay_is_on_every_kernel_and_on_nothing_else():
    model = build(VGG(), weight_decay=0.01)
    squares = sum((np.asarray(w, "float64") ** 2).sum() for w in model.trainable_variables if w.name == "kernel")
    assert float(sum(model.losses)) == pytest.approx(0.005 * squares, rel=1e-5)


PIXELS = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)


def crop(image, top, left, flip):
    padded = np.pad(image, [(4, 4), (4, 4), (0, 0)])[top : top + 32, left : left + 32]
    return padded[:, ::-1] if flip else padded


def test_crops_are_of_padded_normalized_images():
    rows = draws(0, 10, seed=4, batch_size=8, train_images=20)
    mean, sd = PIXELS.mean((0, 1, 2), dtype=float), PIXELS.std((0, 1, 2), dtype=float)
    expected = [crop((PIXELS[int(r[0])] - mean) / sd, *r[1:4].astype(int)) for r in rows]
    np.testing.assert_allclose(np.asarray(PaddedCrops(PIXELS)(rows)), expected, atol=1e-5)


def test_channel_scale_is_that_of_numpy_and_a_constant_channel_is_left_in_place():
    mean, sd = channel_scale(PIXELS)
    np.testing.assert_allclose(mean, PIXELS.mean((0, 1, 2), dtype=float), rtol=1e-6)
    np.testing.assert_allclose(sd, PIXELS.std((0, 1, 2), dtype=float), rtol=1e-6)
    constant = np.full((2, 32, 32, 3), 7, np.uint8)
    assert not normalize(constant, channel_scale(constant)).any()


def test_the_learning_rate_falls_when_a_milestone_is_over():
    rate = training.optimizer_of(Recipe(steps=8, milestones=(0.5, 0.75)))._learning_rate
    assert [float(rate(step)) for step in range(8)] == pytest.approx([0.1] * 4 + [0.01] * 2 + [0.001] * 2)
    uneven = training.optimizer_of(Recipe(steps=9, milestones=(0.5,), decay_factor=0.2))._learning_rate
    assert [float(uneven(step)) for step in (4, 5)] == pytest.approx([0.1, 0.02])


def test_a_recipes_steps_are_those_of_numpy():
    """Softmax regression by hand: gradient, momentum, the fall of the learning rate, all in float64."""
    recipe = Recipe(steps=4, learning_rate=0.01, momentum=0.8, milestones=(0.5,))
    dense = keras.layers.Dense(10, kernel_initializer="zeros")
    network = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), dense])
    trainer = training.compiled(network, PIXELS, recipe)
    rows = draws(0, 4, seed=0, batch_size=10, train_images=20)
    labels = (rows[:, 0] % 10).astype(int)
    trainer.fit(rows, labels, batch_size=10, shuffle=False, verbose=0)
    x = np.asarray(PaddedCrops(PIXELS)(rows), "float64").reshape(4, 10, -1)
    weights = [np.zeros((3072, 10)), np.zeros(10)]
    momentum = [w.copy() for w in weights]
    for batch, y, rate in zip(x, labels.reshape(4, 10), (0.01, 0.01, 0.001, 0.001), strict=True):
        logits = batch @ weights[0] + weights[1]
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(10)[y]
        for w, m, gradient in zip(weights, momentum, (batch.T @ p / 10, p.mean(0)), strict=True):
            m *= 0.8
            m -= rate * gradient
            w += m
    for ours, theirs in zip(weights, network.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, atol=1e-5)


@pytest.fixture(scope="module")
def run():
    """A VGG that learns to tell bright from dark images."""
    y = (np.arange(64) % 2).astype(np.uint8)
    noise = np.random.default_rng(1).integers(0, 80, (64, 32, 32, 3), dtype=np.uint8)
    x = (noise + 120 * y[:, None, None, None]).astype(np.uint8)
    images = Images(x, y, x, y, name="synthetic", sha256="0" * 64)
    recipe = Recipe(steps=24, evaluate_at=(0, 12, 24), batch_size=16, learning_rate=0.02)
    e = Experiment(
        network=VGG(), schedule=recipe, dataset="synthetic", train_images=64, test_images=64, backend=BACKEND
    )
    return training.trained(e, images), images


def test_training_lowers_the_loss_and_both_kinds_of_weights_are_one(run):
    (_, outcome), _ = run
    first, *_, last = outcome.evaluations
    assert last.loss < 0.5 * first.loss
    assert last.accuracy > 0.9
    assert all((e.accuracy, e.loss) == (e.raw_accuracy, e.raw_loss) for e in outcome.evaluations)
    assert not last.probes


def test_evaluation_uses_running_statistics_so_that_an_image_is_judged_by_itself(run):
    (model, outcome), images = run
    x = normalize(images.x_test, channel_scale(images.x_train))
    together, alone = model.predict(x, verbose=0), model.predict(x[:1], verbose=0)
    np.testing.assert_allclose(together[:1], alone, rtol=1e-3, atol=1e-3)
    assert (together.argmax(1) == images.y_test).mean() == outcome.evaluations[-1].accuracy
    assert np.asarray(model.get_layer("conv1_norm").moving_mean).any()
