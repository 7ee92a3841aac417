from __future__ import annotations

import os
import signal
from contextlib import nullcontext

import numpy as np
import pytest
from attrs import evolve

from relupool.experiments.networks import Architecture, SoftmaxRegression
from relupool.experiments.pace import Pace
from relupool.experiments.store import Store
from relupool.experiments.study import Study
from relupool.running import campaign
from relupool.running.campaign import Progress, Stop, Task, Watch, batches, duration, remaining, tasks, work
from test_store import TINY, made_up

SHORT = evolve(TINY, networks={"example": Architecture(), "regression": SoftmaxRegression()})
LONG = Study(
    name="grid",
    title="the same networks for twice as long",
    networks=SHORT.networks,
    presets={"quick": SHORT.presets["standard"]},
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "own")


def told(todo):
    return [str(task) for task in todo]


def test_one_seed_of_everything_comes_first_and_cheap_networks_before_dear_ones(store):
    assert told(tasks([LONG, SHORT], "quick", store)) == [
        "first-ablations: regression, seed 0",
        "grid: regression, seed 0",
        "first-ablations: example, seed 0",
        "grid: example, seed 0",
        "first-ablations: regression, seed 1",
        "grid: regression, seed 1",
        "first-ablations: example, seed 1",
        "grid: example, seed 1",
    ]


def test_what_is_stored_is_not_trained_again(store):
    first, *others = tasks([SHORT], "quick", store)
    store.put(SHORT, made_up(first.experiment))
    assert tasks([SHORT], "quick", store) == tuple(others)


def test_networks_are_chosen_by_patterns_and_seeds_by_their_number(store):
    assert told(tasks([SHORT], "quick", store, only=["EX*"], seeds=1)) == ["first-ablations: example, seed 0"]
    assert len(tasks([SHORT], "quick", store, only=["ex*", "regression"])) == 4


def test_another_dtype_makes_a_set_of_its_own_without_repeats(store):
    both = evolve(SHORT.presets["quick"], dtypes=("mixed_bfloat16", "float32"))
    for study in (SHORT, evolve(SHORT, presets={"quick": both})):
        todo = tasks([study], "quick", store, only=["example"], dtype="float32")
        assert told(todo) == [f"first-ablations: example, seed {seed}, float32" for seed in (0, 1)]


@pytest.mark.parametrize(("native", "kind"), [(True, "cpu"), (None, "cpu"), (False, "gpu")])
def test_bfloat16_has_its_price_only_where_a_processor_lacks_it(store, native, kind):
    assert campaign.warning(tasks([SHORT], "quick", store), native=native, kind=kind) == ""
    assert campaign.warning(tasks([SHORT], "quick", store), native=False, kind="cpu").startswith("4 runs in mixed")
    assert campaign.warning(tasks([SHORT], "quick", store, dtype="float32"), native=False, kind="cpu") == ""


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only": ["ex*", "huge*"]}, r"only is 'huge\*', but must be a pattern .* there are example, regression"),
        ({"seeds": 0}, "seeds is 0, but must be at least 1"),
    ],
)
def test_what_chooses_nothing_is_refused(store, asked, message):
    with pytest.raises(ValueError, match=message):
        tasks([SHORT], "quick", store, **asked)


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
    return [
        [e for e in experiments if e.network == network] for network in dict.fromkeys(e.network for e in experiments)
    ]


def run(todo, store, train, watch, grouped=alone, claim=lambda experiments: nullcontext(True), jobs=1, **options):
    reports = []
    ended = work(
        batches(todo, grouped),
        store,
        train,
        claim=claim,
        jobs=jobs,
        **options,
        device="made up",
        watch=watch,
        tell=lambda line: None,
        report=reports.append,
    )
    return ended, reports


def test_runs_that_one_program_trains_go_together_and_are_stored_one_by_one(store):
    train = Pretend()
    ended, reports = run(tasks([SHORT], "quick", store), store, train, Watch(), by_network)
    assert [[(type(e.network).__name__, e.seed) for e in group] for group in train.asked] == [
        [("SoftmaxRegression", 0), ("SoftmaxRegression", 1)],
        [("Architecture", 0), ("Architecture", 1)],
    ]
    assert [report.partition(":")[2].partition(":")[0] for report in reports] == [
        " regression, seed 0",
        " regression, seed 1",
        " example, seed 0",
        " example, seed 1",
    ]
    assert tasks([SHORT], "quick", store) == ended.left == ()


def test_of_a_batch_that_is_stopped_the_steps_of_all_its_runs_are_done(store):
    todo = tasks([SHORT], "quick", store, only=["example"])
    watch = Watch()
    train = Pretend(lambda experiments: setattr(watch, "signal", signal.SIGTERM))
    ended, _ = run(todo, store, train, watch, by_network)
    assert ended.left == todo
    pace = Pace.of([made_up(todo[0].experiment)])
    both = {task.experiment: 5 for task in todo}
    assert remaining(todo, pace, "made up", done=both).seconds == pytest.approx(10 + 10)


def test_a_run_that_two_studies_ask_for_is_trained_once_and_stored_in_both(store):
    twin = evolve(SHORT, name="grid")
    todo = tasks([SHORT, twin], "quick", store, seeds=1)
    assert told(todo) == ["first-ablations: regression, seed 0", "first-ablations: example, seed 0"]
    train = Pretend()
    run(todo, store, train, Watch())
    assert len(train.asked) == 2
    assert store.runs(SHORT).keys() == store.runs(twin).keys() == {task.experiment.key for task in todo}


def test_every_run_is_stored_and_reported_with_what_is_left(store):
    todo = tasks([SHORT], "quick", store)
    ended, reports = run(todo, store, Pretend(), Watch())
    assert (ended.left, str(ended)) == ((), "Nothing is left to train.")
    assert tasks([SHORT], "quick", store) == ()
    assert reports[0].startswith("first-ablations: regression, seed 0: ")
    # seeds 1 of both are left and the other network of seed 0; nothing like that one was timed yet
    assert reports[0].endswith(
        "3 runs are left: about 20 s at the speed measured here, without 2 that are like nothing timed yet."
    )
    assert reports[1].endswith("2 runs are left: about 40 s at the speed measured here.")


def test_weights_are_kept_of_one_seed_where_a_study_wants_them(store):
    wanting = evolve(SHORT, weights_of=1)
    run(tasks([wanting], "quick", store), store, Pretend(), Watch())
    kept = {e.key for e in SHORT.experiments("quick") if e.seed == 1}
    assert {path.stem for path in (store.folders[-1].parent / "weights").iterdir()} == kept
    assert {key for key, run in store.runs(SHORT).items() if "weights_sha256" in run.provenance} == kept


def test_what_another_process_has_in_hand_is_passed_over_and_left(store):
    todo, train = tasks([SHORT], "quick", store), Pretend()
    theirs = todo[0]
    ended, _ = run(
        todo, store, train, Watch(), claim=lambda experiments: nullcontext(theirs.experiment not in experiments)
    )
    assert train.asked == [[task.experiment] for task in todo[1:]]
    assert (ended.left, ended.why) == ((theirs,), campaign.ELSEWHERE)


def test_what_another_machine_has_begun_is_passed_over_with_a_line(store):
    todo, train = tasks([SHORT], "quick", store), Pretend()
    theirs = todo[1]
    foreign = {theirs.experiment: "a.npz: a checkpoint of another machine."}
    ended, reports = run(todo, store, train, Watch(), by_network, foreign=lambda e: foreign.get(e, ""))
    assert [len(group) for group in train.asked] == [2, 1]  # the other run of its batch is trained
    assert reports[2] == "first-ablations: example, seed 0: passed over. a.npz: a checkpoint of another machine."
    assert (ended.left, ended.why) == ((theirs,), campaign.BEGUN)


def test_what_another_process_stored_meanwhile_is_passed_over_and_not_left(store):
    first, *others = todo = tasks([SHORT], "quick", store)
    last = others.pop()
    train = Pretend(lambda experiments: store.put(SHORT, made_up(last.experiment)))
    ended, reports = run(todo, store, train, Watch())
    assert train.asked == [[task.experiment] for task in (first, *others)]
    assert (ended.left, ended.why) == ((), "")
    assert "2 runs are left" in reports[0]


def test_processes_side_by_side_share_the_time_that_is_left(store):
    todo = tasks([SHORT], "quick", store, only=["example"])
    pace = Pace.of([made_up(todo[0].experiment)])
    assert remaining(todo, pace, "made up", jobs=2).seconds == pytest.approx(20)


def test_a_signal_ends_the_run_in_hand_and_names_what_is_left(store):
    watch, train = Watch(), Pretend(lambda experiments: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    with watch.listening():
        ended, _ = run(tasks([SHORT], "quick", store), store, train, watch)
    assert signal.getsignal(signal.SIGTERM) is before
    assert watch.signal == signal.SIGTERM
    assert [step for _, step in train.kept] == [5]
    assert (len(ended.left), ended.why) == (4, "Stopped by SIGTERM")
    assert store.runs(SHORT) == {}


def test_time_that_is_over_stops_before_the_next_run(store):
    ended, _ = run(tasks([SHORT], "quick", store), store, Pretend(), Watch(limit=0.0, started=-1.0))
    assert len(ended.left) == 4
    assert ended.why == "Stopped before 0 s were over"


def test_a_piece_that_would_not_fit_is_not_begun():
    now = [0.0]
    watch = Watch(limit=25.0, started=campaign.time.monotonic())
    task = Task((SHORT,), "quick", SHORT.experiments("quick")[0])
    progress = Progress((task,), watch, lambda line: None, clock=lambda: now[0])
    progress(task.experiment, 1, 2.0)
    now[0] = 20.0
    progress(task.experiment, 2, 2.0)
    now[0] = 60.0  # this piece took 40 s, and 25 s are all there is
    with pytest.raises(Stop):
        progress(task.experiment, 3, 2.0)


def test_progress_tells_step_loss_speed_and_time_left():
    lines, now = [], iter([0.0, 2.0])
    task = Task((SHORT,), "quick", SHORT.experiments("quick")[0])
    progress = Progress((task,), Watch(), lines.append, clock=lambda: next(now))
    progress(task.experiment, 2, 2.3456)
    progress(task.experiment, 6, 1.23456)
    assert lines == [
        "first-ablations: example, seed 0: step 2 of 10, loss 2.346",
        "first-ablations: example, seed 0: step 6 of 10, loss 1.235, 256 images/s, 2 s left",
    ]


def test_progress_of_a_batch_tells_each_step_once_and_the_images_of_all(store):
    lines, now = [], iter([0.0, 2.0])
    batch = tasks([SHORT], "quick", store, only=["example"])
    progress = Progress(batch, Watch(), lines.append, clock=lambda: next(now))
    for step in (2, 6):
        for task in batch:
            progress(task.experiment, step, 1.0)
    assert lines == [
        "first-ablations: example, seed 0 and 1 more: step 2 of 10, loss 1.000",
        "first-ablations: example, seed 0 and 1 more: step 6 of 10, loss 1.000, 512 images/s, 2 s left",
    ]
    images = 4 * batch[0].experiment.schedule.batch_size
    assert progress.speed("made up").seconds == pytest.approx(2.0 / 2 / images)  # each run's share


def test_steps_that_are_done_are_not_left(store):
    todo = tasks([SHORT], "quick", store, only=["example"])
    pace = Pace.of([made_up(todo[0].experiment)])
    assert remaining(todo, pace, "made up").seconds == pytest.approx(2 * 20)
    assert remaining(todo, pace, "made up", done={todo[0].experiment: 5}).seconds == pytest.approx(10 + 20)
    assert remaining(todo, pace, "another").unknown == 2


def test_times_read_as_people_say_them():
    assert [duration(s) for s in (0, 99, 150, 6000, 36_000)] == ["0 s", "99 s", "2 min", "1.7 h", "10.0 h"]
