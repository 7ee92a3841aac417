"""What compilers do with the two orders: the findings that the chapter tells of, on the versions that are installed."""

from __future__ import annotations

import keras
import pandas as pd
import pytest

from relupool.instruments import compilers

TENSORFLOW = keras.backend.backend() == "tensorflow"


def found(*activations: str) -> pd.DataFrame:
    return pd.DataFrame(compilers.programs(activations))


def test_xla_leaves_every_order_as_written():
    xla = found("relu", "softplus").query("compiler == 'XLA'")
    assert len(xla) == 4
    assert (xla["runs as"] == xla["written"]).all()


@pytest.mark.skipif(not TENSORFLOW, reason="JAX has no graph optimizer")
def test_tensorflow_knows_the_theorem():
    """It moves a max-pool in front of what never falls, not of GELU, and not where the gradient is asked for."""
    frame = found("softplus", "gelu").query("compiler != 'XLA'")
    assert (frame[frame["written"] == "pool first"]["runs as"] == "pool first").all()
    first = frame[frame["written"] == "activation first"].set_index(["activation", "situation"])["runs as"]
    assert first["softplus"].to_dict() == {
        "alone": "pool first",
        "after a convolution": "pool first",
        "with its gradient": "activation first",
    }
    assert (first["gelu"] == "activation first").all()
