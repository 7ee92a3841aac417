"""Weights that are kept: written and read back without loss or pickle, refused by name, and as good as they were."""

from __future__ import annotations

import os

import numpy as np
import pytest
from attrs import evolve
from typer.testing import CliRunner

from relupool import cli
from relupool.experiments import data, training, weights
from relupool.experiments import run as runs
from relupool.experiments import store as stores
from relupool.experiments.experiment import vary
from relupool.experiments.store import Store
from relupool.experiments.studies import LONG
from test_training import IMAGES, SMALL

FOLDER = stores.COMMITTED.parent / "weights"
FEW = 1_000  # of the test images, by which weights are told apart
LARGEST, MOST = 2_200_000, 4  # bytes of a file, and number of files, that may be committed
FILES = sorted(FOLDER.iterdir()) if FOLDER.is_dir() else []


@pytest.fixture(scope="module")
def trained():
    """A network that is called "untouched", its run, and its weights."""
    network, run = training.trained(SMALL, IMAGES)
    return network, evolve(run, provenance={**run.provenance, "commit": "0" * 40}), weights.named(network)


@pytest.fixture
def stored(trained, tmp_path):
    """The store that has them, and where the weights lie."""
    store = Store(tmp_path / "build" / "results")
    return store, weights.place(weights.put(store, LONG, *trained[1:]))


def refused(message, path, function, *arguments):
    with pytest.raises(ValueError, match=message) as error:
        function(*arguments)
    assert path.name in str(error.value)


def test_a_network_comes_back_as_it_was_in_float16(trained, stored):
    network, run, arrays = trained
    store, path = stored
    assert path == store.folders[0].parent / "weights" / f"{run.key}.npz"
    again = weights.load(SMALL, store)
    assert list(arrays)[:3] == ["conv1/kernel", "conv1/bias", "conv2/kernel"] and len(arrays) == 10
    for name, own, loaded in zip(arrays, network.weights, again.weights, strict=True):
        np.testing.assert_array_equal(loaded, arrays[name].astype("float32"))
        np.testing.assert_allclose(loaded, own, rtol=2**-11, atol=2**-25)  # float16 has 11 bits
    assert weights.accuracy(SMALL, IMAGES, store) == pytest.approx(run.evaluations[-1].accuracy, abs=1 / 60)
    assert weights.load(SMALL, store, dtype="mixed_bfloat16").get_layer("conv1").compute_dtype == "bfloat16"


def test_equal_weights_are_equal_bytes_and_few_enough(trained, stored, tmp_path):
    path = weights.place(weights.put(Store(tmp_path / "other" / "results"), LONG, *trained[1:]))
    assert path.read_bytes() == stored[1].read_bytes()
    assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "its SHA-256 is"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5000] + bytes(5000)), "its SHA-256 is"),
    ],
    ids=["missing", "cut", "altered"],
)
def test_a_file_that_is_not_the_runs_is_refused(stored, harm, message):
    store, path = stored
    harm(path)
    refused(message, path, weights.load, SMALL, store)
    refused(message, path, weights.add, [store.path(SMALL)], path.parent / "committed")
    assert not (path.parent / "committed").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays | {"conv1/bias": np.zeros(64, "float32")}, "its arrays are .*float32"),
        (lambda arrays: arrays | {"conv1/bias": np.zeros(63, "float16")}, r"its arrays are .*\(63,\)"),
        (lambda arrays: arrays | {"more": np.zeros(1, "float16")}, "its arrays are .*more"),
        (lambda arrays: dict(reversed(arrays.items())), "its arrays are"),
        (lambda arrays: arrays | {"conv1/bias": np.array([{}])}, "not a file of weights: .*allow_pickle"),
    ],
    ids=["dtype", "shape", "name", "order", "pickle"],
)
def test_arrays_of_another_network_are_refused(trained, tmp_path, change, message):
    _, run, arrays = trained
    store = Store(tmp_path / "results")
    path = weights.place(weights.put(store, LONG, run, change(arrays)))
    refused(message, path, weights.load, SMALL, store)


def test_what_keeps_no_weights_is_refused_with_what_does(trained, stored):
    other = vary(SMALL, seed=1)
    with pytest.raises(ValueError, match="must be a stored run that keeps its weights: untouched, "):
        weights.load(other, stored[0])
    with pytest.raises(ValueError, match="images is 'synthetic'"):
        weights.accuracy(vary(SMALL, dataset="cifar10"), IMAGES, stored[0])


def test_weights_go_with_their_run_among_those_of_the_book(stored, tmp_path):
    store, path = stored
    (target,) = weights.add([store.path(SMALL)], tmp_path / "book" / "results")
    assert weights.place(target).read_bytes() == path.read_bytes()
    assert weights.load(SMALL, Store(tmp_path / "book" / "results")).count_params() == 1_068_298


def test_the_weights_of_another_run_that_is_there_already_stay_and_it_is_named(trained, stored, tmp_path):
    _, run, arrays = trained
    book = Store(tmp_path / "book" / "results")
    there = weights.put(book, LONG, run, {name: 2 * values for name, values in arrays.items()})
    before = weights.place(there).read_bytes()
    refused("other provenance than", there, weights.add, [stored[0].path(SMALL)], book.folders[0])
    assert weights.place(there).read_bytes() == before


def test_weights_that_are_not_what_their_run_left_are_named_with_the_results(stored):
    store, path = stored
    assert weights.check(store) == ()
    path.write_bytes(path.read_bytes()[:-1])
    (problem,) = weights.check(store)
    assert problem.startswith(f"{path}: its SHA-256 is ")


def test_a_reader_tests_a_network_again(stored, monkeypatch):
    store, _ = stored
    monkeypatch.setattr(data, "load", lambda which: IMAGES)
    monkeypatch.setattr(stores, "COMMITTED", store.folders[0].parent / "nothing")
    monkeypatch.setenv("RELUPOOL_RESULTS", str(store.folders[0]))
    monkeypatch.setenv("KERAS_BACKEND", os.environ["KERAS_BACKEND"])  # what the command sets is put back
    for label in ("untouched", SMALL.key):
        result = CliRunner().invoke(cli.app, ["evaluate", label])
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"{label}, seed 0: ") and "of 60 test images right now" in result.output
    result = CliRunner().invoke(cli.app, ["evaluate", "untuched"])
    assert result.exit_code == 2
    assert f"must be one whose weights are kept: untouched, {SMALL.key}" in result.stderr


def test_committed_weights_are_few_and_small_and_each_has_its_run():
    assert len(FILES) <= MOST
    there = weights.kept(Store(stores.COMMITTED))
    for path in FILES:
        assert path.stat().st_size <= LARGEST, path
        weights.read(path, there[path.stem].provenance[weights.DIGEST])
    assert {run.key for run in there.values()} == {path.stem for path in FILES}


@pytest.fixture(scope="module")
def cifar10():
    return data.load()


if FILES:  # a test for each

    @pytest.mark.cifar10
    @pytest.mark.parametrize("key", [path.stem for path in FILES])
    def test_committed_weights_get_the_same_images_right(key, cifar10):
        run = weights.kept(Store(stores.COMMITTED))[key]
        x, labels = (each[:FEW] for each in training.tested(run.experiment, cifar10))
        hits, *_ = training.measured(weights.load(run.experiment, Store(stores.COMMITTED)), x, labels)
        then = runs.unpack(run.hits, run.experiment.test_images)[:FEW]
        assert (hits != then).sum() <= 5  # float16 turns some, and 20 of 10,000 test images may differ
