"""What a chapter trains, or loads of what was trained: the images of this build, stored results, live training.

A build says by environment variables what it wants: RELUPOOL_DATASET, RELUPOOL_RESULTS, RELUPOOL_PRESET and
RELUPOOL_FRESH. Without them, a chapter that is run by hand is one of a build at quick.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve

from relupool.book.chapter import say
from relupool.experiments.data import DataRecord, Images, load
from relupool.experiments.experiment import PRESETS, Experiment, Study
from relupool.experiments.networks import Network
from relupool.experiments.run import Run
from relupool.experiments.store import Missing, ResultSet, Store
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.measures.runs import same_footing
from relupool.validation import refuse

# every network traces a function of its own, which TensorFlow takes for one function that is traced too often
logging.getLogger("tensorflow").addFilter(lambda record: "tf.function retracing" not in record.getMessage())


def preset() -> str:
    """The size of training that this build asks for: "quick", "standard" or "paper"."""
    wanted = os.environ.get("RELUPOOL_PRESET", "quick")
    if wanted not in PRESETS:
        refuse("RELUPOOL_PRESET", wanted, "one of " + ", ".join(PRESETS))
    return wanted


def fresh() -> bool:
    """Whether this build trains again what its figures show, instead of loading stored results."""
    wanted = os.environ.get("RELUPOOL_FRESH", "0")
    if wanted not in ("0", "1"):
        refuse("RELUPOOL_FRESH", wanted, "0 or 1")
    return wanted == "1"


@cache
def images() -> Images:
    """The data set of this build, the same for every chapter; outside a build, the one that is at hand."""
    if record := os.environ.get("RELUPOOL_DATASET"):
        return load(DataRecord.from_json(Path(record).read_text(encoding="utf-8")))
    found = load()
    if found.name == "synthetic":  # in a build, the page says so
        say("**Synthetic images stand in for CIFAR-10 here.** The numbers are not those of CIFAR-10.")
    return found


def store() -> Store:
    """The stored results: the book's own, and those of this machine."""
    return Store.default()


def results(study: Study) -> ResultSet:
    """The set of results of ``study`` that this build shows: a stored one, or in a fresh build one trained now.

    Raises :class:`~relupool.experiments.store.Missing` where none is stored that is complete.
    """
    if not fresh():
        return stored(study, preset())
    own = Store(store().folders[-1])  # what was trained on this machine stays, so that an interrupted build goes on
    now = {"dataset": images().name, "backend": _backend()}
    return own.complete(study, preset(), train=lambda e: _train(e, study.label(e.network)), **now)


def results_together(*studies: Study) -> tuple[ResultSet, ...]:
    """Sets of several studies that may stand beside each other, as this build shows them; what is missing is left out.

    See :func:`~relupool.measures.runs.same_footing`. In a fresh build, or one at another preset than quick, a
    study counts only with the set that :func:`results` gives.
    """
    found: list[list[ResultSet]] = []
    for study in studies:
        if not fresh() and preset() == "quick":
            found.append(list(store().sets(study)))
            continue
        try:
            found.append([results(study)] if preset() in study.presets else [])
        except Missing:
            found.append([])
    return same_footing(found)


def stored(study: Study, preset: str) -> ResultSet:
    """The stored set that a build at ``preset`` shows: the largest there is at quick, else one of that preset."""
    if preset == "quick":
        return store().largest(study)
    found = [results for results in store().sets(study) if results.preset == preset]
    return found[0] if found else store().complete(study, preset)


def train_live(study: Study, *labels: str, **changes: Any) -> ResultSet:
    """Train some networks of ``study`` now, at quick, on the images of this build; all of them if none is named.

    ``changes`` set fields of each experiment: ``seed=3``. Prints one line for each network. Nothing is stored.
    """
    for label in labels:
        if label not in study.networks:
            refuse("label", label, f"of a network of the study {study.name!r}: {', '.join(study.networks)}")
    few = evolve(study, networks={label: study.networks[label] for label in labels or study.networks})
    experiments = few.experiments("quick", **{"dataset": images().name, "backend": _backend(), **changes})
    return ResultSet(
        few, "quick", tuple(_train(experiment, few.label(experiment.network)) for experiment in experiments)
    )


def network_live(network: Network, *, label: str, study: Study = FIRST_ABLATIONS, **changes: Any) -> tuple[Any, Run]:
    """Train one network now, at the quick preset of ``study``: the Keras model, averaged weights, and its run.

    ``changes`` set fields of the experiment: ``schedule=Schedule(steps=60)``. Prints one line. Nothing is stored.
    """
    only = evolve(study, networks={label: network})
    now = {"dataset": images().name, "backend": _backend(), **changes}
    return _trained(only.experiments("quick", **now)[0], label)


def _train(experiment: Experiment, label: str) -> Run:
    return _trained(experiment, label)[1]


def _trained(experiment: Experiment, label: str) -> tuple[Any, Run]:
    from relupool.experiments.training import trained  # imports Keras, which few chapters need

    network, run = trained(experiment, images())
    end = f"{run.evaluations[-1].accuracy:.1%} right" if run.diverged_at is None else f"diverged at {run.diverged_at}"
    time = f"{experiment.schedule.steps:,} steps in {run.provenance['seconds']:.0f} s"
    print(f"{label}, seed {experiment.seed}: {time}, {end}")
    return network, run


def _backend() -> str:
    return os.environ.get("KERAS_BACKEND", "tensorflow")
