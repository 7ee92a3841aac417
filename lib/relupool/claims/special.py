"""Claims that take more than a row: counted, timed, quoted, or of halves that are decided differently.

Each function has the signature of a :class:`~relupool.claims.claim.Found`: grounds and how, a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from attrs import evolve

from relupool.claims.claim import How, Part, Runs, Verdict
from relupool.claims.costs import costs
from relupool.claims.grounds import Grounds
from relupool.claims.networks import AFFINE, EXAMPLE, ONLY_MAX, UNTOUCHED
from relupool.claims.rules import FALSE, OPEN, PARTLY, TRUE, AtLeast, LessThan, Within, together
from relupool.claims.runs import by_runs
from relupool.claims.theorems import holds, unchecked
from relupool.experiments.studies import DTYPE, FIRST_ABLATIONS, GRID
from relupool.measures import cost, inside, order_times
from relupool.measures.arithmetic import by_format
from relupool.measures.estimate import Estimate, half_words
from relupool.measures.order_times import OrderTimes
from relupool.thresholds import DAY, ENOUGH, HALF, MOST, NOTICEABLE, ONE_SEED, POINT, SEEDS, SMALL_SHARE
from relupool.words import capital, count, hundredfold, listing

WRITTEN = pd.DataFrame(
    [
        ("Nielsen", "his book, eq. 125", "activation first", "nielsen2015neural"),
        ("Nielsen", "network3.py", "pool first", "nielsen2015neural"),
        ("Goodfellow et al.", "Deep Learning, sec. 9.3", "activation first", "goodfellow2016deep"),
        ("LISA lab", "LeNetConvPoolLayer", "pool first", "lisalab2015lenet"),
        ("LeCun et al.", "LeNet-5", "pool first", "lecun1998gradient"),
        ("Krizhevsky", "cuda-convnet, commit 90b0e738", "pool first", "krizhevsky2011cudaconvnet"),
    ],
    columns=["author", "place", "order", "work"],
)
"""Where A1's two orders stand: texts and programs, with their keys in the list of references."""

ADDITIVE, CONVOLVES, CORRELATES = "convolution-is-linear-in-data", "keras-convolves", "keras-correlates"
BY_STRIDE, BY_SIZE = "pooling-divides-by-the-stride-squared", "pooling-divides-by-the-window-squared"


def both_orders(grounds: Grounds, how: How, written: pd.DataFrame = WRITTEN) -> Verdict:
    """A1: is there an author whose text draws one order and whose program has the other?"""
    orders = written.groupby("author", sort=False)["order"].nunique()
    both = list(orders.index[orders > 1])
    each = written.groupby("order", sort=False)["place"].count()
    number = listing(f"{n} with the {order}" for order, n in each.items())
    reason = " ".join(f"{row.author}, {row.place}: {row.order}." for row in written.itertuples())
    return Verdict(
        word=TRUE if both else FALSE,
        tag=f"documented, by {listing(both)}" if both else "documented",
        number=number,
        n=count(len(written), "place"),
        reason=reason,
    )


def flipped(grounds: Grounds, how: How) -> Verdict:
    """A2: no activation, and a flipped kernel? True of Theano by its documentation, of Keras as its output shows."""
    if (open_ := unchecked(grounds, ADDITIVE, CONVOLVES)) is not None:
        return open_
    bare, flips = holds(grounds, ADDITIVE), holds(grounds, CONVOLVES)
    halves = {"no activation": bare, "flipped in Theano, as documented": True, "flipped in Keras": flips}
    return _halves(grounds, halves, ADDITIVE)


def by_definition(grounds: Grounds, how: How) -> Verdict:
    """A6: it does not flip, and that is the definition of convolution? In each library one of the two is so."""
    if (open_ := unchecked(grounds, CONVOLVES, CORRELATES)) is not None:
        return open_
    halves = {
        "no flip in Keras": holds(grounds, CORRELATES),
        "a convolution by definition in Keras": holds(grounds, CONVOLVES),
        "no flip in Theano, as documented": False,
        "a convolution by definition in Theano": True,
    }
    return _halves(grounds, halves, CONVOLVES)


def _halves(grounds: Grounds, halves: Mapping[str, bool], name: str) -> Verdict:
    assert grounds.propositions is not None
    row = grounds.propositions.set_index("name").loc[name]
    true, false = ([what for what, so in halves.items() if so == kind] for kind in (True, False))
    said = "; ".join(f"{kind}: {listing(what)}" for kind, what in (("true", true), ("false", false)) if what)
    word = together(TRUE if so else FALSE for so in halves.values())
    n = count(int(row["trials"]), "trial")
    return Verdict(
        word=word, tag=said, number=f"{int(row['compared']):,} numbers compared", n=n, reason=f"{capital(said)}."
    )


WORKING = Runs(
    studies=(FIRST_ABLATIONS, GRID),
    parts=tuple(
        Part(
            what=f"the accuracy {name}, less {100 * MOST:g} % of the untouched network's",
            of={network: 1.0, UNTOUCHED: -MOST},
            rule=AtLeast(0.0),
        )
        for name, network in (("with max-pools alone", ONLY_MAX), ("without any nonlinearity", AFFINE))
    ),
)
"""The two networks that A8's second half can mean."""


def works(grounds: Grounds, how: How) -> Verdict:
    """A8: is convolution not linear, so that a network without its nonlinearities works? The reason decides."""
    if (open_ := unchecked(grounds, ADDITIVE)) is not None:
        return open_
    linear, second = holds(grounds, ADDITIVE), by_runs(WORKING, grounds, how)
    reason = f"Convolution {'keeps all sums: it is linear' if linear else 'does not keep sums'}. {second.reason}"
    word = FALSE if linear else second.word
    return Verdict(word=word, tag="convolution is linear" if linear else second.tag, number=second.number, n=second.n,
                   reason=reason)  # fmt: skip


def almost_every(grounds: Grounds, how: How) -> Verdict:
    """A13: do most of Keras' activations never fall, and do almost all of them commute with max-pooling?"""
    if grounds.activations is None:
        return Verdict(word=OPEN, tag="not counted", reason="Keras' activations were not counted here.")
    table = grounds.activations
    yes, rising, all_ = int(table["commutes"].sum()), int(table["rises"].sum()), len(table)
    others = ", ".join(table.loc[~table["commutes"].astype(bool), "activation"])
    number = f"{rising} of {all_} never fall, {yes} commute"
    word = together([TRUE if rising > HALF * all_ else FALSE, TRUE if yes >= MOST * all_ else FALSE])
    reason = f"{number} with max-pooling, {100 * yes / all_:.0f} %." + (f" Not: {others}." if others else "")
    return Verdict(
        word=word, tag=f"{100 * yes / all_:.0f} % commute", number=number, n=count(all_, "activation"), reason=reason
    )


def seldom(grounds: Grounds, how: How) -> Verdict:
    """B9: is at least one value positive in most windows, layer by layer and over all of them?"""
    schedules = {preset.schedule for study in EXAMPLE for preset in study.presets.values()}
    runs = [
        run
        for run in grounds.probed
        if (run.experiment.network, run.experiment.dataset) == (UNTOUCHED, "cifar10")
        and run.experiment.schedule in schedules
        and run.diverged_at is None
    ]
    shares = inside.all_negative(runs)
    shares = shares[shares["step"] == how.step] if how.step else shares
    if shares.empty:
        return Verdict(word=OPEN, tag="not trained", reason="No finished run of the untouched network was looked at.")
    same = ["backend", "dtype", "step"]
    n = shares.groupby(same)["seed"].nunique()
    best = max(n.index, key=lambda place: (min(n[place], SEEDS), place[2], n[place]))
    rows, step = shares[(shares[same] == list(best)).all(axis=1)], int(best[2])
    found = {
        where: Estimate(values=part.sort_values("seed")["all_negative"], steps=step)
        for where, part in rows.groupby("windows", sort=False)
    }
    words = {where: LessThan(HALF).decide(each) for where, each in found.items()}
    said = [f"{each.per_cent} {where}" for where, each in found.items()]
    first, number = next(iter(found.values())), f"all negative: {'; '.join(said)}"
    reason = f"All values are negative in {listing(said)}."
    if step < ENOUGH:
        return Verdict(word=OPEN, tag="too few steps", number=number, n=first.seeds, reason=reason,
                       estimates=tuple(found.values()))  # fmt: skip
    word = together(words.values())
    otherwise = [f"not {where}" for where, each in words.items() if each == FALSE] if word == PARTLY else []
    return Verdict(word=word, tag=", ".join([*otherwise, first.basis]), number=number, n=first.seeds, reason=reason,
                   estimates=tuple(found.values()))  # fmt: skip


def within_a_day(grounds: Grounds, how: How) -> Verdict:
    """B12: does some network surely lose much without its ReLUs, in a run of less than a day?"""
    table = costs(grounds)
    if table.empty:
        return Verdict(word=OPEN, tag="not trained", reason="No pair of runs that could show it.")
    shown = table[table["least_hours"] < DAY].sort_values(["n", "lost"], ascending=False)
    best = (shown if len(shown) else table.sort_values("lost", ascending=False)).iloc[0]
    told = [
        f"{row['pair']} loses {_points(row)} after {row['steps']:,} steps ({count(row['n'], 'seed')}, "
        f"{row['hours']:.1f} hours a run)"
        for _, row in (shown if len(shown) else table).drop_duplicates("pair").iterrows()
    ]
    near = table["lost"] + table["half"].fillna(ONE_SEED) >= NOTICEABLE
    word = TRUE if len(shown) else OPEN if (near & table["least_steps"].isna()).any() else FALSE
    tag = f"{count(best['n'], 'seed')}, {best['steps']:,} steps"
    reason = f"On CIFAR-10, {'; '.join(told)}."
    return Verdict(word=word, tag=tag, number=_points(best), n=count(best["n"], "seed"), reason=reason)


def _points(row: pd.Series) -> str:
    return f"{hundredfold(row['lost'])}{half_words(row['half'])} points"


def same_in_both_formats(grounds: Grounds, how: How) -> Verdict:
    """Do networks end at the same accuracy in mixed_bfloat16 as in float32?"""
    found = {label: e for label, (*_, e) in by_format(grounds.of(DTYPE), weights=how.weights).items()}
    if not found:
        return Verdict(word=OPEN, tag="not trained", reason="No network has finished in both formats.")
    number = "; ".join(f"{label}: {each.signed_points}" for label, each in found.items())
    least = min(found.values(), key=lambda each: each.n)
    rule = Within(POINT)
    reason = f"mixed_bfloat16 minus float32, {number}."
    word = together(rule.decide(each) for each in found.values()) if least.steps >= ENOUGH else OPEN
    return Verdict(word=word, tag=least.basis, number=number, n=least.seeds, reason=reason)


def pool_first_if_costly(grounds: Grounds, how: How) -> Verdict:
    """A4: does it pay to pool first, for the sigmoid, which the source names, and what was timed beside it?"""
    if grounds.times is not None and "sigmoid" not in grounds.times.activations:
        told = _timed(grounds, lambda times, name: OPEN, skip="relu")
        return evolve(told, tag="the sigmoid was not timed")
    return _timed(grounds, _saves, skip="relu")


def little_changes(grounds: Grounds, how: How) -> Verdict:
    """A5: does the order change a training step little, with ReLU?"""
    return _timed(grounds, lambda times, name: _small(times.step(name)), only="relu")


def negligible(grounds: Grounds, how: How) -> Verdict:
    """A16: do convolutions take most of a step, and is what pooling first saves negligible, by activation?"""
    if grounds.times is None or grounds.times.conditions.load.disturbed:
        return _timed(grounds, lambda times, name: OPEN)
    shares = cost.shares(grounds.times.layers[grounds.times.layers["activation"] == "relu"]).set_index("type")
    row = shares.loc["convolution"]
    most = TRUE if row["low"] > HALF else FALSE if row["high"] < HALF else OPEN
    saved = _timed(grounds, lambda times, name: _small(times.step(name)))
    share = f"convolutions take {100 * row['median']:.0f} % ({100 * row['low']:.0f} to {100 * row['high']:.0f} %)"
    number = f"of a training step, {share}; {saved.number}"
    word = together([most, saved.word])
    reason = f"Of a training step, {share}. {saved.reason}"
    return Verdict(word=word, tag=saved.tag, number=number, n=saved.n, reason=reason)


def fewer_calls(grounds: Grounds, how: How) -> Verdict:
    """A15: k² times fewer calls, and significantly faster? Counted, and ReLU and the pool timed alone."""
    if (open_ := unchecked(grounds, BY_STRIDE, BY_SIZE)) is not None:
        return open_
    stride, size = holds(grounds, BY_STRIDE), holds(grounds, BY_SIZE)
    counted = TRUE if size else FALSE
    count_ = "k² whatever the stride" if size else "the stride squared, k² only where the windows do not overlap"
    count_ = count_ if stride or size else "neither k² nor the stride squared"
    if grounds.times is None or grounds.times.conditions.load.disturbed:
        open_ = _timed(grounds, lambda times, name: OPEN)
        return Verdict(word=OPEN, tag=open_.tag, reason=f"The number of calls is divided by {count_}. {open_.reason}")
    alone = grounds.times.ratios("alone").query("activation == 'relu'")
    faster = {cost.WAYS[row["way"]]: TRUE if row["low"] > 1 else FALSE if row["high"] < 1 else OPEN
              for _, row in alone.iterrows()}  # fmt: skip
    first, *others = [f"{cost.WAYS[row['way']]}, {row['median']:.2f}" for _, row in alone.iterrows()]
    number = "; ".join([f"activation first takes, {first} times as long", *others])
    ways = [
        f"{'slower' if word == FALSE else 'not surely faster'} {way}" for way, word in faster.items() if word != TRUE
    ]
    reason = (f"The number of calls is divided by {count_}. ReLU and the pool alone take, with the activation first, "
              f"so many times as long: {order_times.times_as_long(alone)}.")  # fmt: skip
    word = together([counted, *faster.values()])
    return Verdict(
        word=word,
        tag="; ".join([f"calls divided by {count_}", *ways]),
        number=number,
        n=_rounds(grounds.times),
        reason=reason,
    )


def _timed(grounds: Grounds, judged, *, only: str = "", skip: str = "") -> Verdict:  # type: ignore[no-untyped-def]
    """Each activation that was timed, in a training step: what is saved by pooling first, and what ``judged`` says."""
    times = grounds.times
    if times is None:
        return Verdict(word=OPEN, tag="not timed", reason=f"No times are recorded; {order_times.COMMAND} takes them.")
    names = [name for name in times.activations if name != skip and only in ("", name)]
    words = {name: judged(times, name) for name in names}
    each = [f"{cost.saving_words(times.step(name))} with {cost.NAMES.get(name, name)}" for name in names]
    number = f"pooling first saves {listing(each)}" if names else ""
    saved = f"Of a training step, {number}." if names else f"Nothing but {cost.NAMES.get(skip, skip)} was timed."
    reason = f"{saved} {times.conditions.words}"
    if times.conditions.load.disturbed:
        return Verdict(word=OPEN, tag="the machine was busy", number=number, n=_rounds(times), reason=reason)
    told = "; ".join(f"{cost.NAMES.get(name, name)}: {word}" for name, word in words.items())
    tag = told if len(words) > 1 else "as timed here"
    return Verdict(word=together(words.values()), tag=tag, number=number, n=_rounds(times), reason=reason)


def _rounds(times: OrderTimes) -> str:
    return f"{int(times.step('relu')['rounds'])} rounds"


def _saves(times: OrderTimes, name: str) -> str:
    """Whether pooling first saves a part of the step that matters, surely; false if surely not."""
    _, low, high = cost.saved(times.step(name))
    return TRUE if low >= SMALL_SHARE else FALSE if high < SMALL_SHARE else OPEN


def _small(step: pd.Series) -> str:
    """Whether the order surely changes the step by a part that does not matter."""
    _, low, high = cost.saved(step)
    if -SMALL_SHARE < low and high < SMALL_SHARE:
        return TRUE
    return FALSE if low > SMALL_SHARE or high < -SMALL_SHARE else OPEN
