from __future__ import annotations

import math
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from notebooks import chapter, write
from relupool import files
from relupool.book import contained, gate
from relupool.book.build import Build
from relupool.book.execute import TIMEOUT, ChapterFailed, execute
from small_book import figure_files, figure_output

ASK = "from relupool.book.chapter import check_parameters\ncheck_parameters()"
SHOW = """import sys
sys.path.insert(0, {tests!r})
from relupool.book.chapter import check_parameters, say, show, tell
from small_book import figure
check_parameters()"""


def run(tmp_path: Path, *cells: str | NotebookNode, **given: object) -> dict:
    """Execute a chapter of these cells into tmp_path / "out"."""
    timeout = given.pop("timeout", 0)
    return execute(write(tmp_path / "03_x.ipynb", *cells), tmp_path / "out", Build(), given, timeout=timeout)


def failure(tmp_path: Path, *cells: str | NotebookNode, **given: object) -> str:
    """The message with which it fails; nothing may be left that could be rendered."""
    with pytest.raises(ChapterFailed) as caught:
        run(tmp_path, *cells, **given)
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {"partial.ipynb", "log.txt", "figures"}
    assert str(tmp_path / "out" / "partial.ipynb") in str(caught.value)
    assert str(caught.value).startswith("chapter 03_x failed\n")
    return str(caught.value)


# --- with kernels -----------------------------------------------------------------------------------------------------


@pytest.mark.book
def test_a_chapter_that_finishes_leaves_notebook_record_figures_and_log(tmp_path: Path):
    text = "# A chapter\n\n{numref}`fig-example` and {{ half | percent(0) }}"
    cells = [text, SHOW.format(tests=str(Path(__file__).parent)), "tell(half=1 / size)", "show(figure())"]
    record = run(tmp_path, *cells, "say('**done**'); print('heard'); print('no' 'ise', file=sys.stderr)", size=2)
    folder = tmp_path / "out"
    assert record == files.unsealed((folder / "record.json").read_bytes())
    assert record["parameters"] == {"size": 2, "slope": 0.2, "activation": "relu", "live": True}
    assert [row["name"] for row in record["declared"]] == list(record["parameters"])
    assert record["build"] == Build(figures=folder / "figures").to_json()
    assert (record["backend"], record["device_kind"], record["data"]) == ("", "cpu", None)
    assert record["figures"] == ["fig-example"]
    assert [cell["cell"][:11] for cell in record["cells"]] == [f"code cell {n}" for n in range(1, 7)]
    assert sum(cell["seconds"] for cell in record["cells"]) <= record["seconds"]
    assert {"python", "numpy", "matplotlib"} <= set(record["versions"])
    assert "keras" not in record["versions"]  # it would be, had showing a figure imported it
    assert {"heard", "noise"} <= set((folder / "log.txt").read_text().splitlines())
    assert "noise" not in str([cell.get("outputs") for cell in nbformat.read(folder / "executed.ipynb", 4).cells])
    assert not (folder / "partial.ipynb").exists()
    cells = nbformat.read(folder / "executed.ipynb", 4).cells
    assert any("{numref}`fig-example` and 50\N{NO-BREAK SPACE}%" in cell.source for cell in cells)
    outputs = [o for cell in cells for o in cell.get("outputs", [])]
    shown = next(o for o in outputs if "relupool" in o.get("metadata", {}))
    assert shown.metadata == figure_output().metadata
    assert {"image/svg+xml", "image/png"} < set(shown.data)


@pytest.mark.book
def test_a_cell_that_raises_is_named_with_its_traceback(tmp_path: Path):
    message = failure(tmp_path, "def invert(x):\n    return 1 / x", "\ninvert(0)  # too much", "print('not reached')")
    assert "- code cell 3, `invert(0)  # too much` raised ZeroDivisionError: division by zero" in message
    assert "----> 2     return 1 / x" in message
    assert "not executed" not in message


@pytest.mark.book
def test_a_kernel_that_dies_is_noticed_although_papermill_calls_the_notebook_complete(tmp_path: Path):
    message = failure(tmp_path, "import os", "os._exit(0)", "print('not reached')")
    assert "code cell 3, `os._exit(0)` was running when the kernel died" in message
    left = nbformat.read(tmp_path / "out" / "partial.ipynb", 4)
    assert left.metadata.papermill.exception is None  # why there is a gate


@pytest.mark.book
def test_a_chapter_that_takes_too_long_is_ended(tmp_path: Path):
    message = failure(tmp_path, "import time", "time.sleep(600)", timeout=2)
    assert "code cell 3, `time.sleep(600)` was running when the 2 s of this chapter were over" in message


@pytest.mark.book
def test_what_the_text_refers_to_must_have_been_made(tmp_path: Path):
    skipped = new_code_cell("print('skipped')", metadata={"tags": ["skip-execution"]})
    assert "code cell 2, `print('skipped')` was not executed" in failure(tmp_path, skipped, "1 + 1")
    message = failure(tmp_path, "# {numref}`The figure <fig-lost>`")
    assert "- the text of cell 2 refers to fig-lost, which no cell has shown" in message
    assert "- the text of cell 2: 'lost' is undefined" in failure(tmp_path, "# {{ lost | percent }}")


@pytest.mark.book
def test_values_from_elsewhere_fail_the_chapter_whose_record_would_not_have_them(tmp_path: Path):
    after_all_checks = "%reset_selective -f nothing\nglobals().update(size=7)"
    message = failure(tmp_path, after_all_checks, ASK)
    assert "- its kernel ran with size = 7, but 3 was asked for" in message


@pytest.mark.book
def test_plain_papermill_gives_the_same_error_inside_the_notebook(tmp_path: Path):
    path = write(tmp_path / "03_x.ipynb", ASK)
    message = "size is 9, but must be a whole number from 2 to 8"
    with pytest.raises(ValueError, match=message):
        execute(path, tmp_path / "out", Build(), {"size": 9})
    assert not (tmp_path / "out").exists()  # nothing was started
    with pytest.raises(papermill.PapermillExecutionError, match=f"ValueError: {message}"):
        papermill.execute_notebook(str(path), None, {"size": 9}, progress_bar=False)


@pytest.mark.book
def test_children_that_went_their_own_way_end_with_their_chapter(tmp_path: Path):
    sleep = f"[{sys.executable!r}, '-c', 'import time; time.sleep(600)']"
    run(tmp_path, "import subprocess", f"print('child', subprocess.Popen({sleep}, start_new_session=True).pid)")
    child = int(re.search(r"child (\d+)", (tmp_path / "out/log.txt").read_text())[1])
    assert not alive(child)


@pytest.mark.book
def test_what_is_printed_is_one_output_however_long_it_took(tmp_path: Path):
    run(tmp_path, "import time\nfor n in range(3):\n    print(n, flush=True)\n    time.sleep(0.3)")
    (output,) = nbformat.read(tmp_path / "out/executed.ipynb", 4).cells[1].outputs
    assert output.text == "0\n1\n2\n"


@pytest.mark.book
def test_a_chapter_that_writes_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("relupool.book.execute.OUTPUT", 1_000_000)
    message = failure(tmp_path, "while True:\n    print('x' * 10_000)", timeout=60)
    assert "code cell 2, `while True:` was running when this chapter had written more than 1,000,000 bytes" in message
    assert all(path.stat().st_size < 2_000_000 for path in (tmp_path / "out").iterdir())


STARTS = "print('started'); size = 7"
FOREIGN = {
    "JUPYTER_PATH": "{0}",  # has a kernel python3 of another Python
    "IPYTHONDIR": "{0}",  # with a start-up file
    "HOME": "{0}/file/home",  # which cannot be made
    "PYTHONSTARTUP": "{0}/profile_default/startup/a.py",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "7",
    "MPLBACKEND": "nonsense",
    "MATPLOTLIBRC": "{0}/matplotlibrc",
    "KERAS_HOME": "{0}",  # with another keras.json
    "KERAS_MAX_EPOCHS": "2",
}


@pytest.mark.book
def test_what_a_reader_has_set_up_for_other_work_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = {
        "kernels/python3/kernel.json": '{"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}',
        "profile_default/startup/a.py": STARTS,
        "profile_default/ipython_kernel_config.py": f"c.InteractiveShellApp.exec_lines = [{STARTS!r}]",
        "matplotlibrc": "backend: nonsense",
        "keras.json": '{"floatx": "float16"}',
        "file": "",
    }
    for name, text in other.items():
        (tmp_path / "home" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "home" / name).write_text(text)
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value.format(tmp_path / "home"))
    asked = "import matplotlib.pyplot as plt, sys\nprint(sys.executable, sys.flags.optimize, hash('a'), plt.figure())"
    run(tmp_path, ASK, asked, "from relupool.experiments import settings\nsettings.check()")
    cells = nbformat.read(tmp_path / "out/executed.ipynb", 4).cells
    said = "".join(str(output.get("text", "")) for cell in cells for output in cell.get("outputs", []))
    command = [sys.executable, "-c", "print(hash('a'))"]
    fixed = subprocess.run(command, env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True)
    assert said.startswith(f"{sys.executable} 0 {fixed.stdout.strip()} Figure(")
    assert said.count("\n") == 1  # and no warning


def test_a_folder_in_use_and_a_time_that_is_none_are_refused_before_anything_starts(tmp_path: Path):
    with contained.claim(tmp_path / "out" / "log.txt", "tests"), pytest.raises(ValueError, match="another process"):
        run(tmp_path, "1 + 1")
    for timeout in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"^timeout is .*, but must be a number of seconds, or 0 for any time"):
            run(tmp_path, "1 + 1", timeout=timeout)


@pytest.mark.parametrize(("fresh", "timeout"), [(False, TIMEOUT), (True, 0)])
def test_a_chapter_has_a_time_limit_unless_it_trains_all_anew(tmp_path: Path, monkeypatch, fresh: bool, timeout: float):
    asked = []
    monkeypatch.setattr("relupool.book.execute._run", lambda *given: (asked.append(given[-2]), ({}, "stopped"))[1])
    with pytest.raises(ChapterFailed, match="stopped"):
        execute(write(tmp_path / "03_x.ipynb"), tmp_path / "out", Build(fresh=fresh), {})
    assert asked == [timeout]


@pytest.mark.book
@pytest.mark.parametrize("busy", ["time.sleep(600)", "import re; re.match(r'(a+)+b', 'a' * 60)"], ids=["idle", "deaf"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_no_kernel_outlives_an_interrupted_execution(tmp_path: Path, how: signal.Signals, busy: str):
    said = tmp_path / "pid"
    tell = f"import os, pathlib, time\npathlib.Path({str(said)!r}).write_text(str(os.getpid()))"
    write(tmp_path / "chapters/03_x.ipynb", tell, busy)
    command = [sys.executable, "-m", "relupool.cli", "chapter", "03", "--folder", "out"]
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what runs in the background is deaf to it
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, preexec_fn=listen)
    assert wait_for(lambda: said.exists() and said.read_text(), seconds=60)
    kernel = int(said.read_text())
    process.send_signal(how)
    assert process.wait(timeout=60) != 0
    assert wait_for(lambda: not alive(kernel), seconds=30)
    assert not (tmp_path / "out" / "executed.ipynb").exists()


def wait_for(condition, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


# --- without ----------------------------------------------------------------------------------------------------------


def finished(*cells: str | NotebookNode) -> NotebookNode:
    """A chapter of these cells, each executed in its turn."""
    notebook = chapter(*cells)
    for place, cell in enumerate(gate.code_cells(notebook), 1):
        cell.execution_count = place
    return notebook


@pytest.fixture
def shown() -> NotebookNode:
    return new_code_cell("show(figure)", outputs=[figure_output()])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    for name, data in figure_files().items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


CPU = {"backend": "", "device": "a processor", "device_kind": "cpu"}


def faults(notebook: NotebookNode, folder: Path, *, asked: str = "cpu", **facts: object) -> list[str]:
    return gate.faults(notebook, folder, device=asked, parameters={"size": 3, "slope": 0.2}, facts=CPU | facts)


def test_a_finished_chapter_passes(shown: NotebookNode, saved: Path):
    assert faults(finished("# See {numref}`fig-example`.", "", shown), saved) == []


@pytest.mark.parametrize("kind", ["svg", "pdf", "png", "csv", "json"])
def test_every_file_of_a_figure_must_be_there(shown: NotebookNode, saved: Path, kind: str):
    (saved / f"fig-example.{kind}").unlink()
    (fault,) = faults(finished(shown), saved)
    assert f"fig-example.{kind}" in fault


def test_a_file_of_a_figure_must_be_the_one_that_was_saved(shown: NotebookNode, saved: Path):
    (saved / "fig-example.csv").write_text("altered")
    (fault,) = faults(finished(shown), saved)
    assert "fig-example.csv is not there as it was saved" in fault


def test_cells_must_have_run_in_their_order(saved: Path):
    notebook = finished("a = 1", "b = 2")
    notebook.cells[2].execution_count = 7
    assert faults(notebook, saved) == ["code cell 3, `b = 2` ran as number 7"]


def test_an_error_counts_even_where_a_cell_may_raise(saved: Path):
    cell = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    cell.outputs = [
        new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=["\x1b[31mat 1\x1b[0m"])
    ]
    assert faults(finished(cell), saved) == ["code cell 2, `1 / 0` raised ZeroDivisionError: division by zero\nat 1"]


def test_computed_sentences_are_text_too(saved: Path):
    data = {"text/markdown": "as {ref}`fig-lost` shows"}
    cell = new_code_cell("say(text)", outputs=[new_output("display_data", data=data)])
    (fault,) = faults(finished(cell), saved)
    assert fault == "the output of code cell 2, `say(text)` refers to fig-lost, which no cell has shown"


def test_the_device_must_be_the_one_that_was_asked_for(saved: Path):
    notebook = finished("1 + 1")
    (fault,) = faults(notebook, saved, asked="gpu", backend="jax")
    assert fault == "it was to run on the gpu, but jax ran on a processor (cpu)"
    assert faults(notebook, saved, asked="gpu", backend="jax", device_kind="gpu") == []
    assert faults(notebook, saved, asked="gpu") == []  # used no backend
