"""``relupool claims``: the verdict on every claim of the two sources; and the measurement that some wait for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from relupool.cli.options import Backend, errors
from relupool.validation import refuse


def claims(
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of each, as JSON.")] = False,
    backend: Backend = "tensorflow",
    trials: Annotated[
        int, typer.Option(help="Inputs that each proposition is tried on; 0 leaves theorems and Keras out.")
    ] = 30,
    seed: Annotated[int, typer.Option(help="Draws them.")] = 0,
) -> None:
    """Judge every claim of the two sources, from theorems checked now and from stored runs."""
    from attrs import asdict

    from relupool.claims.grounds import commuting_activations, gather
    from relupool.claims.judge import judge, summary
    from relupool.experiments.store import Store
    from relupool.words import capital

    with errors():
        propositions = activations = None
        if trials < 0:
            refuse("--trials", trials, "0 or more")
        if trials:
            os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")  # read when Keras is imported
            from relupool.book.layers import checked

            propositions = checked(trials=trials, seed=seed)
            activations = commuting_activations(trials=trials, seed=seed)
        found = judge(gather(Store.default(), propositions=propositions, activations=activations))
    if as_json:
        print(json.dumps([asdict(claim) for claim in found], indent=1, ensure_ascii=False))
        return
    for claim in found:
        number = f" {claim.number} ({claim.n})." if claim.number else ""
        print(f"{claim.id:4}{claim.said}\n    {capital(claim.words)}.{number}")
        if claim.lacks:
            print(f"    {claim.lacks}")
    print(summary(found))


def bench_order(*, rounds: int, output: Path | None = None) -> None:
    """Time both orders of activation and pooling, and write the record that A4, A5, A15 and A16 are judged by."""
    from relupool.book.bench_order import taken
    from relupool.claims.grounds import Grounds
    from relupool.claims.judge import judge
    from relupool.measures import order_times

    times = taken(rounds=rounds)
    path = output or order_times.RECORD
    order_times.write(times, path)
    for claim in judge(Grounds(times=times), "A4", "A5", "A16"):
        print(f"{claim.id}: {claim.words}. {claim.reason}")
    print(f"written: {path}")
