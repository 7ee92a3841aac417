"""What computes here: device, versions, commit. Provenance of whatever this process computes."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import keras


def machine() -> dict[str, Any]:
    """Provenance of whatever is computed in this process: device, versions, commit."""
    device, kind = _device()
    backend = __import__(keras.backend.backend())
    return {
        "device": device,
        "device_kind": kind,
        "backend_version": backend.__version__,
        "keras": keras.__version__,
        "python": platform.python_version(),
        "commit": _commit(),
    }


def _device() -> tuple[str, str]:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if gpus:
            return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"), "gpu"
    else:
        import jax

        if jax.default_backend() != "cpu":
            return jax.devices()[0].device_kind, "gpu"
    return cpu(), "cpu"


def cpu() -> str:
    """The processor's name and its cores, such as "Intel(R) Xeon(R) ..., 1 of 2 cores" for a process pinned to one."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    if not names:
        return name
    ours = len(os.sched_getaffinity(0))  # Linux, where the names came from
    return f"{name}, {len(names)} cores" if ours == len(names) else f"{name}, {ours} of {len(names)} cores"


@cache  # code is loaded once: what is committed while a process runs is not what it runs
def _commit() -> str | None:
    """The commit of the code that runs, or None outside a checkout; "+" marks changes that were not committed."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain", "--", "."], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed.stdout.strip() else "")
