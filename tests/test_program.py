"""Programs as compilers write them: which comes first."""

from __future__ import annotations

import pytest

from relupool.instruments.program import order_in_graph, order_in_text

APART = """HloModule f, is_scheduled=true

%wrapped_tanh_computation (param_0: f32[1,24,24,64]) -> f32[1,24,24,64] {
  %param_0 = f32[1,24,24,64]{3,2,1,0} parameter(0)
  ROOT %Tanh.0 = f32[1,24,24,64]{3,2,1,0} tanh(%param_0), metadata={op_type="Tanh"}
}

%max_F32.2 (lhs.2: f32[], rhs.2: f32[]) -> f32[] {
  %lhs.2 = f32[] parameter(0)
  %rhs.2 = f32[] parameter(1)
  ROOT %maximum.2 = f32[] maximum(%lhs.2, %rhs.2)
}

%wrapped_pool (param_0.1: f32[1,24,24,64], param_1: f32[]) -> f32[1,12,12,64] {
  %param_0.1 = f32[1,24,24,64]{3,2,1,0} parameter(0)
  %param_1 = f32[] parameter(1)
  ROOT %p.0 = f32[1,12,12,64]{3,2,1,0} reduce-window(%param_0.1, %param_1), window={size=1x3x3x1}, to_apply=%max_F32.2
}

ENTRY %f.3 (arg0.1: f32[1,24,24,64]) -> f32[1,12,12,64] {
  %arg0.1 = f32[1,24,24,64]{3,2,1,0} parameter(0)
  %least = f32[] constant(-inf)
  %wrapped_tanh = f32[1,24,24,64]{3,2,1,0} fusion(%arg0.1), kind=kLoop, calls=%wrapped_tanh_computation
  ROOT %pool = f32[1,12,12,64]{3,2,1,0} fusion(%wrapped_tanh, %least), kind=kLoop, calls=%wrapped_pool
}
"""

TOGETHER = """HloModule g, is_scheduled=true

max (a: f32[], b: f32[]) -> f32[] {
  a = f32[] parameter(0)
  b = f32[] parameter(1)
  ROOT m = f32[] maximum(a, b)
}

both (x: f32[1,24,24,64]) -> f32[1,12,12,64] {
  x = f32[1,24,24,64]{3,2,1,0} parameter(0)
  zero = f32[] constant(0)
  zeros = f32[1,12,12,64]{3,2,1,0} broadcast(zero), dimensions={}
  pooled = f32[1,12,12,64]{3,2,1,0} reduce-window(x, zero), window={size=1x2x2x1}, to_apply=max
  ROOT relu = f32[1,12,12,64]{3,2,1,0} maximum(pooled, zeros)
}

ENTRY main (x.1: f32[1,24,24,64]) -> f32[1,12,12,64] {
  x.1 = f32[1,24,24,64]{3,2,1,0} parameter(0)
  ROOT both.1 = f32[1,12,12,64]{3,2,1,0} fusion(x.1), kind=kLoop, calls=both
}
"""

X = ("x", "_Arg", ())
OUT = ("out", "_Retval", ("last",))


def test_the_maximum_of_a_pool_is_no_activation_and_operations_on_either_side_are_both():
    between = APART.replace("ROOT %pool = f32", "%pool = f32").replace(
        "calls=%wrapped_pool\n", "calls=%wrapped_pool\n  ROOT %twice = f32[1,12,12,64] add(%pool, %pool)\n"
    )
    orders = [order_in_text(text) for text in (APART, TOGETHER, between)]
    assert orders == ["activation first", "pool first", "both"]


@pytest.mark.parametrize("text", ["", "HloModule f", APART.replace("tanh(", "copy("), TOGETHER.replace("window(", "(")])
def test_what_has_no_order_is_refused(text):
    with pytest.raises(ValueError, match="must be"):
        order_in_text(text)


@pytest.mark.parametrize(
    ("nodes", "order"),
    [
        ([X, ("act", "Tanh", ("x",)), ("last", "MaxPool", ("act:0",)), OUT], "activation first"),
        ([OUT, X, ("last", "Tanh", ("pool",)), ("pool", "MaxPool", ("x",))], "pool first"),
        (
            [X, ("c", "_FusedConv2D[BiasAdd,Relu]", ("x",)), ("last", "MaxPool", ("c",)), OUT],
            "in the convolution",
        ),
        (
            [X, ("c", "_FusedConv2D[BiasAdd]", ("x",)), ("p", "MaxPool", ("c",)), ("last", "Tanh", ("p", "^x")), OUT],
            "pool first",
        ),
        (
            [
                X,
                ("gradient_tape/Sigmoid", "Sigmoid", ("x",)),
                ("act", "Softplus", ("x",)),
                ("last", "MaxPool", ("act",)),
                ("gradient_tape/g", "MaxPoolGrad", ("act", "last", "gradient_tape/Sigmoid")),
                OUT,
            ],
            "activation first",
        ),
        ([X, ("n", "Neg", ("x",)), ("p", "MaxPool", ("n",)), ("last", "Neg", ("p",)), OUT], "both"),
    ],
)
def test_graphs(nodes, order):
    assert order_in_graph(nodes) == order


def test_a_graph_without_a_pool_is_refused():
    with pytest.raises(ValueError, match="a graph with one MaxPool"):
        order_in_graph([X, ("last", "Tanh", ("x",)), OUT])
