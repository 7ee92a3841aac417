"""What holds the repository together: the directions of imports, the public names, clean notebooks, the citation."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from cffconvert import Citation

import relupool
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
MODULES = sorted((ROOT / "lib").rglob("*.py"))
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
(KERAS,) = [contract for contract in CONTRACTS if contract["id"] == "keras"]
WITH_KERAS = {line.removesuffix(" -> *") for line in KERAS["ignore_imports"]}


def dotted(module: Path) -> str:
    return ".".join(module.relative_to(ROOT / "lib").with_suffix("").parts).removesuffix(".__init__")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def lint_imports(**environment: str) -> subprocess.CompletedProcess[str]:
    return run(
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])",
        **environment,
    )


def test_imports_run_downward():
    linted = lint_imports()
    assert linted.returncode == 0, linted.stdout
    assert "0 broken" in linted.stdout


def test_imports_in_a_wrong_direction_are_found(tmp_path: Path):
    shutil.copytree(ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for place, line in {
        "theory/__init__.py": "import relupool.experiments.experiment",
        "validation.py": "import relupool.cli",
        "figures/__init__.py": "import relupool.experiments.models",
        "book/__init__.py": "def late():\n    import keras",
        "measures/__init__.py": "import relupool.claims.judge",
        "claims/__init__.py": "import relupool.experiments.training",
        "thresholds.py": "import relupool.measures.estimate",
    }.items():
        with (tmp_path / "lib/relupool" / place).open("a") as module:
            module.write(f"\n{line}\n")
    linted = lint_imports(PYTHONPATH=str(tmp_path / "lib"))
    assert linted.returncode == 1, linted.stdout
    assert "0 kept, 3 broken" in linted.stdout
    for wrong in (
        "relupool.theory -> relupool.experiments.experiment",
        "relupool.validation -> relupool.cli",
        "relupool.book -> keras",
        "relupool.figures -> relupool.experiments.models",
        "relupool.measures -> relupool.claims.judge",
        "relupool.claims -> relupool.experiments.training",
        "relupool.thresholds -> relupool.measures.estimate",
    ):
        assert wrong in linted.stdout


def test_every_public_name_can_be_had():
    assert {"Architecture", "Pool", "Schedule", "Experiment", "Store", "build", "studies", "train", "vary"} <= set(
        dir(relupool)
    )
    for name in relupool.__all__:
        assert getattr(relupool, name) is not None
    with pytest.raises(AttributeError, match=r"no attribute 'Pools'.*Pool,"):
        relupool.Pools  # noqa: B018


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "import relupool; dir(relupool); relupool.Experiment(); relupool.studies; relupool.Store", id="values"
        ),
        pytest.param(
            "\n".join(f"import {name}" for name in map(dotted, MODULES) if name not in WITH_KERAS),
            id="every module that does not train",
        ),
    ],
)
def test_importing_loads_neither_keras_nor_a_backend(code: str):
    probe = "import sys; print(sorted({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    ran = run("-c", f"{code}\n{probe}")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"


def test_modules_are_named_by_their_subject():
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "misc", "common"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_clean(path: Path):
    notebook = nbformat.reads(path.read_text(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert str(ROOT) not in path.read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_pages_of_the_repository_point_to_what_is_there(page: str):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"", (ROOT / page).read_text())
    for link in filter(None, (target for pair in links for target in pair)):
        assert link.startswith("https://") or (ROOT / link).exists(), f"{page} points to {link}, which is not there"


def test_what_the_readme_tells_to_run_can_be_run():
    told = re.findall(r"^(?:\$ )?make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    verbs = re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"book", "test"} <= set(told) <= set(verbs)


def test_the_citation_is_valid_and_of_this_version():
    citation = Citation((ROOT / "CITATION.cff").read_text())
    citation.validate()
    assert json.loads(citation.as_schemaorg())["version"] == relupool.__version__
