from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell
from papermill.translators import PythonTranslator

from notebooks import PARAMETERS, write
from relupool.book import parameters, sources
from relupool.book.build import Build
from relupool.book.execute import execute
from relupool.book.parameters import Parameter

ROOT = Path(__file__).resolve().parents[1]
DECLARED = parameters.declared(PARAMETERS)


def test_a_declaration_has_six_parts():
    assert DECLARED[0] == Parameter(
        "size", "int", 3, "side of the window", "pixels", "2 to 8", options=(), bounds=(2.0, 8.0)
    )
    assert [p.default for p in DECLARED] == [3, 0.2, "relu", True]


def test_comments_and_empty_lines_may_stand_between_declarations():
    assert parameters.declared(f"# change these\n\n{PARAMETERS}\n") == DECLARED


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("size", "2", 2), ("size", "8", 8), ("slope", "1", 1.0), ("slope", "-1e-1", -0.1), ("live", "false", False)]
    + [("activation", "silu", "silu")],
)
def test_values_from_a_command_line_take_their_type(name: str, text: str, value: parameters.Value):
    read = parameters.parse(DECLARED, {name: text})[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("size", "9", "a whole number from 2 to 8"),
        ("size", "1", "a whole number from 2 to 8"),
        ("size", "3.0", "a whole number from 2 to 8"),
        ("size", "three", "a whole number from 2 to 8"),
        ("slope", "nan", "a finite number from -1 to 1"),
        ("slope", "1.01", "a finite number from -1 to 1"),
        ("slope", "", "a finite number from -1 to 1"),
        ("activation", "gelu", "one of 'relu', 'silu'"),
        ("live", "1", "True or False"),
        ("width", "3", "no such parameter; there are activation, live, size, slope"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_is_allowed(name: str, text: str, allowed: str):
    with pytest.raises(ValueError, match=rf"^{name} is .*, but must be .*{allowed}"):
        parameters.parse(DECLARED, {name: text})


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "3"), ("size", True), ("size", 3.0), ("slope", "0.1"), ("slope", float("inf")), ("live", 1)]
    + [("activation", None), ("slope", 2), ("width", 3)],
)
def test_values_in_a_kernel_are_held_to_their_type(name: str, value: object):
    with pytest.raises(ValueError, match=f"^{name} is "):
        parameters.check(DECLARED, {name: value})


def test_a_whole_number_will_do_for_a_float():
    value = parameters.check(DECLARED, {"slope": 1})["slope"]
    assert isinstance(value, float)


@pytest.mark.parametrize(
    "line",
    [
        "x = 3  # a; b; any",
        "x: int = 3",
        "x: int = 3  # a; any",
        "x: int = 3  # a; ; any",
        "x: int | None = 3  # a; b; any",
        "x: 'int' = 3  # a; b; any",
        "x: int = 3  # a; b; 4 to 8",
        "x: int = 3  # a; b; 8 to 1",
        "x: int = 3  # a; b; 1 to many",
        "x: int = 3  # a; b; positive",
        "x: int = '3'  # a; b; any",
        "x: int = f()  # a; b; any",
        "x: float = 1  # a; b; any",
        "x: str = 'a'  # a; b; a to b",
        "x: str = 'a'  # a; b; one of b, c",
        "import os",
        "x: int =",
    ],
)
def test_a_malformed_cell_is_refused(line: str):
    with pytest.raises(ValueError, match=r"parameters cell|literal"):
        parameters.declared(line)


def test_a_name_is_declared_once():
    with pytest.raises(ValueError, match=r"x.*declared once"):
        parameters.declared("x: int = 1  # a; b; any\nx: int = 2  # a; b; any")


@given(
    st.integers(-5, 5), st.floats(-9, 9), st.text(st.characters(blacklist_categories=["Cs"]), max_size=9), st.booleans()
)
def test_what_papermill_injects_is_read_back(whole: int, real: float, text: str, truth: bool):
    values = {"whole": whole, "real": real, "text": text, "truth": truth}
    assert parameters.assigned(PythonTranslator().codify(values)) == values


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused_by_its_name(value: float):
    told = parameters.assigned(PythonTranslator().codify({"size": value}))
    with pytest.raises(ValueError, match=f"^size is {value}, but must be a whole number from 2 to 8"):
        parameters.check(DECLARED, told)


def test_the_paths_that_papermill_may_inject_are_no_parameters():
    paths = {"PAPERMILL_INPUT_PATH": "a", "PAPERMILL_OUTPUT_PATH": "b"}
    assert parameters.assigned(PythonTranslator().codify({"size": 4, **paths})) == {"size": 4}


def test_papermill_shows_every_parameter(tmp_path: Path):
    shown = papermill.inspect_notebook(str(write(tmp_path / "01_x.ipynb")))
    told = {name: (p["inferred_type_name"], p["help"].split("; ")[0]) for name, p in shown.items()}
    assert told == {p.name: (p.type, p.meaning) for p in DECLARED}


def test_a_notebook_has_one_parameters_cell(tmp_path: Path):
    path = write(tmp_path / "01_x.ipynb")
    assert parameters.read(path) == DECLARED
    path.write_text(path.read_text().replace('"parameters"', '"other"'))
    with pytest.raises(ValueError, match=r"^01_x\.ipynb: .*is 0, but must be 1"):
        parameters.read(path)


CHECK = "from relupool.book.chapter import check_parameters\ncheck_parameters()"
INJECTED = new_code_cell("# Parameters\nsize = 7\n", metadata={"tags": ["injected-parameters"]})


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ([CHECK, "size = 7"], None),  # after the check a chapter may do as it likes
        (["%precision 3", CHECK], None),
        (["width = 7", CHECK], None),
        ([INJECTED, CHECK], "code cell 2 holds values that papermill has injected"),
        ([CHECK, INJECTED], "code cell 3 holds values that papermill has injected"),
        (["size = 7", CHECK], r"code cell 2 sets size before check_parameters\(\)"),
        (["for size in (1, 2):\n    pass", CHECK], "code cell 2 sets size"),
        (["1 + 1", "width, (slope, _) = 1, (2, 3)", CHECK], "code cell 3 sets slope"),
        (["live = False\ncheck_parameters()"], "code cell 2 sets live"),
    ],
)
def test_a_source_that_would_run_with_other_values_than_it_declares_is_refused(tmp_path: Path, cells, fault):
    path = write(tmp_path / "01_x.ipynb", *cells)
    if fault is None:
        assert parameters.read(path) == DECLARED
        parameters.main([str(path)])
        return
    with pytest.raises(ValueError, match=rf"^01_x\.ipynb: {fault}"):
        parameters.read(path)
    with pytest.raises(ValueError, match=fault):
        execute(path, tmp_path / "out", Build(), {})
    with pytest.raises(SystemExit, match=fault):
        parameters.main([str(path), str(path)])


JUNK = [None, True, -1, float("inf"), "", [], {}, "word", [[]], {"a": 1}, "\ud800"]


def places(value: Any, way: tuple = ()) -> Iterator[tuple]:
    yield way
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[name], (*way, name))


def damaged(whole: bytes) -> Iterator[bytes]:
    """A notebook with each of its values taken out or replaced, with flipped bits, cut off, and nested too deep."""
    for *way, last in list(places(json.loads(whole)))[1:]:
        for junk in ("out", *JUNK):
            notebook = json.loads(whole)
            place = reduce(getitem, way, notebook)
            if junk == "out":
                del place[last]
            else:
                place[last] = junk
            yield json.dumps(notebook).encode()
    for place in range(0, len(whole), 7):
        yield whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        yield whole[:place]
    yield b"[" * 100_000
    yield b'{"cells": ' * 50_000


def test_whatever_a_notebook_holds_it_is_read_or_refused_by_its_name(tmp_path: Path):
    path = write(tmp_path / "01_x.ipynb", "1 + 1", "# text")
    count, messages = Counter(), set()
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        for reads in (parameters.read, sources.names, sources.modules):
            try:
                reads(path)
                count["read"] += 1
            except ValueError as error:
                messages.add(str(error))
                count["refused"] += 1
    assert [message for message in messages if "01_x.ipynb" not in message] == []
    assert min(count.values()) > 250


def test_make_lint_asks_it():
    assert "-m relupool.book.parameters chapters/*.ipynb\n" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("notebook", sources.chapters(ROOT).values(), ids=lambda path: path.stem)
def test_every_chapter_declares_its_parameters_in_this_form(notebook: Path):
    declared = parameters.read(notebook)
    assert set(papermill.inspect_notebook(str(notebook))) == {p.name for p in declared}
