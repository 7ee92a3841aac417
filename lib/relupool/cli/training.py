"""``relupool train`` and ``relupool status``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from relupool.cli.common import Backend, Preset, errors
from relupool.validation import refuse

if TYPE_CHECKING:
    from relupool.experiments.run import Run
    from relupool.experiments.study import Study


def train(
    study: Annotated[str, typer.Argument(help="The study's name, such as first-ablations.")],
    preset: Preset = "standard",
    backend: Backend = "tensorflow",
    dataset: Annotated[str, typer.Option(help="cifar10 or synthetic.")] = "cifar10",
) -> None:
    """Train what is missing of a study, into _build/results; stop and start it as you like."""
    from relupool.experiments.data import load
    from relupool.experiments.store import Store

    with errors():
        chosen, store = _study(study), Store.default()
        wanted = {"dataset": dataset, "backend": backend}
        missing = store.missing(chosen, preset, **wanted)
        print(f"{len(missing)} of {len(chosen.experiments(preset, **wanted))} runs to train")
        if not missing:
            return
        os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")  # read when Keras is imported
        from relupool.experiments import training

        images = load("synthetic" if dataset == "synthetic" else None)
        for experiment in missing:
            run = training.train(experiment, images)
            path = store.put(chosen, run)
            print(f"{chosen.label(experiment.network)}, seed {experiment.seed}: {_outcome(run)}, {path}", flush=True)


def status(preset: Preset = "standard") -> None:
    """Say for each study how many runs of a preset are stored, and how long the others would take."""
    from relupool.experiments.store import Store
    from relupool.experiments.studies import STUDIES

    with errors():
        store = Store.default()
        for study in STUDIES.values():
            if preset in study.presets:
                missing, wanted = store.missing(study, preset), study.experiments(preset)
                seconds = store.seconds(study, missing)
                time = "" if not missing else f", {seconds / 3600:.1f} hours to go" if seconds else ", time unknown"
                print(f"{study.name}, {preset}: {len(wanted) - len(missing)} of {len(wanted)} runs{time}")


def _study(name: str) -> Study:
    from relupool.experiments.studies import STUDIES

    if name not in STUDIES:
        refuse("study", name, f"one of {', '.join(STUDIES)}")
    return STUDIES[name]


def _outcome(run: Run) -> str:
    seconds = run.provenance["seconds"]
    if run.diverged_at is not None:
        return f"diverged at step {run.diverged_at} after {seconds:.0f} s"
    return f"{run.evaluations[-1].accuracy:.1%} of the test images right after {seconds:.0f} s"
