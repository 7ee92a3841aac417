"""Several processes side by side, each on cores of its own.

Cores that share the steps of one small network wait for each other at every operation; with a network each they do not.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from relupool.validation import refuse

Cores = tuple[int, ...]


def shares(jobs: int) -> tuple[Cores, ...]:
    """The cores that this process may use, dealt out to ``jobs`` processes.

    Raises ValueError if there are not that many, or if the system (macOS) cannot give a process cores of its own.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    if not 1 <= jobs <= len(cores):
        refuse("jobs", jobs, f"at least 1 and at most {len(cores)}, the cores that can be shared out here")
    return tuple(tuple(cores[i::jobs]) for i in range(jobs))


def side_by_side(work: Callable[..., Any], cores: Sequence[Cores], *arguments: Any) -> list[Any]:
    """What ``work(*arguments)`` returns in processes started for it, one on each of the ``cores``.

    They end with this process. SIGINT and SIGTERM are passed on to them, each signal once. An error that one of them
    ends with is raised here; ChildProcessError if one dies.
    """
    spawn = multiprocessing.get_context("spawn")
    processes, answers = [], []
    for own in cores:
        receiving, sending = spawn.Pipe(duplex=False)
        process = spawn.Process(target=_confined, args=(own, sending, work, arguments), daemon=True)
        process.start()
        sending.close()  # the process has its own; when it dies, nobody can write any more
        processes.append(process)
        answers.append(receiving)

    def pass_on(number: int, _: Any) -> None:
        for process in processes:
            assert process.pid is not None
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        found = [_answer(receiving) for receiving in answers]
        for process in processes:
            process.join()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if died := [process.exitcode for process in processes if process.exitcode]:
        raise ChildProcessError(f"{len(died)} of {len(processes)} processes died, with exit codes {died}; see above")
    for error in (answer for answer in found if isinstance(answer, Exception)):
        raise error
    return found


def _answer(receiving: Connection) -> Any:
    with suppress(EOFError):
        return receiving.recv()


def _confined(own: Cores, sending: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.setsid()  # a terminal's Ctrl-C is for the parent, which passes it on
    os.sched_setaffinity(0, own)
    try:
        answer = work(*arguments)
    except (ValueError, LookupError, OSError) as error:
        answer = error
    sending.send(answer)
    sys.stdout.flush()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
