"""How far the studies are, as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from relupool.choices import PRESETS
from relupool.experiments.experiment import Experiment, Study
from relupool.experiments.pace import Pace, duration
from relupool.experiments.run import Run
from relupool.experiments.store import Store
from relupool.experiments.studies import STUDIES
from relupool.validation import refuse


def table(store: Store, preset: str | None = None, studies: Iterable[Study] | None = None) -> pd.DataFrame:
    """One row per study and preset, on CIFAR-10: the standard ones, those that hold runs, or those of ``preset``.

    Columns: study, preset, backend, done, missing (runs), seeds complete (seeds with which every network was trained),
    devices, computed (the last run's day), to go (for what is missing, at the speed of the stored runs).
    """
    if preset is not None and preset not in PRESETS:
        refuse("preset", preset, f"one of {', '.join(PRESETS)}")
    studies = tuple(STUDIES.values()) if studies is None else tuple(studies)
    pace, rows = store.pace(), []
    for study in studies:
        runs = store.runs(study)
        for name in study.presets if preset is None else {preset} & study.presets.keys():
            for backend in ("tensorflow", "jax"):
                wanted = store.planned(study).experiments(name, backend=backend)
                done = [runs[e.key] for e in wanted if e.key in runs]
                if done or (backend == "tensorflow" and name == (preset or "standard")):
                    rows.append({"study": study.name, "preset": name, "backend": backend, **_row(wanted, done, pace)})
    return pd.DataFrame(rows)


def _row(wanted: tuple[Experiment, ...], done: list[Run], pace: Pace) -> dict[str, object]:
    keys = {run.key for run in done}
    missing = [e for e in wanted if e.key not in keys]
    seeds = {e.seed for e in wanted}
    seconds = [pace.seconds(e) for e in missing]
    known, unknown = [s for s in seconds if s is not None], seconds.count(None)
    to_go = ([duration(sum(known))] if known else []) + ([f"unknown for {unknown}"] if unknown else [])
    return {
        "done": len(done),
        "missing": len(missing),
        "seeds complete": f"{len(seeds - {e.seed for e in missing})} of {len(seeds)}",
        "devices": "; ".join(sorted({run.device for run in done})) or "-",
        "computed": max((run.provenance.get("started", "")[:10] for run in done), default="") or "-",
        "to go": " + ".join(to_go) or "-",
    }
