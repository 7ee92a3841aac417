"""Run one chapter through papermill and let it pass only if the gate finds that it really finished.

It leaves executed.ipynb, record.json, figures/ and log.txt; or, where the chapter failed, partial.ipynb and log.txt.
"""

from __future__ import annotations

import ast
import json
import math
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import nbformat
import papermill
from attrs import evolve
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from relupool import files
from relupool.book import contained, gate, parameters, prose
from relupool.book.build import Build
from relupool.book.record import record
from relupool.validation import refuse

FACTS = "__import__('relupool.book.record', fromlist=['record']).facts()"


class ChapterFailed(Exception):
    """A chapter did not finish; the message names chapter, cell and reason."""


TIMEOUT = 3600.0
"""Seconds that the cells of a chapter may take together, unless it is told otherwise, or trains all anew."""

OUTPUT = 20_000_000
"""Bytes that they may write together; the chapters of the book write 3 million at most."""


def execute(
    notebook: Path,
    folder: Path,
    build: Build,
    given: Mapping[str, parameters.Value],
    *,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Execute the chapter ``notebook`` into ``folder`` and return its record.

    ``given`` are values for some of its parameters; ``timeout`` is in seconds, 0 for any time. Raises ValueError if
    they do not fit, or another process is at work in ``folder``, before anything starts, and :class:`ChapterFailed` if
    the chapter does not pass the gate. What the chapter has started ends with it.
    """
    declared = parameters.read(notebook)
    asked = {parameter.name: parameter.default for parameter in declared} | parameters.check(declared, given)
    timeout = (0 if build.fresh else TIMEOUT) if timeout is None else timeout
    if not 0 <= timeout < math.inf:
        refuse("timeout", timeout, "a number of seconds, or 0 for any time")
    partial, figures, log = folder / "partial.ipynb", folder / "figures", folder / "log.txt"
    build = evolve(build, figures=figures)
    with contained.claim(log, f"executes a chapter into {folder}"):
        for old in (partial, folder / "executed.ipynb", folder / "record.json"):
            old.unlink(missing_ok=True)
        shutil.rmtree(figures, ignore_errors=True)
        figures.mkdir()
        marked, watcher = contained.watch()
        with tempfile.TemporaryDirectory() as own, watcher, log.open("w", encoding="utf-8") as stream:
            facts, broken = _run(notebook, partial, kernel_environment(build, own) | marked, given, timeout, stream)
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)  # the line of progress
        faults = [broken] if broken else []
        if not faults:
            done = nbformat.read(partial, as_version=4)
            faults = gate.faults(done, figures, device=build.device, parameters=asked, facts=facts)
        try:
            finished = None if faults else prose.filled(done)
        except ValueError as unfinished:
            faults = str(unfinished).splitlines()
        if faults:
            listed = "\n".join(f"- {fault}" for fault in faults)
            left = f"as far as it came: {partial}; its log: {log}"
            raise ChapterFailed(f"chapter {notebook.stem} failed\n{listed}\n{left}")
        facts = {name: fact for name, fact in facts.items() if name not in ("reached", "output")}
        made = record(done, notebook.stem, build, declared=declared, facts=facts | {"parameters": asked})
        files.write_whole(folder / "record.json", files.sealed(made))
        nbformat.write(finished, partial)
        partial.replace(folder / "executed.ipynb")  # last, and in one step: what has this name has passed the gate
        return made


def kernel_environment(build: Build, own: str) -> dict[str, str]:
    """The environment of a kernel in ``build``: this one, without what would set up Python and its tools otherwise.

    A reader's start-up files of IPython and keras.json stay out: the kernel has the folder ``own`` in their place.
    """
    outer = {
        name: value
        for name, value in os.environ.items()
        if name == "PYTHONPATH"
        or not name.startswith(("PYTHON", "IPYTHON", "JUPYTER", "KERAS", "MPLBACKEND", "MATPLOTLIBRC"))
    }
    return (
        outer
        | {"IPYTHONDIR": own, "KERAS_HOME": own, "PYTHONNOUSERSITE": "1", "PYTHONHASHSEED": "0"}
        | build.environment()
    )


def _run(
    notebook: Path, output: Path, environment: dict[str, str], given: Mapping[str, Any], timeout: float, log: IO[str]
) -> tuple[dict[str, Any], str]:
    """Let papermill execute ``notebook``; what the kernel said of itself, and how the execution broke off, or ""."""
    papermill_engines.register("relupool", _Engine)
    facts: dict[str, Any] = {"reached": "the start of the kernel"}
    try:
        papermill.execute_notebook(
            notebook,
            output,
            dict(given),
            engine_name="relupool",
            kernel_name="python3",
            progress_bar=False,
            environment=environment,
            timeout=timeout,
            log_file=log,
            facts=facts,
        )
    except PapermillExecutionError:
        pass  # the gate names the cell that raised
    except CellTimeoutError:
        return facts, f"{facts['reached']} was running when the {timeout:g} s of this chapter were over"
    except DeadKernelError:
        if facts.get("output", 0) > OUTPUT:
            return facts, f"{facts['reached']} was running when this chapter had written more than {OUTPUT:,} bytes"
        return facts, f"{facts['reached']} was running when the kernel died: a crash, no memory left, or an interrupt"
    except Exception as error:
        log.write(traceback.format_exc())
        return facts, f"{facts['reached']} was running when papermill failed: {type(error).__name__}: {error}"
    return facts, ""


class _Engine(Engine):
    """Papermill's way to run cells, with an environment for the kernel, one deadline for all cells, and a log."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        environment: dict[str, str],
        timeout: float,
        log_file: IO[str],
        facts: dict[str, Any],
        **_: Any,
    ) -> None:
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            chapter_timeout=timeout,
            facts=facts,
            coalesce_streams=True,  # or a line more or less in each part would tell how fast it was
            on_cell_execute=_progress(
                Path(nb_man.output_path).parent.name, gate.code_cells(nb_man.nb), log_file, facts
            ),
            stdout_file=log_file,
            stderr_file=log_file,
        )
        client.execute(env=environment, stdout=log_file, stderr=log_file)


class _Client(PapermillNotebookClient):
    """A kernel of this very Python, one time-out and one measure of output for all cells, and a question at the end.

    Warnings and the start-up logs of backends, with their times, go to the log alone. ``facts`` gets what the kernel
    says of itself, and the bytes of ``output``.
    """

    def __init__(
        self, manager: NotebookExecutionManager, *, chapter_timeout: float, facts: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(manager, **options)
        self.chapter_timeout, self.facts = chapter_timeout, facts

    def create_kernel_manager(self) -> AsyncKernelManager:
        # without folders for them there are no specifications of kernels but ipykernel's own
        self.km = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        return self.km

    def process_message(self, message: dict[str, Any], *others: Any) -> Any:
        self.facts["output"] = self.facts.get("output", 0) + len(str(message["content"]))
        if self.facts["output"] > OUTPUT:
            self.task_poll_for_reply.cancel()  # which ends as if the kernel had died
            return None
        if message["msg_type"] == "stream" and message["content"]["name"] == "stderr":
            print(message["content"]["text"], end="", file=self.stderr_file, flush=True)
            return None
        return super().process_message(message, *others)

    def papermill_execute_cells(self) -> None:
        if self.chapter_timeout:
            end = time.monotonic() + self.chapter_timeout
            self.timeout_func = lambda cell: max(1, round(end - time.monotonic()))
        super().papermill_execute_cells()
        reply = self.wait_for_reply(self.kc.execute("", silent=True, user_expressions={"facts": FACTS}))
        answer = reply["content"]["user_expressions"]["facts"]
        if answer["status"] != "ok":
            raise RuntimeError(f"the kernel could not say what it is: {answer['ename']}: {answer['evalue']}")
        self.facts |= json.loads(ast.literal_eval(answer["data"]["text/plain"]))


def _progress(chapter: str, cells: list[NotebookNode], log: IO[str], facts: dict[str, Any]) -> Callable[..., None]:
    """What to do as each cell starts: note it, in the log too, and on a terminal rewrite one line."""
    started = time.monotonic()
    ahead = enumerate(cells, 1)

    def on_cell_execute(cell: NotebookNode, **_: Any) -> None:
        place, _cell = next(ahead)
        facts["reached"] = gate.name_of(cell, place)
        line = f"{chapter}: cell {place}/{len(cells)}, {time.monotonic() - started:.0f} s"
        print(f"--- {line}: {facts['reached']}", file=log, flush=True)
        if sys.stderr.isatty():
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return on_cell_execute
