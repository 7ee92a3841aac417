"""A claim that dies with its process, and an end for all that a chapter or a build has started, however that one ends.

Processes inherit a mark in their environment. A watcher, which is this module as a program, waits for the end of its
input: that comes when whoever started it closes it, or is killed. It then kills all that bear the mark, children that
went their own way and kernels that hear nothing too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from filelock import FileLock, Timeout

MARK = "RELUPOOL_WITHIN"

_held: list[Any] = []  # for as long as this process lives


def claim(file: Path | str, what: str) -> FileLock:
    """The claim on ``file``, until it is released or this process ends; ValueError where another process has it."""
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(file)
        lock.acquire(blocking=False)
    except Timeout:
        raise ValueError(f"another process {what}: wait until it has ended, or end it") from None
    return lock


def watch() -> tuple[dict[str, str], subprocess.Popen[bytes]]:
    """A variable for the environment of what is to end together, and the watcher: a context in which it may live."""
    mark = f"{os.environ.get(MARK, '')}/{uuid4().hex}"
    command = [sys.executable, "-m", "relupool.book.contained", mark]
    # in a session of its own: what ends this process by a signal to its group must not end the watcher
    return {MARK: mark}, subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def alone(file: Path | str, what: str) -> None:
    """Claim ``file`` for this process, as long as it lives; what it starts from now on ends with it."""
    _held.append(claim(file, what))
    marked, watcher = watch()
    _held.append(watcher)
    os.environ.update(marked)


def end(mark: str) -> None:
    """Kill all processes that bear ``mark``, or one that begins with it, and those that they start meanwhile."""
    for _ in range(20):
        found = [process for process in psutil.process_iter() if _bears(process, mark)]
        if not found:
            return
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1)


def _bears(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != os.getpid() and f"{process.environ().get(MARK)}/".startswith(f"{mark}/")
    except (psutil.Error, OSError):  # it has ended, or is another user's
        return False


if __name__ == "__main__":
    sys.stdin.buffer.read()
    end(sys.argv[1])
