"""What is recorded of a chapter's execution: enough to say, on its page, how every number on it came about."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from relupool.book import gate, sources


def facts() -> str:
    """What only the process that runs a chapter knows, as JSON; nothing is imported that the chapter did not import.

    ``backend`` is "" where the chapter used none. ``images`` says whether it has looked at the data set.
    """
    backend, device, kind = "", platform.processor() or platform.machine(), "cpu"
    if "keras" in sys.modules:
        from relupool.experiments.machine import machine  # imports Keras, as the chapter did

        backend = sys.modules["keras"].backend.backend()
        device, kind = machine()["device"], machine()["device_kind"]
    runs = sys.modules.get("relupool.book.runs")
    return json.dumps(
        {
            "backend": backend,
            "device": device,
            "device_kind": kind,
            "images": runs is not None and runs.images.cache_info().currsize > 0,
            "load": round(os.getloadavg()[0], 1),
            "versions": {
                "python": platform.python_version(),
                **{name: number for name, number in sources.versions().items() if name in sys.modules},
            },
        }
    )


def record(
    notebook: NotebookNode, figures: Path, *, parameters: dict[str, Any], facts: dict[str, Any], **build: Any
) -> dict[str, Any]:
    """The record of an executed chapter, JSON values only.

    ``parameters`` are all of its parameters as used; ``build`` says what it was asked to do and with which data.
    """
    saved = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(figures.glob("*.json"))]
    timing = notebook.metadata.papermill
    return {
        **build,
        **facts,
        **commit(),
        "parameters": parameters,
        "started": timing.start_time[:19] + "Z",
        "seconds": round(timing.duration, 1),
        "cells": [
            {"cell": gate.name_of(cell, place), "seconds": round(cell.metadata.papermill.duration, 2)}
            for place, cell in enumerate(gate.code_cells(notebook), 1)
        ],
        "figures": [figure["id"] for figure in saved],
        "runs": sorted({key for figure in saved for key in figure["runs"]}),
    }


def commit_words(made: dict[str, Any]) -> str:
    """The commit of a record as pages name it, "" if there is none."""
    if not made.get("commit"):
        return ""
    return f"`{made['commit'][:10]}`" + (", with changes that were not committed" if made.get("clean") is False else "")


def commit(folder: Path | str = ".") -> dict[str, Any]:
    """The commit that is checked out in ``folder``, and whether all is committed; both None outside a repository."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return {"commit": head, "clean": _git(folder, "status", "--porcelain") == ""}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "clean": None}


def _git(folder: Path | str, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
