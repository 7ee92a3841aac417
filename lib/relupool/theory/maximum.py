"""What a maximum is, other than linear: the statements of the chapter *Max is not linear*."""

from __future__ import annotations

from relupool.theory import checks
from relupool.theory.proposition import Proposition, law

PROPOSITIONS: tuple[Proposition, ...] = (
    Proposition(
        "max-is-affine",
        "Max-pooling is affine.",
        "Chapter 2",
        law(checks.is_affine, "max_pool", 3, 2, "same"),
        true=False,
        claims=("B5",),
    ),
    Proposition(
        "max-is-positively-homogeneous",
        "Max-pooling of 4x is four times the max-pooling of x.",
        "Chapter 2",
        law(checks.is_positively_homogeneous, "max_pool", 3, 2, "same"),
    ),
    Proposition(
        "max-moves-no-further",
        "Max-pooling changes by no more than its input does: Lipschitz constant 1 in the maximum norm.",
        "Chapter 2",
        law(checks.is_lipschitz, "max_pool", 3, 2, "same"),
    ),
    Proposition(
        "max-selects",
        "Max-pooling puts out numbers of its input, unchanged, none of them padding.",
        "Chapter 3",
        law(checks.selects, "max_pool", 3, 2, "same"),
        claims=("A17",),
    ),
)
