"""The network of 500 parameters against Keras, its pictures, and what the board says of it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from relupool.theory import tiny_network as tiny

SEED = 7
FOUR = [name for name in tiny.BOARD if not name.startswith("after")]


@pytest.fixture(scope="module")
def runs() -> dict[str, tiny.Run]:
    return tiny.run(SEED)


def in_keras(network: tiny.Network, weights: np.ndarray) -> keras.Model:
    """The same network of Keras' layers in float64."""
    relu = [keras.layers.ReLU(dtype="float64")]
    pool = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[network.pool]
    model = keras.Sequential(
        [keras.Input((tiny.SIDE, tiny.SIDE, 1), dtype="float64")]
        + [keras.layers.Conv2D(tiny.FILTERS, tiny.KERNEL, dtype="float64")]
        + relu * (network.relu == "before")
        + [pool(tiny.POOL, dtype="float64")]
        + relu * (network.relu == "after")
        + [keras.layers.Flatten(dtype="float64"), keras.layers.Dense(len(tiny.KINDS), dtype="float64")]
    )
    kernel, *others = tiny.parts(weights)
    model.set_weights([kernel.transpose(1, 2, 0)[:, :, None], *others])
    return model


def vector(arrays: list) -> np.ndarray:
    """Weights or gradients of that model as one vector in our order."""
    kernel, *others = map(np.asarray, arrays)
    return np.concatenate([kernel[:, :, 0].transpose(2, 0, 1).ravel(), *(part.ravel() for part in others)])


@pytest.mark.parametrize("name", tiny.BOARD)
def test_loss_gradients_and_steps_of_adam_are_those_of_keras(name: str) -> None:
    network, weights, adam = tiny.BOARD[name], tiny.first_weights(SEED), tiny.Adam.start()
    model = in_keras(network, weights)
    optimizer = keras.optimizers.Adam(tiny.RATE, epsilon=tiny.EPSILON)
    crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    training = tiny.stream(SEED, tiny.TRAINING)
    for step in range(2):  # the second has other moments
        images, kinds = tiny.pictures(training, step * tiny.BATCH, tiny.BATCH)
        with tf.GradientTape() as tape:
            expected = crossentropy(kinds, model(images[..., None]))
        gradients = tape.gradient(expected, model.trainable_variables)
        loss, gradient = tiny.loss_and_gradient(network, weights, images, kinds)
        assert loss == pytest.approx(float(expected), abs=1e-5)
        np.testing.assert_allclose(gradient, vector(gradients), atol=1e-5)
        adam, weights = adam.move(weights, gradient)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        np.testing.assert_allclose(weights, vector(model.get_weights()), atol=1e-5)
    assert np.abs(weights - tiny.first_weights(SEED)).max() > tiny.RATE


def test_the_mean_picture_of_every_kind_is_grey() -> None:
    images, kinds = tiny.pictures(1, 0, 8000)
    assert np.bincount(kinds).tolist() == pytest.approx([2000] * 4, rel=0.1)
    for kind in range(len(tiny.KINDS)):
        one = images[kinds == kind]
        assert np.abs(one.mean(0)).max() < 5 * one.std() / np.sqrt(len(one))
    assert sum(tiny.WAVE) == 0


def test_pictures_do_not_depend_on_how_many_are_drawn_at_once() -> None:
    images, kinds = tiny.pictures(3, 0, 20)
    again, same = tiny.pictures(3, 13, 4)
    np.testing.assert_array_equal(images[13:17], again)
    np.testing.assert_array_equal(kinds[13:17], same)


def test_the_generator_is_mulberry32() -> None:
    assert tiny.draws(0, 0, 3).tolist() == [1144304738, 1416247, 958946056]  # of the published generator
    assert tiny.draws(0, 2, 1).tolist() == [958946056]


@pytest.mark.parametrize("seed", [1, SEED])
def test_three_learn_and_the_one_that_is_affine_does_not(seed: int) -> None:
    found = {name: run.accuracies[-1] for name, run in tiny.run(seed).items()}
    assert found.pop("none-average") <= 0.4
    assert found.pop("after-average") < found["before-average"] - 0.1
    assert min(found.values()) >= 0.85


def test_with_max_the_order_changes_no_weight_and_with_the_average_all(runs: dict[str, tiny.Run]) -> None:
    assert tiny.differing(runs["before-max"], runs["after-max"]) == 0
    assert tiny.differing(runs["before-average"], runs["after-average"]) == tiny.PARAMETERS == 500
    assert runs["before-max"].accuracies == runs["after-max"].accuracies


def test_the_network_without_relu_and_max_is_its_matrix(runs: dict[str, tiny.Run]) -> None:
    images, _ = tiny.pictures(5, 0, 50)
    for name in FOUR:
        weights, network = runs[name].weights, tiny.BOARD[name]
        maps, constants = tiny.affine_map(weights)
        gap = np.tensordot(images, maps, ([1, 2], [1, 2])) + constants - tiny.forward(network, weights, images).scores
        both, apart = tiny.misfit(network, weights, *images[:2])
        assert (np.abs(gap).max() < 1e-12) == (name == "none-average")
        assert (np.abs(both - apart).max() < 1e-12) == (name == "none-average")
