"""What is timed: that it computes what it says, in every way of running it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from relupool.experiments.networks import Pool
from relupool.instruments import orders
from relupool.theory import reference
from relupool.theory.activations import ACTIVATIONS


@pytest.mark.parametrize("order", orders.ORDERS)
def test_the_orders_are_what_they_are_called(order):
    """GELU tells them apart."""
    x = np.random.default_rng(0).normal(size=(1, 8, 9, 2)).astype("float32")
    gelu = ACTIVATIONS["gelu"]
    truth = {
        "activation first": reference.max_pool(gelu(x), 3, 2, "same"),
        "pool first": gelu(reference.max_pool(x, 3, 2, "same")),
    }
    found = np.asarray(orders.composed("gelu", order)(x))
    np.testing.assert_allclose(found, truth[order], atol=1e-6)
    other = next(value for name, value in truth.items() if name != order)
    assert np.abs(found - other).max() > 0.01


def test_all_ways_of_running_are_there_and_run():
    calls = orders.alone_calls(["relu"], batch_size=1)
    assert list(calls) == [("relu", order, way) for order in orders.ORDERS for way in orders.ways()]
    for call in calls.values():
        call()
    assert orders.usual_way() in orders.ways()


@pytest.mark.parametrize("way", orders.ways())
def test_a_prepared_call_runs_its_function(way):
    seen = []

    def function(x):
        seen.append(1)
        return x + 1

    call = orders.prepared(function, keras.ops.ones((2, 2)), way=way)
    for _ in range(3):
        call()
    assert len(seen) == 3 if way == "eager" else len(seen) >= 1


def test_the_order_of_layer_1_is_turned_and_nothing_else():
    first, second = (orders.example("tanh", order) for order in orders.ORDERS)
    assert (first.order, second.order) == (("conv-act-pool",) * 2, ("conv-pool-act", "conv-act-pool"))
    assert first.pool == second.pool == Pool("max", 3, 2)
    assert (second.conv_activation, second.dense_activation) == ("tanh", "relu")


@pytest.mark.parametrize("to_input", [True, False])
def test_forward_and_back_through_a_dense_layer(to_input):
    """For y = xW + b the gradients of sum(u y) are x'u, the sum of u, and uW'."""
    random = np.random.default_rng(0)
    x, u = random.normal(size=(3, 4)).astype("float32"), random.normal(size=(3, 2)).astype("float32")
    layer = keras.layers.Dense(2, bias_initializer="ones")
    layer.build((3, 4))
    w = np.asarray(layer.kernel)
    y, gradients = orders.pullback(layer, to_input=to_input)(*map(keras.ops.convert_to_tensor, (x, u)))
    found = [np.asarray(leaf) for leaf in keras.tree.flatten(gradients)]
    truth = [x.T @ u, u.sum(axis=0), u @ w.T][: 3 if to_input else 2]
    np.testing.assert_allclose(np.asarray(y), x @ w + 1, rtol=1e-5)
    for value, right in zip(found, truth, strict=True):
        np.testing.assert_allclose(value, right, rtol=1e-5, atol=1e-6)


def test_a_training_step_trains_and_every_layer_that_computes_is_taken_apart():
    network = orders.example("relu", orders.ACTIVATION_FIRST)
    step = orders.training_step(network, batch_size=2)
    losses = [float(np.asarray(step()).ravel()[0]) for _ in range(12)]
    assert losses[-1] < losses[0]
    parts = orders.layer_calls(["relu"], {("relu", orders.ACTIVATION_FIRST, orders.usual_way()): step}, batch_size=1)
    assert parts.pop(("relu", orders.WHOLE, orders.WHOLE, "both ways")) is step
    for direction in ("forward", "both ways"):
        names = [layer for _, layer, _, own in parts if own == direction]
        assert names == [layer.name for layer in orders.build(network).layers if layer.name != "flatten"]
    assert {kind for _, _, kind, _ in parts} == set(orders.TYPES.values())
    parts["relu", "norm1", "normalization", "both ways"]()
