"""Does the arithmetic matter? Networks trained in float32 and in mixed_bfloat16, and on one machine and another."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from relupool.measures.estimate import Estimate, estimated, signed
from relupool.measures.headline import at_the_end
from relupool.words import Format, hundredfold

FORMATS: dict[str, Format] = {
    "float32 (%)": hundredfold,
    "bfloat16 (%)": hundredfold,
    "bfloat16 minus float32 (points)": signed,
    "±": hundredfold,
}
"""How the numbers of :func:`in_both_formats`, which are fractions, are written."""


def by_format(frame: pd.DataFrame, *, weights: str = "averaged") -> dict[str, tuple[float, float, Estimate]]:
    """Of each network the mean final accuracies in float32 and mixed_bfloat16, and the latter minus the former.

    ``frame`` has rows of the result store in both dtypes; seeds that finished in both count.
    """
    found: dict[str, tuple[float, float, Estimate]] = {}
    ends = at_the_end(frame, weights=weights).sort_values("backend", ascending=False, kind="stable")
    for (_, network), group in ends.groupby(["backend", "network"], sort=False):
        both = group.groupby("seed").filter(lambda rows: rows["dtype"].nunique() == 2)
        if network in found or both.empty:  # TensorFlow comes first
            continue
        difference = estimated(both.assign(network=both["dtype"], dtype=""), {"mixed_bfloat16": 1.0, "float32": -1.0})
        assert difference is not None
        means = both.groupby("dtype")["accuracy"].mean()
        found[str(network)] = float(means["float32"]), float(means["mixed_bfloat16"]), difference
    return found


def in_both_formats(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """What :func:`by_format` found: network, n (seeds that finished in both), and :data:`FORMATS`.

    "±" is half of the interval, missing for one seed.
    """
    rows = [
        (network, e.n, broad, narrow, e.mean, math.nan if e.n == 1 else e.half())
        for network, (broad, narrow, e) in by_format(frame, weights=weights).items()
    ]
    return pd.DataFrame(rows, columns=["network", "n", *FORMATS])


def same_seed_twice(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """How far apart two runs of one network and seed are, on one kind of machine and on two.

    ``frame`` has rows of the result store, of studies that share networks but not lengths. A row for each step at which
    both runs of a pair were looked at: machines ("one kind", "two kinds"), step, pairs, and two root mean squares in
    points: "one seed, twice" of the differences within the pairs, and "two seeds" between different seeds of the
    same networks, missing where there is one seed.
    """
    ours = frame[(frame["weights"] == weights) & (frame["step"] > 0) & frame["diverged_at"].isna()]
    network, run = ["network", "dtype", "backend", "step"], ["network", "dtype", "backend", "step", "seed"]
    ours = ours.drop_duplicates([*run, "key"])
    machines = ours.groupby([*run, "device"])["accuracy"].agg(["first", "min", "max", "count"])
    across = machines["first"].groupby(run).agg(["min", "max", "count"])
    variance = machines["first"].groupby(run).first().groupby(network).var()
    rows = []
    for kind, found in (("one kind", machines), ("two kinds", across)):
        pairs = found[found["count"] > 1].reset_index()
        for step, at in pairs.groupby("step"):
            between = variance.loc[pd.MultiIndex.from_frame(at[network].drop_duplicates())]
            apart = np.sqrt(((at["max"] - at["min"]) ** 2).mean())
            rows.append((kind, int(step), len(at), 100 * apart, 100 * np.sqrt(2 * between.mean())))
    return pd.DataFrame(rows, columns=["machines", "step", "pairs", "one seed, twice", "two seeds"])
