"""What is to be trained, in which order, and until when: ``relupool train``. How to train, it is told."""

from __future__ import annotations

import math
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from relupool import files
from relupool.experiments import weights
from relupool.experiments.checkpoint import Claims, drop, foreign
from relupool.experiments.experiment import Experiment, Study
from relupool.experiments.pace import Pace, Speed, duration, multiply_adds
from relupool.experiments.run import Run
from relupool.experiments.store import Store
from relupool.validation import refuse


@frozen
class Task:
    """One run, and the studies in whose preset it stands."""

    studies: tuple[Study, ...]
    preset: str
    experiment: Experiment

    def __str__(self) -> str:
        e, study = self.experiment, self.studies[0]
        dtype = "" if study.preset(self.preset).dtypes == (e.dtype,) else f", {e.dtype}"
        return f"{study.name}: {study.label(e.network)}, seed {e.seed}{dtype}"

    @property
    def keeps_weights(self) -> bool:
        """Whether one of the studies wants the weights of this seed."""
        return any(study.weights_of == self.experiment.seed for study in self.studies)


Batch = tuple[Task, ...]
"""Tasks that are trained together, nearly always one."""


def tasks(
    studies: Iterable[Study],
    preset: str,
    store: Store,
    *,
    only: Iterable[str] = (),
    seeds: int | None = None,
    **changes: Any,
) -> tuple[Task, ...]:
    """The runs that are not stored, one seed of everything first, and among those the cheapest networks.

    A run that several studies ask for is there once.

    ``only`` are patterns such as ``"average pool*"``, one of which a network's label must match; ``seeds`` keeps the
    first few of each network. Raises ValueError for a pattern that no label matches.
    """
    studies, only = tuple(studies), tuple(only)
    labels = dict.fromkeys(label for study in studies for label in study.networks)
    chosen = {pattern: {label for label in labels if fnmatchcase(label.lower(), pattern.lower())} for pattern in only}
    for pattern, matching in chosen.items():
        if not matching:
            refuse("only", pattern, f"a pattern that a network's label matches; there are {', '.join(labels)}")
    if seeds is not None and seeds < 1:
        refuse("seeds", seeds, "at least 1")
    wanted = set().union(*chosen.values()) if only else set(labels)
    asking: dict[Experiment, list[Study]] = {}
    for study in studies:
        for e in store.missing(study, preset, **changes):
            if study.label(e.network) in wanted and (seeds is None or e.seed < seeds):
                asking.setdefault(e, []).append(study)

    def work_of(e: Experiment) -> float:
        return e.schedule.steps * e.schedule.batch_size * multiply_adds(e.network)

    return tuple(Task(tuple(asking[e]), preset, e) for e in sorted(asking, key=lambda e: (e.seed, work_of(e))))


def batches(todo: Iterable[Task], grouped: Callable[[Sequence[Experiment]], list[list[Experiment]]]) -> list[Batch]:
    """The tasks, ordered by seed, in batches, each of which ``grouped`` says one program can train.

    The first seed of all comes first, since only sets with a seed of every network count, then those up to the third,
    which decides claims, then the others.
    """
    by_experiment = {task.experiment: task for task in todo}
    parts = groupby(by_experiment, key=lambda e: (e.seed > 0) + (e.seed > 2))
    return [tuple(by_experiment[e] for e in group) for _, part in parts for group in grouped(tuple(part))]


class Stop(Exception):
    """Raised between two pieces of a run to end it there, its checkpoint written; says why."""


@define
class Watch:
    """When to stop: ``limit`` seconds after ``started``, or when a signal has come, whose number is then ``signal``."""

    limit: float | None = None
    started: float = field(factory=time.monotonic)
    signal: int | None = None

    def check(self, next_piece: float = 0.0) -> None:
        """Raise :class:`Stop` if it is time, or will be before ``next_piece`` seconds of work are done."""
        if self.signal is not None:
            raise Stop(f"Stopped by {signal.Signals(self.signal).name}")
        if self.limit is not None and time.monotonic() - self.started + next_piece > self.limit:
            raise Stop(f"Stopped before {duration(self.limit)} were over")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block SIGINT and SIGTERM are noted; the second one ends the process as it always would."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def note(number: int, _: Any) -> None:
            self.signal = number
            restore()

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            restore()


@define
class Progress:
    """Tells how a batch gets on, by the speed of its last pieces, and asks the watch whether it should."""

    batch: Batch
    watch: Watch
    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    last: deque[tuple[float, int]] = field(init=False, factory=lambda: deque(maxlen=20))
    step: int = 0

    def __call__(self, experiment: Experiment, step: int, loss: float) -> None:
        if step == self.step:  # another run of the batch has told it
            return
        self.step, schedule = step, experiment.schedule
        self.last.append((self.clock(), step))
        (then, first), (now, _) = self.last[0], self.last[-1]
        others = f" and {len(self.batch) - 1} more" if len(self.batch) > 1 else ""
        line = f"{self.batch[0]}{others}: step {step:,} of {schedule.steps:,}, loss {loss:.3f}"
        if now == then:  # the first piece holds the compilation
            self.tell(line)
            self.watch.check()
            return
        rate = (step - first) / (now - then)
        images = rate * schedule.batch_size * len(self.batch)
        self.tell(f"{line}, {images:,.0f} images/s, {duration((schedule.steps - step) / rate)} left")
        self.watch.check(self.last[-1][0] - self.last[-2][0])

    def speed(self, device: str) -> Speed | None:
        """The speed of each run in the pieces seen last, if there were two: its share of what they took."""
        if len(self.last) < 2:
            return None
        (then, first), (now, step) = self.last[0], self.last[-1]
        return Speed.of(self.batch[0].experiment, device, (now - then) / len(self.batch), step - first)


@frozen
class Outcome:
    """What is ``left``: ``seconds`` for the tasks whose time can be told, ``unknown`` others; ``why`` it ended."""

    left: tuple[Task, ...]
    seconds: float = 0.0
    unknown: int = 0
    why: str = ""

    def __str__(self) -> str:
        if not self.left:
            return "Nothing is left to train."
        runs = "1 run is left" if len(self.left) == 1 else f"{len(self.left)} runs are left"
        if self.unknown == len(self.left):
            return f"{runs}; nothing like it was timed yet."
        others = f", without {self.unknown} that are like nothing timed yet" if self.unknown else ""
        return f"{runs}: about {duration(self.seconds)} at the speed measured here{others}."


OnProgress = Callable[[Experiment, int, float], None]
OnRun = Callable[[Run, Mapping[str, Any]], None]
Train = Callable[[Sequence[Experiment], OnProgress, OnRun], Any]

ELSEWHERE = "Another process has what is left in hand"
BEGUN = "What is left was begun on another machine"


def work(
    todo: Sequence[Batch],
    store: Store,
    train: Train,
    *,
    checkpoints: Path,
    machine: Mapping[str, Any],
    elsewhere: bool = False,
    watch: Watch,
    tell: Callable[[str], None],
    report: Callable[[str], None],
) -> Outcome:
    """Train one batch after the other, each run stored when it ends, until none is left or ``watch`` says stop.

    ``train(experiments, on_progress, on_run)`` must write ``checkpoints`` when ``on_progress`` raises, and before
    ``on_run``; a checkpoint goes when its run is stored. A batch that another process has claimed is passed over, and
    so is one that was stored meanwhile, and a run that was begun on another machine than this ``machine``, unless it
    may go on ``elsewhere``; what another machine has in hand that shows no sign of life is trained in the end. ``tell``
    is given a line after every piece, ``report`` one after every run.
    """
    everything = {task.experiment: task for batch in todo for task in batch}
    pace, device = store.pace(), machine["device"]
    away: set[Task] = set()
    claims = Claims(checkpoints)
    claims.tidy(store.paths())
    progress = Progress((), watch, tell)

    def left(some: Iterable[Task] = everything.values()) -> Batch:
        stored = store.paths()
        return tuple(task for task in some if task.experiment.key not in stored)

    def done(run: Run, averages: Mapping[str, Any]) -> None:
        nonlocal pace
        task = everything[run.experiment]
        if task.keeps_weights and averages:
            weights.put(store, task.studies[0], run, averages)
        else:
            store.put(task.studies[0], run)
        drop(checkpoints, run.key)
        pace = Pace((*pace.speeds, *Pace.of([run]).speeds))
        report(f"{task}: {outcome(run)}. {remaining(left(), pace, device)}")

    def at_home(task: Task) -> bool:
        if why := "" if elsewhere else foreign(checkpoints, task.experiment, dict(machine)):
            away.add(task)
            report(f"{task}: passed over. {why}")
        return not why

    def attempt(batch: Batch) -> str:
        """Train a batch if it may be trained; the other machine that has it, or ""."""
        nonlocal progress
        progress = Progress(batch, watch, tell)
        watch.check()
        keys = [task.experiment.key for task in batch]
        with claims.on(keys) as mine:
            if not mine:
                return claims.far(keys)
            for key in keys:
                weights.sweep(store, key)
                files.sweep(checkpoints / f"{key}.npz")
            if wanted := [task.experiment for task in left(batch) if at_home(task)]:
                train(wanted, progress, done)
        return ""

    try:
        if far := {batch: host for batch in todo if (host := attempt(batch))}:
            hosts = ", ".join(sorted(set(far.values())))
            report(f"{len(far)} of these are in hand on {hosts}. Waiting {duration(files.LEASE)} for a sign of life.")
            for _ in range(math.ceil(files.LEASE) + 1):
                watch.check()
                time.sleep(1)
            for batch in far:
                attempt(batch)
    except Stop as stop:
        if progress.batch and (measured := progress.speed(device)):
            pace = Pace((*pace.speeds, measured))
        in_hand = {task.experiment: progress.step for task in progress.batch}
        return remaining(left(), pace, device, done=in_hand, why=str(stop))
    return remaining(left(), pace, device, why=BEGUN if away.issuperset(left()) else ELSEWHERE)


def remaining(
    todo: Batch,
    pace: Pace,
    device: str,
    *,
    done: Mapping[Experiment, int] | None = None,
    why: str = "",
) -> Outcome:
    """What is left of ``todo``, where ``done`` gives the steps that are done of runs in hand."""
    each = [pace.seconds(task.experiment, device) for task in todo]
    shares = [1 - (done or {}).get(task.experiment, 0) / task.experiment.schedule.steps for task in todo]
    known = [seconds * share for seconds, share in zip(each, shares, strict=True) if seconds is not None]
    return Outcome(todo, sum(known), len(each) - len(known), why if todo else "")


def outcome(run: Run) -> str:
    """How a run ended, in words."""
    if run.diverged_at is None:
        end = f"{run.evaluations[-1].accuracy:.1%} of the {run.experiment.judged_on} images right"
    else:
        end = f"diverged at step {run.diverged_at:,}"
    return f"{end} after {duration(run.provenance['seconds'])}"
