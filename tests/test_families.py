"""What makes a run and is no field of it: changed without a new version of its family, it is named."""

from __future__ import annotations

import json

import keras
import pytest

import families
from relupool.experiments import augmentation, experiment, layers, models, training
from relupool.experiments.networks import Pool

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX draws other initial weights")

EVERY = [
    (family, which, part) for family, some in families.NETWORKS.items() for which in some for part in families.PARTS
]


@pytest.mark.parametrize(("family", "which", "part"), EVERY)
def test_a_family_computes_what_its_version_did(family, which, part):
    assert families.moved(family, which, part) == ""


def scaled(function, factor):
    """``function`` with its first number multiplied, and the others as they are."""
    return lambda value, *others, **more: function(factor * value, *others, **more)


def put(module, name, value):
    return lambda m: m.setattr(module, name, value)


def with_default(monkeypatch, function, **changes):
    names = function.__code__.co_varnames[1 : 1 + len(function.__defaults__)]
    defaults = tuple(changes.get(n, value) for n, value in zip(names, function.__defaults__, strict=True))
    monkeypatch.setattr(function, "__defaults__", defaults)


def lrn(**changes):
    return lambda m: with_default(m, layers.LocalResponseNormalization.__init__, **changes)


def normalization(**changes):
    return put(models, "BatchNormalization", lambda **own: layers.BatchNormalization(**{**own, **changes}))


def deviation(m):
    real = keras.initializers.TruncatedNormal
    m.setattr(keras.initializers, "TruncatedNormal", lambda stddev, seed: real(stddev=1.001 * stddev, seed=seed))


def channels(m):
    real = models._Normalized.convolution
    m.setattr(models._Normalized, "convolution", lambda parts, name, n, *more: real(parts, name, n - (n == 128), *more))


def nesterov(m):
    real = keras.optimizers.SGD
    m.setattr(keras.optimizers, "SGD", lambda rate, momentum: real(rate, momentum, nesterov=True))


MUTANTS = {
    "LRN's radius": ("example", "example", "forward", lrn(depth_radius=3)),
    "LRN's bias": ("example", "example", "forward", lrn(bias=1.01)),
    "LRN's alpha": ("example", "deeper", "forward", lrn(alpha=1e-4)),
    "LRN's beta": ("example", "example", "forward", lrn(beta=0.751)),
    "a deviation": ("example", "deeper", "initial weights", deviation),
    "a bias": ("example", "blurred", "initial weights", put(models, "constant", scaled(models.constant, 1.01))),
    "the brightness": ("example", "regression", "augmentation", put(augmentation, "BRIGHTNESS", (-64, 63))),
    "the contrast": ("bigger", "vgg", "augmentation", put(augmentation, "CONTRAST", (0.2, 1.81))),
    "the padding": ("bigger", "vgg", "augmentation", put(augmentation, "PADDING", 3)),
    "the crop": ("example", "regression", "forward", put(training, "central_crop", lambda x: x[:, 3:27, 4:28])),
    "the scale": ("bigger", "vgg", "forward", put(training, "normalize", scaled(training.normalize, 1.01))),
    "averaging": ("example", "regression", "step", put(training, "averaging_decay", lambda t, limit: limit)),
    "batch normalization's momentum": ("bigger", "vgg", "step", normalization(momentum=0.95)),
    "batch normalization's epsilon": ("bigger", "vgg", "forward", normalization(epsilon=1e-4)),
    "Nesterov": ("bigger", "vgg", "step", nesterov),
    "VGG's channels": ("bigger", "vgg", "initial weights", channels),
    "VGG's pools": ("bigger", "vgg", "forward", put(models, "Pool", lambda kind, **own: Pool(kind, 3, 2))),
    "ResNet's stages": ("bigger", "resnet", "initial weights", put(models, "STAGES", (16, 32, 48))),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_a_constant_that_changed_without_a_new_version_is_named(monkeypatch, name):
    family, which, part, change = MUTANTS[name]
    change(monkeypatch)
    told = families.moved(family, which, part)
    assert told.startswith(f"family {family!r}, version {experiment.FAMILIES[family]}, {which}: {part} moved (")


def test_a_new_version_changes_keys_and_refuses_what_was_stored_before(monkeypatch):
    small, large = experiment.Experiment(), families.NETWORKS["bigger"]["vgg"]
    large = experiment.Experiment(network=large, schedule=experiment.Recipe())
    before, keys = experiment.to_json(small), (small.key, large.key)
    now = experiment.FAMILIES["example"]
    monkeypatch.setitem(experiment.FAMILIES, "example", now + 1)
    assert small.key != keys[0]
    assert large.key == keys[1]
    with pytest.raises(ValueError, match=f"family is 'example {now}', but must be 'example {now + 1}'"):
        experiment.from_json(before)
    assert families.moved("example", "example", "step").startswith(f"example {now + 1} is not in families.json yet")


def test_every_network_is_of_a_family_that_is_pinned():
    pinned = json.loads(families.PINNED.read_text())
    assert {f"{name} {version}" for name, version in experiment.FAMILIES.items()} <= set(pinned)
