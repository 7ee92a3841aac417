"""Linear convolutions in front of a dense layer are folded into it: the same network, two to four layers shallower."""

import numpy as np
import pytest

from relupool.experiments.fold import fold
from relupool.experiments.models import build
from relupool.experiments.networks import Architecture, Deeper

LINEAR = Architecture(conv_activation=None)
CROPS = np.random.default_rng(0).normal(size=(4, 24, 24, 3)).astype("float32")


@pytest.mark.parametrize("convolutions", [3, 5])
def test_a_folded_network_computes_what_the_deep_one_does(convolutions):
    deep = build(Deeper(example=LINEAR, convolutions=convolutions), seed=2)
    shallow = build(LINEAR, seed=7)
    before = shallow.predict(CROPS, verbose=0)
    fold(deep, shallow)
    expected = deep.predict(CROPS, verbose=0)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(shallow.predict(CROPS, verbose=0), expected, atol=1e-3 * scale)
    assert np.abs(before - expected).max() > 0.1 * scale


def test_with_relu_there_is_nothing_to_fold():
    with pytest.raises(ValueError, match="activation_conv3"):
        fold(build(Deeper(convolutions=3)), build(Architecture()))
