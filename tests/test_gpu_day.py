"""``relupool gpu-day`` in the small, as it will be: a copy without .git and TensorFlow, killed half-way, adopted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import ROOT
from relupool.experiments import store

COMMIT = "0123456789" * 4
TINY = """
from attrs import evolve
from relupool.cli import app, day
from relupool.experiments import studies
from relupool.experiments.experiment import Schedule
from relupool.instruments import bench

bench.BATCH, day.MEASURED, day.PLAN = 2, {"steps": 1, "rounds": 1, "members": 2}, (("baseline", "quick", 3),)
schedule = Schedule(steps=400, evaluate_at=(400,), batch_size=8, learning_rate=0.003)
presets = studies.BASELINE.presets
presets["quick"] = evolve(presets["quick"], seeds=3, schedule=schedule, test_images=100)
if __name__ == "__main__":
    app()
"""

pytestmark = [pytest.mark.book, pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")]


def test_a_day_that_is_killed_goes_on_and_its_runs_are_adopted(tmp_path: Path):
    book, day = tmp_path / "book", tmp_path / "day"
    for part in ("lib", "data"):
        shutil.copytree(ROOT / part, book / part, ignore=shutil.ignore_patterns("__pycache__"))
    (book / "chapters").mkdir()
    chapters = [path for start in ("05", "A_") for path in ROOT.glob(f"chapters/{start}*.ipynb")]
    for path in chapters:
        shutil.copy(path, book / "chapters")
    (book / "lib/sitecustomize.py").write_text("import sys; sys.modules['tensorflow'] = None")
    (book / "tiny.py").write_text(TINY)
    left_out = ("KERAS_BACKEND", "RELUPOOL_DATA", "RELUPOOL_RESULTS")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {"PYTHONPATH": str(book / "lib"), "RELUPOOL_COMMIT": COMMIT, "PYTHONUNBUFFERED": "1"}

    def command(*words: str) -> subprocess.Popen[str]:
        words = (sys.executable, "tiny.py", *words)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(words, cwd=book, env=environment, start_new_session=True, **pipes)

    def runs() -> list[Path]:
        return sorted(day.glob("results/baseline/*.json"))

    asked = ("gpu-day", str(day), "--for", "10m", "--device", "cpu", "--dataset", "synthetic")
    first = command(*asked)
    while not runs() and first.poll() is None:
        time.sleep(0.05)
    assert first.poll() is None, first.communicate()[0]
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    before = {path: path.read_bytes() for path in runs()}
    assert json.loads((day / "day.json").read_text())["trained"] == []

    second = command(*asked)
    said = second.communicate(timeout=300)[0]
    assert second.returncode == 0, said
    told = json.loads((day / "day.json").read_text())
    assert told["how"] in {way["contender"].split()[-1] for way in told["ways"]}
    assert told["trained"] == [
        {"study": "baseline", "preset": "quick", "seeds": 3, "left": 0, "why": "", "signal": None}
    ]
    for path in chapters:  # 05 pools with strides, without which Keras 3.15 fails under JAX
        made = json.loads((day / "chapters" / path.stem / "record.json").read_text())
        assert (made["backend"], made["commit"]) == ("jax", COMMIT), said
    assert len(runs()) == 3 and before.items() <= {path: path.read_bytes() for path in runs()}.items()
    for run in map(store.read, runs()):
        assert (run.provenance["commit"], run.provenance["how"]) == (COMMIT, told["how"])
    adopting = command("results", "add", *map(str, runs()))
    assert adopting.communicate()[0].count(str(book / "data/results/baseline")) == 3
    assert {path.name for path in runs()} <= {path.name for path in book.glob("data/results/baseline/*")}
