"""What is recorded of a chapter's execution: enough to say, on its page, how every number on it came about."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from relupool.book import gate, sources
from relupool.book.build import Build
from relupool.book.parameters import Parameter
from relupool.experiments.commit import commit


def facts() -> str:
    """What only the process that runs a chapter knows, as JSON; nothing is imported that the chapter did not import.

    ``backend`` is "" where the chapter used none. ``images`` says whether it has looked at the data set. ``parameters``
    are those that it has checked, none where it did not.
    """
    here, backend = {"device": platform.processor() or platform.machine(), "device_kind": "cpu"}, ""
    if "keras" in sys.modules:
        from relupool.experiments.machine import machine  # imports Keras, as the chapter did

        backend = sys.modules["keras"].backend.backend()
        here = {name: value for name, value in machine().items() if name in (*here, "precision")}
    runs, chapter = (sys.modules.get(f"relupool.book.{name}") for name in ("runs", "chapter"))
    return json.dumps(
        {
            "backend": backend,
            **here,
            "images": runs is not None and runs.images.cache_info().currsize > 0,
            "parameters": chapter.used if chapter else {},
            "load": round(os.getloadavg()[0], 1),
            "versions": {
                "python": platform.python_version(),
                **{name: number for name, number in sources.versions().items() if name in sys.modules},
            },
        }
    )


def record(
    notebook: NotebookNode, name: str, build: Build, *, declared: Sequence[Parameter], facts: dict[str, Any]
) -> dict[str, Any]:
    """The record of the chapter ``name`` as this ``build`` has executed it, JSON values only.

    ``declared`` are its parameters, of which ``facts`` tell the values; see :func:`facts`.
    """
    figures = sorted((build.figures or Path()).glob("*.json"))
    saved = [json.loads(path.read_text(encoding="utf-8")) for path in figures]
    timing = notebook.metadata.papermill
    return {
        **{name: value for name, value in facts.items() if name != "images"},
        **commit(),
        "chapter": name,
        "build": build.to_json(),
        "declared": [parameter.to_json() for parameter in declared],
        "data": json.loads(build.data.read_text(encoding="utf-8")) if facts["images"] and build.data else None,
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
