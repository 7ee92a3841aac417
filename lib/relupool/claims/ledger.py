"""All claims of the two sources, and the book's own findings, as rows: who said what, and what it takes to judge it.

A rule about accuracies is committed before the runs that it judges; where one was written or changed after data were
seen, :mod:`relupool.claims.changes` says so.
"""

from __future__ import annotations

from attrs import evolve

from relupool.claims import special
from relupool.claims.claim import Claim, Found, Half, Halves, Part, Runs, Theorems, Timed
from relupool.claims.rules import at_least, within
from relupool.claims.special import ADDITIVE, BY_SIZE, BY_STRIDE, COSTLY, WORKING
from relupool.experiments.studies import (
    AT_BEST_RATE,
    BASELINE,
    BIGGER,
    BY_RATE,
    DTYPE,
    FIRST_ABLATIONS,
    GATING_WHERE_IT_GAINS,
    GRID,
    NORMALIZATION,
    ORDER,
    PAST_THE_FALL,
    SCALE,
)
from relupool.measures.estimate import difference
from relupool.measures.grid import EFFECTS, TIMES
from relupool.measures.networks import (
    AFFINE,
    ALL_LINEAR,
    AVERAGE_POOL,
    EXAMPLE,
    FAMILIES,
    FOUR,
    LINEAR_DENSE,
    LITERAL,
    NO_CONV_RELU,
    ONLY_MAX,
    PAIRS,
    SOFTMAX,
    UNTOUCHED,
)
from relupool.measures.order_times import COMMAND
from relupool.measures.orders import FIRST_MINUS_LAST
from relupool.measures.published import REPORTED
from relupool.thresholds import DAY, HALF, LARGE, MOST, NOTICEABLE, POINT, SMALL_SHARE
from relupool.thresholds import LONG as LONG_STEPS

CONVOLVES, CORRELATES = "keras-convolves", "keras-correlates"

INTERACTION = {network: -factor for network, factor in EFFECTS[f"conv ReLU{TIMES}max pool"].items()}
"""What the conv ReLUs are worth with average-pools minus what they are worth with max-pools, over the whole grid."""

RELU, GATED, UNGATED, IDENTITY = GATING_WHERE_IT_GAINS.networks.values()

NOTHING, SCALE_RELU, MAXOUT = (
    SCALE.networks[f"average pool, {name}"] for name in ("linear", "ReLU", "maxout, equal parameters")
)

WITH, WITHOUT = REPORTED.values()

FAR_MORE = at_least(POINT)
"""What claim B3's "far more" is judged as."""

_COUNTER = "one input on which the two sides differ"
_TIMES = "other times: a slower activation, a device that computes faster than it reads, or a compiler that fuses"
_STEP = f"{100 * SMALL_SHARE:g} % of a training step, with the whole interval over rounds"

LEDGER: tuple[Claim, ...] = (
    Claim(
        "A1", "Margheritamargi", "Texts draw activation before pooling; code by the same authors pools first.",
        Found(special.both_orders, "True if an author's text has the one order and the same author's code the other, "
              "in the places that are cited."),
        chapter="3", turns="a text or program that says otherwise than quoted",
    ),
    Claim(
        "A2", "Margheritamargi", "A convolution operation holds no activation, and flips its kernel.",
        Halves((Half(ADDITIVE, "it holds no activation", "it holds an activation"),
                Half(True, "Theano flips the kernel, as documented"),
                Half(CONVOLVES, "Keras flips it", "Keras does not flip it")),
               "Two halves. No activation: the operation keeps sums but for its bias. Flipped: it is a convolution, "
               "not a cross-correlation, in Theano by its documentation and in Keras as its output shows."),
        chapter="A", turns="a library whose convolution bends, or flips", figures=("fig-flipping",),
    ),
    Claim(
        "A3", "Rebutter", "Max-pooling and every activation that never falls commute.",
        Theorems(("relu-commutes-with-max", "relu-commutes-with-max-in-gradients",
                  "straight-activations-commute-with-max", "activations-commute-with-max-in-mathematics",
                  "smooth-activations-commute-but-for-rounding", "commuting-is-not-falling"),
                 tag="in real arithmetic; bit for bit if the activation is piecewise linear"),
        chapter="3", turns=_COUNTER, figures=("fig-activation-graphs",),
    ),
    Claim(
        "A4", "Rebutter", "If the activation is costly, like the sigmoid, pool first.",
        Timed(large=True, beside="relu", example="sigmoid",
              rule=f"True of an activation if pooling first surely saves at least {_STEP}."),
        chapter="D", turns=_TIMES, figures=("fig-order-step", "fig-order-alone"),
    ),
    Claim(
        "A5", "Rebutter", "In practice the order changes little in performance, read as speed.",
        Timed(only="relu", rule=f"True if the order with ReLU surely changes less than {_STEP}."),
        chapter="D", turns=_TIMES, figures=("fig-order-step",),
    ),
    Claim(
        "A6", "Rebutter", "conv2D does not flip the kernel, and that is the definition of convolution.",
        Halves((Half(CORRELATES, "Keras does not flip the kernel", "Keras flips the kernel"),
                Half(CONVOLVES, "what it computes is by definition a convolution",
                     "what it computes is by definition no convolution"),
                Half(False, "", "Theano flips it, as documented"),
                Half(True, "what that computes is one")),
               "Judged in Theano, of which the answer speaks, and in Keras: does it not flip, and is it a convolution? "
               "Partly true if each does one of the two."),
        chapter="A", turns="another definition, or a library that does both or neither", figures=("fig-flipping",),
    ),
    Claim(
        "A7", "Rebutter", "Convolution and cross-correlation are linear, in the data and in the filters.",
        Theorems(("convolution-is-linear-in-data", "convolution-is-linear-in-filters", "convolution-is-a-matrix"),
                 ("convolution-with-bias-is-linear",)),
        chapter="1", turns=_COUNTER, figures=("fig-toeplitz",),
    ),
    Claim(
        "A8", "Cologarithm", "Convolution is not linear, and so a network without its nonlinearities still works.",
        Found(special.works, "False if convolution is linear, for the rest is said to follow from that. A network "
              f"works if its accuracy is surely at least {100 * MOST:g} % of the untouched network's; two are meant, "
              "perhaps: with max-pools and without.",
              studies=WORKING.studies, propositions=(ADDITIVE,)),
        chapter="4", turns="a sum that a convolution does not keep", figures=("fig-grid",),
    ),
    Claim(
        "A9", "Cologarithm", "Flipping does not matter, since the filters are learned.",
        Theorems(("flipping-the-kernel-exchanges-the-two",)),
        chapter="A", turns=_COUNTER, figures=("fig-flipping",),
    ),
    Claim(
        "A10", "Anisometropia",
        "What of convolution and ReLU twice, then the pool? The last ReLU may come after it, the first may not.",
        Theorems(("last-relu-may-move",), ("first-relu-may-move",)),
        chapter="3", turns="an input for which the place of the last ReLU matters", kind="question",
    ),
    Claim(
        "A11", "Oedipus", "What of average-like pools, as in conv, ReLU, blur? There the order matters.",
        Theorems(("convex-activations-lie-above",), ("relu-commutes-with-average", "relu-commutes-with-blur")),
        chapter="3", turns="an exchange without a counterexample", kind="question",
        figures=("fig-order-average", "fig-orders-trained"),
    ),
    Claim(
        "A12", "Atiana", "ReLU and max-pooling give the same in both orders.",
        Theorems(("relu-commutes-with-max", "relu-is-a-zero-in-every-window")),
        chapter="3", turns=_COUNTER, figures=("fig-both-orders",),
    ),
    Claim(
        "A13", "Atiana", "The same holds for almost every activation, since most never fall.",
        Found(special.almost_every, f"Two halves, over Keras' elementwise activations: more than {100 * HALF:g} % "
              f"never fall, and at least {100 * MOST:g} % commute with max-pooling but for rounding."),
        chapter="3", turns="another list of activations", figures=("fig-activation-graphs",),
    ),
    Claim(
        "A14", "Atiana", "It does not hold for other pools, such as the average.",
        Theorems(("linear-commutes-with-average",), ("relu-commutes-with-average",)),
        chapter="3", turns="an exchange without a counterexample", figures=("fig-jensen",),
    ),
    Claim(
        "A15", "Atiana", "After the pool the activation is called once in place of k² times, and is much faster.",
        Found(special.fewer_calls, "Two halves. Once in place of k² times: counted. Faster: ReLU and the pool alone, "
              "timed each way, surely take longer with the activation first, by however much.",
              propositions=(BY_STRIDE, BY_SIZE), lacks=COMMAND),
        chapter="D", turns=_TIMES, figures=("fig-order-alone",),
    ),
    Claim(
        "A16", "Atiana", "The saving is negligible, because convolutions take most of the time.",
        Timed(convolutions=True, rule=f"Two halves. Convolutions surely take more than {100 * HALF:g} % of a training "
              f"step. Negligible, by activation: pooling first surely changes less than {_STEP}, either way."),
        chapter="D", turns=_TIMES, figures=("fig-step-profile",),
    ),
    Claim(
        "A17", "Tarrsus", "Max-pooling samples its input: it selects values and leaves fewer positions.",
        Theorems(("max-selects", "max-has-fewer-positions"), ("average-selects",)),
        chapter="2", turns="a pooled value that is not in its window",
    ),
    Claim(
        "B1", "dimpol", "ReLU makes a mostly linear network one that can model nearly anything.",
        Theorems(("stack-is-one-convolution", "padded-stack-is-affine", "convolutions-alone-are-affine"),
                 ("convolutions-with-relu-are-affine", "stack-with-relu-is-one-convolution"),
                 tag="the general theorem is cited, not checked; proved here in one dimension"),
        chapter="2", turns="a network with neither ReLU nor max-pools that no affine map replaces",
        figures=("fig-regions-line",),
    ),
    Claim(
        "B2", "dimpol", "Removing the ReLUs of the convolutional layers does almost nothing to accuracy.",
        Runs(EXAMPLE, [Part("accuracy with the conv ReLUs minus without, in the untouched network",
                            difference(UNTOUCHED, NO_CONV_RELU), within(POINT))]),
        chapter="4", turns="a difference that is surely beyond the margin", figures=("fig-single-changes",),
    ),
    Claim(
        "B3", "dimpol",
        f"Average-pools, or linear dense layers, cost far more than removing the conv ReLUs (by {FAR_MORE.words}).",
        Runs((FIRST_ABLATIONS, GRID),
             [Part("the cost of average-pools minus that of removing the conv ReLUs",
                   difference(NO_CONV_RELU, AVERAGE_POOL), FAR_MORE),
              Part("the cost of linear dense layers minus that", difference(NO_CONV_RELU, LINEAR_DENSE), FAR_MORE)]),
        chapter="4", turns="a cost that is surely as small as that of the conv ReLUs", figures=("fig-single-changes",),
    ),
    Claim(
        "B4a", "dimpol", f"With average-pools and linear dense layers, accuracy is {100 * WITH:.1f} % with the conv "
        f"ReLUs and {100 * WITHOUT:.1f} % without.",
        Runs(FOUR, [Part(f"accuracy with the conv ReLUs minus the reported {100 * WITH:.1f} %",
                         {LITERAL: 1.0}, within(POINT), minus=WITH),
                    Part(f"accuracy without minus the reported {100 * WITHOUT:.1f} %",
                         {ALL_LINEAR: 1.0}, within(POINT), minus=WITHOUT)],
             least=LONG_STEPS, one=True),
        chapter="4", turns="runs of another length, which the source leaves open", figures=("fig-headline-curves",),
    ),
    Claim(
        "B4b", "dimpol",
        "With average-pools and linear dense layers, losing the conv ReLUs makes the network fall apart.",
        Runs(FOUR, [Part("accuracy with the conv ReLUs minus without, with average-pools and linear dense layers",
                         difference(LITERAL, ALL_LINEAR), at_least(LARGE))]),
        chapter="4", turns="a smaller drop", figures=("fig-headline-curves",),
    ),
    Claim(
        "B5", "shimao", "Without ReLU but with max-pooling a network is still nonlinear.",
        Theorems((), ("max-is-affine", "convolutions-with-max-are-affine")),
        chapter="2", turns="a network with max-pools that one affine map replaces", figures=("fig-regions-line",),
    ),
    Claim(
        "B6", "an answer", "If all values of a window are positive, ReLU changes nothing.",
        Theorems(("relu-is-idle-on-positive-values", "relu-is-idle-on-positive-values-in-gradients")),
        chapter="5", turns=_COUNTER,
    ),
    Claim(
        "B7", "an answer", "If one value is positive, the pooled value is the same with ReLU and without.",
        Theorems(("relu-is-idle-beside-a-positive-value", "relu-changes-exactly-the-negative")),
        chapter="5", turns=_COUNTER,
    ),
    Claim(
        "B8", "an answer",
        "If all are negative, ReLU gives 0 and no gradient; without it the largest value and its gradient pass.",
        Theorems(("relu-makes-the-negative-zero", "relu-blocks-the-negative", "largest-negative-passes",
                  "largest-negative-gets-the-gradient")),
        chapter="5", turns=_COUNTER,
    ),
    Claim(
        "B9", "an answer", "In most windows at least one value is positive.",
        Found(special.seldom, f"Surely fewer than {100 * HALF:g} % of the whole windows of the untouched network are "
              "all negative: after conv1, after conv2, and over all of them. Counted with raw weights on a thousand "
              "images; its intervals are over seeds alone.", studies=EXAMPLE),
        chapter="5", turns="longer runs, in which the shares change", figures=("fig-windows-trained",),
    ),
    Claim(
        "B10", "an answer", "Perhaps ReLU works because it blocks gradients where nothing is of use.",
        Runs((GATING_WHERE_IT_GAINS,),
             [Part(f"the gain of the gate alone minus {100 * HALF:g} % of ReLU's",
                   {GATED: 1.0, IDENTITY: HALF - 1, RELU: -HALF}, at_least(0.0)),
              Part(f"what ReLU loses without its gate minus {100 * HALF:g} % of its gain",
                   {RELU: 1 - HALF, UNGATED: -1.0, IDENTITY: HALF}, at_least(0.0))],
             premise=Part("ReLU's gain over the identity", difference(RELU, IDENTITY), at_least(0.0)),
             otherwise="it is not certain that ReLU gains anything here, so there is nothing to explain"),
        chapter="5", turns="a gate that surely brings half of what ReLU brings", figures=("fig-gates",),
    ),
    Claim(
        "B11", "Neil Slater",
        "Maxout uses the maximum itself as nonlinearity, and brings much of what ReLU brings.",
        Runs((SCALE,),
             [Part(f"the gain of maxout with as many parameters minus {100 * HALF:g} % of ReLU's",
                   {MAXOUT: 1.0, NOTHING: HALF - 1, SCALE_RELU: -HALF}, at_least(0.0))],
             premise=Part("ReLU's gain over nothing", difference(SCALE_RELU, NOTHING), at_least(0.0)),
             otherwise="it is not certain that ReLU gains anything here, so there is no scale"),
        chapter="6", turns="a gain that is surely less than that part of ReLU's", figures=("fig-ruler",),
        kind="question",
    ),
    Claim(
        "B12", "dimpol",
        "Which network shows a large effect of ReLU and trains within a day on a cheap device? There are some.",
        Found(special.within_a_day, f"True if some network surely loses at least {100 * NOTICEABLE:g} points without "
              f"the ReLUs in question, in runs of less than {DAY:g} hours on a CPU of two cores.", studies=COSTLY),
        chapter="7", turns="slower devices", kind="question",
    ),
    Claim(
        "B13", "dimpol", "How much do the big networks lose without their ReLUs? Much, as in ResNet-20.",
        Runs((BIGGER,), [Part("the worth of its ReLUs in ResNet-20", difference(*PAIRS["ResNet-20"]),
                              at_least(NOTICEABLE))]),
        chapter="6", turns="a recipe that trains ResNet-20 without ReLU nearly as well", kind="question",
        figures=("fig-relu-fractions", "fig-losses-published"),
    ),
)  # fmt: skip
"""What the sources say, in their order."""


def _finding(id: str, said: str, takes: Runs | Found, chapter: str) -> Claim:
    return Claim(id, "the book", said, takes, chapter, kind="finding")


FINDINGS: tuple[Claim, ...] = (
    _finding(
        "interaction", "The conv ReLUs are worth more with average-pools than with max-pools.",
        Runs((FIRST_ABLATIONS, GRID),
             [Part("their worth with average-pools minus that with max-pools, over the grid", INTERACTION,
                   at_least(0.0)),
              Part("the same in log-odds", INTERACTION, at_least(0.0), scale="log-odds")]), "4",
    ),
    _finding(
        "max-alone", "A network whose only nonlinearity is max-pooling beats every linear one.",
        Runs((FIRST_ABLATIONS, GRID, BASELINE),
             [Part("its accuracy minus the linear network's", difference(ONLY_MAX, AFFINE), at_least(0.0)),
              Part("its accuracy minus softmax regression's", difference(ONLY_MAX, SOFTMAX), at_least(0.0))]), "4",
    ),
    _finding(
        "past-the-fall",
        f"After its learning rate has fallen, the question's network reaches the reported {100 * WITH:.1f} %.",
        Runs((PAST_THE_FALL,),
             [Part(f"its accuracy minus {100 * WITH:.1f} %", {LITERAL: 1.0}, at_least(-POINT), minus=WITH)],
             least=LONG_STEPS), "E",
    ),
    _finding(
        "best-rates",
        "With each network at its own best learning rate the conv ReLUs are worth almost nothing in the untouched "
        "network, and a lot in the question's.",
        Runs((FIRST_ABLATIONS, *BY_RATE.values(), *AT_BEST_RATE.values()),
             [Part("their worth in the untouched network", difference(UNTOUCHED, NO_CONV_RELU), within(POINT)),
              Part("their worth with average-pools and linear dense layers", difference(LITERAL, ALL_LINEAR),
                   at_least(LARGE))],
             best_rates=True), "E",
    ),
    _finding(
        "precision", "mixed_bfloat16 trains to the same accuracy as float32.",
        Found(special.same_in_both_formats, f"Each network's difference must surely be {within(POINT).words}.",
              studies=(DTYPE,)), "E",
    ),
    _finding(
        "normalization", "In float32, local response normalization makes no difference to any of four networks.",
        Runs((NORMALIZATION,),
             [Part(f"its worth in the network {name}", difference(network, evolve(network, lrn=False)), within(POINT))
              for name, network in (("as it is", UNTOUCHED), ("without conv ReLU", NO_CONV_RELU),
                                    ("of the question", LITERAL), ("without any ReLU", ALL_LINEAR))],
             dtype="float32"), "4",
    ),
    *(
        _finding(f"order-{pair.lower().replace(' ', '-')}", f"{pair}: both orders train to the same accuracy.",
                 Runs((ORDER,), [Part("activation first minus pool first", contrast, within(POINT))]), "3")
        for pair, contrast in FIRST_MINUS_LAST.items()
    ),
    *(
        _finding(f"bigger-{family.lower().replace(' with', '').replace(' ', '-')}",
                 f"{family} loses much without its ReLUs.",
                 Runs((BIGGER,), [Part("the worth of its ReLUs", difference(*PAIRS[family]), at_least(NOTICEABLE))]),
                 "6")
        for family in FAMILIES
    ),
    *(
        _finding(f"scale-{pool}", f"With {surroundings} there is a scale from nothing to ReLU.",
                 Runs((SCALE,), [Part("what ReLU gains over nothing", difference(SCALE.networks[f"{pool} pool, ReLU"],
                                      SCALE.networks[f"{pool} pool, linear"]), at_least(0.0))]), "6")
        for pool, surroundings in (("average", "average-pools and linear dense layers"),
                                   ("max", "max-pools and ReLU in the dense layers"))
    ),
)  # fmt: skip
"""What the book says itself about trained networks, judged by the same rules."""

CLAIMS = {claim.id: claim for claim in (*LEDGER, *FINDINGS)}
"""All of them, by their names."""
