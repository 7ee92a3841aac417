"""The images that networks are trained on: CIFAR-10, or the synthetic set where that cannot be had.

The choice is made once, by :func:`resolve`, and is a value: every chapter of a build loads the same images by it.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from attrs import asdict, field, frozen

from relupool import files
from relupool.experiments import cifar10, synthetic
from relupool.validation import accept, as_tuple, kind, one_of

RAW = cifar10.ROOT / "data" / "raw"
"""Where downloaded data sets are kept; never committed."""

How = Literal["folder", "cache", "download", "synthetic"]


@frozen(eq=False)
class Images:
    """A data set in memory.

    Attributes:
        x_train, x_test: uint8 ``(n, 32, 32, 3)``, RGB, 0 to 255.
        y_train, y_test: uint8 ``(n,)``, classes 0 to 9.
        name: "cifar10" or "synthetic".
        sha256: hexadecimal SHA-256 of the whole data set.
        note: what distinguishes this copy from the official one; "" if nothing does.

    The arrays are read-only, since every network of a build is given the same ones.
    """

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    name: str
    sha256: str
    note: str = ""

    def __attrs_post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            array.setflags(write=False)

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes 0 to 9 are called; the synthetic ones have numbers."""
        return cifar10.CLASSES if self.name == "cifar10" else tuple(f"class {number}" for number in range(10))


def _texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, str) for part in value)


@frozen(kw_only=True)
class DataRecord:
    """Which data set a build uses, and why; :func:`load` turns it into images.

    Attributes:
        name: "cifar10" or "synthetic".
        folder: where the files lie; None for the synthetic set.
        sha256: of the images, as in :class:`Images`.
        note: as in :class:`Images`.
        how: "folder" (asked for by name), "cache" (data/raw), "download" (into data/raw) or "synthetic".
        why: one sentence each for what was tried before and did not work.
    """

    name: Literal["cifar10", "synthetic"] = field(validator=one_of("cifar10", "synthetic"))
    folder: str | None = field(default=None, validator=kind(str, type(None)))
    sha256: str = field(validator=kind(str))
    note: str = field(default="", validator=kind(str))
    how: How = field(validator=one_of(*get_args(How)))
    why: tuple[str, ...] = field(default=(), converter=as_tuple, validator=accept(_texts, "a list of texts"))

    @property
    def notice(self) -> str:
        """What a page that uses these images must say; "" for the official CIFAR-10."""
        if self.name == "synthetic":
            return " ".join(["Synthetic images stand in for CIFAR-10 here.", *self.why])
        return f"CIFAR-10, {self.note}." if self.note else ""

    def to_json(self) -> str:
        """This record as a JSON object, for :meth:`from_json`."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> DataRecord:
        """The record in a file; raises ValueError that names it if it is none."""
        with files.suspect(path, "{}. Choose the data set again (relupool data)."):
            return cls.from_json(files.read_whole(path, 2**16).decode())

    @classmethod
    def from_json(cls, text: str) -> DataRecord:
        """The record that :meth:`to_json` wrote; ValueError where a field is missing, unknown or bad."""
        try:
            return cls(**files.parse(text))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"not the record of a data set: {error}") from error


def resolve(
    folder: Path | str | None = None,
    *,
    offline: bool = False,
    raw: Path = RAW,
    archive: cifar10.Archive | None = None,
) -> DataRecord:
    """Choose the data set of a build: CIFAR-10 if it can be had, else the synthetic set.

    Args:
        folder: where CIFAR-10's binary archive is unpacked, or "synthetic"; None takes the environment variable
            RELUPOOL_DATA. What is asked for by name is used or refused, never replaced.
        offline: whether to do without a download.
        raw: the folder that is looked into next, and that a download goes to.
        archive: what CIFAR-10 is and where it can be downloaded; None is the official archive, from the addresses in
            the environment variable RELUPOOL_MIRRORS if that is set.

    Raises:
        ValueError: ``folder`` holds no CIFAR-10, or a file there or in ``raw`` is missing, truncated or altered; or an
            archive in ``raw`` is.
        OSError: ``raw`` has no room for a download, or must not be written to; then nothing takes its place.
    """
    archive = archive or cifar10.official(os.environ.get("RELUPOOL_MIRRORS"))
    asked = str(folder or os.environ.get("RELUPOOL_DATA") or "")
    if asked == "synthetic":
        return _synthetic_record("They were asked for by name.")
    if asked:
        return _cifar10_record(Path(asked), archive, how="folder")
    unpacked, by_hand = raw / cifar10.FOLDER, raw / cifar10.ARCHIVE
    if unpacked.is_dir():
        return _cifar10_record(raw, archive, how="cache")
    if offline and not by_hand.is_file():
        return _synthetic_record(f"{raw} holds no CIFAR-10, and no download was wanted.")
    with files.lease(raw / "fetch.lease", wait=True):
        for left in (unpacked, by_hand):
            files.sweep(left)
        how: How = "cache"
        if not unpacked.is_dir() and by_hand.is_file():
            cifar10.unpack(by_hand, archive)
        elif not unpacked.is_dir():  # or another process has fetched it meanwhile
            try:
                cifar10.fetch(raw, archive)
            except cifar10.Unavailable as error:
                return _synthetic_record(f"{raw} holds no CIFAR-10, and it could not be downloaded: {error}.")
            how = "download"
    return _cifar10_record(raw, archive, how=how)


def load(source: DataRecord | Path | str | None = None, *, archive: cifar10.Archive | None = None) -> Images:
    """The images that a record names; any other ``source`` is first resolved, see :func:`resolve`.

    Raises ValueError if they are no longer the images that were resolved.
    """
    record = source if isinstance(source, DataRecord) else resolve(source, archive=archive)
    if record.folder is None:
        arrays, note = synthetic.draw(), ""
    else:
        arrays, note = cifar10.read(Path(record.folder), archive or cifar10.official())
    x_train, y_train, x_test, y_test = arrays
    images = Images(x_train, y_train, x_test, y_test, record.name, sha256_of(arrays), note)
    if images.sha256 != record.sha256:
        where = record.folder or "the synthetic set"
        raise ValueError(f"{where} has changed since the data set was chosen; choose it again (relupool data)")
    return images


def _cifar10_record(folder: Path, archive: cifar10.Archive, *, how: How) -> DataRecord:
    arrays, note = cifar10.read(folder, archive)
    return DataRecord(name="cifar10", folder=str(folder.resolve()), sha256=sha256_of(arrays), note=note, how=how)


def _synthetic_record(why: str) -> DataRecord:
    return DataRecord(name="synthetic", sha256=_synthetic_sha256(), how="synthetic", why=(why,))


@cache
def _synthetic_sha256() -> str:
    return sha256_of(synthetic.draw())


def sha256_of(arrays: list[np.ndarray]) -> str:
    """Hexadecimal SHA-256 of the shapes and bytes of ``arrays``."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def central_crop(images: np.ndarray) -> np.ndarray:
    """The central 24 x 24 pixels, offset 4, of ``images`` ``(..., 32, 32, 3)``."""
    return images[..., 4:28, 4:28, :]


def standardize(images: np.ndarray) -> np.ndarray:
    """(x - mean) / max(standard deviation, 1/sqrt(1728)) over each image ``(..., 24, 24, 3)``, in float32.

    Mean and population standard deviation are taken over all pixels and channels; a constant image becomes 0.
    """
    images = np.asarray(images, np.float32)
    axes = (-3, -2, -1)
    floor = np.float32(1 / np.sqrt(np.prod(images.shape[-3:])))
    return (images - images.mean(axes, keepdims=True)) / np.maximum(images.std(axes, keepdims=True), floor)


def channel_scale(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and population standard deviation of each channel over uint8 ``images`` ``(..., 3)``, float32 ``(3,)``.

    A constant channel gets the deviation 1, so that it can be divided by.
    """
    counts = [np.bincount(images[..., channel].ravel(), minlength=256) for channel in range(3)]
    values = np.arange(256)
    mean = np.array([np.average(values, weights=count) for count in counts])
    variance = np.array([np.average((values - m) ** 2, weights=count) for m, count in zip(mean, counts, strict=True)])
    return mean.astype(np.float32), np.where(variance > 0, np.sqrt(variance), 1).astype(np.float32)


def normalize(images: np.ndarray, scale: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """(x - mean) / standard deviation, channel by channel, in float32; ``scale`` is :func:`channel_scale`'s."""
    mean, deviation = scale
    return (np.asarray(images, np.float32) - mean) / deviation
