"""What the first source says of convolutions, judged: are they linear, do they flip, does the flip matter?"""

from __future__ import annotations

import pandas as pd
from attrs import frozen

from relupool.experiments.statistics import sampling_error
from relupool.figures.words import count, percent, scientific
from relupool.theory.evidence import Evidence
from relupool.verdicts.verdict import Verdict

CONVENTIONS = pd.DataFrame(
    [
        ("Theano's conv2d", "convolution", "documented: filter_flip=True is the default {cite}`theano2016theano`"),
        ("PyTorch's Conv2d", "cross-correlation", "documented in its reference {cite}`paszke2019pytorch`"),
    ],
    columns=["operation", "is", "how we know"],
)
"""What cannot be run here: Theano is no longer maintained, PyTorch is not among this book's backends."""

ROUNDING = 1_000
"""Below so many units in the last place of the largest number a difference counts as rounding."""


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


def linearity(in_data: Evidence, in_filters: Evidence) -> tuple[Verdict, Verdict]:
    """Rebutter's claim that convolution is linear in both (A7), and Cologarithm's that it is not linear (A8)."""
    both = in_data.exact and in_filters.exact
    reason = (
        f"The law of sums was tried on whole numbers: in the data {in_data.differing:,} of {in_data.compared:,} "
        f"results differed, in the filters {in_filters.differing:,} of {in_filters.compared:,}. The rule: none may."
    )
    return (
        Verdict(claim="A convolution is linear in the data and in the filters.", verdict=_holds(both), reason=reason),
        Verdict(claim="A convolution is not linear.", verdict=_holds(not both), reason=reason),
    )


def flip_table(turned: pd.DataFrame) -> pd.DataFrame:
    """What :func:`relupool.theory.linear_layers.turns` found and what is documented, with headings for readers."""
    found = turned.drop_duplicates("operation")[["operation", "is"]].assign(**{"how we know": "measured here"})
    rows = pd.concat([found, CONVENTIONS], ignore_index=True)
    flips = rows["is"].map({"convolution": "yes", "cross-correlation": "no"}).fillna("something else")
    rows.insert(1, "flips?", flips)
    return rows


def flip(keras_is: str, *, activation: str | None) -> tuple[Verdict, ...]:
    """The question's claims on the operation (A2), and the two halves of the first answer's (A6).

    ``activation`` is the one that the operation applies unasked, by name: None or "linear" if none.
    """
    found = f"Given a single 1, Keras puts out the kernel {'as it is' if keras_is == 'convolution' else 'flipped'}."
    kept = keras_is == "cross-correlation"
    asked = {"verdict": "holds", "reason": found}
    if kept:
        theano = "So it does not flip what it slides; Theano did, by its documentation."
        asked = {"verdict": "holds under a condition", "condition": "in Theano", "reason": f"{found} {theano}"}
    return (
        Verdict(
            claim="The operation Conv2D holds no activation.",
            verdict=_holds(activation in (None, "linear")),
            reason=f"What it applies unasked: {activation or 'nothing'}"
            + (", which returns its input." if activation == "linear" else "."),
        ),
        Verdict(claim="It flips the kernel.", **asked),
        Verdict(claim="It does not flip the kernel.", verdict=_holds(kept), reason=found),
        Verdict(
            claim="What it does is exactly the definition of convolution.",
            verdict=_holds(keras_is == "convolution"),
            reason="In mathematics a convolution flips; without the flip it is called cross-correlation.",
        ),
    )


def flip_is_free(*, ulps: float, unflipped: float) -> Verdict:
    """Cologarithm's claim that the flip does not matter (A9): the deviation with kernels mapped, and without."""
    return Verdict(
        claim="Whether kernels are flipped does not matter, since they are learned.",
        verdict=_holds(ulps < ROUNDING < unflipped),
        reason=f"With every kernel flipped, another program's convolutions give the same logits to {ulps:,.0f} units "
        f"in the last place of the largest; with kernels left as they are, they are off by {unflipped:,.0f}. The "
        f"rule: below {ROUNDING:,} with the flip, above it without.",
    )


def works(
    accuracy: float, *, images: int, classes: int, steps: int, dataset: str, misfit: float, activation: str
) -> Verdict:
    """Cologarithm's claim that a network without nonlinearity works (A8), at a first look."""
    error = sampling_error(accuracy, test_images=images)
    chance = 1 / classes
    beside = "above" if accuracy > chance + 3 * error else "not clearly above"
    told = (
        f"{percent(accuracy)} of {images:,} test images right (standard error {percent(error)}), {beside} chance, "
        f"{percent(chance, 0)}."
    )
    if misfit >= 1e-3:
        told = f"With {activation} in it this network is not linear, so it says nothing here. {told}"
    of = "" if dataset == "cifar10" else ", synthetic images"
    return Verdict(
        claim="Without any nonlinearity the network still works.",
        verdict="not decided",
        condition=f"{count(steps, 'training step')}{of}",
        reason=f"{told} What training for long makes of it is measured in Part II.",
    )


def _holds(true: bool) -> str:
    return "holds" if true else "fails"
