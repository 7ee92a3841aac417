"""Feature maps for readers: what is kept of a network, what both orders make of it, and what the page gets."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import small_book
from relupool import Architecture, build
from relupool.book.chapter import keep
from relupool.experiments.probes import pre_activations
from relupool.site import feature_maps
from relupool.site.maps import FILE, quantized
from relupool.theory.reference import cross_correlation

RANDOM = np.random.default_rng(1)
PICTURES = RANDOM.integers(0, 256, (10, 24, 24, 3), np.uint8)
NAMES = [f"thing {number}" for number in range(10)]


def of(**layers):
    return quantized(layers, pictures=PICTURES, names=NAMES)


def test_no_value_moves_by_more_than_half_a_step():
    z = RANDOM.normal(size=(10, 6, 6, 9)).astype("float32") * np.arange(9)  # the first channel is silent
    (layer,) = of(conv1=z).layers
    assert (layer.channels, layer.of) == ((0, 4, 8), 9)
    assert layer.values.dtype == np.int8
    assert np.abs(layer.values.astype(int)).max(axis=(0, 1, 2)).tolist() == [0, 127, 127]
    for place, channel in enumerate(layer.channels):
        for image in range(10):
            error = np.abs(layer.map(image, place) - z[image, :, :, channel])
            assert error.max() <= 0.5001 * layer.scales[place]


def test_the_script_holds_the_maps_and_the_pictures():
    maps = of(conv1=RANDOM.normal(size=(10, 6, 6, 16)), conv2=RANDOM.normal(size=(10, 3, 3, 16)))
    script = maps.script(image=2)
    told = json.loads(re.fullmatch(r"relupoolMaps = (.*);\n", script.decode())[1])
    assert told["start"] == {"image": 2, "channel": maps.most_varied(2)}
    for layer, kept in zip(told["layers"], maps.layers, strict=True):
        values = np.frombuffer(base64.b64decode(layer["values"]), np.int8).reshape(4, 10, layer["side"], layer["side"])
        np.testing.assert_array_equal(values[3, 7] * layer["scales"][3], kept.map(7, 3))
    for image, picture, name in zip(told["images"], PICTURES, NAMES, strict=True):
        assert image["name"] == name
        png = base64.b64decode(image["png"].removeprefix("data:image/png;base64,"))
        np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png))), picture)


def test_the_script_is_small_and_the_same_each_time():
    z = {"conv1": RANDOM.normal(size=(10, 24, 24, 64)), "conv2": RANDOM.normal(size=(10, 12, 12, 64))}
    script = of(**z).script(image=7)
    assert len(script) < 300_000
    assert of(**z).script(image=7) == script


def test_the_channel_to_begin_with_varies_most():
    z = RANDOM.normal(size=(10, 6, 6, 8))
    z[5, :, :, 4] = 1e3 * np.where(np.indices((6, 6)).sum(axis=0) % 2, 1, -1)
    assert of(conv1=z).most_varied(5) == 1


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="conv1 is '9 images', but must be 10 images"):
        of(conv1=np.zeros((9, 6, 6, 4)))
    with pytest.raises(ValueError, match="conv1 is 'values that are not finite'"):
        of(conv1=np.full((10, 6, 6, 4), np.nan))


def test_a_build_keeps_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RELUPOOL_FIGURES", raising=False)
    keep(FILE, b"lost")
    monkeypatch.setenv("RELUPOOL_FIGURES", str(tmp_path))
    keep(FILE, b"kept")
    assert (tmp_path / FILE).read_bytes() == b"kept"


def test_pre_activations_are_those_of_the_convolutions():
    model, crops = build(Architecture(), seed=3), RANDOM.normal(size=(2, 24, 24, 3)).astype("float32")
    found = pre_activations(model, crops)
    assert {name: z.shape for name, z in found.items()} == {"conv1": (2, 24, 24, 64), "conv2": (2, 12, 12, 64)}
    kernel, bias = map(np.asarray, model.get_layer("conv1").get_weights())
    np.testing.assert_allclose(found["conv1"], cross_correlation(crops, kernel, 1, "same") + bias, atol=1e-4)


def test_the_page_gets_the_figure_its_basis_and_the_address_of_the_maps():
    shown = small_book.figure()
    record = {"id": shown.id, "alt": 'one "map"\nof two', "basis": "Few steps < many.", "chapter": "chapters/07_x"}
    html = feature_maps.html_of(record | {"chapter_title": "A & B"}, version="12ab", up="../", name="m")
    assert html.startswith('<feature-maps id="m" src="../figures/feature-maps.js?v=12ab"><img class="fig-auto"')
    assert 'src="../figures/fig-example.svg" alt="one &quot;map&quot; of two"' in html
    assert "Few steps &lt; many. Computed in" in html
    assert '<a href="../chapters/07_x.html#fig-example">A &amp; B</a>' in html
