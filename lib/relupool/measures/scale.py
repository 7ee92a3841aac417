"""From nothing to ReLU: where other activations lie on the second question's scale, and when there is no such scale.

Frames are those of the result store; a network of the study is called "average pool, slope 0.2". At each pooling the
score of an activation is (its accuracy - that of no activation) / (that of ReLU - that of no activation): 0 is nothing,
1 is ReLU. Seeds are paired, and the score has Fieller's interval.
"""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats

from relupool.measures.activation_scale import NOTHING, RELU, activations, network
from relupool.measures.estimate import Estimate
from relupool.measures.fieller import Ratio, fieller
from relupool.measures.headline import at_the_end, difference
from relupool.thresholds import ONE_SEED


def length(frame: pd.DataFrame, *, pool: str, weights: str = "averaged") -> Estimate | None:
    """How long the scale is: accuracy with ReLU minus that without, at ``pool``; None if no seed has both."""
    return difference(frame, network(pool, RELU), network(pool, NOTHING), weights=weights)


def scores(frame: pd.DataFrame, *, pool: str = "average", weights: str = "averaged") -> pd.DataFrame:
    """Score of each activation at ``pool``, in the study's order, without the two that make the scale.

    Columns activation, n, accuracy (mean), score, low, high, shape (see :class:`~relupool.measures.fieller.Ratio`).
    With one seed low and high are missing, and with a scale shorter than what is allowed for one seed the score too.
    Where no seed has the activation and both ends of the scale, n = 0 and the score is missing.
    """
    ends = _ends(frame, pool, weights)
    others = [name for name in _trained(frame, pool) if name not in (NOTHING, RELU)]
    rows = [{"activation": name, **_row(_ratio(ends, name), ends.get(name))} for name in others]
    return pd.DataFrame(rows, columns=["activation", "n", "accuracy", "score", "low", "high", "shape"])


def _row(found: Ratio | None, accuracies: pd.Series | None) -> dict[str, object]:
    accuracy = math.nan if accuracies is None else accuracies.mean()
    if found is None:
        return {"n": 0, "accuracy": accuracy, "score": math.nan, "low": math.nan, "high": math.nan, "shape": "none"}
    one = found.n == 1
    return {
        "n": found.n,
        "accuracy": accuracy,
        "score": math.nan if one and not found.bounded else found.mean,
        "low": math.nan if one else found.low,
        "high": math.nan if one else found.high,
        "shape": found.shape,
    }


def _ratio(ends: pd.DataFrame, name: str) -> Ratio | None:
    if not {name, NOTHING, RELU} <= set(ends):
        return None
    shared = ends[[name, NOTHING, RELU]].dropna()
    if shared.empty:
        return None
    above, whole = shared[name] - shared[NOTHING], shared[RELU] - shared[NOTHING]
    return fieller(above, whole, half=ONE_SEED if len(shared) == 1 else None)


def _trained(frame: pd.DataFrame, pool: str) -> list[str]:
    """The activations at ``pool``, in the study's order, those of runs that diverged too."""
    labels = activations(frame.drop_duplicates("network"))
    return labels.loc[labels["pool"] == pool, "activation"].tolist()


def _ends(frame: pd.DataFrame, pool: str, weights: str = "averaged") -> pd.DataFrame:
    """Final accuracies at ``pool``: a row for each seed, a column for each activation."""
    last = activations(at_the_end(frame, weights=weights))
    return last[last["pool"] == pool].pivot(index="seed", columns="activation", values="accuracy")


def agreement(bends: pd.Series, table: pd.DataFrame) -> float:
    """Spearman's rank correlation of bend and score, over the activations that have both; missing for fewer than three.

    ``bends`` has the activations as index.
    """
    both = table.set_index("activation")["score"].to_frame().join(bends.rename("bend"), how="inner").dropna()
    return float(stats.spearmanr(both["bend"], both["score"]).statistic) if len(both) > 2 else math.nan
