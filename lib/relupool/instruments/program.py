"""What a compiler made of activation and pooling, read off its program.

XLA's program ("optimized HLO", a text) is a list of kernels, each a loop that runs by itself; a *fusion* is a kernel of
several operations. TensorFlow's graph is a list of nodes. Programs come in as values, so nothing here imports a
compiler.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import prod

from attrs import frozen

from relupool.validation import refuse

POOL = "reduce-window"
"""XLA's name of pooling: a window slides over the numbers, and its numbers are reduced to one."""

_INSTRUCTION = re.compile(r"^\s*(?:ROOT\s+)?%?([\w.-]+) = \w+\[([\d,]*)\]\S* ([\w-]+)\((.*)$")
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

_FUSED = "_FusedConv2D"


@frozen
class Step:
    """One operation of a program: what runs before the pooling stands before it.

    ``kernel`` names the loop that it is a part of, ``shape`` is that of its result (() if the program does not say),
    ``line`` its text.
    """

    kernel: str
    operation: str
    shape: tuple[int, ...]
    line: str


@frozen
class Program:
    """The operations of a compiled pooling with an activation in front of it or behind it."""

    steps: tuple[Step, ...]

    @property
    def activation(self) -> tuple[Step, ...]:
        """The operations that belong to the activation: all that compute, but for the pooling."""
        return tuple(step for step in self.steps if step.operation != POOL)

    @property
    def order(self) -> str:
        """Which comes first: "activation first", "pool first" or, with operations on either side, "both".

        "in the convolution": the activation is a part of the convolution in front, so that no layer of it is left.
        """
        if any(step.operation.startswith(_FUSED) for step in self.activation):
            return "in the convolution"
        place = next(k for k, step in enumerate(self.steps) if step.operation == POOL)
        before, after = place > 0, place < len(self.steps) - 1
        return "both" if before and after else "activation first" if before else "pool first"

    @property
    def fused(self) -> bool:
        """Whether an operation of the activation is in one kernel with the pooling."""
        kernels = {step.kernel for step in self.steps if step.operation == POOL}
        return any(step.kernel in kernels for step in self.activation)

    @property
    def positions(self) -> int | None:
        """Height times width of what the activation works on, if the program says it."""
        shapes = [step.shape for step in self.activation if step.shape]
        return max(prod(shape[1:3]) for shape in shapes) if shapes else None

    @property
    def lines(self) -> list[str]:
        """The pooling and the first operation of the activation, as the program has them."""
        shown = [next(s for s in self.steps if s.operation == POOL), self.activation[0]]
        return [_short(step.line) for step in sorted(shown, key=self.steps.index)]


def read(text: str) -> Program:
    """The program written in ``text``, optimized HLO of pool(activation(x)) or of activation(pool(x)).

    Raises ValueError if there is no pooling in it, or nothing else, so that there is no order to be read.
    """
    computations, entry = _computations(text)
    return _checked(tuple(_followed(entry, computations, kernel=None)))


Node = tuple[str, str, tuple[str, ...]]
"""Of a TensorFlow graph: name, operation, names of its inputs."""


def read_graph(nodes: Iterable[Node]) -> Program:
    """The program that the ``nodes`` of an optimized TensorFlow graph make, read as :func:`read` reads a text.

    Only what its results, the nodes ``_Retval``, depend on is looked at.
    """
    table = {name: (operation, tuple(map(_producer, inputs))) for name, operation, inputs in nodes}
    needed = _ancestors(table, [name for name, (operation, _) in table.items() if operation == "_Retval"])
    pools = [name for name in needed if table[name][0] == "MaxPool"]
    if len(pools) != 1:
        refuse("nodes", sorted(operation for operation, _ in table.values()), "a graph with one MaxPool")
    before = _ancestors(table, pools)
    steps = [
        Step(name, POOL if name in pools else operation, (), f"{name} = {operation}({', '.join(inputs)})")
        for name, (operation, inputs) in table.items()
        if name in needed and operation not in _NO_WORK and not _NO_ACTIVATION.match(operation)
    ]
    return _checked(tuple(sorted(steps, key=lambda step: (step.kernel not in before, step.kernel not in pools))))


def _ancestors(table: Mapping[str, tuple[str, tuple[str, ...]]], names: Iterable[str]) -> set[str]:
    """All nodes that those called ``names`` depend on."""
    found: set[str] = set()
    waiting = [name for start in names for name in table[start][1]]
    while waiting:
        name = waiting.pop()
        if name in table and name not in found:
            found.add(name)
            waiting += table[name][1]
    return found


def _producer(name: str) -> str:
    return name.lstrip("^").split(":")[0]


def _checked(steps: tuple[Step, ...]) -> Program:
    operations = [step.operation for step in steps]
    if POOL not in operations or len(set(operations)) < 2:
        refuse("program", operations, "one with a pooling and the operations of an activation")
    return Program(steps)


def _computations(text: str) -> tuple[dict[str, list[str]], str]:
    found: dict[str, list[str]] = {}
    entry = name = ""
    for line in text.splitlines():
        if header := _HEADER.match(line):
            name = header[2]
            found[name] = []
            entry = name if header[1] else entry
        elif name:
            found[name].append(line)
    if not entry:
        refuse("text", text[:200], "an HLO program with an ENTRY computation")
    return found, entry


def _followed(name: str, computations: dict[str, list[str]], kernel: str | None) -> Iterator[Step]:
    """The operations of a computation in order, with those of the fusions that it calls in their places."""
    for line in computations[name]:
        if not (match := _INSTRUCTION.match(line)):
            continue
        own, dimensions, operation, rest = match.groups()
        called = _CALLED.search(rest)
        if operation in ("fusion", "call") and called:
            # what runs as one loop is a fusion; a call only puts a name to a list of them
            yield from _followed(called[1], computations, kernel or (own if operation == "fusion" else None))
        elif operation not in _MOVES and dimensions:
            yield Step(kernel or own, operation, tuple(map(int, dimensions.split(","))), line.strip())


def _short(line: str) -> str:
    """An instruction without what says where it came from and how it lies in memory."""
    line = re.sub(r", (metadata|backend_config|parameter_replication)=.*$", "", line.removeprefix("ROOT "))
    return re.sub(r"(\])\{[\d,:T()]*\}", r"\1", line)
