"""CIFAR-10 as its official binary archive stores it, fetched and read whole and verified, or not at all.

Nothing is unpickled: a record is one byte of label and 3,072 bytes of picture. Which contents are accepted stands in
``data/checksums``.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from attrs import field, frozen

from relupool.validation import refuse

ROOT = Path(__file__).resolve().parents[3]
"""The repository; the package is installed in development mode, so that data and code stay together."""

OFFICIAL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
ARCHIVE = "cifar-10-binary.tar.gz"
TEST_FILE = "test_batch.bin"
CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())  # as in batches.meta.txt
ALTERED = (1259, 1369, 1422, 2245, 2737, 2935, 3695, 3718, 4085, 4496,
           5791, 5896, 6286, 7580, 7707, 7724, 7832, 8117, 8551, 9254)  # fmt: skip
"""Test images, by their places, that the copy which the stored runs were tested on has otherwise than the official
one (see its note in ``data/checksums``): 20 that could be had as JPEG alone."""
RECORD = 1 + 3 * 32 * 32  # bytes: a label, then the red, green and blue plane, row by row
TIMEOUT = (5, 15)  # seconds to connect, and between two pieces of the download


@frozen
class Archive:
    """The binary archive: where it comes from, and for each file in it the accepted checksums with a note each.

    A checksum is written ``"sha256:..."`` or ``"md5:..."``; the note is "" for the official content. The addresses in
    ``urls`` are tried one after another.
    """

    urls: tuple[str, ...]
    checksum: str
    files: dict[str, dict[str, str]] = field(hash=False)
    images_per_file: int = 10_000


def official(mirrors: str | None = None, *, checksums: Path = ROOT / "data" / "checksums") -> Archive:
    """The archive that ``checksums`` describes, at its official address or at ``mirrors``, separated by commas."""
    accepted: dict[str, dict[str, str]] = {}
    for line in checksums.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            checksum, name, *note = line.split(maxsplit=2)
            accepted.setdefault(name, {})[checksum] = "".join(note)
    (checksum,) = accepted.pop(ARCHIVE)
    urls = tuple(url.strip() for url in (mirrors or OFFICIAL).split(",") if url.strip())
    for url in urls:
        if not url.startswith(("https://", "http://")):
            refuse("RELUPOOL_MIRRORS", url, "addresses that begin with https:// or http://, separated by commas")
    return Archive(urls=urls, checksum=checksum, files=accepted)


def find_batches(folder: Path) -> Path:
    """The folder of the .bin files, ``folder`` or ``cifar-10-batches-bin`` in it; ValueError if there is none."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise ValueError(f"{folder} {what}; name the folder that holds {FOLDER}/")
    for candidate in (folder / FOLDER, folder):
        if any(candidate.glob("*_batch*.bin")):
            return candidate
    raise ValueError(f"{folder} holds no CIFAR-10: {_what_instead(folder)}")


def read(folder: Path, archive: Archive) -> tuple[list[np.ndarray], str]:
    """The arrays x_train, y_train, x_test, y_test and the note of the files in ``folder``, all of them verified.

    Images are uint8 ``(n, 32, 32, 3)``, RGB; labels uint8 ``(n,)``, 0 to 9. Raises ValueError that names the file
    which is missing, truncated or altered, and says what to do.
    """
    batches = find_batches(folder)
    files = {name: _read_file(batches / name, archive) for name in archive.files}
    train = np.concatenate([records for name, (records, _) in files.items() if name != TEST_FILE])
    arrays = []
    for records in (train, files[TEST_FILE][0]):
        planes = records[:, 1:].reshape(-1, 3, 32, 32)
        arrays += [np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), records[:, 0].copy()]
    return arrays, "; ".join(note for _, note in files.values() if note)


def fetch(raw: Path, archive: Archive) -> str:
    """Download and unpack ``archive`` into ``raw``; returns the address it came from.

    The archive's checksum is verified before it gets its name. Raises OSError, with one line for each address
    that was tried, if the archive cannot be had.
    """
    import pooch  # here: it brings requests, which nobody needs who has the data

    failures = []
    for url in archive.urls:
        downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
        try:
            unpack(Path(pooch.retrieve(url, archive.checksum, ARCHIVE, raw, downloader=downloader)), archive)
            return url
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; pooch's wrong checksum a ValueError
            failures.append(f"{url}: {_in_plain_words(error)}")
    raise OSError("\n".join(failures))


def unpack(path: Path, archive: Archive) -> None:
    """Unpack the expected files of the tar archive ``path``, nothing else, beside it: all of them or none.

    Raises ValueError if ``path`` is not the archive, by its checksum; then nothing in it has been looked at.
    """
    if not matches(path.read_bytes(), archive.checksum):
        size = f"{path.stat().st_size:,} bytes"
        raise ValueError(f"{path} ({size}) is not the archive that data/checksums names; delete it, or copy it again")
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch, tarfile.open(path) as tar:
        for name in archive.files:
            try:
                tar.extract(f"{FOLDER}/{name}", scratch, filter="data")
            except KeyError:
                raise ValueError(f"{path} holds no {FOLDER}/{name}") from None
        os.replace(Path(scratch) / FOLDER, path.parent / FOLDER)


def _in_plain_words(error: Exception) -> str:
    from requests import exceptions

    match error:
        case exceptions.HTTPError() if error.response is not None:
            return f"answered {error.response.status_code} {error.response.reason}"
        case exceptions.Timeout():
            return f"did not answer within {TIMEOUT[0]} seconds, or stopped sending for {TIMEOUT[1]}"
        case exceptions.ConnectionError():
            return "cannot be reached"
        case ValueError() if "does not match the known hash" in str(error):
            return "sent another file than the official archive (its checksum is wrong), which was deleted"
    return f"{type(error).__name__}: {error}"


def _read_file(path: Path, archive: Archive) -> tuple[np.ndarray, str]:
    """The records ``(images, 3073)`` of one file, and the note of its checksum."""
    remedy = f"unpack {ARCHIVE} again into {path.parent.parent}"
    if not path.is_file():
        raise ValueError(f"{path} is missing; {remedy}")
    content = path.read_bytes()
    size = archive.images_per_file * RECORD
    if len(content) != size:
        raise ValueError(f"{path} has {len(content):,} bytes, but must have {size:,}; {remedy}")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    for checksum, note in archive.files[path.name].items():
        if matches(content, checksum):
            return records, note
    digest = hashlib.sha256(content).hexdigest()
    raise ValueError(f"{path} has been altered: its SHA-256 is {digest}, which is not in data/checksums; {remedy}")


def matches(content: bytes, checksum: str) -> bool:
    """Whether ``content`` has the ``checksum`` "algorithm:hexadecimal digits"."""
    algorithm, digits = checksum.split(":")
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() == digits


def _what_instead(folder: Path) -> str:
    if (folder / ARCHIVE).exists():
        return f"{ARCHIVE} is not unpacked; run tar -xzf {ARCHIVE} there"
    for name in ("cifar-10-batches-py", "cifar-10-python.tar.gz", "data_batch_1"):
        if (folder / name).exists():
            return f"{name} belongs to the pickled Python version; this book reads {ARCHIVE}, the binary version"
    return f"no {FOLDER}/ with data_batch_1.bin and the others; unpack {ARCHIVE} there"
