"""``make test-kills``: ``relupool train`` in a process of its own, killed where it may hurt most, and started again.

What is stored in the end is what a process stores that nobody kills, byte for byte but for :data:`slurm.OWN` and the
digest over it; nothing else is left, and nothing goes on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from slurm import copy_of_the_book, stored
from test_contained import gone

TRAIN = ("train", "baseline", "--preset", "quick", "--dataset", "synthetic")
PROGRAM = """
import os
import numpy as np
from attrs import evolve
from relupool.cli import app, training
from relupool.experiments import data
from relupool.experiments.experiment import Schedule
from relupool.experiments.studies import BASELINE, STUDIES

training.EVERY = 0  # a line for each piece of 50 steps
schedule = Schedule(steps=200, evaluate_at=(100, 200), batch_size=8, learning_rate=0.003)
preset = evolve(BASELINE.presets["quick"], seeds=2, schedule=schedule, test_images=100)
STUDIES["baseline"] = evolve(BASELINE, presets={"quick": preset}, weights_of=0)
x = np.tile(np.random.default_rng(0).integers(0, 256, (1_000, 32, 32, 3), "uint8"), (50, 1, 1, 1))
y = np.arange(50_000) % 10
noise = data.Images(x, y, x[:100], y[:100], name="synthetic", sha256="0" * 64, note="quicker to make")
data.load = lambda folder: noise
flush, calls = os.fsync, []

def fsync(descriptor):
    flush(descriptor)
    calls.append(descriptor)
    if len(calls) == int(os.environ.get("DIES_AT", 0)):
        os.kill(os.getpid(), 9)

os.fsync = fsync
app()
"""

WRITES = (
    *(("checkpoints", 1), ("checkpoints", 1), ("weights", 1)),
    ("baseline", 3),  # after the weights, which are written again
)
"""What a run writes, by its folder, and as which flush to the disk since it was started again."""


def start(folder: Path, *command: str, **variables: str) -> subprocess.Popen[str]:
    """Start training in ``folder``, which is where it keeps everything."""
    environment = {**os.environ, "RELUPOOL_RESULTS": str(folder / "results"), "PYTHONUNBUFFERED": "1", **variables}
    words = command or (sys.executable, "-c", PROGRAM, *TRAIN)
    return subprocess.Popen(
        words, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def end(process: subprocess.Popen[str]) -> str:
    """What it says; nothing may be left to train."""
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def kill_after(process: subprocess.Popen[str], part: str, lines: int = 1) -> None:
    """Kill it, and it alone, when it has said so many lines with this ``part``; what it has started ends with it."""
    for line in process.stdout:
        lines -= part in line
        if not lines:
            break
    assert lines == 0, "it ended before"
    started = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=20)
    psutil.wait_procs(started, timeout=20)
    assert all(map(gone, started))


def unfinished(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.rglob(".*")]


def whole(folder: Path) -> tuple[dict, dict]:
    """The runs and the weights in a folder that holds no more."""
    weights = {path.name: path.read_bytes() for path in folder.glob("weights/*")}
    runs = stored(folder / "results")
    assert len([path for path in folder.rglob("*") if path.is_file()]) == len(runs) + len(weights)
    return runs, weights


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, dict]:
    folder = tmp_path_factory.mktemp("unkilled")
    end(start(folder))
    runs, weights = found = whole(folder)
    assert (len(runs), len(weights)) == (2, 1)
    return found


def test_killed_before_and_after_the_name_of_whatever_it_writes(tmp_path: Path, unkilled: tuple):
    for name, flush in WRITES:
        for after in (False, True):
            process = start(tmp_path, DIES_AT=str(flush + after))
            said, _ = process.communicate(timeout=120)
            assert process.returncode == -9, said
            assert unfinished(tmp_path) == ([] if after else [name]), said
    assert list(tmp_path.glob("checkpoints/*.npz")), "the checkpoint went before it was known that the run is stored"
    assert end(start(tmp_path)).startswith("1 run to train")
    assert whole(tmp_path) == unkilled


def test_killed_from_outside_as_it_gets_on(tmp_path: Path, unkilled: tuple):
    for part, lines in (("to train", 1), (": step ", 3), (": step ", 3)):
        kill_after(start(tmp_path), part, lines)
    end(start(tmp_path))
    assert whole(tmp_path) == unkilled


def test_a_graph_of_runs_is_killed_and_its_jobs_with_it(tmp_path: Path):
    book = copy_of_the_book(tmp_path / "book")
    train = (sys.executable, "-m", "relupool.cli", *TRAIN)
    own = {"PYTHONPATH": str(book / "lib")}
    end(start(book, *train, RELUPOOL_RESULTS=str(tmp_path / "here"), **own))
    # the second to say so is the job, which then starts its backend
    kill_after(start(book, *train, "--profile", "profiles/default", **own), "1 run to train", 2)
    assert not stored(book / "results")
    end(start(book, *train, "--profile", "profiles/default", **own))
    assert stored(book / "results") == stored(tmp_path / "here") != {}
