"""``relupool train``."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from relupool import files
from relupool.cli.options import Backend, Preset, run_on
from relupool.validation import refuse

if TYPE_CHECKING:
    from relupool.experiments.experiment import Experiment, Study
    from relupool.experiments.store import Store
    from relupool.running import campaign
    from relupool.running.campaign import Task
    from relupool.running.ensemble import How

LEFT = 3
"""Exit code where time is over and runs are left; a signal's is 128 and its number."""

EVERY = 60.0
"""Seconds between two lines of progress in a file; on a screen one line is written over and over."""


def train(
    study: Annotated[str, typer.Argument(help='The study\'s name, such as first-ablations, or "all".')],
    preset: Preset = "standard",
    only: Annotated[
        list[str] | None, typer.Option(help='Networks by their labels, such as "average pool*"; may be repeated.')
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="Only the first so many seeds.")] = None,
    for_: Annotated[str | None, typer.Option("--for", help="Stop after this time: 90s, 25m, 1h30m.")] = None,
    backend: Backend = "tensorflow",
    dataset: Annotated[str, typer.Option(help="cifar10 or synthetic.")] = "cifar10",
    dtype: Annotated[
        str | None, typer.Option(help="float32 or mixed_bfloat16, as a set of its own; otherwise the preset's.")
    ] = None,
    resume_elsewhere: Annotated[
        bool, typer.Option("--resume-elsewhere", help="Go on with what another machine, or another version, has begun.")
    ] = False,
    how: Annotated[
        str | None,
        typer.Option(help="Several networks at once under JAX: each, vmap, map, calls; fastest measures first."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train also what the book has stored, beside what it has.")
    ] = False,
    key: Annotated[list[str] | None, typer.Option(help="Only the run of this key; may be repeated.")] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Train as jobs of the Snakefile, by this profile: profiles/slurm.")
    ] = None,
    per_job: Annotated[
        int | None,
        typer.Option(help="With --profile, runs that each job trains in turn; else so many that starting it is 5 %."),
    ] = None,
) -> None:
    """Train what is missing of a study, into _build/results; stop and start it as you like.

    One seed of everything comes first. SIGINT and SIGTERM stop it after the steps in hand, and the next call goes on
    from there. Several calls at once share the work. Ends with code 0 if nothing is left, 3 if something is, 128 + N
    after the signal N.
    """
    from relupool.running import campaign

    started = time.monotonic()
    limit = None if for_ is None else seconds(for_)
    chosen = _studies(study, preset)
    wanted = {"dataset": dataset, "backend": backend} | ({} if dtype is None else {"dtype": dtype})
    todo = campaign.tasks(chosen, preset, _store(fresh), only=only or (), seeds=seeds, **wanted)
    if key:
        todo = _only(key, todo, [e for one in chosen for e in one.experiments(preset, **wanted)])
    if profile and limit is not None:
        refuse("--profile", str(profile), "without --for, which is for training in this process")
    if per_job is not None and (per_job < 1 or not profile):
        refuse("--per-job", per_job, "at least 1, and with --profile")
    print("1 run to train" if len(todo) == 1 else f"{len(todo)} runs to train", flush=True)
    if not todo:
        return
    if profile:
        words = [study, "--dataset", dataset, *(["--dtype", dtype] if dtype else []), *(["--how", how] if how else [])]
        words += ["--resume-elsewhere"] * resume_elsewhere + ["--fresh"] * fresh
        together = per_job or _store(fresh).pace().per_job(task.experiment for task in todo)
        _graph(profile, todo, words, together, preset=preset, backend=backend)
    run_on(backend)
    if price := _price(todo):
        print(price, flush=True)
    ended, number = work(todo, started, limit, resume_elsewhere, fresh, chosen_way(how, backend))
    if ended.left:
        print(f"{ended.why}. {ended}", flush=True)
    if number is not None:
        raise typer.Exit(128 + number)
    if ended.left:
        raise typer.Exit(LEFT)


def _only(keys: list[str], todo: tuple[Task, ...], asked: Sequence[Experiment]) -> tuple[Task, ...]:
    """Those of the tasks that have these keys, each of which must be one of the runs that are ``asked`` for."""
    for key in set(keys) - {e.key for e in asked}:
        refuse("--key", key, "the key of a run of this study and preset")
    return tuple(task for task in todo if task.experiment.key in keys)


def _graph(profile: Path, todo: tuple[Task, ...], words: list[str], per_job: int, **build: str) -> NoReturn:
    """Become the Snakemake that runs ``relupool train`` with these ``words`` for so many of the tasks at a time."""
    from relupool.experiments.cifar10 import ROOT

    # a job goes by its last run, which is there when all are
    jobs = {job[-1]: job for job in (todo[i : i + per_job] for i in range(0, len(todo), per_job))}
    keys = {last.experiment.key: [task.experiment.key for task in job] for last, job in jobs.items()}
    plan = json.dumps({"words": words, "jobs": keys})
    name = hashlib.sha256(plan.encode()).hexdigest()[:16]
    plans = files.write_whole(ROOT / "_build" / "training" / f"{name}.json", plan).relative_to(ROOT)
    results = os.environ.get("RELUPOOL_RESULTS") or "_build/results"
    targets = [f"{results}/{last.studies[0].name}/{last.experiment.key}.json" for last in jobs]
    config = [*(f"{name}={value}" for name, value in build.items()), f"training={plans}"]
    command = ["-m", "snakemake", "--workflow-profile", str(profile.resolve()), "--config", *config, "--", *targets]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *command])  # no process between it and its signals


def _price(todo: tuple[Task, ...]) -> str:
    """What it costs to train these on a processor without bfloat16 of its own, and what to choose instead, or ""."""
    from relupool.experiments import machine

    runs = sum(task.experiment.dtype == "mixed_bfloat16" for task in todo)
    # asking for the device starts the backend
    if not runs or machine.native_bfloat16() is not False or machine.machine()["device_kind"] != "cpu":
        return ""
    return (
        f"{'1 run' if runs == 1 else f'{runs} runs'} in mixed_bfloat16, but this processor has no bfloat16 of its own: "
        "it trains the example about 9 times slower than in float32 (56 instead of 519 images/s, measured with "
        "TensorFlow on 2 cores of Zen 3). Train on a processor that has it (avx512_bf16 or amx_bf16 among its flags) "
        "or on a GPU, or choose `--dtype float32`, which makes a set of its own."
    )


def chosen_way(how: str | None, backend: str) -> How | None:
    """How several networks are trained at once, measured if it is "fastest"; None is what is usual on this device."""
    if how is None:
        return None
    from relupool.instruments import bench
    from relupool.running.ensemble import HOWS

    named = {way: way for way in HOWS}
    if backend != "jax" or how not in (*HOWS, "fastest"):
        refuse("--how", f"{how} with {backend}", f"one of {', '.join(HOWS)} and fastest, with jax")
    if how in named:
        return named[how]

    table = bench.ensemble(steps=20, rounds=3, busy=True)
    print(table.to_string(index=False), flush=True)
    return bench.fastest(table)


def work(
    todo: tuple[Task, ...],
    started: float,
    limit: float | None,
    elsewhere: bool = False,
    fresh: bool = False,
    how: How | None = None,
) -> tuple[campaign.Outcome, int | None]:
    """Train in this process; what is left, and the signal that ended it."""
    from relupool.experiments.data import load
    from relupool.experiments.machine import machine
    from relupool.running import campaign
    from relupool.running.ensemble import together, train_many

    store, watch, line = _store(fresh), campaign.Watch(limit, started), _Line()
    checkpoints = store.folders[-1].parent / "checkpoints"
    with watch.listening():
        images = load("synthetic" if todo[0].experiment.dataset == "synthetic" else None)
        ended = campaign.work(
            campaign.batches(todo, partial(together, how=how)),
            store,
            lambda experiments, on_progress, on_run: train_many(
                experiments,
                images,
                on_progress=on_progress,
                on_run=on_run,
                checkpoints=checkpoints,
                elsewhere=elsewhere,
                how=how,
            ),
            checkpoints=checkpoints,
            machine=machine(),
            elsewhere=elsewhere,
            watch=watch,
            tell=line.write,
            report=line.keep,
        )
    line.end()
    return ended, watch.signal


class _Line:
    """The line of progress: written over on a screen, else one now and then."""

    def __init__(self) -> None:
        self.screen, self.next, self.width = sys.stdout.isatty(), 0.0, 0

    def write(self, text: str) -> None:
        if self.screen:
            print("\r" + text.ljust(self.width), end="", flush=True)
            self.width = len(text)
        elif time.monotonic() >= self.next:
            print(text, flush=True)
            self.next = time.monotonic() + EVERY

    def keep(self, text: str) -> None:
        print(("\r" if self.width else "") + text.ljust(self.width), flush=True)
        self.width = 0

    def end(self) -> None:
        if self.width:
            print(flush=True)


def _store(fresh: bool) -> Store:
    """Where runs are looked for and put: all that are stored or, where everything is trained anew, this machine's."""
    from relupool.experiments.store import Store

    store = Store.default()
    return Store(store.folders[-1]) if fresh else store


def seconds(text: str) -> float:
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    if not text or found is None:
        refuse("--for", text, "a time such as 90s, 25m or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _studies(name: str, preset: str) -> tuple[Study, ...]:
    from relupool.choices import PRESETS
    from relupool.experiments.studies import STUDIES

    if preset not in PRESETS:
        refuse("preset", preset, f"one of {', '.join(PRESETS)}")
    if name == "all":
        return tuple(study for study in STUDIES.values() if preset in study.presets)
    if name not in STUDIES:
        refuse("study", name, f"one of {', '.join(STUDIES)}, or 'all'")
    STUDIES[name].preset(preset)
    return (STUDIES[name],)
