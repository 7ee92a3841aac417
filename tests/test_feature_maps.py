"""The maps of a trained layer: what the page holds of them, and what readers make of it in headless Chromium."""

from __future__ import annotations

import base64
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page

import small_book
from reader import show
from relupool.experiments.data import standardize
from relupool.site.elements import CHOICES
from relupool.theory.reference import average_pool, cross_correlation, max_pool

POOLS = {"max": max_pool, "average": average_pool}


def array(name: str, kind: str, *shape: int) -> np.ndarray:
    """What the page holds under ``name``."""
    return np.frombuffer(base64.b64decode(small_book.maps()[name]), kind).reshape(shape)


def outputs() -> np.ndarray:
    """What the layer gives for the three photographs, from what the page holds."""
    crops = standardize(array("pixels", np.uint8, 3, 24, 24, 3))
    return cross_correlation(crops, array("kernel", "<f2", 5, 5, 3, 4), 1, "same") + array("bias", "<f2", 4)


def orders(z: np.ndarray, activation: str = "relu", pool: str = "average") -> tuple[np.ndarray, np.ndarray]:
    """Activation first and pool first, of the maps ``z``."""
    function = CHOICES[activation].function
    return POOLS[pool](function(z), 3, 2, "same"), function(POOLS[pool](z, 3, 2, "same"))


def picture(panel: int) -> np.ndarray:
    """What a picture on the page has in the middle of each of 24 x 24 places, ``(24, 24, channels)``."""
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(small_book.maps()["panels"][panel][1]))))
    return pixels[len(pixels) // 48 :: len(pixels) // 24, len(pixels) // 48 :: len(pixels) // 24]


def test_the_page_begins_with_the_maps_of_the_widest_gap() -> None:
    maps, (first, last) = small_book.maps(), orders(outputs())
    image, channel = maps["image"], maps["channel"]
    gap = (first - last)[image, :, :, channel]
    assert gap.mean() == pytest.approx((first - last).mean(axis=(1, 2)).max(), rel=1e-12)
    assert maps["panels"][0][0] == maps["names"][image]
    radii = np.array([float(r) for *_, r in maps["dots"]]).reshape(gap.shape)
    np.testing.assert_allclose(radii**2, gap / (4 * first[image, :, :, channel].max()), atol=6e-4)  # area as the gap
    assert maps["dots"][13][:2] == (1.5, 1.5)
    alone, together = gap.sum() / first[image, :, :, channel].sum(), 1 - last[image].sum() / first[image].sum()
    assert maps["told"].replace("\N{NO-BREAK SPACE}", " ") == (
        f"Filter {channel}: the orders differ in {np.count_nonzero(gap > 1e-9)} of 144 windows; the gap is "
        f"{100 * alone:.1f} % of what ReLU first gives. All 4 filters: {100 * together:.1f} %."
    )
    assert maps["lost"] == pytest.approx((first - last).sum() / first.sum())
    strength = np.clip(np.abs(outputs()[image, :, :, channel]) / first[image, :, :, channel].max(), 0, 1)
    np.testing.assert_allclose(picture(1)[..., 3] / 255, strength, atol=0.003)


@pytest.fixture
def element(page: Page, address: str) -> Locator:
    """The element on its page, before anything was done."""
    show(page, address + "index.html")
    return page.locator("feature-maps")


def told(element: Locator) -> str:
    return element.get_by_role("status").inner_text()


def canvas(element: Locator, panel: int) -> np.ndarray:
    """What a panel shows in the middle of each of 24 x 24 places, ``(24, 24, 4)``."""
    drawn = """(all, n) => Array.from({length: 576}, (_, i) =>
        [...all[n].getContext('2d').getImageData(12 * (i % 24) + 5, 12 * Math.floor(i / 24) + 5, 1, 1).data])"""
    return np.array(element.locator(".maps canvas").evaluate_all(drawn, panel)).reshape(24, 24, 4)


@pytest.mark.parametrize("start", ["http", "file"])
def test_the_script_begins_where_the_page_ends(page: Page, address: str, small_site: Path, start: str) -> None:
    show(page, address + "index.html" if start == "http" else (small_site / "index.html").as_uri())
    element = page.locator("feature-maps")
    assert told(element) == small_book.maps()["told"]
    circles = element.locator("circle").evaluate_all("all => all.map(c => [c.cx, c.cy, c.r].map(x => x.baseVal.value))")
    np.testing.assert_allclose(circles, np.array(small_book.maps()["dots"], float), atol=6e-4)
    np.testing.assert_array_equal(canvas(element, 0)[..., :3], picture(0))
    for panel in (1, 2, 3):
        drawn, stored = canvas(element, panel).astype(int), picture(panel).astype(int)
        assert np.abs(drawn[..., 3] - stored[..., 3]).max() <= 1
        seen = stored[..., 3] > 60
        assert np.abs(drawn - stored)[seen].max() <= 4  # a canvas keeps colours times transparency


def test_maps_are_what_numpy_makes_of_the_same_photographs(element: Locator) -> None:
    offered = element.get_by_role("combobox", name="activation").locator("option")
    names = offered.evaluate_all("all => all.map(option => option.value)")
    assert offered.all_inner_texts() == [CHOICES[name].label for name in names]
    z, photographs = outputs(), ("ape", "bee", "cow")
    for number, (activation, pool) in enumerate(product(names, POOLS)):
        element.get_by_role("radio", name=photographs[number % 3]).check()
        element.get_by_role("combobox", name="activation").select_option(activation)
        element.get_by_role("radio", name=f"{pool}-pool").check()
        expected = np.moveaxis(orders(z[[number % 3]], activation, pool), 4, 0).reshape(4, 2, 144)
        found = element.evaluate("e => e.outcomes.map(({first, last}) => [first, last])")
        np.testing.assert_allclose(found, expected, atol=2e-4, rtol=1e-5)
        same = np.isclose(*expected.swapaxes(0, 1), rtol=1e-9, atol=1e-9)
        assert ("All 4 filters: no gap at all." in told(element)) == same.all()
    before = element.evaluate("e => e.outcomes.map(({before}) => before)")
    np.testing.assert_allclose(before, np.moveaxis(z[number % 3], 2, 0).reshape(4, 576), atol=1e-4)


def test_a_choice_changes_nothing_but_itself(element: Locator) -> None:
    chosen = "e => [...e.querySelectorAll('input:checked, select')].map(choice => choice.value)"
    start = element.evaluate(chosen)
    element.get_by_role("radio", name="filter 1").focus()
    element.page.keyboard.press("ArrowRight")
    assert told(element).startswith("Filter 2: ")
    element.page.keyboard.press("ArrowRight")
    assert told(element).startswith("Filter 3: the same in both orders, in all 144 windows. All 4 filters: ")
    assert element.get_by_role("radio", name="filter 3: gap 0.0").is_checked()
    element.get_by_role("radio", name="max-pool").locator("..").click()
    assert element.locator(".maps p").all_inner_texts()[2:4] == ["ReLU, then max-pool", "max-pool, then ReLU"]
    end = element.evaluate(chosen)
    assert [place for place, (a, b) in enumerate(zip(start, end, strict=True)) if a != b] == [1, 3]
    sizes = "all => all.map(dot => dot.style.getPropertyValue('--size'))"
    assert element.locator(".channels i").evaluate_all(sizes) == ["0"] * 4


def test_numbers_of_a_window_are_told_by_pointer_and_by_key(element: Locator) -> None:
    maps, (first, last) = small_book.maps(), orders(outputs())
    first, last = (order[maps["image"], :, :, maps["channel"]] for order in (first, last))

    def numbers(row: int, column: int) -> str:
        a, b = first[row, column], last[row, column]
        said = [np.format_float_positional(x, precision=4, fractional=False, trim="-") for x in (a, b, a - b)]
        return (f"Window in row {row + 1}, column {column + 1}: ReLU, then average-pool {said[0]}; "
                f"average-pool, then ReLU {said[1]}; gap {said[2]}.")  # fmt: skip

    element.scroll_into_view_if_needed()
    words, slider = element.locator(".numbers"), element.get_by_role("slider", name="window")
    assert words.inner_text() == numbers(*np.unravel_index((first - last).argmax(), first.shape))
    for panel in range(5):
        box = element.locator(".maps > div > div").nth(panel).bounding_box()
        element.page.mouse.move(box["x"] + box["width"] * (panel + 0.5) / 12, box["y"] + box["height"] * 4.5 / 12)
        assert words.inner_text() == numbers(4, panel)
    finger = {"pointerType": "touch", "clientX": box["x"] + box["width"] * 0.99, "clientY": box["y"] + 1}
    slider.dispatch_event("pointerdown", finger)
    assert words.inner_text() == numbers(0, 11)
    element.page.mouse.move(box["x"] + box["width"] * 4.5 / 12, box["y"] + box["height"] * 4.5 / 12)
    slider.focus()
    for key, place in (("ArrowDown", (5, 4)), ("ArrowLeft", (5, 3)), ("ArrowUp", (4, 3)), ("ArrowRight", (4, 4))):
        element.page.keyboard.press(key)
        assert slider.get_attribute("aria-valuetext") == numbers(*place)
    assert int(slider.get_attribute("aria-valuenow")) == 4 * 12 + 4 + 1
    frame = element.locator(".maps i").nth(1).evaluate("i => ['left', 'top', 'width', 'height'].map(x => i.style[x])")
    np.testing.assert_allclose([24 * float(part[:-1]) / 100 for part in frame], [8, 8, 3, 3], atol=1e-3)


def test_all_of_the_maps_is_in_sight_and_can_be_touched(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, address + "index.html")
    element = page.locator("feature-maps")
    sizes = "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
    ((left, right, _),) = element.evaluate_all(sizes)
    parts = element.locator("label, select, canvas, svg, p").evaluate_all(sizes)
    assert all(left < start < end < right for start, end, _ in parts)
    targets = element.locator("label:has([type=radio]), select").evaluate_all(sizes)
    assert all(end - start >= 24 and height >= 24 for start, end, height in targets)
    assert len(targets) == 3 + 4 + 2 + 1


def test_without_scripts_and_in_print_the_maps_are_there(page: Page, bare: Page, address: str) -> None:
    bare.goto(address + "index.html")
    show(page, address + "index.html")
    page.emulate_media(media="print")
    words = [words for words, _ in small_book.maps()["panels"]] + ["their gap"]
    for look in (bare, page):
        maps = look.locator("feature-maps")
        assert maps.locator(".maps p").all_inner_texts() == words
        assert maps.locator(":is(img, canvas, svg):visible").count() == 5
        assert told(maps) == small_book.maps()["told"]
        assert maps.locator(":is(input, select, .task, .numbers):visible").count() == 0
