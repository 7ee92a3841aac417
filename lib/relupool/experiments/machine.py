"""What computes here: processor, system, versions, commit. Provenance of whatever this process computes."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np

from relupool.choices import FLOAT32
from relupool.experiments.commit import commit


def machine() -> dict[str, Any]:
    """Provenance of whatever is computed in this process: processor, system, versions, threads, commit.

    ``threads`` is how many cores the process may use, which is how many threads it computes with; ``precision`` the
    variables of :data:`FLOAT32` that are set.
    """
    device, kind = _device()
    backend = __import__(keras.backend.backend())
    precision = {name: os.environ[name] for name in FLOAT32 if name in os.environ}
    return {
        "device": device,
        "device_kind": kind,
        "processor": processor(),
        "system": platform.platform(),
        "threads": cores(),
        "backend_version": backend.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "commit": _commit(),
    } | ({"precision": precision} if precision else {})


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
    processors = _cpuinfo()
    if not processors:
        return platform.processor() or platform.machine()
    name, all_cores = processors[0]["model name"], len(processors)
    return f"{name}, {all_cores} cores" if cores() == all_cores else f"{name}, {cores()} of {all_cores} cores"


def processor() -> dict[str, Any]:
    """The processor's maker, family, model and stepping, and whether it computes in bfloat16 itself; {} if unknown.

    Names do not tell: on rented machines a processor calls itself "AMD EPYC" whatever its generation.
    """
    if not (processors := _cpuinfo()):
        return {}
    first = processors[0]
    names = ("model name", "vendor_id", "cpu family", "model", "stepping")
    return {name: first[name] for name in names if name in first} | {"bfloat16": native_bfloat16()}


def native_bfloat16() -> bool | None:
    """Whether the processor multiplies bfloat16 numbers itself; None where that cannot be told.

    Without it, TensorFlow trains the example nine times slower in mixed_bfloat16 than in float32 (measured on Zen 3).
    """
    processors = _cpuinfo()
    if not processors or "flags" not in processors[0]:
        return None
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(processors[0]["flags"].split())


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpuinfo() -> list[dict[str, str]]:
    """What Linux says of each core, those lists that have a "model name"; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return []
    lists = [dict(re.findall(r"^(\S[^\t:]*?)\s*:[ ]?(.*)$", part, re.MULTILINE)) for part in text.split("\n\n")]
    return [entry for entry in lists if "model name" in entry]


@cache
def onednn() -> dict[str, str] | None:
    """Version and instruction set of TensorFlow's oneDNN, which only tells them while it works; None if it does not."""
    program = "import tensorflow as tf; tf.matmul(*[tf.ones((256, 256))] * 2)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "ONEDNN_VERBOSE": "1"}
    ).stdout
    found = re.search(r"oneDNN (v[\d.]+).*?isa:([^\n]*)", told, re.DOTALL)
    return {"version": found[1], "isa": found[2]} if found else None


@cache  # code is loaded once: what is committed while a process runs is not what it runs
def _commit() -> str | None:
    """The commit of the code that runs, or None outside a checkout; "+" marks changes that were not committed."""
    found = commit(Path(__file__).resolve().parents[3], "lib/relupool")
    return found["commit"] and found["commit"] + ("" if found["clean"] else "+")
