"""Claims that theorems decide: from the table of all propositions, as :func:`relupool.book.layers.checked` gives it.

A claim names propositions that must hold, and false ones that must be refuted. What the search found counts, not what
the book says of them, so the verdicts turn with the functions that are checked.
"""

from __future__ import annotations

import pandas as pd
from attrs import frozen

from relupool.figures.words import count
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.survey import commutes_in_mathematics
from relupool.verdicts.rules import HALF
from relupool.verdicts.verdict import Verdict

NOT_CHECKED = "`relupool check`"
"""The command that checks all propositions."""


@frozen
class Found:
    """A verdict with its number in words, and what it was counted over ("3 seeds", "210 trials")."""

    verdict: Verdict
    number: str = ""
    n: str = ""


@frozen
class Needs:
    """Names of propositions: those that must hold for a claim, and those that must be refuted."""

    holding: tuple[str, ...]
    refuted: tuple[str, ...] = ()


NEEDS: dict[str, Needs] = {
    "A3": Needs(
        (
            "relu-commutes-with-max",
            "relu-commutes-with-max-in-gradients",
            "straight-activations-commute-with-max",
            "activations-commute-with-max-in-mathematics",
            "smooth-activations-commute-but-for-rounding",
            "commuting-is-not-falling",
        )
    ),
    "A7": Needs(
        ("convolution-is-linear-in-data", "convolution-is-linear-in-filters", "convolution-is-a-matrix"),
        ("convolution-with-bias-is-linear",),
    ),
    "A9": Needs(("flipping-the-kernel-exchanges-the-two",)),
    "A10": Needs(("last-relu-may-move",), ("first-relu-may-move",)),
    "A11": Needs(("convex-activations-lie-above",), ("relu-commutes-with-average", "relu-commutes-with-blur")),
    "A12": Needs(("relu-commutes-with-max", "relu-is-a-zero-in-every-window")),
    "A14": Needs(("linear-commutes-with-average",), ("relu-commutes-with-average",)),
    "A17": Needs(("max-selects", "max-has-fewer-positions"), ("average-selects",)),
    "B1": Needs(
        ("stack-is-one-convolution", "padded-stack-is-affine", "convolutions-alone-are-affine"),
        ("convolutions-with-relu-are-affine", "stack-with-relu-is-one-convolution"),
    ),
    "B5": Needs((), ("max-is-affine", "convolutions-with-max-are-affine")),
    "B6": Needs(("relu-is-idle-on-positive-values", "relu-is-idle-on-positive-values-in-gradients")),
    "B7": Needs(("relu-is-idle-beside-a-positive-value", "relu-changes-exactly-the-negative")),
    "B8": Needs(
        (
            "relu-makes-the-negative-zero",
            "relu-blocks-the-negative",
            "largest-negative-passes",
            "largest-negative-gets-the-gradient",
        )
    ),
}
"""What decides each claim that theorems decide alone; of A11 and B5, their part of it."""

ADDITIVE, CONVOLVES, CORRELATES = "convolution-is-linear-in-data", "keras-convolves", "keras-correlates"
BY_STRIDE, BY_SIZE = "pooling-divides-by-the-stride-squared", "pooling-divides-by-the-window-squared"


def by_theorem(id: str, said: str, propositions: pd.DataFrame) -> Found:
    """The verdict on a claim of :data:`NEEDS`."""
    needs, table = NEEDS[id], propositions.set_index("name")
    broken = [name for name in needs.holding if not table.loc[name, "holds"]]
    standing = [name for name in needs.refuted if table.loc[name, "holds"]]
    used = table.loc[[*needs.holding, *needs.refuted]]
    numbers, trials = count(int(used["compared"].sum()), "number"), int(used["trials"].max())
    number = f"{_kept(needs.holding, broken)}{_refuted(needs, standing)}, in {numbers}"
    wrong = [*broken, *standing]
    told = [*(wrong or needs.holding[:2]), *(() if wrong else needs.refuted[:2])]
    reason = " ".join(f"{table.loc[name, 'holds']}: {table.loc[name, 'statement']}" for name in told)
    return Found(
        Verdict(claim=said, verdict="fails" if wrong else "holds", reason=reason), number, count(trials, "trial")
    )


def _kept(holding: tuple[str, ...], broken: list[str]) -> str:
    if not holding:
        return ""
    if broken:
        return f"counterexamples to {len(broken)} of {count(len(holding), 'statement')}"
    return f"no counterexample to {count(len(holding), 'statement')}"


def _refuted(needs: Needs, standing: list[str]) -> str:
    if not needs.refuted:
        return ""
    all_ = len(needs.refuted)
    if standing:
        told = f"none to {len(standing)} of {count(all_, 'false one')}"
    else:
        told = "one to the false one" if all_ == 1 else f"one to each of {all_} false ones"
    return f", and {told}" if needs.holding else told.replace("one to", "a counterexample to").replace("ones", "claims")


def unchecked(said: str) -> Found:
    """A claim whose propositions were not checked."""
    reason = "The propositions that decide it were not checked."
    return Found(Verdict(claim=said, verdict="not decided", condition="not checked", reason=reason))


def flipped(said: str, propositions: pd.DataFrame) -> Found:
    """A2: no activation, and a flipped kernel? True of Theano by its documentation, of Keras as its output shows."""
    table = propositions.set_index("name")
    additive, convolves = bool(table.loc[ADDITIVE, "holds"]), bool(table.loc[CONVOLVES, "holds"])
    sums = f"sums kept: {'all' if additive else 'not all'} in {int(table.loc[ADDITIVE, 'compared']):,} numbers"
    number = f"{sums}; Keras {'flips' if convolves else 'does not flip'}"
    trials = count(int(table.loc[ADDITIVE, "trials"]), "trial")
    reason = f"{number}. Theano's operation flips by default, as documented."
    if not additive:
        return Found(Verdict(claim=said, verdict="fails", reason=reason), number, trials)
    if convolves:
        return Found(Verdict(claim=said, verdict="holds", reason=reason), number, trials)
    condition = "no activation, yes; flipped in Theano, not in Keras"
    made = Verdict(claim=said, verdict="holds under a condition", condition=condition, reason=reason)
    return Found(made, number, trials)


def by_definition(said: str, propositions: pd.DataFrame) -> Found:
    """A6: it does not flip, and that is convolution by definition? Both cannot be so of one operation."""
    table = propositions.set_index("name")
    flips, correlates = bool(table.loc[CONVOLVES, "holds"]), bool(table.loc[CORRELATES, "holds"])
    row = table.loc[CONVOLVES]
    number = f"{int(row['differing']):,} of {int(row['compared']):,} numbers differ from the definition"
    trials = count(int(row["trials"]), "trial")
    if correlates and not flips:
        reason = f"It does not flip; but {number}: what it computes is called cross-correlation."
        made = Verdict(
            claim=said, verdict="holds under a condition", condition="no flip, but then no convolution", reason=reason
        )
        return Found(made, number, trials)
    both = correlates and flips
    reason = f"{'Neither is refuted' if both else 'It flips' if flips else 'It is neither of the two'}: {number}."
    return Found(Verdict(claim=said, verdict="holds" if both else "fails", reason=reason), number, trials)


def commuting_activations(*, trials: int = 210, seed: int = 0) -> pd.DataFrame:
    """Each elementwise activation of Keras, and whether its reference commutes with max-pooling."""
    return pd.DataFrame(
        [(name, commutes_in_mathematics(name, trials=trials, seed=seed).holds) for name in ACTIVATIONS],
        columns=["activation", "commutes"],
    )


def almost_every(said: str, activations: pd.DataFrame) -> Found:
    """A13: how many of Keras' activations commute with max-pooling?"""
    yes, all_ = int(activations["commutes"].sum()), len(activations)
    others = ", ".join(activations.loc[~activations["commutes"].astype(bool), "activation"])
    number = f"{yes} of {all_} commute"
    reason = f"{number}" + (f"; those that do not: {others}." if others else ".")
    verdict = "holds" if yes > HALF * all_ else "fails"
    return Found(Verdict(claim=said, verdict=verdict, reason=reason), number, count(all_, "activation"))
