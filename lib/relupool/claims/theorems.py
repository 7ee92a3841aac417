"""Claims that theorems decide: by what the search for counterexamples found, not by what the book says of them."""

from __future__ import annotations

from relupool.claims.claim import Theorems, Verdict
from relupool.claims.grounds import Grounds
from relupool.claims.rules import FALSE, OPEN, TRUE
from relupool.words import count

COMMAND = "`relupool check`"
"""What checks all propositions."""


def by_theorems(takes: Theorems, grounds: Grounds) -> Verdict:
    """The verdict on a claim of :class:`Theorems`."""
    if (open_ := unchecked(grounds, *takes.holding, *takes.refuted)) is not None:
        return open_
    assert grounds.propositions is not None
    table = grounds.propositions.set_index("name")
    broken = [name for name in takes.holding if not table.loc[name, "holds"]]
    standing = [name for name in takes.refuted if table.loc[name, "holds"]]
    used, wrong = table.loc[[*takes.holding, *takes.refuted]], [*broken, *standing]
    held = f"no counterexample to {count(len(takes.holding), 'statement')}" if takes.holding else ""
    refuted = f"a counterexample to {count(len(takes.refuted), 'opposite')}" if takes.refuted else ""
    if wrong:
        held, refuted = f"{count(len(wrong), 'statement')} came out otherwise", ""
    told = wrong or [*takes.holding, *takes.refuted]
    return Verdict(
        word=FALSE if wrong else TRUE,
        tag="" if wrong else takes.tag,
        number=f"{' and '.join(filter(None, [held, refuted]))}, in {count(int(used['compared'].sum()), 'number')}",
        n=count(int(used["trials"].max()), "trial"),
        reason=" ".join(
            f"{kind}: {' '.join(statements)}"
            for kind, so in (("Holds", True), ("Refuted", False))
            if (statements := [table.loc[name, "statement"] for name in told if table.loc[name, "holds"] == so])
        ),
    )  # fmt: skip


def unchecked(grounds: Grounds, *names: str) -> Verdict | None:
    """The verdict where one of the propositions ``names`` was not checked; None if all were."""
    there = set() if grounds.propositions is None else set(grounds.propositions["name"])
    if set(names) <= there:
        return None
    return Verdict(word=OPEN, tag="not checked", reason=f"Not checked here; {COMMAND} does it.")


def holds(grounds: Grounds, name: str) -> bool:
    """Whether the search found no counterexample to a proposition that was checked."""
    assert grounds.propositions is not None
    return bool(grounds.propositions.set_index("name").loc[name, "holds"])
