import json
import os
import re
import subprocess
import sys

import attrs
import pytest

from relupool.experiments.experiment import Experiment, Schedule, from_json, to_json, vary
from relupool.experiments.networks import (
    ACTIVATION_TYPES,
    ELEMENTWISE,
    Architecture,
    LeakyReLU,
    Pool,
    SoftmaxRegression,
)
from relupool.experiments.studies import STUDIES

EXPERIMENTS = [
    Experiment(),
    Experiment(network=SoftmaxRegression(), dataset="synthetic", seed=7),
    Experiment(network=Architecture(conv_activation=LeakyReLU(0.5), dense_activation=None, lrn=False)),
    Experiment(network=Architecture(pool=Pool("average", 2, 2, "valid"), order=("conv-pool-act", "conv-act-pool"))),
    *STUDIES["first-ablations"].experiments("paper", backend="jax"),
    *STUDIES["rate-0.03"].experiments("standard"),
]

PINNED = {
    0: "032422db5d3eda0431959bcf7279915e38157f3e17969b4ce36eee9cb7adcf5c",
    1: "e3670bda18892755e105c61ab42792905ffde7522ae4eabada0406201fd03270",
    2: "14542089f8f23f4efcdad15634e2d9c244fe6343ae01b2044cd6a332a54d59e7",
}


@pytest.mark.parametrize("place", PINNED)
def test_keys_stay_what_they_were(place):
    assert EXPERIMENTS[place].key == PINNED[place]


def test_experiments_survive_their_json_and_keys_tell_them_apart():
    assert [from_json(json.loads(json.dumps(to_json(e)))) for e in EXPERIMENTS] == EXPERIMENTS
    assert len({e.key for e in EXPERIMENTS}) == len(set(EXPERIMENTS))


def test_what_means_the_same_is_one_experiment():
    assert Experiment(schedule=Schedule(learning_rate=1)).key == Experiment(schedule=Schedule(learning_rate=1.0)).key
    assert Architecture(conv_activation="linear") == Architecture(conv_activation=None)


def test_the_key_is_the_same_in_another_process():
    code = "from relupool.experiments.experiment import Experiment; print(Experiment().key)"
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert out.stdout.strip() == Experiment().key


def complete(**changes):
    return {**to_json(Experiment()), **changes}


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (complete(extra=1), "extra"),
        (complete(seed="1"), "seed"),
        (complete(seed=1.0), "seed"),
        (complete(dataset="mnist"), "mnist"),
        (complete(network={"type": "Transformer"}), "Transformer"),
        ({k: v for k, v in complete().items() if k != "seed"}, "missing"),
        (complete(schedule={"steps": 5}), "missing"),
        (complete(family="bigger 1"), "family is 'bigger 1', but must be 'example 1'"),
        ([], "not an experiment"),
        (None, "not an experiment"),
    ],
)
def test_json_that_is_no_experiment_is_refused(data, named):
    with pytest.raises(ValueError, match=named):
        from_json(data)


@pytest.mark.parametrize(
    ("make", "parameter", "allowed"),
    [
        (lambda: Pool("mean"), "kind is 'mean'", "'max', 'average'"),
        (lambda: Pool(size=0), "size is 0", "at least 1"),
        (lambda: Pool(size=2.5), "size is 2.5", "whole number"),
        (lambda: Pool(size=True), "size is True", "whole number"),
        (lambda: Pool(stride=-1), "stride is -1", "at least 1"),
        (lambda: Pool(padding="full"), "padding is 'full'", "'same', 'valid'"),
        (lambda: Architecture(conv_activation="rely"), "conv_activation is 'rely'", "relu"),
        (lambda: Architecture(dense_activation=3), "dense_activation is 3", "None"),
        (lambda: Architecture(pool="max"), "pool is 'max'", "type Pool"),
        (lambda: Architecture(order=("conv-act-pool",)), "order is", "tuple of 2"),
        (lambda: Architecture(order=("conv-act-pool", "pool-conv-act")), "pool-conv-act", "'conv-pool-act'"),
        (lambda: Architecture(lrn=1), "lrn is 1", "True, False"),
        (lambda: Architecture(pool=Pool(size=25, padding="valid")), "pool is", "24x24"),
        (lambda: LeakyReLU(float("nan")), "slope is nan", "finite"),
        (lambda: Schedule(steps=0), "steps is 0", "at least 1"),
        (lambda: Schedule(steps=10, evaluate_at=(0, 5)), "evaluate_at", "last step, 10"),
        (lambda: Schedule(steps=10, evaluate_at=(5, 5, 10)), "evaluate_at", "rising"),
        (lambda: Schedule(learning_rate=0), "learning_rate is 0", "above 0"),
        (lambda: Schedule(averaging=1.5), "averaging is 1.5", "at most 1"),
        (lambda: Experiment(seed=-1), "seed is -1", "from 0"),
        (lambda: Experiment(train_images=60_000), "train_images is 60000", "50000"),
        (lambda: Experiment(train_images=64), "batch_size is 128", "at most train_images, 64"),
        (lambda: Experiment(judged_on="train"), "judged_on is 'train'", "'test', 'validation'"),
        (lambda: Experiment(judged_on="validation"), "train_images is 50000", "at most 45000 where judged_on"),
        (
            lambda: Experiment(judged_on="validation", train_images=45_000),
            "test_images is 10000",
            "at most 5000 where judged_on",
        ),
        (lambda: Experiment(dtype="float16"), "dtype is 'float16'", "mixed_bfloat16"),
        (lambda: Experiment(backend="torch"), "backend is 'torch'", "'tensorflow', 'jax'"),
        (lambda: vary(Architecture(), activation="relu"), "activation is 'relu'", "conv_activation"),
        (lambda: STUDIES["dtype"].experiments("paper"), "preset is 'paper'", "standard"),
    ],
)
def test_bad_values_are_refused_with_name_value_and_what_is_allowed(make, parameter, allowed):
    with pytest.raises(ValueError, match=re.escape(parameter)) as error:
        make()
    assert allowed in str(error.value)


def test_every_elementwise_activation_of_keras_is_known():
    """A new Keras release fails here and names what is new."""
    import keras

    theirs = {
        keras.activations.get(name).__name__
        for name in dir(keras.activations)
        if not name.startswith("_") and name not in ("get", "serialize", "deserialize")
    }
    on_vectors_or_with_arguments = {"softmax", "log_softmax", "sparsemax", "glu", "threshold"}
    assert theirs - on_vectors_or_with_arguments == set(ELEMENTWISE)


def test_stored_activations_are_told_apart_by_their_fields():
    assert len({frozenset(attrs.fields_dict(kind)) for kind in ACTIVATION_TYPES}) == len(ACTIVATION_TYPES)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda s: s.name)
def test_a_study_asks_for_every_network_equally_often_and_for_one_seed_of_everything_first(study):
    for preset, p in study.presets.items():
        experiments = study.experiments(preset)
        assert len({e.key for e in experiments}) == len(experiments) == len(study.networks) * p.seeds * len(p.dtypes)
        assert [e.seed for e in experiments] == sorted(e.seed for e in experiments)
