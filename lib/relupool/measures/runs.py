"""Which of the stored runs answer a question, and at which step: one rule for all figures, tables and claims.

A schedule decides nothing in advance, so a run that goes on is, at step 3,000, what a run of 3,000 steps ends with.
Where both are there the one that ends counts, because of its end it is known which test images it got right. Frames are
those of the result store; a network is told by its value, or by its label in one study.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product

import pandas as pd

from relupool.experiments.networks import Network
from relupool.experiments.store import ResultSet
from relupool.thresholds import SEEDS
from relupool.validation import refuse

ARITHMETIC = ["backend", "dtype"]
"""What runs must have alike to be compared."""


def same_footing(studies: Sequence[Sequence[ResultSet]]) -> tuple[ResultSet, ...]:
    """One set of each study, all on one backend and in one dtype: as many studies as possible, then the longest.

    ``studies`` holds for each study its complete sets, as :meth:`Store.sets` gives them. The first study comes before
    the others: it is left out only where nothing of it is stored. Of choices with equally many studies the one with the
    largest common step wins, then the one with the most seeds. Nothing stored gives an empty tuple.
    """
    choices = []
    for arithmetic in dict.fromkeys(_arithmetic(results) for sets in studies for results in sets):
        fitting = [[results for results in sets if _arithmetic(results) == arithmetic] for sets in studies]
        choices += [(bool(fitting[0]), chosen) for chosen in product(*(sets for sets in fitting if sets))]

    def worth(choice: tuple[bool, tuple[ResultSet, ...]]) -> tuple[float, ...]:
        with_first, sets = choice
        seeds = [results.seeds for results in sets]
        looks = (set(results.runs[0].experiment.schedule.evaluate_at) for results in sets)
        return with_first, len(sets), max(set.intersection(*looks), default=0), min(seeds), sum(seeds)

    return max(choices, key=worth)[1] if choices else ()


def _arithmetic(results: ResultSet) -> tuple[str, str]:
    experiment = results.runs[0].experiment
    return experiment.backend, experiment.dtype


def stacked(sets: Iterable[ResultSet]) -> pd.DataFrame:
    """The frames of ``sets`` as one, in which each network, seed and step is answered for by one run."""
    frames = [results.frame.astype({"diverged_at": float}) for results in sets]
    if not frames:
        refuse("sets", "none", "at least one set of results")
    return answering(pd.concat(frames))


def answering(frame: pd.DataFrame, network: str = "network") -> pd.DataFrame:
    """Of each network, seed, step and kind of weights the row of one run, per backend and dtype.

    A finished run comes before one that diverged, then the shortest that reached the step: what ends there comes first.
    ``network`` is the column that tells networks apart.
    """
    frame = frame.reset_index(drop=True)
    best = frame.assign(diverged=frame["diverged_at"].notna()).sort_values(["diverged", "steps"], kind="stable")
    kept = best.drop_duplicates([*ARITHMETIC, network, "seed", "step", "weights"])
    return frame.loc[kept.index.sort_values()].reset_index(drop=True)


def ends(frame: pd.DataFrame, *, weights: str = "averaged") -> pd.DataFrame:
    """One row for each run that came to its last step; those that diverged are left out."""
    return frame[(frame["step"] == frame["steps"]) & (frame["weights"] == weights) & frame["diverged_at"].isna()]


def looks(frame: pd.DataFrame, networks: Collection[Network | str], *, weights: str = "averaged") -> pd.DataFrame:
    """The rows that answer for ``networks``, values or labels of one study; ``place`` is a network's among them.

    Of finished runs only, and without the untrained network.
    """
    by = "network" if isinstance(next(iter(networks)), str) else "architecture"
    trained = (frame["weights"] == weights) & (frame["step"] > 0) & frame["diverged_at"].isna()
    rows = frame[trained & frame[by].isin(list(networks))]
    places = {network: place for place, network in enumerate(networks)}
    return answering(rows.assign(place=rows[by].map(places)), "place")


def on_one_machine(frame: pd.DataFrame, networks: Collection[Network]) -> pd.DataFrame:
    """The rows of ``networks``, values, at those seeds and steps where one kind of machine trained all of them."""
    own = frame[frame["architecture"].isin(list(networks))]
    together = own.groupby([*ARITHMETIC, "seed", "step", "device"])["architecture"].transform("nunique")
    return own[together == len(networks)]


def preference(seeds: int, steps: int) -> tuple[int, int, int]:
    """What decides first: a step that :data:`~relupool.thresholds.SEEDS` seeds have reached, then the longest."""
    return min(seeds, SEEDS), steps, seeds


def lengths(
    frame: pd.DataFrame,
    networks: Collection[Network | str],
    *,
    weights: str = "averaged",
    most_seeds: bool = False,
) -> pd.DataFrame:
    """At which steps these networks can be compared, the best by :func:`preference` first, or where ``most_seeds`` are.

    Columns backend, dtype, step, n: the seeds that all of the networks have.
    """
    at = [*ARITHMETIC, "step"]
    whole = looks(frame, networks, weights=weights).groupby([*at, "seed"])["place"].nunique() == len(networks)
    counted = whole.groupby(at).sum().rename("n").reset_index()
    counted = counted[counted["n"] > 0]
    if most_seeds:
        return counted.sort_values(["n", "step"], ascending=False, kind="stable")
    best = sorted(counted.index, key=lambda i: preference(counted["n"][i], counted["step"][i]), reverse=True)
    return counted.loc[best]


def extent(frame: pd.DataFrame) -> dict[str, int]:
    """How many networks, steps (of the longest) and seeds the runs of ``frame`` have."""
    many = {"networks": frame["network"].nunique(), "seeds": frame["seed"].nunique()}
    return many | {"steps": int(frame["steps"].max())}


def compared(
    frame: pd.DataFrame, networks: Collection[Network | str], *, step: int = 0, weights: str = "averaged"
) -> pd.DataFrame:
    """The rows by which these networks are compared, all of one backend, dtype and step: :func:`looks` there.

    At the first of :func:`lengths`, or at ``step``; no row where no seed has all of the networks.
    """
    rows = looks(frame, networks, weights=weights)
    possible = lengths(frame, networks, weights=weights)
    possible = possible[possible["step"] == step] if step else possible
    if possible.empty:
        return rows.head(0)
    at = [*ARITHMETIC, "step"]
    return rows[(rows[at] == possible.iloc[0][at]).all(axis=1)]
