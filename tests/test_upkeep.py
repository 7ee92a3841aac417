"""What runs elsewhere: the workflows of GitHub and the image, read here, where neither can be run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE, PROJECT = (ROOT / "Makefile").read_text(), (ROOT / "pyproject.toml").read_text()
VERBS = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, re.MULTILINE))
SUPPORTED = {"3.11", "3.12", "3.13"}


def workflow(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A workflow and the steps of all its jobs."""
    data = yaml.safe_load(path.read_text())
    return data, [step for job in data["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_what_there_is_on_a_python_that_will_do(path: Path) -> None:
    data, steps = workflow(path)
    for step in steps:
        assert ("run" in step) != ("uses" in step)
        assert set(re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE)) <= VERBS
        assert all((ROOT / name).is_file() for name in re.findall(r"^(\.\S+)$", step.get("run", ""), re.MULTILINE))
        assert step.get("with", {}).get("python-version", "3.12") in SUPPORTED
    assert data["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in data["jobs"].values() if len(job["steps"]) > 2)


def test_every_week_the_newest_versions_that_are_allowed_are_tried() -> None:
    data, steps = workflow(ROOT / ".github/workflows/newest.yml")
    minute, hour, day, month, weekday = data[True]["schedule"][0][
        "cron"
    ].split()  # YAML 1.1 takes "on" for a truth value
    assert minute.isdigit() and hour.isdigit() and weekday.isdigit()
    assert (day, month) == ("*", "*")
    run = [step["run"] for step in steps if "run" in step]
    order = [run.index(line) for line in ("make lock", "make book", ".ci/run")]
    assert order == sorted(order)
    (told,) = [step for step in steps if step.get("if") == "failure()"]
    assert "gh issue create" in told["run"]
    assert "uv pip compile --quiet --upgrade " in MAKEFILE
    assert re.search(r"\$\(compile\) pyproject\.toml .* -o requirements\.lock", MAKEFILE)


def instructions() -> list[tuple[str, str]]:
    """The lines of the Containerfile, joined where they go on, as (instruction, its words)."""
    lines = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    words = (line.partition(" ") for line in lines.splitlines() if line)
    return [(word, " ".join(rest.split())) for word, _, rest in words]


def test_the_image_is_of_a_supported_python_names_no_host_and_builds_the_book_as_no_administrator() -> None:
    (first, image), *others = instructions()
    assert first == "FROM"
    assert re.fullmatch(r"python:(\d\.\d+)-slim", image)[1] in SUPPORTED
    assert {word for word, _ in others} <= {"RUN", "USER", "WORKDIR", "COPY", "CMD"}
    assert "://" not in (ROOT / "Containerfile").read_text()
    assert json.loads(dict(others)["CMD"]) == ["make", "book"]
    assert dict(others)["USER"] == "reader"
    (packages,) = [rest for word, rest in others if word == "RUN" and "apt-get install" in rest]
    assert {"git", "make"} <= set(packages.split())


def test_the_image_sets_up_from_the_lock_before_all_else_is_copied() -> None:
    installed = instructions().index(("RUN", "make environment"))
    copies = [
        (place < installed, [part for part in rest.split() if not part.startswith("--")][:-1])
        for place, (word, rest) in enumerate(instructions())
        if word == "COPY"
    ]
    before = {source for early, sources in copies if early for source in sources}
    assert {"requirements.lock", "pyproject.toml", "Makefile", "lib/relupool/__init__.py"} <= before
    assert "\nLOCKS := requirements.lock " in MAKEFILE
    named = "\n".join(re.findall(r"^(?:readme|license-files) .*", PROJECT, re.MULTILINE))
    assert set(re.findall(r'"([A-Z]+(?:\.md)?)"', named)) <= before  # needed where the package is installed
    assert all((ROOT / source).exists() for source in before)
    assert [sources for early, sources in copies if not early] == [["."]]
    ignored = set((ROOT / ".dockerignore").read_text().splitlines())
    assert {".venv*", "_build", "data/raw"} <= ignored
    assert not {"data", "lib", ".git", "requirements.lock"} & ignored
