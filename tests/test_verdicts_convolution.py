"""What is said of convolution turns with what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relupool.theory.evidence import compare
from relupool.verdicts import convolution as verdicts

X = np.arange(6, dtype="float32").reshape(2, 3)
EXACT = compare(lambda x: x, lambda x: x, X)
BROKEN = compare(lambda x: x, lambda x: x + np.float32(1), X, shrinking=False)


def stack(evidence, differing=0):
    return verdicts.Stack(evidence=evidence, kernel_size=6, layers=3, differing=differing, positions=100)


@pytest.mark.parametrize(
    ("layer", "keras_is", "whole", "parts"),
    [
        (EXACT, "cross-correlation", stack(EXACT), ["Yes: it is linear", "in 6 sums", "does not flip", "6 × 6 does."]),
        (EXACT, "convolution", stack(EXACT), ["Yes: it is linear", "since it flips", "Stacking adds nothing"]),
        (EXACT, "neither", stack(BROKEN, 9), ["Yes", "neither a convolution", "no longer one", "9 of 100 positions."]),
        (
            BROKEN,
            "cross-correlation",
            stack(BROKEN),
            ["Not with relu behind it: of 6 sums 6", "No one kernel replaces"],
        ),
        (BROKEN, "cross-correlation", stack(EXACT), ["Not with relu", "And yet one kernel replaces"]),
    ],
)
def test_the_answer_turns_with_what_was_found(layer, keras_is, whole, parts):
    text = verdicts.answer(activation="relu", padding="same", layer=layer, keras_is=keras_is, stack=whole)
    assert all(part in text for part in parts), text


def test_evidence_is_told_with_its_numbers():
    assert verdicts.told(EXACT) == "Both sides agreed bit for bit in 6 numbers from 2 trials."
    assert verdicts.told(BROKEN) == "Of 6 numbers from 2 trials, 6 differed, by up to 1."


def test_what_cannot_be_run_is_documented():
    assert verdicts.CONVENTIONS["how we know"].str.contains("documented").all()


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
