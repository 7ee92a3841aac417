"""Verdicts in a chapter: from the same judge as the scorecard's, with what the chapter's parameters ask for."""

from __future__ import annotations

from functools import cache

from attrs import evolve

from relupool.book.build import Build
from relupool.book.runs import store
from relupool.claims import judge
from relupool.claims.claim import How
from relupool.claims.grounds import Grounds, commuting_activations, gather
from relupool.claims.judge import Judged
from relupool.claims.ledger import CLAIMS
from relupool.experiments.store import Store
from relupool.measures.order_times import OrderTimes


def judged(
    *ids: str,
    trials: int = 210,
    seed: int = 0,
    times: OrderTimes | None = None,
    step: int = 0,
    weights: str = "averaged",
    margin: float | None = None,
    most_seeds: bool = False,
) -> tuple[Judged, ...]:
    """The verdicts on the claims ``ids``, by theorems checked now, ``trials`` each, and by stored runs.

    ``times`` take the place of the recorded ones; ``step``, ``weights``, ``margin`` (a fraction) and ``most_seeds`` are
    those of :class:`~relupool.claims.claim.How`. Raises ValueError for a claim that is not in the ledger.
    """
    names = {name for id in ids if id in CLAIMS for name in CLAIMS[id].takes.propositions}
    grounds = stored()
    if names:
        from relupool.book.layers import checked  # imports Keras, which claims about runs do without

        grounds = evolve(grounds, propositions=checked(names, trials=trials, seed=seed))
    if "A13" in ids:
        grounds = evolve(grounds, activations=commuting_activations(trials=trials, seed=seed))
    grounds = evolve(grounds, times=times or grounds.times)
    return judge.judge(grounds, *ids, how=How(step=step, weights=weights, margin=margin, most_seeds=most_seeds))


@cache
def stored() -> Grounds:
    """The stored runs and recorded times; in a fresh build those of this machine alone."""
    build = Build.from_environ()
    return gather(Store(build.results) if build.fresh else store())
