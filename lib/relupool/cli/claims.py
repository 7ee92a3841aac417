"""``relupool claims``: the verdict on every claim of the two sources; and the measurement that some wait for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from relupool.cli.options import Backend, errors


def claims(
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of each, as JSON.")] = False,
    backend: Backend = "tensorflow",
    trials: Annotated[int, typer.Option(help="Inputs that each proposition is tried on.")] = 30,
    seed: Annotated[int, typer.Option(help="Draws them.")] = 0,
) -> None:
    """Judge every claim of the two sources, from theorems checked now and from stored runs."""
    from attrs import asdict

    from relupool.experiments.store import Store
    from relupool.figures.words import capital
    from relupool.verdicts.claims import judge, summary
    from relupool.verdicts.material import gather

    with errors():
        os.environ.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")  # read when Keras is imported
        from relupool.book.layers import checked

        found = judge(gather(Store.default(), propositions=checked(trials=trials, seed=seed), trials=trials, seed=seed))
    if as_json:
        print(json.dumps([asdict(claim) for claim in found], indent=1, ensure_ascii=False))
        return
    for claim in found:
        number = f" {claim.number} ({claim.n})." if claim.number else ""
        print(f"{claim.id:4}{claim.said}\n    {capital(claim.words)}.{number}")
        if claim.lacks:
            print(f"    It lacks: {claim.lacks}")
    print(summary(found))


def bench_order(*, activation: str = "softplus", rounds: int, output: Path | None = None) -> None:
    """Time both orders of activation and pooling, and write the record that A4, A5, A15 and A16 are judged by."""
    from relupool.experiments.machine import machine
    from relupool.experiments.order_bench import both_orders
    from relupool.verdicts import order_times
    from relupool.verdicts.conditions import Conditions

    readings = both_orders(("relu", activation), rounds=rounds)
    where = Conditions(device=machine()["device"], backend=readings.backend, load=readings.load)
    frames = {name: getattr(readings, name) for name in order_times.READINGS}
    times = order_times.OrderTimes(conditions=where, activation=activation, usual=readings.usual, **frames)
    path = output or order_times.RECORD
    order_times.write(times, path)
    for name, verdict in order_times.judge(times).items():
        print(f"{name}: {verdict.words}. {verdict.reason}")
    print(f"written: {path}")
