"""Linear regions are counted exactly: against counts by hand, against the network itself, and nothing is lost."""

from __future__ import annotations

from itertools import combinations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relupool import Architecture, Pool, build, vary
from relupool.theory import reference, regions
from relupool.theory.piecewise import steps
from relupool.theory.regions import Affine, Maximum

UNIT = np.zeros(2), np.array([1.0, 0]), np.array([0, 1.0])


def lines(normals: np.ndarray, offsets: np.ndarray) -> Affine:
    return Affine(lambda x: x @ normals + offsets)


def regions_by_hand(normals: np.ndarray, offsets: np.ndarray) -> int:
    """Of lines in the unit square: one, one more for each line that hits it, one more for each crossing in it."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    hits = (np.ptp(np.sign(corners @ normals + offsets), axis=0) == 2).sum()
    pairs = combinations(range(normals.shape[1]), 2)
    crossings = [np.linalg.solve(normals[:, [*pair]].T, -offsets[[*pair]]) for pair in pairs]
    return 1 + int(hits) + sum(bool(((0 < p) & (p < 1)).all()) for p in crossings)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(units=st.integers(1, 9), seed=st.integers(0, 9999))
def test_random_lines_are_counted_as_by_hand(units, seed):
    rng = np.random.default_rng(seed)
    normals = rng.normal(size=(2, units))
    offsets = -(normals * rng.uniform(-0.2, 1.2, (2, units))).sum(axis=0)
    found = regions.square([lines(normals, offsets), regions.relu(units)], *UNIT)
    assert len(found) == regions.different(found) == regions_by_hand(normals, offsets) <= 1 + units * (units + 1) / 2
    assert sum(piece.extent for piece in found) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("pieces", [1, 2, 5, 12])
def test_a_maxout_unit_of_tangents_has_a_region_for_each(pieces):
    touch = (np.arange(pieces) + 0.5) / pieces
    tangents = Affine(lambda x: 2 * touch * x - touch**2)  # of the parabola
    found = regions.stretch([tangents, Maximum(np.arange(pieces)[None])], np.zeros(1), np.ones(1))
    ends = np.array([piece.corners.ravel() for piece in found])
    np.testing.assert_allclose(ends.ravel()[1:-1:2], np.arange(1, pieces) / pieces, atol=1e-12)
    np.testing.assert_allclose(ends[1:, 0], ends[:-1, 1])
    assert ends[0, 0] == 0 and ends[-1, 1] == 1


def test_a_tent_of_tents_doubles_with_every_layer():
    """The map 2 min(x, 1 - x), n times over, has 2^n straight pieces: depth makes regions."""
    tent = [regions.relu(2), Affine(lambda x: x @ np.array([[2.0], [-4.0]]))]
    halves = Affine(lambda x: x @ np.array([[1.0, 1.0]]) + np.array([0, -0.5]))
    for layers in range(1, 6):
        assert len(regions.stretch([halves, *tent] * layers, np.zeros(1), np.ones(1))) == 2**layers


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    shape=st.tuples(st.integers(4, 8), st.integers(4, 8), st.integers(1, 3)),
    size=st.integers(1, 4),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["same", "valid"]),
    seed=st.integers(0, 99),
)
def test_the_choices_of_a_pool_are_its_windows(shape, size, stride, padding, seed):
    x = np.random.default_rng(seed).normal(size=(3, *shape))
    layer = regions.max_pool(shape, size=size, stride=stride, padding=padding)
    pooled = x.reshape(3, -1)[:, layer.choices].max(axis=2)
    np.testing.assert_array_equal(pooled, reference.max_pool(x, size, stride, padding).reshape(3, -1))
    rectified = regions.max_pool(shape, size=size, stride=stride, padding=padding, rectified=True)
    assert (rectified.choices[:, -1] == regions.ZERO).all()


def small(pool: type, activation: str | None) -> keras.Model:
    def middle():
        return [] if activation is None else [keras.layers.Activation(activation)]

    layers = [
        keras.Input((6, 6, 2)),
        keras.layers.Conv2D(3, 3, padding="same", kernel_initializer=keras.initializers.RandomNormal(seed=1)),
        *middle(),
        pool(3, 2, "same"),
        keras.layers.Conv2D(
            2, 3, padding="same", kernel_initializer=keras.initializers.GlorotUniform(seed=4), bias_initializer="ones"
        ),
        pool(2, 1, "valid"),
        *middle(),
        keras.layers.Flatten(),
        keras.layers.Dense(5, kernel_initializer=keras.initializers.RandomNormal(seed=2)),
        *middle(),
        keras.layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(seed=3)),
    ]
    return keras.Sequential(layers)


@pytest.mark.parametrize("pool", [keras.layers.MaxPooling2D, keras.layers.AveragePooling2D])
@pytest.mark.parametrize("activation", ["relu", None])
def test_the_map_of_each_piece_is_the_network_there(pool, activation):
    model = small(pool, activation)
    corner, across, up = np.random.default_rng(0).normal(size=(3, 6, 6, 2))
    found = regions.square(steps(model), corner, across, up)
    assert sum(piece.extent for piece in found) == pytest.approx(1, abs=1e-9)
    bends = pool is keras.layers.MaxPooling2D or activation is not None
    assert (len(found) > 10) if bends else (len(found) == 1)
    rng = np.random.default_rng(1)
    weights = [rng.dirichlet(np.ones(len(piece.corners))) for piece in found]
    points = np.array([w @ piece.corners for w, piece in zip(weights, found, strict=True)])
    inputs = corner + np.tensordot(points, np.stack([across, up]), axes=1)
    mapped = [piece.at(point) for piece, point in zip(found, points, strict=True)]
    np.testing.assert_allclose(mapped, np.asarray(model(inputs.astype("float32"))), atol=1e-5)


def test_no_region_of_a_line_is_missed():
    """Between bends the network is straight, so its values in the middle of a piece are those of the ends' chord."""
    model = small(keras.layers.MaxPooling2D, "relu")
    start, end = np.random.default_rng(2).normal(size=(2, 6, 6, 2))
    found = regions.stretch(steps(model), start, end)
    ends = np.array([piece.corners.ravel() for piece in found])
    assert ends[0, 0] == 0 and ends[-1, 1] == 1
    np.testing.assert_allclose(ends[1:, 0], ends[:-1, 1], atol=1e-9)
    t = np.stack([ends[:, 0], ends.mean(axis=1), ends[:, 1]])
    values = [np.asarray(model((start + k[:, None, None, None] * (end - start)).astype("float32"))) for k in t]
    np.testing.assert_allclose(values[1], (values[0] + values[2]) / 2, atol=1e-5)
    assert regions.different(found) == len(found) > 10


def test_the_book_network_without_relu_and_max_is_one_piece():
    none = {"conv_activation": None, "dense_activation": None}
    straight = vary(Architecture(), lrn=False, pool=Pool("average"), **none)
    start, end = np.random.default_rng(0).normal(size=(2, 24, 24, 3))
    assert len(regions.stretch(steps(build(straight)), start, end)) == 1
    bent = regions.stretch(steps(build(vary(straight, pool=Pool("max")))), start, start + 0.001 * (end - start))
    assert len(bent) == regions.different(bent) > 1


def test_a_curved_layer_is_refused():
    with pytest.raises(ValueError, match="model is 'norm1, a LocalResponseNormalization', but must be made of"):
        steps(build(Architecture()))
    with pytest.raises(ValueError, match="model is 'activation1, a Activation', but must be made of"):
        steps(build(vary(Architecture(), lrn=False, conv_activation="tanh")))


def test_pieces_with_the_same_map_are_one_region_at_least():
    twice = [Affine(lambda x: x @ np.array([[1.0, 1.0]]) - np.array([0.3, 0.7])), regions.relu(2)]
    hidden = [*twice, Affine(lambda x: 0 * x)]
    found = regions.stretch(hidden, np.zeros(1), np.ones(1))
    assert (len(found), regions.different(found)) == (3, 1)


def test_a_direction_at_right_angles():
    across, towards = np.array([3.0, 0, 0]), np.array([1.0, -2, 0])
    np.testing.assert_allclose(regions.at_right_angles(across, towards), [0, -3, 0])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999))
def test_where_both_meet_a_fold_stays_if_it_is_seen(seed):
    """Windows of three of nine numbers: max folds above zero stay, and those of ReLU at the largest of a window."""
    slopes, offsets = np.random.default_rng(seed).normal(size=(2, 9))
    numbers = Affine(lambda x: x @ slopes[None] + offsets - slopes / 2)
    windows = np.array([[0, 1, 2], [2, 3, 4], [4, 5, 6], [6, 7, 8]])
    both = np.pad(windows, [(0, 0), (0, 1)], constant_values=regions.ZERO)
    ends = np.zeros(1), np.ones(1)
    (of_relu, _), (of_max, heights), (together, _) = (
        regions.folds(regions.stretch([numbers, layer], *ends))
        for layer in (regions.relu(9), Maximum(windows), Maximum(both))
    )
    at_zero = of_relu[:, None] * slopes + offsets - slopes / 2
    seen = [bool((row[windows].max(axis=1)[(np.abs(row[windows]) < 1e-9).any(axis=1)] < 1e-9).any()) for row in at_zero]
    np.testing.assert_allclose(np.sort([*of_max[heights > 0], *of_relu[np.array(seen, bool)]]), together, atol=1e-9)
