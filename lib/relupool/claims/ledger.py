"""All claims of the two sources, and the book's own findings, as rows: who said what, and what it takes to judge it.

A rule about accuracies is committed before the runs that it judges; where one was written or changed after data were
seen, :mod:`relupool.claims.changes` says so.
"""

from __future__ import annotations

from attrs import evolve

from relupool.claims import special
from relupool.claims.claim import Claim, Found, Part, Runs, Theorems, minus
from relupool.claims.costs import STUDIES
from relupool.claims.networks import (
    AFFINE,
    ALL_LINEAR,
    AVERAGE_POOL,
    EXAMPLE,
    FOUR,
    LINEAR_DENSE,
    LITERAL,
    NO_CONV_RELU,
    ONLY_MAX,
    PAIRS,
    SOFTMAX,
    UNTOUCHED,
)
from relupool.claims.rules import AtLeast, Within
from relupool.experiments.studies import (
    BASELINE,
    BIGGER,
    DTYPE,
    EXCHANGED,
    FIRST_ABLATIONS,
    GATING_WHERE_IT_GAINS,
    GRID,
    NORMALIZATION,
    ORDER,
    PAST_THE_FALL,
    SCALE,
)
from relupool.measures.factorial import FACTORS, TIMES, architectures, effects
from relupool.measures.order_times import COMMAND
from relupool.measures.published import REPORTED
from relupool.thresholds import DAY, HALF, LARGE, MOST, NOTICEABLE, POINT, SMALL_SHARE
from relupool.thresholds import LONG as LONG_STEPS

INTERACTION = {
    network: -factor
    for network, factor in effects(architectures(), list(FACTORS))[TIMES.join(("conv ReLU", "max pool"))].items()
}
"""What the conv ReLUs are worth with average-pools minus what they are worth with max-pools, over the whole grid."""

RELU, GATED, UNGATED, IDENTITY = GATING_WHERE_IT_GAINS.networks.values()
WHOLE = minus(RELU, IDENTITY)

NOTHING, SCALE_RELU, MAXOUT = (
    SCALE.networks[f"average pool, {name}"] for name in ("linear", "ReLU", "maxout, equal parameters")
)

WITH, WITHOUT = REPORTED.values()

FAR_MORE = AtLeast(POINT)
"""What claim B3's "far more" is judged as."""

_COUNTER = "one input on which the two sides differ"
_TIMES = "other times: a slower activation, a device that computes faster than it reads, or a compiler that fuses"
_STEP = f"{100 * SMALL_SHARE:g} % of a training step, with the whole interval over rounds"

LEDGER: tuple[Claim, ...] = (
    Claim(
        id="A1",
        author="Margheritamargi",
        said="Texts draw activation before pooling; code by the same authors pools first.",
        takes=Found(special.both_orders, "True if an author's text has the one order and the same author's code the "
                    "other, in the places that are cited."),
        chapter="3",
        turns="a text or program that says otherwise than quoted",
    ),
    Claim(
        id="A2",
        author="Margheritamargi",
        said="A convolution operation holds no activation, and flips its kernel.",
        takes=Found(special.flipped, "Two halves. No activation: the operation keeps sums but for its bias. Flipped: "
                    "it is a convolution, not a cross-correlation, in Theano by its documentation and in Keras as its "
                    "output shows.", propositions=(special.ADDITIVE, special.CONVOLVES)),
        chapter="A",
        turns="a library whose convolution bends, or flips",
        figures=("fig-flipping",),
    ),
    Claim(
        id="A3",
        author="Rebutter",
        said="Max-pooling and every activation that never falls commute.",
        takes=Theorems(
            ("relu-commutes-with-max", "relu-commutes-with-max-in-gradients", "straight-activations-commute-with-max",
             "activations-commute-with-max-in-mathematics", "smooth-activations-commute-but-for-rounding",
             "commuting-is-not-falling"),
            tag="in real arithmetic; bit for bit if the activation is piecewise linear",
        ),
        chapter="3",
        turns=_COUNTER,
        figures=("fig-activation-graphs",),
    ),
    Claim(
        id="A4",
        author="Rebutter",
        said="If the activation is costly, like the sigmoid, pool first.",
        takes=Found(special.pool_first_if_costly, f"True of an activation if pooling first surely saves at least "
                    f"{_STEP}.", lacks=COMMAND),
        chapter="D",
        turns=_TIMES,
        figures=("fig-order-step", "fig-order-alone"),
    ),
    Claim(
        id="A5",
        author="Rebutter",
        said="In practice the order changes little in performance, read as speed.",
        takes=Found(special.little_changes, f"True if the order with ReLU surely changes less than {_STEP}.",
                    lacks=COMMAND),
        chapter="D",
        turns=_TIMES,
        figures=("fig-order-step",),
    ),
    Claim(
        id="A6",
        author="Rebutter",
        said="conv2D does not flip the kernel, and that is the definition of convolution.",
        takes=Found(special.by_definition, "Judged in Theano, of which the answer speaks, and in Keras: does it not "
                    "flip, and is it a convolution? Partly true if each does one of the two.",
                    propositions=(special.CONVOLVES, special.CORRELATES)),
        chapter="A",
        turns="a library that turns the kernel, or another definition",
        figures=("fig-flipping",),
    ),
    Claim(
        id="A7",
        author="Rebutter",
        said="Convolution and cross-correlation are linear, in the data and in the filters.",
        takes=Theorems(
            ("convolution-is-linear-in-data", "convolution-is-linear-in-filters", "convolution-is-a-matrix"),
            ("convolution-with-bias-is-linear",),
        ),
        chapter="1",
        turns=_COUNTER,
        figures=("fig-toeplitz",),
    ),
    Claim(
        id="A8",
        author="Cologarithm",
        said="Convolution is not linear, and so a network without its nonlinearities still works.",
        takes=Found(special.works, f"False if convolution is linear. A network works if its accuracy is surely at "
                    f"least {100 * MOST:g} % of the untouched network's; two networks can be meant, with max-pools and "
                    "without.", studies=special.WORKING.studies, propositions=(special.ADDITIVE,)),
        chapter="4",
        turns="a sum that a convolution does not keep",
        figures=("fig-grid",),
    ),
    Claim(
        id="A9",
        author="Cologarithm",
        said="Flipping does not matter, since the filters are learned.",
        takes=Theorems(("flipping-the-kernel-exchanges-the-two",)),
        chapter="A",
        turns=_COUNTER,
        figures=("fig-flipping",),
    ),
    Claim(
        id="A10",
        author="Anisometropia",
        said="What of convolution and ReLU twice, then the pool? The last ReLU may come after it, the first may not.",
        takes=Theorems(("last-relu-may-move",), ("first-relu-may-move",)),
        chapter="3",
        turns="an input for which the place of the last ReLU matters",
        kind="question",
    ),
    Claim(
        id="A11",
        author="Oedipus",
        said="What of average-like pools, as in conv, ReLU, blur? There the order matters.",
        takes=Theorems(
            ("convex-activations-lie-above",), ("relu-commutes-with-average", "relu-commutes-with-blur")
        ),
        chapter="3",
        turns="an exchange without a counterexample",
        figures=("fig-order-average", "fig-orders-trained"),
        kind="question",
    ),
    Claim(
        id="A12",
        author="Atiana",
        said="ReLU and max-pooling give the same in both orders.",
        takes=Theorems(("relu-commutes-with-max", "relu-is-a-zero-in-every-window")),
        chapter="3",
        turns=_COUNTER,
        figures=("fig-both-orders",),
    ),
    Claim(
        id="A13",
        author="Atiana",
        said="The same holds for almost every activation, since most never fall.",
        takes=Found(special.almost_every, f"Two halves, over Keras' elementwise activations: more than "
                    f"{100 * HALF:g} % never fall, and at least {100 * MOST:g} % commute with max-pooling but for "
                    "rounding."),
        chapter="3",
        turns="another list of activations",
        figures=("fig-activation-graphs",),
    ),
    Claim(
        id="A14",
        author="Atiana",
        said="It does not hold for other pools, such as the average.",
        takes=Theorems(("linear-commutes-with-average",), ("relu-commutes-with-average",)),
        chapter="3",
        turns="an exchange without a counterexample",
        figures=("fig-jensen",),
    ),
    Claim(
        id="A15",
        author="Atiana",
        said="After the pool the activation is called once in place of k² times, and is much faster.",
        takes=Found(special.fewer_calls, "Two halves. Once in place of k² times: counted. Faster: ReLU and the pool "
                    "alone, timed each way, surely take longer with the activation first.",
                    propositions=(special.BY_STRIDE, special.BY_SIZE), lacks=COMMAND),
        chapter="D",
        turns=_TIMES,
        figures=("fig-order-alone",),
    ),
    Claim(
        id="A16",
        author="Atiana",
        said="The saving is negligible, because convolutions take most of the time.",
        takes=Found(special.negligible, f"Two halves. Convolutions surely take more than {100 * HALF:g} % of a "
                    "training step. Negligible, by activation: pooling first surely changes less than "
                    f"{_STEP}, either way.", lacks=COMMAND),
        chapter="D",
        turns=_TIMES,
        figures=("fig-step-profile",),
    ),
    Claim(
        id="A17",
        author="Tarrsus",
        said="Max-pooling samples its input: it selects values and leaves fewer positions.",
        takes=Theorems(("max-selects", "max-has-fewer-positions"), ("average-selects",)),
        chapter="2",
        turns="a pooled value that is not in its window",
    ),
    Claim(
        id="B1",
        author="dimpol",
        said="ReLU makes a mostly linear network one that can model nearly anything.",
        takes=Theorems(
            ("stack-is-one-convolution", "padded-stack-is-affine", "convolutions-alone-are-affine"),
            ("convolutions-with-relu-are-affine", "stack-with-relu-is-one-convolution"),
            tag="the general theorem is cited, not checked; proved here in one dimension",
        ),
        chapter="2",
        turns="a network without ReLU that no affine map replaces",
        figures=("fig-regions-line",),
    ),
    Claim(
        id="B2",
        author="dimpol",
        said="Removing the ReLUs of the convolutional layers does almost nothing to accuracy.",
        takes=Runs(
            studies=EXAMPLE,
            parts=(
                Part(
                    what="accuracy with the conv ReLUs minus without, in the untouched network",
                    of=minus(UNTOUCHED, NO_CONV_RELU),
                    rule=Within(POINT),
                ),
            ),
        ),
        chapter="4",
        turns="a difference that is surely beyond the margin",
        figures=("fig-single-changes",),
    ),
    Claim(
        id="B3",
        author="dimpol",
        said="Average-pools, or linear dense layers, cost far more than removing the conv ReLUs "
        f"(by {FAR_MORE.words}).",
        takes=Runs(
            studies=(FIRST_ABLATIONS, GRID),
            parts=(
                Part(
                    what="the cost of average-pools minus that of removing the conv ReLUs",
                    of=minus(NO_CONV_RELU, AVERAGE_POOL),
                    rule=FAR_MORE,
                ),
                Part(
                    what="the cost of linear dense layers minus that",
                    of=minus(NO_CONV_RELU, LINEAR_DENSE),
                    rule=FAR_MORE,
                ),
            ),
        ),
        chapter="4",
        turns="a cost that is surely as small as that of the conv ReLUs",
        figures=("fig-single-changes",),
    ),
    Claim(
        id="B4a",
        author="dimpol",
        said=f"With average-pools and linear dense layers, accuracy is {100 * WITH:.1f} % with the conv ReLUs and "
        f"{100 * WITHOUT:.1f} % without.",
        takes=Runs(
            studies=FOUR,
            parts=(
                Part(
                    what=f"accuracy with the conv ReLUs minus the reported {100 * WITH:.1f} %",
                    of={LITERAL: 1.0},
                    minus=WITH,
                    rule=Within(POINT),
                ),
                Part(
                    what=f"accuracy without minus the reported {100 * WITHOUT:.1f} %",
                    of={ALL_LINEAR: 1.0},
                    minus=WITHOUT,
                    rule=Within(POINT),
                ),
            ),
            least=LONG_STEPS,
            one=True,
        ),
        chapter="4",
        turns="runs of another length, which the source leaves open",
        figures=("fig-headline-curves",),
    ),
    Claim(
        id="B4b",
        author="dimpol",
        said="With average-pools and linear dense layers, losing the conv ReLUs makes the network fall apart.",
        takes=Runs(
            studies=FOUR,
            parts=(
                Part(
                    what="accuracy with the conv ReLUs minus without, with average-pools and linear dense layers",
                    of=minus(LITERAL, ALL_LINEAR),
                    rule=AtLeast(LARGE),
                ),
            ),
        ),
        chapter="4",
        turns="a smaller drop",
        figures=("fig-headline-curves",),
    ),
    Claim(
        id="B5",
        author="shimao",
        said="Without ReLU but with max-pooling a network is still nonlinear.",
        takes=Theorems((), ("max-is-affine", "convolutions-with-max-are-affine")),
        chapter="2",
        turns="a network with max-pools that one affine map replaces",
        figures=("fig-regions-line",),
    ),
    Claim(
        id="B6",
        author="an answer",
        said="If all values of a window are positive, ReLU changes nothing.",
        takes=Theorems(("relu-is-idle-on-positive-values", "relu-is-idle-on-positive-values-in-gradients")),
        chapter="5",
        turns=_COUNTER,
    ),
    Claim(
        id="B7",
        author="an answer",
        said="If one value is positive, the pooled value is the same with ReLU and without.",
        takes=Theorems(("relu-is-idle-beside-a-positive-value", "relu-changes-exactly-the-negative")),
        chapter="5",
        turns=_COUNTER,
    ),
    Claim(
        id="B8",
        author="an answer",
        said="If all are negative, ReLU gives 0 and no gradient; without it the largest value and its gradient pass.",
        takes=Theorems(
            ("relu-makes-the-negative-zero", "relu-blocks-the-negative", "largest-negative-passes",
             "largest-negative-gets-the-gradient")
        ),
        chapter="5",
        turns=_COUNTER,
    ),
    Claim(
        id="B9",
        author="an answer",
        said="In most windows at least one value is positive.",
        takes=Found(special.seldom, f"Surely fewer than {100 * HALF:g} % of the whole windows of the untouched network "
                    "are all negative: after conv1, after conv2, and over all of them.",
                    studies=EXAMPLE),
        chapter="5",
        turns="longer runs, in which the shares change",
        figures=("fig-windows-trained",),
    ),
    Claim(
        id="B10",
        author="an answer",
        said="Perhaps ReLU works because it blocks gradients where nothing is of use.",
        takes=Runs(
            studies=(GATING_WHERE_IT_GAINS,),
            parts=(
                Part(
                    what=f"the gain of the gate alone minus {100 * HALF:g} % of ReLU's",
                    of={GATED: 1.0, IDENTITY: HALF - 1, RELU: -HALF},
                    rule=AtLeast(0.0),
                ),
                Part(
                    what=f"what ReLU loses without its gate minus {100 * HALF:g} % of its gain",
                    of={RELU: 1 - HALF, UNGATED: -1.0, IDENTITY: HALF},
                    rule=AtLeast(0.0),
                ),
            ),
            premise=Part(what="ReLU's gain over the identity", of=WHOLE, rule=AtLeast(0.0)),
            otherwise="it is not certain that ReLU gains anything here, so there is nothing to explain",
        ),
        chapter="5",
        turns="a gate that surely brings half of what ReLU brings",
        figures=("fig-gates",),
    ),
    Claim(
        id="B11",
        author="Neil Slater",
        said="Maxout uses the maximum itself as nonlinearity, and brings much of what ReLU brings.",
        takes=Runs(
            studies=(SCALE,),
            parts=(
                Part(
                    what=f"the gain of maxout with as many parameters minus {100 * HALF:g} % of ReLU's",
                    of={MAXOUT: 1.0, NOTHING: HALF - 1, SCALE_RELU: -HALF},
                    rule=AtLeast(0.0),
                ),
            ),
            premise=Part(what="ReLU's gain over nothing", of=minus(SCALE_RELU, NOTHING), rule=AtLeast(0.0)),
            otherwise="it is not certain that ReLU gains anything here, so there is no scale",
        ),
        chapter="6",
        turns="a gain that is surely less than that part of ReLU's",
        figures=("fig-ruler",),
        kind="question",
    ),
    Claim(
        id="B12",
        author="dimpol",
        said="Which network shows a large effect of ReLU and trains within a day on a cheap device? There are some.",
        takes=Found(special.within_a_day, f"True if some network surely loses at least {100 * NOTICEABLE:g} points "
                    f"without the ReLUs in question, in runs of less than {DAY:g} hours on a CPU of two cores.",
                    studies=STUDIES),
        chapter="7",
        turns="slower devices",
        kind="question",
    ),
    Claim(
        id="B13",
        author="dimpol",
        said="How much do the big networks lose without their ReLUs? Much, as ResNet-20 shows.",
        takes=Runs(
            studies=(BIGGER,),
            parts=(
                Part(
                    what="the worth of its ReLUs in ResNet-20", of=minus(*PAIRS["ResNet-20"]), rule=AtLeast(NOTICEABLE)
                ),
            ),
        ),
        chapter="6",
        turns="a recipe that trains ResNet-20 without ReLU nearly as well",
        figures=("fig-relu-fractions", "fig-losses-published"),
        kind="question",
    ),
)  # fmt: skip
"""What the sources say, in their order."""

ACTIVATION_FIRST = {
    pair: minus(ORDER.networks[f"{pair}, activation first"], ORDER.networks[f"{pair}, activation last"])
    for pair in EXCHANGED
}
"""Accuracy with the activation first minus that with the pool first, for what the study ORDER exchanges."""

FINDINGS: tuple[Claim, ...] = (
    Claim(
        id="interaction",
        said="The conv ReLUs are worth more with average-pools than with max-pools.",
        takes=Runs(
            studies=(FIRST_ABLATIONS, GRID),
            parts=(
                Part(
                    what="their worth with average-pools minus that with max-pools, over the grid",
                    of=INTERACTION,
                    rule=AtLeast(0.0),
                ),
                Part(what="the same in log-odds", of=INTERACTION, rule=AtLeast(0.0), scale="log-odds"),
            ),
        ),
        chapter="4",
        kind="finding",
    ),
    Claim(
        id="max-alone",
        said="A network whose only nonlinearity is max-pooling beats every linear one.",
        takes=Runs(
            studies=(FIRST_ABLATIONS, GRID, BASELINE),
            parts=(
                Part(what="its accuracy minus the linear network's", of=minus(ONLY_MAX, AFFINE), rule=AtLeast(0.0)),
                Part(what="its accuracy minus softmax regression's", of=minus(ONLY_MAX, SOFTMAX), rule=AtLeast(0.0)),
            ),
        ),
        chapter="4",
        kind="finding",
    ),
    Claim(
        id="past-the-fall",
        said=f"After its learning rate has fallen, the question's network reaches the reported {100 * WITH:.1f} %.",
        takes=Runs(
            studies=(PAST_THE_FALL,),
            parts=(
                Part(
                    what=f"its accuracy minus {100 * WITH:.1f} %", of={LITERAL: 1.0}, minus=WITH, rule=AtLeast(-POINT)
                ),
            ),
            least=LONG_STEPS,
        ),
        chapter="E",
        kind="finding",
    ),
    Claim(
        id="precision",
        said="mixed_bfloat16 trains to the same accuracy as float32.",
        takes=Found(special.same_in_both_formats, f"Each network's difference must surely be {Within(POINT).words}.",
                    studies=(DTYPE,)),
        chapter="E",
        kind="finding",
    ),
    Claim(
        id="normalization",
        said="In float32, local response normalization makes no difference to any of four networks.",
        takes=Runs(
            studies=(NORMALIZATION,),
            dtype="float32",
            parts=tuple(
                Part(what=f"its worth in the network {name}", of=minus(network, evolve(network, lrn=False)),
                     rule=Within(POINT))
                for name, network in (("as it is", UNTOUCHED), ("without conv ReLU", NO_CONV_RELU),
                                      ("of the question", LITERAL), ("without any ReLU", ALL_LINEAR))
            ),
        ),
        chapter="4",
        kind="finding",
    ),
    *(
        Claim(
            id=f"order-{pair.lower().replace(' ', '-')}",
            said=f"{pair}: both orders train to the same accuracy.",
            takes=Runs(
                studies=(ORDER,),
                parts=(Part(what="activation first minus pool first", of=contrast, rule=Within(POINT)),),
            ),
            chapter="3",
            kind="finding",
        )
        for pair, contrast in ACTIVATION_FIRST.items()
    ),
    *(
        Claim(
            id=f"bigger-{family.split()[0].lower()}{'-' + family.split('with ')[1] if 'with ' in family else ''}",
            said=f"{family} loses much without its ReLUs.",
            takes=Runs(
                studies=(BIGGER,),
                parts=(Part(what="the worth of its ReLUs", of=minus(*PAIRS[family]), rule=AtLeast(NOTICEABLE)),),
            ),
            chapter="6",
            kind="finding",
        )
        for family in list(PAIRS)[2:]
    ),
    *(
        Claim(
            id=f"scale-{pool}",
            said=f"With {surroundings} there is a scale from nothing to ReLU.",
            takes=Runs(
                studies=(SCALE,),
                parts=(
                    Part(
                        what="what ReLU gains over nothing",
                        of=minus(SCALE.networks[f"{pool} pool, ReLU"], SCALE.networks[f"{pool} pool, linear"]),
                        rule=AtLeast(0.0),
                    ),
                ),
            ),
            chapter="6",
            kind="finding",
        )
        for pool, surroundings in (("average", "average-pools and linear dense layers"),
                                   ("max", "max-pools and ReLU in the dense layers"))
    ),
)  # fmt: skip
"""What the book says itself about trained networks, judged by the same rules."""

CLAIMS = {claim.id: claim for claim in (*LEDGER, *FINDINGS)}
"""All of them, by their names."""
