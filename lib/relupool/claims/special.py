"""Claims that take more than a row: counted, quoted, probed, or of halves that are decided differently.

Each function has the signature of a :class:`~relupool.claims.claim.Found`: grounds and how, a verdict.
"""

from __future__ import annotations

import pandas as pd

from relupool.claims.claim import How, Part, Runs, Verdict
from relupool.claims.decide import by_runs, rounds, unmeasured
from relupool.claims.grounds import Grounds
from relupool.claims.rules import FALSE, OPEN, PARTLY, TRUE, at_least, less_than, together, within
from relupool.experiments.studies import BIGGER, DTYPE, FIRST_ABLATIONS, GRID, LONG, RUN_LENGTH, SEEDS
from relupool.measures import bigger
from relupool.measures.arithmetic import by_format
from relupool.measures.estimate import estimated, half_words
from relupool.measures.inside import negative_windows
from relupool.measures.networks import AFFINE, EXAMPLE, ONLY_MAX, UNTOUCHED
from relupool.measures.order_times import WAYS, times_as_long
from relupool.measures.published import ORDERS
from relupool.thresholds import DAY, ENOUGH, HALF, MOST, NOTICEABLE, ONE_SEED, POINT
from relupool.words import count, hundredfold, listing

ADDITIVE = "convolution-is-linear-in-data"
BY_STRIDE, BY_SIZE = "pooling-divides-by-the-stride-squared", "pooling-divides-by-the-window-squared"

WITHOUT = {"with max-pools alone": ONLY_MAX, "without any nonlinearity": AFFINE}
"""The two networks that A8's second half can mean."""

WORKING = Runs(
    (FIRST_ABLATIONS, GRID),
    [
        Part(
            f"the accuracy {name} minus {MOST:g} times the untouched network's",
            {network: 1.0, UNTOUCHED: -MOST},
            at_least(0.0),
        )
        for name, network in WITHOUT.items()
    ],
)
"""What A8's second half says of the two."""

COSTLY = (FIRST_ABLATIONS, BIGGER, LONG, RUN_LENGTH, SEEDS)
"""Studies whose networks can show a large effect of ReLU."""


def both_orders(grounds: Grounds, how: How, orders: pd.DataFrame = ORDERS) -> Verdict:
    """A1: is there an author whose text draws one order and whose program has the other?"""
    by_author = orders.groupby("author", sort=False)["order"].nunique()
    both = list(by_author.index[by_author > 1])
    each = orders.groupby("order", sort=False)["place"].count()
    return Verdict(
        verdict=TRUE if both else FALSE,
        condition=f"documented, by {listing(both)}" if both else "documented",
        number=listing(f"{n} with the {order}" for order, n in each.items()),
        n=count(len(orders), "place"),
        reason=" ".join(f"{row.author}, {row.place}: {row.order}." for row in orders.itertuples()),
    )


def works(grounds: Grounds, how: How) -> Verdict:
    """A8: is convolution not linear, so that a network without its nonlinearities works? The reason decides."""
    linear, second = grounds.holds(ADDITIVE), by_runs(WORKING, grounds, how)
    first = "keeps all sums: it is linear, and the claim's reason is false" if linear else "does not keep sums"
    reason = f"Convolution {first}. {second.reason}"
    word = FALSE if linear else second.verdict
    step, frame = (second.estimates[0].steps if second.estimates else 0), WORKING.own(grounds)
    reached = {
        name: estimated(frame, {network: 1.0}, step=step, weights=how.weights) for name, network in WITHOUT.items()
    }
    number = "; ".join(f"{name}, {accuracy.per_cent}" for name, accuracy in reached.items() if accuracy)
    return Verdict(word, "convolution is linear" if linear else second.condition, number=number, n=second.n,
                   reason=reason, elsewhere=second.elsewhere)  # fmt: skip


def almost_every(grounds: Grounds, how: How) -> Verdict:
    """A13: do most of Keras' activations never fall, and do almost all of them commute with max-pooling?"""
    if grounds.activations is None:
        return Verdict(OPEN, "not counted", reason="Keras' activations were not counted here.")
    table = grounds.activations
    commuting, rising, all_ = int(table["commutes"].sum()), int(table["rises"].sum()), len(table)
    others = ", ".join(table.loc[~table["commutes"].astype(bool), "activation"])
    number, share = f"{rising} of {all_} never fall, {commuting} commute", f"{100 * commuting / all_:.0f} %"
    return Verdict(
        verdict=together([TRUE if rising > HALF * all_ else FALSE, TRUE if commuting >= MOST * all_ else FALSE]),
        condition=f"{share} commute",
        number=number,
        n=count(all_, "activation"),
        reason=f"{number} with max-pooling, {share}." + (f" Not: {others}." if others else ""),
    )


def fewer_calls(grounds: Grounds, how: How) -> Verdict:
    """A15: k² times fewer calls, and significantly faster? Counted, and ReLU and the pool timed alone."""
    by_stride, by_size = grounds.holds(BY_STRIDE), grounds.holds(BY_SIZE)
    if by_size:
        factor = "k² whatever the stride"
    elif by_stride:
        factor = "the stride squared, k² only where the windows do not overlap"
    else:
        factor = "neither k² nor the stride squared"
    divided = f"The number of calls is divided by {factor}."
    if (open_ := unmeasured(grounds)) is not None:
        return Verdict(OPEN, open_.condition, reason=f"{divided} {open_.reason}")
    assert grounds.times is not None
    alone = grounds.times.ratios("alone").query("activation == 'relu'")
    faster = {WAYS[row.way]: at_least(1.0).surely(row.low, row.high) for row in alone.itertuples()}
    first, *others = [f"{WAYS[way]}, {median:.2f}" for way, median in zip(alone["way"], alone["median"], strict=True)]
    not_faster = {FALSE: "slower", OPEN: "not surely faster"}
    slower = [f"{not_faster[word]} {way}" for way, word in faster.items() if word != TRUE]
    return Verdict(
        verdict=together([TRUE if by_size else FALSE, *faster.values()]),
        condition="; ".join([f"calls divided by {factor}", *slower]),
        number="; ".join([f"activation first takes, {first} times as long", *others]),
        n=rounds(grounds.times),
        reason=f"{divided} ReLU and the pool alone take, with the activation first, so many times as long: "
        f"{times_as_long(alone)}.",
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
    shares = negative_windows(runs, step=how.step)
    if not shares:
        return Verdict(OPEN, "not trained", reason="No finished run of the untouched network was looked at.")
    words = {where: less_than(HALF).decide(share) for where, share in shares.items()}
    said = [f"{share.per_cent} {where}" for where, share in shares.items()]
    first, word = next(iter(shares.values())), together(words.values())
    otherwise = [f"not {where}" for where, each in words.items() if each == FALSE] if word == PARTLY else []
    early = first.steps < ENOUGH
    return Verdict(
        verdict=OPEN if early else word,
        condition="too few steps" if early else ", ".join([*otherwise, first.basis]),
        number=f"all negative: {'; '.join(said)}",
        n=first.seeds,
        reason=f"All values are negative in {listing(said)}.",
        estimates=tuple(shares.values()),
    )


def within_a_day(grounds: Grounds, how: How) -> Verdict:
    """B12: does some network surely lose much without its ReLUs, in a run of less than a day?"""
    table = bigger.costs(grounds.of(*COSTLY))
    if table.empty:
        return Verdict(OPEN, "not trained", reason="No pair of runs that could show it.")
    table = table.assign(points=[f"{hundredfold(row.lost)}{half_words(row.half)} points" for row in table.itertuples()])
    shown = table[table["least_hours"] < DAY].sort_values(["n", "lost"], ascending=False)
    told = shown if len(shown) else table
    best = told.sort_values(["n", "lost"] if len(shown) else "lost", ascending=False).iloc[0]
    each = [
        f"{row.pair} loses {row.points} after {row.steps:,} steps, in {60 * row.hours:.0f} minutes "
        f"({count(row.n, 'seed')})"
        for row in told.itertuples()
    ]
    near = table["lost"] + table["half"].fillna(ONE_SEED) >= NOTICEABLE
    seeds = count(best["n"], "seed")
    return Verdict(
        verdict=TRUE if len(shown) else OPEN if (near & table["least_steps"].isna()).any() else FALSE,
        condition=f"{seeds}, {best['steps']:,} steps",
        number=best["points"],
        n=seeds,
        reason=f"On CIFAR-10, {'; '.join(each)}.",
    )


def same_in_both_formats(grounds: Grounds, how: How) -> Verdict:
    """Do networks end at the same accuracy in mixed_bfloat16 as in float32?"""
    gaps = {label: gap for label, (*_, gap) in by_format(grounds.of(DTYPE), weights=how.weights).items()}
    if not gaps:
        return Verdict(OPEN, "not trained", reason="No network has finished in both formats.")
    number = "; ".join(f"{label}: {gap.signed_points}" for label, gap in gaps.items())
    fewest = min(gaps.values(), key=lambda gap: gap.n)
    word = together(within(POINT).decide(gap) for gap in gaps.values()) if fewest.steps >= ENOUGH else OPEN
    return Verdict(word, fewest.basis, number=number, n=fewest.seeds,
                   reason=f"mixed_bfloat16 minus float32, {number}.")  # fmt: skip
