"""Settings from outside are refused by name, whichever way they come in, before anything is trained."""

import json
import os
import subprocess
import sys

import keras
import pytest

from relupool.book import build, record
from relupool.choices import FLOAT32
from relupool.experiments import machine, settings

TRAIN = """
import numpy as np
from relupool.experiments import training
from relupool.experiments.data import Images
from relupool.experiments.experiment import Experiment
x, y = np.zeros((1, 32, 32, 3), "uint8"), np.zeros(1, "uint8")
e = Experiment(dataset="synthetic", backend=training.keras.backend.backend())
training.train(e, Images(x, y, x, y, name="synthetic", sha256=""))
"""


@pytest.mark.parametrize(
    ("file", "environment", "named"),
    [
        ('{"floatx": "float16"}', {}, "keras.config.floatx() is 'float16', but must be 'float32'"),
        ("{}", {"KERAS_BACKEND": "jax", "KERAS_MAX_STEPS_PER_EPOCH": "2"}, "keras.config.max_steps_per_epoch() is 2"),
    ],
)
def test_what_keras_was_given_is_refused_before_it_trains(tmp_path, file, environment, named):
    (tmp_path / "keras.json").write_text(file)
    given = {**os.environ, "KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(tmp_path), **environment}
    done = subprocess.run([sys.executable, "-c", TRAIN], env=given, capture_output=True, text=True)
    assert f"ValueError: {named}" in done.stderr


def test_what_jax_was_given_is_refused():
    jax = pytest.importorskip("jax")
    refused = pytest.raises(ValueError, match=r"jax_default_matmul_precision is 'bfloat16', but must be None")
    with jax.default_matmul_precision("bfloat16"), refused:
        settings.check()
    settings.check()


@pytest.mark.parametrize(
    "name",
    [
        *("TF_ENABLE_ONEDNN_OPTS", "TF_DETERMINISTIC_OPS", "TF_XLA_FLAGS", "TF_SET_ONEDNN_FPMATH_MODE"),
        *("TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_LEVEL", "XLA_FLAGS", "ONEDNN_MAX_CPU_ISA"),
        *("JAX_DEFAULT_MATMUL_PRECISION", "JAX_DEFAULT_PRNG_IMPL", "KERAS_NNX_ENABLED"),
    ],
)
def test_a_switch_in_the_environment_is_refused_by_name(monkeypatch, name):
    for harmless in ("TF_VAR_region", "TF_CPP_MIN_LOG_LEVEL", "JAX_COMPILATION_CACHE_DIR", "KERAS_HOME"):
        monkeypatch.setenv(harmless, "0")
    settings.check()
    monkeypatch.setenv(name, "0")
    with pytest.raises(ValueError, match=f"the environment is {{'{name}': '0'}}, but must be without"):
        settings.check()


def test_a_policy_that_a_program_has_set_is_refused(monkeypatch):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(ValueError, match=r"dtype_policy\(\) is 'mixed_float16', but must be 'float32'"):
            settings.check()
    finally:
        keras.config.set_dtype_policy(before)
    monkeypatch.setattr(keras.config, "epsilon", lambda: 1e-3)
    with pytest.raises(ValueError, match=r"epsilon\(\) is 0.001"):
        settings.check()


def test_what_keeps_float32_numbers_whole_on_a_gpu_is_asked_of_chapters_and_told_in_provenance(monkeypatch):
    jax = pytest.importorskip("jax")
    asked = build.Build(device="gpu").environment().items()
    assert asked >= FLOAT32.items() and "precision" not in machine.machine()
    for name, value in FLOAT32.items():
        monkeypatch.setenv(name, value)
    with jax.default_matmul_precision("highest"):
        settings.check()
    assert machine.machine()["precision"] == json.loads(record.facts())["precision"] == FLOAT32
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "1")
    with pytest.raises(ValueError, match=r"the environment is .'NVIDIA_TF32_OVERRIDE': '1'."):
        settings.check()
