"""The first page: its text is a template, as a chapter's is, filled while staging from the committed results.

On it stands the mixer: the sixteen networks of the grid, one for each setting of four switches, with their stored
accuracies; a table that ``mixer.js``, where scripts run, turns into switches, the network's list of layers, and a scale
with sixteen dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from relupool.book import prose
from relupool.claims.grounds import Grounds, gather
from relupool.experiments.networks import Architecture
from relupool.experiments.store import Store
from relupool.experiments.studies import BASELINE, BIGGER, FIRST_ABLATIONS, GRID, ORDER
from relupool.figures.network import forward
from relupool.measures.estimate import Estimate, difference, estimated
from relupool.measures.grid import DESIGN
from relupool.measures.networks import PAIRS, SOFTMAX, VGGS
from relupool.measures.orders import first_minus_last
from relupool.site.templates import fill
from relupool.words import count, listing, with_interval

PAGE = "index.md"

PICTURES = "figures/fig-templates.svg"
"""The ten pictures that the all-linear network is; chapter 1 shows them."""

SWITCHES = {
    "conv": "ReLU in the convolutional layers",
    "dense": "ReLU between the dense layers",
    "max": "max-pooling, not average",
    "norm": "normalization",
}
"""What can be switched, in the order of :data:`relupool.measures.grid.FACTORS`."""

NONLINEAR = ("ReLU in the convolutional layers", "ReLU between the dense layers", "max-pooling", "the normalization")
"""What is nonlinear where a switch is on."""


@frozen(kw_only=True)
class Mixed:
    """A network of the grid: what is ``on`` of the four switches, and its accuracy."""

    on: tuple[bool, ...]
    accuracy: Estimate

    @property
    def switched_on(self) -> list[str]:
        """The names of the switches that are on."""
        return [name for name, on in zip(SWITCHES, self.on, strict=True) if on]

    @property
    def left(self) -> str:
        """What is still nonlinear in it, in words."""
        return listing(name for name, on in zip(NONLINEAR, self.on, strict=True) if on) if any(self.on) else "nothing"

    @property
    def right(self) -> str:
        """Its accuracy with its interval, in words."""
        return with_interval(self.accuracy.mean, *self.accuracy.ends)


def text(root: Path) -> bytes:
    """The first page of the book in ``root``, finished; a page without templates needs no results."""
    source = (root / PAGE).read_text(encoding="utf-8")
    return (prose.fill(source, values(root)) if "{{" in source else source).encode()


def values(root: Path) -> dict[str, Any]:
    """What the first page may quote, by name."""
    grounds = gather(Store(root / "data" / "results"))
    networks = sixteen(grounds)
    reference = estimated(grounds.of(BASELINE), {SOFTMAX: 1.0}, step=networks[0].accuracy.steps)
    told: dict[str, Any] = {
        "rows": pairs(networks),
        "widest": max(network.accuracy.half() for network in networks),
        "cost": one_change(networks),
        "dead": min(networks, key=lambda network: network.accuracy.mean).accuracy,
        "vgg": {pool: estimated(grounds.of(BIGGER), difference(*PAIRS[name])) for pool, name in VGGS.items()},
        "first": first_minus_last(grounds.of(ORDER)),
        "saved": grounds.times.saved if grounds.times else {},
    }
    return prose.plain(told) | {"mixer": mixer(networks, reference)}


def sixteen(grounds: Grounds) -> tuple[Mixed, ...]:
    """The networks of the grid, all read at the last step that most of their seeds have reached.

    Raises ValueError where runs are missing.
    """
    frame = grounds.of(GRID, FIRST_ABLATIONS)
    together = estimated(frame, dict.fromkeys(DESIGN, 1.0))
    if together is None:
        raise ValueError("the mixer needs the runs of the study “grid”: relupool train grid --preset standard")
    return tuple(
        Mixed(on=tuple(sign > 0 for sign in signs), accuracy=accuracy)
        for network, signs in DESIGN.items()
        if (accuracy := estimated(frame, {network: 1.0}, step=together.steps))
    )


def pairs(networks: Sequence[Mixed]) -> list[dict[str, Any]]:
    """The networks without normalization in pairs, without and with ReLU in the convolutions: most left comes first."""
    accuracy = {network.on: network.accuracy for network in networks}
    names = {
        (True, True): "max-pooling and dense ReLU",
        (False, True): "max-pooling",
        (True, False): "dense ReLU",
        (False, False): "nothing",
    }
    return [
        {"left": name, "without": accuracy[False, dense, pool, False], "with_": accuracy[True, dense, pool, False]}
        for (dense, pool), name in names.items()
    ]


def one_change(networks: Sequence[Mixed]) -> float:
    """The most accuracy that a single switch costs the untouched network, in the mean over seeds."""
    mean = {network.on: network.accuracy.mean for network in networks}
    whole = (True,) * len(SWITCHES)
    return max(mean[whole] - cost for on, cost in mean.items() if sum(on) == len(on) - 1)


def mixer(networks: Sequence[Mixed], reference: Estimate | None, *, pictures: str = PICTURES) -> str:
    """A table of all networks and the layers of the example, for readers with scripts and without.

    ``reference`` is what one matrix reaches on the same crops after as many steps; ``pictures`` may be "".
    """
    some = networks[0].accuracy
    return fill(
        "mixer",
        networks=networks,
        switches=SWITCHES,
        layers=[(layer, _switch(layer.name)) for layer in forward(Architecture())],
        basis=f"CIFAR-10, {some.steps:,} steps, {count(some.n, 'seed')}",
        softmax=f"{reference.mean:.4f}" if reference else "",
        pictures=pictures,
    )


def _switch(layer: str) -> str:
    """The switch that a layer of the example hangs on, "" if none."""
    if layer.startswith("activation"):
        return "conv" if int(layer[-1]) <= 2 else "dense"
    return {"pool": "max", "norm": "norm"}.get(layer.rstrip("12"), "")
