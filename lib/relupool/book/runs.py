"""What a chapter trains, or loads of what was trained: the images of this build, stored results, live training.

What a build asks for is a :class:`~relupool.book.build.Build`; a chapter that is run by hand is one at quick.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from attrs import evolve

from relupool.book.build import Build
from relupool.book.chapter import say
from relupool.experiments.data import DataRecord, Images, load
from relupool.experiments.experiment import Experiment, Study
from relupool.experiments.networks import Architecture, Network
from relupool.experiments.run import Run
from relupool.experiments.store import COMMITTED, Missing, ResultSet, Store
from relupool.experiments.studies import FIRST_ABLATIONS
from relupool.measures.runs import same_footing

# every network traces a function of its own, which TensorFlow takes for one function that is traced too often
logging.getLogger("tensorflow").addFilter(lambda record: "tf.function retracing" not in record.getMessage())


@cache
def images() -> Images:
    """The data set of this build, the same for every chapter; outside a build, the one that is at hand."""
    if record := Build.from_environ().data:
        return load(DataRecord.read(record))
    found = load()
    if found.name == "synthetic":  # in a build, the page says so
        say("**Synthetic images stand in for CIFAR-10 here.** The numbers are not those of CIFAR-10.")
    return found


def store() -> Store:
    """The stored results: the book's own, and those of this machine."""
    return Store(COMMITTED, Build.from_environ().results)


def results(study: Study) -> ResultSet:
    """The set of results of ``study`` that this build shows: a stored one, or in a fresh build one trained now.

    Raises :class:`~relupool.experiments.store.Missing` where none is stored that is complete.
    """
    build = Build.from_environ()
    if not build.fresh:
        return stored(study, build.preset)
    own = Store(build.results)  # what was trained on this machine stays, so that an interrupted build goes on
    return own.complete(study, build.preset, train=lambda e: _trained(e, study.label(e.network))[1], **_now())


def results_together(*studies: Study) -> tuple[ResultSet, ...]:
    """Sets of several studies that may stand beside each other, as this build shows them; what is missing is left out.

    See :func:`~relupool.measures.runs.same_footing`. In a fresh build, or one at another preset than quick, a
    study counts only with the set that :func:`results` gives.
    """
    build = Build.from_environ()
    sets: list[list[ResultSet]] = []
    for study in studies:
        if not build.fresh and build.preset == "quick":
            sets.append(list(store().sets(study)))
            continue
        try:
            sets.append([results(study)] if build.preset in study.presets else [])
        except Missing:
            sets.append([])
    return same_footing(sets)


def stored(study: Study, preset: str) -> ResultSet:
    """The stored set that a build at ``preset`` shows: the largest there is at quick, else one of that preset."""
    if preset == "quick":
        return store().largest(study)
    found = [results for results in store().sets(study) if results.preset == preset]
    return found[0] if found else store().complete(study, preset)


def network_live(network: Network, *, label: str, **changes: Any) -> tuple[Any, Run]:
    """Train one network now, as the first ablations do at quick: the Keras model, averaged weights, and its run.

    ``changes`` set fields of the experiment: ``schedule=Schedule(steps=60)``. Prints one line. Nothing is stored.
    """
    only = evolve(FIRST_ABLATIONS, networks={label: network})
    return _trained(only.experiments("quick", **_now() | changes)[0], label)


def kept_conv1(label: str) -> tuple[Any, int, str]:
    """The first layer of a network whose weights the book keeps, in float32; that network's steps, and its tag."""
    from relupool.experiments import weights

    run = weights.kept(store())[label]
    layer = weights.load(run.experiment, store(), dtype="float32").get_layer("conv1")
    steps = run.experiment.schedule.steps
    return layer, steps, f"network of CIFAR-10, {steps:,} steps, one seed"


def kept_probes(*labels: str) -> dict[str, list[dict[str, Any]]]:
    """What probes measure at both convolutions of networks that the book keeps, in float32; {} without CIFAR-10."""
    if images().name != "cifar10":
        return {}
    from relupool.experiments import probes, training, weights

    kept, found = weights.kept(store()), {}
    for label in kept.keys() & set(labels):
        e = kept[label].experiment
        assert isinstance(e.network, Architecture)  # the only kind of network that is probed
        x, _ = training.tested(e, images())
        model = weights.load(e, store(), dtype="float32")
        found[label] = list(probes.probe(model, e.network, x[: training.PROBED]).values())
    return found


def _now() -> dict[str, Any]:
    """What an experiment of this build is run on and with."""
    return {"dataset": images().name, "backend": Build.from_environ().backend}


def _trained(experiment: Experiment, label: str) -> tuple[Any, Run]:
    from relupool.experiments.training import trained  # imports Keras, which few chapters need

    network, run = trained(experiment, images())
    end = f"{run.evaluations[-1].accuracy:.1%} right" if run.diverged_at is None else f"diverged at {run.diverged_at}"
    time = f"{experiment.schedule.steps:,} steps in {run.provenance['seconds']:.0f} s"
    print(f"{label}, seed {experiment.seed}: {time}, {end}")
    return network, run
