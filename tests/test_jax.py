"""Everything that computes with Keras also runs on JAX: the same tests, all in one process of their own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FILES = (
    "test_models.py",
    "test_jax_max_pool.py",
    "test_augmentation.py",
    "test_training.py",
    "test_checkpoint.py",
    "test_ensemble.py",
    "test_reference.py",
    "test_propositions.py",
)


@pytest.mark.book
@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_on_jax():
    files = [str(Path(__file__).parent / file) for file in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
