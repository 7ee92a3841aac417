"""``make test-slurm``: a study and a book of two chapters through SLURM, on a cluster of this machine alone.

Installs slurm-wlm and munge where apt can, starts one node on the loopback, ends a job to see it tried again from its
checkpoint, and holds every stored run against one that was trained in one process. Needs root. What it has started it
stops; the packages stay. Ends with code 77 where there can be no such cluster.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell

from notebooks import write

ROOT = Path(__file__).parents[1]
CANNOT = 77
PLUGINS = ("snakemake-executor-plugin-slurm==2.8.0", "snakemake-executor-plugin-slurm-jobstep==0.6.1")
ONLY = ("softmax*", "average*all*linear", "max*no*conv*")
TRAIN = ["train", "all", "--preset", "quick", "--dataset", "synthetic", *(f"--only={network}" for network in ONLY)]
CHAPTERS = {
    "03_first": "from relupool import validation",
    "08_second": """
from relupool.experiments.store import Store
from relupool.experiments.studies import FIRST_ABLATIONS
print(len(Store.default().runs(FIRST_ABLATIONS)), "runs")""",
}
PLACE = Path("/etc/slurm/slurm.conf")
"""No variable may name another place: the plugin keeps SLURM's variables from its jobs."""

OWN = {"started", "seconds", "resumed"}
"""What the provenance of two trainings of one run may not have alike."""
CONF = """
ClusterName=book
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# without it both daemons listen to the whole network
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=01:00:00 DefMemPerCPU=1000 State=UP
"""


def run(*words: str | Path, **options: Any) -> str:
    """What a command prints; it must succeed."""
    return subprocess.run(
        [str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True, **options
    ).stdout


def until(true: Any, seconds: float) -> Any:
    """What ``true()`` answers as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > end:
            raise SystemExit("waited in vain: a cluster or a job did not start")
        time.sleep(0.2)
    return found


def install() -> None:
    """Install SLURM where it is not."""
    if os.geteuid() != 0:
        print("a cluster on this machine can be started by root alone")
        raise SystemExit(CANNOT)
    if PLACE.exists():
        print(f"this machine belongs to a cluster already: {PLACE}")
        raise SystemExit(CANNOT)
    if shutil.which("slurmctld") and shutil.which("munged"):
        return
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdin": subprocess.DEVNULL}
    try:
        run("apt-get", "-qq", "update", **quiet)
        run("apt-get", "-qq", "install", "--no-install-recommends", "slurm-wlm", "munge", **quiet)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"SLURM cannot be installed here: {error}")
        raise SystemExit(CANNOT) from None


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """A cluster of one node on the loopback, with all that it keeps in ``folder``."""
    host = run("hostname", "-s").strip()
    PLACE.write_text(CONF.format(host=host, folder=folder, cpus=os.cpu_count()))
    for name in ("state", "spool"):
        (folder / name).mkdir()
    pids = [folder / "slurmd.pid", folder / "slurmctld.pid"]
    if subprocess.run("munge -n | unmunge", shell=True, capture_output=True).returncode:
        Path("/run/munge").mkdir(exist_ok=True)
        shutil.chown("/run/munge", "munge", "munge")
        run("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "/usr/sbin/munged")
        pids.append(Path("/run/munge/munged.pid"))
    try:
        run("slurmctld")
        run("slurmd")
        until(lambda: all(pid.is_file() for pid in pids), 10)  # or the ports are another cluster's
        until(lambda: "idle" in run("sinfo", "--noheader", "--format=%T", stderr=subprocess.DEVNULL), 30)
        yield
    finally:
        subprocess.run(["scancel", "--user=root"], check=False)
        for pid in pids:
            if pid.is_file():
                os.kill(int(pid.read_text()), signal.SIGTERM)
        PLACE.unlink()


def copy_of_the_book(book: Path) -> Path:
    """A book of two chapters, with the library and the profile for a cluster without accounts."""
    for name in ("lib", "profiles"):
        shutil.copytree(ROOT / name, book / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("Snakefile", "_config.yml", "references.bib", "CITATION.cff", "data/checksums"):
        (book / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, book / name)
    profile = book / "profiles/slurm/config.yaml"
    profile.write_text(
        profile.read_text()
        .replace("# slurm-status-command", "slurm-status-command")
        .replace("latency-wait: 60", "latency-wait: 5")
        + "slurm-init-seconds-before-status-checks: 3\nseconds-between-status-checks: 3\n"
    )
    for name, code in CHAPTERS.items():
        write(
            book / f"chapters/{name}.ipynb",
            new_markdown_cell(f"# {name}"),
            code,
            parameters="x: int = 3  # something; none; any",
        )
    pages = [*(f"chapters/{name}" for name in CHAPTERS), "figures/index", "runs"]
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    (book / "_toc.yml").write_text(json.dumps(toc))
    (book / "index.md").write_text("# A book\n")
    return book


def stored(folder: Path) -> dict[str, Any]:
    """What is stored in ``folder``, by file, without what may differ."""
    found = {path.name: json.loads(path.read_text()) for path in folder.rglob("*.json")}
    # the digest is of the whole content, that too
    return {name: run | {"provenance": _same(run["provenance"]), "sha256": ""} for name, run in found.items()}


def _same(provenance: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in provenance.items() if name not in OWN}


def main() -> None:
    """Run it all."""
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:4.0f} s  {text}", flush=True)

    install()
    folder = Path(tempfile.mkdtemp())
    tell(f"in {folder}, which goes if all is well")
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder / "plugins", *PLUGINS)
    book = copy_of_the_book(folder / "book")
    os.environ.update(PYTHONPATH=f"{book / 'lib'}:{folder / 'plugins'}", RELUPOOL_DATA="synthetic")
    relupool = [sys.executable, "-m", "relupool.cli"]
    run(*relupool, *TRAIN, cwd=book, env={**os.environ, "RELUPOOL_RESULTS": str(folder / "here")})
    tell("trained in one process")
    with cluster(folder):
        tell("a cluster is up")
        # a job with two runs and one with the last of them
        training = subprocess.Popen([*relupool, *TRAIN, "--profile", "profiles/slurm", "--per-job", "2"], cwd=book)
        atexit.register(training.terminate)

        def begun() -> str:
            if training.poll() is not None:
                raise SystemExit("training through SLURM ended at once")
            logs = (book / ".snakemake/slurm_logs/rule_run").glob("first-ablations_*/*.log")
            return next((log.stem for log in logs if "average pool, all linear, seed 0: step " in log.read_text()), "")

        job = until(begun, 120)
        run("scancel", job)
        tell(f"job {job} ended in the middle")
        if training.wait():
            raise SystemExit("training through SLURM failed")
        tell("trained through SLURM")
        run(sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", cwd=book)
        tell("the book is built through SLURM")
    shown = (book / "_build/html/chapters/08_second.html").read_text()
    here, there = stored(folder / "here"), stored(book / "_build/results")
    resumed = [path for path in (book / "_build/results").rglob("*.json") if '"resumed"' in path.read_text()]
    assert "2 runs" in shown, "the chapter does not show what was trained"
    assert len(resumed) == 1, f"the job that was ended did not go on from its checkpoint: {resumed}"
    assert here == there, "what was trained through SLURM is not what was trained here"
    tell(f"{len(here)} stored runs are as one process trains them; one went on after step 50")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
