"""Half-trained networks on disk, ``<folder>/<key>.npz``: what an interrupted run needs to go on as if it had not been.

A checkpoint belongs to one experiment on one machine, and goes when the run is stored. One that is damaged, or
another's, is refused by name and never used; one of another machine is used where that is asked for.
"""

from __future__ import annotations

import datetime
import io
import json
import socket
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import asdict, evolve, field, frozen

from relupool import files
from relupool.experiments.experiment import Experiment
from relupool.experiments.run import Evaluation

if TYPE_CHECKING:
    from filelock import SoftFileLease

SAME = ("device", "device_kind", "processor", "backend_version", "keras", "precision")
"""What must be as it was, of the machine's provenance, for the numbers to go on bit for bit."""

EVERY = 60.0
"""Seconds of work after which a checkpoint is due."""

MOST = 2**30
"""Bytes that a checkpoint has at most."""

START_OVER = "Remove it to start over."


@frozen(kw_only=True, eq=False)
class Checkpoint:
    """A run after ``step`` steps.

    ``variables`` are those of the network and then those of its optimizer, in Keras' order. ``started`` is when the run
    began, and on what ``began``, ``seconds`` what it has worked since, and on what last, ``machine``. ``resumed`` holds
    (step, commit) for each time that it went on, and as a third the machine where that was another one than before.
    """

    step: int
    variables: tuple[np.ndarray, ...]
    evaluations: tuple[Evaluation, ...] = ()
    losses: tuple[tuple[int, float], ...] = ()
    started: str
    seconds: float
    began: dict[str, Any] = field(factory=dict)
    machine: dict[str, Any] = field(factory=dict)
    resumed: tuple[tuple[Any, ...], ...] = ()


class Elsewhere(ValueError):
    """A checkpoint was written by another machine or by other versions."""


def place(folder: Path | str, experiment: Experiment) -> Path:
    """Where the checkpoint of an experiment lies."""
    return Path(folder) / f"{experiment.key}.npz"


def write(folder: Path | str, experiment: Experiment, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all, over the one before; returns its path."""
    path = place(folder, experiment)
    fields = asdict(checkpoint, filter=lambda attribute, _: attribute.name != "variables")
    header = json.dumps({**fields, "key": experiment.key, "variables": len(checkpoint.variables)})
    arrays = {f"v{i}": variable for i, variable in enumerate(checkpoint.variables)}
    with files.writing(path) as file:
        np.savez(file, header=np.array(header), **arrays)  # type: ignore[arg-type]
    return path


def read(
    folder: Path | str, experiment: Experiment, machine: dict[str, Any], *, elsewhere: bool = False
) -> Checkpoint | None:
    """The checkpoint of an experiment, or None where there is none.

    Raises ValueError that names the file if it is damaged or is not this experiment's, and :class:`Elsewhere` if it was
    written by another machine or by other versions than those of ``machine``, unless ``elsewhere`` allows that.
    """
    path = place(folder, experiment)
    if not path.exists():
        return None
    with files.suspect(path, f"not a checkpoint, or a damaged one: {{}}. {START_OVER}"):
        with np.load(io.BytesIO(files.read_whole(path, MOST)), allow_pickle=False) as file:
            header = files.parse(str(file["header"]))
            header["variables"] = tuple(file[f"v{i}"] for i in range(header["variables"]))
        key = header.pop("key")
        header["evaluations"] = tuple(Evaluation(**evaluation) for evaluation in header["evaluations"])
        header |= {name: tuple(map(tuple, header[name])) for name in ("losses", "resumed")}
        checkpoint = Checkpoint(**header)
    if key != experiment.key:
        raise ValueError(f"{path}: the checkpoint of another experiment, {key}. {START_OVER}")
    then, now = ({name: made.get(name) for name in SAME} for made in (checkpoint.machine, machine))
    if (others := [name for name in SAME if then[name] != now[name]]) and not elsewhere:
        there, here = ({name: made[name] for name in others} for made in (then, now))
        raise Elsewhere(
            f"{path}: a checkpoint of another machine: {there}, here {here}. `relupool train --resume-elsewhere` goes "
            f"on with it here. {START_OVER}"
        )
    return checkpoint


def foreign(folder: Path | str, experiment: Experiment, machine: dict[str, Any]) -> str:
    """What :class:`Elsewhere` says of an experiment's checkpoint, or ""; raises ValueError for a damaged one."""
    try:
        read(folder, experiment, machine)
    except Elsewhere as error:
        return str(error)
    return ""


def drop(folder: Path | str, key: str) -> None:
    """Remove the checkpoint of a run, and what was left unfinished of one: the run is stored."""
    path = Path(folder) / f"{key}.npz"
    path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)  # with which runs were claimed before there were leases
    files.sweep(path)


class Claims:
    """Which runs this process alone may train, of those with checkpoints in ``folder``; see :func:`files.lease`."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.leases: dict[str, SoftFileLease] = {}

    @contextmanager
    def on(self, keys: Collection[str]) -> Iterator[bool]:
        """Within the block these runs are this process's alone; False if another process has one of them."""
        from filelock import Timeout

        with ExitStack() as held:
            try:
                for key in keys:
                    if key not in self.leases:
                        self.leases[key] = files.lease(self.folder / f"{key}.lease", wait=False)
                    held.enter_context(self.leases[key])
            except Timeout:
                held.close()
                yield False
            else:
                yield True

    def far(self, keys: Collection[str]) -> str:
        """The other machine that has one of these runs in hand, or had it when it died; "" if there is none."""
        owners = [lease.owner for key in keys if (lease := self.leases.get(key)) is not None and not lease.is_locked]
        hosts = [owner.hostname.partition("?")[0] for owner in owners if owner is not None]
        return next((host for host in hosts if host != socket.gethostname()), "")

    def tidy(self, stored: Collection[str]) -> None:
        """Drop the checkpoints of runs that are stored: who wrote one died before dropping it."""
        left = {path.name.lstrip(".").partition(".")[0] for path in self.folder.glob("*")}
        for key in left.intersection(stored):
            with self.on([key]) as mine:
                if mine:
                    drop(self.folder, key)


class Keeper:
    """Keeps checkpoints of one run in ``folder``; in none, if that is None.

    ``variables`` are Keras variables. If there is a checkpoint they are given its values, and :attr:`last` is it;
    otherwise :attr:`last` is the start of the run. ``machine`` is the provenance of what this process computes. Raises
    ValueError as :func:`read` does.
    """

    def __init__(
        self,
        folder: Path | str | None,
        experiment: Experiment,
        variables: Sequence[Any],
        machine: dict[str, Any],
        *,
        elsewhere: bool = False,
    ) -> None:
        self.folder, self.experiment, self.variables, self.machine = folder, experiment, variables, machine
        self.clock = self.written = time.perf_counter()
        last = None if folder is None else read(folder, experiment, machine, elsewhere=elsewhere)
        if last is None:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            self.last = Checkpoint(step=0, variables=(), started=now, seconds=0.0, began=machine)
            return
        if [v.shape for v in last.variables] != [tuple(v.shape) for v in variables]:
            path = place(str(folder), experiment)
            raise ValueError(f"{path}: written by other code: its variables are others. {START_OVER}")
        for variable, value in zip(variables, last.variables, strict=True):
            variable.assign(value)
        before, here = ({name: made[name] for name in made if name != "commit"} for made in (last.machine, machine))
        entry = (last.step, machine.get("commit"), *([] if here == before else [here]))
        self.last = evolve(last, began=last.began or last.machine, resumed=(*last.resumed, entry))

    @property
    def due(self) -> bool:
        """Whether a minute's work has been done since the last checkpoint."""
        return time.perf_counter() - self.written >= EVERY

    @property
    def seconds(self) -> float:
        """How long the run has been worked on."""
        return self.last.seconds + time.perf_counter() - self.clock

    @property
    def provenance(self) -> dict[str, Any]:
        """On what the run began, when, how long it took, and after which steps, by what commits, on what it went on."""
        resumed = {"resumed": [list(entry) for entry in self.last.resumed]} if self.last.resumed else {}
        return {**self.last.began, "started": self.last.started, "seconds": round(self.seconds, 1), **resumed}

    def write(self, step: int, evaluations: Sequence[Evaluation], losses: Sequence[tuple[int, float]]) -> None:
        """Write the variables as they are, as those after ``step`` steps."""
        if self.folder is not None:
            now = evolve(
                self.last,
                step=step,
                variables=tuple(np.asarray(v) for v in self.variables),
                evaluations=tuple(evaluations),
                losses=tuple(losses),
                seconds=self.seconds,
                machine=self.machine,
            )
            write(self.folder, self.experiment, now)
            self.written = time.perf_counter()
