import json
import os
import shutil
import subprocess
import sys
from functools import cache

import keras
import numpy as np
import pytest

from relupool.experiments import checkpoint as checkpoints
from relupool.experiments import run as runs
from relupool.experiments import training
from relupool.experiments.experiment import Experiment, Recipe, Schedule, vary
from relupool.experiments.networks import VGG, Architecture, LeakyReLU, SoftmaxRegression
from test_store import made_up
from test_training import noise

IMAGES = noise(64, 20)
SMALL = Experiment(
    network=SoftmaxRegression(),
    schedule=Schedule(steps=9, evaluate_at=(0, 3, 5, 9), batch_size=8, learning_rate=0.003),
    dataset="synthetic",
    train_images=64,
    test_images=20,
    backend=keras.backend.backend(),
)
EXAMPLE = vary(SMALL, network=Architecture(conv_activation=LeakyReLU(0.5)))
BIG = vary(SMALL, network=VGG(), schedule=Recipe(steps=6, evaluate_at=(0, 2, 4, 6), batch_size=8))


def stop_at(step):
    def on_progress(now, _):
        if now == step:
            raise KeyboardInterrupt

    return on_progress


def interrupt(experiment, folder, step):
    with pytest.raises(KeyboardInterrupt):
        training.train(experiment, IMAGES, on_progress=stop_at(step), checkpoint=folder)


@cache
def uninterrupted(experiment):
    """The weights and the run of a network that was trained in one piece."""
    network, run = training.trained(experiment, IMAGES)
    return network.get_weights(), run


@pytest.mark.parametrize(
    ("experiment", "steps"),
    [
        (SMALL, (3, 5)),
        (SMALL, (9,)),
        (EXAMPLE, (5,)),
        (vary(EXAMPLE, dtype="mixed_bfloat16"), (5,)),
        (BIG, (4,)),
    ],
    ids=["regression", "all but the last look", "float32", "bfloat16", "batch normalization and momentum"],
)
def test_an_interrupted_run_is_the_uninterrupted_one_bit_for_bit(experiment, steps, tmp_path):
    weights, whole = uninterrupted(experiment)
    for step in steps:
        interrupt(experiment, tmp_path, step)
        assert checkpoints.read(tmp_path, experiment, training.machine()).step == step
    resumed, run = training.trained(experiment, IMAGES, checkpoint=tmp_path)
    assert (run.losses, run.evaluations, run.hits) == (whole.losses, whole.evaluations, whole.hits)
    for a, b in zip(resumed.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert [step for step, _ in run.provenance["resumed"]] == list(steps)
    assert "resumed" not in whole.provenance
    assert [path.name for path in tmp_path.iterdir()] == [f"{experiment.key}.npz"]  # until the run is stored


def test_a_complete_run_that_was_lost_is_the_same_again_without_a_step_of_training(tmp_path):
    """As where it could not be stored: the last checkpoint stays until it is dropped."""
    first = training.train(SMALL, IMAGES, checkpoint=tmp_path)
    asked = []
    again = training.train(SMALL, IMAGES, on_progress=lambda *step: asked.append(step), checkpoint=tmp_path)
    assert (asked, again.losses, again.evaluations, again.hits) == ([], first.losses, first.evaluations, first.hits)
    assert again.provenance["resumed"] == [[9, first.provenance["commit"]]]
    checkpoints.drop(tmp_path, SMALL.key)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_goes_on_from_its_last_evaluation(tmp_path, monkeypatch):
    """As after a power cut: what was written at the evaluation is all there is."""
    copies = {}
    real = checkpoints.write

    def write(folder, experiment, checkpoint):
        copies[checkpoint.step] = real(folder, experiment, checkpoint).read_bytes()

    monkeypatch.setattr(checkpoints, "write", write)
    _, whole = uninterrupted(SMALL)
    training.train(SMALL, IMAGES, checkpoint=tmp_path)
    assert set(copies) == {0, 3, 5, 9}
    checkpoints.place(tmp_path, SMALL).write_bytes(copies[3])
    asked = []
    again = training.train(SMALL, IMAGES, on_progress=lambda step, _: asked.append(step), checkpoint=tmp_path)
    assert asked == [5, 9]
    assert (again.losses, again.evaluations) == (whole.losses, whole.evaluations)


def test_a_minutes_work_is_kept_between_evaluations(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    e = vary(SMALL, schedule=Schedule(steps=120, evaluate_at=(120,), batch_size=8, learning_rate=0.003))
    found = []

    def look(step, _):
        there = checkpoints.read(tmp_path, e, training.machine())
        found.append((step, there and there.step))

    training.train(e, IMAGES, on_progress=look, checkpoint=tmp_path)
    assert found == [(50, None), (100, 50), (120, 100)]


def put(folder, step=1, **fields):
    """Write a checkpoint of a network without variables."""
    made = {"variables": (), "started": "then", "seconds": 0.0, **fields}
    return checkpoints.write(folder, SMALL, checkpoints.Checkpoint(step=step, **made))


def test_the_time_of_all_parts_is_added_up(tmp_path):
    path = put(tmp_path, step=0, seconds=1000.0)
    keeper = checkpoints.Keeper(tmp_path, SMALL, [], {})
    assert keeper.provenance["started"] == "then"
    assert 1000 <= keeper.provenance["seconds"] < 1010
    keeper.write(1, [], [])
    assert list(tmp_path.iterdir()) == [path]
    assert checkpoints.read(tmp_path, SMALL, {}).seconds >= 1000


@pytest.fixture(scope="module")
def two_interrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted")
    for e in (SMALL, vary(SMALL, seed=1)):
        interrupt(e, folder, 3)
    return folder


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda p, _: p.write_bytes(p.read_bytes()[:-40]), "damaged"),
        (lambda p, _: p.write_bytes(b"mine"), "damaged"),
        (lambda p, _: p.write_bytes(b""), "damaged"),
        (lambda p, other: os.replace(other, p), "another experiment"),
    ],
    ids=["cut", "foreign", "empty", "another's"],
)
def test_a_damaged_or_foreign_checkpoint_is_named_and_never_used(two_interrupted, harm, named, tmp_path):
    shutil.copytree(two_interrupted, tmp_path, dirs_exist_ok=True)
    path = checkpoints.place(tmp_path, SMALL)
    harm(path, checkpoints.place(tmp_path, vary(SMALL, seed=1)))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=named) as error:
        training.train(SMALL, IMAGES, checkpoint=tmp_path)
    assert str(path) in str(error.value)
    assert "Remove it" in str(error.value)
    assert path.read_bytes() == before


def test_a_bit_that_fell_over_is_noticed(tmp_path):
    path = put(tmp_path, variables=(np.arange(1000.0),))
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1  # within the numbers, after which lies only the list of contents
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        checkpoints.read(tmp_path, SMALL, {})


@pytest.mark.parametrize("changed", checkpoints.SAME)
def test_a_checkpoint_of_another_machine_is_refused(changed, tmp_path):
    here = training.machine()
    put(tmp_path, machine=here)
    assert checkpoints.read(tmp_path, SMALL, {**here, "commit": "other"}).step == 1
    there = {**here, changed: "other"}
    with pytest.raises(ValueError, match=r"another machine.*relupool train --resume-elsewhere") as error:
        checkpoints.read(tmp_path, SMALL, there)
    assert checkpoints.foreign(tmp_path, SMALL, there) == str(error.value)
    assert checkpoints.foreign(tmp_path, SMALL, here) == ""
    assert checkpoints.read(tmp_path, SMALL, there, elsewhere=True).step == 1


def test_a_run_that_moves_names_every_machine_and_commit(tmp_path, monkeypatch):
    here, (_, whole) = training.machine(), uninterrupted(SMALL)

    def go_on(device, commit, *stop):
        monkeypatch.setattr(training, "machine", lambda: {**here, "device": device, "commit": commit})
        on_progress = stop_at(*stop) if stop else None
        return training.train(SMALL, IMAGES, on_progress=on_progress, checkpoint=tmp_path, elsewhere=True)

    for leg in (("A", "first", 3), ("B", "second", 5), ("B", "third", 9)):
        with pytest.raises(KeyboardInterrupt):
            go_on(*leg)
    run = go_on("A", "last")
    assert (run.losses, run.evaluations, run.hits) == (whole.losses, whole.evaluations, whole.hits)
    assert (run.provenance["device"], run.provenance["commit"]) == ("A", "first")
    told = [(step, commit, *(to["device"] for to in moved)) for step, commit, *moved in run.provenance["resumed"]]
    assert told == [(3, "second", "B"), (5, "third"), (9, "last", "A")]
    assert run.provenance["resumed"][0][2].keys() == here.keys() - {"commit"} | {"onednn"}
    assert run.device == "A, then B from step 3, then A from step 9"
    assert runs.from_json(json.loads(json.dumps(runs.to_json(run)))) == run


def test_machines_of_one_name_but_other_processors_are_told_apart():
    first, second = ({"device": "AMD EPYC, 2 cores", "processor": {"model": model}} for model in ("1", "17"))
    run = made_up(SMALL, **first, resumed=[[4000, "c", second], [5000, "c"]])
    assert run.device == "AMD EPYC, 2 cores, then another AMD EPYC, 2 cores from step 4,000"


def test_variables_of_other_code_are_refused(tmp_path):
    variables = [keras.Variable(np.zeros(3)), keras.Variable(np.zeros((2, 2)))]
    checkpoints.Keeper(tmp_path, SMALL, variables, {}).write(1, [], [])
    assert checkpoints.Keeper(tmp_path, SMALL, variables, {}).last.step == 1
    with pytest.raises(ValueError, match="other code"):
        checkpoints.Keeper(tmp_path, SMALL, variables[:1], {})


def test_a_claim_is_on_all_of_several_runs_or_on_none(tmp_path):
    with checkpoints.Claims(tmp_path).on(["one"]) as held:
        assert held
        claims = checkpoints.Claims(tmp_path)
        for keys, free in ((["two"], True), (["two", "one"], False), (["two"], True)):
            with claims.on(keys) as mine:
                assert mine is free
        assert claims.far(["one"]) == claims.far(["two"]) == ""  # this machine has it in hand
    with claims.on(["two", "one"]) as mine:
        assert mine
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_of_stored_runs_is_dropped_unless_it_is_in_hand(tmp_path):
    names = ("a.npz", ".a.npz.host.0a", "a.lock", "b.npz", "c.npz")
    for name in names:
        (tmp_path / name).touch()
    command = [
        sys.executable,
        "-c",
        "import os, sys; from pathlib import Path; from relupool import files\n"
        "with files.lease(Path(sys.argv[1]), wait=False): os.kill(os.getpid(), 9)",
        tmp_path / "d.lease",
    ]
    assert subprocess.run(command).returncode == -9 and (tmp_path / "d.lease").exists()
    with checkpoints.Claims(tmp_path).on(["c"]):
        checkpoints.Claims(tmp_path).tidy({"a", "c", "d"})
    assert sorted(os.listdir(tmp_path)) == ["b.npz", "c.npz"]


@pytest.mark.parametrize("look", [2, 4], ids=["on the way", "at the end"])
def test_a_network_whose_loss_is_lost_between_two_steps_has_diverged(look, tmp_path, monkeypatch):
    """Its last training loss is finite and that of its look is not; stored as any run that diverged."""
    real, looks = training.measured, []

    def measured(*arguments):
        looks.append(real(*arguments))
        hits, accuracy, loss = looks[-1]
        return hits, accuracy, loss if len(looks) <= 2 * (look - 1) else float("nan")

    monkeypatch.setattr(training, "measured", measured)
    run = training.train(SMALL, IMAGES, checkpoint=tmp_path)
    assert (run.diverged_at, run.hits, len(run.evaluations)) == ([0, 3, 5, 9][look - 1], None, look - 1)
    assert runs.from_json(json.loads(json.dumps(runs.to_json(run)))) == run
