"""What the compilers that are here make of activation and pooling in both orders: their programs, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import keras

from relupool.instruments.orders import CONV1, ORDERS, Function, composed, normal, on_tensorflow
from relupool.instruments.program import Node, order_in_graph, order_in_text

XLA, GRAPPLER = "XLA", "TensorFlow's graph optimizer"
ALONE, AFTER, TRAINED = "alone", "after a convolution", "with its gradient"


def programs(activations: Sequence[str]) -> list[dict[str, str]]:
    """What each compiler made of each order, a row for each.

    Compiler, activation, situation ("alone", "after a convolution" with a bias, "with its gradient"), written (the
    order in the source) and runs as (:func:`~relupool.instruments.program.order`).
    """
    rows = []
    for activation, order in product(activations, ORDERS):
        function = composed(activation, order)
        runs = {(XLA, ALONE): order_in_text(hlo(function))}
        for situation in (ALONE, AFTER, TRAINED) if on_tensorflow() else ():
            runs[GRAPPLER, situation] = order_in_graph(graph(function, situation))
        named = {"activation": activation, "written": order}
        rows += [{"compiler": c, "situation": s, **named, "runs as": run} for (c, s), run in runs.items()]
    return rows


def hlo(function: Function) -> str:
    """XLA's optimized program of ``function`` on one array of conv1's shape, as text."""
    x = normal((1, *CONV1))
    if on_tensorflow():
        import tensorflow as tf

        compiled = tf.function(function, autograph=False, jit_compile=True)
        return compiled.experimental_get_compiler_ir(x)(stage="optimized_hlo")
    import jax

    return jax.jit(function).lower(x).compile().as_text()


def graph(function: Function, situation: str) -> list[Node]:
    """What TensorFlow's own optimizer (Grappler) makes of ``function``: the nodes of the graph that it runs.

    Of the results only the first, that of ``function``, is kept.
    ``function`` stands alone, or after a convolution with a bias, or the gradient of the sum of all its outputs is
    asked for as well, as in training.
    """
    import tensorflow as tf
    from tensorflow.python.eager import context  # nothing public tells what graph was run

    convolution = keras.layers.Conv2D(4, 5, padding="same")

    def with_gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x)

    asked = {ALONE: function, AFTER: lambda x: function(convolution(x)), TRAINED: with_gradient}[situation]
    x = normal((1, *CONV1))
    convolution.build(x.shape)
    context.context().enable_graph_collection()
    try:
        tf.function(asked, autograph=False).get_concrete_function(x)(x)
        collected = context.context().export_run_metadata().function_graphs
    finally:
        context.context().disable_graph_collection()
    nodes = [node for graph in collected for node in graph.post_optimization_graph.node]
    wanted = [node for node in nodes if node.op != "_Retval" or node.attr["index"].i == 0]  # the gradient comes second
    return [(node.name, _operation(node), tuple(node.input)) for node in wanted]


def _operation(node: Any) -> str:
    """The operation of a node, with those that were fused into it: "_FusedConv2D[BiasAdd,Relu]"."""
    fused = [name.decode() for name in node.attr["fused_ops"].list.s] if "fused_ops" in node.attr else []
    return f"{node.op}[{','.join(fused)}]" if fused else str(node.op)
