"""Tables of what flips a kernel, and of the networks without nonlinearities."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from frames import frame
from relupool.experiments.studies import BASELINE, BIGGER, FIRST_ABLATIONS
from relupool.measures import convolution as verdicts


def model(*shapes):
    layers = [SimpleNamespace(kernel=np.zeros(shape)) for shape in shapes]
    return SimpleNamespace(layers=[*layers, SimpleNamespace()], trainable_variables=[m.kernel for m in layers])


MODELS = {name: model((5, 2)) for name in verdicts.LINEAR} | {"ResNet-20, no ReLU": model((3, 3, 1, 4), (4, 2))}


def test_linear_networks_stand_beside_themselves_with_nonlinearities():
    deep = frame(BIGGER, {"ResNet-20, no ReLU": 0.35, "ResNet-20, all ReLUs": [0.8, 0.9]}, seeds=1, off=lambda *_: 0)
    table = verdicts.linear_networks(pd.concat([frame(BASELINE, {"softmax regression": 0.36}), deep]), MODELS)
    table = table.set_index("network")
    assert table.index.tolist() == ["softmax regression", "ResNet-20, no ReLU"]  # what is not stored is left out
    softmax, deep = table.loc["softmax regression"], table.loc["ResNet-20, no ReLU"]
    assert (softmax["layers"], softmax["parameters"], softmax["n"]) == (1, 10, 3)
    assert softmax["low"] < softmax["mean"] < softmax["high"]
    assert np.isnan(softmax["bent"])
    assert (deep["layers"], deep["parameters"], deep["n"]) == (2, 44, 1)
    assert deep["bent"] == pytest.approx(0.85)
    assert np.isnan(deep["low"])


def test_nothing_stored_gives_an_empty_table():
    assert verdicts.linear_networks(frame(FIRST_ABLATIONS, {"untouched": 0.8}), MODELS).empty


def test_the_table_of_flips_has_what_was_measured_and_what_is_documented():
    turned = pd.DataFrame({"operation": ["mine", "mine", "odd"], "is": ["cross-correlation"] * 2 + ["neither"]})
    rows = verdicts.flip_table(turned).set_index("operation")
    assert rows["flips?"].to_dict() == {
        "mine": "no",
        "odd": "something else",
        "Theano's conv2d": "yes",
        "PyTorch's Conv2d": "no",
    }
    assert rows["how we know"].str.startswith("measured").tolist() == [True, True, False, False]
