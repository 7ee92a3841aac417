"""Files: whole or not there, proved by their digest, read with suspicion, claimed by one process at a time."""

import errno
import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from filelock import Timeout
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tiny_cifar10
from relupool import files
from relupool.experiments import checkpoint as checkpoints
from relupool.experiments import cifar10, store, weights
from relupool.experiments.data import DataRecord
from relupool.experiments.experiment import Experiment
from relupool.measures import order_times
from test_order_times import MEASURED
from test_store import TINY, made_up

CASES = 60
"""With how many foreign files each reader is fuzzed."""

RECORD = DataRecord(name="synthetic", sha256="0" * 64, how="synthetic", why=("No network.",))


def test_a_file_is_whole_or_as_it_was_and_nothing_else_is_left(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "file"
    for content in (b"first", "sécond"):
        assert files.write_whole(path, content) == path
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail(*_):
        assert path.read_text() == "sécond"
        raise full

    def write(harm):
        with files.writing(path) as file:
            file.write(b"third")
            if harm == "write":
                fail()

    for harm in ("write", "fsync", "replace"):
        with monkeypatch.context() as harmed:
            if harm != "write":
                harmed.setattr(os if harm == "fsync" else type(path), harm, fail)
            with pytest.raises(OSError, match="No space left") as error:
                write(harm)
        assert error.value.filename == str(path)
        assert (path.read_text(), os.listdir(path.parent)) == ("sécond", ["file"])


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(os.listdir(tmp_path)))
    files.write_whole(tmp_path / "file", b"content")
    unfinished, named = done
    assert named == ["file"] and len(unfinished) == 1
    assert unfinished[0].startswith(f".file.{socket.gethostname()[:30]}.")


def test_what_was_left_unfinished_is_swept_and_nothing_else(tmp_path):
    for name in (".file.json.123", ".file.json.host.0a1b", ".other.json.123", "file.json", ".file.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / ".file.json.folder").mkdir()
    files.sweep(tmp_path / "file.json")
    assert sorted(os.listdir(tmp_path)) == [".file.jsonl", ".other.json.123", "file.json"]


def test_a_device_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="not a file that can be replaced"):
            files.write_whole(path, b"")


def test_only_regular_files_of_a_bounded_size_are_read_and_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(11))
    for name, message in (("pipe", "not a regular file"), ("large", "more than 10 bytes")):
        with pytest.raises(ValueError, match=message):
            files.read_whole(tmp_path / name, 10)
    assert files.read_whole(tmp_path / "large", 11) == bytes(11)


def test_json_says_everything_once():
    assert files.parse('{"a": [{"a": 1.5}]}') == {"a": [{"a": 1.5}]}
    for text, message in (
        ('[{"b": 1, "a": 2, "a": 2}]', "'a' stands there twice"),
        ('{"a": NaN}', "NaN"),
        ("-Infinity", "Inf"),
    ):
        with pytest.raises(ValueError, match=message):
            files.parse(text)


# --- what is stored proves itself -------------------------------------------------------------------------------------


def stored_files(folder):
    """A result, weights and times as they are stored, each with the function that reads it."""
    run = made_up(TINY.experiments("quick")[0])
    result = weights.put(store.Store(folder / "results"), TINY, run, {"bias": np.arange(40, dtype="float16")})
    kept = weights.place(result)
    digest = store.read(result).provenance[weights.DIGEST]
    order_times.write(MEASURED, folder / "times.json")
    return {result: store.read, kept: lambda path: weights.read(path, digest), folder / "times.json": order_times.read}


def test_no_byte_of_what_is_stored_can_change_unnoticed(tmp_path):
    """Every byte of three files, each time another of its bits; and each file cut, or longer."""
    for path, read in stored_files(tmp_path).items():
        read(path)
        whole = path.read_bytes()
        with path.open("r+b", buffering=0) as file:
            for place, byte in enumerate(whole):
                os.pwrite(file.fileno(), bytes([byte ^ 1 << place % 8]), place)
                with pytest.raises(ValueError, match=path.name):
                    read(path)
                os.pwrite(file.fileno(), bytes([byte]), place)
            read(path)
            for length in (*range(len(whole) - 1, -1, -97), len(whole) + 1):
                file.truncate(length)
                with pytest.raises(ValueError, match=path.name):
                    read(path)


def readers(folder):
    """Every reader of files that others may have written: where the file lies, a good one, and the reader."""
    e = Experiment()
    shape = {"variables": (np.arange(3.0),), "started": "then", "seconds": 0.0}
    kept = checkpoints.write(folder, e, checkpoints.Checkpoint(step=1, **shape))
    tiny_cifar10.write(folder)
    batch = folder / cifar10.FOLDER / "test_batch.bin"
    choice = folder / "data.json"
    choice.write_text(RECORD.to_json())

    return {
        **stored_files(folder),
        kept: lambda path: checkpoints.read(folder, e, {}),
        batch: lambda path: cifar10.read(folder, tiny_cifar10.TINY),
        choice: DataRecord.read,
    }


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def foreign(draw, whole):
    """Bytes that could lie where ``whole`` lay: any at all, a part of it changed, or its JSON with a part replaced."""
    if draw(st.booleans()):
        at, length = draw(st.integers(0, len(whole))), draw(st.integers(0, 9))
        return draw(
            st.binary(max_size=200) | st.binary(max_size=9).map(lambda new: whole[:at] + new + whole[at + length :])
        )
    try:
        values = files.unsealed(whole) if whole.startswith(files.BEFORE) else files.parse(whole)
    except ValueError:
        return draw(st.binary(max_size=200))
    place = values
    while isinstance(place, (dict, list)) and place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
            place[key] = draw(TREES)
            break
        place = place[key]
    try:
        return files.sealed(values)  # its digest is right, so that what it says must be looked at
    except ValueError:
        return json.dumps(values).encode()


@pytest.mark.parametrize("which", range(6), ids=["result", "weights", "times", "checkpoint", "images", "choice"])
def test_whatever_lies_there_is_read_or_refused_by_name(which, tmp_path):
    path, read = list(readers(tmp_path).items())[which]
    whole = path.read_bytes()

    @settings(
        max_examples=CASES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(foreign(whole))
    def fuzz(content):
        path.write_bytes(content)
        refusal = ""
        try:
            read(path)
        except ValueError as error:
            refusal = str(error)
        assert not refusal or (path.name in refusal and "\n" not in refusal)

    fuzz()


ODD = {
    "a folder": lambda path: path.mkdir(),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a pipe": os.mkfifo,
    "deep JSON": lambda path: path.write_bytes(files.BEFORE + b"[" * 100_000),
    "deep and bare": lambda path: path.write_text('{"a":' * 100_000),
    "large": lambda path: (path.touch(), os.truncate(path, 2**31)),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_file_at_all_is_refused_by_name_and_at_once(odd, tmp_path):
    for path, read in readers(tmp_path).items():
        path.unlink()
        ODD[odd](path)
        if odd == "a link to nowhere" and path.parent == tmp_path and path.name != "data.json":
            assert read(path) is None  # there is no checkpoint, and no record of times
            continue
        with pytest.raises(ValueError, match=path.name):
            read(path)


# --- claims -----------------------------------------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from relupool import files
with files.lease(Path(sys.argv[1]), wait=False):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_a_lease_is_one_process_s_at_a_time_and_nobody_s_when_that_dies(tmp_path):
    path = tmp_path / "claim"
    command = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(Timeout), files.lease(path, wait=False):
            pass
        other.kill()
        other.wait()
        with files.lease(path, wait=False):
            assert path.exists()
    assert not path.exists()


def of_another_machine(path):
    """A claim as another machine makes it."""
    with files.lease(path, wait=False) as held:
        record = path.read_text()
    path.write_text(
        record.replace(f"host={socket.gethostname()}", "host=node17").replace(f"pid={os.getpid()}", "pid=1")
    )
    assert held.owner.hostname == "node17"


def test_a_lease_of_another_machine_is_taken_over_only_after_a_long_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LEASE", 0.2)
    path = tmp_path / "claim"
    of_another_machine(path)
    waiting = files.lease(path, wait=False)
    for sign_of_life in (True, True, False):
        with pytest.raises(Timeout), waiting:
            pass
        time.sleep(0.25)
        if sign_of_life:
            os.utime(path, (seen := path.stat().st_mtime + 1, seen))
    with waiting:
        assert waiting.owner.pid == os.getpid()
