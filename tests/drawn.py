"""Every figure of the book, made from small numbers: for what all must be like, and for what each must show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import scipy.signal

import frames
from relupool.experiments.networks import Architecture, Pool
from relupool.experiments.studies import (
    ACTIVATIONS,
    BASELINE,
    BIGGER,
    FIRST_ABLATIONS,
    GATING,
    GATING_WHERE_IT_GAINS,
    ORDER,
    SEEDS,
    UNGATED_AFTER,
)
from relupool.figures import ablations, averages, bigger, convolution, cost, gating, maximum, network, order, scale
from relupool.figures import regions as maps
from relupool.figures import rounding as fine
from relupool.figures import windows as figures_of_windows
from relupool.figures.accuracy import claims_vs_measured
from relupool.figures.bends import bends, shapes
from relupool.figures.figure import Figure
from relupool.measures import bigger as linear
from relupool.measures.bigger import fractions
from relupool.measures.grid import AFFINE, LINEAR, LITERAL, UNTOUCHED
from relupool.measures.order_times import TYPES
from relupool.measures.published import RELUS_REMOVED
from relupool.measures.scale import scores
from relupool.theory import convolution as tests_of
from relupool.theory import kernels, orthant, reference, rounding, soft_maximum, survey
from relupool.theory.activations import ACTIVATIONS as FUNCTIONS

BASIS = "Made up for a test."
REPORTED = {"the question: 83.4 %": 0.834, "the question: 37.2 %": 0.372}
KERNEL = np.arange(1.0, 10).reshape(3, 3)
NAMES = [f"class {n}" for n in range(10)]
WINDOW = np.array([-2.0, 1.0, 2.5, 0.5])
ROW = np.array([-1.5, -1.9, -0.7, -1.5, -2.5, -1.2, 0.3, -0.3])
BENDS = bends(ACTIVATIONS)
(SOFTMAX,) = BASELINE.networks
ORDER_ENDS = dict(zip(ORDER.networks, (0.68, 0.68, 0.66, 0.661, 0.64, 0.60, 0.65, 0.62), strict=True))


def curves(results: pd.DataFrame, **how) -> Figure:
    rows = results[results["network"].isin([UNTOUCHED, LITERAL, LINEAR, AFFINE])]
    return ablations.headline_curves(rows, reported=REPORTED, source="the question", **how)


DOCUMENTED = pd.DataFrame(
    [
        ("the example's documents", "training script", 100_000, 0.86),
        ("the example's documents", "evaluation script", 1_000, 0.83),
        ("independent runs", "an issue", np.nan, 0.866),
    ],
    columns=["kind", "place", "steps", "accuracy"],
)


def claims(seeds: int = 3) -> Figure:
    rows = frames.of_study(FIRST_ABLATIONS, {UNTOUCHED: 0.79}, seeds=seeds)
    return claims_vs_measured(rows, DOCUMENTED, network=UNTOUCHED)


def pictures(n: int = 6) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)


def superposition(normalization: float = 0.07, nothing: float = 1e-6) -> Figure:
    rows = [
        ("normalization", 1, 1e-4),
        ("normalization", 30, normalization),
        ("nothing", 1, nothing),
        ("nothing", 30, 1e-6),
    ]
    shares = pd.DataFrame(rows, columns=["network", "scale", "share"])
    return network.superposition(shares, told=("normalization", "nothing"), basis="Two networks.")


def jensen(name: str) -> Figure:
    graph = survey.graphs([name], low=-3, high=3)
    return averages.jensen(graph, activation=name, window=WINDOW, values=FUNCTIONS[name](WINDOW))


def gaps(steep: bool = False) -> Figure:
    x, betas = soft_maximum.windows(300, n=9), np.geomspace(0.01, 100, 21)
    frame = soft_maximum.largest_gaps(["relu", "softplus", "gelu"], x, betas=betas)
    too_far = (frame["activation"] == "relu") & steep
    return averages.log_mean_exp_gap(frame.assign(gap=frame["gap"].mask(too_far, 2 * frame["bound"])), n=9, trials=300)


def road() -> Figure:
    frame = soft_maximum.path("relu", WINDOW, betas=np.geomspace(0.01, 100, 21))
    return averages.average_to_max(frame, window=WINDOW)


def fewer_relus(frame: pd.DataFrame) -> Figure:
    return bigger.relu_fractions(frame, fractions(frame), linear=0.369)


def losses(frame: pd.DataFrame) -> Figure:
    return bigger.losses_beside_published(frame, fractions(frame), RELUS_REMOVED)


def flipping() -> Figure:
    operations = {
        "scipy.signal.convolve": lambda x, k: scipy.signal.convolve(x, k, mode="valid"),
        "scipy.signal.correlate": lambda x, k: scipy.signal.correlate(x, k, mode="valid"),
    }
    return convolution.flipping(tests_of.turns(operations, KERNEL), kernel=KERNEL)


def collapse() -> Figure:
    stack = {"first": KERNEL - 5, "last": KERNEL.T - 4}
    one, _ = kernels.collapsed([(kernel[:, :, None, None], 1) for kernel in stack.values()])
    return convolution.collapse(stack | {"both": one[:, :, 0, 0]})


MATRIX = np.random.default_rng(0).normal(size=(1728, 10))


def templates() -> Figure:
    return convolution.templates(
        MATRIX, names=NAMES, trained="CIFAR-10, 40 steps.", tag="CIFAR-10, 40 steps", runs=["a"]
    )


def linear_networks() -> Figure:
    ends = {"ResNet-20, no ReLU": 0.36, "ResNet-20, all ReLUs": 0.84, "VGG with max-pools, no ReLU": 0.7}
    rows = pd.concat([frames.frame(BASELINE, {SOFTMAX: 0.37}), frames.frame(BIGGER, ends)])
    models = {name: SimpleNamespace(layers=[], trainable_variables=[np.zeros((3, 500))]) for name in linear.LINEAR}
    return convolution.linear_networks(rows, linear.linear_networks(rows, models))


def ratios() -> Figure:
    rows = [("relu", "eager", 1.1, 0.9, 1.3), ("relu", "XLA", 1.0, 0.95, 1.05), ("gelu", "XLA", 1.0, 0.95, 1.05)]
    rows.append(("tanh", "eager", 3.0, 2.5, 3.5))
    frame = pd.DataFrame(rows, columns=["activation", "way", "median", "low", "high"]).assign(rounds=9)
    return cost.order_ratios(frame, basis=BASIS)


def savings(tanh: tuple[float, float, float] = (1.25, 1.1, 1.5)) -> Figure:
    rows = [("relu", 1.02, 0.98, 1.05), ("tanh", *tanh)]
    steps = pd.DataFrame(rows, columns=["activation", "median", "low", "high"]).assign(rounds=9)
    bounds = pd.DataFrame({"activation": ["tanh", "relu"], "median": [0.3, 0.1], "low": [0.2, 0.1], "high": [0.4, 0.1]})
    return cost.savings(steps, bounds, basis=BASIS)


def profile(rest: float = 0.05) -> Figure:
    shares = dict(zip(TYPES, [0.5, 0.1, 0.1, 0.15, 0.15 - rest, rest], strict=True))
    rows = [("relu", kind, share, share, share, 9) for kind, share in shares.items()]
    columns = ["network", "type", "median", "low", "high", "rounds"]
    return cost.step_profile(pd.DataFrame(rows, columns=columns), basis=BASIS)


def gates_first(**how) -> pd.DataFrame:
    """What the left panel shows: the study of the gates, and its network after the pools."""
    gates = dict(zip(GATING.networks, (0.70, 0.40, 0.69, 0.71, 0.70, 0.30, 0.69, 0.71), strict=True))
    after = dict.fromkeys(UNGATED_AFTER.networks, 0.45)
    return pd.concat([frames.of_study(GATING, gates, **how), frames.of_study(UNGATED_AFTER, after, **how)])


FALSE = ("identity forward, gradient gated", "ReLU ungated, after the pools")


def gates_second(*ends: float, diverged: tuple[str, ...] = FALSE) -> pd.DataFrame:
    """What the right panel shows, where networks diverge in every seed."""
    gone = [(label, seed) for label in diverged for seed in range(3)]
    ends = dict(zip(GATING_WHERE_IT_GAINS.networks, ends, strict=True))
    return frames.of_study(GATING_WHERE_IT_GAINS, ends, diverged=gone)


def all_gates(*ends: float) -> Figure:
    """Both panels, in which nothing diverges."""
    return gating.gates(gates_first(), gates_second(*ends, diverged=()))


SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


def panes() -> Figure:
    halves = [SQUARE * [0.5, 1], SQUARE * [0.5, 0.5] + [0.5, 0], SQUARE * 0.5 + 0.5]
    cells = {maps.RELU: halves, maps.MAX: halves[:2], maps.BOTH: halves[1:], maps.NEITHER: [SQUARE]}
    counts = {name: len(own) for name, own in cells.items()}
    return maps.plane(cells, counts=counts, images="three images", basis=BASIS, tag="toy")


def folds(both: list[float]) -> Figure:
    places = {maps.RELU: [0.1, 0.2, 0.3], maps.MAX: [0.4, 0.5, 0.6, 0.7, 0.8], maps.BOTH: both}
    frame = maps.folds_frame({name: np.array(own) for name, own in places.items()})
    return maps.line(frame, images="two images", basis=BASIS, tag="toy")


def steps(name: str, size: int = 3, stride: int = 2, row: np.ndarray = ROW) -> pd.DataFrame:
    def pool(x):
        return reference.max_pool(x, size, stride, "same")

    return survey.both_orders(FUNCTIONS[name], pool, row, pool_size=size, stride=stride)


def both_orders(name: str, *pool: int, **how) -> Figure:
    return order.both_orders(steps(name, *pool, **how), activation=name, basis=BASIS)


def saw(x):
    return (np.tanh(x) - 1e-6 * (np.arange(len(x)) % 2)).astype("float32")


def falls(computed: Callable[[np.ndarray], np.ndarray]) -> Figure:
    return fine.falls(rounding.zoom(computed, np.tanh, around=1.0), activation="saw", backend="TensorFlow")


def walk(power: int) -> pd.DataFrame:
    return rounding.off_the_chord(lambda x: x + power * x**2, (np.zeros((1,)), np.ones((1,))), points=5)


def cancelled(dataset: str) -> Figure:
    z = np.array([[1.0, -2.0], [3.0, -1.0]])
    shown = {"answer": z, "ReLU, then average": np.array([[1.0]]), "average, then ReLU": np.array([[0.25]])}
    return order.cancelled(np.zeros((4, 4, 3), np.uint8), shown, lost=0.75, dataset=dataset)


def one_channel(dataset: str) -> Figure:
    values = np.where(np.arange(25).reshape(5, 5) < 13, -1.0, 2.0)
    return figures_of_windows.one_channel(np.zeros((5, 5, 3), np.uint8), values, dataset=dataset, network="network")


def ruler(frame: pd.DataFrame) -> Figure:
    return scale.ruler(frame, scores(frame), BENDS)


def channels(conv1: float = 0.3, conv2: float = 0.7) -> pd.DataFrame:
    """Two channels of two seeds, whose share grows from 0.2 to what is given; those of seed 1 are 0.1 higher."""
    return pd.DataFrame(
        [
            {"seed": seed, "layer": layer, "channel": channel, "step": step, "negative": 0.9,
             "all_negative": (end if step else 0.2) + 0.1 * seed}
            for seed in (0, 1) for layer, end in (("conv1", conv1), ("conv2", conv2))
            for channel in (0, 1) for step in (0, 1_000)
        ]
    )  # fmt: skip


def all_negative(**how) -> Figure:
    runs = frames.of_study(SEEDS, {UNTOUCHED: 0.8}, seeds=2)
    return figures_of_windows.over_training(channels(), runs=runs, **how)


def by_channel() -> Figure:
    lines = orthant.by_share(9, rhos=[0.0, 1.0], shares=[0.1, 0.5, 0.9])
    runs = frames.of_study(SEEDS, {UNTOUCHED: 0.8}, seeds=2)
    return figures_of_windows.channels(channels(), lines, runs=runs)


def signs(values: int = 9) -> Figure:
    chances = {f"correlation {rho}": orthant.negatives(values, rho=rho) for rho in (0.0, 0.5, 1.0)}
    return figures_of_windows.signs(chances)


NOTHING_NONLINEAR = Architecture(conv_activation=None, dense_activation=None, pool=Pool("average"))

MAKERS: dict[str, Callable[[], Figure]] = {
    "grid": lambda: ablations.grid(frames.grid(spread=0.002), reference=SOFTMAX),
    "grid, one seed": lambda: ablations.grid(frames.grid(seeds=1)),
    "single changes": lambda: ablations.single_changes(frames.grid()),
    "single changes, one seed": lambda: ablations.single_changes(frames.grid(seeds=1)),
    "headline curves": lambda: curves(frames.grid()),
    "claims": claims,
    "example images": lambda: network.example_images(pictures(), labels=["automobile", *"abcde"], dataset="cifar10"),
    "network": lambda: network.network_diagram({"the untouched example": Architecture()}),
    "two networks": lambda: network.network_diagram({"before": Architecture(), "after": NOTHING_NONLINEAR}),
    "superposition": superposition,
    "jensen": lambda: jensen("relu"),
    "jensen, a line": lambda: jensen("linear"),
    "average to max": road,
    "log-mean-exp gap": gaps,
    "ReLU fractions": lambda: fewer_relus(frames.bigger()),
    "ReLU fractions, one seed": lambda: fewer_relus(frames.bigger(seeds=1)),
    "losses": lambda: losses(frames.bigger(seeds=1)),
    "losses, published alone": lambda: losses(frames.bigger().head(0)),
    "matrix": lambda: convolution.toeplitz(KERNEL, 5),
    "matrix, smallest": lambda: convolution.toeplitz(np.ones((1, 1)), 5),
    "matrix, largest": lambda: convolution.toeplitz(np.arange(25).reshape(5, 5), 8),
    "flipping": flipping,
    "collapse": collapse,
    "templates": templates,
    "linear networks": linear_networks,
    "order alone": ratios,
    "order step": savings,
    "step profile": profile,
    "gates": lambda: gating.gates(gates_first(), gates_second(0.77, 0.7, 0.7, 0.75)),
    "gates, the first study alone": lambda: gating.gates(gates_first()),
    "gates, one seed": lambda: gating.gates(gates_first(seeds=1)),
    "fold": maximum.fold,
    "regions, plane": panes,
    "regions, line": lambda: folds([0.1, 0.4]),
    "orders trained": lambda: order.trained(frames.of_study(ORDER, ORDER_ENDS)),
    "orders trained, one seed": lambda: order.trained(frames.of_study(ORDER, ORDER_ENDS, seeds=1)),
    "orders over training": lambda: order.over_training(frames.of_study(ORDER, ORDER_ENDS)),
    "both orders": lambda: both_orders("silu", row=ROW[:5]),
    "dips": lambda: order.dips(survey.graphs(["gelu", "silu"]), survey.dips(["gelu", "silu"])),
    "cancelled": lambda: cancelled("cifar10"),
    "one channel": lambda: one_channel("cifar10"),
    "falls": lambda: falls(saw),
    "rounding bends": lambda: fine.bends({"float32": walk(0), "bfloat16": walk(2)}, basis=BASIS),
    "bends": lambda: shapes(ACTIVATIONS),
    "slopes": lambda: scale.by_slope(frames.scale()),
    "slopes, one seed": lambda: scale.by_slope(frames.scale(seeds=1)),
    "slopes, diverged": lambda: scale.by_slope(frames.scale(diverged=("average pool, ELU", "max pool, ReLU"))),
    "ruler": lambda: ruler(frames.scale()),
    "ruler, one seed": lambda: ruler(frames.scale(seeds=1)),
    "ruler, diverged": lambda: ruler(frames.scale(diverged=("average pool, ELU", "max pool, ReLU"))),
    "ruler, far out": lambda: ruler(frames.scale(frames.AVERAGE | {"tanh": 0.9, "sigmoid": 0.2})),
    "ruler, no scale": lambda: ruler(frames.scale(frames.AVERAGE | {"ReLU": frames.AVERAGE["linear"]})),
    "all-negative windows": all_negative,
    "signs": signs,
    "channels": by_channel,
}
"""By a name for tests."""


@cache
def made(name: str) -> Figure:
    """The figure, made once for all tests of a process."""
    return MAKERS[name]()


def texts(figure: Figure) -> list[str]:
    """What is written in the axes of a figure."""
    return [text.get_text() for axes in figure.plot.axes for text in axes.texts]
