"""What the chapter *When does ReLU change a pooled value?* comes to, in words made from evidence and stored probes."""

from __future__ import annotations

import pandas as pd

from relupool.figures.words import count, percent
from relupool.theory.evidence import Evidence
from relupool.theory.orthant import independent
from relupool.thresholds import HALF, SMALL_SHARE
from relupool.verdicts.inside import last


def tried(*evidence: Evidence) -> str:
    """How much was looked at, and what came of it."""
    compared, differing = (sum(getattr(e, name) for e in evidence) for name in ("compared", "differing"))
    looked = f"{count(compared, 'number')} from {count(max(e.trials for e in evidence), 'trial')}"
    if all(e.holds for e in evidence):
        return f"Compared with what is stated, {looked}: all as stated."
    return f"Compared with what is stated, {looked}: {differing:,} are not as stated."


def at_the_end(windows: pd.DataFrame) -> pd.Series:
    """Mean share of all-negative windows by layer, of the whole windows at the last step."""
    whole = windows[windows["values"] == windows["values"].max()]
    return last(whole).groupby("layer", sort=False)["all_negative"].mean()


def answer(windows: pd.DataFrame, *, network: str, values: int = 9) -> str:
    """When, and how often: from the windows of one network, as :func:`relupool.verdicts.inside.windows` has them."""
    shares, seeds, step = at_the_end(windows), windows["seed"].nunique(), int(windows["step"].max())
    rare = 1 / independent(values)
    found = " and ".join(f"{percent(share, 0)} of the windows behind {layer}" for layer, share in shares.items())
    return (
        f"Exactly where all values of its window are negative. Among {values} independent values of either sign that "
        f"would be one window in {rare:,.0f}. It is {found} of the network “{network}”, after "
        f"{step:,} steps ({count(seeds, 'seed')}). {_so(shares)}"
    )


def _so(shares: pd.Series) -> str:
    if (shares < HALF).all():
        rare = (shares <= SMALL_SHARE).all()
        return "So it is rare." if rare else "So it is the rarer case there, and yet far from rare."
    many = " and ".join(shares.index[shares >= HALF])
    return f"So behind {many} it is not the rare case but the usual one."


def meaning(windows: pd.DataFrame, *, cost: str | None) -> str:
    """What the shares say of the answer's explanation; ``cost`` is what leaving out the ReLUs did, in points."""
    shares = at_the_end(windows)
    changed = " and ".join(f"{percent(share, 0)} behind {layer}" for layer, share in shares.items())
    changed = changed.replace(" behind", " of the max-pooled values behind", 1)
    idle = (shares < HALF).all()
    begins = "ReLU is idle in most windows" if idle else "ReLU is not idle"
    second = (
        f"Leaving the convolutional ReLUs out of the untouched network and training again changed its accuracy by "
        f"{cost}."
        if cost
        else "What leaving the ReLUs out costs is not measured here."
    )
    return f"{begins}: it would change {changed}. {second}"
