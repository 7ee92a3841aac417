"""From nothing to ReLU: where other activations lie on the second question's scale, and when there is no such scale.

Frames are those of the result store, of the study SCALE. At each pooling the score of an activation is (its accuracy -
that of no activation) / (that of ReLU - that of no activation): 0 is nothing, 1 is ReLU. Seeds are paired, and the
score has Fieller's interval.
"""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats

from relupool.experiments.networks import Activation, LeakyReLU
from relupool.experiments.studies import ACTIVATIONS, SCALE
from relupool.measures.estimate import Estimate, difference, estimated
from relupool.measures.fieller import fieller
from relupool.measures.runs import ends
from relupool.thresholds import ONE_SEED

NOTHING, RELU = "linear", "ReLU"


def activations(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the column activation: what the study calls that of the convolutions."""
    names = {activation: name for name, activation in ACTIVATIONS.items()}
    return frame.assign(activation=[names[activation] for activation in frame["conv_activation"]])


def slope_of(activation: Activation) -> float:
    """The slope on the negative side of a straight activation: 1 of none, 0 of ReLU; NaN of others."""
    if isinstance(activation, LeakyReLU):
        return activation.slope
    return {None: 1.0, "relu": 0.0}.get(activation, math.nan)  # type: ignore[arg-type]


def written(activation: str) -> str:
    """The label as figures and tables write it, with a true minus sign."""
    return activation.replace("slope -", "slope \N{MINUS SIGN}")


def length(frame: pd.DataFrame, *, pool: str) -> Estimate | None:
    """How long the scale is: accuracy with ReLU minus that without, at ``pool``; None if no seed has both."""
    relu, nothing = (SCALE.networks[f"{pool} pool, {name}"] for name in (RELU, NOTHING))
    return estimated(frame, difference(relu, nothing))


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Score of each activation at average-pools, in the study's order, without the two that make the scale.

    Columns activation, n, accuracy (mean), score, low, high, shape (see :class:`~relupool.measures.fieller.Ratio`).
    With one seed low and high are missing, and with a scale shorter than what is allowed for one seed the score too.
    Where no seed has the activation and both ends of the scale, n = 0 and the score is missing.
    """
    own = activations(frame[frame["pool"] == "average"])
    accuracies = ends(own).pivot(index="seed", columns="activation", values="accuracy")
    trained = [name for name in own["activation"].unique() if name not in (NOTHING, RELU)]
    rows = [(name, *_score(accuracies.reindex(columns=[name, NOTHING, RELU]))) for name in trained]
    return pd.DataFrame(rows, columns=["activation", "n", "accuracy", "score", "low", "high", "shape"])


def _score(accuracies: pd.DataFrame) -> tuple[int, float, float, float, float, str]:
    """A row of :func:`scores`, of the columns of an activation, nothing and ReLU."""
    mean, shared = float(accuracies.iloc[:, 0].mean()), accuracies.dropna()
    if shared.empty:
        return 0, mean, math.nan, math.nan, math.nan, "none"
    own, nothing, relu = (shared[name] for name in shared)
    if len(shared) > 1:
        ratio = fieller(own - nothing, relu - nothing)
        return len(shared), mean, ratio.mean, ratio.low, ratio.high, ratio.shape
    ratio = fieller(own - nothing, relu - nothing, half=ONE_SEED)
    return 1, mean, ratio.mean if ratio.shape == "interval" else math.nan, math.nan, math.nan, ratio.shape


def agreement(bends: pd.Series, table: pd.DataFrame) -> float:
    """Spearman's rank correlation of bend and score, over the activations that have both; missing for fewer than three.

    ``bends`` has the activations as index.
    """
    both = table.set_index("activation")["score"].to_frame().join(bends.rename("bend"), how="inner").dropna()
    return float(stats.spearmanr(both["bend"], both["score"]).statistic) if len(both) > 2 else math.nan
