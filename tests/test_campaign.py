"""What is trained, in which order and until when; the training itself is pretended."""

import errno
import os
import signal

import numpy as np
import pytest
from attrs import evolve

from relupool import files
from relupool.experiments import checkpoint
from relupool.experiments.pace import Pace
from relupool.experiments.store import Store
from relupool.running import campaign
from relupool.running.campaign import Progress, Stop, Task, Watch, batches, duration, remaining, tasks, work
from test_store import TINY, made_up

TWICE_AS_LONG = evolve(TINY, name="grid", presets={"quick": TINY.presets["standard"]})
HERE = {"device": "made up"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "own")


def names(todo):
    return [str(task) for task in todo]


def test_one_seed_of_everything_comes_first_and_cheap_networks_before_dear_ones(store):
    assert names(tasks([TWICE_AS_LONG, TINY], "quick", store)) == [
        f"{study}: {network}, seed {seed}"
        for seed in (0, 1)
        for network in ("regression", "example")
        for study in ("first-ablations", "grid")
    ]


def test_what_is_stored_is_not_trained_again(store):
    first, *others = tasks([TINY], "quick", store)
    store.put(TINY, made_up(first.experiment))
    assert tasks([TINY], "quick", store) == tuple(others)


def test_networks_are_chosen_by_patterns_and_seeds_by_their_number(store):
    assert names(tasks([TINY], "quick", store, only=["EX*"], seeds=1)) == ["first-ablations: example, seed 0"]
    assert len(tasks([TINY], "quick", store, only=["ex*", "regression"])) == 4


def test_another_dtype_makes_a_set_of_its_own_without_repeats(store):
    both = evolve(TINY.presets["quick"], dtypes=("mixed_bfloat16", "float32"))
    for study in (TINY, evolve(TINY, presets={"quick": both})):
        todo = tasks([study], "quick", store, only=["example"], dtype="float32")
        assert names(todo) == [f"first-ablations: example, seed {seed}, float32" for seed in (0, 1)]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only": ["ex*", "huge*"]}, r"only is 'huge\*', but must be a pattern .* there are example, regression"),
        ({"seeds": 0}, "seeds is 0, but must be at least 1"),
    ],
)
def test_what_chooses_nothing_is_refused(store, asked, message):
    with pytest.raises(ValueError, match=message):
        tasks([TINY], "quick", store, **asked)


class Pretend:
    """Training that takes no time: every run is told of two pieces, and interrupted ones are noted."""

    def __init__(self, before=lambda experiments: None):
        self.before, self.asked, self.kept = before, [], []

    def __call__(self, experiments, on_progress, on_run):
        self.asked.append(experiments)
        self.before(experiments)
        try:
            for step in (experiments[0].schedule.steps // 2, experiments[0].schedule.steps):
                for experiment in experiments:
                    on_progress(experiment, step, 1.5)
        except Stop:
            self.kept.append((experiments, step))
            raise
        for experiment in experiments:
            on_run(made_up(experiment), {"bias": np.zeros(10, "float16")})


def alone(experiments):
    return [[e] for e in experiments]


def by_network(experiments):
    return [[e for e in experiments if e.network == one] for one in dict.fromkeys(e.network for e in experiments)]


def run(todo, store, train, watch=None, grouped=alone):
    """How the campaign ended, and what it reported."""
    reports = []
    ended = work(
        batches(todo, grouped),
        store,
        train,
        checkpoints=store.folders[-1].parent / "checkpoints",
        machine=HERE,
        watch=watch or Watch(),
        tell=lambda line: None,
        report=reports.append,
    )
    return ended, reports


def test_every_run_is_stored_and_reported_with_what_is_left(store):
    ended, reports = run(tasks([TINY], "quick", store), store, Pretend())
    assert (ended.left, str(ended)) == ((), "Nothing is left to train.")
    assert tasks([TINY], "quick", store) == ()
    assert reports[0].startswith("first-ablations: regression, seed 0: ")
    # seeds 1 of both are left and the other network of seed 0; nothing like that one was timed yet
    assert reports[0].endswith(
        "3 runs are left: about 20 s at the speed measured here, without 2 that are like nothing timed yet."
    )
    assert reports[1].endswith("2 runs are left: about 40 s at the speed measured here.")


def test_runs_that_one_program_trains_go_together_and_are_stored_one_by_one(store):
    """A seed of each network first, for only sets that have one count; then up to three, which decide; then others."""
    train, five = Pretend(), evolve(TINY, presets={"quick": evolve(TINY.presets["quick"], seeds=5)})
    ended, reports = run(tasks([five], "quick", store), store, train, grouped=by_network)
    together = [(network, seeds) for seeds in ([0], [1, 2], [3, 4]) for network in ("regression", "example")]
    assert [(TINY.label(group[0].network), [e.seed for e in group]) for group in train.asked] == together
    reported = [f"{network}, seed {seed}" for network, seeds in together for seed in seeds]
    assert [report.split(": ")[1] for report in reports] == reported
    assert tasks([five], "quick", store) == ended.left == ()


def test_a_run_that_two_studies_ask_for_is_trained_once_and_stored_in_both(store):
    twin = evolve(TINY, name="grid")
    todo = tasks([TINY, twin], "quick", store, seeds=1)
    assert names(todo) == ["first-ablations: regression, seed 0", "first-ablations: example, seed 0"]
    train = Pretend()
    run(todo, store, train)
    assert len(train.asked) == 2
    assert store.runs(TINY).keys() == store.runs(twin).keys() == {task.experiment.key for task in todo}


def test_weights_are_kept_of_one_seed_where_a_study_wants_them(store):
    run(tasks([evolve(TINY, weights_of=1)], "quick", store), store, Pretend())
    kept = {e.key for e in TINY.experiments("quick") if e.seed == 1}
    assert {path.stem for path in (store.folders[-1].parent / "weights").iterdir()} == kept
    assert {key for key, run in store.runs(TINY).items() if "weights_sha256" in run.provenance} == kept


def test_what_another_process_has_in_hand_is_passed_over_and_left(store):
    todo, train = tasks([TINY], "quick", store), Pretend()
    with checkpoint.Claims(store.folders[-1].parent / "checkpoints").on([todo[0].experiment.key]):
        ended, _ = run(todo, store, train)
    assert train.asked == [[task.experiment] for task in todo[1:]]
    assert (ended.left, ended.why) == (todo[:1], campaign.ELSEWHERE)


def test_what_a_machine_that_fell_silent_has_in_hand_is_trained_in_the_end(store, monkeypatch):
    from test_files import of_another_machine

    monkeypatch.setattr(files, "LEASE", 0.1)
    todo, train = tasks([TINY], "quick", store), Pretend()
    for task in todo[:2]:
        of_another_machine(store.folders[-1].parent / "checkpoints" / f"{task.experiment.key}.lease")
    ended, reports = run(todo, store, train)
    assert train.asked == [[task.experiment] for task in (*todo[2:], *todo[:2])]
    assert "2 of these are in hand on node17. Waiting 0 s for a sign of life." in reports
    assert ended.left == ()


def test_a_run_that_cannot_be_stored_keeps_its_checkpoint_until_it_is(store, monkeypatch):
    """Storing fails, once on a full disk; the next call stores the run and only then drops the checkpoint."""
    checkpoints, (task, *_) = store.folders[-1].parent / "checkpoints", tasks([TINY], "quick", store)
    there, shape = [], {"variables": (), "started": "then", "seconds": 0.0, "machine": HERE}

    def train(experiments, on_progress, on_run):
        for e in experiments:
            path = checkpoint.place(checkpoints, e)
            there.append(path.exists())
            checkpoint.write(checkpoints, e, checkpoint.Checkpoint(step=10, **shape))
            on_run(made_up(e), {})
            assert not path.exists()

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", Full())
        with pytest.raises(OSError, match="No space left"):
            run([task], store, train)
    assert os.listdir(checkpoints) == [f"{task.experiment.key}.npz"]
    assert not [path for path in store.folders[-1].rglob("*") if path.is_file()]
    ended, _ = run([task], store, train)
    assert (ended.left, there, os.listdir(checkpoints)) == ((), [False, True], [])


class Full:
    """A disk with room for one more file: the checkpoint and its folder."""

    def __init__(self):
        self.calls = 0

    def __call__(self, _):
        self.calls += 1
        if self.calls > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_dead_processes_left_is_swept_before_a_run_is_trained_and_once_it_is_stored(store):
    todo = tasks([TINY], "quick", store)
    checkpoints, key, stored = store.folders[-1].parent / "checkpoints", todo[0].experiment.key, todo[1].experiment.key
    left = [
        *(checkpoints / f".{key}.npz.77", checkpoints / f"{stored}.npz", checkpoints / f"{stored}.lock"),
        *(store.folders[-1] / "grid" / f".{key}.json.host.0a", store.folders[-1].parent / "weights" / f".{key}.npz.9"),
    ]
    store.put(TINY, made_up(todo[1].experiment))
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seen = []
    run([todo[0]], store, Pretend(lambda experiments: seen.extend(path.exists() for path in left)))
    assert seen == [False] * len(left)


def test_what_another_machine_has_begun_is_passed_over_with_a_line(store):
    three, train = evolve(TINY, presets={"quick": evolve(TINY.presets["quick"], seeds=3)}), Pretend()
    todo = tasks([three], "quick", store)
    begun = checkpoint.Checkpoint(step=5, variables=(), started="then", seconds=1.0, machine={"device": "another"})
    path = checkpoint.write(store.folders[-1].parent / "checkpoints", todo[3].experiment, begun)
    ended, reports = run(todo, store, train, grouped=by_network)
    assert [len(group) for group in train.asked] == [1, 1, 2, 1]  # the other run of its batch is trained
    assert reports[4].startswith(f"first-ablations: example, seed 1: passed over. {path}: a checkpoint of another")
    assert (ended.left, ended.why) == (todo[3:4], campaign.BEGUN)


def test_what_another_process_stored_meanwhile_is_passed_over_and_not_left(store):
    *others, last = todo = tasks([TINY], "quick", store)
    train = Pretend(lambda experiments: store.put(TINY, made_up(last.experiment)))
    ended, reports = run(todo, store, train)
    assert train.asked == [[task.experiment] for task in others]
    assert (ended.left, ended.why) == ((), "")
    assert "2 runs are left" in reports[0]


def test_a_signal_ends_the_run_in_hand_and_names_what_is_left(store):
    watch, train = Watch(), Pretend(lambda experiments: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    with watch.listening():
        ended, _ = run(tasks([TINY], "quick", store), store, train, watch)
    assert signal.getsignal(signal.SIGTERM) is before
    assert watch.signal == signal.SIGTERM
    assert [step for _, step in train.kept] == [5]
    assert (len(ended.left), ended.why) == (4, "Stopped by SIGTERM")
    assert store.runs(TINY) == {}


def test_time_that_is_over_stops_before_the_next_run(store):
    ended, _ = run(tasks([TINY], "quick", store), store, Pretend(), Watch(limit=0.0, started=-1.0))
    assert len(ended.left) == 4
    assert ended.why == "Stopped before 0 s were over"


def test_steps_that_are_done_are_not_left(store):
    todo = tasks([TINY], "quick", store, only=["example"])
    pace = Pace.of([made_up(todo[0].experiment)])
    one, other = (task.experiment for task in todo)
    assert remaining(todo, pace, "made up").seconds == pytest.approx(2 * 20)
    assert remaining(todo, pace, "made up", done={one: 5}).seconds == pytest.approx(10 + 20)
    assert remaining(todo, pace, "made up", done={one: 5, other: 5}).seconds == pytest.approx(10 + 10)
    assert remaining(todo, pace, "another").unknown == 2


@pytest.mark.parametrize("count", [1, 2])
def test_progress_tells_each_step_once_with_loss_speed_of_all_and_time_left(store, count):
    lines, now = [], iter([0.0, 2.0])
    batch = tasks([TINY], "quick", store, only=["example"])[:count]
    progress = Progress(batch, Watch(), lines.append, clock=lambda: next(now))
    for step, loss in ((2, 2.3456), (6, 1.23456)):
        for task in batch:
            progress(task.experiment, step, loss)
    who = "first-ablations: example, seed 0" + (" and 1 more" if count == 2 else "")
    assert lines == [
        f"{who}: step 2 of 10, loss 2.346",
        f"{who}: step 6 of 10, loss 1.235, {256 * count} images/s, 2 s left",
    ]
    images = 4 * batch[0].experiment.schedule.batch_size
    assert progress.speed("made up").seconds == pytest.approx(2.0 / count / images)  # each run's share


def test_a_piece_that_would_not_fit_is_not_begun():
    now = iter([0.0, 20.0, 60.0])  # the last piece took 40 s, and 25 s are all there is
    task = Task((TINY,), "quick", TINY.experiments("quick")[0])
    watch = Watch(limit=25.0, started=campaign.time.monotonic())
    progress = Progress((task,), watch, lambda line: None, clock=lambda: next(now))
    progress(task.experiment, 1, 2.0)
    progress(task.experiment, 2, 2.0)
    with pytest.raises(Stop):
        progress(task.experiment, 3, 2.0)


def test_times_read_as_people_say_them():
    assert [duration(s) for s in (0, 99, 150, 6000, 36_000)] == ["0 s", "99 s", "2 min", "1.7 h", "10.0 h"]
