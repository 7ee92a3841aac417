"""Figures of networks, their images and their accuracies, read from their artists: what is drawn is the frame."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from frames import grid as grid_frame
from relupool.experiments.networks import Architecture, LeakyReLU, Pool
from relupool.figures import ablations, style
from relupool.figures.accuracy import claims_vs_measured, headline
from relupool.figures.figure import Figure, render
from relupool.figures.labels import spread
from relupool.figures.linear import superposition
from relupool.figures.network import forward, network_diagram
from relupool.figures.pictures import example_images

ENDS = {
    "untouched": 0.79,
    "max pool, no conv ReLU": 0.775,
    "average pool, linear dense": 0.75,
    "average pool, all linear": 0.372,
    "all linear, no LRN": 0.36,
}
STEPS = (0, 100, 300, 1_000, 3_000, 10_000)


def store_frame(*, seeds: int = 3, networks=tuple(ENDS), scale: float = 1.0, diverged=(), **changes) -> pd.DataFrame:
    """What the store gives; ``diverged`` lists the (network, seed) whose run ended at step 812."""
    rng = np.random.default_rng(0)
    rows = []
    for network, seed, step, weights in itertools.product(networks, range(seeds), STEPS, ("averaged", "raw")):
        rise = scale * (ENDS[network] - 0.1) * np.log1p(step) / np.log1p(STEPS[-1])
        accuracy = 0.1 + rise + rng.normal(0, 0.004) - (0.02 if weights == "raw" else 0)
        rows.append(
            {"study": "s", "preset": "standard", "network": network, "seed": seed, "step": step, "weights": weights,
             "accuracy": accuracy, "loss": 1.0, "diverged_at": 812 if (network, seed) in diverged else None,
             "steps": STEPS[-1], "dataset": "cifar10", "dtype": "float32", "backend": "tensorflow", "device": "a chip",
             "device_kind": "cpu", "train_images": 50_000, "test_images": 10_000, "key": f"{network}-{seed}",
             "hits": None, **changes}
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame[frame["diverged_at"].isna() | (frame["step"] < 812)].reset_index(drop=True)


REPORTED = {"average pool, linear dense": 0.834, "average pool, all linear": 0.372}

DOCUMENTED = pd.DataFrame(
    [
        ("the example's documents", "training script", 100_000, 0.86),
        ("the example's documents", "evaluation script", 1_000, 0.83),
        ("independent runs", "an issue", np.nan, 0.866),
    ],
    columns=["kind", "place", "steps", "accuracy"],
)


LINEAR = Architecture(conv_activation=None, dense_activation=None, pool=Pool("average"))


def pictures(n: int = 3, side: int = 32) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def shares() -> pd.DataFrame:
    rows = [("untouched", 1, 0.5), ("untouched", 30, 0.9), ("nothing", 1, 1e-6), ("nothing", 30, 1e-6)]
    return pd.DataFrame(rows, columns=["network", "scale", "share"])


FIGURES: dict[str, Callable[[], Figure]] = {
    "headline": lambda: headline(store_frame(), reported=REPORTED, source="the question"),
    "headline, one seed": lambda: headline(store_frame(seeds=1), reported={}, source="the question"),
    "claims": lambda: claims_vs_measured(store_frame(), DOCUMENTED, network="untouched"),
    "network": lambda: network_diagram({"the untouched example": Architecture()}),
    "two networks": lambda: network_diagram({"before": Architecture(), "after": LINEAR}),
    "examples": lambda: example_images(pictures(6), labels=["automobile", *"abcde"], dataset="cifar10"),
    "grid": lambda: ablations.grid(grid_frame(), reference="softmax regression"),
    "single changes": lambda: ablations.single_changes(grid_frame()),
    "curves": lambda: ablations.headline_curves(grid_frame(), reported={"a: 83 %": 0.83, "b": 0.3}, source="a"),
    "superposition": lambda: superposition(shares(), told=("untouched", "nothing"), basis="Two networks."),
}


@cache
def made(name: str) -> Figure:
    return FIGURES[name]()


@pytest.fixture(params=FIGURES)
def figure(request) -> Figure:
    return made(request.param)


def texts(figure: Figure) -> dict[Text, Bbox]:
    """The pieces of text that are really drawn, and where."""
    seen = {}
    draw = Text.draw

    def record(text, renderer, *args, **kwargs):
        if text.get_visible() and text.get_text().strip():
            seen[text] = text.get_window_extent(renderer)
        draw(text, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch, style.scoped():
        patch.setattr(Text, "draw", record)
        figure.plot.draw_without_rendering()
    return seen


def test_text_is_whole_large_enough_for_a_phone_and_never_overlaps(figure):
    found = texts(figure)
    width, height = figure.plot.bbox.size
    assert found
    for text, box in found.items():
        assert text.get_fontsize() >= 10, text.get_text()  # 7 pixels where the page is 360 wide
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -1, text.get_text()
    for (a, box_a), (b, box_b) in itertools.combinations(found.items(), 2):
        assert not box_a.padded(-1).overlaps(box_b.padded(-1)), (a.get_text(), b.get_text())


def test_every_colour_has_a_dark_twin(figure):
    svg = render(figure, "svg")["svg"].decode().split("</style>", 1)[1]
    assert set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg)) <= set(style.DARK)


def test_figures_say_in_words_what_they_show(figure):
    assert figure.plot.get_figwidth() == style.WIDTH
    assert len(figure.alt) > 60
    assert not re.search(r"\d\.\d{3}", figure.caption + figure.alt)  # no number with more digits than it deserves
    assert figure.title
    assert figure.caption.endswith(".")
    assert figure.alt.endswith(".")
    assert "  " not in figure.caption + figure.alt + figure.basis


def test_pictures_say_what_they_rest_on():
    assert made("network").tag == "computed, nothing trained"
    assert made("examples").tag == "CIFAR-10 test images"
    assert "toy images" in example_images(pictures(2), labels="ab", dataset="synthetic").tag


def test_a_picture_stands_above_what_the_network_is_given():
    top, *_ = made("examples").plot.axes[0].images
    assert (top.get_array() == pictures(6)[0]).all()
    assert [image.get_array().shape[0] for image in made("examples").plot.axes[0].images] == [32, 24] * 6


def test_headline_draws_means_intervals_seeds_and_what_was_reported():
    frame, figure = store_frame(), made("headline")
    drawn = [line.get_xdata() for line in figure.plot.axes[0].get_lines()]
    for row in figure.frame.itertuples():
        assert any(len(x) == 1 and x[0] == row.mean for x in drawn)
        assert any(len(x) == 2 and tuple(x) == (row.low, row.high) for x in drawn)
    marks = [line.get_xdata()[0] for line in figure.plot.axes[0].get_lines() if line.get_marker() == "^"]
    assert marks == list(REPORTED.values())
    words = [t.get_text() for t in texts(figure)]
    assert "the question: 83.4\xa0%" in words
    assert "the question: 37.2\xa0%" in words
    final = frame[(frame["weights"] == "averaged") & (frame["step"] == 10_000)]
    assert dict(zip(figure.frame["network"], figure.frame["mean"], strict=True)) == pytest.approx(
        final.groupby("network")["accuracy"].mean().to_dict()
    )


def test_headline_of_one_seed_claims_no_interval():
    figure = made("headline, one seed")
    assert "±" not in figure.alt + "".join(t.get_text() for t in texts(figure))
    assert "One seed each, so there are no intervals." in figure.caption
    assert "one seed for each network" in figure.basis
    assert figure.frame["low"].isna().all()


def test_claims_stand_beside_what_was_measured_at_the_steps_they_name():
    figure = made("claims")
    measured = figure.frame[figure.frame["kind"] == "measured here"]
    assert measured["steps"].tolist() == [1_000, 1_000, 10_000, 10_000]  # 100,000 was not reached
    words = [t.get_text() for t in texts(figure)]
    assert "evaluation script, 1,000 steps" in words
    assert "an issue" in words
    assert "averaged weights, 10,000 steps" in words
    hollow = [line for line in figure.plot.axes[0].get_lines() if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in hollow] == DOCUMENTED["accuracy"].tolist()
    assert set(figure.runs) == {"untouched-0", "untouched-1", "untouched-2"}


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: headline(f, reported={"nobody": 0.5}, source="s"), "nobody is 0.5, but must be left out"),
        (lambda f: claims_vs_measured(f, DOCUMENTED, network="x"), "network is 'x', but must be one of 'untouched'"),
        (lambda f: claims_vs_measured(f, DOCUMENTED[["kind"]], network="untouched"), "accuracy, place, steps too"),
        (lambda f: headline(f.assign(weights="raw"), reported={}, source="s"), "accuracies of averaged weights"),
        (
            lambda f: example_images(pictures(2), labels=["a"], dataset="cifar10"),
            "labels is '1 names', but must be '?2",
        ),
        (lambda f: example_images(pictures(2)[..., 0], labels="ab", dataset="cifar10"), "images is 'of shape"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call(store_frame())


def test_spread_moves_labels_as_little_as_possible():
    assert spread(np.array([0.1, 0.9]), np.array([0.2, 0.2])) == pytest.approx([0.1, 0.9])  # far apart: stays
    np.testing.assert_allclose(spread(np.array([0.5, 0.5]), np.array([0.2, 0.2])), [0.4, 0.6])
    np.testing.assert_allclose(spread(np.array([0.6, 0.5, 0.55]), np.full(3, 0.2)), [0.75, 0.35, 0.55])
    heights, gaps = np.random.default_rng(3).uniform(size=9), np.random.default_rng(4).uniform(0.05, 0.2, 9)
    moved = spread(heights, gaps)
    assert (np.argsort(moved) == np.argsort(heights)).all()
    order = np.argsort(heights)
    assert (np.diff(moved[order]) >= (gaps[order][1:] + gaps[order][:-1]) / 2 - 1e-9).all()


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture(),
        Architecture(order=("conv-pool-act", "conv-pool-act"), lrn=False),
        Architecture(conv_activation=None, dense_activation=LeakyReLU(0.1), pool=Pool("average", 2, 2, "valid")),
        Architecture(dense_activation=None, order=("conv-act-pool", "conv-pool-act"), pool=Pool(size=5, stride=3)),
    ],
)
def test_the_picture_of_a_network_agrees_with_the_keras_model(architecture):
    from relupool.experiments.models import build

    model = build(architecture)
    layers = [(x.name, tuple(x.output.shape[1:]), x.count_params()) for x in model.layers if x.name != "flatten"]
    drawn = [(row.name, row.shape, row.parameters) for row in forward(architecture) if not row.absent]
    assert drawn[1:] == layers


def test_only_what_is_nonlinear_is_coloured():
    linear = Architecture(conv_activation=None, dense_activation=LeakyReLU(1), pool=Pool("average"), lrn=False)
    assert not any(row.nonlinear for row in forward(linear))
    figure = network_diagram({"the linear network": linear})
    assert "nonlinear: nothing" in figure.alt
    fills = {to_hex(patch.get_facecolor()) for patch in figure.plot.axes[0].patches}
    assert fills <= {style.PALE, style.PAPER, style.MUTED}
    assert {row.name for row in forward(Architecture()) if row.nonlinear} == {
        "activation1", "activation2", "activation3", "activation4", "pool1", "pool2", "norm1", "norm2",
    }  # fmt: skip


def test_parameters_are_added_up_as_the_tutorial_has_them():
    figure = made("network")
    assert figure.frame["parameters"].sum() == 1_068_298
