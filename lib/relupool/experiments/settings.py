"""What would change a run from outside, without a trace in its key: configuration of Keras and JAX, the environment."""

from __future__ import annotations

import os
import sys
from fnmatch import fnmatchcase
from typing import Any

import keras

from relupool.choices import FLOAT32
from relupool.validation import refuse

KERAS = {
    "floatx": "float32",
    "image_data_format": "channels_last",
    "epsilon": 1e-7,
    "max_epochs": None,
    "max_steps_per_epoch": None,
    "is_nnx_enabled": False,
}
"""Values of ``keras.config``, whether they come from keras.json, from the environment or from a program."""

JAX = {
    "jax_enable_x64": False,
    "jax_default_matmul_precision": None,
    "jax_numpy_dtype_promotion": "standard",
    "jax_disable_jit": False,
    "jax_debug_nans": False,
    "jax_debug_infs": False,
}
"""Values of ``jax.config``; what else the environment may say of JAX is refused by :data:`SWITCHES`."""

SWITCHES = (
    *("KERAS_*", "JAX_*", "XLA_*", "ONEDNN_*", "DNNL_*", "NVIDIA_TF32_OVERRIDE"),
    # Terraform's variables begin like TensorFlow's
    *("TF_XLA_FLAGS", "TF_ENABLE_*", "TF_DISABLE_*", "TF_USE_*", "TF_*DETERMINISTIC*", "TF_*FP16*", "TF_*PRECISION*"),
    *("TF_*ONEDNN*", "TF_CUDNN_*", "TF_*AUTOTUNE*"),
)
"""Environment variables by which arithmetic can be switched to another precision, algorithm or order."""

HARMLESS = (
    *("KERAS_BACKEND", "KERAS_HOME", "JAX_PLATFORM*", "JAX_*CACHE*", "JAX_*LOG*", "JAX_TRACEBACK*"),
    *("XLA_PYTHON_CLIENT_*", "ONEDNN_VERBOSE"),
)
"""Those among them that choose backend or device, or say where to write and what memory to take."""


def check() -> None:
    """Raise ValueError that names the settings under which a network would not be what its key says."""
    for name, usual in KERAS.items():
        if hasattr(keras.config, name):  # not in every version
            _is(f"keras.config.{name}()", getattr(keras.config, name)(), usual)
    _is("keras.config.dtype_policy()", keras.config.dtype_policy().name, "float32")
    if "jax" in sys.modules:
        for name, usual in JAX.items():
            if (value := getattr(sys.modules["jax"].config, name)) != FLOAT32.get(name.upper()):
                _is(f"jax.config.{name}", value, usual)
    outside = {name: value for name, value in os.environ.items() if value != FLOAT32.get(name)}
    if found := {n: v for n, v in outside.items() if _among(n, SWITCHES) and not _among(n, HARMLESS)}:
        refuse("the environment", found, "without these variables: they may change what is computed")


def _is(name: str, value: Any, usual: Any) -> None:
    if value != usual:
        refuse(name, value, f"{usual!r} (see keras.json and the environment): it changes what is computed")


def _among(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
