"""The choice of the data set: made once, verified, told with its reasons; and what is done to every image."""

from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
