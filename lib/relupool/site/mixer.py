"""The mixer: the sixteen networks of the grid, one for each setting of four switches, with their stored accuracies.

It is written into the first page while that is staged: a table that ``mixer.js``, where scripts run, turns into
switches, the network's list of layers, and a scale with sixteen dots.
"""

from __future__ import annotations

from html import escape
from typing import Any

from attrs import frozen

from relupool.claims.grounds import Grounds
from relupool.experiments.networks import Architecture
from relupool.experiments.studies import BASELINE, FIRST_ABLATIONS, GRID
from relupool.figures.network import forward
from relupool.measures.estimate import Estimate, estimated
from relupool.measures.grid import DESIGN
from relupool.measures.networks import SOFTMAX
from relupool.site.element import add_scripts
from relupool.words import count, listing, with_interval

SCRIPTS = ("activations.js", "mixer.js")
PAGE = "index"

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

    architecture: Architecture
    on: tuple[bool, ...]
    accuracy: Estimate

    @property
    def left(self) -> str:
        """What is still nonlinear in it, in words."""
        return listing(name for name, on in zip(NONLINEAR, self.on, strict=True) if on) if any(self.on) else "nothing"


def sixteen(grounds: Grounds) -> tuple[Mixed, ...]:
    """The networks of the grid, all read at the last step that most of their seeds have reached.

    Raises ValueError where runs are missing.
    """
    frame = grounds.of(GRID, FIRST_ABLATIONS)
    together = estimated(frame, dict.fromkeys(DESIGN, 1.0))
    if together is None:
        raise ValueError("the mixer needs the runs of the study “grid”: relupool train grid --preset standard")
    found = {network: estimated(frame, {network: 1.0}, step=together.steps) for network in DESIGN}
    return tuple(
        Mixed(architecture=network, on=tuple(sign > 0 for sign in signs), accuracy=accuracy)
        for network, signs in DESIGN.items()
        if (accuracy := found[network])
    )


def softmax(grounds: Grounds, step: int) -> Estimate | None:
    """What one matrix reaches on the same crops after as many steps."""
    return estimated(grounds.of(BASELINE), {SOFTMAX: 1.0}, step=step)


def html(networks: tuple[Mixed, ...], reference: Estimate | None, *, pictures: str = "") -> str:
    """The element: a table of all networks and the layers of the example, for readers with scripts and without.

    ``pictures`` is the address of the ten pictures that the affine network is, "" where they are not there.
    """
    some = networks[0].accuracy
    rows = "".join(_row(network) for network in networks)
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in SWITCHES.values())
    layers = "".join(
        f"<li data-part='{_part(layer.name)}' data-kind='{layer.kind}'>{escape(layer.operation)}</li>"
        for layer in forward(Architecture())
    )
    marks = f" data-softmax='{reference.mean:.4f}'" if reference else ""
    shown = f" data-pictures='{escape(pictures)}'" if pictures else ""
    basis = f"CIFAR-10, {some.steps:,} steps, {count(some.n, 'seed')}"
    return (
        f"<network-mixer{marks}{shown} data-basis='{basis}'><ol class='layers' hidden>{layers}</ol>"
        f"<details class='all' open><summary>All sixteen networks</summary>"
        f"<div class='pst-scrollable-table-container'><table class='table'>"
        f"<caption>What is nonlinear in each network, and the share of test images that it gets "
        f"right <span class='tag'>{basis}</span></caption><thead><tr>{heads}<th scope='col'>right</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details></network-mixer>"
    )


def _row(network: Mixed) -> str:
    e = network.accuracy
    cells = "".join(f"<td>{'yes' if on else 'no'}</td>" for on in network.on)
    on = " ".join(name for name, there in zip(SWITCHES, network.on, strict=True) if there)
    half = "" if e.n == 1 else f" data-half='{e.half():.4f}'"
    return (
        f"<tr data-on='{on}' data-mean='{e.mean:.4f}'{half} data-left='{escape(network.left)}'>{cells}"
        f"<td>{with_interval(e.mean, *e.ends)}</td></tr>"
    )


def _part(name: str) -> str:
    """The switch that a layer of the example hangs on, "" if none."""
    if name.startswith("activation"):
        return "conv" if int(name[-1]) <= 2 else "dense"
    return {"pool": "max", "norm": "norm"}.get(name.rstrip("12"), "")


def register(app: Any) -> None:
    """Connect this module to Sphinx; the scripts are loaded by the first page alone."""
    add_scripts(app, SCRIPTS, lambda doctree: doctree["source"].endswith(f"{PAGE}.md"))
