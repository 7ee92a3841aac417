"""A figure's files: complete, the same bytes each time, at home on light and dark pages."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure as Plot
from PIL import Image

from relupool.figures import style
from relupool.figures.figure import FORMATS, Figure, basis_of, render, save

DRAW = """
import numpy as np, pandas as pd
from relupool.figures import style
from relupool.figures.figure import Figure
frame = pd.DataFrame({"step": [1, 10, 100], "accuracy": [0.1, 0.5, 0.25]})
with style.scoped():
    plot, axes = style.canvas(3)
    axes.plot(frame["step"], frame["accuracy"], "o-", color=style.BLUE)
    axes.fill_between([1, 100], 0.2, 0.3, color=style.PALE_BLUE)
    axes.imshow(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), extent=(10, 20, 0.3, 0.4), interpolation="none")
    axes.set(xlim=(0, 100), ylim=(0, 1), aspect="auto", xlabel="step", ylabel="$x^2$ < 1 & more")
figure = Figure(id="fig-drawn-here", plot=plot, frame=frame, caption="A *line* that rises. And falls, $x<y$.",
                alt="A line over three steps, <up> & down.", basis="Nothing was run.", runs=["k1", "k2"])
"""


def drawn(**changes) -> Figure:
    room: dict = {}
    exec(DRAW, room)
    fields = {
        name: getattr(room["figure"], name) for name in ("id", "plot", "frame", "caption", "alt", "basis", "runs")
    }
    return Figure(**{**fields, **changes})


@pytest.fixture(scope="module")
def figure():
    return drawn()


def plot_of(value: float) -> Plot:
    with style.scoped():
        plot, axes = style.canvas(3)
        axes.plot([1, 2], [value, value])
    return plot


def test_save_leaves_every_format_and_a_record_that_fits_them(figure, tmp_path):
    paths = save(figure, tmp_path / "new" / "folder")
    assert set(paths) == {*FORMATS, "json"}
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == sorted(p.name for p in paths.values())
    record = json.loads(paths["json"].read_text())
    assert {name: record[name] for name in ("id", "caption", "alt", "basis")} == {
        name: getattr(figure, name) for name in ("id", "caption", "alt", "basis")
    }
    assert record["runs"] == ["k1", "k2"]
    assert record["title"] == "A line that rises"
    on_disk = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for kind, p in paths.items() if kind != "json"}
    assert record["files"] == on_disk
    assert pd.read_csv(paths["csv"]).equals(figure.frame)
    assert paths["pdf"].read_bytes().startswith(b"%PDF")
    with Image.open(paths["png"]) as png:
        assert png.size == (6.5 * 300, 3 * 300)
        assert png.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert set(png.info) == {"dpi"}  # no program, no date
    assert paths["svg"].stat().st_mode & 0o444 == 0o444


def test_the_same_figure_has_the_same_bytes_in_another_process(figure):
    code = DRAW + (
        "import hashlib, sys\nfrom relupool.figures.figure import render\n"
        "import relupool.figures.ablations, relupool.figures.network\n"
        "print({k: hashlib.sha256(v).hexdigest() for k, v in render(figure).items()})\n"
        "print([m for m in ('keras', 'tensorflow', 'jax', 'torch', 'matplotlib.pyplot') if m in sys.modules])\n"
    )
    here = {k: hashlib.sha256(v).hexdigest() for k, v in render(figure).items()}
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo"}
    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    hashes, heavy_modules = map(eval, there.stdout.splitlines())
    assert hashes == here
    assert heavy_modules == []  # neither a backend nor pyplot, which keeps figures alive
    assert {k: hashlib.sha256(v).hexdigest() for k, v in render(figure).items()} == here  # and drawn again


def test_bytes_do_not_depend_on_a_readers_settings(figure):
    before = render(figure)
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "none", "axes.facecolor": "red", "savefig.dpi": 10}):
        assert render(drawn()) == before
        assert mpl.rcParams["font.size"] == 30  # and they are left alone


def test_svg_is_adaptive_named_and_alone_in_its_ids(figure):
    svg = render(figure, "svg")["svg"].decode()
    root = ET.fromstring(svg)
    name = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.find(f"{name}title").text == "A line that rises"
    assert root.find(f"{name}desc").text == figure.alt
    assert root.get("aria-labelledby") == f"{root.find(f'{name}title').get('id')} {root.find(f'{name}desc').get('id')}"
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(i.startswith("fig-drawn-here-") for i in ids)
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    assert used
    assert set(used) <= set(ids)
    other = render(drawn(id="fig-other"), "svg")["svg"].decode()
    assert not set(ids) & set(re.findall(r'\bid="([^"]+)"', other))
    assert "<metadata" not in svg
    assert not re.search(r"https?://(?!www\.w3\.org/)", svg)


def test_every_colour_of_the_svg_has_a_dark_twin(figure):
    svg = render(figure, "svg")["svg"].decode()
    rules = re.search(r"@media screen and \(prefers-color-scheme:dark\)\{(.*)\}</style>", svg)[1]
    drawn_colours = set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", svg.split("</style>", 1)[1]))
    assert ("stroke", style.BLUE) in drawn_colours
    for what, colour in drawn_colours:
        assert f'[style*="{what}: {colour}"]{{{what}:{style.DARK[colour]}!important}}' in rules
    # transparent: the page shines through behind everything
    assert re.search(r'id="fig-drawn-here-patch_1">\s*<path [^>]*style="fill: none', svg)


BAD = {
    "plot": (plot_of(float("nan")), plot_of(float("-inf"))),
    "frame": (pd.DataFrame(), pd.DataFrame({"x": [np.nan, np.inf], "name": ["a", "b"]})),
    "caption": ("", "Accuracy is nan after training.", "Accuracy of {name}."),
    "alt": ("   ",),
    "basis": ("",),
}


@pytest.mark.parametrize(("name", "bad"), [(name, bad) for name, several in BAD.items() for bad in several])
def test_bad_fields_are_refused_by_name(name, bad):
    with pytest.raises(ValueError, match=f"^{name} is .*, but must be "):
        drawn(**{name: bad})


def store_frame(**changes) -> pd.DataFrame:
    row = dict(
        network="n", seed=0, steps=10_000, preset="standard", dataset="cifar10", dtype="float32", backend="tensorflow",
        device="some processor, 2 cores", device_kind="cpu", train_images=50_000, test_images=10_000,
    )  # fmt: skip
    return pd.DataFrame([{**row, **changes}])


def test_basis_says_what_was_run():
    assert basis_of(store_frame()) == (
        "CIFAR-10; 10,000 training steps; one seed for each network; float32 with TensorFlow on a CPU "
        "(some processor, 2 cores)."
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (store_frame(dataset="synthetic"), "Toy images;"),
        (store_frame(preset="quick", steps=100), "100 training steps, which is few (preset quick);"),
        (store_frame(backend="jax", device="NVIDIA H200", device_kind="gpu"), "JAX on a GPU (NVIDIA H200)."),
        (store_frame(dtype="mixed_bfloat16"), "mixed_bfloat16 with"),
        (store_frame(train_images=5_000, test_images=1_000), "CIFAR-10, 5,000 training images, 1,000 test images;"),
        (
            store_frame(train_images=45_000, test_images=5_000, judged_on="validation"),
            "CIFAR-10, 45,000 training images, judged on 5,000 other training images;",
        ),
        (pd.concat([store_frame(seed=s) for s in range(3)]), "3 seeds for each network"),
        (pd.concat([store_frame(), store_frame(network="m"), store_frame(network="m", seed=1)]), "1 to 2 seeds"),
        (pd.concat([store_frame(step=s, seed=n) for s, n in ((1, 0), (1, 1), (2, 0))]), "1 to 2 seeds"),
    ],
)
def test_basis_does_not_hide_what_weakens_a_figure(frame, said):
    assert said in basis_of(frame)


@pytest.mark.parametrize("name", ["dataset", "preset", "dtype", "backend", "test_images"])
def test_a_figure_never_mixes_sets(name):
    other = {"dataset": "synthetic", "preset": "quick", "dtype": "mixed_bfloat16", "backend": "jax", "test_images": 9}
    with pytest.raises(ValueError, match=f"^{name} is .*one and the same in all rows"):
        basis_of(pd.concat([store_frame(), store_frame(**{name: other[name]})]))


# how colours look to readers who lack one kind of cone: Machado, Oliveira and Fernandes (2009), linear RGB
SIGHT = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    t = TO_XYZ @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(a: str, b: str) -> float:
    light, dark = sorted(((TO_XYZ @ linear(c))[1] for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PALETTES = {"light": style.HUES, "dark": tuple(style.DARK[hue] for hue in style.HUES)}


@pytest.mark.parametrize("page", PALETTES)
@pytest.mark.parametrize("sight", SIGHT)
def test_hues_are_told_apart_by_every_reader(page, sight):
    seen = {hue: lab(np.array(SIGHT[sight]) @ linear(hue)) for hue in PALETTES[page]}
    nearest = min(np.linalg.norm(seen[a] - seen[b]) for a, b in itertools.combinations(seen, 2))
    assert nearest > 12  # 2.3 is just noticeable side by side


def test_text_can_be_read_on_light_and_dark_pages():
    for hue in (*style.HUES, style.MUTED):
        assert contrast(hue, style.PAPER) >= 4.2
        assert contrast(style.DARK[hue], style.DARK[style.PAPER]) >= 7


@pytest.mark.parametrize(("weight", "slant", "cut"), [("normal", "normal", "Regular"), ("bold", "normal", "Semibold"),
                                                      ("normal", "italic", "It")])  # fmt: skip
def test_letters_are_those_of_the_pages(weight, slant, cut):
    with style.scoped():
        found = font_manager.findfont(
            font_manager.FontProperties(weight=weight, style=slant), fallback_to_default=False
        )
    assert found.endswith(f"SourceSansPro-{cut}.ttf")
