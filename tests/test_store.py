import hashlib
import json
import re
import shutil

import numpy as np
import pytest
from attrs import evolve

from frames import MADE
from relupool import files
from relupool.experiments import run as runs
from relupool.experiments import store as stores
from relupool.experiments import weights
from relupool.experiments.cifar10 import ALTERED
from relupool.experiments.experiment import Preset, Schedule, Study
from relupool.experiments.networks import Architecture, SoftmaxRegression
from relupool.experiments.run import Evaluation, Run, pack
from relupool.experiments.store import Missing, Store, frame_of
from relupool.experiments.studies import AT_BEST_RATE, BY_RATE, FIRST_ABLATIONS, LONG, chosen_rates

TINY = Study(
    name="first-ablations",  # a folder that the store knows
    title="two networks, two seeds",
    networks={"example": Architecture(), "regression": SoftmaxRegression()},
    presets={
        name: Preset(schedule=Schedule(steps=steps, evaluate_at=(0, steps)), seeds=2, test_images=20)
        for name, steps in (("quick", 10), ("standard", 20))
    },
)


def made_up(experiment, accuracy=0.6, **provenance):
    """A run as training would leave it, with this accuracy at its end; one that diverged where that is None."""
    hits = np.arange(experiment.test_images) < round((accuracy or 0) * experiment.test_images)
    looks = [
        Evaluation(step=step, accuracy=float(hits.mean()), loss=1.0, raw_accuracy=0.5, raw_loss=1.5)
        for step in experiment.schedule.evaluate_at
    ]
    return Run(
        experiment=experiment,
        evaluations=tuple(looks if accuracy else looks[:1]),
        losses=((experiment.schedule.steps, 2.0),) if accuracy else (),
        diverged_at=None if accuracy else 50,
        hits=pack(hits) if accuracy else None,
        provenance={**MADE, "seconds": 2.0 * experiment.schedule.steps, **provenance},
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "committed", tmp_path / "own")


def fill(store, preset="quick", seeds=(0, 1)):
    return [store.put(TINY, made_up(e)) for e in TINY.experiments(preset) if e.seed in seeds]


def test_what_is_put_is_read_back(store):
    paths = fill(store)
    assert {path.parent for path in paths} == {store.folders[-1] / "first-ablations"}
    assert store.runs(TINY) == {e.key: made_up(e) for e in TINY.experiments("quick")}


def test_a_run_is_found_in_whichever_studys_folder_it_lies(store):
    other = evolve(TINY, name="grid")
    paths = fill(store)
    assert store.runs(other) == store.runs(TINY)
    assert [store.put(other, made_up(e)) for e in TINY.experiments("quick")] == paths
    assert not (store.folders[-1] / "grid").exists()
    one = evolve(TINY, networks={"regression": SoftmaxRegression()})
    assert store.runs(one).keys() == {e.key for e in one.experiments("quick")}


def test_where_two_studies_trained_the_same_run_each_has_its_own_and_others_that_of_the_last_name(store):
    experiment = TINY.experiments("quick")[0]
    for name in ("first-ablations", "grid"):
        stores.write_run(
            store.folders[-1] / name / f"{experiment.key}.json", made_up(experiment, device=f"that of {name}")
        )
    devices = {
        name: store.runs(evolve(TINY, name=name))[experiment.key].device
        for name in ("first-ablations", "grid", "scale")
    }
    assert devices == {
        "first-ablations": "that of first-ablations",
        "grid": "that of grid",
        "scale": "that of grid",
    }
    assert store.path(experiment).parent.name == "grid"


def test_training_starts_where_it_was_interrupted(store):
    trained = []

    def train(experiment):
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.append(experiment)
        return made_up(experiment)

    with pytest.raises(KeyboardInterrupt):
        store.complete(TINY, "quick", train=train)
    assert len(store.missing(TINY, "quick")) == 1
    again = []
    found = store.complete(TINY, "quick", train=lambda e: again.append(e) or made_up(e))
    assert again == [TINY.experiments("quick")[3]]
    assert [run.experiment for run in found.runs] == list(TINY.experiments("quick"))


def test_a_missing_run_is_named_with_the_time_it_takes(store):
    fill(store, seeds=(0,))
    with pytest.raises(Missing, match=r"2 of 4 runs are missing \(example, regression\).*about 40 s") as error:
        store.complete(TINY, "quick")
    assert error.value.experiments == TINY.experiments("quick")[2:]


def test_the_time_is_unknown_without_runs_to_go_by(store):
    with pytest.raises(Missing, match="an unknown time"):
        store.complete(TINY, "quick")


def test_the_largest_complete_set_is_shown_and_never_a_mix(store):
    fill(store, "quick")
    store.put(TINY, made_up(TINY.experiments("standard")[0]))
    assert store.largest(TINY).preset == "quick"
    fill(store, "standard", seeds=(0,))
    found = store.largest(TINY)
    assert (found.preset, found.seeds) == ("standard", 1)
    assert set(found.frame["steps"]) == {20}
    fill(store, "standard")
    assert store.largest(TINY).seeds == 2


def test_seeds_that_not_every_network_has_are_left_out(store):
    first, second, third, _ = TINY.experiments("quick")
    for e in (first, second, third):
        store.put(TINY, made_up(e))
    assert {run.experiment.seed for run in store.largest(TINY).runs} == {0}


def test_sets_of_another_dtype_backend_or_data_set_stand_apart(store):
    fill(store)
    for e in TINY.experiments("quick", backend="jax", dataset="cifar10"):
        store.put(TINY, made_up(e))
    assert [{run.experiment.backend for run in s.runs} for s in store.sets(TINY)] == [{"tensorflow"}, {"jax"}]
    with pytest.raises(Missing):
        store.largest(TINY, dataset="synthetic")


def test_the_frame_is_tidy(store):
    fill(store)
    frame = store.largest(TINY).frame
    assert len(frame) == 2 * 2 * 2 * 2  # networks, seeds, evaluations, kinds of weights
    row = frame.query("network == 'example' and seed == 1 and step == 10 and weights == 'averaged'").iloc[0]
    run = made_up(TINY.experiments("quick")[2])
    assert (row["accuracy"], row["key"]) == (run.evaluations[-1].accuracy, run.key)


def test_the_frame_names_every_machine_of_a_run(store):
    first = TINY.experiments("quick")[0]
    store.put(TINY, made_up(first, resumed=[[3, "c", {"device": "B", "processor": {}}], [5, "c"]]))
    fill(store)
    devices = store.largest(TINY).frame.groupby("key")["device"].first()
    assert devices.pop(first.key) == "made up, then B from step 3"
    assert set(devices) == {"made up"}


def test_a_frame_says_none_where_a_network_has_no_activation_and_holds_the_network_itself():
    linear = Architecture(conv_activation=None)
    study = evolve(TINY, networks={"example": Architecture(), "linear": linear})
    runs = [(study, made_up(e)) for e in study.experiments("quick") if e.seed == 0]
    ends = frame_of(runs).query("step == 10 and weights == 'averaged'")
    assert ends["conv_activation"].tolist() == ["relu", None]
    assert ends["dense_activation"].tolist() == ["relu", "relu"]
    assert ends["architecture"].tolist() == [Architecture(), linear]
    assert ends["preset"].tolist() == ["quick", "quick"]
    assert len(frame_of(())) == 0 and "conv_activation" in frame_of(())


def test_accuracies_at_the_end_leave_out_the_altered_images_of_cifar10_alone():
    hits = np.ones(10_000, bool)
    hits[list(ALTERED)] = False
    for dataset in ("cifar10", "synthetic"):
        run = made_up(TINY.experiments("quick", dataset=dataset, test_images=10_000)[0])
        frame = frame_of([(TINY, evolve(run, hits=pack(hits)))])
        averaged = frame.query("weights == 'averaged'")["accuracy"].tolist()
        first, last = (evaluation.accuracy for evaluation in run.evaluations)
        assert averaged == [first, 1.0 if dataset == "cifar10" else last]


def damage(path, change):
    """Change what a result file says, and give it the digest of that."""
    data = files.unsealed(path.read_bytes())
    change(data)
    path.write_bytes(files.sealed(data))


def rewrite(path, old, new):
    """The same with its text."""
    body = path.read_bytes()[len(files.sealed({})) - len(b"}\n") :].replace(old, new, 1)
    path.write_bytes(files.BEFORE + hashlib.sha256(body).hexdigest().encode() + files.AFTER + body)


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda p: p.write_text(p.read_text()[:100]), "damaged"),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), "damaged"),
        (lambda p: p.write_text("[1]"), "does not begin with its SHA-256"),
        (lambda p: p.write_text(p.read_text().replace('"seed":0', '"seed":5')), "not the one that it names"),
        (lambda p: p.write_bytes(b"{" + p.read_bytes()[78:]), "does not begin with its SHA-256"),
        (lambda p: rewrite(p, b'"seed":0', b'"seed":5'), "key"),
        (lambda p: rewrite(p, b'"loss":1.0', b'"loss":NaN'), "NaN is not a finite number"),
        (lambda p: rewrite(p, b'"loss":1.0', b'"loss":1e999'), "loss is inf"),
        (lambda p: rewrite(p, b'"loss":1.0', b'"loss":1.0,"loss":2.0'), "'loss' stands there twice"),
        (lambda p: damage(p, lambda d: d.update(schema=99)), "schema"),
        (lambda p: damage(p, lambda d: d.update(schema=2.0)), "schema is 2.0"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(accuracy=None)), "accuracy is None"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(raw_accuracy=7)), "raw_accuracy is 7"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(raw_loss=-3.0)), "raw_loss is -3.0"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(step=0.0)), "step is 0.0"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(probes="text")), "probes is 'text'"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].update(probes={"conv1": {}, "conv2": {}})), "missing"),
        (lambda p: damage(p, lambda d: d.update(diverged_at=-1)), "diverged_at is -1"),
        (lambda p: damage(p, lambda d: d.update(diverged_at=True)), "diverged_at is True"),
        (lambda p: damage(p, lambda d: d.update(losses=[])), r"losses is \(\), but must be at rising steps, up to 10"),
        (lambda p: damage(p, lambda d: d.update(losses=[[5, 1.0], [5, 1.0], [10, 1.0]])), "rising steps"),
        (lambda p: damage(p, lambda d: d.update(losses=[[10, "1.0"]])), r"losses is \(10, '1.0'\)"),
        (lambda p: damage(p, lambda d: d.update(provenance={})), "missing .*'device'"),
        (lambda p: damage(p, lambda d: d["provenance"].update(seconds=-1.0)), "seconds is -1.0"),
        (lambda p: damage(p, lambda d: d["provenance"].update(resumed=[["5", "c"]])), "resumed is"),
        (lambda p: damage(p, lambda d: d["provenance"].update(mood="good")), "unexpected .*'mood'"),
        (lambda p: damage(p, lambda d: d.pop("hits")), "fields"),
        (lambda p: damage(p, lambda d: d.update(extra=1)), "fields"),
        (lambda p: damage(p, lambda d: d["evaluations"].pop()), "evaluations"),
        (lambda p: damage(p, lambda d: d["evaluations"][0].pop("loss")), "missing .*'loss'"),
        (lambda p: damage(p, lambda d: d.update(hits=pack(np.zeros(20, bool)))), "hits"),
        (lambda p: damage(p, lambda d: d.update(hits="AAAA!")), "hits|base64|Only"),
        (lambda p: damage(p, lambda d: d["experiment"].update(seed="0")), "seed"),
        (lambda p: p.rename(p.with_name("0" * 64 + ".json")), "name"),
        (lambda p: (p.parent / "notes.txt").write_text("mine"), "notes.txt"),
    ],
)
def test_a_damaged_or_foreign_file_is_named_and_left_alone(store, harm, named):
    path = fill(store)[0]
    harm(path)
    before = {p: p.read_bytes() for p in path.parent.iterdir()}
    with pytest.raises(ValueError, match=named) as error:
        store.runs(TINY)
    assert str(path.parent) in str(error.value)
    assert len(store.check()) == 1
    if path.exists() and path.name in str(error.value):
        with pytest.raises(ValueError, match=path.name):
            store.put(TINY, made_up(TINY.experiments("quick")[0]))
    assert before == {p: p.read_bytes() for p in path.parent.iterdir()}


def test_a_file_outside_any_study_is_reported(store):
    fill(store)
    stray = store.folders[-1] / "other" / "x.json"
    stray.parent.mkdir()
    stray.write_text("{}")
    assert any("other" in problem for problem in store.check())


@pytest.mark.parametrize("name", [".KEY.123", ".DS_Store", ".ipynb_checkpoints/KEY-checkpoint.json", "../.DS_Store"])
def test_what_is_hidden_is_no_result_and_does_not_matter(store, name):
    path = fill(store)[0]
    stray = path.parent / name.replace("KEY", path.name)
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("{")
    assert len(store.runs(TINY)) == 4
    assert store.check() == ()


def test_a_copy_that_an_editor_makes_is_named(store):
    path = fill(store)[0]
    copy = shutil.copy(path, path.with_name(f"{path.stem}-Copy1.json"))
    (problem,) = store.check()
    assert problem.startswith(f"{copy}: ") and f"name is '{path.stem}-Copy1.json'" in problem


def test_another_run_of_the_same_experiment_is_named_and_nothing_is_replaced(store, tmp_path):
    run = made_up(TINY.experiments("quick")[0])
    path = store.put(TINY, run)
    before = path.read_bytes()
    assert store.put(TINY, evolve(run, provenance={**run.provenance, "seconds": 1.0})) == path  # the same numbers
    with pytest.raises(ValueError, match=f"{path.name}: it holds this experiment with other evaluations, hits than"):
        store.put(TINY, made_up(run.experiment, accuracy=0.7))
    theirs = Store(tmp_path / "theirs").put(TINY, evolve(run, provenance={**run.provenance, "seconds": 1.0}))
    with pytest.raises(ValueError, match=f"{path.name}: it holds this experiment with other provenance than"):
        weights.add([theirs], store.folders[-1])
    assert path.read_bytes() == before


def test_what_could_not_be_read_again_is_not_written(store):
    run = made_up(TINY.experiments("quick")[0])
    for bad in (evolve(run, losses=()), evolve(run, provenance={}), evolve(run, losses=((10, float("inf")),))):
        with pytest.raises(ValueError, match=r"losses|provenance|JSON"):
            store.put(TINY, bad)
    assert store.paths() == {}


def test_a_result_without_its_digest_is_refused_by_its_name(store, tmp_path):
    sealed = {path: path.read_bytes() for path in fill(Store(tmp_path / "theirs"))}
    for path in sealed:
        path.write_text(json.dumps(files.unsealed(path.read_bytes())))
    for asked in (lambda: Store(tmp_path / "theirs").runs(TINY), lambda: weights.add(sealed, store.folders[0])):
        with pytest.raises(ValueError, match=r"\.json: no result file.*does not begin with its SHA-256"):
            asked()
    assert store.paths() == {}


def test_results_of_another_machine_are_added_all_or_none(store, tmp_path):
    theirs = Store(tmp_path / "theirs")
    good = fill(theirs)
    bad = tmp_path / "bad" / "first-ablations" / good[0].name
    stray = tmp_path / good[0].name
    bad.parent.mkdir(parents=True)
    bad.write_text("{}")
    shutil.copy(good[0], stray)
    for wrong, message in ((bad, "bad"), (stray, "named after its study")):
        with pytest.raises(ValueError, match=message):
            weights.add([*good, wrong], tmp_path / "book")
        assert not (tmp_path / "book").exists()
    assert [p.name for p in weights.add(good, tmp_path / "book")] == [p.name for p in good]
    assert Store(tmp_path / "book").runs(TINY) == theirs.runs(TINY)


@pytest.mark.parametrize(
    ("provenance", "commit"),
    [
        ({"commit": None}, "None"),
        ({"commit": "1fae5858+"}, "'1fae5858+'"),
        ({"commit": "1fae5858", "resumed": [[50, "abc+"]]}, "'abc+'"),
    ],
    ids=["no repository", "changed", "changed on the way"],
)
def test_a_run_of_code_that_was_not_committed_is_not_added(store, tmp_path, provenance, commit):
    path = store.put(TINY, made_up(TINY.experiments("quick")[0], **provenance))
    with pytest.raises(ValueError, match=f"{path.name}: commit is {re.escape(commit)}, .* a clean worktree"):
        weights.add([path], tmp_path / "book")
    assert not (tmp_path / "book").exists()
    shutil.copytree(path.parents[1], tmp_path / "book")  # one that is there already stays
    assert weights.add([path], tmp_path / "book") == (tmp_path / "book" / "first-ablations" / path.name,)


def test_the_second_stage_trains_each_network_at_its_best_rate_where_that_is_not_the_examples(store):
    ends = {0.03: (0.7, 0.71, 0.72, 0.7), 0.1: (0.7, 0.70, 0.73, 0.6), 0.3: (0.7, 0.69, 0.72, None)}
    every = {rate: study.experiments("standard") for rate, study in BY_RATE.items()}
    made = [made_up(e, end) for rate in ends for e, end in zip(every[rate], ends[rate], strict=True)]
    best = dict(zip(LONG.networks, (0.1, 0.03, 0.1, 0.03), strict=True))
    assert chosen_rates(made) == best
    assert chosen_rates(made[1:]) == {label: rate for label, rate in best.items() if label != "untouched"}
    low, high = AT_BEST_RATE.values()
    assert store.missing(low, "standard") == ()  # nothing is chosen yet
    for run in made:
        store.put(BY_RATE[run.experiment.schedule.learning_rate], run)
    frame = store.largest(BY_RATE[0.03]).frame.query("step == 10_000 and weights == 'averaged'")
    assert (set(frame["judged_on"]), tuple(frame["accuracy"])) == ({"validation"}, ends[0.03])  # of all the images
    wanted = store.missing(low, "standard")
    assert [(low.label(e.network), e.seed) for e in wanted] == [
        (label, seed) for seed in range(3) for label, rate in best.items() if rate == 0.03
    ]
    assert {(e.schedule.learning_rate, e.train_images, e.judged_on) for e in wanted} == {(0.03, 50_000, "test")}
    assert store.missing(high, "standard") == ()
    assert store.complete(low, "standard", train=made_up).seeds == store.largest(low).seeds == 3


def test_committed_results_are_whole():
    """Every file of data/results reads strictly, and the studies that the book shows have a complete set."""
    assert Store(stores.COMMITTED).check() == ()
    assert Store(stores.COMMITTED).largest(FIRST_ABLATIONS).preset != "quick"


def test_packed_hits_keep_their_bits():
    hits = np.arange(10_000) % 3 == 0
    assert (runs.unpack(pack(hits), 10_000) == hits).all()
    with pytest.raises(ValueError, match="hits"):
        runs.unpack(pack(hits), 9_000)
