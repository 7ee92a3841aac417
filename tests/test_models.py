import keras
import numpy as np
import pytest

from relupool.experiments import models
from relupool.experiments.experiment import vary
from relupool.experiments.layers import LocalResponseNormalization, activation_function, pooling
from relupool.experiments.networks import Architecture, LeakyReLU, Pool, SoftmaxRegression

build = models.build

LINEAR = Architecture(conv_activation=None, dense_activation=None, pool=Pool("average"), lrn=False)
CROPS = np.random.default_rng(0).normal(size=(4, 24, 24, 3)).astype("float32")


def layers(model):
    return [layer.name for layer in model.layers]


def weights(model):
    return {layer.name: [np.asarray(w, "float64") for w in layer.get_weights()] for layer in model.layers}


# An independent forward pass: loops and float64, no Keras.


def conv(x, kernel, bias):
    padded = np.pad(x, [(0, 0), (2, 2), (2, 2), (0, 0)])
    out = np.zeros(x.shape[:3] + (kernel.shape[3],))
    for i in range(5):
        for j in range(5):
            out += padded[:, i : i + x.shape[1], j : j + x.shape[2]] @ kernel[i, j]
    return out + bias


def pool(x, reduce):
    side = x.shape[1] // 2
    out = np.empty((len(x), side, side, x.shape[3]))
    for i in range(side):
        for j in range(side):
            out[:, i, j] = reduce(x[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3], axis=(1, 2))
    return out


def lrn(x):
    out = np.empty_like(x)
    for c in range(x.shape[-1]):
        energy = (x[..., max(c - 4, 0) : c + 5] ** 2).sum(-1)
        out[..., c] = x[..., c] / (1 + 0.001 / 9 * energy) ** 0.75
    return out


def relu(x):
    return np.maximum(x, 0)


def forward(a, w, x):
    act = relu if a.conv_activation == "relu" else lambda x: x
    dense_act = relu if a.dense_activation == "relu" else lambda x: x
    norm = lrn if a.lrn else lambda x: x
    reduce = {"max": np.max, "average": np.mean}[a.pool.kind]
    z = conv(x, *w["conv1"])
    x = norm(pool(act(z), reduce) if a.order[0] == "conv-act-pool" else act(pool(z, reduce)))
    z = conv(x, *w["conv2"])
    x = pool(norm(act(z)), reduce) if a.order[1] == "conv-act-pool" else act(pool(norm(z), reduce))
    x = x.reshape(len(x), -1)
    for name in ("local3", "local4"):
        x = dense_act(x @ w[name][0] + w[name][1])
    return x @ w["softmax_linear"][0] + w["softmax_linear"][1]


SWAPPED = Architecture(pool=Pool("average"), order=("conv-pool-act", "conv-pool-act"))


@pytest.mark.parametrize("architecture", [Architecture(), vary(Architecture(), conv_activation=None), LINEAR, SWAPPED])
def test_logits_agree_with_an_independent_forward_pass(architecture):
    model = build(architecture, seed=3)
    crops = 5 * CROPS  # large enough for the normalization to matter
    expected = forward(architecture, weights(model), crops.astype("float64"))
    np.testing.assert_allclose(model.predict(crops, verbose=0), expected, rtol=1e-4, atol=1e-6)


def test_the_example_has_the_published_number_of_parameters():
    counts = {layer.name: layer.count_params() for layer in build().layers if layer.count_params()}
    assert counts == {
        "conv1": 4_864, "conv2": 102_464, "local3": 885_120, "local4": 73_920, "softmax_linear": 1_930
    }  # fmt: skip
    assert build().count_params() == 1_068_298


def test_the_example_reads_in_the_original_order():
    assert layers(build()) == [
        "conv1", "activation1", "pool1", "norm1", "conv2", "activation2", "norm2", "pool2",
        "flatten", "local3", "activation3", "local4", "activation4", "softmax_linear",
    ]  # fmt: skip


def test_the_order_of_activation_and_pooling_can_be_read_off():
    swapped = layers(build(SWAPPED))
    assert swapped[:4] == ["conv1", "pool1", "activation1", "norm1"]
    assert swapped[4:8] == ["conv2", "norm2", "pool2", "activation2"]


def test_what_is_switched_off_is_not_there():
    assert layers(build(LINEAR)) == [
        "conv1",
        "pool1",
        "conv2",
        "pool2",
        "flatten",
        "local3",
        "local4",
        "softmax_linear",
    ]


def test_spatial_sizes():
    model = build()
    sides = [model.get_layer(name).output.shape[1] for name in ("conv1", "pool1", "conv2", "pool2")]
    assert sides == [24, 12, 12, 6]
    assert model.output_shape == (None, 10)


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


def test_weight_decay_is_on_two_kernels_only():
    model = build(seed=5)
    kernels = [model.get_layer(name).get_weights()[0] for name in ("local3", "local4")]
    expected = sum(0.004 * (k.astype("float64") ** 2).sum() / 2 for k in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    assert np.log(10) + expected == pytest.approx(4.6757, abs=0.01)


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
    gradient = gradient_of(layer, x, upstream)
    np.testing.assert_allclose([gradient[place] for place in places], expected, rtol=1e-3)


def gradient_of(layer, x, upstream):
    """Gradient of sum(upstream * layer(x)) with respect to x, on the backend at hand."""
    x, upstream = x.astype("float32"), upstream.astype("float32")
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(lambda x: (upstream * layer(x)).sum())(x))
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(upstream * layer(x))
    return tape.gradient(loss, x).numpy()


def deviation_from_affine(architecture):
    """Largest deviation of the logits from the affine map through the network's values at 0 and the unit vectors."""
    crops = 10 * CROPS  # large enough for the normalization to matter
    model = build(architecture, seed=2)
    basis = np.eye(1728, dtype="float32").reshape(-1, 24, 24, 3)
    origin = model.predict(np.zeros_like(crops), verbose=0)[0]
    matrix = model.predict(basis, batch_size=192, verbose=0) - origin
    logits = model.predict(crops, verbose=0)
    return np.abs(crops.reshape(4, -1) @ matrix + origin - logits).max() / np.abs(logits - origin).max()


def test_the_linear_network_without_lrn_is_one_affine_map():
    assert deviation_from_affine(LINEAR) < 1e-4


@pytest.mark.parametrize(
    "change", [{"pool": Pool("max")}, {"conv_activation": "relu"}, {"dense_activation": "relu"}, {"lrn": True}], ids=str
)
def test_any_nonlinearity_breaks_the_affine_map(change):
    assert deviation_from_affine(vary(LINEAR, **change)) > 1e-3


@pytest.mark.parametrize("slope", [1.0, 0.2, 0.0, -1.0])
def test_leaky_relu_of_any_slope(slope):
    x = np.array([-2.0, -0.5, 0.0, 3.0], "float32")
    expected = np.maximum(x, 0) + slope * np.minimum(x, 0)
    np.testing.assert_array_equal(np.asarray(activation_function(LeakyReLU(slope))(x)), expected)


def test_softmax_regression_starts_undecided():
    model = build(SoftmaxRegression())
    assert model.count_params() == 17_290
    assert not model.predict(CROPS, verbose=0).any()


def test_bfloat16_keeps_float32_weights_and_logits():
    model = build(dtype="mixed_bfloat16", seed=3)
    assert {w.dtype for w in model.weights} == {"float32"}
    assert model.predict(CROPS, verbose=0).dtype == np.float32
    np.testing.assert_allclose(model.predict(CROPS, verbose=0), build(seed=3).predict(CROPS, verbose=0), atol=0.02)
