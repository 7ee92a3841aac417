"""What the verdicts are computed from: checked propositions, stored runs, recorded times. Gathered once for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from attrs import field, frozen

from relupool.experiments.store import ResultSet, Store
from relupool.experiments.studies import (
    BASELINE,
    BIGGER,
    FIRST_ABLATIONS,
    GATING,
    GRID,
    ORDER,
    RUN_LENGTH,
    SCALE,
    STUDIES,
)
from relupool.experiments.study import PRESETS, Study
from relupool.experiments.together import same_footing, stacked
from relupool.verdicts import bigger, order_times
from relupool.verdicts.order_times import OrderTimes
from relupool.verdicts.theorems import commuting_activations

TOGETHER = "the grid"
"""The frame of :attr:`Material.frames` in which the first ablations, the grid and the baseline stand together."""

ALONE = (FIRST_ABLATIONS, SCALE, GATING, ORDER)
"""Studies that are judged by themselves."""


@frozen(eq=False, kw_only=True)
class Material:
    """Everything that a claim can be decided from; what is not there leaves its claims undecided.

    ``propositions`` is the table of :func:`relupool.book.layers.checked`; ``activations`` that of
    :func:`~relupool.verdicts.theorems.commuting_activations`; ``frames`` has rows of the result store by study, the
    longest runs beside the first ablations that they lengthen, and by :data:`TOGETHER`; ``probed`` are the longest runs
    whose windows were counted; ``taken`` is how long runs took (:func:`relupool.verdicts.bigger.times`); ``missing``
    says of each study of which nothing is complete what it lacks; ``further`` is the preset of each study that would
    give it more seeds or longer runs.
    """

    propositions: pd.DataFrame | None = None
    activations: pd.DataFrame | None = None
    frames: Mapping[str, pd.DataFrame] = field(factory=dict)
    probed: ResultSet | None = None
    taken: pd.DataFrame = field(factory=lambda: pd.DataFrame(columns=bigger.TIMES))
    times: OrderTimes | None = None
    missing: Mapping[str, str] = field(factory=dict)
    further: Mapping[str, str] = field(factory=dict)


def gather(
    store: Store,
    *,
    propositions: pd.DataFrame | None = None,
    trials: int = 210,
    seed: int = 0,
    times: Path = order_times.RECORD,
) -> Material:
    """What ``store`` holds: of each study the largest complete set; of those that stand together the longest common.

    ``propositions`` come from whoever may import Keras; ``trials`` and ``seed`` are for counting activations.
    """
    together = same_footing([store.sets(study) for study in (FIRST_ABLATIONS, GRID, BASELINE)])
    sets = {study.name: found for study in ALONE if (found := _largest(store, study.name)) is not None}
    frames = {name: found.frame for name, found in sets.items()}
    families = [stored[0] for study in bigger.families(store.sets) if (stored := store.sets(study))]
    if families:
        frames[BIGGER.name] = stacked(families)
    if together:
        frames[TOGETHER] = stacked(together)
    if len(longest := same_footing([store.sets(study) for study in (FIRST_ABLATIONS, RUN_LENGTH)])) == 2:
        frames[RUN_LENGTH.name] = stacked(longest)
    used = {id(found): found for found in (*together, *families)}.values()
    return Material(
        propositions=propositions,
        activations=commuting_activations(trials=trials, seed=seed),
        frames=frames,
        probed=_longest(store),
        taken=pd.concat([bigger.times(f.runs, {n: k for k, n in f.study.networks.items()}) for f in used])
        if used
        else pd.DataFrame(columns=bigger.TIMES),
        times=order_times.read(times),
        missing={name: said for name in STUDIES if (said := _lacking(store, name))},
        further={name: preset for name in STUDIES if (preset := _further(store, STUDIES[name]))},
    )


def everything(material: Material) -> pd.DataFrame:
    """The frames of the pairs that B12 looks at, as one."""
    parts = [material.frames[name] for name in (TOGETHER, BIGGER.name) if name in material.frames]
    return pd.concat([p.astype({"diverged_at": float}) for p in parts]) if parts else pd.DataFrame()


def _largest(store: Store, name: str) -> ResultSet | None:
    found = store.sets(STUDIES[name])
    return found[0] if found else None


def _longest(store: Store) -> ResultSet | None:
    """The longest runs of the untouched network that were probed."""
    found = [s for study in (FIRST_ABLATIONS, RUN_LENGTH) for s in store.sets(study)]
    return max(found, key=lambda s: (s.runs[0].experiment.schedule.steps, s.seeds), default=None)


def _lacking(store: Store, name: str) -> str:
    study = STUDIES[name]
    if store.sets(study):
        return ""
    preset = _further(store, study)
    runs = f"{len(store.missing(study, preset))} of {len(study.experiments(preset))} runs"
    return f"{runs} of the study “{name}” are missing: `relupool train {name} --preset {preset}`."


def _further(store: Store, study: Study) -> str:
    """The smallest preset beyond quick of which runs are missing; "" if there is none."""
    return next((p for p in PRESETS[1:] if p in study.presets and store.missing(study, p)), "")
