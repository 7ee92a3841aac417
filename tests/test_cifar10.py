"""CIFAR-10's files: read whole, or refused with the name of the file, what is wrong with it and what to do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

import tiny_cifar10
from relupool.experiments import cifar10
from relupool.experiments.cifar10 import ARCHIVE, FOLDER, RECORD
from relupool.experiments.data import load, resolve
from tiny_cifar10 import CONTENTS, FILES, TAR, TINY, sha256, tar_of

REMEDY = f"unpack {ARCHIVE} again into"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELUPOOL_DATA", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tiny data set, whole."""
    return tiny_cifar10.write(tmp_path)


def test_pixels_are_where_the_record_puts_them(folder: Path) -> None:
    images = load(folder, archive=TINY)
    assert images.x_train.shape == (6, 32, 32, 3) and images.x_test.shape == (3, 32, 32, 3)
    assert images.y_train.tolist() == [0, 1, 2, 1, 2, 3] and images.y_test.tolist() == [2, 3, 4]
    second = CONTENTS["data_batch_2.bin"][RECORD : 2 * RECORD]
    for row, column, channel in ((0, 0, 0), (5, 31, 1), (31, 7, 2)):
        assert images.x_train[4, row, column, channel] == second[1 + channel * 1024 + row * 32 + column]
    assert (images.name, images.note) == ("cifar10", "")


@pytest.mark.parametrize("inside", [".", FOLDER])
def test_the_folder_may_be_named_from_outside_or_inside(folder: Path, inside: str) -> None:
    assert load(folder / inside, archive=TINY).sha256 == load(folder, archive=TINY).sha256


def rewrite(name: str, content: bytes):
    return lambda batches: (batches / name).write_bytes(content)


FIRST, TEST = CONTENTS[FILES[0]], CONTENTS["test_batch.bin"]
DAMAGE = {
    "missing": (
        lambda batches: (batches / "data_batch_2.bin").unlink(),
        rf"data_batch_2\.bin is missing; {REMEDY}",
    ),
    "truncated": (
        rewrite("test_batch.bin", TEST[:-1]),
        rf"test_batch\.bin has 9,218 bytes, but must have 9,219; {REMEDY}",
    ),
    "too long": (rewrite("data_batch_1.bin", FIRST + b"\0"), r"data_batch_1\.bin has 9,220 bytes"),
    "one pixel altered": (
        rewrite("test_batch.bin", TEST[:-1] + bytes([TEST[-1] ^ 1])),
        rf"test_batch\.bin has been altered: its SHA-256 is [0-9a-f]{{64}}, which is not in data/checksums; {REMEDY}",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_told_by_name(folder: Path, damage, message: str) -> None:
    damage(folder / FOLDER)
    with pytest.raises(ValueError, match=message):
        load(folder, archive=TINY)
    with pytest.raises(ValueError, match=message):  # nor is a damaged cache passed over
        resolve(raw=folder, archive=TINY)


PICKLED = r"belongs to the pickled Python version; this book reads cifar-10-binary\.tar\.gz, the binary version"
INSTEAD = {
    "empty": ((), r"no cifar-10-batches-bin/ with data_batch_1\.bin"),
    "not unpacked": ((ARCHIVE,), r"cifar-10-binary\.tar\.gz is not unpacked; run tar -xzf"),
    "pickled folder": (("cifar-10-batches-py",), PICKLED),
    "pickled archive": (("cifar-10-python.tar.gz",), PICKLED),
    "inside the pickled folder": (("data_batch_1",), PICKLED),
}


@pytest.mark.parametrize(("names", "message"), INSTEAD.values(), ids=INSTEAD)
def test_a_folder_without_the_binary_files_is_told_what_to_do(tmp_path: Path, names, message: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=message):
        load(tmp_path, archive=TINY)


def test_nothing_but_the_expected_files_is_unpacked(tmp_path: Path) -> None:
    expected = {f"{FOLDER}/{name}": content for name, content in CONTENTS.items()}
    tar = tar_of({"../outside": b"x", f"{FOLDER}/extra": b"x", **expected})
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / ARCHIVE).write_bytes(tar)
    cifar10.unpack(raw / ARCHIVE, evolve(TINY, checksum=sha256(tar)))
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == sorted(
        [f"raw/{ARCHIVE}", *(f"raw/{name}" for name in expected)]
    )


def test_an_archive_with_a_file_missing_leaves_nothing(tmp_path: Path) -> None:
    tar = tar_of({f"{FOLDER}/data_batch_1.bin": FIRST})
    (tmp_path / ARCHIVE).write_bytes(tar)
    with pytest.raises(ValueError, match=rf"holds no {FOLDER}/data_batch_2\.bin"):
        cifar10.unpack(tmp_path / ARCHIVE, evolve(TINY, checksum=sha256(tar)))
    assert [path.name for path in tmp_path.iterdir()] == [ARCHIVE]


def test_an_archive_put_into_the_cache_by_hand_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(TAR)
    assert resolve(raw=tmp_path, archive=TINY, offline=True).how == "cache"


def test_an_archive_cut_short_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(TAR[:100])
    with pytest.raises(ValueError, match=r"cifar-10-binary\.tar\.gz \(100 bytes\) is not the archive .*; delete it"):
        resolve(raw=tmp_path, archive=TINY)
    assert [path.name for path in tmp_path.iterdir()] == [ARCHIVE]


def test_the_checksums_cover_the_archive_and_its_files() -> None:
    archive = cifar10.official()
    assert archive.checksum == "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    assert list(archive.files) == [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    assert "md5:803d5f7f4d78ea53de84dbe85f74fb6d" in archive.files["test_batch.bin"]


@pytest.mark.cifar10
def test_the_real_images(cifar10_folder: Path) -> None:
    images = load(cifar10_folder)
    assert images.x_train.shape == (50_000, 32, 32, 3) and images.x_test.shape == (10_000, 32, 32, 3)
    assert np.bincount(images.y_train).tolist() == [5_000] * 10 and np.bincount(images.y_test).tolist() == [1_000] * 10
    test_file = (cifar10.find_batches(cifar10_folder) / "test_batch.bin").read_bytes()
    development = hashlib.md5(test_file, usedforsecurity=False).hexdigest() == "4fd89b928a74095080b56355876466c0"
    expected = "development copy: 20 of 10,000 test images differ from the official ones"
    assert images.note == (expected if development else "")
