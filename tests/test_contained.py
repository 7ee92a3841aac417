"""Claims die with their process, and what a chapter or a build has started ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from relupool.book import contained

HOLD = """
import sys, subprocess
from relupool.book import contained
contained.alone(sys.argv[1], "works")
for line in sys.argv[2:]:
    print(subprocess.Popen([sys.executable, "-c", line], start_new_session=True).pid)
print("ready", flush=True)
sys.stdin.read()
"""
SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, re; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; re.match(r'(a+)+b', 'a' * 60)"
FORKS = "import os, time; os.fork(); os.setsid(); os.fork(); time.sleep(600)"


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_claim_is_refused_to_others_and_ends_with_it(tmp_path: Path):
    refused = pytest.raises(ValueError, match=r"^another process works: wait until it has ended, or end it$")
    with contained.claim(tmp_path / "new" / "claim", "works"), refused:
        contained.claim(tmp_path / "new" / "claim", "works")
    contained.claim(tmp_path / "new" / "claim", "works").release()


def test_after_a_kill_nothing_goes_on_and_the_claim_is_free(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "claim"), SLEEP, DEAF, FORKS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        *pids, ready = [holder.stdout.readline().strip() for _ in range(4)]
        assert ready == "ready"
        started = [psutil.Process(int(pid)) for pid in pids]
        assert not any(map(gone, started))
        with pytest.raises(ValueError, match="another process works"):
            contained.claim(tmp_path / "claim", "works")
        holder.kill()
    contained.claim(tmp_path / "claim", "works").release()
    psutil.wait_procs(started, timeout=20)
    assert all(map(gone, started))


def test_only_what_bears_the_mark_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(contained.MARK, "/outer")
    marked, watcher = contained.watch()
    assert marked[contained.MARK].startswith("/outer/")
    other = {contained.MARK: f"{marked[contained.MARK]}0"}
    processes = [
        subprocess.Popen([sys.executable, "-c", SLEEP], env=os.environ | added)
        for added in ({}, other, marked, {contained.MARK: f"{marked[contained.MARK]}/inner"})
    ]
    with watcher:
        assert [process.poll() for process in processes] == [None] * 4
    ended = [process.poll() for process in processes]
    for process in processes:
        process.kill()
        process.wait()
    assert ended[:2] == [None, None]
    assert [process.returncode for process in processes] == [-9] * 4
    assert None not in ended[2:]
