"""Which comes first in a compiled program, activation or pooling; programs come in as values.

XLA's program ("optimized HLO", a text) is a list of kernels, each a loop that runs by itself; a *fusion* is a kernel of
several operations. TensorFlow's graph is a list of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from relupool.validation import refuse

POOL = "reduce-window"
"""XLA's name of pooling: a window slides over the numbers, and its numbers are reduced to one."""

_INSTRUCTION = re.compile(r"^\s*(?:ROOT\s+)?%?[\w.-]+ = \w+\[([\d,]*)\]\S* ([\w-]+)\((.*)$")
_HEADER = re.compile(r"^(ENTRY\s+)?%?([\w.-]+)\s.*->.*\{$")
_CALLED = re.compile(r"(?:calls|to_apply)=%?([\w.-]+)")
_MOVES = frozenset(
    "parameter constant broadcast iota copy bitcast reshape transpose convert pad slice tuple get-tuple-element "
    "fusion call copy-start copy-done".split()
)
"""Operations that compute nothing new, but name, move or wrap numbers."""

_NO_WORK = frozenset("_Arg _Retval Placeholder Const Identity NoOp ReadVariableOp Reshape Squeeze Cast".split())
"""Nodes of a graph that compute nothing."""

_NO_ACTIVATION = re.compile(r"(Conv2D|BiasAdd|_FusedConv2D\[BiasAdd\])$")
"""Nodes of a convolution, as long as nothing but its bias was put into it."""

Node = tuple[str, str, tuple[str, ...]]
"""Of a TensorFlow graph: name, operation, names of its inputs."""


def order_in_text(text: str) -> str:
    """The order in optimized HLO of pool(activation(x)) or of activation(pool(x)), as :func:`order` words it."""
    computations: dict[str, list[str]] = {}
    entry = name = ""
    for line in text.splitlines():
        if header := _HEADER.match(line):
            name = header[2]
            computations[name] = []
            entry = name if header[1] else entry
        elif name:
            computations[name].append(line)
    if not entry:
        refuse("text", text[:200], "an HLO program with an ENTRY computation")
    return order(list(_followed(entry, computations)))


def _followed(name: str, computations: Mapping[str, list[str]]) -> Iterator[str]:
    """The operations of a computation in order, with those of the fusions that it calls in their places."""
    for line in computations[name]:
        if match := _INSTRUCTION.match(line):
            dimensions, operation, rest = match.groups()
            called = _CALLED.search(rest)
            if operation in ("fusion", "call") and called:
                yield from _followed(called[1], computations)
            elif operation not in _MOVES and dimensions:
                yield operation


def order_in_graph(nodes: Iterable[Node]) -> str:
    """The order in an optimized TensorFlow graph, as :func:`order` words it.

    Only what its results, the nodes ``_Retval``, depend on is looked at.
    """
    table = {n: (operation, [i.lstrip("^").split(":")[0] for i in inputs]) for n, operation, inputs in nodes}

    def needed(names: Iterable[str]) -> set[str]:
        """All nodes that those called ``names`` depend on."""
        before: set[str] = set()
        waiting = [name for start in names for name in table[start][1]]
        while waiting:
            name = waiting.pop()
            if name in table and name not in before:
                before.add(name)
                waiting += table[name][1]
        return before

    result = needed(name for name, (operation, _) in table.items() if operation == "_Retval")
    pools = [name for name in result if table[name][0] == "MaxPool"]
    if len(pools) != 1:
        refuse("nodes", sorted(operation for operation, _ in table.values()), "a graph with one MaxPool")
    working = {
        name: operation
        for name, (operation, _) in table.items()
        if name in result and name not in pools and operation not in _NO_WORK and not _NO_ACTIVATION.match(operation)
    }
    before = needed(pools)
    first = [operation for name, operation in working.items() if name in before]
    return order([*first, POOL, *(operation for name, operation in working.items() if name not in before)])


def order(operations: Sequence[str]) -> str:
    """Which comes first: "activation first", "pool first" or, with operations on either side, "both".

    "in the convolution": the activation is a part of the convolution in front, so that no layer of it is left.
    Raises ValueError if there is no pooling, or nothing else, so that there is no order to be read.
    """
    if POOL not in operations or len(set(operations)) < 2:
        refuse("program", list(operations), "one with a pooling and the operations of an activation")
    if any(operation.startswith("_FusedConv2D") for operation in operations):
        return "in the convolution"
    place = operations.index(POOL)
    if 0 < place < len(operations) - 1:
        return "both"
    return "activation first" if place > 0 else "pool first"
