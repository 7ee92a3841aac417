from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from notebooks import PARAMETERS
from relupool.book import chapter, prose, runs
from relupool.experiments.store import Missing, Store
from relupool.experiments.studies import FIRST_ABLATIONS
from small_book import figure

NAMES = {"size": 3, "slope": 0.2, "activation": "relu", "live": True}


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch):
    """Pretend that a kernel has run some cells and has these values."""

    def pretend(*cells: str, **values: Any) -> None:
        shell = SimpleNamespace(user_ns={"In": ["", *cells], **NAMES, **values})
        monkeypatch.setattr(chapter, "get_ipython", lambda: shell)

    return pretend


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, dict]]:
    """What a cell displays, as (data, metadata)."""
    shown = []
    monkeypatch.setattr(chapter, "display", lambda data, *, metadata=None, raw: shown.append((data, metadata)))
    return shown


@pytest.fixture(autouse=True)
def _outside_of_a_build(monkeypatch: pytest.MonkeyPatch):
    for name in ("FIGURES", "DATASET", "RESULTS", "PRESET", "FRESH"):
        monkeypatch.delenv(f"RELUPOOL_{name}", raising=False)


def test_parameters_as_declared_pass(kernel):
    kernel(PARAMETERS, "import numpy as np", "check_parameters()")
    chapter.check_parameters()
    assert chapter.used == NAMES


def test_parameters_that_were_changed_wrongly_are_refused(kernel):
    kernel(PARAMETERS, activation="gelu")
    with pytest.raises(ValueError, match=r"^activation is "):
        chapter.check_parameters()


def test_a_name_that_papermill_injects_must_be_declared(kernel):
    kernel(PARAMETERS, "# Parameters\nsise = 4\n")
    with pytest.raises(ValueError, match=r"^sise is 4, .*no such parameter"):
        chapter.check_parameters()


def test_the_last_parameters_cell_counts(kernel):
    kernel(PARAMETERS, "print(1)", PARAMETERS.replace("2 to 8", "2 to 9"), size=9)
    chapter.check_parameters()


@pytest.mark.parametrize("default", ["9", "3 * 3"])
def test_a_default_that_a_reader_has_edited_is_refused_by_its_name(kernel, default: str):
    kernel(PARAMETERS.replace("size: int = 3", f"size: int = {default}"), size=9)
    with pytest.raises(ValueError, match=r"^size is 9, but must be a whole number from 2 to 8"):
        chapter.check_parameters()


def test_without_a_parameters_cell_the_reader_is_told_to_run_it(kernel):
    kernel("print(1)", "x: int = 3")
    with pytest.raises(ValueError, match="no parameters cell has run"):
        chapter.check_parameters()


def test_a_figure_is_shown_with_what_the_page_says_of_it(displayed, tmp_path: Path):
    chapter.show(figure())
    ((data, metadata),) = displayed
    assert data["image/svg+xml"].startswith("<svg ")
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == figure().alt
    assert metadata["relupool"]["figure"] == {
        name: getattr(figure(), name) for name in ("id", "caption", "title", "alt", "basis", "tag")
    }


def test_sentences_and_values(displayed):
    chapter.say("**Yes**")
    assert displayed == [({"text/markdown": "**Yes**", "text/plain": "**Yes**"}, None)]
    chapter.tell(gap=0.03125, images=50_000)
    data, metadata = displayed[-1]
    assert data == {prose.MIME: {"gap": 0.03125, "images": 50_000}, "text/plain": "gap = 0.03125\nimages = 50000"}
    assert metadata is None


def test_results_are_those_of_the_preset_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runs, "store", lambda: Store(tmp_path))
    for preset in ("standard", "paper"):
        with pytest.raises(Missing, match=f"preset '{preset}'"):
            runs.stored(FIRST_ABLATIONS, preset)
    asked = []
    monkeypatch.setattr(Store, "sets", lambda self, study: [SimpleNamespace(preset=p) for p in ("paper", "standard")])
    monkeypatch.setattr(Store, "largest", lambda self, study: asked.append("largest"))
    assert runs.stored(FIRST_ABLATIONS, "standard").preset == "standard"
    assert runs.stored(FIRST_ABLATIONS, "paper").preset == "paper"
    runs.results(FIRST_ABLATIONS)
    assert asked == ["largest"]


def test_tensorflow_s_word_on_many_networks_is_not_printed_and_others_are(caplog: pytest.LogCaptureFixture):
    log = logging.getLogger("tensorflow")
    log.warning("5 out of the last %d calls to %s triggered tf.function retracing.", 9, "a function")
    log.warning("another warning")
    assert caplog.messages == ["another warning"]
