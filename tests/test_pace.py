import pytest

from relupool.experiments.experiment import Experiment, Recipe, Schedule, vary
from relupool.experiments.models import build
from relupool.experiments.networks import (
    VGG,
    Architecture,
    Deeper,
    Maxout,
    Pool,
    ResNet20,
    SoftmaxRegression,
)
from relupool.experiments.pace import Pace, Speed, multiply_adds
from relupool.instruments import cost

STEPS = Schedule(steps=10, batch_size=100)


def speed(network, seconds, **changes):
    given = {"dtype": "float32", "backend": "tensorflow", "device": "here", **changes}
    return Speed(network=network, seconds=seconds, **given)


def test_the_same_network_tells_its_own_time():
    pace = Pace((speed(Architecture(), 2.0), speed(Architecture(), 3.0), speed(Architecture(), 90.0)))
    assert pace.seconds(Experiment(network=Architecture(), schedule=STEPS)) == 3.0 * 1000


def test_another_of_its_kind_counts_by_its_multiply_adds():
    pace = Pace((speed(Architecture(), 2.0), speed(SoftmaxRegression(), 0.1)))
    wide = Architecture(conv_activation=Maxout(pieces=2, channels=64))
    ratio = multiply_adds(wide) / multiply_adds(Architecture())
    assert 1.8 < ratio < 2
    assert pace.seconds(Experiment(network=wide, schedule=STEPS)) == pytest.approx(2.0 * ratio * 1000)
    assert pace.seconds(Experiment(network=Deeper(convolutions=2), schedule=STEPS)) == pytest.approx(2.0 * 1000)


def test_unlike_networks_dtypes_backends_and_devices_tell_nothing():
    pace = Pace((speed(Architecture(), 2.0),))
    e = Experiment(schedule=STEPS)
    assert pace.seconds(Experiment(network=ResNet20(), schedule=Recipe(steps=10))) is None
    assert pace.seconds(vary(e, dtype="mixed_bfloat16")) is None
    assert pace.seconds(vary(e, backend="jax")) is None
    assert pace.seconds(e, "there") is None
    assert pace.seconds(e, "here") == 2000


def test_without_a_device_the_commonest_one_counts():
    pace = Pace(tuple(speed(Architecture(), s, device=d) for s, d in ((1.0, "gpu"), (7.0, "cpu"), (7.0, "cpu"))))
    assert pace.seconds(Experiment(schedule=STEPS)) == 7000


@pytest.mark.parametrize(
    ("network", "near"),
    [
        (Architecture(), 0),
        (Architecture(conv_activation=Maxout(pieces=2, channels=59), pool=Pool(padding="valid")), 0),
        (Deeper(convolutions=4), 0),
        (SoftmaxRegression(), 0),
        (ResNet20(), 0.01),
        (VGG(), 0.01),
    ],
)
def test_multiply_adds_are_those_of_the_keras_model_and_of_big_networks_rounded(network, near):
    assert multiply_adds(network) == pytest.approx(cost.multiply_adds(build(network)), rel=near)


@pytest.mark.parametrize(("seconds", "runs"), [(60.0, 11), (33.0, 20), (3_600.0, 1)])
def test_starting_a_job_is_a_twentieth_of_it(seconds, runs):
    steps = Experiment(network=Architecture(), schedule=STEPS)
    pace = Pace((speed(Architecture(), seconds / 1000),))
    assert pace.per_job([steps] * 30) == runs
    assert pace.per_job([Experiment(network=SoftmaxRegression(), schedule=STEPS)]) == 1  # nothing is known of it
