"""Times of both orders are taken with what they were taken with."""

from __future__ import annotations

import pandas as pd

from relupool.book import bench_order
from relupool.measures import order_times


def test_times_come_with_their_conditions(monkeypatch):
    from relupool.instruments import order_bench
    from relupool.instruments.timing import Load

    frame = pd.DataFrame({"activation": ["relu"], "round": [0], "seconds": [0.1]})
    readings = order_bench.Readings(
        alone=frame, steps=frame, layers=frame, backend="JAX", usual="XLA", load=Load(cores=2, average=0.0)
    )
    asked = []
    monkeypatch.setattr(order_bench, "both_orders", lambda names, *, rounds: asked.append((names, rounds)) or readings)
    times = bench_order.taken(rounds=9)
    assert asked == [(order_times.TIMED, 9)]
    assert (times.usual, times.activations) == ("XLA", ("relu",))
    made = times.conditions.made
    assert made is not None and made["measured"] and made["keras"] and made["onednn"] is None
