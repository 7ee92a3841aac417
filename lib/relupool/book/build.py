"""What a build asks of its chapters: one value, which it writes into a kernel's environment and a chapter reads there.

A chapter that is opened in Jupyter reads the same variables, and for those that are not set it is one of ``Build()``.
Which images there are is chosen before, by RELUPOOL_DATA and RELUPOOL_MIRRORS; see :mod:`relupool.experiments.data`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from relupool.choices import BACKENDS, FLOAT32, PRESETS
from relupool.validation import one_of

ROOT = Path(__file__).resolve().parents[3]
"""The folder of the book."""

DEVICES: dict[str, dict[str, str]] = {
    "cpu": {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"},
    # several kernels may share a GPU; JAX is to fail, not to fall back, where there is none
    "gpu": {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true", "JAX_PLATFORMS": "cuda,cpu"}
    | FLOAT32,
}
"""What confines TensorFlow and JAX to each kind of device, and to float32 there, as environment variables."""

VARIABLES = {
    "preset": "RELUPOOL_PRESET",
    "backend": "KERAS_BACKEND",
    "device": "RELUPOOL_DEVICE",
    "fresh": "RELUPOOL_FRESH",
    "data": "RELUPOOL_DATASET",
    "results": "RELUPOOL_RESULTS",
    "figures": "RELUPOOL_FIGURES",
}
"""The environment variable of each field of a :class:`Build`."""


def _place(path: Path | str | None) -> Path | None:
    return Path(path).resolve() if path else None


def _truth(value: Any) -> Any:
    return {"0": False, "1": True}.get(str(value), value)


@frozen(kw_only=True)
class Build:
    """What the chapters of a build have in common; the defaults are those of ``make book``, but for its data set.

    ``fresh``: whether to train again what figures show, instead of loading stored results; ``data``: the record of the
    data set (None: a chapter looks for itself); ``results``: the folder of this machine's own training runs;
    ``figures``: where a chapter saves the files of its figures (None: nowhere).
    """

    preset: str = field(default=PRESETS[0], validator=one_of(*PRESETS))
    backend: str = field(default=BACKENDS[0], validator=one_of(*BACKENDS))
    device: str = field(default="cpu", validator=one_of(*DEVICES))
    fresh: bool = field(default=False, converter=_truth, validator=one_of(True, False))
    data: Path | None = field(default=None, converter=_place)
    results: Path = field(default=ROOT / "_build" / "results", converter=_place)
    figures: Path | None = field(default=None, converter=_place)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Build:
        """The build whose :meth:`environment` this is; ValueError if a variable has a value that there is not."""
        told: dict[str, Any] = {
            name: environ[variable] for name, variable in VARIABLES.items() if environ.get(variable)
        }
        try:
            return cls(**told)
        except ValueError as error:
            raise ValueError(f"in the environment, {error}") from None

    def environment(self) -> dict[str, str]:
        """The environment variables of a kernel in this build, all of them: what is None is empty."""
        told = {VARIABLES[name]: str(value or "") for name, value in attrs.asdict(self).items()}
        return told | {VARIABLES["fresh"]: str(int(self.fresh)), "TF_CPP_MIN_LOG_LEVEL": "3"} | DEVICES[self.device]

    def to_json(self) -> dict[str, Any]:
        """This value as a chapter's record holds it, with places as texts."""
        return {name: str(value) if isinstance(value, Path) else value for name, value in attrs.asdict(self).items()}
