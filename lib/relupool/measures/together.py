"""Runs of several studies put together, so that networks of one can stand beside those of another.

A schedule decides nothing in advance: a run's evaluation at step 3,000 is what a run of 3,000 steps ends with. So runs
of different lengths are compared at a step that all have been evaluated at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import pandas as pd

from relupool.experiments.store import ResultSet
from relupool.validation import refuse


def same_footing(studies: Sequence[Sequence[ResultSet]]) -> tuple[ResultSet, ...]:
    """One set of each study, all on one backend and in one dtype: as many studies as possible, then the longest.

    ``studies`` holds for each study its complete sets, as :meth:`Store.sets` gives them. The first study comes before
    the others: it is left out only where nothing of it is stored. Of choices with equally many studies the one with the
    largest common step wins, then the one with the most seeds. Nothing stored gives an empty tuple.
    """
    choices = []
    for arithmetic in dict.fromkeys(_arithmetic(found) for sets in studies for found in sets):
        fitting = [[found for found in sets if _arithmetic(found) == arithmetic] for sets in studies]
        choices += [(bool(fitting[0]), chosen) for chosen in product(*(sets for sets in fitting if sets))]
    if not choices:
        return ()

    def worth(choice: tuple[bool, tuple[ResultSet, ...]]) -> tuple[float, ...]:
        with_first, sets = choice
        seeds = [found.seeds for found in sets]
        return with_first, len(sets), _last_common(sets), min(seeds), sum(seeds)

    return max(choices, key=worth)[1]


def stacked(sets: Iterable[ResultSet]) -> pd.DataFrame:
    """The frames of ``sets`` as one; a run that two studies share is there once, at each step."""
    frames = [found.frame for found in sets]
    if not frames:
        refuse("sets", "none", "at least one set of results")
    whole = pd.concat([f.astype({"diverged_at": float}) for f in frames], ignore_index=True)
    longest = whole.sort_values("steps", ascending=False, kind="stable")
    once = longest.drop_duplicates(["network", "seed", "step", "weights", "dtype", "backend"])
    return once.sort_index(kind="stable").reset_index(drop=True)


def common_step(frame: pd.DataFrame, networks: Iterable[str] | None = None) -> int:
    """The largest step at which all of ``networks`` (else all there are) have been evaluated with a run that goes on.

    0 where there is none, or where one of the networks is missing.
    """
    running = frame[frame["diverged_at"].isna()]
    evaluated = running.groupby("network")["step"].agg(set)
    wanted = list(networks if networks is not None else frame["network"].unique())
    if not wanted or any(network not in evaluated for network in wanted):
        return 0
    return max(set.intersection(*evaluated[wanted]) | {0})


def at_step(
    frame: pd.DataFrame, networks: Iterable[str] | None = None, *, step: int = 0, weights: str = "averaged"
) -> pd.DataFrame:
    """The rows of ``networks`` (else all) at one ``step``, 0 for :func:`common_step`: one for each network and seed.

    Runs that diverged are left out. No row where a network is missing, or was not evaluated at that step.
    """
    wanted = list(networks if networks is not None else frame["network"].unique())
    step = step or common_step(frame, wanted)
    rows = frame[
        (frame["step"] == step)
        & (frame["weights"] == weights)
        & frame["network"].isin(wanted)
        & frame["diverged_at"].isna()
    ].drop_duplicates(["network", "seed"])
    return rows if step and set(rows["network"]) == set(wanted) else rows.head(0)


def _arithmetic(found: ResultSet) -> tuple[str, str]:
    e = found.runs[0].experiment
    return e.backend, e.dtype


def _last_common(sets: Sequence[ResultSet]) -> int:
    evaluated = [set(run.experiment.schedule.evaluate_at) for found in sets for run in found.runs[:1]]
    return max(set.intersection(*evaluated) | {0})
