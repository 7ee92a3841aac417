"""The library behind *Where the Nonlinearity Lives*: ``relupool.build(relupool.Architecture(conv_activation=None))``.

Its rooms stand in layers, from :mod:`~relupool.theory` and :mod:`~relupool.experiments` up to
:mod:`~relupool.claims` and :mod:`~relupool.site`; each says what enters and what leaves. The
public names below are imported when they are first used, so importing the package loads neither Keras nor a backend.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relupool.experiments import studies as studies
    from relupool.experiments.experiment import Experiment as Experiment
    from relupool.experiments.experiment import Recipe as Recipe
    from relupool.experiments.experiment import Schedule as Schedule
    from relupool.experiments.experiment import vary as vary
    from relupool.experiments.models import build as build
    from relupool.experiments.networks import VGG as VGG
    from relupool.experiments.networks import Architecture as Architecture
    from relupool.experiments.networks import Deeper as Deeper
    from relupool.experiments.networks import GradientGate as GradientGate
    from relupool.experiments.networks import LeakyReLU as LeakyReLU
    from relupool.experiments.networks import Maxout as Maxout
    from relupool.experiments.networks import PartialReLU as PartialReLU
    from relupool.experiments.networks import Pool as Pool
    from relupool.experiments.networks import ResNet20 as ResNet20
    from relupool.experiments.networks import SoftmaxRegression as SoftmaxRegression
    from relupool.experiments.store import Store as Store
    from relupool.experiments.training import train as train

__version__ = "0.1.0"

_HOMES = {
    "relupool.experiments.experiment": "Experiment Recipe Schedule vary",
    "relupool.experiments.models": "build",
    "relupool.experiments.networks": (
        "Architecture Deeper GradientGate LeakyReLU Maxout PartialReLU Pool ResNet20 SoftmaxRegression VGG"
    ),
    "relupool.experiments.store": "Store",
    "relupool.experiments.training": "train",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted([*_HOME_OF, "studies"])


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    if name == "studies":
        return import_module("relupool.experiments.studies")
    raise AttributeError(f"module 'relupool' has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
