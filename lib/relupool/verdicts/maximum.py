"""What the chapter on the maximum found, in words made from its evidence and counts."""

from __future__ import annotations

from relupool.figures.words import count, listing, percent, scientific
from relupool.theory.evidence import Evidence
from relupool.theory.regions import Piece, different

MAX, RELU, BOTH, NEITHER = "only max-pools", "only ReLU", "max-pools and ReLU", "neither"
"""The four networks whose regions are counted."""


def stands(evidence: Evidence) -> str:
    """One sentence: whether a law held, and in how much; or in how much it failed."""
    tried = f"{count(evidence.compared, 'number')} from {count(evidence.trials, 'trial')}"
    if evidence.exact:
        return f"No counterexample, bit for bit, among {tried}."
    if evidence.holds:
        return f"Equal but for rounding, by at most {scientific(evidence.largest_deviation)}, among {tried}."
    return f"No: of {tried}, {evidence.differing:,} differ, by up to {scientific(evidence.largest_deviation)}."


def answer(affine: Evidence, counts: dict[str, int], *, pool_size: int, reach: float) -> str:
    """The chapter's answer: from the search for a counterexample to linearity, and the regions on a line."""
    regions = {network: "one" if number == 1 else f"{number:,}" for network, number in counts.items()}
    of_max = count(counts[MAX], "linear region")
    way = f"On the first {percent(reach)} of the way from one image to the next, an untrained network with"
    if affine.holds and pool_size == 1:
        return (
            f"Yes, here it is: a window of one number leaves nothing to choose, and such a maximum is linear. {way} "
            f"these pools and no ReLU has {of_max}; with ReLU it has {regions[RELU]}."
        )
    if affine.holds:
        return "Not decided: the random images were too few to find a counterexample."
    return (
        "No. A maximum is made of straight pieces: it hands on one number, and bends where another becomes the "
        f"largest. {way} max-pools and no ReLU has {of_max}, with ReLU and no max-pool {regions[RELU]}, with "
        f"both {regions[BOTH]}, and with neither {regions[NEITHER]}."
    )


def accounted(pieces: dict[str, list[Piece]]) -> str:
    """Whether the pieces of each network add up to the whole, and whether each has an affine map of its own."""
    missing = max(abs(sum(piece.extent for piece in own) - 1) for own in pieces.values())
    shared = {name: (different(own), len(own)) for name, own in pieces.items() if different(own) < len(own)}
    whole = f"The pieces add up to the whole, to {rounded(missing)}"
    if not shared:
        return f"{whole}, and each has a map of its own: the counts are exact."
    between = listing(f"{low:,} to {high:,} ({name})" for name, (low, high) in shared.items())
    return f"{whole}. Some pieces share a map, so the counts lie between two bounds: {between}."


def agreed(off: float) -> str:
    """How far the maps of pieces are from the logits of Keras."""
    return f"In the middle of each piece, its map and Keras' logits differ by {rounded(off)}."


def rounded(largest: float) -> str:
    """A deviation in words."""
    return f"at most {scientific(largest)}" if largest > 0 else "nothing at all"
