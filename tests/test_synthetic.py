"""The synthetic images: the same everywhere, no use to a linear classifier, and learnt by the example in 300 steps."""

from __future__ import annotations

import io
import os
from functools import cache

import numpy as np
import pytest
from PIL import Image

from conftest import ROOT
from relupool.experiments import synthetic
from relupool.experiments.data import Images, central_crop, load, resolve, sha256_of, standardize
from relupool.experiments.experiment import Experiment, Schedule, vary
from relupool.experiments.networks import Architecture, Network, Pool, SoftmaxRegression

LINEAR = Architecture(pool=Pool("average"), conv_activation=None, dense_activation=None)
NO_BETTER_THAN = 0.25  # what softmax regression stays below
AT_LEAST = 0.80  # what the untouched example passes
STEPS = 300


@pytest.fixture(scope="module")
def images() -> Images:
    """A small set: enough for 300 steps, and for accuracies to within 3 points."""
    arrays = synthetic.draw(0, 12_800, 1_000)
    return Images(*arrays, name="synthetic", sha256=sha256_of(arrays))


def test_every_machine_draws_the_same_bytes() -> None:
    assert sha256_of(synthetic.draw(0, 300, 20)) == "052410a35ce99e4f05b3ce82015071dd2b59471b942f9e4214437a21b6572f1c"


def test_the_first_images_do_not_depend_on_how_many_follow_and_seeds_and_splits_differ() -> None:
    few, many = synthetic.draw(7, 30, 20), synthetic.draw(7, synthetic.BLOCK + 1, 40)
    for first, whole in zip(few, many, strict=True):
        assert np.array_equal(first, whole[: len(first)])
    x_train, _, x_test, _ = few
    assert not np.array_equal(x_train[:20], x_test) and not np.array_equal(x_train, synthetic.draw(1, 30, 20)[0])


def test_images_are_the_size_of_cifar10s(images: Images) -> None:
    assert images.x_train.shape == (12_800, 32, 32, 3) and images.y_train.shape == (12_800,)
    assert images.x_test.dtype == images.y_test.dtype == np.uint8
    counts = np.bincount(images.y_train)
    assert len(counts) == 10 and abs(counts - 1_280).max() < 5 * 1_280**0.5  # five standard deviations


def test_no_class_has_a_mean_image_of_its_own(images: Images) -> None:
    crops = standardize(central_crop(images.x_train))
    for label in range(10):
        own = crops[images.y_train == label]
        # of 1,728 means of n values with variance 1, none is further than five standard errors from the common one
        assert abs(own.mean(0) - crops.mean(0)).max() < 5 / len(own) ** 0.5


def test_the_colouring_is_how_red_and_green_vary_together(images: Images) -> None:
    inside = images.x_train[:, 13:19, 13:19].astype(float)  # as good as always inside the disc
    inside -= inside.mean((1, 2), keepdims=True)
    covariance = (inside[..., 0] * inside[..., 1]).mean((1, 2))
    by_class = [covariance[images.y_train == label].mean() for label in range(10)]
    assert min(by_class[:5]) > 100 and max(by_class[5:]) < -100  # grey levels squared


def test_the_best_linear_fit_is_of_no_use(images: Images) -> None:
    """Ridge regression on one-hot classes, solved exactly: no training schedule is involved."""
    x, wanted = standardize(central_crop(images.x_train)).reshape(12_800, -1), np.eye(10)[images.y_train]
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ (wanted - 0.1))
    guesses = (standardize(central_crop(images.x_test)).reshape(1_000, -1) @ weights).argmax(1)
    assert np.mean(guesses == images.y_test) < NO_BETTER_THAN


def test_the_picture_in_the_data_folder_shows_this_set() -> None:
    content = (ROOT / "data" / "synthetic.png").read_bytes()
    assert len(content) < 100_000
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), synthetic.sheet())


def test_it_can_be_asked_for_by_name() -> None:
    record = resolve("synthetic")
    assert (record.name, record.how, record.folder) == ("synthetic", "synthetic", None)
    images = load(record)
    assert (len(images.x_train), len(images.x_test), images.sha256) == (50_000, 10_000, record.sha256)


@pytest.fixture(scope="module")
def accuracy(images: Images):
    """A function from a network to its accuracy, raw weights, after some steps as the example trains."""
    from relupool.experiments.training import train

    @cache
    def trained(network: Network, steps: int = STEPS) -> float:
        run = train(
            Experiment(
                network=network,
                schedule=Schedule(steps=steps),
                dataset="synthetic",
                train_images=12_800,
                test_images=1_000,
                dtype="float32",  # where a processor has no bfloat16 of its own, it is nine times as fast
                backend=os.environ["KERAS_BACKEND"],
            ),
            images,
        )
        assert run.diverged_at is None
        return run.evaluations[-1].raw_accuracy

    return trained


@pytest.mark.book
def test_softmax_regression_fails_and_the_untouched_example_succeeds(accuracy) -> None:
    assert accuracy(SoftmaxRegression()) < NO_BETTER_THAN
    assert accuracy(Architecture()) > AT_LEAST


@pytest.mark.book
@pytest.mark.parametrize("lrn", [True, False], ids=["with LRN", "without LRN"])
def test_the_linear_network_does_no_better_than_softmax_regression(accuracy, lrn: bool) -> None:
    """Half the steps do: the untouched example has taken off before the first hundred is over."""
    assert accuracy(vary(LINEAR, lrn=lrn), STEPS // 2) < accuracy(SoftmaxRegression()) + 0.05
