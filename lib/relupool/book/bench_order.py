"""What the order costs, timed now: for a note that measures anew, and for the record that the book shows."""

from __future__ import annotations

import datetime

from relupool.measures.conditions import MADE, Conditions
from relupool.measures.order_times import TIMED, OrderTimes


def taken(*, rounds: int) -> OrderTimes:
    """Both orders timed now, with each activation of ``TIMED``: every call in each of ``rounds``, in random order."""
    from relupool.experiments.machine import machine, onednn
    from relupool.instruments.orders import both_orders  # imports Keras, which reading the record does without

    readings = both_orders(TIMED, rounds=rounds)
    here = {**machine(), "measured": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    here["onednn"] = onednn() if readings.backend == "TensorFlow" else None
    made = {name: here.get(name) for name in MADE}
    where = Conditions(device=here["device"], backend=readings.backend, load=readings.load, made=made)
    return OrderTimes(
        conditions=where, usual=readings.usual, alone=readings.alone, steps=readings.steps, layers=readings.layers
    )
