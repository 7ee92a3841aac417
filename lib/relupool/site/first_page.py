"""The first page: its text is a template, as a chapter's is, filled while staging from the committed results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from relupool.book import prose
from relupool.claims.grounds import gather
from relupool.experiments.store import Store
from relupool.experiments.studies import FIRST_ABLATIONS, GRID, ORDER
from relupool.measures.estimate import Estimate
from relupool.measures.grid import relu_by_pool
from relupool.measures.orders import first_minus_last
from relupool.site import mixer

PAGE = "index.md"
PICTURES = "figures/fig-templates.svg"
"""The ten pictures that the all-linear network is; chapter 1 shows them."""


@frozen(kw_only=True)
class Row:
    """What is left to bend in a pair of networks, and their accuracies with and without ReLU in the convolutions."""

    left: str
    without: Estimate
    with_: Estimate


def text(root: Path) -> bytes:
    """The first page of the book in ``root``, finished; a page without templates needs no results."""
    source = (root / PAGE).read_text(encoding="utf-8")
    return (prose.fill(source, values(root)) if "{{" in source else source).encode()


def values(root: Path) -> dict[str, Any]:
    """What the first page may quote, by name."""
    grounds = gather(Store(root / "data" / "results"))
    networks = mixer.sixteen(grounds)
    told: dict[str, Any] = {
        "rows": rows(networks),
        "widest": max(network.accuracy.half() for network in networks),
        "cost": one_change(networks),
        "dead": min(networks, key=lambda network: network.accuracy.mean).accuracy,
        "worth": relu_by_pool(grounds.of(GRID, FIRST_ABLATIONS)),
        "first": first_minus_last(grounds.of(ORDER)),
        "saved": grounds.times.saved if grounds.times else {},
    }
    reference = mixer.softmax(grounds, networks[0].accuracy.steps)
    return prose.plain(told) | {"mixer": mixer.html(networks, reference, pictures=PICTURES)}


def rows(networks: tuple[mixer.Mixed, ...]) -> list[Row]:
    """The networks without normalization in pairs, those that have most left first."""
    found = {network.on: network.accuracy for network in networks}
    names = {
        (True, True): "max-pooling and dense ReLU",
        (False, True): "max-pooling",
        (True, False): "dense ReLU",
        (False, False): "nothing",
    }
    return [
        Row(left=name, without=found[False, dense, pool, False], with_=found[True, dense, pool, False])
        for (dense, pool), name in names.items()
    ]


def one_change(networks: tuple[mixer.Mixed, ...]) -> float:
    """The most accuracy that a single switch costs the untouched network, in the mean over seeds."""
    found = {network.on: network.accuracy.mean for network in networks}
    whole = (True,) * len(mixer.SWITCHES)
    return max(found[whole] - mean for on, mean in found.items() if sum(on) == len(on) - 1)
