"""The tables for machines: every claim and every stored run is in them once, and says what the book says."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import small_book
from relupool.claims.claim import How, Runs
from relupool.claims.grounds import gather
from relupool.claims.judge import judge
from relupool.claims.ledger import CLAIMS
from relupool.claims.rules import FALSE, OPEN, TRUE, VERDICTS, within
from relupool.experiments import store
from relupool.experiments.cifar10 import ROOT
from relupool.experiments.store import COMMITTED, Store
from relupool.site import downloads
from relupool.site.citation import book
from relupool.site.stage import stage


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELUPOOL_RESULTS", "/nowhere")  # what is stored on this machine beside the committed runs
        return dict(downloads.contents(ROOT, book(ROOT)))


@pytest.fixture(scope="module")
def claims(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {claim["id"]: claim for claim in json.loads(files["extra/claims.json"])["claims"]}


@pytest.fixture(scope="module")
def results(files: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_csv(BytesIO(files["extra/results.csv"]))


def test_every_claim_is_there_with_its_verdict_and_its_rule(claims: dict[str, dict[str, Any]]) -> None:
    assert list(claims) == list(CLAIMS)
    for id, claim in claims.items():
        assert claim["verdict"] in VERDICTS
        assert (claim["sentence"], claim["figures"]) == (CLAIMS[id].said, list(CLAIMS[id].figures))
        assert claim["rule"]


def test_theorems_are_checked_so_that_no_claim_of_theirs_is_open(claims: dict[str, dict[str, Any]]) -> None:
    by_theorems = [id for id, claim in CLAIMS.items() if claim.takes.propositions and not claim.takes.studies]
    assert by_theorems
    assert OPEN not in {claims[id]["verdict"] for id in by_theorems}


def test_runs_of_a_claim_are_rows_of_the_results(claims: dict[str, dict[str, Any]], results: pd.DataFrame) -> None:
    keys = set(results["key"])
    for id, claim in claims.items():
        assert set(claim["runs"]) <= keys
        if isinstance(CLAIMS[id].takes, Runs) and claim["verdict"] != OPEN:
            assert claim["runs"]
        if not claim["studies"]:
            assert claim["runs"] == []


def test_every_stored_run_is_one_row_with_its_last_evaluation(results: pd.DataFrame) -> None:
    assert sorted(results["key"]) == sorted({path.stem for path in store.COMMITTED.rglob("*.json")})
    for row in results.sample(12, random_state=0).itertuples():
        run = store.read(store.COMMITTED / row.study / f"{row.key}.json")  # some were run twice, on two machines
        last = run.evaluations[-1]
        assert (row.seed, row.steps, row.step) == (run.experiment.seed, run.experiment.schedule.steps, last.step)
        assert row.accuracy_averaged == pytest.approx(last.accuracy, abs=0.002)  # 20 of 10,000 images are left out
        assert row.accuracy_raw == pytest.approx(last.raw_accuracy, abs=1e-6)
        assert row.minutes == pytest.approx(run.provenance["seconds"] / 60, rel=1e-5)


def test_the_time_of_all_runs_is_told_by_device(files: dict[str, bytes], results: pd.DataFrame) -> None:
    text = files["compute.txt"].decode()
    assert text.startswith(f"{len(results)} stored runs took {results['minutes'].sum() / 60:.1f} hours, ")
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert sum(int(line.split("|")[2]) for line in lines) == len(results)
    assert {line.split("|")[1].strip() for line in lines} == set(results["device"])


def test_a_page_can_say_how_the_claims_stand(files: dict[str, bytes], claims: dict[str, dict[str, Any]]) -> None:
    told = files["tally.txt"].decode()
    for verdict in VERDICTS:
        number = sum((claim["kind"], claim["verdict"]) == ("claim", verdict) for claim in claims.values())
        assert number == 0 or f"{'one' if number == 1 else number} {verdict}" in told.partition(". ")[0]


def test_the_site_has_them_in_its_top_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELUPOOL_RESULTS", raising=False)
    root = small_book.write(tmp_path / "book")
    assert (stage(root) / "compute.txt").read_text() == "No run is stored here.\n"
    small_book.add_results(root)
    staged = stage(root)
    assert len(pd.read_csv(staged / "extra/results.csv")) == 5
    assert json.loads((staged / "extra/claims.json").read_text())["book"] == "A Book"
    assert (staged / "compute.txt").read_text().startswith("5 stored runs took 0.0 hours")


SAID = {
    "both orders are the same function": ("A12", TRUE),
    "with ReLU a\ntraining step takes nearly the same time": ("A5", TRUE),
    "With average-pooling they are two functions": ("A14", TRUE),
    "ended less accurate": ("order-relu-and-average", FALSE),
    "Max-pooling is a nonlinearity\nof its own": ("B5", TRUE),
    "(after 60,000 steps three seeds leave it open)": ("B2", OPEN),
    "makes the network fall apart": ("B4b", TRUE),
}
"""What the README asserts, and the claim that must stand so for it."""


def test_the_readme_asserts_nothing_that_the_verdicts_leave_open(claims: dict[str, dict[str, Any]]) -> None:
    readme = (ROOT / "README.md").read_text()
    for words, (claim, verdict) in SAID.items():
        assert words in readme
        told = claims[claim]["verdict"]
        assert told == verdict, f"{claim} is {told} now, but the README says {words!r}"
    assert [part.rule for part in CLAIMS["B2"].takes.parts] == [within(0.01)]  # a point
    assert "by less than\na point after 10,000 steps with eight seeds" in readme
    (b2,) = judge(gather(Store(COMMITTED)), "B2", how=How(most_seeds=True))
    assert b2.words == "true: 8 seeds, 10,000 steps"
