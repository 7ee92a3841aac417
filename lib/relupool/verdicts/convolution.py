"""What the first source says of convolutions, judged: are they linear, do they flip, does the flip matter?"""

from __future__ import annotations

import pandas as pd
from attrs import frozen

from relupool.figures.words import count, scientific
from relupool.theory.evidence import Evidence

CONVENTIONS = pd.DataFrame(
    [
        ("Theano's conv2d", "convolution", "documented: filter_flip=True is the default {cite}`theano2016theano`"),
        ("PyTorch's Conv2d", "cross-correlation", "documented in its reference {cite}`paszke2019pytorch`"),
    ],
    columns=["operation", "is", "how we know"],
)
"""What cannot be run here: Theano is no longer maintained, PyTorch is not among this book's backends."""


@frozen(kw_only=True)
class Stack:
    """A stack of layers held against one kernel, as the chapter's parameters have it.

    ``evidence`` compares the two; ``kernel_size`` is the side of the one kernel, ``layers`` how many it replaces,
    ``differing`` the positions of the output where they differ, of ``positions``.
    """

    evidence: Evidence
    kernel_size: int
    layers: int
    differing: int
    positions: int


def told(evidence: Evidence, law: str = "Both sides") -> str:
    """``evidence`` in one sentence: how much was compared, and what came of it."""
    numbers = f"{count(evidence.compared, 'number')} from {count(evidence.trials, 'trial')}"
    if evidence.exact:
        return f"{law} agreed bit for bit in {numbers}."
    return f"Of {numbers}, {evidence.differing:,} differed, by up to {scientific(evidence.largest_deviation)}."


def answer(*, activation: str, padding: str, layer: Evidence, keras_is: str, stack: Stack) -> str:
    """The chapter's answer: ``layer`` is the evidence that convolution and ``activation`` together are linear."""
    kind = {
        "cross-correlation": "strictly a cross-correlation, since Keras does not flip the kernel",
        "convolution": "one also in the strict sense, since it flips the kernel",
    }.get(keras_is, "neither a convolution nor a cross-correlation in the strict sense")
    if not layer.holds:
        lost = "No one kernel replaces" if not stack.evidence.holds else "And yet one kernel replaces"
        return (
            f"Not with {activation} behind it: of {layer.compared:,} sums {layer.differing:,} did not come out as the "
            f"sum of their parts. The convolution alone is linear, in the image and in the kernel; it is {kind}. "
            f"{lost} the stack of {stack.layers} layers with {activation} in it."
        )
    linear = (
        f"Yes: it is linear in the image and in the kernel, bit for bit in {layer.compared:,} sums. It is {kind}, "
        "and a network that learns its kernels cannot tell the two apart."
    )
    side = stack.kernel_size
    if stack.evidence.exact:
        return f"{linear} Stacking adds nothing: {stack.layers} layers did what one kernel of {side} × {side} does."
    return (
        f'{linear} A stack of {stack.layers} layers is one linear map, too; but with padding="{padding}" it is no '
        f"longer one convolution: a kernel of {side} × {side} fails at {stack.differing:,} of {stack.positions:,} "
        "positions."
    )


def flip_table(turned: pd.DataFrame) -> pd.DataFrame:
    """What :func:`relupool.theory.linear_layers.turns` found and what is documented, with headings for readers."""
    found = turned.drop_duplicates("operation")[["operation", "is"]].assign(**{"how we know": "measured here"})
    rows = pd.concat([found, CONVENTIONS], ignore_index=True)
    flips = rows["is"].map({"convolution": "yes", "cross-correlation": "no"}).fillna("something else")
    rows.insert(1, "flips?", flips)
    return rows
