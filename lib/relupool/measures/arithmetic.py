"""Does the arithmetic matter? Networks trained in float32 and in mixed_bfloat16, and on one machine and another."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from relupool.experiments.run import unpack
from relupool.measures.estimate import Estimate, difference, estimated
from relupool.measures.runs import ends
from relupool.words import Format, hundredfold

FORMATS: dict[str, Format] = {
    "float32 (%)": hundredfold,
    "bfloat16 (%)": hundredfold,
    "bfloat16 minus float32 (points)": partial(hundredfold, digits=2, sign="+"),
    "±": partial(hundredfold, digits=2),
}
"""How the numbers of :func:`in_both_formats`, which are fractions, are written."""


def by_format(frame: pd.DataFrame, *, weights: str = "averaged") -> dict[str, tuple[float, float, Estimate]]:
    """Of each network the mean final accuracies in float32 and mixed_bfloat16, and the latter minus the former.

    ``frame`` has rows of the result store in both dtypes; seeds that finished in both count.
    """
    accuracies: dict[str, tuple[float, float, Estimate]] = {}
    finished = ends(frame, weights=weights).sort_values("backend", ascending=False, kind="stable")
    for (_, network), group in finished.groupby(["backend", "network"], sort=False):
        both = group.groupby("seed").filter(lambda rows: rows["dtype"].nunique() == 2)
        if network in accuracies or both.empty:  # TensorFlow comes first
            continue
        by_dtype = both.assign(network=both["dtype"], dtype="")
        narrow_minus_broad = estimated(by_dtype, difference("mixed_bfloat16", "float32"), weights=weights)
        assert narrow_minus_broad is not None
        means = both.groupby("dtype")["accuracy"].mean()
        accuracies[str(network)] = float(means["float32"]), float(means["mixed_bfloat16"]), narrow_minus_broad
    return accuracies


def in_both_formats(frame: pd.DataFrame) -> pd.DataFrame:
    """What :func:`by_format` gives: network, n (seeds that finished in both), and :data:`FORMATS`.

    "±" is half of the interval, missing for one seed.
    """
    rows = [
        (network, e.n, broad, narrow, e.mean, math.nan if e.n == 1 else e.half())
        for network, (broad, narrow, e) in by_format(frame).items()
    ]
    return pd.DataFrame(rows, columns=["network", "n", *FORMATS])


def _over_all_images(row: Any) -> float:
    """The accuracy over all test images, as runs note it on their way; at the end a frame leaves some out."""
    at_the_end = row.step == row.steps and isinstance(row.hits, str)
    return float(unpack(row.hits, int(row.test_images)).mean()) if at_the_end else row.accuracy


def same_seed_twice(frame: pd.DataFrame) -> pd.DataFrame:
    """How far apart two runs of one network and seed are, on one kind of machine and on two.

    ``frame`` has rows of the result store, of studies that share networks but not lengths. A row for each step at which
    both runs of a pair were looked at: machines ("one kind", "two kinds"), step, pairs, and two root mean squares in
    points: "one seed, twice" of the differences within the pairs, and "two seeds" between different seeds of the
    same networks, missing where there is one seed.
    """
    trained = frame[(frame["weights"] == "averaged") & (frame["step"] > 0) & frame["diverged_at"].isna()]
    trained = trained.assign(accuracy=[_over_all_images(row) for row in trained.itertuples()])
    network, run = ["network", "dtype", "backend", "step"], ["network", "dtype", "backend", "step", "seed"]
    by_machine = trained.drop_duplicates([*run, "key"]).groupby([*run, "device"])["accuracy"]
    machines = by_machine.agg(["first", "min", "max", "count"])
    across = machines["first"].groupby(run).agg(["min", "max", "count"])
    variance = machines["first"].groupby(run).first().groupby(network).var()
    rows = []
    for kind, runs in (("one kind", machines), ("two kinds", across)):
        pairs = runs[runs["count"] > 1].reset_index()
        for step, at in pairs.groupby("step"):
            between = variance.loc[pd.MultiIndex.from_frame(at[network].drop_duplicates())]
            apart = np.sqrt(((at["max"] - at["min"]) ** 2).mean())
            rows.append((kind, int(step), len(at), 100 * apart, 100 * np.sqrt(2 * between.mean())))
    return pd.DataFrame(rows, columns=["machines", "step", "pairs", "one seed, twice", "two seeds"])
