"""The book as a graph of files: training runs; data set -> chapters, executed and gated -> site.

`snakemake --cores all` builds what is missing or out of date; `make book` sets up first. Every job is one command,
which `snakemake --printshellcmds` shows and which can be run by hand.
"""

import json
import os
import sys
from pathlib import Path

from relupool.book import contained, sources
from relupool.book.build import Build

try:
    BUILD = Build(**{name: config[name] for name in ("preset", "backend", "device", "fresh") if name in config})
    sources.pages()
except ValueError as error:
    raise WorkflowError(str(error)) from None

PYTHON = sys.executable
CHAPTERS = sources.chapters()
BOOK, SITE = sources.LIBRARY / "book", sources.LIBRARY / "site"
RUNNER = [path for path in (BOOK / "execute.py", *sources.modules(BOOK / "execute.py")) if path.parent == BOOK]
RENDERER = [SITE / "website.py", *sources.modules(SITE / "website.py"), *sorted(SITE.glob("static/*"))]
# a fresh build fills _build/results itself, and so must not depend on it
RESULTS = sources.digest("data/results", *([] if BUILD.fresh else ["_build/results"]))


def executed(*names):
    return expand("_build/chapters/{chapter}/{name}", chapter=CHAPTERS, name=names)


# at quick a chapter can do without stored results, and says so; a fresh build trains
NEEDS_RESULTS = BUILD.preset != "quick" and not BUILD.fresh

RUNS = os.environ.get("RELUPOOL_RESULTS") or "_build/results"
# what `relupool train` was asked for, which starts this graph, and the runs of each job by the last of them, its target
TRAINING = json.loads(Path(config["training"]).read_text()) if "training" in config else {"words": [], "jobs": {}}


def depends_on(wildcards):
    """The notebook, and every file of the library that it uses."""
    notebook = CHAPTERS[wildcards.chapter]
    return [notebook, *sources.modules(notebook), *RUNNER, *(["_build/results_are_there"] if NEEDS_RESULTS else [])]


def results_for(wildcards):
    """The state of the stored results, for chapters that can read them."""
    uses = sources.modules(CHAPTERS[wildcards.chapter])
    return RESULTS if any(path.name == "store.py" for path in uses) else ""


# those of this machine; on a cluster each job is a Snakemake of its own, and the profile says how many it gets
ALL_CORES = workflow.is_main_process and workflow.resource_settings.cores or 1


def threads_for(wildcards):
    """All cores for a chapter that trains, so that nothing else runs beside it."""
    return ALL_CORES if sources.trains(CHAPTERS[wildcards.chapter]) else 1


# Snakemake's own lock outlives a killed build; this claim does not, and what a killed build was doing ends with it
onstart:
    try:
        contained.alone(".snakemake/claim", "builds this book")
    except ValueError as error:
        raise WorkflowError(str(error)) from None


wildcard_constraints:
    chapter="|".join(CHAPTERS) or "none",


rule book:
    input:
        "_build/html/index.html",
        executed("executed.ipynb", "record.json", "figures"),  # or a deleted one would not be missed
    default_target: True


rule data:
    """Choose the data set of this build, once."""
    localrule: True  # nodes of a cluster may have no network
    output:
        "_build/data.json",
    params:
        asked=[os.environ.get(name, "") for name in ("RELUPOOL_DATA", "RELUPOOL_MIRRORS")],
    shell:
        "{PYTHON:q} -m relupool.cli data --record {output:q}"


rule run:
    """Train a run, or several. Checkpoints are no outputs, for those of a failed job are deleted: the next try goes on."""
    input:
        [] if "synthetic" in TRAINING["words"] else "_build/data.json",
    output:
        # deleted neither before nor after a failure: another process may have stored this run meanwhile
        update(RUNS + "/{study}/{key}.json"),
    wildcard_constraints:
        study="[^/]+",
        key="[0-9a-f]{64}",
    params:
        asked=lambda wildcards: TRAINING["words"] or [wildcards.study],
        runs=lambda wildcards: [f"--key={key}" for key in TRAINING["jobs"].get(wildcards.key, [wildcards.key])],
    threads: ALL_CORES
    resources:
        gpu=1 if BUILD.device == "gpu" else 0,
    retries: 3 if workflow.is_main_process else 0
    shell:
        "{PYTHON:q} -m relupool.cli train {params.asked:q} --preset {BUILD.preset} --backend {BUILD.backend}"
        " {params.runs:q}"


rule results:
    """See that the results which the chapters will ask for are there, before the first of them runs."""
    localrule: True
    output:
        touch("_build/results_are_there"),
    params:
        preset=BUILD.preset,
        results=RESULTS,
    shell:
        "{PYTHON:q} -m relupool.book.ready {BUILD.preset}"


rule chapter:
    """Execute a chapter, and let it pass only if it really finished."""
    input:
        depends_on,
        "_build/data.json",
    output:
        "_build/chapters/{chapter}/executed.ipynb",
        "_build/chapters/{chapter}/record.json",
        directory("_build/chapters/{chapter}/figures"),
    params:
        asked=[BUILD.preset, BUILD.backend, BUILD.device, BUILD.fresh],
        results=results_for,
        versions=sources.versions(),
    threads: threads_for
    resources:
        gpu=1 if BUILD.device == "gpu" else 0,
    shell:
        "{PYTHON:q} -m relupool.cli chapter {wildcards.chapter} --folder _build/chapters/{wildcards.chapter}"
        " --preset {BUILD.preset} --backend {BUILD.backend} --device {BUILD.device}"
        + (" --fresh" if BUILD.fresh else "")


rule site:
    """Render the executed chapters, all anew."""
    input:
        executed("executed.ipynb", "record.json", "figures"),
        RENDERER,
        "index.md",
        sorted(Path("chapters").glob("*.md")),
        "_config.yml",
        "_toc.yml",
        "references.bib",
        "CITATION.cff",
    output:
        "_build/html/index.html",
    params:
        results=RESULTS,
    log:
        "_build/site.log",
    shell:
        "{PYTHON:q} -m relupool.site.website > {log:q} 2>&1"
