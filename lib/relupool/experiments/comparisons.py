"""Comparisons over a few seeds: contrasts of networks, equivalence, many at once, and on the same test images.

Frame in, frame out. The tests are those of SciPy and statsmodels; a single seed has a mean and no interval and no p.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from relupool.experiments.run import Run, unpack
from relupool.thresholds import LEVEL
from relupool.validation import refuse

ALPHA = 1 - LEVEL
"""Risk of each of the two one-sided tests of an equivalence; its interval covers 1 - 2 * ALPHA."""

Contrast = Mapping[str, float]
"""Networks with the factors by which their values are added up: {"with": 1, "without": -1} is a difference."""


def log_odds(accuracy: Any, *, test_images: Any) -> Any:
    """ln(right / wrong), with half an image added to both, so that it is finite for 0 and 100 % too."""
    p = np.asarray(accuracy, float)
    if not ((p >= 0) & (p <= 1)).all():
        refuse("accuracy", accuracy, "from 0 to 1")
    return logit((accuracy * test_images + 0.5) / (test_images + 1))


def contrasts(
    frame: pd.DataFrame, wanted: Mapping[str, Contrast], *, value: str = "accuracy", pair: str = "seed"
) -> pd.DataFrame:
    """Each contrast of networks, seed by seed: columns contrast, ``pair``, ``value``.

    ``frame`` has one row per network and seed. A seed counts for a contrast if all of its networks have it; raises
    ValueError where none does, and where a network has a seed twice.
    """
    if frame.duplicated(["network", pair]).any():
        refuse("frame", f"a network twice with the same {pair}", f"one with each network and {pair} once")
    wide = frame.pivot(index=pair, columns="network", values=value)
    parts = []
    for name, factors in wanted.items():
        if missing := [network for network in factors if network not in wide]:
            refuse("frame", list(wide.columns), f"a frame with the networks {', '.join(missing)} too")
        whole = wide[list(factors)].dropna()
        if whole.empty:
            refuse("frame", name, f"contrasts whose networks share a {pair}")
        sums = whole.mul(pd.Series(factors)).sum(axis=1)
        parts.append(pd.DataFrame({"contrast": name, pair: sums.index, value: sums.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def holm(p: Sequence[float] | pd.Series) -> np.ndarray:
    """p values of one family after Holm's correction (1979); missing ones stay missing and do not count."""
    values = np.asarray(p, float)
    there = np.isfinite(values)
    corrected = np.full(len(values), np.nan)
    if there.any():
        corrected[there] = multipletests(values[there], method="holm")[1]
    return corrected


def on_the_same_images(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Two networks tested on the same images: what the choice of the images leaves uncertain in their difference.

    ``ours`` and ``theirs`` are booleans, one for each image: right or not. Returns ``difference`` (ours minus theirs),
    its standard ``error`` over images, ``only_ours`` and ``only_theirs`` (shares of the images that one alone gets
    right), and McNemar's ``p`` that the two are equally often right.
    """
    ours, theirs = _hits("ours", ours), _hits("theirs", theirs)
    if ours.shape != theirs.shape:
        refuse("theirs", f"{theirs.size} images", f"the same images as ours, {ours.size}")
    gap = DescrStatsW(ours.astype(float) - theirs)
    table = [[(ours & theirs).sum(), (ours & ~theirs).sum()], [(~ours & theirs).sum(), (~ours & ~theirs).sum()]]
    return {
        "difference": float(gap.mean),
        "error": float(gap.std_mean),
        "only_ours": float((ours & ~theirs).mean()),
        "only_theirs": float((~ours & theirs).mean()),
        "p": float(mcnemar(table, exact=True).pvalue),
    }


def paired_hits(ours: Sequence[Run], theirs: Sequence[Run]) -> pd.DataFrame:
    """:func:`on_the_same_images` for each seed that both networks' stored runs have, at the end of both.

    Columns seed, steps and those values; no row for a run that diverged. Raises ValueError where the two were trained
    for different numbers of steps, or tested on different images.
    """
    others = {run.experiment.seed: run for run in theirs if run.hits is not None}
    rows: list[dict[str, Any]] = []
    for run in ours:
        other = others.get(run.experiment.seed)
        if run.hits is None or other is None or other.hits is None:
            continue
        e, f = run.experiment, other.experiment
        for name, a, b in (
            ("steps", e.schedule.steps, f.schedule.steps),
            ("test_images", e.test_images, f.test_images),
            ("dataset", e.dataset, f.dataset),
            ("judged_on", e.judged_on, f.judged_on),
        ):
            if a != b:
                refuse(name, b, f"the same in both runs, {a!r}")
        hits = (unpack(r.hits or "", e.test_images) for r in (run, other))
        rows.append({"seed": e.seed, "steps": e.schedule.steps, **on_the_same_images(*hits)})
    return pd.DataFrame(rows, columns=["seed", "steps", "difference", "error", "only_ours", "only_theirs", "p"])


def _hits(name: str, hits: Any) -> np.ndarray:
    hits = np.asarray(hits)
    if hits.dtype != bool or hits.ndim != 1 or len(hits) < 2:
        refuse(name, f"{hits.dtype} {hits.shape}", "booleans, one for each of at least two images")
    return hits
