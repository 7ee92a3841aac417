"""Keras as the propositions see it, and the table of what their checks found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from typer.testing import CliRunner

from relupool import cli
from relupool.book import layers, theorems
from relupool.theory.propositions import PROPOSITIONS

TWO = tuple(p for p in PROPOSITIONS if p.name in ("relu-commutes-with-max", "gelu-commutes-with-max"))


@pytest.fixture(autouse=True)
def only_two(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(layers, "PROPOSITIONS", TWO)


def test_the_gradient_of_a_sum_of_squares():
    x, upstream = np.float32([[1, -2, 3]]), np.float32([[1, 1, 10]])
    np.testing.assert_array_equal(layers.pullback(lambda x: x * x, x, upstream), [[2, -4, 60]])


def test_the_table_says_what_is_true_and_what_was_found():
    table = layers.checked(trials=70).set_index("name")
    assert table["confirmed"].all()
    assert table["holds"].tolist() == table["true"].tolist() == [True, False]
    assert table.loc["relu-commutes-with-max", "differing"] == 0 < table.loc["gelu-commutes-with-max", "differing"]


def test_a_wrong_layer_is_told_and_ends_with_code_1(monkeypatch: pytest.MonkeyPatch):
    done = CliRunner().invoke(cli.app, ["check", "--trials", "70"])
    assert done.exit_code == 0
    assert "2 of 2 as the book says, on tensorflow" in done.stdout
    wrong = evolve(layers.KERAS, activation=lambda name: lambda x: x * x)
    monkeypatch.setattr(layers.checked, "__kwdefaults__", {**layers.checked.__kwdefaults__, "layers": wrong})
    done = CliRunner().invoke(cli.app, ["check", "--trials", "70"])
    assert done.exit_code == 1
    assert "FAIL ReLU and max-pooling commute" in done.stdout


def test_theorems_are_searched_again_only_when_what_was_searched_is_another(tmp_path: Path, monkeypatch):
    searches = []
    checked = layers.checked
    monkeypatch.setattr(theorems, "KEPT", tmp_path)
    monkeypatch.setattr(layers, "checked", lambda **asked: searches.append(asked) or checked(**asked))

    def found(**asked: int) -> None:
        tables = theorems.theorems("tensorflow", trials=7, **asked)
        for now, kept in zip(tables, theorems.theorems("tensorflow", trials=7, **asked), strict=True):
            pd.testing.assert_frame_equal(now, kept)

    found()
    assert len(searches) == 1
    found(seed=1)
    assert searches[1:] == [{"trials": 7, "seed": 1}]
    (tmp_path / "tensorflow.json").write_bytes(b"{")
    found(seed=1)
    assert len(searches) == 3
    monkeypatch.setattr(theorems.sources, "versions", lambda: {"keras": "0.1"})
    found(seed=1)
    assert len(searches) == 4
