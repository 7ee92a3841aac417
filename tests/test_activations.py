"""The list of Keras' activations is found by itself, and each is what the book takes it for."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from relupool.theory import survey
from relupool.theory.activations import ACTIVATIONS, ON_VECTORS, STRAIGHT, WITH_ARGUMENTS, kinds


def test_keras_lists_its_activations_and_all_are_known():
    """A new Keras release fails here, and the difference names what is new."""
    found = kinds(vars(keras.activations))
    known = {"elementwise": set(ACTIVATIONS), "on vectors": set(ON_VECTORS), "with arguments": set(WITH_ARGUMENTS)}
    assert {kind: set(names) ^ known[kind] for kind, names in found.items()} == {kind: set() for kind in known}


def test_an_unknown_activation_is_listed_by_its_signature():
    def new(x, slope=1.0): ...
    def over(x, axis=-1): ...
    def open_(x, limit): ...
    def fetch(identifier): ...

    listed = kinds({f.__name__: f for f in (new, over, open_, fetch)} | {"alias": new, "_private": new, "Class": str})
    assert listed == {"elementwise": ("new",), "on vectors": ("over",), "with arguments": ("open_",)}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_elementwise_means_that_one_number_changes_one_result(name):
    x = np.linspace(-3, 3, 16, dtype="float32").reshape(4, 4)
    changed = x.copy()
    changed[2, 1] = 7
    before, after = (np.asarray(keras.activations.get(name)(value)) for value in (x, changed))
    assert np.delete(before.ravel(), 9).tolist() == np.delete(after.ravel(), 9).tolist()


@pytest.mark.parametrize("name", STRAIGHT)
def test_straight_activations_never_fall(name):
    assert survey.is_non_decreasing(name)
