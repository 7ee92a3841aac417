"""The choice of the data set: made once, verified, told with its reasons; and what is done to every image."""

from __future__ import annotations

import contextlib
import errno
import functools
import gzip
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import numpy as np
import pytest
from attrs import evolve

import tiny_cifar10
from relupool.experiments import cifar10, data
from relupool.experiments.cifar10 import ARCHIVE, FOLDER
from relupool.experiments.data import DataRecord, central_crop, load, resolve, standardize
from tiny_cifar10 import FILES, TAR, TINY


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RELUPOOL_DATA", "RELUPOOL_MIRRORS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tiny data set, whole."""
    return tiny_cifar10.write(tmp_path)


@pytest.fixture
def server(tmp_path: Path):
    """The address of a server, and the folder that it serves."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    served = tmp_path / "served"
    served.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served)) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", served
        running.shutdown()
        thread.join()


def test_a_folder_asked_for_by_name_is_never_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELUPOOL_DATA", str(folder / "nowhere"))
    with pytest.raises(ValueError, match=r"nowhere does not exist; name the folder that holds cifar-10-batches-bin"):
        resolve(raw=folder, archive=TINY)
    monkeypatch.setenv("RELUPOOL_DATA", str(folder / FOLDER / "test_batch.bin"))
    with pytest.raises(ValueError, match=r"test_batch\.bin is a file, not a folder"):
        resolve(raw=folder, archive=TINY)
    assert resolve(folder, raw=folder / "raw", archive=TINY).how == "folder"  # the argument goes before


def test_a_folder_then_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = resolve(raw=folder, archive=TINY)
    assert (cached.name, cached.how, cached.folder, cached.notice) == ("cifar10", "cache", str(folder), "")
    monkeypatch.setenv("RELUPOOL_DATA", str(folder))
    assert resolve(raw=folder / "raw", archive=TINY) == evolve(cached, how="folder")


def test_a_download_is_unpacked_and_kept(server, tmp_path: Path) -> None:
    address, served = server
    (served / ARCHIVE).write_bytes(TAR)
    raw = tmp_path / "data" / "raw"
    record = resolve(raw=raw, archive=evolve(TINY, urls=(*TINY.urls, f"{address}/{ARCHIVE}")))  # the first is dead
    assert (record.name, record.how, record.why) == ("cifar10", "download", ())
    assert sorted(path.name for path in (raw / FOLDER).iterdir()) == sorted(FILES)
    assert load(record, archive=TINY).y_test.tolist() == [2, 3, 4]
    assert resolve(raw=raw, archive=TINY) == evolve(record, how="cache")  # no second download


def test_of_several_at_once_one_downloads_and_all_have_cifar10(server, tmp_path: Path) -> None:
    address, served = server
    (served / ARCHIVE).write_bytes(TAR)
    raw, archive = tmp_path / "raw", evolve(TINY, urls=(f"{address}/{ARCHIVE}",))
    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(lambda _: resolve(raw=raw, archive=archive), range(4)))
    assert sorted(record.how for record in records) == ["cache", "cache", "cache", "download"]
    assert {record.name for record in records} == {"cifar10"}
    assert sorted(path.name for path in raw.iterdir()) == [FOLDER, ARCHIVE]


@pytest.mark.parametrize("by_hand", [False, True], ids=["a download", "an archive put there by hand"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.ENOLCK])
def test_a_fault_of_this_machine_is_no_reason_for_synthetic_images(
    server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, by_hand: bool
) -> None:
    address, served = server
    (served / ARCHIVE).write_bytes(TAR)
    raw = tmp_path / "raw"
    if by_hand:
        raw.mkdir()
        (raw / ARCHIVE).write_bytes(TAR)

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        resolve(raw=raw, archive=evolve(TINY, urls=(f"{address}/{ARCHIVE}",)))
    assert [path.name for path in raw.iterdir()] == [ARCHIVE] * by_hand


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").touch()
    with pytest.raises(OSError, match="raw"):
        resolve(raw=tmp_path / "raw", archive=TINY)


def test_what_a_download_that_was_killed_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(TAR)
    (tmp_path / f".{ARCHIVE}.host.0a1b").touch()
    (tmp_path / f".{FOLDER}.abc" / FOLDER).mkdir(parents=True)
    resolve(raw=tmp_path, archive=TINY)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FOLDER, ARCHIVE]


HEAD = b"HTTP/1.0 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(TAR)
BAD = {
    "stops half-way": ([HEAD + LENGTH + TAR[:300]], 0.0, f"stopped sending after 300 of {len(TAR):,} bytes"),
    "says no length and stops": ([HEAD + b"\r\n" + TAR[:300]], 0.0, f"after 300 of {len(TAR):,} bytes"),
    "never ends": ([HEAD + b"\r\n"] + [bytes(2**16)] * 99, 0.0, f"another file .*: more than {len(TAR):,} bytes"),
    "another length": ([HEAD + b"Content-Length: 600000000\r\n\r\n"], 0.0, "another file .*: 600,000,000 bytes, not"),
    "drips": ([HEAD + LENGTH] + [b"x"] * 99, 0.05, "was not done after .* when 0 seconds were over"),
    "drips its head": ([b"HTTP/1.0 200 OK"] + [b" "] * 99, 0.05, "did not answer"),
    "packs it": ([HEAD + b"Content-Encoding: gzip\r\n" + LENGTH + gzip.compress(bytes(2**20))], 0.0, "stopped|another"),
    "no HTTP": ([b"hello\r\n"], 0.0, "cannot be reached"),
    "turns in circles": ([b"HTTP/1.0 302 Found\r\nLocation: /\r\n\r\n"], 0.0, "TooManyRedirects"),
}


@pytest.mark.parametrize(("pieces", "pause", "reason"), BAD.values(), ids=BAD)
def test_a_download_is_bounded_in_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: list[bytes], pause: float, reason: str
) -> None:
    class Bad(StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            with contextlib.suppress(OSError):
                for piece in pieces:
                    self.wfile.write(piece)
                    time.sleep(pause)

    monkeypatch.setattr(cifar10, "DEADLINE", 0.4 if pause else 20)
    with ThreadingTCPServer(("127.0.0.1", 0), Bad) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.05,)).start()
        archive = evolve(TINY, urls=(f"http://127.0.0.1:{running.server_address[1]}/",))
        record = resolve(raw=tmp_path / "raw", archive=archive)
        running.shutdown()
    assert record.how == "synthetic" and re.search(reason, record.why[0]), record.why
    assert not list((tmp_path / "raw").iterdir())


REFUSED = {
    "another file": (TAR[:-9] + b"x" + TAR[-8:], "sent another file than the official archive"),
    "half a file": (TAR[: len(TAR) // 2], "sent another file than the official archive"),
    "not there": (None, "answered 404"),
}


@pytest.mark.parametrize(("sent", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_archive_is_not_used(server, tmp_path: Path, sent: bytes | None, reason: str) -> None:
    address, served = server
    if sent:
        (served / ARCHIVE).write_bytes(sent)
    record = resolve(raw=tmp_path / "raw", archive=evolve(TINY, urls=(f"{address}/{ARCHIVE}",)))
    assert (record.name, record.how, record.folder) == ("synthetic", "synthetic", None)
    assert reason in record.why[0] and f"{address}/{ARCHIVE}" in record.why[0]
    assert "Synthetic images stand in for CIFAR-10" in record.notice and record.why[0] in record.notice
    assert not list((tmp_path / "raw").iterdir())


def test_without_network_the_reason_is_told_and_offline_asks_nobody(tmp_path: Path) -> None:
    for archive, offline, reason in (
        (TINY, False, f"{TINY.urls[0]}: cannot be reached"),
        (evolve(TINY, urls=("refused before it is asked",)), True, "no download was wanted"),
    ):
        record = resolve(raw=tmp_path / "raw", archive=archive, offline=offline)
        assert record.how == "synthetic" and reason in record.why[0]


def test_mirrors_replace_the_official_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cifar10.official().urls == (cifar10.OFFICIAL,)
    assert cifar10.official("https://a.example/x, http://b.example/y").urls == (
        "https://a.example/x",
        "http://b.example/y",
    )
    monkeypatch.setenv("RELUPOOL_MIRRORS", "ftp://a.example/x")
    with pytest.raises(ValueError, match=r"RELUPOOL_MIRRORS is 'ftp://a\.example/x', but must be addresses"):
        resolve(offline=True)


def test_a_record_survives_json(folder: Path) -> None:
    record = resolve(folder, archive=TINY)
    assert DataRecord.from_json(record.to_json()) == record
    text = record.to_json()
    for bad, named in (
        (text.replace('"name": "cifar10",', ""), "missing .* 'name'"),
        (text.replace('"note": "",', '"note": "", "size": 3,'), "unexpected .* 'size'"),
        (text.replace('"folder",', '"guess",'), "how is 'guess', but must be one of"),
        ("[]", "list"),
        (text[:-5], "char"),
    ):
        with pytest.raises(ValueError, match=f"not the record of a data set: .*{named}"):
            DataRecord.from_json(bad)


def test_images_that_changed_since_they_were_chosen_are_refused_and_none_can_be_written_to(folder: Path) -> None:
    record = resolve(folder, archive=TINY)
    with pytest.raises(ValueError, match="has changed since the data set was chosen"):
        load(evolve(record, sha256="0" * 64), archive=TINY)
    with pytest.raises(ValueError, match="read-only"):
        load(record, archive=TINY).x_train[0] = 0


def test_the_hash_tells_images_and_shapes_apart() -> None:
    x, y = np.arange(6, dtype=np.uint8), np.arange(4, dtype=np.uint8)
    hashes = {data.sha256_of(arrays) for arrays in ([x, y], [y, x], [x.reshape(2, 3), y], [x[::-1], y])}
    assert len(hashes) == 4


def test_the_central_crop_leaves_four_pixels_all_round() -> None:
    image = np.arange(2 * 32 * 32 * 3).reshape(2, 32, 32, 3)
    crop = central_crop(image)
    assert crop.shape == (2, 24, 24, 3)
    assert crop[1, 0, 0, 0] == image[1, 4, 4, 0] and crop[1, 23, 23, 2] == image[1, 27, 27, 2]


def test_standardized_crops_have_mean_0_and_variance_1() -> None:
    crops = np.random.default_rng(0).integers(256, size=(5, 24, 24, 3), dtype=np.uint8)
    standardized = standardize(crops)
    assert standardized.dtype == np.float32
    for crop, result in zip(crops.astype(np.float64), standardized, strict=True):
        np.testing.assert_allclose(result, (crop - crop.mean()) / crop.std(), atol=1e-5)
    assert not standardize(np.full((24, 24, 3), 7, np.uint8)).any()
    flat = np.full((24, 24, 3), 100, np.uint8)
    flat[0, 0, 0] = 101  # deviation about 1/sqrt(1728), a little less, which is the floor
    np.testing.assert_allclose(standardize(flat)[0, 0, 0], (1 - 1 / 1728) * 1728**0.5, rtol=1e-5)
