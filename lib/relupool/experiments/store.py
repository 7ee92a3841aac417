"""Training runs on disk, one JSON file each: ``<folder>/<study>/<key>.json``.

A :class:`Store` reads every one of its folders and writes to the last. Files are read strictly: a damaged or foreign
one is reported by name, never skipped and never overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from attrs import evolve, frozen

from relupool.choices import PRESETS
from relupool.experiments import run as runs
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.experiment import SCHEMA, Experiment, key_of
from relupool.experiments.networks import fields_of
from relupool.experiments.pace import Pace, duration
from relupool.experiments.run import Run, comparable
from relupool.experiments.studies import AT_BEST_RATE, STUDIES, chosen_rates
from relupool.experiments.study import Study
from relupool.validation import refuse

COMMITTED = ROOT / "data" / "results"
"""The results that the book shows."""


def _to_2(experiment: dict[str, Any]) -> dict[str, Any]:
    """All runs of schema 1 were judged on test images, by the first version of their family."""
    family = "bigger" if experiment["network"]["type"] in ("ResNet20", "VGG") else "example"
    return {**experiment, "judged_on": "test", "family": f"{family} 1"}


MIGRATIONS = {1: _to_2}
"""From a schema's number to the function that turns one of its experiments (as JSON) into one of the next schema."""

COLUMNS = [
    *("study", "preset", "network", "architecture", "conv_activation", "dense_activation", "pool", "lrn"),
    *("convolutions", "order", "seed", "steps", "diverged_at", "dataset", "train_images", "test_images"),
    *("judged_on", "dtype", "backend", "device", "device_kind", "seconds", "key", "hits", "step"),
    *("weights", "accuracy", "loss"),
]
"""Those of :func:`frame_of`."""

VALUES = ("architecture", "conv_activation", "dense_activation", "pool", "lrn", "convolutions", "order")
"""Those of them that hold the network, and its fields as they are."""

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

    def runs(self, study: Study) -> dict[str, Run]:
        """Every stored run of a network of the study by its key, whichever study asked for it first.

        Raises ValueError that names the first file that is not a run.
        """
        networks = set(study.networks.values())
        own = {path.stem: path for folder in self.folders for path in _files(folder / study.name)}
        paths = (self._paths() | own).values()  # where two studies trained the same run, each has its own
        return {run.key: run for run in map(read, paths) if run.experiment.network in networks}

    def planned(self, study: Study) -> Study:
        """The study with those of its networks that are to be trained: of one at a best rate, whose best it is."""
        rate = next((rate for rate, own in AT_BEST_RATE.items() if own == study), None)
        if rate is None:
            return study
        chosen = chosen_rates(self.runs(study).values())
        return evolve(study, networks={label: n for label, n in study.networks.items() if chosen.get(label) == rate})

    def holds(self, experiment: Experiment) -> bool:
        """Whether there is a file of the experiment's run, whoever wrote it and when."""
        return self.path(experiment) is not None

    def path(self, experiment: Experiment) -> Path | None:
        """Where the experiment's run lies, or None if it is not stored."""
        return self._paths().get(experiment.key)

    def put(self, study: Study, run: Run) -> Path:
        """Write a run into the last folder, whole or not at all, and say where; a file that is there stays as it is."""
        path = self.path(run.experiment)
        if path is not None:
            read(path)
            return path
        return _write(self.folders[-1] / study.name / f"{run.key}.json", runs.to_json(run))

    def _paths(self) -> dict[str, Path]:
        """Where each run lies by its key: a run belongs to its experiment, not to the study in whose folder it is."""
        folders = (place for folder in self.folders if folder.is_dir() for place in sorted(folder.iterdir()))
        return {path.stem: path for place in folders for path in _files(place)}

    def sets(self, study: Study, dataset: str = "cifar10") -> tuple[ResultSet, ...]:
        """The complete sets of a study: the largest preset first, then the one with the most seeds."""
        study = self.planned(study)
        there = self.runs(study)
        found = []
        for preset in reversed([name for name in PRESETS if name in study.presets]):
            of_preset = []
            for backend, dtype in product(("tensorflow", "jax"), ("float32", "mixed_bfloat16")):
                wanted = study.experiments(preset, dataset=dataset, backend=backend, dtype=dtype)
                seeds = _complete_seeds(wanted, there)
                if seeds:
                    of_preset.append(ResultSet(study, preset, tuple(there[e.key] for e in wanted if e.seed in seeds)))
            found += sorted(of_preset, key=lambda s: -s.seeds)
        return tuple(found)

    def largest(self, study: Study, dataset: str = "cifar10") -> ResultSet:
        """The first of :meth:`sets`; raises Missing if no set of the study is complete."""
        found = self.sets(study, dataset)
        if not found:
            least = next(name for name in PRESETS if name in study.presets)
            self._miss(study, least, self.missing(study, least, dataset=dataset))
        return found[0]

    def missing(self, study: Study, preset: str, **changes: Any) -> tuple[Experiment, ...]:
        """The runs of a preset that are not stored, in the order in which to train them."""
        there = self.runs(study)
        return tuple(e for e in self.planned(study).experiments(preset, **changes) if e.key not in there)

    def complete(
        self,
        study: Study,
        preset: str,
        *,
        train: Callable[[Experiment], Run] | None = None,
        **changes: Any,
    ) -> ResultSet:
        """The whole set of a preset, all of its seeds. Missing runs are trained by ``train``, each stored when it ends.

        An interruption loses at most the run in flight. Without ``train``, raises Missing if a run is not there.
        ``changes`` set fields of every experiment: ``dataset="synthetic"``.
        """
        study = self.planned(study)
        missing = self.missing(study, preset, **changes)
        if missing and train is None:
            self._miss(study, preset, missing)
        for experiment in missing:
            assert train is not None
            self.put(study, train(experiment))
        there = self.runs(study)
        return ResultSet(study, preset, tuple(there[e.key] for e in study.experiments(preset, **changes)))

    def seconds(self, study: Study, experiments: Iterable[Experiment]) -> float | None:
        """How long training these would take at the speed of stored runs of such networks, or None."""
        pace = self.pace(study)
        each = [pace.seconds(e) for e in experiments]
        return None if None in each else sum(s for s in each if s is not None)

    def pace(self, *also: Study) -> Pace:
        """How fast every stored run trained, those of studies of your own with the others."""
        studies = {**STUDIES, **{study.name: study for study in also}}.values()
        return Pace.of(run for study in studies for run in self.runs(study).values())

    def check(self) -> tuple[str, ...]:
        """What is wrong with the stored files, one sentence each, naming the file; empty if nothing is."""
        problems = []
        for folder in self.folders:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                if path.parent.parent != folder or path.parent.name not in STUDIES:
                    problems.append(f"{path}: not in a folder of a study; there are {', '.join(STUDIES)}")
                    continue
                try:
                    read(path)
                except ValueError as error:
                    problems.append(str(error))
        return tuple(problems)

    def _miss(self, study: Study, preset: str, missing: tuple[Experiment, ...]) -> None:
        study, seconds = self.planned(study), self.seconds(study, missing)
        time = "an unknown time" if seconds is None else f"about {duration(seconds)}"
        labels = sorted({study.label(e.network) for e in missing})
        others = f" and {len(labels) - NAMED} more" if len(labels) > NAMED + 1 else ""
        named = ", ".join(labels[:NAMED] if others else labels) + others
        raise Missing(
            f"study {study.name!r}, preset {preset!r}: {len(missing)} of {len(study.experiments(preset))} runs are "
            f"missing ({named}); training them takes {time} at the speed of the stored runs. "
            f"Train them with `relupool train {study.name} --preset {preset}`.",
            missing,
        )


def add(paths: Iterable[Path], folder: Path = COMMITTED) -> tuple[Path, ...]:
    """Copy result files into ``folder``, under the study whose folder they lie in: all, or none if one is bad.

    A run whose code cannot be found again, because it was not committed, is bad; what is there already stays. Those of
    an older schema arrive migrated, as :func:`migrate` does it.
    """
    good = []
    for path in paths:
        study = path.resolve().parent.name
        if study not in STUDIES:
            refuse(str(path), study, f"in a folder named after its study, one of {', '.join(STUDIES)}")
        run = migrated(path)
        target = folder / study / f"{run.key}.json"
        commits = [run.provenance.get("commit"), *(entry[1] for entry in run.provenance.get("resumed", []))]
        if not target.exists() and (loose := [c for c in commits if c is None or c.endswith("+")]):
            refuse(f"{path}: commit", loose[0], "that of a clean tree: commit first, then train from a clean worktree")
        good.append((target, run))
    return tuple(target if target.exists() and read(target) else _write(target, runs.to_json(r)) for target, r in good)


def migrate(folder: Path) -> tuple[Path, ...]:
    """Bring result files of older schemas to the present one and their new keys, without training; the new files.

    All of ``folder`` is read before anything is written. What was interrupted goes on with the next call.
    """
    every = [(path, migrated(path)) for path in sorted(folder.rglob("*.json"))]
    moves = [(path, path.with_name(f"{run.key}.json"), run) for path, run in every if path.stem != run.key]
    for path, target, run in moves:
        if target.exists() and read(target) != run:
            refuse(str(path), run.key, f"the key of no other run, as {target} holds one; keep one of the two")
    for path, target, run in moves:
        _write(target, runs.to_json(run))
        path.unlink()
    return tuple(target for _, target, _ in moves)


def migrated(path: Path) -> Run:
    """The run in a result file of the present schema or an older one, under its present key; ValueError as in read."""
    data: dict[str, Any] = _load(path)
    schema, key, experiment = (data.get(name, {}) for name in ("schema", "key", "experiment"))
    if schema == SCHEMA:
        return read(path)
    if schema not in tuple(MIGRATIONS) or not key == path.stem == key_of(experiment, schema):
        refuse(str(path), key, f"a result of schema {SCHEMA} or older, whose name and key are its experiment's")
    for number in range(schema, SCHEMA):
        experiment = MIGRATIONS[number](experiment)
    return _checked(path, {**data, "schema": SCHEMA, "key": key_of(experiment, SCHEMA), "experiment": experiment})


def read(path: Path) -> Run:
    """The run in a result file; raises ValueError that names the file and what is wrong with it.

    A file is read once in a process, as long as it stays as it is.
    """
    now = path.stat()
    return _read(path, now.st_mtime_ns, now.st_size)


@cache
def _read(path: Path, *_: int) -> Run:
    run = _checked(path, _load(path))
    if path.name != f"{run.key}.json":
        raise ValueError(f"{path}: name is {path.name!r}, but must be the key of the run, {run.key}.json")
    return run


def _checked(path: Path, data: dict[str, Any]) -> Run:
    try:
        return runs.from_json(data)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _load(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path}: not a result file but damaged or foreign: {error}. Move it away, or restore it."
        ) from error
    if not isinstance(data, dict):
        raise ValueError(f"{path}: not a result file: it holds a {type(data).__name__}. Move it away, or restore it.")
    return data


def _write(path: Path, data: dict[str, Any]) -> Path:
    return write(path, (json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n").encode())


def write(path: Path, content: bytes) -> Path:
    """Write a file, whole or not at all, and its folder if need be; returns ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
    return path


def _files(folder: Path) -> list[Path]:
    """All files of a folder but those that a dead process left unfinished."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".")) if folder.is_dir() else []


def _complete_seeds(wanted: tuple[Experiment, ...], there: dict[str, Run]) -> set[int]:
    """The seeds with which every network was trained."""
    return {e.seed for e in wanted} - {e.seed for e in wanted if e.key not in there}


def _at_the_end(run: Run) -> float:
    """Final accuracy of the averaged weights; on CIFAR-10 over those test images that every copy has alike."""
    e = run.experiment
    if run.hits is None or e.dataset != "cifar10" or e.judged_on != "test":
        return run.evaluations[-1].accuracy
    return float(comparable(run.hits, e.test_images).mean())


def frame_of(runs: Iterable[tuple[Study, Run]]) -> pd.DataFrame:
    """Rows of runs, each under a study that asks for it: one for each evaluation and kind of weights.

    ``network`` is the study's label and ``architecture`` the value itself; then come the network's fields
    (:func:`~relupool.experiments.networks.fields_of`), what the run's identity and provenance say of it, and accuracy
    (from 0 to 1) and loss of "averaged" and "raw" ``weights`` at each ``step``. ``diverged_at`` is missing, or a step.
    """
    rows = [row for study, run in runs for row in _rows(study, study.preset_of(run.experiment), run)]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"diverged_at": float})
    values = {name: pd.Series([row[name] for row in rows], dtype=object) for name in VALUES}
    return frame.assign(**values)  # pandas would make strings of them, and of None a number that is none


def _rows(study: Study, preset: str, run: Run) -> list[dict[str, Any]]:
    e = run.experiment
    same = {
        "study": study.name,
        "preset": preset,
        "network": study.label(e.network),
        "architecture": e.network,
        **fields_of(e.network),
        "seed": e.seed,
        "steps": e.schedule.steps,
        "diverged_at": run.diverged_at,
        "dataset": e.dataset,
        "train_images": e.train_images,
        "test_images": e.test_images,
        "judged_on": e.judged_on,
        "dtype": e.dtype,
        "backend": e.backend,
        "device": run.device,
        "device_kind": run.provenance["device_kind"],
        "seconds": run.provenance.get("seconds"),
        "key": run.key,
        "hits": run.hits,
    }
    return [
        {**same, "step": v.step, "weights": weights, "accuracy": accuracy, "loss": loss}
        for v in run.evaluations
        for weights, accuracy, loss in (
            ("averaged", _at_the_end(run) if v.step == e.schedule.steps else v.accuracy, v.loss),
            ("raw", v.raw_accuracy, v.raw_loss),
        )
    ]
