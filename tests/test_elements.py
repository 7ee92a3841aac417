"""The two elements in headless Chromium: their numbers are right, and keyboard and screen reader can use them."""

from __future__ import annotations

import re
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from scipy.stats import norm

import small_book
from reader import show
from relupool.site.elements import CHOICES
from relupool.site.feature_maps import ACTIVATIONS
from relupool.theory.reference import average_pool, max_pool

pytestmark = [pytest.mark.book, pytest.mark.browser]

EXAMPLE = f"{small_book.PAGE}.html"


def outcomes(window: Locator) -> list[list[str]]:
    """Rows of the window's table: pool first, activation first, whether it matters; columns max and average."""
    rows = window.locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def test_window_compares_the_two_orders(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    values = np.array([-2, -1, 3, 0.5, -4, 1, 2, -0.5, -3])
    activation = window.get_by_label("activation")
    assert activation.locator("option").all_inner_texts() == [choice.label for choice in CHOICES.values()]
    for name, choice in CHOICES.items():
        activation.select_option(name)
        expected = np.array(
            [[choice.function(pool(values)), pool(choice.function(values))] for pool in (np.max, np.mean)]
        )
        *results, compared = outcomes(window)
        shown = np.array([[float(cell.replace("\N{MINUS SIGN}", "-")) for cell in row] for row in results])
        np.testing.assert_allclose(shown.T, expected, rtol=6e-4, atol=1e-6)
        equal = np.isclose(*expected.T, atol=1e-9)
        assert [cell == "= same" for cell in compared] == equal.tolist()
        told = [sentence.endswith("the same in both orders") for sentence in
                re.split(r"\.(?: |$)", window.get_by_role("status").inner_text())[:2]]  # fmt: skip
        assert told == equal.tolist()
        assert choice.label in window.get_by_role("status").inner_text()


def test_windows_do_not_disturb_each_other(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    first, second = page.locator("pool-window").all()
    before = outcomes(first)
    assert second.get_by_label("activation").input_value() == "gelu"
    assert [cell[0] for cell in outcomes(second)[2]] == ["\N{NOT EQUAL TO}"] * 2
    second.get_by_label("row 1, column 1").fill("5")
    assert outcomes(second)[2][0] == "= same"
    assert second.locator("input.largest").evaluate_all("cells => cells.map(cell => cell.value)") == ["5"]
    assert outcomes(first) == before
    assert len({window.get_attribute("id") for window in (first, second)}) == 2


def maps_in(page: Page) -> Locator:
    """The element with the feature maps, once it has them."""
    maps = page.locator("feature-maps")
    maps.scroll_into_view_if_needed()
    maps.locator("canvas").first.wait_for()
    return maps


def test_maps_are_what_numpy_makes_of_the_same_numbers(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element, maps = maps_in(page), small_book.maps()
    labels = [CHOICES[name].label for name in ACTIVATIONS]
    assert element.get_by_role("combobox", name="activation").locator("option").all_inner_texts() == labels
    pools = {"max": max_pool, "average": average_pool}
    for number, (place, name, pool) in enumerate(product(range(2), ACTIVATIONS, pools)):
        image, channel, layer = number % 10, number % 4, maps.layers[place]
        element.get_by_role("combobox", name="layer").select_option(str(place))
        element.get_by_role("combobox", name="activation").select_option(name)
        element.get_by_role("combobox", name="pooling").select_option(pool)
        element.get_by_label(f"thing {image}", exact=True).check()
        element.get_by_label(f"channel {layer.channels[channel]}", exact=True).check()
        found = {key: np.array(values) for key, values in element.evaluate("element => element.outcome").items()}
        z, function = layer.map(image, channel), CHOICES[name].function
        pooled = partial(pools[pool], pool_size=3, strides=2, padding="same")
        np.testing.assert_array_equal(found["before"], z.ravel())
        last = pooled(function(z)[None, :, :, None]).ravel()
        first = function(pooled(z[None, :, :, None])).ravel()
        np.testing.assert_allclose(found["activationFirst"], last, atol=1e-6)
        np.testing.assert_allclose(found["poolFirst"], first, atol=1e-6)
        differs = ~np.isclose(last, first, rtol=1e-9, atol=1e-9)
        assert found["differs"].tolist() == differs.tolist()
        told = element.get_by_role("status").inner_text()
        verb = "differs" if differs.sum() == 1 else "differ"
        many = f"{differs.sum()} of {differs.size} windows {verb}, by up to "
        assert told.startswith(f"{CHOICES[name].label} and {pool}-pooling: ")
        assert (many if differs.any() else f"the same in both orders, in all {differs.size} windows.") in told


def test_maps_begin_with_orders_that_agree_and_one_key_shows_a_pair_that_differs(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element = maps_in(page)
    told, button = element.get_by_role("status"), element.get_by_role("button")
    assert told.inner_text() == "ReLU and max-pooling: the same in both orders, in all 144 windows."
    assert element.get_by_label("thing 3").is_checked()
    button.focus()
    page.keyboard.press("Enter")
    assert re.match(r"ReLU and average-pooling: \d+ of 144 windows differ", told.inner_text())
    page.keyboard.press("Enter")
    assert told.inner_text().startswith("ReLU and max-pooling: the same")
    element.get_by_label("channel 0", exact=True).check()
    element.get_by_label("channel 0", exact=True).focus()
    page.keyboard.press("ArrowRight")  # to a channel that is nowhere positive, where ReLU leaves nothing
    assert element.get_by_label("channel 4", exact=True).is_checked()
    button.click()
    assert re.match(r"tanh and average-pooling: \d+ of 144 windows differ", told.inner_text())


def test_windows_that_differ_have_a_dot_in_the_colours_of_the_page(page: Page, address: str) -> None:
    show(page, address + "index.html")
    element = maps_in(page)
    element.get_by_role("button").click()
    differs = element.evaluate("element => element.outcome.differs")
    middles = """() => [...document.querySelectorAll('feature-maps .maps canvas')].map(canvas =>
        Array.from({length: 144}, (_, i) => canvas.getContext('2d').getImageData(
            40 * (i % 12) + 20, 40 * Math.floor(i / 12) + 20, 1, 1).data[2]))"""
    for mode, blue in (("light", 41), ("dark", 224)):  # of --pst-color-text-base
        page.evaluate("mode => { document.documentElement.dataset.theme = mode }", mode)
        _, _, last, _, first = page.evaluate(middles)
        assert [value == blue for value in last] == differs
        assert [value == blue for value in first] == differs
    assert 0 < sum(differs) < 144


@pytest.mark.parametrize("start", ["http", "file"])
def test_maps_are_loaded_when_they_come_into_view(page: Page, address: str, small_site: Path, start: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 120})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, address + "index.html" if start == "http" else (small_site / "index.html").as_uri())
    assert not any("feature-maps.js?v=" in url and "figures" in url for url in asked)
    assert page.locator("feature-maps > img").get_attribute("alt") == small_book.figure().alt
    maps_in(page)
    assert sum("figures/feature-maps.js?v=" in url for url in asked) == 1


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_in_the_maps_is_in_the_way_of_assistive_technology(page: Page, address: str, mode: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, address + "index.html", mode)
    maps = maps_in(page)
    found = Axe().run(page, context="feature-maps", options={"preload": False}).response["violations"]
    assert [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:2]) for v in found] == []
    sizes = "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
    ((left, right, _),) = page.locator("feature-maps").evaluate_all(sizes)
    parts = maps.locator("label, select, button, canvas, p").evaluate_all(sizes)
    assert all(left < start < end < right for start, end, _ in parts)
    targets = maps.locator("label:has([type=radio]), select, button").evaluate_all(sizes)
    assert all(end - start >= 24 and height >= 24 for start, end, height in targets)
    assert len(parts) > len(targets) == 10 + 4 + 3 + 1


def test_maps_that_cannot_be_loaded_leave_their_picture(unwatched: Page, address: str) -> None:
    unwatched.route("**/figures/feature-maps.js*", lambda route: route.abort())
    unwatched.goto(address + "index.html")
    maps = unwatched.locator("feature-maps")
    maps.scroll_into_view_if_needed()
    maps.get_by_text("The maps could not be loaded").wait_for()
    assert maps.locator("img").is_visible()
    assert maps.get_by_text("Computed in Max and ReLU.").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_all_of_a_window_is_in_sight(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    show(page, address + EXAMPLE)
    for window in page.locator("pool-window").all():
        assert window.evaluate("box => box.scrollWidth <= box.clientWidth")
        box = window.bounding_box()
        for part in window.locator("input, select, button, table, [role=status]").all():
            inner = part.bounding_box()
            assert box["x"] < inner["x"] and inner["x"] + inner["width"] < box["x"] + box["width"]
            assert float(part.evaluate("part => parseFloat(getComputedStyle(part).fontSize)")) >= 13


def test_window_is_used_by_keyboard_and_refuses_what_is_no_number(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    window.get_by_label("row 1, column 1").focus()
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Control+A")
    page.keyboard.type("x")
    assert window.get_by_label("row 2, column 2").get_attribute("aria-invalid") == "true"
    expect(window.get_by_role("status")).to_have_text("Please enter numbers.")
    assert outcomes(window) == [["\N{EN DASH}"] * 2] * 3
    window.get_by_role("button", name="start again").focus()
    page.keyboard.press("Enter")
    assert window.get_by_label("row 2, column 2").input_value() == "-4"
    assert window.get_by_role("status").inner_text() == (
        "ReLU and max-pooling: the same in both orders. ReLU and average-pooling: different, by 0.7222."
    )


@pytest.mark.parametrize("name", CHOICES)
def test_a_counterexample_is_found_wherever_there_is_one(page: Page, address: str, name: str) -> None:
    show(page, address + EXAMPLE)
    window, function, x = page.locator("pool-window#window"), CHOICES[name].function, np.linspace(-6, 6, 1201)
    window.get_by_label("activation").select_option(name)
    window.get_by_role("button", name="find a counterexample").focus()
    page.keyboard.press("Enter")
    falls, bends = np.diff(function(x)).min() < -1e-9, np.abs(np.diff(function(x), 2)).max() > 1e-9
    assert [cell != "= same" for cell in outcomes(window)[2]] == [falls, bends]
    told = window.get_by_role("status").inner_text()
    assert ["No window makes max-pooling differ" in told, "No window makes average-pooling differ" in told] == [
        not falls,
        not bends,
    ]


def test_dots_follow_keys_and_pointer_and_the_centroid_shows_the_gap(page: Page, address: str) -> None:
    show(page, address + EXAMPLE)
    window = page.locator("pool-window#window")
    told, first = window.get_by_role("status"), window.get_by_label("row 1, column 1")
    assert window.locator("text").all_text_contents() == ["max 3 \N{RIGHTWARDS ARROW} 3", "average: gap 0.7222"]
    gap, step = (float(page.locator("#window line.average").evaluate(f"line => {f}")) for f in (
        "line.getAttribute('y1') - line.getAttribute('y2')",
        "line.closest('svg').querySelectorAll('.axis')[1].getBBox().height",
    ))  # fmt: skip
    assert gap == pytest.approx(step * 0.7222 / 3.48, rel=1e-3)  # the graph ends at 3 + 0.12 * 4
    before, dot = told.inner_text(), window.get_by_role("slider", name="dot 1 of 9")
    dot.focus()
    page.keyboard.press("ArrowRight")
    assert first.input_value() == "-1.9"
    assert told.inner_text() == before  # not at every key
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    assert (first.input_value(), window.locator("span").all_inner_texts()[1]) == ("0.1", "0.1")
    assert dot.get_attribute("aria-valuetext") == "0.1, activated 0.1"
    expect(told).to_contain_text("different, by 0.7333")
    box = window.get_by_role("slider", name="dot 3 of 9").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 6, y + 6)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=5)
    page.mouse.up()
    assert float(window.get_by_label("row 1, column 3").input_value()) < 0
    expect(window.get_by_role("slider", name="dot 3 of 9")).to_be_focused()
    assert window.locator("input.largest").input_value() == "2"
    window.get_by_role("button", name="all negative").click()
    assert window.locator("text").all_text_contents() == [
        "max \N{MINUS SIGN}0.5 \N{RIGHTWARDS ARROW} 0",
        "average: no gap",
    ]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_in_a_window_is_in_the_way_of_assistive_technology(page: Page, address: str, mode: str) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    show(page, address + EXAMPLE, mode)
    found = Axe().run(page, context="pool-window", options={"preload": False}).response["violations"]
    assert [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:2]) for v in found] == []
    assert page.locator("pool-window .task").all_inner_texts() == ['Make the "orders" agree.']


def test_without_scripts_everything_can_be_read(unwatched: Page, address: str) -> None:
    unwatched.route("**/*.js*", lambda route: route.abort())
    unwatched.goto(address + EXAMPLE)
    first, second = (outcomes(window) for window in unwatched.locator("pool-window").all())
    assert first == [["3", "0"], ["3", "0.7222"], ["= same", "\N{NOT EQUAL TO} by 0.7222"]]
    values = np.array([-2, -1, -3, -0.5, -4, -1, -2, -0.5, -3])
    gelu = values * norm.cdf(values)
    assert second[1] == [f"\N{MINUS SIGN}{abs(value):.4g}" for value in (gelu.max(), gelu.mean())]
    assert second[2][0] == f"\N{NOT EQUAL TO} by {gelu.max() - gelu[3]:.4g}"
    assert unwatched.get_by_text("Those that are not negative.").is_visible()
