"""Times of both orders are taken with what they were taken with."""

from __future__ import annotations

import pandas as pd

from relupool.book import bench_order
from relupool.measures import order_times


def test_times_come_with_their_conditions(monkeypatch):
    from relupool.instruments import orders
    from relupool.instruments.timing import Load

    frame = pd.DataFrame({"activation": ["relu"], "round": [0], "seconds": [0.1]})
    readings = dict.fromkeys(("alone", "steps", "layers"), frame), Load(cores=2, average=0.0)
    asked = []
    monkeypatch.setattr(orders, "both_orders", lambda names, *, rounds: asked.append((names, rounds)) or readings)
    monkeypatch.setattr(orders, "on_tensorflow", lambda: False)
    times = bench_order.taken(rounds=9)
    assert asked == [(order_times.TIMED, 9)]
    assert (times.usual, times.activations) == ("XLA", ("relu",))
    made = times.conditions.made
    assert made is not None and made["measured"] and made["keras"] and made["onednn"] is None
