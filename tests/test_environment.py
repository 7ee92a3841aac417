"""The Makefile and the locks: what is set up, when, from what, and what is said where it cannot be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from conftest import ROOT
from relupool.choices import BACKENDS, PRESETS

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))

# A stand-in for Python: it answers -c with the real one after $PRELUDE, makes environments that hold itself, and
# writes all else that it is asked to do into a log. $BREAK names what it fails at.
STAND_IN = """#!/bin/sh
case "$1 $2" in
    "--version ") echo "Python 3.13.0" ;;
    "-c "*) code=$2; shift 2; exec '{python}' -c "$PRELUDE
$code" "$@" ;;
    "-m venv") mkdir -p "$4/bin"; rm -f "$4"/*-*; cp "$0" "$4/bin/python"; echo "venv $4" >> log ;;
    *) echo "$*" >> log ;;
esac
case "$*" in *"${{BREAK:-nothing breaks}}"*) exit 7 ;; esac
"""


class Copy:
    """The files that make works from, in a folder with a space and an accent, where only a stand-in for Python is."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder / "a book, relié", folder / "bin"
        self.folder.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "pyproject.toml", *LOCKS):
            shutil.copy(ROOT / name, self.folder)
        (self.bin / "python3.13").write_text(STAND_IN.format(python=sys.executable))
        (self.bin / "python3.13").chmod(0o755)

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.log.unlink(missing_ok=True)
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C", "PYTHON": "python3.13", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def done(self) -> list[str]:
        """What the last make did, a line for each call of Python."""
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_first_verb_sets_up_and_the_next_ones_do_not(copy: Copy):
    assert copy.make("book").returncode == 0
    assert copy.done[0] == "venv .venv"
    installs = [line for line in copy.done if "pip install" in line]
    assert len(installs) == 4
    assert all("--require-hashes" in line for line in installs[:3])
    assert "--only-binary :all: -r requirements.lock" in installs[2]
    assert "--no-index --no-deps --editable ." in installs[3]
    assert copy.done[-1].startswith("-m snakemake")
    assert copy.make("test").returncode == 0
    (only,) = copy.done
    assert only.startswith("-m pytest ")


def test_dates_do_not_matter_and_contents_and_places_do(copy: Copy):
    assert copy.make("book", BREAK="-r requirements.lock").returncode != 0
    assert not any("snakemake" in line for line in copy.done)
    copy.make("environment")
    assert copy.done[0] == "venv .venv", "an interrupted set-up is begun anew"
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        os.utime(copy.folder / name, (2_000_000_000, 2_000_000_000))
    copy.make("environment")
    assert copy.done == []
    for name, first in (("pyproject.toml", "--editable"), ("requirements.lock", "venv .venv")):
        with (copy.folder / name).open("a") as file:
            file.write("# changed\n")
        copy.make("environment")
        assert first in copy.done[0]
    copy.folder = copy.folder.rename(copy.folder.with_name("elsewhere"))
    copy.make("environment")
    assert copy.done[0] == "venv .venv", "environments know their place"


def test_variables_are_passed_on_to_the_build(copy: Copy):
    made = copy.make("book", "PRESET=paper", "BACKEND=jax", "FRESH=1", "JOBS=2")
    assert copy.done[-1] == "-m snakemake --cores 2 --config preset=paper backend=jax device=cpu fresh=1"
    last = made.stdout.splitlines()[-1]
    assert "_build/html/index.html" in last
    assert "make serve" in last


def test_what_is_set_for_other_work_does_not_reach_the_tools(copy: Copy):
    copy.make("environment")
    (copy.folder / ".venv/bin/python").write_text("#!/bin/sh\nenv >> log\n")
    foreign = "PYTHONPATH PYTHONOPTIMIZE PYTHONSTARTUP SNAKEMAKE_PROFILE JUPYTER_PATH KERAS_FLOATX GIT_DIR MPLBACKEND"
    kept = "MPLCONFIGDIR RELUPOOL_DATA"
    copy.make("book", **dict.fromkeys(f"{foreign} {kept}".split(), "other"), HOME=str(copy.folder))
    assert "PYTHONNOUSERSITE=1" in copy.done
    assert {line.partition("=")[0] for line in copy.done if line.endswith("=other")} == set(kept.split())
    assert f"HOME={copy.folder}" in copy.done
    for home in ("/proc/home", str(copy.folder / "Makefile"), ""):
        copy.make("book", HOME=home)
        assert f"HOME={copy.folder}/_build/home" in copy.done


def test_an_environment_that_a_link_leads_to_is_used_and_never_emptied(copy: Copy):
    other = copy.folder.with_name("another checkout")
    (other / "bin").mkdir(parents=True)
    (other / "bin/python").write_text('#!/bin/sh\necho "$PYTHONPATH $*" >> log\n')
    (other / "bin/python").chmod(0o755)
    (copy.folder / ".venv").symlink_to(other)
    assert copy.make("environment").returncode == 0 and copy.done == []
    assert copy.make("book").returncode == 0
    (only,) = copy.done
    assert only.startswith(f"{copy.folder}/lib -m snakemake")
    assert [path.name for path in other.iterdir()] == ["bin"]


BAD = {
    "PRESET=fast": "PRESET=fast is not known; it is one of: quick standard paper",
    "PRESET=quick paper": "one of: quick standard paper",
    "JOBS=0": "a number of cores or all",
    "PORT=http": "a number",
    "PRESETS=paper": "PRESETS is not a variable",
}


@pytest.mark.parametrize("given", BAD)
def test_bad_variables_are_refused_before_anything_is_done(copy: Copy, given: str):
    made = copy.make("book", given)
    assert made.returncode != 0
    assert BAD[given] in made.stderr
    assert copy.done == []


def test_the_makefile_knows_the_presets_and_backends_of_the_library():
    makefile = (ROOT / "Makefile").read_text()
    for name, options in (("PRESET", PRESETS), ("BACKEND", BACKENDS)):
        assert f"$(call one-of,{name},{' '.join(options)})" in makefile


WILL_NOT_DO = {
    "import sys; sys.version_info = (3, 10, 1); import platform; platform.python_version = lambda: '3.10.1'": "3.10.1",
    "import platform; platform.python_implementation = lambda: 'PyPy'": "found PyPy",
    "import sysconfig; sysconfig.get_config_var = lambda name: 1": "install one, or name it",
    "import sys; sys.modules['ensurepip'] = None": "apt-get install python3.13-venv",
    "raise SystemExit(127)": "found no other Python",
}


@pytest.mark.parametrize("prelude", WILL_NOT_DO)
def test_a_python_that_will_not_do_gets_one_line_that_says_what_to_install(copy: Copy, prelude: str):
    made = copy.make("book", PRELUDE=prelude)
    assert made.returncode != 0
    assert len(made.stdout.splitlines()) == 1
    assert WILL_NOT_DO[prelude] in made.stdout
    assert copy.done == []


GPU = {  # what a backend says without a GPU, and with one
    "jax": ("jax.devices = lambda kind: 1 / 0", "jax.devices = lambda kind: [kind]"),
    "tensorflow": (
        "tensorflow.config = None",
        "tensorflow.config = types.SimpleNamespace(list_physical_devices=list)",
    ),
}


@pytest.mark.parametrize("backend", GPU)
def test_a_gpu_build_has_an_environment_of_its_own_and_needs_a_gpu(copy: Copy, backend: str):
    stub = f"import sys, types; {backend} = types.ModuleType('{backend}'); sys.modules['{backend}'] = {backend}; "
    without = copy.make("book", "DEVICE=gpu", f"BACKEND={backend}")
    assert (without.returncode, copy.done, len(without.stderr.splitlines())) == (2, [], 1)
    assert "nvidia-smi is missing: this machine has no NVIDIA driver" in without.stderr
    (copy.bin / "nvidia-smi").symlink_to("/bin/true")
    made, seen = (copy.make("book", "DEVICE=gpu", f"BACKEND={backend}", PRELUDE=stub + GPU[backend][0]), copy.done)
    assert made.returncode != 0
    assert f"{backend} sees no GPU" in made.stdout
    assert seen[0] == f"venv .venv-gpu-{backend}"
    assert f"-r requirements-gpu-{backend}.lock" in "".join(seen)
    assert not any("snakemake" in line for line in seen)
    assert copy.make("book", "DEVICE=gpu", f"BACKEND={backend}", PRELUDE=stub + GPU[backend][1]).returncode == 0
    assert copy.done == [f"-m snakemake --cores all --config preset=quick backend={backend} device=gpu fresh=0"]


@pytest.mark.parametrize(("verb", "tool"), [("book", "snakemake"), ("test", "pytest"), ("lint", "ruff")])
def test_a_verb_fails_when_its_tool_does(copy: Copy, verb: str, tool: str):
    made = copy.make(verb, BREAK=f"-m {tool}")
    assert made.returncode != 0
    assert "index.html" not in made.stdout
    serve = copy.make("serve")
    assert serve.returncode != 0
    assert 'run "make book" first' in serve.stdout


def test_clean_keeps_the_environment_and_the_readers_runs(copy: Copy):
    copy.make("environment")
    for name in ("html/index.html", "results/first-ablations/run.json", "weights/run.npz", "chapters/07/log.txt"):
        (copy.folder / "_build" / name).parent.mkdir(parents=True)
        (copy.folder / "_build" / name).touch()
    for name in ("lib", "tests"):
        (copy.folder / name).mkdir()
    assert copy.make("clean").returncode == 0
    assert {path.name for path in (copy.folder / "_build").rglob("*.*")} == {"run.json", "run.npz"}
    assert copy.make("environment").returncode == 0
    assert copy.done == []


def test_help_is_what_make_alone_says_and_lists_every_verb(copy: Copy):
    verbs = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    told = copy.make().stdout
    assert copy.done == []
    assert told == copy.make("help").stdout
    assert sorted(line.split()[0] for line in told.splitlines() if re.match(r"  [a-z]", line)) == sorted(verbs)


def locked(name: str) -> dict[str, list[Requirement]]:
    """The requirements of a lock by package, without their hashes."""
    lines = re.findall(r"^[a-zA-Z].*$", (ROOT / name).read_text(), re.MULTILINE)
    found: dict[str, list[Requirement]] = {}
    for requirement in map(Requirement, (line.removesuffix("\\").strip() for line in lines)):
        found.setdefault(requirement.name, []).append(requirement)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_everything_by_hash_and_name_no_host(name: str):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "no option, such as an index, belongs into a lock"
    packages = re.split(r"^(?=[a-zA-Z])", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 10
    for package in packages:
        assert re.match(r"\S+==\S+ ", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}$", package, re.MULTILINE), package


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_for_each_supported_python_and_for_no_other_system(name: str):
    places = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")]
    if "gpu" in name:
        places.remove(("darwin", "arm64"))
    for requirement in (r for requirements in locked(name).values() for r in requirements):
        assert not holds(requirement, "win32", "AMD64", "3.12.0")
        assert not holds(requirement, "linux", "x86_64", "3.14.0")
    for place in places:
        for python in ("3.11.0", "3.12.0", "3.13.0"):
            for package in ("keras", "tensorflow") if "jax" not in name else ("jax",):
                assert len([r for r in locked(name).get(package, []) if holds(r, *place, python)]) == 1


def holds(requirement: Requirement, platform: str, machine: str, python: str) -> bool:
    system = {"sys_platform": platform, "platform_machine": machine, "python_full_version": python}
    here = {**default_environment(), **system, "python_version": ".".join(python.split(".")[:2])}
    return requirement.marker is None or requirement.marker.evaluate(here)


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    have = locked("requirements.lock")
    for requirement in map(Requirement, asked):
        assert requirement.name in have, f"{requirement} is not locked: run make lock"
        for pinned in have[requirement.name]:
            version = str(pinned.specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{pinned} is locked, {requirement} asked for"


@pytest.mark.parametrize("name", [name for name in LOCKS if "gpu" in name])
def test_gpu_builds_differ_from_the_lock_in_nothing_that_both_hold(name: str):
    have = locked("requirements.lock")
    both = set(have) & set(locked(name))
    assert {"numpy", "ml-dtypes"} <= both
    assert any(package.startswith("nvidia-cudnn") for package in locked(name))
    for package in both:
        assert {str(r.specifier) for r in locked(name)[package]} <= {str(r.specifier) for r in have[package]}
