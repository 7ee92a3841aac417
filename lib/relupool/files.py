"""Files that are whole or not there, JSON that proves itself, and bytes of others read with suspicion."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import secrets
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from filelock import SoftFileLease

LEASE = 120.0
"""Seconds without a sign of life after which another machine's lease is taken over; file servers may show a sign of
life a minute late."""


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that gets the name ``path`` when the block ends, flushed to the disk; if it fails, nothing is left of it.

    Its folder is made if need be. Until then its name begins with a dot and that of ``path``, see :func:`sweep`.
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: not a file that can be replaced")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{socket.gethostname()[:30]}.{secrets.token_hex(6)}")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException as error:
        with suppress(OSError):  # what went wrong first is what is told
            unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a full disk does not say which file it had no room for
        raise
    with suppress(OSError):  # not every file system can flush a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_whole(path: Path, content: bytes | str) -> Path:
    """Write a file as :func:`writing` does; returns ``path``."""
    with writing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


def sweep(path: Path) -> None:
    """Remove what a process that died left unfinished of ``path``; for whoever alone may write it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def lease(path: Path, *, wait: bool) -> SoftFileLease:
    """A claim on what ``path`` stands for, as a context manager; whoever dies claims nothing any more.

    On this machine that is seen at once, on another one after :data:`LEASE` seconds without a sign of life. It trusts
    no locks of the file system, which some network file systems keep to each machine. Without ``wait`` it raises
    filelock.Timeout where another process has it; the same lease, asked again, knows how long that has been silent.
    """
    from filelock import SoftFileLease

    path.parent.mkdir(parents=True, exist_ok=True)
    return SoftFileLease(path, lease_duration=LEASE, blocking=wait, thread_local=False)


@contextmanager
def suspect(path: Path, what: str) -> Iterator[None]:
    """Within the block bytes of ``path`` are read: whatever they bring about is a ValueError that names it.

    ``what`` says, as a sentence, what it is not and what to do: "no result file: {}. Restore it.".
    """
    try:
        yield
    except Exception as error:  # damaged bytes raise what they will: recursion, overflow, half a dozen of zipfile's
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        raise ValueError(f"{path}: {what.format(' '.join(why.split()).rstrip('.'))}") from error


def read_whole(path: Path, most: int) -> bytes:
    """The content of a regular file of at most ``most`` bytes; raises OSError or ValueError, and never waits."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("not a regular file")
        if found.st_size > most:
            raise ValueError(f"more than {most:,} bytes")
        return file.read(most)


def parse(text: str | bytes) -> Any:
    """The value of a JSON text in which no key stands twice and no number is infinite or none."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a finite number")


BEFORE, AFTER = b'{"sha256":"', b'",'
"""What stands in a sealed file before its digest and after it; the digest is that of all bytes which then follow."""


def sealed(values: dict[str, Any], *, indent: int | None = None) -> bytes:
    """A JSON object as bytes, the first field of which is the SHA-256 of all that follows it."""
    separators = (",", ":") if indent is None else None
    rest = json.dumps(values, indent=indent, separators=separators, allow_nan=False).encode()[1:] + b"\n"
    return BEFORE + hashlib.sha256(rest).hexdigest().encode() + AFTER + rest


def unsealed(content: bytes) -> Any:
    """What :func:`sealed` was given; raises ValueError if a byte is another one."""
    start = len(BEFORE) + 64
    digest, rest = content[len(BEFORE) : start], content[start + len(AFTER) :]
    if content != BEFORE + digest + AFTER + rest or len(digest) < 64:
        raise ValueError("it does not begin with its SHA-256")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        raise ValueError("its SHA-256 is not the one that it names")
    return parse(b"{" + rest)
