"""A tiny data set in the layout of CIFAR-10's binary archive: three files of three images each, and the archive."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np

from relupool.experiments.cifar10 import ARCHIVE, FOLDER, RECORD, Archive

IMAGES_PER_FILE = 3
FILES = ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")


def records(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(256, size=(IMAGES_PER_FILE, RECORD), dtype=np.uint8)
    pixels[:, 0] = np.arange(seed, seed + IMAGES_PER_FILE)
    return pixels.tobytes()


CONTENTS = {name: records(seed) for seed, name in enumerate(FILES)}


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def tar_of(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


TAR = tar_of({f"{FOLDER}/{name}": content for name, content in CONTENTS.items()})
TINY = Archive(
    urls=("http://127.0.0.1:9/" + ARCHIVE,),  # the discard port: nobody listens
    checksum=sha256(TAR),
    size=len(TAR),
    files={name: {sha256(content): ""} for name, content in CONTENTS.items()},
    images_per_file=IMAGES_PER_FILE,
)


def write(folder: Path) -> Path:
    """Write the whole data set into ``folder``; returns it."""
    (folder / FOLDER).mkdir()
    for name, content in CONTENTS.items():
        (folder / FOLDER / name).write_bytes(content)
    return folder
