"""What the order costs, timed now: for a note that measures anew, and for the record that the book shows."""

from __future__ import annotations

import datetime

from relupool.measures.order_times import MADE, TIMED, Conditions, OrderTimes


def taken(*, rounds: int) -> OrderTimes:
    """Both orders timed now, with each activation of ``TIMED``: every call in each of ``rounds``, in random order."""
    from relupool.experiments.machine import machine, onednn
    from relupool.instruments import orders  # imports Keras, which reading the record does without

    frames, load = orders.both_orders(TIMED, rounds=rounds)
    here = {**machine(), "measured": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    here["onednn"] = onednn() if orders.on_tensorflow() else None
    backend = "TensorFlow" if orders.on_tensorflow() else "JAX"
    made = {name: here.get(name) for name in MADE}
    where = Conditions(device=here["device"], backend=backend, load=load, made=made)
    return OrderTimes(conditions=where, usual=orders.usual_way(), **frames)
