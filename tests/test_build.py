"""What a build asks of its chapters is one value, the same at both ends of the environment that carries it."""

from __future__ import annotations

from pathlib import Path

import pytest

from relupool.book.build import Build
from relupool.experiments.store import Store

BUILDS = [
    Build(),
    Build(preset="paper", backend="jax", device="gpu", fresh=True),
    Build(preset="standard", data="data.json", results="own", figures="figures"),
]


@pytest.mark.parametrize("build", BUILDS, ids=str)
def test_a_chapter_reads_what_the_build_has_written(build: Build, monkeypatch: pytest.MonkeyPatch):
    for name, value in build.environment().items():
        monkeypatch.setenv(name, value)
    assert Build.from_environ() == build
    assert build.results.is_absolute()


def test_each_build_says_what_it_differs_in():
    first, second, third = (build.environment() for build in BUILDS)
    assert second.items() >= {"RELUPOOL_FRESH": "1", "KERAS_BACKEND": "jax", "RELUPOOL_PRESET": "paper"}.items()
    assert second["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert (first["CUDA_VISIBLE_DEVICES"], first["RELUPOOL_FIGURES"], first["RELUPOOL_FRESH"]) == ("-1", "", "0")
    assert third["RELUPOOL_DATASET"] == str(Path("data.json").resolve())


def test_a_chapter_that_is_opened_outside_of_a_build_is_one_at_quick():
    alone = Build.from_environ({})
    assert alone == Build()
    assert alone.results == Store.default().folders[-1]
    assert (alone.preset, alone.fresh, alone.data, alone.figures) == ("quick", False, None, None)
    assert Build.from_environ({"KERAS_BACKEND": "jax", "RELUPOOL_RESULTS": "/own"}) == Build(
        backend="jax", results="/own"
    )


@pytest.mark.parametrize(
    "wrong", [{"preset": "huge"}, {"backend": "torch"}, {"device": "tpu"}, {"fresh": "maybe"}], ids=str
)
def test_what_there_is_not_is_refused(wrong: dict):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name} is "):
        Build(**wrong)
    variable = "KERAS_BACKEND" if name == "backend" else f"RELUPOOL_{name.upper()}"
    with pytest.raises(ValueError, match=f"^in the environment, {name} is "):
        Build.from_environ({variable: wrong[name]})
