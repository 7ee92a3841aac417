"""What the verdicts are computed from: checked propositions, stored runs, recorded times. Gathered once for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from attrs import field, frozen

from relupool.choices import PRESETS
from relupool.experiments.experiment import Study
from relupool.experiments.run import Run
from relupool.experiments.store import Store, frame_of
from relupool.experiments.studies import BY_RATE, STUDIES, chosen_rates
from relupool.measures import order_times
from relupool.measures.order_times import OrderTimes
from relupool.theory.activations import ACTIVATIONS
from relupool.theory.survey import commutes_in_mathematics, is_non_decreasing


@frozen(eq=False, kw_only=True)
class Grounds:
    """Everything that a claim can be decided by; what is not there leaves its claims open.

    ``propositions`` is the table of :func:`relupool.book.layers.checked`; ``activations`` that of
    :func:`commuting_activations`. ``runs`` has rows of the result store, those of a run under each study that asks for
    it; ``probed`` are the runs whose windows were counted. ``missing`` says of each study with missing runs which, and
    how to train them; ``rates`` is the best learning rate of each network of which it is known.
    """

    propositions: pd.DataFrame | None = None
    activations: pd.DataFrame | None = None
    runs: pd.DataFrame = field(factory=lambda: frame_of(()))
    probed: tuple[Run, ...] = ()
    times: OrderTimes | None = None
    missing: Mapping[str, str] = field(factory=dict)
    rates: Mapping[str, float] = field(factory=dict)

    def lacks(self, *names: str) -> bool:
        """Whether one of the propositions of these names was not checked."""
        checked = set() if self.propositions is None else set(self.propositions["name"])
        return not set(names) <= checked

    def proposition(self, name: str) -> pd.Series:
        """What was found of one that was checked."""
        assert self.propositions is not None
        return self.propositions.set_index("name").loc[name]

    def holds(self, name: str) -> bool:
        """Whether the search found no counterexample to it."""
        return bool(self.proposition(name)["holds"])

    def of(self, *studies: Study) -> pd.DataFrame:
        """The runs of these studies that CIFAR-10's test images judge."""
        fit = (self.runs["dataset"] == "cifar10") & (self.runs["judged_on"] == "test")
        return self.runs[fit & self.runs["study"].isin([study.name for study in studies])]


def gather(
    store: Store,
    *,
    propositions: pd.DataFrame | None = None,
    activations: pd.DataFrame | None = None,
    times: Path = order_times.RECORD,
) -> Grounds:
    """What ``store`` holds of the studies at their larger presets; ``propositions`` come from whoever imports Keras."""
    there = {
        study: tuple(run for run in store.runs(study).values() if _asked(study, run)) for study in STUDIES.values()
    }
    once = {run.key: run for runs in there.values() for run in runs}
    return Grounds(
        propositions=propositions,
        activations=activations,
        runs=frame_of((study, run) for study, runs in there.items() for run in runs),
        probed=tuple(run for run in once.values() if run.evaluations and run.evaluations[-1].probes),
        times=order_times.read(times),
        missing={study.name: lacking for study in there if (lacking := _lacking(store, study))},
        rates=chosen_rates(run for study in BY_RATE.values() for run in there[study]),
    )


def _asked(study: Study, run: Run) -> bool:
    """Whether a larger preset of the study asks for a run, on whatever backend and in whatever format of numbers."""
    e = run.experiment
    return e.dataset == "cifar10" and any(
        (e.schedule, e.train_images, e.test_images) == (p.schedule, p.train_images, p.test_images) and e.seed < p.seeds
        for p in (study.presets[name] for name in PRESETS[1:] if name in study.presets)
    )


def commuting_activations(*, trials: int = 210, seed: int = 0) -> pd.DataFrame:
    """Each elementwise activation of Keras: whether it never falls (``rises``), and commutes with max-pooling."""
    return pd.DataFrame(
        [
            (name, is_non_decreasing(name), commutes_in_mathematics(name, trials=trials, seed=seed).holds)
            for name in ACTIVATIONS
        ],
        columns=["activation", "rises", "commutes"],
    )


def _lacking(store: Store, study: Study) -> str:
    preset = "standard"
    if preset not in study.presets or not (missing := store.missing(study, preset)):
        return ""
    runs = f"{len(missing)} of {len(store.planned(study).experiments(preset))} runs"
    return f"Missing: {runs} of the study “{study.name}”; `relupool train {study.name} --preset {preset}` trains them."
