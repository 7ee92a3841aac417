"""CIFAR-10 as its official binary archive stores it, fetched and read whole and verified, or not at all.

Nothing is unpickled: a record is one byte of label and 3,072 bytes of picture. Which contents are accepted stands in
``data/checksums``.
"""

from __future__ import annotations

import hashlib
import queue
import shutil
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from attrs import field, frozen

from relupool import files
from relupool.validation import refuse

ROOT = Path(__file__).resolve().parents[3]
"""The repository; the package is installed in development mode, so that data and code stay together."""

OFFICIAL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
ARCHIVE = "cifar-10-binary.tar.gz"
SIZE = 170_052_171  # bytes of the archive
TEST_FILE = "test_batch.bin"
CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())  # as in batches.meta.txt
ALTERED = (1259, 1369, 1422, 2245, 2737, 2935, 3695, 3718, 4085, 4496,
           5791, 5896, 6286, 7580, 7707, 7724, 7832, 8117, 8551, 9254)  # fmt: skip
"""Test images, by their places, that the copy which the stored runs were tested on has otherwise than the official
one (see its note in ``data/checksums``): 20 that could be had as JPEG alone."""
RECORD = 1 + 3 * 32 * 32  # bytes: a label, then the red, green and blue plane, row by row
TIMEOUT = (5, 15)  # seconds to connect, and between two pieces of the download
DEADLINE = 1_800.0  # seconds for all of it, with which 95 kB/s are enough


@frozen
class Archive:
    """The binary archive: where it comes from, and for each file in it the accepted checksums with a note each.

    A checksum is written ``"sha256:..."`` or ``"md5:..."``; the note is "" for the official content. The addresses in
    ``urls`` are tried one after another.
    """

    urls: tuple[str, ...]
    checksum: str
    size: int = field(default=SIZE, kw_only=True)
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
    parts = {name: _read_file(batches / name, archive) for name in archive.files}
    train = np.concatenate([records for name, (records, _) in parts.items() if name != TEST_FILE])
    arrays = []
    for records in (train, parts[TEST_FILE][0]):
        planes = records[:, 1:].reshape(-1, 3, 32, 32)
        arrays += [np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), records[:, 0].copy()]
    return arrays, "; ".join(note for _, note in parts.values() if note)


def fetch(raw: Path, archive: Archive) -> str:
    """Download and unpack ``archive`` into ``raw``; returns the address it came from.

    The archive's size and checksum are verified before it gets its name. Raises :class:`Unavailable`, with one line for
    each address that was tried, if no address has it; OSError if there is no room for it here, or no permission.
    """
    failures = []
    for url in archive.urls:
        try:
            with files.writing(raw / ARCHIVE) as file:
                _download(url, archive, file)
        except Unavailable as error:
            failures.append(f"{url}: {error}")
        else:
            unpack(raw / ARCHIVE, archive)
            return url
    raise Unavailable("\n".join(failures))


class Unavailable(Exception):
    """An address does not have the archive, or has another file."""


def _download(url: str, archive: Archive, file: BinaryIO) -> None:
    """Write to ``file`` what an address sends, which never is more than the archive; it must be that."""
    import requests  # here: nobody needs them who has the data
    import tqdm
    import urllib3

    end, digest, received = time.monotonic() + DEADLINE, hashlib.sha256(), 0
    another = "sent another file than the official archive"

    def ask() -> requests.Response:
        return requests.get(url, stream=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})

    try:
        answer = _within(DEADLINE, ask)
        answer.raise_for_status()
    except (requests.RequestException, TimeoutError) as error:
        raise Unavailable(_in_plain_words(error)) from error
    with answer, tqdm.tqdm(total=archive.size, unit="B", unit_scale=True, leave=False) as bar:
        if (told := answer.headers.get("Content-Length", "")).isdigit() and int(told) != archive.size:
            raise Unavailable(f"{another}: {int(told):,} bytes, not {archive.size:,}")
        while True:
            so_far = f"after {received:,} of {archive.size:,} bytes"
            try:
                piece = answer.raw.read1(2**18)  # unlike read it gives what has come
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise Unavailable(f"stopped sending {so_far}") from error
            if not piece and received < archive.size:
                raise Unavailable(f"stopped sending {so_far}")
            if not piece:
                break
            if time.monotonic() > end:
                raise Unavailable(f"was not done {so_far}, when {DEADLINE:,.0f} seconds were over")
            received += len(piece)
            if received > archive.size:
                raise Unavailable(f"{another}: more than {archive.size:,} bytes")
            digest.update(piece)
            file.write(piece)
            bar.update(len(piece))
    if f"sha256:{digest.hexdigest()}" != archive.checksum:
        raise Unavailable(f"{another} (its checksum is wrong), which was deleted")


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """What ``work()`` returns or raises; TimeoutError if it takes longer, and its thread is left behind.

    A time limit of requests is one between two bytes.
    """
    outcome: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def attempt() -> None:
        try:
            outcome.put((work(), None))
        except Exception as error:
            outcome.put((None, error))

    threading.Thread(target=attempt, daemon=True).start()
    try:
        result, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result


def unpack(path: Path, archive: Archive) -> None:
    """Unpack the expected files of the tar archive ``path``, nothing else, beside it: all of them or none.

    Raises ValueError if ``path`` is not the archive, by its checksum; then nothing in it has been looked at.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if f"sha256:{digest}" != archive.checksum:
        size = f"{path.stat().st_size:,} bytes"
        raise ValueError(f"{path} ({size}) is not the archive that data/checksums names; delete it, or copy it again")
    with tempfile.TemporaryDirectory(prefix=f".{FOLDER}.", dir=path.parent) as scratch, tarfile.open(path) as tar:
        for name in archive.files:
            member = f"{FOLDER}/{name}"
            if member not in tar.getnames() or not (inside := tar.extractfile(member)):
                raise ValueError(f"{path} holds no {member}")
            with files.writing(Path(scratch) / member) as file:
                shutil.copyfileobj(inside, file)
        (Path(scratch) / FOLDER).replace(path.parent / FOLDER)


def _in_plain_words(error: Exception) -> str:
    from requests import exceptions

    match error:
        case exceptions.HTTPError() if error.response is not None:
            return f"answered {error.response.status_code} {error.response.reason}"
        case exceptions.Timeout() | TimeoutError():
            return f"did not answer within {TIMEOUT[0]} seconds, or stopped sending for {TIMEOUT[1]}"
        case exceptions.ConnectionError():
            return "cannot be reached"
    return f"{type(error).__name__}: {error}"


def _read_file(path: Path, archive: Archive) -> tuple[np.ndarray, str]:
    """The records ``(images, 3073)`` of one file, and the note of its checksum."""
    remedy = f"unpack {ARCHIVE} again into {path.parent.parent}"
    if not path.is_file():
        raise ValueError(f"{path} is missing; {remedy}")
    there, size = path.stat().st_size, archive.images_per_file * RECORD
    content = files.read_whole(path, size) if there == size else b""
    if len(content) != size:
        raise ValueError(f"{path} has {there:,} bytes, but must have {size:,}; {remedy}")
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
