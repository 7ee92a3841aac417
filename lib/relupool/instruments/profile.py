"""Functions to be timed: activation and pooling in both orders, training steps, each layer of one.

Each comes as a call without arguments that returns when its work is done; :mod:`relupool.instruments.timing` times it.
Keras' running backend computes; on TensorFlow a function can run as it is written ("eager"), as TensorFlow's graph
("graph") or compiled by XLA ("XLA"); on JAX there is no graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from relupool.experiments.experiment import vary
from relupool.experiments.layers import activation_function
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, Pool
from relupool.experiments.training import AveragingSGD
from relupool.instruments.timing import Call
from relupool.validation import refuse

Function = Callable[..., Any]

ACTIVATION_FIRST, POOL_FIRST = "activation first", "pool first"
ORDERS = {ACTIVATION_FIRST: "conv-act-pool", POOL_FIRST: "conv-pool-act"}
"""The two orders, and what :class:`Architecture` calls them."""

TYPES = {
    "Conv2D": "convolution",
    "MaxPooling2D": "pooling",
    "AveragePooling2D": "pooling",
    "Activation": "activation",
    "LocalResponseNormalization": "normalization",
    "Dense": "dense",
}
"""Layers by type; others, such as Flatten, do no arithmetic."""

WHOLE = "whole step"


def ways() -> tuple[str, ...]:
    """The ways to run a function on the running backend, the usual one of this book's training last but one."""
    return ("eager", "graph", "XLA") if on_tensorflow() else ("eager", "XLA")


def usual_way() -> str:
    """How this book trains: TensorFlow's graph, or XLA on JAX."""
    return "graph" if on_tensorflow() else "XLA"


def on_tensorflow() -> bool:
    """Whether TensorFlow is the running backend; else it is JAX."""
    return keras.backend.backend() == "tensorflow"


def _check_way(way: str) -> None:
    if way not in ways():
        refuse("way", way, "one of " + ", ".join(ways()))


def prepared(function: Function, *arguments: Any, way: str) -> Call:
    """``function`` of ``arguments``, tensors, as a call that returns when the result is there."""
    _check_way(way)
    if on_tensorflow():
        import tensorflow as tf

        run = function
        if way != "eager":  # a concrete function never traces again, and so does not warn of doing it too often
            run = tf.function(function, autograph=False, jit_compile=way == "XLA").get_concrete_function(*arguments)
        if not tf.config.list_physical_devices("GPU"):
            return lambda: run(*arguments)

        def wait() -> None:
            run(*arguments)
            tf.test.experimental.sync_devices()

        return wait
    import jax

    run = function if way == "eager" else jax.jit(function)
    return lambda: jax.block_until_ready(run(*arguments))


def composed(activation: str, order: str, *, pool_size: int, stride: int) -> Function:
    """Activation and max-pool as one function, in one of :data:`ORDERS`."""
    if order not in ORDERS:
        refuse("order", order, "one of " + ", ".join(ORDERS))
    act = activation_function(activation)

    def pool(x: Any) -> Any:
        return ops.max_pool(x, pool_size, stride, padding="same")

    return (lambda x: pool(act(x))) if order == ACTIVATION_FIRST else (lambda x: act(pool(x)))


def conv1_shape(batch_size: int) -> tuple[int, int, int, int]:
    """The shape of what conv1 puts out."""
    return (batch_size, 24, 24, 64)


def both_orders(
    activations: Sequence[str], *, pool_size: int, stride: int, batch_size: int, seed: int
) -> dict[tuple[str, str, str], Call]:
    """Both orders alone, forward, on standard normal numbers of conv1's shape, by (activation, order, way)."""
    x = normal(conv1_shape(batch_size), seed)
    return {
        (activation, order, way): prepared(composed(activation, order, pool_size=pool_size, stride=stride), x, way=way)
        for activation in activations
        for order in ORDERS
        for way in ways()
    }


def training_step(network: Architecture, *, way: str, batch_size: int, seed: int) -> Call:
    """One training step of ``network`` on one batch of random numbers: Keras' ``train_on_batch``, without crops."""
    _check_way(way)
    model = build(network, seed=seed)
    model.compile(
        optimizer=AveragingSGD(1e-3),  # so small that a network on the same batch for ever stays finite
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=way == "XLA",
        run_eagerly=way == "eager",
    )
    random = np.random.default_rng(seed)
    x = random.standard_normal((batch_size, *model.input_shape[1:]), dtype=np.float32)
    y = random.integers(0, 10, batch_size)
    return lambda: model.train_on_batch(x, y)


def example(activation: str | None, order: str, *, pool_size: int, stride: int) -> Architecture:
    """The example with this activation in its convolutional layers and, in layer 1, in this order."""
    pool = Pool("max", pool_size, stride)
    return vary(Architecture(), conv_activation=activation, pool=pool, order=(ORDERS[order], "conv-act-pool"))


def training_steps(
    activations: Sequence[str], *, ways: Sequence[str], pool_size: int, stride: int, batch_size: int, seed: int
) -> dict[tuple[str, str, str], Call]:
    """Training steps of the example with layer 1 in both orders, by (activation, order, way)."""
    return {
        (activation, order, way): training_step(
            example(activation, order, pool_size=pool_size, stride=stride), way=way, batch_size=batch_size, seed=seed
        )
        for activation in activations
        for order in ORDERS
        for way in ways
    }


def layers(network: Architecture, *, batch_size: int, seed: int) -> dict[tuple[str, str, str], Call]:
    """Each layer of ``network`` alone, on what the layers before it put out, by (layer, type, direction).

    The direction is "forward", or "both ways": forward and then back, from a random gradient of the layer's output to
    the gradients of its weights and its input. The first layer's input needs none. Biases count with their layer.
    """
    model = build(network, seed=seed)
    x, calls = normal((batch_size, *model.input_shape[1:]), seed), {}
    for place, layer in enumerate(model.layers):
        y = layer(x)
        if kind := TYPES.get(type(layer).__name__):
            upstream = normal(tuple(y.shape), seed + 1)
            back = pullback(layer, to_input=place > 0)
            calls[layer.name, kind, "forward"] = prepared(layer, x, way=usual_way())
            calls[layer.name, kind, "both ways"] = prepared(back, x, upstream, way=usual_way())
        x = y
    return calls


def anatomy(
    activations: Sequence[str],
    *,
    steps: Mapping[tuple[str, str, str], Call],
    pool_size: int,
    stride: int,
    batch_size: int,
    seed: int,
) -> dict[tuple[str, str, str, str], Call]:
    """The layers of the example with each of ``activations`` in its convolutional layers, and its whole training step.

    By (activation, layer, type, direction); the step, taken from :func:`training_steps`, is layer and type
    "whole step", direction "both ways".
    """
    calls: dict[tuple[str, str, str, str], Call] = {}
    for activation in activations:
        network = example(activation, ACTIVATION_FIRST, pool_size=pool_size, stride=stride)
        own = layers(network, batch_size=batch_size, seed=seed)
        calls |= {(activation, *key): call for key, call in own.items()}
        calls[activation, WHOLE, WHOLE, "both ways"] = steps[activation, ACTIVATION_FIRST, usual_way()]
    return calls


def pullback(layer: keras.layers.Layer, *, to_input: bool = True) -> Function:
    """``(x, upstream)`` -> the layer's output, and the gradients of sum(upstream * output) by its weights and by x.

    The output is returned too: a compiler leaves out what nobody asks for.
    """
    if on_tensorflow():
        import tensorflow as tf

        def run(x: Any, upstream: Any) -> Any:
            with tf.GradientTape() as tape:
                if to_input:
                    tape.watch(x)
                y = layer(x)
            wanted = [v.value for v in layer.trainable_variables] + ([x] if to_input else [])
            return y, tape.gradient(y, wanted, output_gradients=upstream)

        return run
    import jax

    weights = [v.value for v in layer.trainable_variables]

    def output(weights: Any, x: Any) -> Any:
        return layer.stateless_call(weights, [], x)[0]

    def run(x: Any, upstream: Any) -> Any:
        if to_input:
            y, back = jax.vjp(output, weights, x)
        else:
            y, back = jax.vjp(lambda w: output(w, x), weights)
        return y, back(upstream)

    return run


def normal(shape: Sequence[int], seed: int) -> Any:
    """Standard normal numbers in float32, as a tensor."""
    numbers = np.random.default_rng(seed).standard_normal(tuple(shape), dtype=np.float32)
    return ops.convert_to_tensor(numbers)
