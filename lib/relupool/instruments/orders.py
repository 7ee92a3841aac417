"""Activation and max-pooling in both orders, timed: alone, in a training step, and layer by layer.

What is timed is a call without arguments that returns when its work is done. Keras' running backend computes; on
TensorFlow a function can run as it is written ("eager"), as TensorFlow's graph ("graph") or compiled by XLA ("XLA"); on
JAX there is no graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from relupool.experiments.layers import activation_function
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture
from relupool.experiments.training import AveragingSGD
from relupool.instruments import timing
from relupool.instruments.timing import Call, Load

Function = Callable[..., Any]
Calls = dict[tuple[str, ...], Call]

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
BATCH = 32
CONV1 = (24, 24, 64)
"""What conv1 puts out of one image."""


def both_orders(activations: Sequence[str], *, rounds: int) -> tuple[dict[str, pd.DataFrame], Load]:
    """Seconds of both orders of ``activations`` in tidy frames ("alone", "steps", "layers"), and the load meanwhile.

    Everything is timed in each of ``rounds``, in random order; see :func:`timing.alternate`.
    """
    before = timing.load().average
    steps, by_order = step_calls(activations), ("activation", "order", "way")
    timed: dict[str, tuple[Calls, tuple[str, ...]]] = {
        "alone": (alone_calls(activations), by_order),
        "steps": (steps, by_order),
        "layers": (layer_calls(activations, steps), ("activation", "layer", "type", "direction")),
    }
    frames = {name: timing.alternate(calls, names=names, rounds=rounds) for name, (calls, names) in timed.items()}
    return frames, timing.load(*frames.values(), average=before)


def alone_calls(activations: Sequence[str], *, batch_size: int = BATCH) -> Calls:
    """Both orders alone, forward, on standard normal numbers of conv1's shape, by (activation, order, way)."""
    x = normal((batch_size, *CONV1))
    return {
        (activation, order, way): prepared(composed(activation, order), x, way=way)
        for activation in activations
        for order in ORDERS
        for way in ways()
    }


def step_calls(activations: Sequence[str]) -> Calls:
    """Training steps of the example with layer 1 in both orders, run as usual, by (activation, order, way)."""
    return {
        (activation, order, usual_way()): training_step(example(activation, order))
        for activation in activations
        for order in ORDERS
    }


def layer_calls(activations: Sequence[str], steps: Calls, *, batch_size: int = BATCH) -> Calls:
    """Each layer of the example alone, on what the layers before it put out, and its whole training step.

    By (activation, layer, type, direction). The direction is "forward", or "both ways": forward and then back, from a
    random gradient of the layer's output to the gradients of its weights and its input. The first layer's input needs
    none. The step, one of ``steps``, is layer and type "whole step", direction "both ways".
    """
    calls: Calls = {}
    for activation in activations:
        model = build(example(activation, ACTIVATION_FIRST))
        x = normal((batch_size, *model.input_shape[1:]))
        for place, layer in enumerate(model.layers):
            y = layer(x)
            if kind := TYPES.get(type(layer).__name__):
                upstream = normal(tuple(y.shape), seed=1)
                back = pullback(layer, to_input=place > 0)
                own = (activation, layer.name, kind)
                calls[*own, "forward"] = prepared(layer, x, way=usual_way())
                calls[*own, "both ways"] = prepared(back, x, upstream, way=usual_way())
            x = y
        calls[activation, WHOLE, WHOLE, "both ways"] = steps[activation, ACTIVATION_FIRST, usual_way()]
    return calls


def training_step(network: Architecture, *, batch_size: int = BATCH) -> Call:
    """One training step of ``network`` on one batch of random numbers: Keras' ``train_on_batch``, without crops."""
    model = build(network)
    model.compile(
        optimizer=AveragingSGD(1e-3),  # so small that a network on the same batch for ever stays finite
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=usual_way() == "XLA",
    )
    x = np.asarray(normal((batch_size, *model.input_shape[1:])))
    y = np.arange(batch_size) % 10
    return lambda: model.train_on_batch(x, y)


def example(activation: str | None, order: str) -> Architecture:
    """The example with this activation in its convolutional layers and, in layer 1, in this order."""
    return Architecture(conv_activation=activation, order=(ORDERS[order], "conv-act-pool"))  # type: ignore[arg-type]


def composed(activation: str, order: str) -> Function:
    """Activation and the example's max-pool as one function, in one of :data:`ORDERS`."""
    act = activation_function(activation)

    def pool(x: Any) -> Any:
        return ops.max_pool(x, 3, 2, padding="same")

    return (lambda x: pool(act(x))) if order == ACTIVATION_FIRST else (lambda x: act(pool(x)))


def pullback(layer: keras.layers.Layer, *, to_input: bool = True) -> Function:
    """``(x, upstream)`` -> the layer's output, and the gradients of sum(upstream * output) by its weights and by x.

    The output is returned too: a compiler leaves out what nobody asks for.
    """
    weights = [v.value for v in layer.trainable_variables]
    if on_tensorflow():
        import tensorflow as tf

        def run(x: Any, upstream: Any) -> Any:
            with tf.GradientTape() as tape:
                if to_input:
                    tape.watch(x)
                y = layer(x)
            return y, tape.gradient(y, weights + [x] * to_input, output_gradients=upstream)

        return run
    import jax

    def run(x: Any, upstream: Any) -> Any:
        def output(weights: Any, x: Any = x) -> Any:
            return layer.stateless_call(weights, [], x)[0]

        y, back = jax.vjp(output, weights, *[x] * to_input)
        return y, back(upstream)

    return run


def prepared(function: Function, *arguments: Any, way: str) -> Call:
    """``function`` of ``arguments``, tensors, as a call that returns when the result is there."""
    if on_tensorflow():
        import tensorflow as tf

        run = function
        if way != "eager":  # a concrete function never traces again, and so does not warn of doing it too often
            run = tf.function(function, autograph=False, jit_compile=way == "XLA").get_concrete_function(*arguments)
        if not tf.config.list_physical_devices("GPU"):
            return lambda: run(*arguments)
        return lambda: (run(*arguments), tf.test.experimental.sync_devices())
    import jax

    run = function if way == "eager" else jax.jit(function)
    return lambda: jax.block_until_ready(run(*arguments))


def ways() -> tuple[str, ...]:
    """The ways to run a function on the running backend."""
    return ("eager", "graph", "XLA") if on_tensorflow() else ("eager", "XLA")


def usual_way() -> str:
    """How this book trains: TensorFlow's graph, or XLA on JAX."""
    return "graph" if on_tensorflow() else "XLA"


def on_tensorflow() -> bool:
    """Whether TensorFlow is the running backend; else it is JAX."""
    return keras.backend.backend() == "tensorflow"


def normal(shape: tuple[int, ...], seed: int = 0) -> Any:
    """Standard normal numbers in float32, as a tensor."""
    return ops.convert_to_tensor(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))
