"""``relupool gpu-day``: what a GPU is wanted for, the most important first, within a time that may end sooner."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from relupool import files
from relupool.cli.options import Device, run_on
from relupool.cli.training import seconds, work
from relupool.validation import refuse

PLAN = (
    ("first-ablations", "paper", 3),
    ("run-length", "standard", 1),  # or pages pass the runs of this backend over
    ("baseline", "paper", 5),
    ("first-ablations", "paper", 5),
    ("grid", "paper", 1),
)
"""Study, preset and seeds, in the order in which they are trained."""

MEASURED = {"steps": 20, "rounds": 3, "members": 5}

LAST = 20.0
"""Seconds before the end after which nothing goes on."""


def gpu_day(
    folder: Annotated[Path, typer.Argument(help="Where all goes.")] = Path("_build/gpu-day"),
    for_: Annotated[str, typer.Option("--for", help="End after this time: 90s, 14m, 1h30m.")] = "14m",
    device: Device = "gpu",
    dataset: Annotated[str, typer.Option(help="cifar10 or synthetic.")] = "cifar10",
) -> None:
    """Spend a time on a GPU: measure how to train under JAX, train by priority, execute the chapters beside it.

    Needs neither TensorFlow nor a network. FOLDER holds results, checkpoints, chapters and day.json, each file whole at
    any moment; the same call goes on from there, and `relupool results add FOLDER/results/*/*.json` adopts the results.
    """
    from relupool.book.build import DEVICES
    from relupool.experiments.data import resolve

    end = time.monotonic() + seconds(for_) - LAST
    if device not in DEVICES:
        refuse("device", device, f"one of {', '.join(DEVICES)}")
    folder = folder.resolve()
    (folder / "chapters").mkdir(parents=True, exist_ok=True)
    run_on("jax")
    os.environ.update(DEVICES[device], RELUPOOL_RESULTS=str(folder / "results"))
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder.with_name("jax")))
    day: dict[str, Any] = {"machine": _machine(device), "trained": []}
    chosen = resolve("synthetic" if dataset == "synthetic" else None, offline=True)
    data = files.write_whole(folder / "data.json", chosen.to_json())
    from relupool.instruments import bench

    ways = bench.ensemble(busy=True, **MEASURED)
    day |= {"ways": ways.to_dict("records"), "failed": ways.attrs["failed"], "how": bench.fastest(ways)}
    print(ways.to_string(index=False), flush=True)
    chapters = multiprocessing.get_context("spawn").Process(
        target=_chapters, args=(folder / "chapters", data, device, end), daemon=True
    )
    chapters.start()
    for study, preset, seeds in PLAN:
        files.write_whole(folder / "day.json", json.dumps(day, indent=1) + "\n")
        done = _train(study, preset, seeds, dataset, day["how"], end)
        day["trained"].append(done)
        files.write_whole(folder / "day.json", json.dumps(day, indent=1) + "\n")
        if done["signal"] is not None:
            raise typer.Exit(128 + done["signal"])
    chapters.join(max(0.0, end - time.monotonic()))
    print(f"What was trained, executed and measured is in {folder}", flush=True)


def _machine(device: str) -> dict[str, Any]:
    from relupool.experiments.machine import machine

    try:
        found = machine()
    except RuntimeError as error:
        refuse("device", device, f"one that JAX sees: {error}")
    if found["device_kind"] != device:
        refuse("device", device, f"one that JAX sees: {found['device']}")
    return found


def _train(study: str, preset: str, seeds: int, dataset: str, how: Any, end: float) -> dict[str, Any]:
    """Train what is missing of these until the end; what is left, and the signal that ended it."""
    from relupool.experiments.store import Store
    from relupool.experiments.studies import STUDIES
    from relupool.running.campaign import tasks

    told = {"study": study, "preset": preset, "seeds": seeds}
    todo = tasks([STUDIES[study]], preset, Store.default(), seeds=seeds, dataset=dataset, backend="jax")
    if not todo:
        return {**told, "left": 0, "why": "", "signal": None}
    now = time.monotonic()
    ended, number = work(todo, now, max(0.0, end - now), how=how)
    print(f"{study}, {preset}, seeds: {seeds}. {ended.why}. {ended}", flush=True)
    return {**told, "left": len(ended.left), "why": ended.why, "signal": number}


def _chapters(folder: Path, data: Path, device: str, end: float) -> None:
    """Execute one chapter after the other, but those that were before, as long as there is time."""
    from relupool.book.build import ROOT, Build
    from relupool.book.execute import ChapterFailed, execute
    from relupool.book.sources import chapters

    for name, notebook in chapters(ROOT).items():
        if (folder / name / "executed.ipynb").is_file() or (left := end - time.monotonic()) < 1:
            continue
        try:
            made = execute(notebook, folder / name, Build(backend="jax", device=device, data=data), {}, timeout=left)
            print(f"{name}: {made['seconds']:.0f} s", flush=True)
        except (ChapterFailed, ValueError) as error:
            print(error, flush=True)
