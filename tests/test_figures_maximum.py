"""The figures of the chapter on the maximum show their frames, and no two neighbouring cells have one colour."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from relupool.figures import maximum as figures
from relupool.figures import regions as maps
from relupool.figures.figure import render
from relupool.theory import few_relus, regions

NETWORKS = {"only max-pools": 3, "neither": 1}
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
    assert "At x and y the maximum is 1 and 1, at x + y it is 1, not 2." in figure.caption
    assert len(render(figure, "svg")["svg"]) > 1000


def test_fits_are_told_exact_or_off():
    points = few_relus.circle(24)
    truth = points.max(axis=1)
    names = {"one": 1, "two": 2, "three": 3, "again three": 3}
    fits = {n: few_relus.best(points, truth, relus=k, directions=few_relus.circle(8)) for n, k in names.items()}
    wide = pd.DataFrame({"maximum": truth} | {n: f.values for n, f in fits.items()}).assign(
        degrees=15.0 * np.arange(24)
    )
    frame = wide.melt("degrees", var_name="fit", value_name="value")
    figure = figures.few_relus(frame, {n: f.residual for n, f in fits.items()}, directions=8)
    assert "three: exact; again three: exact." in figure.caption
    assert "one: off by 0.4" in figure.caption
    for axes in figure.plot.axes:
        assert axes.lines[1].get_xdata()[-1] == 360


def test_neighbours_have_different_colours():
    for seed in range(4):
        cells = random_cells(9, seed)
        colours = maps.colouring(cells)
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
    cells = {
        "only max-pools": [SQUARE * [0.5, 1], SQUARE * [0.5, 0.5] + [0.5, 0], SQUARE * 0.5 + 0.5],
        "neither": [SQUARE],
    }
    frame = maps.cells_frame(cells)
    counts = NETWORKS | {"only ReLU": 3, "max-pools and ReLU": 3}
    frame = pd.concat([frame, *(frame[frame["network"] == "only max-pools"].assign(network=n) for n in [*counts][2:])])
    figure = maps.plane(frame, counts=counts, side=0.001, images="three test images", basis="Counted in a test.")
    assert [len(axes.patches) for axes in figure.plot.axes] == [3, 1, 3, 3]
    assert "Regions: 3 (only max-pools), 1 (neither)" in figure.caption
    assert "0.10" in figure.caption


def test_the_line_climbs_to_the_count():
    frame = maps.stretches_frame({"only max-pools": [0, 0.5, 0.25], "neither": [0.0]}, reach=0.02)
    assert frame[frame["network"] == "only max-pools"]["percent"].tolist() == [0, 0.5, 1]
    figure = maps.line(frame, counts=NETWORKS, reach=0.02, images="two test images", basis="Counted in a test.")
    assert [line.get_ydata()[-1] for line in figure.plot.axes[0].lines] == [3, 1]
    assert "Regions: 3 (only max-pools), 1 (neither)" in figure.caption


def test_maxout_names_its_pieces():
    x = np.linspace(0, 1, 5)
    curves = ["goal", "difference", "first unit", "second unit"]
    frame = pd.concat([pd.DataFrame({"x": x, "curve": name, "value": x}) for name in curves])
    figure = figures.maxout(frame, pieces=(4, 3), misfit=0.12)
    assert "the largest of 4 straight lines, the second of 3" in figure.caption
    assert "off by at most 0.12" in figure.caption
