"""Training runs on disk, one JSON file each: ``<folder>/<study>/<key>.json``.

A :class:`Store` reads every one of its folders and writes to the last. Files are read strictly: a damaged or foreign
one is reported by name, never skipped and never overwritten.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from attrs import evolve, frozen

from relupool import files
from relupool.choices import PRESETS
from relupool.experiments import run as runs
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.experiment import Experiment, Study
from relupool.experiments.networks import columns
from relupool.experiments.pace import Pace, duration
from relupool.experiments.run import Run, comparable
from relupool.experiments.studies import AT_BEST_RATE, STUDIES, chosen_rates
from relupool.validation import refuse

COMMITTED = ROOT / "data" / "results"
"""The results that the book shows."""


COLUMNS = [
    *("study", "preset", "network", "architecture", "conv_activation", "dense_activation", "pool", "lrn"),
    *("convolutions", "order", "seed", "steps", "diverged_at", "dataset", "train_images", "test_images"),
    *("judged_on", "dtype", "backend", "device", "device_kind", "seconds", "key", "hits", "step"),
    *("weights", "accuracy", "loss"),
]
"""Those of :func:`frame_of`."""

VALUES = ("architecture", "conv_activation", "dense_activation", "pool", "lrn", "convolutions", "order")
"""Those of them that hold the network, and its fields as they are."""

OF_EXPERIMENT = ("seed", "dataset", "train_images", "test_images", "judged_on", "dtype", "backend")

MOST = 2**24
"""Bytes that a result file has at most; the largest of the book has a hundredth of it."""

NAMED = 5
"""How many of the networks that are missing an error names."""


class Missing(LookupError):
    """A set of results is not complete; ``experiments`` are the runs that it lacks."""

    def __init__(self, message: str, experiments: tuple[Experiment, ...]) -> None:
        super().__init__(message)
        self.experiments = experiments


@frozen
class ResultSet:
    """Runs that may stand in one figure: one study, preset, backend, dtype and data set, all networks equally often."""

    study: Study
    preset: str
    runs: tuple[Run, ...]

    @property
    def seeds(self) -> int:
        """How many seeds each network was trained with."""
        return len(self.runs) // len(self.study.networks)

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each run, evaluation and kind of weights ("averaged", "raw"); accuracies from 0 to 1."""
        return frame_of((self.study, run) for run in self.runs).assign(preset=self.preset)


class Store:
    """All results that can be found in ``folders``; new ones are written to the last of them."""

    def __init__(self, *folders: Path | str) -> None:
        if not folders:
            refuse("folders", folders, "at least one folder")
        self.folders = tuple(Path(folder) for folder in folders)

    @classmethod
    def default(cls) -> Store:
        """The committed results and those of this machine: RELUPOOL_RESULTS, or else ``_build/results``."""
        return cls(COMMITTED, os.environ.get("RELUPOOL_RESULTS") or ROOT / "_build" / "results")

    def paths(self, study: str = "") -> dict[str, Path]:
        """Where each run lies, by its key; a run belongs to its experiment, not to the study in whose folder it is.

        Three experiments were trained twice, by two studies on other processors, and differ by up to 0.3 points. Here
        alone it is chosen between two runs of one experiment: each study has the one that it trained, everyone else
        that of the last folder and, within it, of the study whose name comes last.
        """
        files = [path for folder in self.folders for path in _files(folder)]
        return {p.stem: p for p in files} | {p.stem: p for p in files if p.parent.name == study}

    def runs(self, study: Study) -> dict[str, Run]:
        """Every stored run of a network of the study by its key, whichever study asked for it first.

        Raises ValueError that names the first file that is not a run.
        """
        networks = set(study.networks.values())
        return {
            run.key: run for run in map(read, self.paths(study.name).values()) if run.experiment.network in networks
        }

    def planned(self, study: Study) -> Study:
        """The study with those of its networks that are to be trained: of one at a best rate, whose best it is."""
        rate = next((rate for rate, own in AT_BEST_RATE.items() if own == study), None)
        if rate is None:
            return study
        chosen = chosen_rates(self.runs(study).values())
        return evolve(study, networks={label: n for label, n in study.networks.items() if chosen.get(label) == rate})

    def path(self, experiment: Experiment) -> Path | None:
        """Where the experiment's run lies, whoever wrote it and when, or None if it is not stored."""
        return self.paths().get(experiment.key)

    def put(self, study: Study, run: Run) -> Path:
        """Write a run into the last folder, whole or not at all, and say where; a file that is there stays as it is.

        Raises ValueError if that one holds another run of the same experiment.
        """
        if path := self.path(run.experiment):
            check_same(path, evolve(run, provenance=read(path).provenance))  # the same numbers may come twice
            return path
        return write_run(self.folders[-1] / study.name / f"{run.key}.json", run)

    def sets(self, study: Study, dataset: str = "cifar10") -> tuple[ResultSet, ...]:
        """The complete sets of a study: the largest preset first, then the one with the most seeds."""
        study = self.planned(study)
        runs, sets = self.runs(study), []
        for preset in reversed([name for name in PRESETS if name in study.presets]):
            of_preset = []
            for backend, dtype in product(("tensorflow", "jax"), ("float32", "mixed_bfloat16")):
                wanted = study.experiments(preset, dataset=dataset, backend=backend, dtype=dtype)
                incomplete = {e.seed for e in wanted if e.key not in runs}
                if whole := tuple(runs[e.key] for e in wanted if e.seed not in incomplete):
                    of_preset.append(ResultSet(study, preset, whole))
            sets += sorted(of_preset, key=lambda s: -s.seeds)
        return tuple(sets)

    def largest(self, study: Study, dataset: str = "cifar10") -> ResultSet:
        """The first of :meth:`sets`; raises Missing if no set of the study is complete."""
        if sets := self.sets(study, dataset):
            return sets[0]
        least = next(name for name in PRESETS if name in study.presets)
        raise self._missed(study, least, self.missing(study, least, dataset=dataset))

    def missing(self, study: Study, preset: str, **changes: Any) -> tuple[Experiment, ...]:
        """The runs of a preset that are not stored, in the order in which to train them."""
        runs = self.runs(study)
        return tuple(e for e in self.planned(study).experiments(preset, **changes) if e.key not in runs)

    def complete(
        self, study: Study, preset: str, *, train: Callable[[Experiment], Run] | None = None, **changes: Any
    ) -> ResultSet:
        """The whole set of a preset, all of its seeds. Missing runs are trained by ``train``, each stored when it ends.

        An interruption loses at most the run in flight. Without ``train``, raises Missing if a run is not there.
        ``changes`` set fields of every experiment: ``dataset="synthetic"``.
        """
        study = self.planned(study)
        missing = self.missing(study, preset, **changes)
        if missing and train is None:
            raise self._missed(study, preset, missing)
        for experiment in missing:
            assert train is not None
            self.put(study, train(experiment))
        runs = self.runs(study)
        return ResultSet(study, preset, tuple(runs[e.key] for e in study.experiments(preset, **changes)))

    def pace(self) -> Pace:
        """How fast every stored run trained."""
        return Pace.of(map(read, self.paths().values()))

    def check(self) -> tuple[str, ...]:
        """What is wrong with the stored files, one sentence each, naming the file; empty if nothing is."""
        problems = []
        for folder in self.folders:
            for path in sorted(p for p in folder.rglob("*") if p.suffix == ".json" or not p.is_dir()):
                if any(part.startswith(".") for part in path.relative_to(folder).parts):
                    continue  # a file manager's, an editor's, or what a process left unfinished
                if path.parent.parent != folder or path.parent.name not in STUDIES:
                    problems.append(f"{path}: not in a folder of a study; there are {', '.join(STUDIES)}")
                    continue
                try:
                    read(path)
                except ValueError as error:
                    problems.append(str(error))
        return tuple(problems)

    def _missed(self, study: Study, preset: str, missing: tuple[Experiment, ...]) -> Missing:
        study, pace = self.planned(study), self.pace()
        seconds = [pace.seconds(e) for e in missing]
        time = "an unknown time" if None in seconds else f"about {duration(sum(filter(None, seconds)))}"
        labels = sorted({study.label(e.network) for e in missing})
        others = f" and {len(labels) - NAMED} more" if len(labels) > NAMED + 1 else ""
        named = ", ".join(labels[:NAMED] if others else labels) + others
        return Missing(
            f"study {study.name!r}, preset {preset!r}: {len(missing)} of {len(study.experiments(preset))} runs are "
            f"missing ({named}); training them takes {time} at the speed of the stored runs. "
            f"Train them with `relupool train {study.name} --preset {preset}`.",
            missing,
        )


DAMAGED = "no result file, or a damaged one: {}. Move it away, or restore it."


def read(path: Path) -> Run:
    """The run in a result file; raises ValueError that names the file and what is wrong with it.

    A file is read once in a process, as long as it stays as it is.
    """
    with files.suspect(path, DAMAGED):
        now = path.stat()
    return _read(path, now.st_mtime_ns, now.st_size)


@cache
def _read(path: Path, *_: int) -> Run:
    with files.suspect(path, DAMAGED):
        run = runs.from_json(files.unsealed(files.read_whole(path, MOST)))
        if path.name != f"{run.key}.json":
            refuse("name", path.name, f"the key of the run, {run.key}.json")
    return run


def write_run(path: Path, run: Run) -> Path:
    """Write a result file; returns ``path``. Raises ValueError if it could not be read again, see :func:`read`."""
    content = files.sealed(runs.to_json(run))
    runs.from_json(files.unsealed(content))
    return files.write_whole(path, content)


def check_same(path: Path, run: Run) -> None:
    """Raise ValueError that names what differs if the file holds another run, or none."""
    there, own = map(runs.to_json, (read(path), run))
    if others := [name for name in own if there[name] != own[name]]:
        what = f"{path}: it holds this experiment with other {', '.join(others)}"
        raise ValueError(f"{what} than the run of {run.provenance.get('started')}. Remove one of them.")


def _files(folder: Path) -> list[Path]:
    """All files of the studies in a folder but hidden ones: what others left there, or a dead process unfinished."""
    return sorted(path for path in folder.glob("*/*") if not path.name.startswith("."))


def frame_of(runs: Iterable[tuple[Study, Run]]) -> pd.DataFrame:
    """Rows of runs, each under a study that asks for it: one for each evaluation and kind of weights.

    ``network`` is the study's label and ``architecture`` the value itself; then come the network's fields
    (:func:`~relupool.experiments.networks.columns`), what the run's identity and provenance say of it, and accuracy
    (from 0 to 1) and loss of "averaged" and "raw" ``weights`` at each ``step``. ``diverged_at`` is missing, or a step.
    """
    rows = [row for study, run in runs for row in _rows(study, study.preset_of(run.experiment), run)]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"diverged_at": float})
    values = {name: pd.Series([row[name] for row in rows], dtype=object) for name in VALUES}
    return frame.assign(**values)  # pandas would make strings of them, and of None a number that is none


def _rows(study: Study, preset: str, run: Run) -> list[dict[str, Any]]:
    e, end = run.experiment, run.evaluations[-1].accuracy if run.evaluations else None
    if run.hits is not None and (e.dataset, e.judged_on) == ("cifar10", "test"):
        end = float(comparable(run.hits, e.test_images).mean())  # over those images that every copy has alike
    same = {
        "study": study.name,
        "preset": preset,
        "network": study.label(e.network),
        "architecture": e.network,
        **columns(e.network),
        "steps": e.schedule.steps,
        "device_kind": run.provenance["device_kind"],
        "seconds": run.provenance.get("seconds"),
        **{name: getattr(e, name) for name in OF_EXPERIMENT},
        **{name: getattr(run, name) for name in ("key", "hits", "device", "diverged_at")},
    }
    return [
        {**same, "step": v.step, "weights": weights, "accuracy": accuracy, "loss": loss}
        for v in run.evaluations
        for weights, accuracy, loss in (
            ("averaged", end if v.step == e.schedule.steps else v.accuracy, v.loss),
            ("raw", v.raw_accuracy, v.raw_loss),
        )
    ]
