"""The networks: counted, compared with loops in NumPy, collapsed to one affine map, and drawn by their seeds."""

from functools import partial

import keras
import numpy as np
import pytest

from relupool.book.layers import pullback
from relupool.experiments.experiment import vary
from relupool.experiments.layers import BatchNormalization, LocalResponseNormalization, pooling
from relupool.experiments.models import build, shortcut
from relupool.experiments.networks import VGG, Architecture, PartialReLU, Pool, ResNet20, SoftmaxRegression
from relupool.instruments.cost import affine_map, multiply_adds, superposition
from relupool.theory import reference
from relupool.theory.reference import local_response_normalization as lrn

LINEAR = Architecture(conv_activation=None, dense_activation=None, pool=Pool("average"), lrn=False)
SWAPPED = Architecture(pool=Pool("average"), order=("conv-pool-act", "conv-pool-act"))
CROPS = np.random.default_rng(0).normal(size=(4, 24, 24, 3)).astype("float32")
IMAGES = np.random.default_rng(0).normal(size=(4, 32, 32, 3)).astype("float32")


def names(model, *kinds):
    return [layer.name for layer in model.layers if isinstance(layer, kinds or object)]


def forward(a, w, x):
    """An independent forward pass: loops and float64, no Keras."""
    act, dense_act = (
        partial(np.maximum, 0) if which else np.asarray for which in (a.conv_activation, a.dense_activation)
    )
    norm = lrn if a.lrn else np.asarray
    pools = {"max": reference.max_pool, "average": reference.average_pool}
    pool = partial(pools[a.pool.kind], pool_size=3, strides=2, padding="same")

    def conv(name, x):
        kernel, bias = w[name]
        return reference.cross_correlation(x, kernel, 1, "same") + bias

    z = conv("conv1", x)
    z = conv("conv2", norm(pool(act(z)) if a.order[0] == "conv-act-pool" else act(pool(z))))
    x = pool(norm(act(z))) if a.order[1] == "conv-act-pool" else act(pool(norm(z)))
    x = x.reshape(len(x), -1)
    for name in ("local3", "local4"):
        x = dense_act(x @ w[name][0] + w[name][1])
    return x @ w["softmax_linear"][0] + w["softmax_linear"][1]


@pytest.mark.parametrize("architecture", [Architecture(), vary(Architecture(), conv_activation=None), LINEAR, SWAPPED])
def test_logits_agree_with_an_independent_forward_pass(architecture):
    model = build(architecture, seed=3)
    crops = 5 * CROPS  # large enough for the normalization to matter
    weights = {layer.name: [np.asarray(w, "float64") for w in layer.get_weights()] for layer in model.layers}
    expected = forward(architecture, weights, crops.astype("float64"))
    np.testing.assert_allclose(model.predict(crops, verbose=0), expected, rtol=1e-4, atol=1e-6)


ORDERS = {
    "conv1 activation1 pool1 norm1 conv2 activation2 norm2 pool2": Architecture(),
    "conv1 pool1 activation1 norm1 conv2 norm2 pool2 activation2": SWAPPED,
}
DENSE = "flatten local3 activation3 local4 activation4 softmax_linear"
VGG_LAYERS = (
    "conv1 activation1 conv2 activation2 pool1 conv3 activation3 conv4 activation4 pool2 "
    "conv5 activation5 conv6 activation6 pool3 global_pool softmax_linear"
)


def test_networks_read_in_forward_order_and_what_is_switched_off_is_not_there():
    for order, network in ORDERS.items():
        assert names(build(network)) == f"{order} {DENSE}".split()
    assert names(build(LINEAR)) == "conv1 pool1 conv2 pool2 flatten local3 local4 softmax_linear".split()
    assert [name for name in names(build(VGG())) if "norm" not in name][1:] == VGG_LAYERS.split()
    kinds = {pool: type(build(VGG(pool=pool)).get_layer("pool1")) for pool in ("max", "average")}
    assert issubclass(kinds["max"], keras.layers.MaxPooling2D)
    assert issubclass(kinds["average"], keras.layers.AveragePooling2D)


def test_the_example_has_the_published_sizes_and_number_of_parameters():
    model = build()
    counts = {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}
    assert counts == {
        "conv1": 4_864, "conv2": 102_464, "local3": 885_120, "local4": 73_920, "softmax_linear": 1_930
    }  # fmt: skip
    assert model.count_params() == 1_068_298
    sides = [model.get_layer(name).output.shape[1] for name in ("conv1", "pool1", "conv2", "pool2")]
    assert sides == [24, *Architecture().sides[1:2] * 2, 6] == [24, 12, 12, 6]
    assert model.output_shape == (None, 10)


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
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert (trainable, multiply_adds(model)) == by_hand(network)
    assert trainable == parameters
    assert multiply_adds(model) / 1e6 == pytest.approx(millions, abs=0.05)


def test_resnet_20_has_twenty_layers_with_weights_and_nineteen_activations():
    model = build(ResNet20())
    assert len(names(model, keras.layers.Conv2D, keras.layers.Dense)) == 20
    assert len(names(model, keras.layers.Activation)) == 19
    assert not names(build(ResNet20(activation=None)), keras.layers.Activation)
    sides = [model.get_layer(f"stage{stage}_block3_add").output.shape[1:] for stage in (1, 2, 3)]
    assert sides == [(32, 32, 16), (16, 16, 32), (8, 8, 64)]
    add = model.get_layer("stage1_block1_add").output
    assert model.get_layer("stage1_block1_activation2").input is add


def test_a_shortcut_takes_every_other_pixel_and_fills_up_with_zeros():
    x = IMAGES[:, :5]
    out = np.asarray(shortcut(x, 7, 2))
    np.testing.assert_array_equal(out[..., :3], x[:, [0, 2, 4]][:, :, ::2])
    assert out.shape == (4, 3, 16, 7)
    assert not out[..., 3:].any()


@pytest.mark.parametrize(
    ("name", "stddev", "bias"),
    [
        ("conv1", 0.05, 0.0),
        ("conv2", 0.05, 0.1),
        ("local3", 0.04, 0.1),
        ("local4", 0.04, 0.1),
        ("softmax_linear", 1 / 192, 0.0),
    ],
)
def test_initial_weights(name, stddev, bias):
    kernel, biases = build(seed=1).get_layer(name).get_weights()
    assert np.abs(kernel).max() <= 2 * stddev * (1 + 1e-6)
    assert kernel.std() == pytest.approx(0.8796 * stddev, rel=0.05)  # what truncation at 2 sd leaves
    assert (biases == np.float32(bias)).all()


def test_the_seed_draws_the_weights_and_layers_differ():
    one, same, other = (build(seed=seed).get_weights() for seed in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[4].ravel()[:100], one[6].ravel()[:100])


def test_weight_decay_is_on_two_kernels_of_the_example_and_on_all_of_bigger_networks():
    for network, rate, count in ((Architecture(), 0.004, 2), (VGG(), 0.01, 7)):
        model = build(network, weight_decay=rate, seed=5)
        kernels = [w for w in model.trainable_variables if w.name == "kernel"]
        decayed = [w for w in kernels if count == len(kernels) or "local" in w.path]
        expected = sum(rate * (np.asarray(w, "float64") ** 2).sum() / 2 for w in decayed)
        assert len(decayed) == count
        assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("network", "x"), [(Architecture(), CROPS), (ResNet20(), IMAGES)], ids=["example", "ResNet"])
def test_bfloat16_keeps_float32_weights_and_logits(network, x):
    model = build(network, dtype="mixed_bfloat16", seed=3)
    assert {w.dtype for w in model.weights} == {"float32"}
    logits, exact = (each.predict(x, verbose=0) for each in (model, build(network, seed=3)))
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, exact, atol=max(0.02, 0.05 * np.abs(exact).max()))


def test_softmax_regression_starts_undecided():
    model = build(SoftmaxRegression())
    assert model.count_params() == 17_290
    assert not model.predict(CROPS, verbose=0).any()


def test_average_of_a_border_window_counts_real_values_only():
    layer = pooling(Pool("average"), "pool", "float32")
    row = np.zeros((1, 1, 2, 1), "float32")
    row[0, 0, :, 0] = [10, 20]
    assert np.asarray(layer(row)).ravel().tolist() == [15]


def test_lrn_agrees_with_numpy_in_values_and_gradient():
    rng = np.random.default_rng(1)
    x = rng.normal(scale=20, size=(2, 3, 3, 64))
    layer = LocalResponseNormalization()
    np.testing.assert_allclose(np.asarray(layer(x.astype("float32"))), lrn(x), rtol=1e-5)
    upstream, step = rng.normal(size=x.shape), 1e-5
    places = [(0, 0, 0, 0), (1, 2, 1, 5), (0, 1, 2, 63)]
    expected = []
    for place in places:
        bump = np.zeros_like(x)
        bump[place] = step
        expected.append((upstream * (lrn(x + bump) - lrn(x - bump))).sum() / (2 * step))
    gradient = pullback(layer, *(array.astype("float32") for array in (x, upstream)))
    np.testing.assert_allclose([gradient[place] for place in places], expected, rtol=1e-3)


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


def misfit(model, x):
    """How far a model is from the one affine map that its values at 0 and the unit vectors tell, beside its changes."""
    matrix, offset = affine_map(model)
    outputs = model.predict(x, verbose=0)
    return np.abs(x.reshape(len(x), -1) @ matrix + offset - outputs).max() / np.abs(outputs - offset).max()


@pytest.mark.parametrize(
    ("change", "affine"),
    [
        ({}, True),
        ({"pool": Pool("max")}, False),
        ({"conv_activation": "relu"}, False),
        ({"dense_activation": "relu"}, False),
        ({"lrn": True}, False),
    ],
    ids=str,
)
def test_any_nonlinearity_breaks_the_affine_map_of_the_example(change, affine):
    error = misfit(build(vary(LINEAR, **change), seed=2), 10 * CROPS)  # large enough for the normalization to matter
    assert error < 1e-4 if affine else error > 1e-3


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
    if affine:  # 3,072 columns, each with the rounding of the offset
        assert misfit(jogged(network), IMAGES[:2]) < 1e-3
    else:  # one pair of inputs is enough
        assert superposition(jogged(network), IMAGES[:1], IMAGES[1:2]) > 3e-2


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
