"""What the grid of networks says, as tables: single changes, effects, and what could be the question's two numbers.

Frames are those of the result store, of several studies put together (``experiments.together``); each table compares
at one step, 0 standing for the last that all of its networks have been evaluated at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import pandas as pd

from relupool.experiments.comparisons import (
    ALPHA,
    Contrast,
    contrasts,
    holm,
    log_odds,
    paired_hits,
)
from relupool.experiments.factorial import FACTORS, effects, label, levels
from relupool.experiments.networks import Architecture, Pool
from relupool.experiments.statistics import intervals
from relupool.experiments.store import ResultSet
from relupool.experiments.studies import SWAPS
from relupool.experiments.together import at_step
from relupool.thresholds import POINT
from relupool.verdicts.estimate import estimated, lengths
from relupool.verdicts.headline import AFFINE, LINEAR, LITERAL, UNTOUCHED

NO_CONV_RELU = label(Architecture(conv_activation=None))
AVERAGE_POOL = label(Architecture(pool=Pool("average")))
LINEAR_DENSE = label(Architecture(dense_activation=None))
NO_LRN = label(Architecture(lrn=False))
ONLY_MAX = label(Architecture(conv_activation=None, dense_activation=None, lrn=False))
LITERAL_NO_LRN = label(Architecture(pool=Pool("average"), dense_activation=None, lrn=False))
SOFTMAX = "softmax regression"

SINGLE = (NO_CONV_RELU, LINEAR_DENSE, AVERAGE_POOL, NO_LRN, *(label(a) for a in SWAPS))
"""The networks with one change, and the two in which ReLU and pooling change places."""

MEANT = {
    "with": (LITERAL, LITERAL_NO_LRN, UNTOUCHED, NO_LRN),
    "without": (LINEAR, AFFINE, SOFTMAX),
}
"""Networks that the question's two accuracies, with and without conv ReLU, could be those of."""

SCALES = ("points", "log-odds")
"""How an effect is measured: as a difference of accuracies, or of their log-odds."""

READ_AT = (1_000, 3_000, 10_000, 30_000, 60_000, 100_000)
"""Steps at which accuracies are read off."""


def scaled(frame: pd.DataFrame, scale: str) -> pd.DataFrame:
    """``frame`` with a column "value" on one of :data:`SCALES`; points are fractions here, as accuracies are."""
    a = frame["accuracy"]
    return frame.assign(value=a if scale == "points" else log_odds(a, test_images=frame["test_images"]))


def scaled_contrasts(
    frame: pd.DataFrame, wanted: Mapping[str, Contrast], *, step: int = 0, weights: str = "averaged"
) -> pd.DataFrame:
    """Contrasts seed by seed on both :data:`SCALES`: columns contrast, seed, value, scale, step; empty if none can be.

    All of them at the same step, over the seeds that all their networks have.
    """
    networks = {network: 1.0 for contrast in wanted.values() for network in contrast}
    rows = at_step(frame, networks, step=step, weights=weights)
    if not _share_a_seed(rows, networks):
        return pd.DataFrame(columns=["contrast", "seed", "value", "scale", "step"])
    parts = [contrasts(scaled(rows, scale), wanted, value="value").assign(scale=scale) for scale in SCALES]
    return pd.concat(parts, ignore_index=True).assign(step=int(rows["step"].iloc[0]))


def effect_seeds(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> pd.DataFrame:
    """Main effects and two-way interactions of the 2 x 2 x 2 x 2 grid, seed by seed, as :func:`scaled_contrasts`."""
    return scaled_contrasts(frame, effects(levels(), list(FACTORS)), step=step, weights=weights)


def effect_table(frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged") -> pd.DataFrame:
    """Each effect on both scales: columns scale, contrast, n, mean, low, high (95 %); no rows where a network lacks."""
    rows = []
    for scale, (name, contrast) in product(SCALES, effects(levels(), list(FACTORS)).items()):
        found = estimated(frame, contrast, step=step, weights=weights, scale=scale)
        if found is not None:
            rows.append((scale, name, found.n, found.mean, *found.ends))
    return pd.DataFrame(rows, columns=["scale", "contrast", "n", "mean", "low", "high"])


def single_changes(
    frame: pd.DataFrame, *, step: int = 0, weights: str = "averaged", margin: float = POINT
) -> pd.DataFrame:
    """Each network with one change, minus the untouched one: what of it is sure, after Holm's correction over all.

    Columns network, n, mean, low, high (95 %, as fractions), log_odds (mean), differs and equivalent (corrected p that
    it is 0, and that it lies within ``margin``), outcome in words. Only networks that are there, at the best step that
    these share.
    """
    there = [n for n in SINGLE if len(lengths(frame, [n, UNTOUCHED], weights=weights))]
    shared = lengths(frame, [*there, UNTOUCHED], weights=weights)
    at = step or (int(shared.iloc[0]["step"]) if len(shared) else 0)
    wanted = {network: {network: 1.0, UNTOUCHED: -1.0} for network in there}
    found = {n: estimated(frame, contrast, step=at, weights=weights) for n, contrast in wanted.items()}
    odds = scaled_contrasts(frame, wanted, step=at, weights=weights).query("scale == @SCALES[1]")
    log_odds_of = odds.groupby("contrast")["value"].mean()
    rows = [
        (network, e.n, e.mean, *e.ends, log_odds_of[network], e.differs, e.equivalent(margin))
        for network, e in found.items()
        if e is not None
    ]
    columns = ["network", "n", "mean", "low", "high", "log_odds", "differs", "equivalent"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(**{name: holm(table[name]) for name in ("differs", "equivalent")})
    return table.assign(outcome=[_outcome(row) for row in table.itertuples()])


def _outcome(row: object) -> str:
    n, differs, equivalent = (getattr(row, name) for name in ("n", "differs", "equivalent"))
    if n == 1:
        return "one seed"
    words = (["differs"] if differs < ALPHA else []) + (["within the margin"] if equivalent < ALPHA else [])
    return ", but ".join(words) or "open"


def meant(frame: pd.DataFrame, reported: Sequence[float], *, weights: str = "averaged") -> pd.DataFrame:
    """Each network that the question's accuracies, ``reported`` with and without conv ReLU, could be those of.

    One row per network that is there, at its own last step: reported, network, steps, n, mean, half (of the 95 %
    interval, missing for one seed), raw (mean with raw weights) and off (mean minus reported).
    """
    rows = []
    for value, networks in zip(reported, MEANT.values(), strict=True):
        for network in networks:
            ends = at_step(frame, [network], weights=weights)
            if ends.empty:
                continue
            row = intervals(ends).iloc[0]
            raw = at_step(frame, [network], weights="raw")["accuracy"].mean()
            half = row["high"] - row["mean"]
            steps, n = int(ends["step"].iloc[0]), int(row["n"])
            rows.append((value, network, steps, n, row["mean"], half, raw, row["mean"] - value))
    columns = ["reported", "network", "steps", "n", "mean", "half", "raw", "off"]
    return pd.DataFrame(rows, columns=columns)


def readings(frame: pd.DataFrame, networks: Sequence[str], *, at: Sequence[int] = READ_AT) -> pd.DataFrame:
    """Accuracy of each network at the steps ``at`` that any of them was evaluated at, by averaged and by raw weights.

    Columns network, weights, step, n, mean, low, high.
    """
    rows = frame[frame["network"].isin(networks) & frame["step"].isin(at) & frame["diverged_at"].isna()]
    rows = rows.drop_duplicates(["network", "weights", "step", "seed"])
    return intervals(rows, by=("network", "weights", "step")).drop(columns="sd")


def on_the_same_images(results: ResultSet, *, baseline: str) -> pd.DataFrame:
    """Each network minus ``baseline`` by the stored hits of each test image, at the end of the runs.

    Columns network, n, difference (mean over seeds), spread (of the differences over seeds; missing for one), error
    (standard error over test images, mean over seeds), only_ours and only_theirs (shares of the images that one alone
    gets right). A network that shares no finished seed with the baseline is left out.
    """
    by_network = {label: [r for r in results.runs if r.experiment.network == network]
                  for label, network in results.study.networks.items()}  # fmt: skip
    rows = []
    for network, runs in by_network.items():
        pairs = paired_hits(runs, by_network[baseline])
        if network != baseline and len(pairs):
            means = pairs[["difference", "error", "only_ours", "only_theirs"]].mean()
            rows.append({"network": network, "n": len(pairs), **means, "spread": pairs["difference"].std()})
    columns = ["network", "n", "difference", "spread", "error", "only_ours", "only_theirs"]
    return pd.DataFrame(rows, columns=columns)


def _share_a_seed(rows: pd.DataFrame, networks: Mapping[str, float]) -> bool:
    return bool((rows.groupby("seed")["network"].nunique() == len(networks)).any())
