"""The figures of the chapter on the maximum show their frames, and no two neighbouring cells have one colour."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from relupool.figures import maximum as figures
from relupool.figures import regions as maps
from relupool.figures.figure import render
from relupool.theory import regions

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


def random_cells(units: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    normals = rng.normal(size=(2, units))
    layer = regions.Affine(lambda x: (x - rng_points) @ normals), regions.relu(units)
    rng_points = np.full(2, 0.5)
    shifted = regions.Affine(lambda x: layer[0].function(x) + 0.3 * np.sin(np.arange(units)))
    corner, across, up = np.zeros(2), np.array([1.0, 0]), np.array([0, 1.0])
    return [piece.corners for piece in regions.square([shifted, layer[1]], corner, across, up)]


def test_the_fold_tells_its_numbers():
    figure = figures.fold()
    assert "At p and q it is 1; at p + q it is 1, and not 2." in figure.caption
    assert len(render(figure, "svg")["svg"]) > 1000


def test_neighbours_have_different_colours():
    for seed in range(4):
        cells = random_cells(9, seed)
        colours = maps.colouring(cells, 10)
        assert len(cells) > 10 and len(colours) == len(cells)
        spots = np.stack(np.meshgrid(*[np.linspace(0.001, 0.999, 160)] * 2), axis=-1).reshape(-1, 2)
        owner = np.argmax([maps._inside(spots, cell) for cell in cells], axis=0).reshape(160, 160)
        steps = Counter()
        for a, b in ((owner[1:], owner[:-1]), (owner[:, 1:], owner[:, :-1])):
            steps.update(frozenset(pair) for pair in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))
        beside = [pair for pair, count in steps.items() if count > 2 and len(pair) == 2]  # a step may cross a corner
        assert len(beside) > 20
        assert all(colours[a] != colours[b] for a, b in beside)


def test_the_plane_draws_every_cell():
    halves = [SQUARE * [0.5, 1], SQUARE * [0.5, 0.5] + [0.5, 0], SQUARE * 0.5 + 0.5]
    cells = {maps.RELU: halves, maps.MAX: halves[:2], maps.BOTH: halves[1:], maps.NEITHER: [SQUARE]}
    counts = {name: len(own) for name, own in cells.items()}
    figure = maps.plane(maps.cells_frame(cells), counts=counts, images="three images", basis="Counted here.", tag="toy")
    assert [len(axes.patches) for axes in figure.plot.axes] == [3, 2, 2, 1]
    assert [axes.get_title(loc="left") for axes in figure.plot.axes][::3] == [
        "ReLU alone: 3 pieces",
        "neither: one piece",
    ]


@pytest.mark.parametrize(
    ("both", "title"),
    [
        ([0.1, 0.4], "Together they fold less than either alone"),
        ([0.1, 0.2, 0.3, 0.6], "Together they fold less than max alone"),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "Not every fold is left where both are"),
    ],
)
def test_long_ticks_are_the_folds_that_stay(both, title):
    places = {maps.RELU: [0.1, 0.2, 0.3], maps.MAX: [0.4, 0.5, 0.6, 0.7, 0.8], maps.BOTH: both}
    frame = maps.folds_frame({name: np.array(own) for name, own in places.items()})
    figure = maps.line(frame, images="two images", basis="Counted here.", tag="toy")
    assert figure.title == title
    lost, kept, *_ = (len(ticks.get_segments()) for ticks in figure.plot.axes[0].collections)
    assert (kept, lost + kept) == (len(set(both) & {0.1, 0.2, 0.3}), 3)
    assert f"{lost} hidden:" in "".join(text.get_text() for text in figure.plot.axes[0].texts)
