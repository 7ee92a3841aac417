"""The linear regions of a network on a line or in a plane of inputs: exactly, piece by piece.

A network of convolutions, dense layers, averages, maxima and ReLUs bends only where another input becomes the largest
of a maximum. So a stretch of a line, or a polygon in a plane, on which the layers so far are one affine map is handed
to the next layer, cut along the bends of that layer, and handed on. Everything is float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen

from relupool.theory.reference import spans

Array = np.ndarray

ZERO = -1
"""Among the choices of a :class:`Maximum`: the number zero, which is none of the inputs."""

SMALLEST = 1e-10
"""Pieces with less than this part of the whole are left out: rounding makes such slivers."""

ROUNDING = 1e-12
"""By how much of the largest number a rival may exceed the winner before a piece counts as bent."""

AT_ONCE = 32
"""Pieces that are handed on together: enough for fast products, few enough for little memory."""


@frozen
class Affine:
    """Layers that do not bend: ``function`` takes ``(batch, inputs)`` to ``(batch, outputs)``."""

    function: Callable[[Array], Array]


@frozen(eq=False)
class Maximum:
    """A layer whose outputs are each the largest of some inputs, which ``choices``, ``(outputs, k)``, lists by index.

    :data:`ZERO` stands for the number 0. An input that is listed twice counts once.
    """

    choices: Array


Step = Affine | Maximum


@frozen(eq=False)
class Piece:
    """A convex piece on which the network is one affine map.

    ``corners`` are ``(corners, d)``: the two ends of a stretch (d = 1) or the corners of a polygon in their order
    (d = 2). At a point p of it the outputs are ``coefficients[0] + p @ coefficients[1:]``, ``(d + 1, outputs)``.
    """

    corners: Array
    coefficients: Array

    @property
    def extent(self) -> float:
        """Its length or area."""
        return _extent(self.corners)

    @property
    def middle(self) -> Array:
        """A point inside it, ``(d,)``: the mean of its corners."""
        return self.corners.mean(axis=0)

    def at(self, point: Array) -> Array:
        """The outputs of the network, ``(outputs,)``, at a point ``(d,)`` of the piece."""
        return self.coefficients[0] + point @ self.coefficients[1:]


def relu(units: int) -> Maximum:
    """ReLU on ``units`` numbers: each the larger of itself and zero."""
    return Maximum(np.stack([np.arange(units), np.full(units, ZERO)], axis=1))


def max_pool(shape: tuple[int, int, int], *, size: int, stride: int, padding: str, rectified: bool = False) -> Maximum:
    """A max-pool on ``shape`` ``(height, width, channels)``; ``rectified`` with a ReLU before or after it.

    Windows that hang over the border list one of their inputs several times.
    """
    index = np.arange(np.prod(shape)).reshape(shape)
    rows, columns = (spans(n, size=size, stride=stride, padding=padding) for n in shape[:2])
    windows = [index[row, column].reshape(-1, shape[2]).T for row in rows for column in columns]
    full = [np.pad(w, [(0, 0), (0, size**2 - w.shape[1])], mode="edge") for w in windows]
    choices = np.concatenate(full)
    return Maximum(np.pad(choices, [(0, 0), (0, 1)], constant_values=ZERO) if rectified else choices)


def stretch(steps: Sequence[Step], start: Array, end: Array) -> list[Piece]:
    """The pieces of the way from ``start`` to ``end``, ``(inputs,)`` each, in their order; its coordinate is 0 to 1."""
    start, end = np.ravel(start).astype(float), np.ravel(end).astype(float)
    whole = Piece(np.array([[0.0], [1.0]]), np.stack([start, end - start]))
    return sorted(_carry([whole], list(steps)), key=lambda piece: piece.corners.min())


def square(steps: Sequence[Step], corner: Array, across: Array, up: Array) -> list[Piece]:
    """The pieces of the parallelogram ``corner + x across + y up``, x and y from 0 to 1, in no order."""
    coefficients = np.stack([np.ravel(v).astype(float) for v in (corner, across, up)])
    return _carry([Piece(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), coefficients)], list(steps))


def at_right_angles(across: Array, towards: Array) -> Array:
    """The direction in the plane of both that is at right angles to ``across``, as long, and on ``towards``' side."""
    rest = towards - across * (np.vdot(across, towards) / np.vdot(across, across))
    return rest * (np.linalg.norm(across) / np.linalg.norm(rest))


def different(pieces: Sequence[Piece]) -> int:
    """How many different affine maps ``pieces`` have, to eight digits: as many regions there are at least.

    There are at most as many as there are pieces; where the two numbers agree, that is how many there are.
    """
    maps = np.stack([piece.coefficients.ravel() for piece in pieces])
    scale = np.abs(maps).max(axis=0)
    return len(np.unique(np.round(maps / np.where(scale > 0, scale, 1), 8), axis=0))


def folds(pieces: Sequence[Piece]) -> tuple[Array, Array]:
    """Where a :func:`stretch` bends, and the largest of the outputs that bend there."""
    places = np.array([piece.corners.min() for piece in pieces[1:]])
    heights = [
        left.at(np.array([place]))[(left.coefficients != right.coefficients).any(axis=0)].max()
        for left, right, place in zip(pieces[:-1], pieces[1:], places, strict=True)
    ]
    return places, np.array(heights)


def _carry(pieces: list[Piece], steps: list[Step]) -> list[Piece]:
    """``pieces`` after all of ``steps``, a few at a time."""
    if len(pieces) > AT_ONCE:
        groups = [pieces[k : k + AT_ONCE] for k in range(0, len(pieces), AT_ONCE)]
        return [piece for group in groups for piece in _carry(group, steps)]
    if not steps:
        return pieces
    first, *others = steps
    if isinstance(first, Affine):
        return _carry(_mapped(pieces, first), others)
    return _carry([part for piece in pieces for part in _cut(piece, first)], others)


def _mapped(pieces: list[Piece], layer: Affine) -> list[Piece]:
    before = np.stack([piece.coefficients for piece in pieces])
    flat = before.reshape(-1, before.shape[-1])
    after = layer.function(flat).reshape(*before.shape[:2], -1)
    after[:, 1:] -= layer.function(np.zeros_like(flat[:1]))  # slopes know nothing of a bias
    return [Piece(piece.corners, c) for piece, c in zip(pieces, after, strict=True)]


def _cut(piece: Piece, layer: Maximum) -> list[Piece]:
    """The parts of ``piece`` on each of which one and the same choice is the largest, for every output."""
    known = np.pad(piece.coefficients, [(0, 0), (0, 1)])  # after the last stands the zero, which is index -1
    rivals = known[:, layer.choices]
    smallest = ROUNDING * np.abs(rivals[0]).max()
    parts, waiting = [], [(piece.corners, np.arange(len(layer.choices)))]
    while waiting:
        corners, outputs = waiting.pop()
        at = _values(corners, rivals[:, outputs])
        winner = at.mean(axis=0).argmax(axis=1)
        lead = at - np.take_along_axis(at, winner[None, :, None], axis=2)
        exceeded = lead.max(axis=(0, 2))
        if len(outputs) == 0 or exceeded.max() <= smallest:
            parts.append(corners)
            continue
        worst = int(exceeded.argmax())
        bent = np.flatnonzero((exceeded > smallest) & (np.arange(len(outputs)) != worst))
        reach = lead[:, worst].max(axis=0) >= 0  # the others are below the winner everywhere
        _, first = np.unique(layer.choices[outputs[worst]], return_index=True)
        able = np.intersect1d(first, np.flatnonzero(reach))
        for part in _envelope(corners, rivals[:, outputs[worst]][:, able]):
            waiting.append((part, outputs[bent]))
    return [Piece(corners, _largest(corners, rivals)) for corners in parts]


def _values(corners: Array, coefficients: Array) -> Array:
    """Affine functions, ``(d + 1, ...)``, at ``corners`` ``(corners, d)``: ``(corners, ...)``."""
    return np.tensordot(np.insert(corners, 0, 1, axis=1), coefficients, axes=1)


def _largest(corners: Array, rivals: Array) -> Array:
    """The coefficients of the largest of ``rivals`` ``(d + 1, outputs, k)`` in the middle of a part."""
    winner = _values(corners.mean(axis=0)[None], rivals)[0].argmax(axis=1)
    return np.take_along_axis(rivals, winner[None, :, None], axis=2)[:, :, 0]


def _envelope(corners: Array, rivals: Array) -> list[Array]:
    """The parts of a piece where each of ``rivals``, ``(d + 1, k)``, is the largest."""
    parts = []
    for k in range(rivals.shape[1]):
        part = corners
        for other in range(rivals.shape[1]):
            if other != k and len(part):
                part = _clip(part, _values(part, rivals[:, k] - rivals[:, other]))
        if len(part) and _extent(part) > SMALLEST:
            parts.append(part)
    return parts


def _clip(corners: Array, margin: Array) -> Array:
    """The part of a convex piece where an affine function is not negative that is ``margin`` at the corners."""
    kept = []
    for k in range(len(corners)):
        if margin[k - 1] * margin[k] < 0:
            share = margin[k - 1] / (margin[k - 1] - margin[k])
            kept.append(corners[k - 1] + share * (corners[k] - corners[k - 1]))
        if margin[k] >= 0:
            kept.append(corners[k])
    part = np.array(kept)
    return part if part.ndim < 2 or part.shape[1] == 2 else np.array([part.min(axis=0), part.max(axis=0)])


def _extent(corners: Array) -> float:
    if corners.shape[1] == 1:
        return float(np.ptp(corners))
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
