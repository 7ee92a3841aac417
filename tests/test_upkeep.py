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
VERBS = set(re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
SUPPORTED = {"3.11", "3.12", "3.13"}


def workflow(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text())
    return {**data, "on": data[True]}  # YAML 1.1 takes the word for a truth value


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_what_there_is_on_a_python_that_will_do(path: Path) -> None:
    for step in steps(path):
        assert ("run" in step) != ("uses" in step)
        for verb in re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE):
            assert verb in VERBS
        for program in re.findall(r"^(\.\S+)$", step.get("run", ""), re.MULTILINE):
            assert (ROOT / program).is_file()
        assert step.get("with", {}).get("python-version", "3.12") in SUPPORTED
    assert workflow(path)["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in workflow(path)["jobs"].values() if len(job["steps"]) > 2)


def test_every_week_the_newest_versions_that_are_allowed_are_tried() -> None:
    path = ROOT / ".github/workflows/newest.yml"
    minute, hour, day, month, weekday = workflow(path)["on"]["schedule"][0]["cron"].split()
    assert minute.isdigit() and hour.isdigit() and weekday.isdigit()
    assert (day, month) == ("*", "*")
    run = [step["run"] for step in steps(path) if "run" in step]
    order = [run.index(line) for line in ("make lock", "make book", ".ci/run")]
    assert order == sorted(order)
    (told,) = [step for step in steps(path) if step.get("if") == "failure()"]
    assert "gh issue create" in told["run"]


def test_the_lock_that_is_tried_takes_the_newest_versions_that_pyproject_allows() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "uv pip compile --quiet --upgrade " in makefile
    assert re.search(r"\$\(compile\) pyproject\.toml .* -o requirements\.lock", makefile)


def instructions() -> list[tuple[str, str]]:
    """The lines of the Containerfile, joined where they go on, as (instruction, its words)."""
    lines = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines.splitlines() if line)
    ]


def copied() -> list[tuple[int, list[str], str]]:
    """Its COPY lines: place, sources, target."""
    found = []
    for place, (word, rest) in enumerate(instructions()):
        if word == "COPY":
            *sources, target = [part for part in rest.split() if not part.startswith("--")]
            found.append((place, sources, target))
    return found


def test_the_image_is_of_a_supported_python_and_names_no_host() -> None:
    (first, image), *others = instructions()
    assert first == "FROM"
    assert re.fullmatch(r"python:(\d\.\d+)-slim", image)[1] in SUPPORTED
    assert {word for word, _ in others} <= {"RUN", "USER", "WORKDIR", "COPY", "CMD"}
    assert "://" not in (ROOT / "Containerfile").read_text()


def test_the_image_sets_up_from_the_lock_before_all_else_is_copied() -> None:
    installed = instructions().index(("RUN", "make environment"))
    before = {source for place, sources, _ in copied() if place < installed for source in sources}
    makefile = (ROOT / "Makefile").read_text()
    assert {"requirements.lock", "pyproject.toml", "Makefile", "lib/relupool/__init__.py"} <= before
    assert "\nLOCKS := requirements.lock " in makefile
    project = (ROOT / "pyproject.toml").read_text()  # what names files there is needed where the package is installed
    assert (
        set(re.findall(r'"([A-Z]+(?:\.md)?)"', "\n".join(re.findall(r"^(?:readme|license-files) .*", project, re.M))))
        <= before
    )
    assert all((ROOT / source).exists() for source in before)
    assert [sources for place, sources, _ in copied() if place > installed] == [["."]]


def test_the_image_builds_the_book_as_no_administrator() -> None:
    words = dict(instructions())
    assert json.loads(words["CMD"]) == ["make", "book"]
    assert words["USER"] == "reader"
    (packages,) = [rest for word, rest in instructions() if word == "RUN" and "apt-get install" in rest]
    assert {"git", "make"} <= set(packages.split())


def test_the_image_leaves_out_what_was_made_here() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".venv*", "_build", "data/raw"} <= set(ignored)
    assert not {"data", "lib", ".git", "requirements.lock"} & set(ignored)
