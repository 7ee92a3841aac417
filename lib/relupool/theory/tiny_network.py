"""A network of 500 parameters that trains in a second, on pictures made of whole numbers: the board that trains.

One convolution of 5 x 5 with 8 filters on 16 x 16 grey pictures, a pool of 4 x 4 with or without ReLU before or after
it, and a dense layer to four kinds of pictures; softmax, cross-entropy, Adam. ``tiny-network.js`` does the same on the
reader's machine: both draw pictures and first weights from the same whole numbers, so that what a page shows before it
has run is what it will find. Everything is float64; weights are one vector, the kernels (filter, row, column), their
biases, the dense layer (place, filter, kind) and its biases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from attrs import frozen

from relupool.theory.evidence import Array

SIDE, KERNEL, FILTERS, POOL, KINDS = 16, 5, 8, 4, ("upright", "level", "slanted", "checks")
MAP, POOLED = SIDE - KERNEL + 1, (SIDE - KERNEL + 1) // POOL
SIZES = (FILTERS * KERNEL**2, FILTERS, POOLED**2 * FILTERS * len(KINDS), len(KINDS))
PARAMETERS = sum(SIZES)
BATCH, STEPS, LOOK, TESTS = 16, 100, 5, 200
"""Pictures in a batch, steps of a run, steps from one look at the accuracy to the next, pictures that it is of."""

RATE, BETA_1, BETA_2, EPSILON = 0.005, 0.9, 0.999, 1e-7
WAVE = (128, 118, 91, 49, 0, -49, -91, -118, -128, -118, -91, -49, 0, 49, 91, 118)
"""One period of a stripe, in sixteenths; its mean is 0."""

STRIDE, NOISE, DRAWS = 3, 96, 2 + SIDE**2
"""Sixteenths of a period from pixel to pixel; noise in 128ths; whole numbers that a picture takes."""

WEIGHTS, TRAINING, TESTING = range(3)
"""The streams of whole numbers that a seed gives."""


@frozen
class Network:
    """One of the networks: ``relu`` is "before" the pool, "after" it or "none"; ``pool`` is "max" or "average"."""

    relu: str
    pool: str


BOARD: Mapping[str, Network] = MappingProxyType(
    {f"{relu}-{pool}": Network(relu, pool) for relu in ("before", "none", "after") for pool in ("max", "average")}
)
"""The networks of the board by name: with ReLU and without, and then those with the other order."""


def draws(seed: int, start: int, count: int) -> Array:
    """Numbers ``start`` to ``start + count`` of the generator mulberry32 at ``seed``, uint32."""
    a = np.arange(start + 1, start + count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5) + np.uint32(seed & 0xFFFFFFFF)
    t = (a ^ a >> np.uint32(15)) * (a | np.uint32(1))
    t ^= t + (t ^ t >> np.uint32(7)) * (t | np.uint32(61))
    return t ^ t >> np.uint32(14)


def stream(seed: int, which: int) -> int:
    """The seed of one of the streams."""
    return int(draws(seed, which, 1)[0])


def pictures(seed: int, first: int, count: int) -> tuple[Array, Array]:
    """Pictures ``first`` to ``first + count`` of a stream, ``(count, side, side)`` about -1 to 1, and their kinds.

    Upright, level and slanted stripes and checks have any phase, so that the mean picture of each kind is grey: no
    affine map tells them apart.
    """
    numbers = draws(seed, first * DRAWS, count * DRAWS).reshape(count, DRAWS).astype(np.int64)
    kinds, phase, other = numbers[:, 0] % len(KINDS), numbers[:, 1] % 16, (numbers[:, 1] >> 4) % 16
    row, column = np.indices((SIDE, SIDE))
    wave = np.array(WAVE)

    def waves(distance: Array, phase: Array) -> Array:
        return wave[(STRIDE * distance + phase[:, None, None]) % 16]

    upright, level = waves(column, phase), waves(row, other)
    made = np.stack([upright, level, waves(row + column, phase), upright * level / 128])
    bytes_of_each = numbers[:, 2:].reshape(count, SIDE, SIDE, 1) >> np.array([0, 8, 16, 24]) & 255
    noise = bytes_of_each.sum(-1) - 510
    return made[kinds, np.arange(count)] / 128 + noise * NOISE / (128 * 148), kinds


def first_weights(seed: int) -> Array:
    """Glorot's uniform weights, biases 0; of ``seed`` itself."""
    numbers = draws(stream(seed, WEIGHTS), 0, PARAMETERS) / 2.0**31 - 1
    limits = [np.sqrt(6 / (KERNEL**2 * (1 + FILTERS))), 0, np.sqrt(6 / (POOLED**2 * FILTERS + len(KINDS))), 0]
    return numbers * np.repeat(limits, SIZES)


def parts(weights: Array) -> tuple[Array, Array, Array, Array]:
    """Kernels (filter, row, column), biases, dense (place and filter, kind), biases: views of one vector."""
    kernel, bias, dense, last = np.split(weights, np.cumsum(SIZES)[:-1])
    return kernel.reshape(FILTERS, KERNEL, KERNEL), bias, dense.reshape(-1, len(KINDS)), last


@frozen
class Passed:
    """What a network makes of pictures: the convolution's maps, what the pool chooses and puts out, and the scores.

    ``pooled`` has had its ReLU, wherever it stands; ``slopes`` is the derivative of ``pooled`` by the pool's output.
    """

    columns: Array
    maps: Array
    chosen: Array
    slopes: Array
    pooled: Array
    scores: Array


def forward(network: Network, weights: Array, images: Array) -> Passed:
    """Run ``images`` ``(count, side, side)`` through ``network``."""
    kernel, bias, dense, last = parts(weights)
    columns = np.lib.stride_tricks.sliding_window_view(images, (KERNEL, KERNEL), axis=(1, 2))
    maps = np.einsum("nyxrc,frc->nfyx", columns, kernel, optimize=True) + bias[:, None, None]
    entering = np.maximum(maps, 0) if network.relu == "before" else maps
    windows = entering.reshape(len(images), FILTERS, POOLED, POOL, POOLED, POOL).swapaxes(3, 4)
    windows = windows.reshape(len(images), FILTERS, POOLED**2, POOL**2)
    chosen = windows.argmax(-1)
    pooled = windows.max(-1) if network.pool == "max" else windows.mean(-1)
    slopes = np.ones_like(pooled)
    if network.relu == "after":
        slopes, pooled = (pooled > 0).astype(float), np.maximum(pooled, 0)
    scores = pooled.swapaxes(1, 2).reshape(len(images), -1) @ dense + last
    return Passed(columns, maps, chosen, slopes, pooled, scores)


def loss_and_gradient(network: Network, weights: Array, images: Array, kinds: Array) -> tuple[float, Array]:
    """Mean cross-entropy of a batch, and its gradient in the weights; of equal maxima the first has it all."""
    passed, (_, _, dense, _) = forward(network, weights, images), parts(weights)
    shifted = passed.scores - passed.scores.max(1, keepdims=True)
    chances = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
    right = np.eye(len(KINDS))[kinds]
    loss = -(shifted[right == 1] - np.log(np.exp(shifted).sum(1))).mean()
    by_scores = (chances - right) / len(images)
    flat = passed.pooled.swapaxes(1, 2).reshape(len(images), -1)
    by_pooled = (by_scores @ dense.T).reshape(len(images), POOLED**2, FILTERS).swapaxes(1, 2) * passed.slopes
    if network.pool == "max":
        by_windows = np.where(np.arange(POOL**2) == passed.chosen[..., None], by_pooled[..., None], 0.0)
    else:
        by_windows = np.repeat(by_pooled[..., None] / POOL**2, POOL**2, -1)
    by_maps = by_windows.reshape(len(images), FILTERS, POOLED, POOLED, POOL, POOL).swapaxes(3, 4)
    by_maps = by_maps.reshape(passed.maps.shape)
    if network.relu == "before":
        by_maps = np.where(passed.maps > 0, by_maps, 0.0)
    by_kernel = np.einsum("nfyx,nyxrc->frc", by_maps, passed.columns, optimize=True)
    gradient = by_kernel, by_maps.sum((0, 2, 3)), flat.T @ by_scores, by_scores.sum(0)
    return float(loss), np.concatenate([part.ravel() for part in gradient])


@frozen
class Adam:
    """Where the optimizer stands before its next step."""

    step: int
    mean: Array
    square: Array

    @classmethod
    def start(cls) -> Adam:
        """Before the first step."""
        return cls(0, np.zeros(PARAMETERS), np.zeros(PARAMETERS))

    def move(self, weights: Array, gradient: Array) -> tuple[Adam, Array]:
        """One step: where it stands then, and the new weights."""
        step = self.step + 1
        mean = self.mean + (gradient - self.mean) * (1 - BETA_1)
        square = self.square + (gradient * gradient - self.square) * (1 - BETA_2)
        rate = RATE * np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
        return Adam(step, mean, square), weights - rate * mean / (np.sqrt(square) + EPSILON)


def trained(network: Network, seed: int) -> Iterator[Array]:
    """The weights of a run before its first step and after each."""
    weights, adam, training = first_weights(seed), Adam.start(), stream(seed, TRAINING)
    yield weights
    for step in range(STEPS):
        images, kinds = pictures(training, step * BATCH, BATCH)
        adam, weights = adam.move(weights, loss_and_gradient(network, weights, images, kinds)[1])
        yield weights


def accuracy(network: Network, weights: Array, images: Array, kinds: Array) -> float:
    """Share of pictures whose highest score is their kind's."""
    return float((forward(network, weights, images).scores.argmax(1) == kinds).mean())


@frozen
class Run:
    """One network's run: its accuracy before the first step and after every ``LOOK``, and its last weights."""

    accuracies: tuple[float, ...]
    weights: Array


def run(seed: int) -> dict[str, Run]:
    """All networks of the board, trained from the same first weights on the same pictures, by name."""
    images, kinds = pictures(stream(seed, TESTING), 0, TESTS)
    done = {}
    for name, network in BOARD.items():
        weights = list(trained(network, seed))
        looks = tuple(accuracy(network, at, images, kinds) for at in weights[::LOOK])
        done[name] = Run(looks, weights[-1])
    return done


def differing(one: Run, other: Run) -> int:
    """How many of their weights are not the same number, bit for bit but for the sign of 0."""
    return int((one.weights != other.weights).sum())


def affine_map(weights: Array) -> tuple[Array, Array]:
    """What a network without ReLU and with the average is: a picture of weights for each kind, and a constant."""
    kernel, bias, dense, last = parts(weights)
    dense = dense.reshape(POOLED, POOLED, FILTERS, len(KINDS)) / POOL**2
    spread = dense.repeat(POOL, 0).repeat(POOL, 1)  # by place in the maps
    pictures = np.zeros((len(KINDS), SIDE, SIDE))
    for row, column in np.ndindex(KERNEL, KERNEL):
        part = np.einsum("yxfk,f->kyx", spread, kernel[:, row, column])
        pictures[:, row : row + MAP, column : column + MAP] += part
    return pictures, np.einsum("yxfk,f->k", spread, bias) + last


def misfit(network: Network, weights: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """f(a + b), and f(a) + f(b) - f(0), which is the same wherever f is affine; scores of each kind."""
    both, first, second, none = forward(network, weights, np.stack([a + b, a, b, 0 * a])).scores
    return both, first + second - none
