"""The book as tables for machines, in the top folder of the site: ``claims.json`` and ``results.csv``.

And what a page includes as Markdown: ``compute.txt``, how long all stored runs took, and ``tally.txt``, how the claims
stand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from relupool.book.theorems import theorems
from relupool.claims.claim import Claim, Runs
from relupool.claims.grounds import Grounds, gather
from relupool.claims.judge import GENERAL, Judged, judge, summary
from relupool.claims.ledger import CLAIMS
from relupool.experiments.run import Run
from relupool.experiments.store import Store, frame_of
from relupool.experiments.studies import STUDIES
from relupool.site.citation import Work
from relupool.words import capital, count, csv

COLUMNS = [
    *("study", "network", "seed", "steps", "step", "accuracy_averaged", "accuracy_raw", "diverged_at", "dataset"),
    *("train_images", "test_images", "judged_on", "dtype", "backend", "device", "minutes", "key"),
]
"""Of ``results.csv``: ``step`` is that of the last evaluation, ``minutes`` is the time of training and evaluations.

Accuracies of averaged weights at a run's end are over those test images of CIFAR-10 that every copy has alike."""


def contents(root: Path, book: Work) -> Iterator[tuple[str, bytes]]:
    """The files as (path below the stage, bytes), of runs and times in ``root/data``, theorems checked on Keras."""
    store = Store(root / "data" / "results", os.environ.get("RELUPOOL_RESULTS") or root / "_build" / "results")
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    propositions, activations = theorems(backend)
    times = root / "data" / "order_times.json"
    grounds = gather(store, propositions=propositions, activations=activations, times=times)
    judged, rows = judge(grounds, *CLAIMS), results(store)
    yield "extra/claims.json", (json.dumps(claims(judged, grounds, book), indent=1, ensure_ascii=False) + "\n").encode()
    yield "extra/results.csv", csv(rows, float_format="%.6g")
    yield "compute.txt", compute(rows).encode()
    yield "tally.txt", f"{summary(judged)}\n".encode()


def claims(judged: Iterable[Judged], grounds: Grounds, book: Work) -> dict[str, Any]:
    """Claims as they were ``judged`` on these ``grounds``, each with its verdict, its rule and the keys of its runs."""
    entries = [_entry(each, CLAIMS[each.id], grounds) for each in judged]
    return {"book": book.title, "version": book.version, "rule_for_all": GENERAL, "claims": entries}


def _entry(judged: Judged, claim: Claim, grounds: Grounds) -> dict[str, Any]:
    return {
        "id": judged.id,
        "kind": judged.kind,
        "sentence": judged.said,
        "verdict": judged.verdict,
        "tag": judged.condition,
        "number": judged.number,
        "n": judged.n,
        "rule": judged.rule,
        "reason": judged.reason,
        "turns": judged.turns,
        "lacks": judged.lacks,
        "source": {"author": judged.author, "about": judged.source, "link": judged.link},
        "figures": list(claim.figures),
        "studies": [study.name for study in claim.takes.studies],
        "runs": _runs(claim, grounds),
    }


def _runs(claim: Claim, grounds: Grounds) -> list[str]:
    """Keys of the stored runs that can decide a claim: of the networks that it compares, or else of its studies."""
    takes = claim.takes
    frame = takes.own(grounds) if isinstance(takes, Runs) else grounds.of(*claim.takes.studies)
    return sorted(frame["key"].unique())


def results(store: Store) -> pd.DataFrame:
    """A row for each stored run, with its last evaluation, in the order of studies, networks and seeds."""
    runs: dict[str, Run] = {}
    for study in STUDIES.values():
        runs |= store.runs(study)
    paths = store.paths()
    frame = frame_of((STUDIES[paths[key].parent.name], run) for key, run in runs.items())
    frame = frame.sort_values("step", kind="stable")
    last = frame.groupby(["key", "weights"], sort=False).tail(1)
    accuracy = last.pivot(index="key", columns="weights", values="accuracy").add_prefix("accuracy_")
    rows = last.drop_duplicates("key").join(accuracy, on="key").assign(minutes=lambda each: each["seconds"] / 60)
    order = {study: place for place, study in enumerate(STUDIES)}
    rows = rows.assign(place=rows["study"].map(order)).sort_values(
        ["place", "network", "dtype", "seed", "steps", "key"]
    )
    return rows.reindex(columns=COLUMNS).reset_index(drop=True)


def compute(rows: pd.DataFrame) -> str:
    """How many stored runs there are, and how long they took, by device."""
    if rows.empty:
        return "No run is stored here.\n"
    hours = rows.groupby("device")["minutes"].agg(["count", "sum"]).sort_values("sum", ascending=False)
    lines = [f"| {device} | {row['count']:.0f} | {row['sum'] / 60:.1f} |" for device, row in hours.iterrows()]
    table = "\n".join(["| trained on | runs | hours |", "|---|--:|--:|", *lines])
    total = f"{count(len(rows), 'stored run')} took {rows['minutes'].sum() / 60:.1f} hours, evaluations included."
    return f"{capital(total)}\n\n{table}\n"
