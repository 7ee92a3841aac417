"""The README shows the committed results, and says no more than the verdicts do."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from relupool import cli
from relupool.cli import training
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.store import COMMITTED, Store
from relupool.experiments.studies import LONG
from relupool.running.campaign import Task
from relupool.site import readme

TEXT = (ROOT / "README.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")][
    1:
]


def test_the_table_is_that_of_the_committed_results() -> None:
    stored = Store(COMMITTED).complete(LONG, readme.PRESET)
    assert readme.renewed(TEXT, stored) == TEXT, "results have changed: run `python -m relupool.site.readme`"


def test_the_picture_is_that_of_the_committed_results() -> None:
    told = "results have changed: run `python -m relupool.site.readme`"
    assert readme.picture(Store(COMMITTED)) == (ROOT / readme.PICTURE).read_bytes(), told
    assert f"]({readme.PICTURE.as_posix()})" in TEXT


def test_every_network_of_the_study_has_a_row_with_all_of_its_seeds() -> None:
    assert [row[0] for row in ROWS] == list(LONG.networks)
    for row in ROWS:
        assert re.fullmatch(r"\d\d\.\d ± \d\.\d %", row[1])
        assert row[2] == str(LONG.presets[readme.PRESET].seeds)
        assert row[3] == f"{LONG.presets[readme.PRESET].schedule.steps:,}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_command_of_a_row_trains_what_is_in_it(
    row: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[Task] = []

    def work(todo: tuple[Task, ...], *_: object) -> tuple[SimpleNamespace, None]:
        trained.extend(todo)
        return SimpleNamespace(left=()), None

    monkeypatch.setenv("RELUPOOL_RESULTS", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")  # what the command sets is put back
    monkeypatch.setattr(training, "work", work)
    monkeypatch.setattr(training, "_price", lambda todo: "")
    program, *words = shlex.split(row[-1].strip("`"))
    result = CliRunner().invoke(cli.app, words)
    assert (program, result.exit_code) == ("relupool", 0), result.output
    wanted = LONG.experiments(readme.PRESET)
    assert {task.experiment for task in trained} == {e for e in wanted if LONG.label(e.network) == row[0]}


def test_a_readme_without_a_place_for_the_table_is_refused() -> None:
    stored = Store(COMMITTED).complete(LONG, readme.PRESET)
    with pytest.raises(ValueError, match=r"README\.md is '0 times <!-- Here the table ends"):
        readme.renewed(TEXT.replace(readme.END, ""), stored)
