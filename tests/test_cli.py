from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from typer.testing import CliRunner, Result

from notebooks import write
from relupool import cli, files
from relupool.book import execute, sources
from relupool.book.build import Build
from relupool.experiments import cifar10, data, machine, store, studies
from test_store import made_up


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a book of two chapters, where commands are run."""
    for name in ("03_first", "08_second"):
        write(tmp_path / "chapters" / f"{name}.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(store, "COMMITTED", tmp_path / "data" / "results")
    monkeypatch.setenv("RELUPOOL_RESULTS", str(tmp_path / "_build" / "results"))
    return tmp_path


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What would have been executed: (notebook's name, build, values)."""
    asked = []

    def pretend(notebook: Path, folder: Path, build: Build, given: dict, *, timeout: float | None) -> dict:
        assert timeout is None  # that of the book
        asked.append((notebook.stem, build, given))
        folder.mkdir(parents=True)
        shutil.copy(notebook, folder / "executed.ipynb")
        return {"cells": [1, 2], "seconds": 1.2}

    monkeypatch.setattr(execute, "execute", pretend)
    return asked


def relupool(*words: str) -> Result:
    result = CliRunner().invoke(cli.app, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("name", ["3", "03", "03_first"])
def test_a_chapter_is_known_by_number_or_name(book: Path, executed: list, name: str):
    result = relupool(
        "chapter", name, "-p", "size", "2", "-p", "slope", "-1", "--preset", "standard", "-o", "out.ipynb"
    )
    assert result.exit_code == 0, result.output
    ((stem, build, given),) = executed
    assert (stem, build.preset, given) == ("03_first", "standard", {"size": 2, "slope": -1.0})
    assert (book / "out.ipynb").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["99"], "chapter is '99', but must be the number or the name of a chapter; there are 03_first, 08_second"),
        (["03", "-p", "size", "9"], "size is 9, but must be a whole number from 2 to 8"),
        (["03", "-p", "size", "x"], "size is 'x', but must be a whole number from 2 to 8"),
        (["03", "-p", "sise", "3"], "sise is '3', but must be left out: no such parameter"),
        (["03", "-p", "size"], "argument is '-p', but must be `-p NAME VALUE`"),
        (["03", "--prest", "quick"], "argument is '--prest'"),
        (["03", "--preset", "huge"], "preset is 'huge', but must be one of 'quick', 'standard', 'paper'"),
        (["03", "--device", "tpu"], "device is 'tpu'"),
    ],
)
def test_what_does_not_fit_is_one_message_and_code_2(book: Path, executed: list, words: list[str], message: str):
    result = relupool("chapter", *words)
    assert (result.exit_code, executed) == (2, [])
    assert result.stderr.startswith(f"relupool: {message}")
    assert result.stderr.count("\n") == 1


def test_a_chapter_that_fails_is_code_1(book: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise execute.ChapterFailed("chapter 03_first failed\n- code cell 2")

    monkeypatch.setattr(execute, "execute", fail)
    result = relupool("chapter", "03")
    assert (result.exit_code, result.stderr) == (1, "chapter 03_first failed\n- code cell 2\n")


def test_a_sweep_tries_every_combination_and_its_page_shows_what_differs(book: Path, monkeypatch: pytest.MonkeyPatch):
    def pretend(notebook: Path, folder: Path, build: Build, given: dict) -> None:
        if given == {"size": 3, "slope": -1.0}:
            raise execute.ChapterFailed("a <fault>")
        cells = [new_markdown_cell(f"Always.\n\nSize {given['size']} & {given['slope']}.")]
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells), folder / "executed.ipynb")

    monkeypatch.setattr(execute, "execute", pretend)
    result = relupool("sweep", "03", "-p", "size=2,3", "-p", "slope=0,-1")
    assert result.exit_code == 1
    assert result.output.splitlines()[3:] == [
        "4 of 4: size = 3, slope = -1.0 FAILED",
        "side by side: _build/mine/03_first-sweep/index.html",
    ]
    page = (book / "_build/mine/03_first-sweep/index.html").read_text()
    assert "<p>Size 2 &amp; 0.0.</p>" in page and "<p>Size 3 &amp; 0.0.</p>" in page and "a &lt;fault&gt;" in page
    assert relupool("sweep", "03", "-p", "size=2", "-p", "slope=0,1").exit_code == 0
    assert "Always" not in (book / "_build/mine/03_first-sweep/index.html").read_text()
    for words in (["size=2,9"], ["size"], ["sise=2"]):
        refused = relupool("sweep", "03", "-p", *words)
        assert refused.exit_code == 2 and refused.stderr.startswith("relupool: si"), refused.stderr


def test_outside_of_a_book_the_reader_is_told_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert "run this in the folder of the book" in relupool("chapter", "03").stderr


def test_the_data_set_is_chosen_and_written_down(book: Path, monkeypatch: pytest.MonkeyPatch):
    chosen = data.DataRecord(name="synthetic", sha256="0" * 64, how="synthetic", why=("No network.",))
    asked = []
    monkeypatch.setattr(data, "resolve", lambda folder, offline: asked.append((folder, offline)) or chosen)
    result = relupool("data", "--offline")
    assert result.output == (
        "Data: synthetic (made from a seed). Synthetic images stand in for CIFAR-10 here. No network.\n"
    )
    assert asked == [(None, True)]
    assert data.DataRecord.from_json((book / "_build/data.json").read_text()) == chosen
    assert relupool("bench", "huge").exit_code == 2


def test_results_are_counted_listed_and_checked(book: Path):
    assert "first-ablations standard tensorflow     0       15         0 of 3" in relupool("status").output
    assert relupool("results", "list").output == ""
    assert relupool("results", "check").exit_code == 0
    bad = book / "data/results/first-ablations/abc.json"
    bad.parent.mkdir(parents=True)
    bad.write_text("{")
    for words in (["results", "check"], ["results", "list"], ["status"], ["results", "add", str(bad)]):
        result = relupool(*words)
        assert result.exit_code in (1, 2)
        assert str(bad) in result.stderr


@pytest.fixture
def pretended(book: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Training that takes no time; calls ``before`` with each experiment, and ``asked`` are the checkpoint folders."""
    pretended = SimpleNamespace(before=lambda experiment: None, asked=[])

    def train_many(experiments, images, *, on_progress, on_run, checkpoints, elsewhere, how):
        pretended.asked.append(checkpoints)
        pretended.how = how
        for experiment in experiments:
            pretended.before(experiment)
            on_progress(experiment, 50, 2.5)
            on_run(made_up(experiment), {})

    module = ModuleType("relupool.running.ensemble")
    module.train_many, module.together = train_many, lambda experiments, how: [[e] for e in experiments]
    module.HOWS = ("each", "calls")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(module.__name__, module, raising=False)
    monkeypatch.setattr(machine, "machine", lambda: {"device": "made up", "device_kind": "cpu"})
    monkeypatch.setattr(machine, "native_bfloat16", lambda: True)
    monkeypatch.setattr(data, "load", lambda which: None)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")  # what the command sets is put back
    return pretended


def test_training_stores_what_is_missing_and_then_has_nothing_to_do_unless_it_is_to_be_fresh(
    book: Path, pretended: SimpleNamespace
):
    for words, kept in ((["train", "baseline"], "first"), (["train", "baseline", "--fresh"], "again")):
        result = relupool(*words)
        assert result.exit_code == 0, result.stderr
        assert result.output.startswith("3 runs to train\n")
        assert result.output.endswith("Nothing is left to train.\n")
        assert len(list((book / "_build/results/baseline").iterdir())) == 3
        again = relupool(*words)
        assert (again.exit_code, again.output) == (0, "0 runs to train\n")
        if kept == "first":  # the book has these, and what is trained anew is this machine's
            shutil.move(book / "_build/results", book / "data/results")
            assert relupool("train", "baseline").output == "0 runs to train\n"
    assert set(pretended.asked) == {book / "_build" / "checkpoints"}
    assert pretended.how is None


def test_how_several_networks_are_trained_at_once_is_chosen_by_name_or_by_measurement(
    book: Path, pretended: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    measured = pd.DataFrame({"contender": ["one network", "5 networks, each"], "images_per_second": [9.0, 8.0]})
    monkeypatch.setattr("relupool.instruments.bench.ensemble", lambda **options: measured)
    for asked, how in (("calls", "calls"), ("fastest", "each")):
        told = relupool("train", "baseline", "--backend", "jax", "--fresh", "--how", asked)
        assert (told.exit_code, pretended.how) == (0, how)
        shutil.rmtree(book / "_build/results")
    refused = relupool("train", "baseline", "--how", "each")
    assert (refused.exit_code, refused.stderr) == (
        2, "relupool: --how is 'each with tensorflow', but must be one of each, calls and fastest, with jax\n"
    )  # fmt: skip


def test_training_tells_what_bfloat16_costs_before_it_starts(
    book: Path, pretended: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(machine, "native_bfloat16", lambda: False)
    begun, warned, *_ = relupool("train", "baseline").output.splitlines()
    assert begun == "3 runs to train"
    assert warned.startswith("3 runs in mixed_bfloat16, but this processor has no bfloat16 of its own: ")
    assert "9 times slower" in warned and "`--dtype float32`" in warned
    again = relupool("train", "dtype", "--dtype", "float32", "--seeds", "1").output.splitlines()
    assert again[0] == "2 runs to train" and again[1].startswith("dtype: ")
    stored = [store.read(path).experiment for path in (book / "_build/results/dtype").iterdir()]
    assert [e.dtype for e in stored] == ["float32", "float32"]


def test_what_another_machine_has_begun_goes_on_here_only_where_that_is_asked_for(
    book: Path, pretended: SimpleNamespace
):
    from relupool.experiments import checkpoint

    begun = studies.BASELINE.experiments("standard")[0]
    there = checkpoint.Checkpoint(step=50, variables=(), started="then", seconds=1.0, machine={"device": "another"})
    path = checkpoint.write(book / "_build/checkpoints", begun, there)
    result = relupool("train", "baseline")
    assert result.exit_code == 3
    (line,) = [line for line in result.output.splitlines() if "passed over" in line]
    assert str(path) in line and "--resume-elsewhere" in line and "'device': 'another'" in line
    assert result.output.splitlines()[-1].startswith("What is left was begun on another machine. 1 run is left")
    assert relupool("train", "baseline", "--resume-elsewhere").output.endswith("Nothing is left to train.\n")


def test_training_can_be_narrowed_and_all_is_every_study(book: Path, pretended: SimpleNamespace):
    words = ("--only", "softmax*", "--only", "*all linear", "--seeds", "1")
    assert relupool("train", "all", *words).output.startswith("8 runs to train\n")
    stored = sorted(path.parent.name for path in (book / "_build/results").rglob("*.json"))
    assert stored == "baseline dtype dtype first-ablations rate-0.03 rate-0.1 rate-0.3 run-length".split()


def test_one_run_is_trained_by_its_key(book: Path, pretended: SimpleNamespace):
    wanted = studies.BASELINE.experiments("standard")[1].key
    assert relupool("train", "baseline", "--key", wanted).output.startswith("1 run to train\n")
    assert [path.stem for path in (book / "_build/results").rglob("*.json")] == [wanted]
    assert relupool("train", "baseline", "--key", wanted).output == "0 runs to train\n"


def test_a_profile_gives_what_is_missing_to_the_graph_and_trains_nothing_itself(
    book: Path, pretended: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    became = []

    def become(program: str, words: list[str]) -> None:
        became.append(words)
        raise SystemExit

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(cifar10, "ROOT", book)
    first, *others = (e.key for e in studies.BASELINE.experiments("standard", dtype="float32"))
    relupool("train", "baseline", "--dtype", "float32", "--key", first)
    results = book / "_build/results/baseline"
    for per_job, jobs in (("1", {key: [key] for key in others}), ("2", {others[-1]: others})):
        options = ("--dtype", "float32", "--profile", "profiles/slurm", "--per-job", per_job)
        assert relupool("train", "baseline", *options).exit_code == 0
        *words, training, end = became[-1][3 : -len(jobs)]
        assert words[:2] == ["--workflow-profile", str(book / "profiles/slurm")]
        assert words[2:] == ["--config", "preset=standard", "backend=tensorflow"]
        assert (end, became[-1][-len(jobs) :]) == ("--", [f"{results}/{key}.json" for key in jobs])
        plan = json.loads((book / training.removeprefix("training=")).read_text())
        assert plan == {"words": ["baseline", "--dataset", "cifar10", "--dtype", "float32"], "jobs": jobs}


def test_time_that_is_over_is_code_3_and_says_what_is_left(book: Path, pretended: SimpleNamespace):
    result = relupool("train", "baseline", "--for", "0s")
    assert result.exit_code == 3
    assert result.output.splitlines()[-1].startswith("Stopped before 0 s were over. 3 runs are left")


def test_lines_of_progress_reach_a_pipe_at_once(monkeypatch: pytest.MonkeyPatch):
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=False))
    line = cli.training._Line()
    line.write("step 50")
    line.write("step 100")  # within a minute
    line.keep("trained")
    assert pipe.getvalue() == b"step 50\ntrained\n"


FAULTS = {
    "no room": OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/results/x.json"),
    "no permission": PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/results/x.json"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("train", "baseline"), (data, "load")),
        (("data",), (data, "resolve")),
        (("status",), (store.Store, "pace")),
        (("results", "check"), (store.Store, "check")),
        (("results", "list"), (store.Store, "sets")),
        (("chapter", "03"), (execute, "execute")),
    ],
    ids=lambda value: value[0] if isinstance(value[0], str) else "",
)
def test_a_fault_of_the_machine_is_one_line_and_code_2(
    book: Path, pretended: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, words: tuple, place: tuple, fault: OSError
):
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(*place, fail)
    result = relupool(*words)
    told = f"/results/x.json: {fault.strerror}" if fault.filename else str(fault)
    assert (result.exit_code, result.stderr) == (2, f"relupool: {told}\n")


def test_output_that_cannot_show_a_sign_shows_another(book: Path):
    code = (
        "from relupool import cli\n@cli.app.command()\ndef say():\n    print('é—')\n    raise ValueError('é—')\n"
        "cli.app(['say'])"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"\xe9?\n", b"relupool: \xe9\\u2014\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_training_cleanly(book: Path, pretended: SimpleNamespace, number: int, code: int):
    before = signal.getsignal(number)
    pretended.before = lambda experiment: os.kill(os.getpid(), number)
    result = relupool("train", "baseline")
    assert result.exit_code == code
    assert f"Stopped by {number.name}. 3 runs are left" in result.output
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["baseline", "--only", "huge*"], "only is 'huge*', but must be a pattern"),
        (["baseline", "--for", "25"], "--for is '25', but must be a time such as 90s, 25m or 1h30m"),
        (["baseline", "--for", ""], "--for is ''"),
        (["baseline", "--seeds", "0"], "seeds is 0"),
        (["baseline", "--dtype", "float16"], "dtype is 'float16', but must be one of 'float32', 'mixed_bfloat16'"),
        (["all", "--preset", "huge"], "preset is 'huge'"),
        (["huge"], "study is 'huge', but must be one of first-ablations"),
        (["baseline", "--key", "ab"], "--key is 'ab', but must be the key of a run of this study and preset"),
        (["baseline", "--profile", "p", "--for", "1h"], "--profile is 'p', but must be without --for"),
        (["baseline", "--per-job", "1"], "--per-job is 1, but must be at least 1, and with --profile"),
        (["baseline", "--per-job", "0", "--profile", "p"], "--per-job is 0"),
    ],
)
def test_training_that_cannot_be_meant_is_refused(book: Path, pretended: SimpleNamespace, words: list, message: str):
    result = relupool("train", *words)
    assert (result.exit_code, pretended.asked) == (2, [])
    assert message in result.stderr


@pytest.mark.parametrize("what", ["training", "ensemble"])
def test_a_benchmark_prints_its_table_and_keeps_it(book: Path, monkeypatch: pytest.MonkeyPatch, what: str):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    asked, table = [], pd.DataFrame([{"contender": "this book", "images_per_second": 1234.56, "ratio": 1.5}])
    table.attrs = {"load": 0.1}
    benchmark = ModuleType("relupool.instruments.bench")
    setattr(benchmark, what, lambda **options: asked.append(options) or table)
    monkeypatch.setitem(sys.modules, "relupool.instruments.bench", benchmark)
    monkeypatch.setattr("relupool.instruments.bench", benchmark, raising=False)
    result = relupool("bench", what, "--rounds", "2", "--busy", "--members", "3")
    more = {} if what == "training" else {"members": 3}
    assert asked == [{"steps": 50, "rounds": 2, "busy": True, **more}]
    assert result.output.split() == ["contender", "images_per_second", "ratio", "this", "book", "1235", "1.50"]
    kept = files.unsealed((book / "_build/bench.json").read_bytes())
    assert kept == {"load": 0.1, "contenders": table.to_dict("records")}


def test_help_imports_neither_keras_nor_a_backend():
    code = (
        "import sys\nfrom relupool import cli\nfrom typer.testing import CliRunner\n"
        "assert CliRunner().invoke(cli.app, ['--help']).exit_code == 0\n"
        "print([name for name in ('keras', 'tensorflow', 'jax', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- what a chapter is made of ----------------------------------------------------------------------------------------


def names(notebook: Path) -> set[str]:
    return {path.relative_to(sources.LIBRARY).as_posix() for path in sources.modules(notebook)}


@pytest.mark.parametrize(
    ("cells", "there", "missing"),
    [
        (
            ["def f():\n    from relupool.book.chapter import show", "import numpy"],
            "book/chapter.py book/parameters.py figures/figure.py figures/relupool.mplstyle validation.py",
            "experiments/",
        ),
        (
            ["from relupool.book.runs import images"],
            "experiments/training.py experiments/store.py experiments/studies.py",
            "site/",
        ),
        (
            ["from relupool import Architecture"],
            "__init__.py experiments/networks.py validation.py",
            "experiments/training.py",
        ),
        (["import relupool"], "experiments/training.py", "site/"),
        (["from relupool.figures import figure"], "figures/figure.py", "site/"),
    ],
    ids=["imports of imports", "training", "a name of the package", "the package", "a module of a room"],
)
def test_a_chapter_depends_on_what_it_imports_and_what_that_imports(tmp_path: Path, cells, there: str, missing: str):
    depends = names(write(tmp_path / "03_x.ipynb", *cells))
    assert set(there.split()) <= depends
    assert not [name for name in depends if name.startswith(missing)]


def test_the_state_of_results_is_that_of_their_contents(tmp_path: Path):
    path = tmp_path / "study" / "key.json"
    path.parent.mkdir()
    states = [sources.digest(tmp_path)]
    for text in ("1", "1", "2"):
        path.write_text(text)
        states.append(sources.digest(tmp_path))
    assert states[1] == states[2]
    assert len(set(states)) == 3


def test_a_chapter_trains_if_its_code_says_so(tmp_path: Path):
    assert not sources.trains(write(tmp_path / "03_x.ipynb", "results = 'network_live'"))
    assert sources.trains(write(tmp_path / "04_y.ipynb", "live = network_live(NETWORK)"))


def test_what_a_build_lacks_is_told_for_each_study_that_a_chapter_shows(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from relupool.book import ready, runs

    write(
        book / "chapters/08_second.ipynb",
        "from relupool.experiments.studies import FIRST_ABLATIONS\nprint(FIRST_ABLATIONS)",
    )
    monkeypatch.setattr(runs, "store", lambda: store.Store(book / "none"))
    assert [study.name for study in ready.shown(book)] == ["first-ablations"]
    (lack,) = ready.lacking("paper", book)
    assert "25 of 25 runs are missing" in lack
    with pytest.raises(SystemExit, match="make book PRESET=paper FRESH=1"):
        ready.main("paper")
    ready.main("quick")  # goes on: the chapters show what they train themselves
    assert "runs are missing" in capsys.readouterr().out
    monkeypatch.setattr(ready, "stored", lambda study, preset: SimpleNamespace())
    assert ready.lacking("paper", book) == []
