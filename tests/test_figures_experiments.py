"""Figures of trained networks, read from their artists: what is drawn is the frame, what is said is drawn."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from relupool.experiments.networks import Architecture, LeakyReLU, Pool
from relupool.figures import style
from relupool.figures.accuracy import claims_vs_measured, headline
from relupool.figures.experiments import all_negative_windows, averaged_vs_raw, learning_curves
from relupool.figures.figure import Figure, render
from relupool.figures.labels import spread
from relupool.figures.network import forward, network_diagram
from relupool.figures.pictures import adjustments, augmentation, brightness_and_contrast, example_images

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
             "device_kind": "cpu", "train_images": 50_000, "test_images": 10_000, "key": f"{network}-{seed}", **changes}
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


def windows_frame(networks=("untouched",)) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = itertools.product(networks, (0, 1), STEPS, ("conv1", "conv2"), range(8), (9, 6, 4))
    frame = pd.DataFrame(rows, columns=["network", "seed", "step", "layer", "channel", "values"])
    return frame.assign(all_negative=rng.uniform(0, 0.4, len(frame)))


def pictures(n: int = 3, side: int = 32) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def augmented() -> Figure:
    crops = pictures(3, 24).astype(float)
    return augmentation(
        pictures(), {"crop": crops, "brightness": crops + 40}, standardized=(crops - crops.mean()) / crops.std(),
        notes={"brightness": ["+40"] * 3}, frames=[(0, 0), (8, 8), (3, 5)], dataset="cifar10",
    )  # fmt: skip


FIGURES: dict[str, Callable[[], Figure]] = {
    "headline": lambda: headline(store_frame(), reported=REPORTED, source="the question"),
    "headline, one seed": lambda: headline(store_frame(seeds=1), reported={}, source="the question"),
    "learning curves": lambda: learning_curves(store_frame()),
    "learning curves, one network": lambda: learning_curves(store_frame(seeds=1, networks=["untouched"])),
    "learning curves, linear": lambda: learning_curves(store_frame(), scale="linear", weights="raw"),
    "averaged vs raw": lambda: averaged_vs_raw(store_frame()),
    "claims": lambda: claims_vs_measured(store_frame(), DOCUMENTED, network="untouched"),
    "windows": lambda: all_negative_windows(windows_frame(), runs=store_frame()),
    "windows of two": lambda: all_negative_windows(windows_frame(list(ENDS)[:2]), runs=store_frame()),
    "network": lambda: network_diagram(Architecture(), name="the untouched example"),
    "linear network": lambda: network_diagram(
        Architecture(conv_activation=None, dense_activation=None, pool=Pool("average")), name="the linear network"
    ),
    "augmentation": augmented,
    "brightness": lambda: brightness_and_contrast(adjustments(pictures(4, 24)), dataset="synthetic"),
    "examples": lambda: example_images(pictures(6), labels=list("aabbcc"), dataset="cifar10"),
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


def test_pictures_say_that_nothing_was_trained():
    for name in ("network", "augmentation", "brightness", "examples"):
        assert made(name).basis.endswith("nothing was trained.")
    assert "not CIFAR-10" in made("brightness").basis


def lines(figure: Figure) -> list[np.ndarray]:
    return [line.get_xydata() for axes in figure.plot.axes for line in axes.get_lines()]


def test_learning_curves_draw_every_seed_and_the_means():
    frame = store_frame()
    drawn = {tuple(np.round(line.ravel(), 9)) for line in lines(made("learning curves"))}
    rows = frame[(frame["weights"] == "averaged") & (frame["step"] > 0)]
    for _, curve in rows.groupby(["network", "seed"]):
        assert tuple(np.round(curve[["step", "accuracy"]].to_numpy(float).ravel(), 9)) in drawn
    for _, curves in rows.groupby("network"):
        mean = curves.groupby("step")["accuracy"].mean().reset_index().to_numpy(float)
        assert tuple(np.round(mean.ravel(), 9)) in drawn
    assert len(drawn) == 15 + 5 + 1  # and the line of guessing


def test_learning_curves_name_each_line_in_its_colour_at_its_end():
    frame, figure = store_frame(), made("learning curves")
    last = frame[(frame["weights"] == "averaged") & (frame["step"] == 10_000)].groupby("network")["accuracy"].mean()
    labels = {
        t.get_text().replace("\n", " "): to_hex(t.get_color()) for t in texts(figure) if "%\xa0" not in t.get_text()
    }
    for network, hue in style.hues(frame["network"]).items():
        label = f"{100 * last[network]:.1f}\xa0% {network}"
        assert labels[label] == hue
        assert f"{network}: {100 * last[network]:.1f}\xa0%" in figure.alt


def test_numbers_in_words_follow_the_frame():
    for name, draw in (("learning curves", learning_curves), ("headline", partial(headline, reported={}, source="s"))):
        one, other = (re.findall(r": (\d+\.\d)", f.alt) for f in (made(name), draw(store_frame(scale=0.5))))
        assert len(one) >= len(other) == 5
        assert all(a != b for a, b in zip(one, other, strict=False))


def test_what_averaging_adds_is_the_difference_of_the_last_evaluations():
    frame = store_frame()
    last = frame[frame["step"] == 10_000].pivot_table(index="network", columns="weights", values="accuracy")
    for network, gain in (last["averaged"] - last["raw"]).items():
        assert f"{network}: {100 * gain:+.1f}\xa0points" in made("averaged vs raw").caption


def test_diverged_runs_are_shown_counted_and_left_out_of_means():
    gone = [("untouched", 1)]
    figure = learning_curves(store_frame(diverged=gone))
    assert "Of 15 runs, 1 diverged: untouched, seed 1, at step 812." in figure.caption
    crosses = [line for axes in figure.plot.axes for line in axes.get_lines() if line.get_marker() == "X"]
    assert [line.get_xdata().tolist() for line in crosses] == [[300]]  # where it was last seen
    others = store_frame(diverged=gone)
    others = others[(others["network"] == "untouched") & (others["weights"] == "averaged") & (others["step"] == 10_000)]
    assert f"untouched: {100 * others['accuracy'].mean():.1f}\xa0%" in figure.alt
    assert "diverged" in headline(store_frame(diverged=gone), reported={}, source="s").caption


def test_a_network_that_always_diverged_keeps_its_place():
    gone = [("untouched", seed) for seed in range(3)]
    frame = store_frame(diverged=gone)
    assert "untouched: diverged" in headline(frame, reported=REPORTED, source="s").alt
    assert "untouched: diverged" in learning_curves(frame).alt
    assert "untouched: +" not in averaged_vs_raw(frame).alt


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


def test_windows_draw_the_mean_of_whole_windows_and_the_independent_case():
    frame, figure = windows_frame(), made("windows")
    for axes, layer in zip(figure.plot.axes, ("conv1", "conv2"), strict=True):
        whole = frame[(frame["layer"] == layer) & (frame["values"] == 9)]
        mean, dotted = axes.get_lines()
        np.testing.assert_allclose(mean.get_ydata(), whole.groupby("step")["all_negative"].mean())
        assert set(dotted.get_ydata()) == {2.0**-9}
    assert "2⁻⁹, which is 0.2\xa0%" in figure.caption


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: learning_curves(f, scale="cubic"), "scale is 'cubic', but must be one of 'log', 'linear'"),
        (lambda f: learning_curves(f, weights="mean"), "weights is 'mean', but must be one of 'averaged', 'raw'"),
        (lambda f: learning_curves(f[f["weights"] == "raw"]), "accuracies of averaged weights"),
        (lambda f: headline(f, reported={"nobody": 0.5}, source="s"), "nobody is 0.5, but must be left out"),
        (lambda f: claims_vs_measured(f, DOCUMENTED, network="x"), "network is 'x', but must be one of 'untouched'"),
        (lambda f: claims_vs_measured(f, DOCUMENTED[["kind"]], network="untouched"), "accuracy, place, steps too"),
        (lambda f: all_negative_windows(f, runs=f), "columns all_negative, channel, layer, values too"),
        (lambda f: learning_curves(pd.concat([f, f.assign(dtype="mixed_bfloat16")])), "dtype is .* one and the same"),
        (
            lambda f: example_images(pictures(2), labels=["a"], dataset="cifar10"),
            "labels is '1 names', but must be '?2",
        ),
        (lambda f: adjustments(np.zeros((2, 24, 24))), r"crops is 'of shape \(2, 24, 24\)'"),
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


def test_standardization_undoes_brightness_and_not_contrast():
    frame = adjustments(pictures(4, 24), brightness=[-63, 20], contrast=[0.2, 1, 1.8])
    most = frame.groupby(["change", "amount"])["difference"].max()
    assert most["brightness"].max() < 1e-6
    assert most["contrast", 1.0] < 1e-6
    tinted = pictures(4, 24) // np.array([1, 2, 4], np.uint8)  # channel means that differ
    moved = adjustments(tinted, brightness=[50], contrast=[0.2]).groupby("change")["difference"].min()
    assert moved["brightness"] < 1e-6
    assert moved["contrast"] > 0.1


def test_contrast_cancels_only_where_the_channel_means_agree():
    grey = np.repeat(pictures(2, 24)[..., :1], 3, axis=-1)
    assert adjustments(grey, brightness=[5], contrast=[0.2, 1.8])["difference"].max() < 1e-6


def test_adjustments_by_hand():
    # one row of two pixels, channels (0, 2), (4, 6), (8, 10); mean 5, variance 70/6 - 0 ...
    image = np.array([[[[0.0, 4, 8], [2, 6, 10]]]])

    def standardized(x):
        return (x - x.mean()) / x.std()

    twice = np.array([[[[-1.0, 3, 7], [3, 7, 11]]]])
    expected = np.sqrt(np.mean((standardized(twice) - standardized(image)) ** 2))
    found = adjustments(image, brightness=[], contrast=[2])["difference"].item()
    assert found == pytest.approx(expected, rel=1e-5)


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
    figure = network_diagram(linear, name="the linear network")
    assert "nothing is nonlinear" in figure.alt
    fills = {to_hex(patch.get_facecolor()) for patch in figure.plot.axes[0].patches}
    assert fills <= {style.PALE, style.PAPER, style.MUTED}
    assert {row.name for row in forward(Architecture()) if row.nonlinear} == {
        "activation1", "activation2", "activation3", "activation4", "pool1", "pool2", "norm1", "norm2",
    }  # fmt: skip


def test_parameters_are_added_up_as_the_tutorial_has_them():
    figure = made("network")
    assert "1,068,298 parameters" in figure.caption
    assert figure.frame["parameters"].sum() == 1_068_298
