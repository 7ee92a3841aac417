import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from relupool.instruments import bench
from relupool.running.side_by_side import shares, side_by_side
from test_contained import gone

needs_two_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="two cores that can be shared out"
)


def confined_to(asked):
    return asked, os.sched_getaffinity(0)


def wait_for_a_signal(folder):
    caught = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: caught.append(n))
    (folder / str(os.getpid())).touch()
    while not caught:
        time.sleep(0.01)
    time.sleep(0.2)  # time for one too many
    return caught


def wait():
    print(os.getpid(), flush=True)
    time.sleep(60)


def die(how):
    os.kill(os.getpid(), how)


def test_every_core_is_dealt_out_once(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3, 4}, raising=False)
    assert shares(1) == ((0, 1, 2, 3, 4),)
    assert shares(2) == ((0, 2, 4), (1, 3))


def test_more_processes_than_cores_are_refused_and_where_cores_cannot_be_dealt_out_more_than_one(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    for jobs in (0, -1, 3):
        with pytest.raises(ValueError, match=f"jobs is {jobs}, but must be at least 1 and at most 2"):
            shares(jobs)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert len(shares(1)) == 1
    with pytest.raises(ValueError, match="at most 1"):
        shares(2)
    with pytest.raises(ValueError, match="members is 1, but must be at least 2; cores that can be shared out here: 1"):
        bench.jobs(busy=True)


@needs_two_cores
def test_each_process_has_its_cores_and_answers():
    cores = shares(2)
    assert side_by_side(confined_to, cores, "given") == [("given", set(own)) for own in cores]


@needs_two_cores
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_each_process_once(number, tmp_path):
    def send():
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    sender = threading.Thread(target=send)
    sender.start()
    assert side_by_side(wait_for_a_signal, shares(2), tmp_path) == [[number], [number]]
    sender.join()
    assert signal.getsignal(number) is before


@needs_two_cores
def test_a_process_that_dies_is_reported():
    with pytest.raises(ChildProcessError, match=r"2 of 2 processes died, with exit codes \[-9, -9\]"):
        side_by_side(die, shares(2), signal.SIGKILL)


@needs_two_cores
def test_processes_end_with_the_one_that_started_them():
    code = "import test_side_by_side as t; t.side_by_side(t.wait, t.shares(2))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE) as parent:
        started = [psutil.Process(int(parent.stdout.readline())) for _ in range(2)]
        parent.kill()
    psutil.wait_procs(started, timeout=10)
    assert all(map(gone, started))


@needs_two_cores
def test_an_error_of_a_process_is_raised_here_as_it_was(tmp_path, capfd):
    with pytest.raises(FileNotFoundError) as error:
        side_by_side(os.remove, shares(2), tmp_path / "none")
    assert error.value.filename == str(tmp_path / "none")
    assert "Traceback" not in capfd.readouterr().err


@needs_two_cores
@pytest.mark.book  # three processes that import TensorFlow
def test_one_program_on_all_cores_is_timed_beside_several_that_share_them():
    table = bench.jobs(steps=1, rounds=1, busy=True, members=2)
    assert list(table["contender"]) == [
        f"one program, cores: {len(os.sched_getaffinity(0))}",
        "programs side by side: 2",
    ]
    alone, several = table["images_per_second"]
    assert list(table["ratio"]) == [1, pytest.approx(several / alone)]
