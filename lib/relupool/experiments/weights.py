"""Averaged weights of trained networks, for a look inside: ``weights/<key>.npz`` beside the folder of results.

A file holds one array in float16 for each variable of the network, by its path in it and in Keras' order; the run's
record holds the file's SHA-256. Only runs of a seed that a study names (``Study.weights_of``) keep theirs.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve

from relupool import files
from relupool.experiments import store as stores
from relupool.experiments.data import Images
from relupool.experiments.experiment import Experiment, Study
from relupool.experiments.run import Run
from relupool.experiments.store import Store
from relupool.experiments.studies import STUDIES
from relupool.validation import refuse

MOST = 2**28
"""Bytes that a file of weights has at most."""

DIGEST = "weights_sha256"
"""Where a run's provenance has the SHA-256 of its file."""


def place(result: Path) -> Path:
    """Where the weights of the run in a result file lie."""
    return result.parents[2] / "weights" / f"{result.stem}.npz"


def named(network: Any) -> dict[str, np.ndarray]:
    """The weights of a Keras model in float16 by their paths in it, such as "conv1/kernel", in Keras' order."""
    # the name that Keras gives the model itself counts the models before it
    return {"/".join(v.path.split("/")[-2:]): np.asarray(v).astype("float16") for v in network.weights}


def put(store: Store, study: Study, run: Run, weights: Mapping[str, np.ndarray]) -> Path:
    """Store a run as :meth:`Store.put` does, with its weights, each file whole or not at all."""
    file = io.BytesIO()
    np.savez(file, **weights)  # type: ignore[arg-type]
    content = file.getvalue()
    files.write_whole(place(store.folders[-1] / study.name / run.key), content)
    return store.put(study, evolve(run, provenance={**run.provenance, DIGEST: hashlib.sha256(content).hexdigest()}))


def add(paths: Iterable[Path], folder: Path | None = None) -> tuple[Path, ...]:
    """Copy result files into ``folder``, under the study whose folder they lie in: all, or none if one is bad.

    The weights that they keep come with them. A run whose code cannot be found again, because it was not committed, is
    bad, and so is another run of what is there; the same run that is there stays.
    """
    folder, good = folder or stores.COMMITTED, []
    for path in paths:
        study = path.resolve().parent.name
        if study not in STUDIES:
            refuse(str(path), study, f"in a folder named after its study, one of {', '.join(STUDIES)}")
        run = stores.read(path)
        target, digest = folder / study / f"{run.key}.json", run.provenance.get(DIGEST)
        commits = [run.provenance.get("commit"), *(entry[1] for entry in run.provenance.get("resumed", []))]
        loose = [commit for commit in commits if commit is None or commit.endswith("+")]
        if target.exists():
            stores.check_same(target, run)
        elif loose:
            refuse(f"{path}: commit", loose[0], "that of a clean tree: commit first, then train from a clean worktree")
        good.append((target, run, digest and _content(place(path.resolve()), digest)))
    for target, run, content in good:
        stores.write_run(target, run)
        if content:
            files.write_whole(place(target), content)
    return tuple(target for target, _, _ in good)


def kept(store: Store) -> dict[str, Run]:
    """Every stored run that keeps its weights, by its network's label, such as "untouched", and by its key.

    A label that several have is left out.
    """
    by_key: dict[str, Run] = {}
    by_label: dict[str, list[Run]] = {}
    for study in (study for study in STUDIES.values() if study.weights_of is not None):
        for run in store.runs(study).values():
            if DIGEST in run.provenance and run.key not in by_key:
                by_key[run.key] = run
                by_label.setdefault(study.label(run.experiment.network), []).append(run)
    return {label: runs[0] for label, runs in by_label.items() if len(runs) == 1} | by_key


def load(experiment: Experiment, store: Store | None = None, *, dtype: str | None = None) -> Any:
    """The network of a stored run as a Keras model with its averaged weights, as they are in float16.

    ``dtype`` is what it computes in, the run's own if None. Raises ValueError if the run is not stored or keeps no
    weights, or, naming the file, if they are not those that the run left.
    """
    from relupool.experiments.models import build  # imports Keras

    store = store or Store.default()
    path = store.path(experiment)
    digest = path and stores.read(path).provenance.get(DIGEST)
    if path is None or not digest:
        refuse("experiment", experiment.key, f"a stored run that keeps its weights: {', '.join(kept(store)) or 'none'}")
    network = build(experiment.network, dtype=dtype or experiment.dtype, seed=experiment.seed)
    arrays = read(place(path), digest)
    holds, has = ([(name, a.shape, a.dtype.name) for name, a in each.items()] for each in (arrays, named(network)))
    if holds != has:
        raise ValueError(f"{place(path)}: its arrays are {holds}, but those of the network are {has}")
    for variable, value in zip(network.weights, arrays.values(), strict=True):
        variable.assign(value)
    return network


def read(path: Path, digest: str) -> dict[str, np.ndarray]:
    """The arrays of a file by name; raises ValueError that names it if it is not the one with this SHA-256."""
    content = io.BytesIO(_content(path, digest))
    with files.suspect(path, "not a file of weights: {}"), np.load(content, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _content(path: Path, digest: str) -> bytes:
    with files.suspect(path, f"{{}}, but its run left weights with the SHA-256 {digest}. Restore it."):
        content = files.read_whole(path, MOST)
        if (found := hashlib.sha256(content).hexdigest()) != digest:
            raise ValueError(f"its SHA-256 is {found}")
    return content


def check(store: Store) -> tuple[str, ...]:
    """What is wrong with the weights of the stored runs, one sentence each; empty if nothing is."""
    problems = []
    for path in store.paths().values():
        if digest := stores.read(path).provenance.get(DIGEST):
            try:
                read(place(path), digest)
            except ValueError as error:
                problems.append(str(error))
    return tuple(problems)


def sweep(store: Store, key: str) -> None:
    """Remove what a process that died left unfinished of a run in the store; for whoever alone trains it."""
    folder = store.folders[-1]
    for left in (*folder.glob(f"*/.{key}.json.*"), *folder.parent.glob(f"weights/.{key}.npz.*")):
        left.unlink(missing_ok=True)


def accuracy(experiment: Experiment, images: Images, store: Store | None = None) -> float:
    """The part, 0 to 1, of the test images that the network of a stored run gets right with the weights that it keeps.

    Raises ValueError as :func:`load` does, and if the images are not those of the experiment's data set.
    """
    from relupool.experiments import training  # imports Keras

    training.check_data(experiment, images)
    return training.measured(load(experiment, store), *training.tested(experiment, images))[1]
